//! What the user does with the selection and with attachments.

use std::path::PathBuf;

use super::*;
use crate::engine::Selection;
use crate::gui::screen::transfer::Purpose;

impl Mailbox {
    pub(super) fn carry_out(&mut self, engine: &Engine, deed: Deed) -> Action<Message> {
        let ids = self.listing.selected();
        if ids.is_empty() {
            return Action::None;
        }
        if !self.may(deed) {
            return failed(crate::engine::Error::read_only_folder());
        }
        match (deed, ids.as_slice()) {
            (Deed::Reply, [id]) => Action::Answer(*id, Answer::Reply),
            (Deed::ReplyAll, [id]) => Action::Answer(*id, Answer::ReplyAll),
            (Deed::Forward, [id]) => Action::Answer(*id, Answer::Forward),
            (Deed::Reply | Deed::ReplyAll | Deed::Forward, _) => Action::None,
            (Deed::File, _) => self.file(engine, ids, false),
            (Deed::Delete, _) => self.delete(engine, ids),
            (Deed::ToggleRead, _) => self.toggle(engine, ids, Flag::Seen),
            (Deed::ToggleStar, _) => self.toggle(engine, ids, Flag::Flagged),
            (Deed::ChooseFolder, _) => self.choose_folder(),
            (Deed::ChooseState, _) => self.choose_state(),
            (Deed::State(state), _) => self.set_state(engine, ids, state),
            (Deed::Print, _) => self.print(),
            (Deed::Export, _) => self.export(),
            (Deed::Move(folder), _) => self.move_to(engine, ids, folder),
            (Deed::Copy(folder), _) => {
                self.choosing_folder = false;
                Action::Run(request::copy_to(engine, ids, folder))
            }
        }
    }

    /// The folders of the selection allow it, as far as their rights are known.
    pub(super) fn may(&self, deed: Deed) -> bool {
        let selected = self.listing.selected();
        let mut rows = selected.iter().filter_map(|id| self.listing.find(*id));
        rows.all(|row| {
            let Some(rights) = self.folder(row.folder).map(|folder| folder.rights) else { return true };
            match deed {
                Deed::Delete | Deed::Move(_) => rights.remove,
                Deed::ToggleRead => rights.seen,
                Deed::ToggleStar | Deed::ChooseState | Deed::State(_) => rights.flags,
                Deed::Reply
                | Deed::ReplyAll
                | Deed::Forward
                | Deed::File
                | Deed::ChooseFolder
                | Deed::Copy(_)
                | Deed::Print
                | Deed::Export => true,
            }
        })
    }

    /// What is open: a document, else the message.
    pub(super) fn print(&self) -> Action<Message> {
        let Some(shown) = self.reader.shown().filter(|shown| shown.view.row.downloaded) else {
            return Action::None;
        };
        let documents = &shown.documents;
        // what is in the text of the message is printed with it
        let of_its_own = |n: &usize| documents.document(*n).is_some_and(|d| d.attachment.is_some());
        Action::Print(shown.view.row.id, documents.open.filter(of_its_own))
    }

    pub(super) fn export(&self) -> Action<Message> {
        let ids = self.listing.selected();
        if ids.is_empty() {
            return Action::None;
        }
        let name = match ids.as_slice() {
            [id] => self.listing.find(*id).map(|row| row.subject.clone()),
            _ => self.folder.and_then(|id| self.folder(id)).map(|folder| folder.name().to_owned()),
        };
        let purpose = Purpose::Export(Selection::Messages(ids), name.unwrap_or_default());
        Action::Transfer(Box::new(purpose))
    }

    pub(super) fn delete(&mut self, engine: &Engine, ids: Vec<MessageId>) -> Action<Message> {
        let bins: Vec<FolderId> = self
            .folders
            .iter()
            .filter(|folder| folder.role == FolderRole::Trash)
            .map(|folder| folder.id)
            .collect();
        let in_bin = |id: &MessageId| self.listing.find(*id).is_some_and(|row| bins.contains(&row.folder));
        if ids.iter().any(in_bin) {
            self.question = Some(Question::DeleteForGood(ids));
            return Action::None;
        }
        self.gone(&ids);
        Action::Run(request::delete(engine, ids))
    }

