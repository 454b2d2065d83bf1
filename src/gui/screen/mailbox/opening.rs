//! Opening a message, and what happens in the reader.

use super::*;

impl Mailbox {
    pub(super) fn opened(
        &mut self,
        engine: &Engine,
        id: MessageId,
        result: Result<Box<MessageView>>,
    ) -> Action<Message> {
        if self.reader.id() != Some(id) {
            return Action::None;
        }
        let view = match result {
            Ok(view) => *view,
            Err(error) => {
                self.reader = Reader::Failed(id, error);
                return Action::None;
            }
        };
        // a body that was awaited is looked at like a message just opened: it may hold pictures
        if let Some(shown) = self.reader.shown_mut()
            && (shown.view.row.downloaded || !view.row.downloaded)
        {
            shown.renew(view);
            return Action::None;
        }
        self.shown_first(engine, view)
    }

    pub(super) fn shown_first(&mut self, engine: &Engine, view: MessageView) -> Action<Message> {
        let id = view.row.id;
        let address = sender_address(&view).to_owned();
        let sender = self.standing(view.row.account, &address);
        let shown = Shown::new(view, sender);
        let mut tasks: Vec<_> =
            shown.awaited_pictures().into_iter().map(|index| request::picture(engine, id, index)).collect();
        if shown.sender == Standing::Asked {
            tasks.push(request::person(engine, address));
        }
        if !matches!(shown.sender, Standing::Verified(_)) && !self.is_own(&shown.view.row) {
            let sender = shown.view.envelope.from.first().unwrap_or(&shown.view.row.from).clone();
            tasks.push(request::namesake(engine, id, sender));
        }
        let row = &shown.view.row;
        // reports say what a platform answered
        if row.downloaded && (row.has_attachment || row.kind != MessageKind::Letter) {
            tasks.push(request::documents(engine, id));
        }
        if has_documents(row) {
            tasks.push(request::known(engine, id));
        }
        if !shown.view.row.flags.seen {
            tasks.push(request::read_for_a_while(id));
        }
        self.reader = Reader::Shown(Box::new(shown));
        Action::Run(Task::batch(tasks))
    }

    pub(super) fn namesake_read(&mut self, id: MessageId, person: Option<Box<Person>>) -> Action<Message> {
        if let Some(shown) = self.reader.shown_mut().filter(|shown| shown.view.row.id == id) {
            shown.namesake = person;
        }
        Action::None
    }

    pub(super) fn read_for_a_while(&mut self, engine: &Engine, id: MessageId) -> Action<Message> {
        match self.reader.shown() {
            Some(shown)
                if shown.view.row.id == id
                    && !shown.view.row.flags.seen
                    && self.folder(shown.view.row.folder).is_none_or(|folder| folder.rights.seen) =>
            {
                self.set_flag(engine, vec![id], Flag::Seen, true)
            }
            _ => Action::None,
        }
    }

    pub(super) fn read(&mut self, engine: &Engine, message: reader::Message) -> Action<Message> {
        let need = self.reader.shown_mut().map_or(Need::Nothing, |shown| shown.update(message));
        match need {
            Need::Nothing => Action::None,
            Need::Source(id) => Action::Run(request::source(engine, id)),
            Need::Copy(text) => Action::Run(iced::clipboard::write(text)),
            Need::Page(id, document, page) => Action::Run(request::page(engine, id, document, page)),
            Need::DocumentPictures(id, attachment, wanted) => {
                Action::Run(request::document_pictures(engine, id, attachment, wanted))
            }
        }
    }
}
