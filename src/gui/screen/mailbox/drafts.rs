//! The drafts of a mailbox: those begun here and those of its Drafts folder are one list.

use super::*;

impl Mailbox {
    pub(super) fn open_drafts(&mut self, engine: &Engine, account: Option<AccountId>) -> Action<Message> {
        self.query.clear();
        self.folder = None;
        self.shows_folders = false;
        self.draft = None;
        self.listing.show(Source::Drafts(account));
        self.reader = Reader::Empty;
        Action::Run(request::drafts(engine))
    }

    /// Drafts of an account; without one, those whose account is no longer here.
    pub(super) fn drafts_of(&self, account: Option<AccountId>) -> impl Iterator<Item = &DraftRow> {
        self.drafts.iter().filter(move |draft| match account {
            Some(account) => draft.account == account,
            None => !self.accounts.iter().any(|known| known.id == draft.account),
        })
    }

    /// The drafts in the list.
    pub(super) fn shown_drafts(&self) -> Vec<&DraftRow> {
        match self.listing.source() {
            Source::Drafts(account) => self.drafts_of(*account).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn list_drafts(&mut self, engine: &Engine, event: ListEvent) -> Action<Message> {
        match event {
            ListEvent::Select { row, .. } => {
                self.draft = self.shown_drafts().get(row as usize).map(|draft| draft.id);
                Action::None
            }
            ListEvent::Activate(_) => self.draft.map_or(Action::None, |id| self.edit_draft(engine, id)),
            ListEvent::Visible(_) | ListEvent::SelectAll => Action::None,
        }
    }

    pub(super) fn edit_draft(&self, engine: &Engine, id: DraftId) -> Action<Message> {
        Action::Run(request::draft(engine, id))
    }

    pub(super) fn draft_opened(
        &self,
        engine: &Engine,
        result: Result<Option<(DraftId, Box<Draft>)>>,
    ) -> Action<Message> {
        match result {
            Ok(Some((id, draft))) => Action::Compose(draft, Some(id)),
            // replaced by the version of another machine meanwhile: the list tells
            Ok(None) => Action::Run(request::drafts(engine)),
            Err(error) => failed(error),
        }
    }

    pub(super) fn drop_draft(&mut self, engine: &Engine, id: DraftId) -> Action<Message> {
        self.drafts.retain(|draft| draft.id != id);
        self.draft = None;
        Action::Run(request::delete_draft(engine, id))
    }

    pub(super) fn drafts_read(&mut self, result: Result<Vec<DraftRow>>) -> Action<Message> {
        match result {
            Ok(drafts) => self.drafts = drafts,
            Err(error) => return failed(error),
        }
        Action::None
    }
}