    pub(super) fn move_to(
        &mut self,
        engine: &Engine,
        ids: Vec<MessageId>,
        folder: FolderId,
    ) -> Action<Message> {
        self.gone(&ids);
        Action::Run(request::move_to(engine, ids, folder))
    }

    /// The next message comes under the cursor but is not opened: opening would mark it as read unasked.
    pub(super) fn gone(&mut self, ids: &[MessageId]) {
        self.choosing_folder = false;
        self.listing.release(ids);
        if self.reader.id().is_none_or(|id| ids.contains(&id)) {
            self.reader = Reader::Empty;
        }
    }

    pub(super) fn toggle(&mut self, engine: &Engine, ids: Vec<MessageId>, flag: Flag) -> Action<Message> {
        let set = |row: &MessageRow| if flag == Flag::Seen { row.flags.seen } else { row.flags.flagged };
        let rows: Vec<&MessageRow> = ids.iter().filter_map(|id| self.listing.find(*id)).collect();
        let on = match flag {
            // anything read becomes unread first: the user wants to come back to it
            Flag::Seen => !rows.iter().any(|row| set(row)),
            _ => !rows.iter().all(|row| set(row)),
        };
        self.set_flag(engine, ids, flag, on)
    }

    pub(super) fn set_flag(
        &mut self,
        engine: &Engine,
        ids: Vec<MessageId>,
        flag: Flag,
        on: bool,
    ) -> Action<Message> {
        let change = |row: &mut MessageRow| match flag {
            Flag::Seen => row.flags.seen = on,
            Flag::Flagged => row.flags.flagged = on,
            Flag::Answered => row.flags.answered = on,
            Flag::Forwarded | Flag::MdnSent => {}
        };
        self.listing.amend(&ids, change);
        if let Some(shown) = self.reader.shown_mut()
            && ids.contains(&shown.view.row.id)
        {
            change(&mut shown.view.row);
        }
        Action::Run(request::set_flag(engine, ids, flag, on))
    }

    fn choose_state(&mut self) -> Action<Message> {
        self.choosing_state = !self.choosing_state;
        self.choosing_folder = false;
        Action::None
    }

    /// Every message gets the state; where all have it already, it is taken off.
    fn set_state(&mut self, engine: &Engine, ids: Vec<MessageId>, state: Option<Triage>) -> Action<Message> {
        self.choosing_state = false;
        let rows: Vec<&MessageRow> = ids.iter().filter_map(|id| self.listing.find(*id)).collect();
        let is_set = !rows.is_empty() && rows.iter().all(|row| Triage::of(&row.flags) == state);
        let state = state.filter(|_| !is_set);
        let change = |row: &mut MessageRow| {
            row.flags.keywords.retain(|k| !Triage::ALL.iter().any(|t| k.eq_ignore_ascii_case(t.word())));
            row.flags.keywords.extend(state.map(|state| state.word().to_owned()));
        };
        self.listing.amend(&ids, change);
        if let Some(shown) = self.reader.shown_mut()
            && ids.contains(&shown.view.row.id)
        {
            change(&mut shown.view.row);
        }
        Action::Run(request::set_state(engine, ids, state))
    }

    pub(super) fn choose_folder(&mut self) -> Action<Message> {
        self.choosing_folder = !self.choosing_folder;
        self.choosing_state = false;
        // what cannot leave its folder can still be copied
        let anywhere = FolderId(0);
        self.copies = !self.may(Deed::Move(anywhere));
        Action::None
    }

    pub(super) fn choose_copying(&mut self, copies: bool) -> Action<Message> {
        self.copies = copies;
        Action::None
    }

