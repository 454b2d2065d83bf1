//! Opening a message, and what happens in the reader.

use super::*;
use crate::domain::search::Hits;
use crate::domain::text::web_host;
use crate::engine::open_browser;

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
        let words = match self.listing.source() {
            Source::Search(query) => Hits::of_body(&Engine::query(query)),
            _ => Hits::default(),
        };
        let shown = Shown::new(view, sender, words);
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
        tasks.push(request::conversation(engine, id));
        if !shown.view.row.flags.seen {
            tasks.push(request::read_for_a_while(id));
        }
        self.reader = Reader::Shown(Box::new(shown));
        Action::Many(vec![Action::Run(Task::batch(tasks)), self.read_filed(engine)])
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

    pub(super) fn open_outside(&mut self, engine: &Engine, index: usize) -> Action<Message> {
        match self.reader.shown() {
            Some(shown) => Action::Run(request::lend(engine, shown.view.row.id, index)),
            None => Action::None,
        }
    }

    pub(super) fn lent(result: Result<PathBuf>) -> Action<Message> {
        match result {
            Ok(path) => Action::OpenFile(path),
            Err(error) => Action::Tell(Notice::Failed(error)),
        }
    }

    pub(super) fn read(&mut self, engine: &Engine, message: reader::Message) -> Action<Message> {
        let need = self.reader.shown_mut().map_or(Need::Nothing, |shown| shown.update(message));
        Self::fulfil(engine, need)
    }

    /// Draws the page or picture on screen larger or smaller, or as wide as the reader; `None` when there is none.
    pub(in crate::gui) fn zoom(&mut self, engine: &Engine, step: Option<bool>) -> Option<Action<Message>> {
        let shown = self.reader.shown_mut().filter(|shown| shown.tab == Tab::Message)?;
        let need = shown.documents.zoom(shown.view.row.id, step)?;
        Some(Self::fulfil(engine, need))
    }

    fn fulfil(engine: &Engine, need: Need) -> Action<Message> {
        match need {
            Need::Nothing => Action::None,
            Need::Source(id) => Action::Run(request::source(engine, id)),
            Need::Copy(text) => Action::Copy(text),
            Need::Browse(url) => match web_host(&url).map(|_| open_browser(&url)) {
                Some(Ok(())) => Action::None,
                // to be pasted where it can be opened
                _ => Action::Copy(url),
            },
            Need::ScrollToFound => Action::Run(find::scroll().map(Message::Reader)),
            Need::Pdf(id, document, place) => Action::Run(request::pdf(engine, id, document, place)),
            Need::Pages(id, document, need) => Action::Run(request::pages(id, document, need)),
            Need::DocumentPictures(id, attachment, wanted) => {
                Action::Run(request::document_pictures(engine, id, attachment, wanted))
            }
        }
    }
}