    pub(super) fn changed(&mut self, result: Result<Option<Undoable>>) -> Action<Message> {
        match result {
            Ok(Some(deed)) => Action::Tell(Notice::Undoable(deed)),
            Ok(None) => Action::None,
            Err(error) => failed(error),
        }
    }

    pub(super) fn undone(&mut self, result: Result<Undoable>) -> Action<Message> {
        match result {
            Ok(_) => Action::Tell(Notice::Done("notice-undone")),
            Err(error) => failed(error),
        }
    }

    /// Says the newest of what servers refused; each is said once.
    pub(super) fn refused(&mut self, result: Result<Vec<String>>) -> Action<Message> {
        self.refusals_since = jiff::Timestamp::now().as_second() + 1;
        let reason = match result {
            Ok(reasons) => reasons.into_iter().next(),
            Err(error) => return failed(error),
        };
        let told =
            |reason| crate::engine::Error::new(ErrorKind::Refused, "change-refused").with("reason", reason);
        reason.map_or(Action::None, |reason| failed(told(reason)))
    }

    /// Folders the selection can go to: those of its account that take messages, when it has only one, but where it is.
    pub(super) fn targets(&self) -> Vec<&Folder> {
        let selected = self.listing.selected();
        let rows: Vec<&MessageRow> = selected.iter().filter_map(|id| self.listing.find(*id)).collect();
        let Some(first) = rows.first() else { return Vec::new() };
        if rows.iter().any(|row| row.account != first.account) {
            return Vec::new();
        }
        let here = |folder: &Folder| rows.iter().all(|row| row.folder == folder.id);
        self.folders
            .iter()
            .filter(|folder| folder.account == first.account && folder.rights.insert && !here(folder))
            .collect()
    }

    pub(super) fn done(&mut self, result: Result<()>) -> Action<Message> {
        match result {
            Ok(()) => Action::None,
            Err(error) => failed(error),
        }
    }

    pub(super) fn dismiss(&mut self) -> Action<Message> {
        self.outcome = None;
        self.question = None;
        Action::None
    }

    pub(super) fn confirm(&mut self, engine: &Engine) -> Action<Message> {
        match self.question.take() {
            Some(Question::DeleteForGood(ids)) => {
                self.gone(&ids);
                Action::Run(request::delete(engine, ids))
            }
            Some(Question::FileAgain(again)) => self.file(engine, again.ids, true),
            Some(Question::DeleteFolder(id)) => self.delete_folder(engine, id),
            Some(Question::Folder(form)) => {
                self.question = Some(Question::Folder(form));
                self.change_folder(engine, FolderMessage::Accept)
            }
            Some(Question::Replace { id, index, path }) => {
                Action::Run(request::replace(engine, id, index, path))
            }
            None => Action::None,
        }
    }

    // --- attachments ---

    pub(super) fn save(&mut self, engine: &Engine, index: usize) -> Action<Message> {
        let Some(shown) = self.reader.shown() else { return Action::None };
        let attachment = shown.view.attachments.iter().find(|attachment| attachment.index == index);
        let task = attachment
            .map(|attachment| request::save(engine, shown.view.row.id, index, attachment.name.clone()));
        task.map_or(Action::None, Action::Run)
    }

    pub(super) fn save_all(&mut self, engine: &Engine) -> Action<Message> {
        let Some(shown) = self.reader.shown() else { return Action::None };
        let indexes = shown.view.attachments.iter().map(|attachment| attachment.index).collect();
        Action::Run(request::save_all(engine, shown.view.row.id, indexes))
    }

    pub(super) fn saved(
        &mut self,
        id: MessageId,
        index: usize,
        outcome: Option<std::result::Result<PathBuf, saving::Error>>,
    ) -> Action<Message> {
        match outcome {
            Some(Ok(path)) => self.outcome = Some(Outcome::Saved(path)),
            Some(Err(saving::Error::Exists(path))) => {
                self.question = Some(Question::Replace { id, index, path });
            }
            Some(Err(error)) => self.outcome = Some(Outcome::NotSaved(error)),
            None => {}
        }
        Action::None
    }
}
