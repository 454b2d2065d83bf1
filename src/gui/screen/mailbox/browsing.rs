//! The list: rows that come, the selection, searching, and who the correspondents are.

use super::*;
use crate::domain::search::{Facets, toggled};

impl Mailbox {
    pub(super) fn listed(
        &mut self,
        engine: &Engine,
        generation: u64,
        first: u32,
        result: Result<Page>,
    ) -> Action<Message> {
        let current = match result {
            Ok(page) => self.listing.receive(generation, first, page.total, page.rows),
            Err(error) => self.listing.fail(generation, error),
        };
        if current {
            self.select_returning();
            self.ask_people(engine)
        } else {
            Action::None
        }
    }

    pub(super) fn grouped(
        &mut self,
        engine: &Engine,
        generation: u64,
        first: u32,
        result: Result<(u32, Vec<Thread>)>,
    ) -> Action<Message> {
        let current = match result {
            Ok((total, threads)) => self.listing.receive_threads(generation, first, total, threads),
            Err(error) => self.listing.fail(generation, error),
        };
        if !current {
            return Action::None;
        }
        self.select_returning();
        self.ask_people(engine)
    }

    /// Selects the message the user came back to, unless he has moved on meanwhile.
    fn select_returning(&mut self) {
        let Some(id) = self.returning.and_then(|bookmark| bookmark.message) else { return };
        if self.reader.id() != Some(id) {
            self.returning = None;
        } else if let Some(index) = self.listing.position(id) {
            self.returning = None;
            self.listing.pick(index, SelectMode::Replace);
        }
    }

    pub(super) fn found(
        &mut self,
        engine: &Engine,
        generation: u64,
        first: u32,
        result: Result<Found>,
    ) -> Action<Message> {
        let current = match result {
            Ok(found) => {
                let current = self.listing.receive(generation, first, found.total, found.messages);
                if current {
                    self.listing.gaps = found.gaps;
                    self.listing.near = found.near;
                }
                current
            }
            Err(error) => self.listing.fail(generation, error),
        };
        if !current {
            return Action::None;
        }
        let pause = request::pause(Message::Rest(self.listing.epoch()));
        match self.ask_people(engine) {
            Action::Run(task) => Action::Run(Task::batch([task, pause])),
            _ => Action::Run(pause),
        }
    }

    /// Nobody has typed for a moment: what takes longer than the rows is asked for.
    pub(super) fn rest(&mut self, engine: &Engine, epoch: u64) -> Action<Message> {
        let Source::Search(query) = self.listing.source().clone() else { return Action::None };
        if epoch != self.listing.epoch() {
            return Action::None;
        }
        let mut tasks = Vec::new();
        // the list may have been read anew since they were counted
        let total = self.listing.total().unwrap_or(0).min(Facets::MOST);
        if self.listing.facets.as_ref().is_none_or(|facets| facets.counted != total) {
            tasks.push(request::facets(engine, query.clone(), epoch));
        }
        if self.listing.archived.is_none() {
            tasks.push(request::archived(engine, query.clone(), epoch));
        }
        let ids = self.listing.unexcerpted();
        if !ids.is_empty() {
            tasks.push(request::excerpts(engine, query, epoch, ids));
        }
        Action::Run(Task::batch(tasks))
    }

    pub(super) fn counted(&mut self, epoch: u64, result: Result<Facets>) -> Action<Message> {
        // without counts the search is whole all the same
        if epoch == self.listing.epoch() {
            self.listing.facets = result.ok();
        }
        Action::None
    }

    pub(super) fn counted_archived(&mut self, epoch: u64, result: Result<u32>) -> Action<Message> {
        if epoch == self.listing.epoch() {
            self.listing.archived = Some(result.unwrap_or_default());
        }
        Action::None
    }

    pub(super) fn excerpted(
        &mut self,
        engine: &Engine,
        epoch: u64,
        result: Result<Vec<Excerpt>>,
    ) -> Action<Message> {
        if epoch != self.listing.epoch() {
            return Action::None;
        }
        self.listing.take_excerpts(result.unwrap_or_default());
        self.rest(engine, epoch)
    }

    /// Asks the annuaire about every correspondent not asked about yet, and for pages the new total shows missing.
    pub(super) fn ask_people(&mut self, engine: &Engine) -> Action<Message> {
        if self.people.len() > MOST_PEOPLE {
            self.people.clear();
        }
        let mut addresses: Vec<String> =
            self.listing.rows().map(|row| self.correspondent(row).address.to_lowercase()).collect();
        addresses.sort();
        addresses.dedup();
        addresses.retain(|address| !address.is_empty() && !self.people.contains_key(address));
        let mut domains: Vec<String> = addresses.iter().map(|address| domain_of(address)).collect();
        domains.sort();
        domains.dedup();
        domains.retain(|domain| !self.trusted.contains_key(domain));
        let mut tasks: Vec<_> =
            addresses.into_iter().map(|address| request::person(engine, address)).collect();
        tasks.extend(domains.into_iter().map(|domain| request::trust(engine, domain)));
        tasks.push(self.ask_rows(engine));
        self.prepare(engine);
        Action::Run(Task::batch(tasks))
    }

    pub(super) fn person_read(&mut self, address: String, result: Result<Option<Person>>) -> Action<Message> {
        if let Ok(person) = result {
            let key = address.to_lowercase();
            self.people.insert(key.clone(), person);
            self.judge_sender(&key);
        }
        Action::None
    }

    /// Judges the sender on screen again, when the address is his.
    fn judge_sender(&mut self, address: &str) {
        let sender = match self.reader.shown() {
            Some(shown) if sender_address(&shown.view).to_lowercase() == address => {
                Some(self.standing(shown.view.row.account, address))
            }
            _ => None,
        };
        if let (Some(sender), Some(shown)) = (sender, self.reader.shown_mut()) {
            shown.sender = sender;
        }
    }

    pub(super) fn trust_read(&mut self, domain: String, trusted: Option<bool>) -> Action<Message> {
        if let Some(trusted) = trusted {
            self.trusted.insert(domain, trusted);
        }
        if let Some(address) = self.reader.shown().map(|shown| sender_address(&shown.view).to_lowercase()) {
            self.judge_sender(&address);
        }
        Action::None
    }

    /// The user wrote it, as its folder tells.
    pub(super) fn is_own(&self, row: &MessageRow) -> bool {
        let role = self.folders.iter().find(|folder| folder.id == row.folder).map(|folder| folder.role);
        matches!(role, Some(FolderRole::Sent | FolderRole::Drafts))
    }

    /// Whom a row is about: the sender, or the first recipient where the user is the sender.
    pub(super) fn correspondent<'a>(&self, row: &'a MessageRow) -> &'a Correspondent {
        if self.is_own(row) { &row.to } else { &row.from }
    }

    pub(super) fn person(&self, address: &str) -> Option<&Person> {
        self.people.get(&address.to_lowercase()).and_then(Option::as_ref)
    }

    /// What is known of an address that writes to `account`.
    pub(super) fn standing(&self, account: AccountId, address: &str) -> Standing {
        let own = self.accounts.iter().find(|candidate| candidate.id == account);
        let own_domain = own.map_or("", |account| account.config.address.domain());
        match self.people.get(&address.to_lowercase()) {
            Some(person) => {
                let trusted = self.trusted.get(&domain_of(address)).copied();
                Standing::of(address, person.clone(), own_domain).listed(trusted)
            }
            None => Standing::Asked,
        }
    }

    pub(super) fn list(&mut self, engine: &Engine, event: ListEvent) -> Action<Message> {
        if matches!(self.listing.source(), Source::Drafts(_)) {
            return self.list_drafts(engine, event);
        }
        match event {
            ListEvent::Visible(rows) => self.look_at(engine, rows),
            ListEvent::Select { row, mode } => self.pick(engine, row, mode),
            ListEvent::SelectAll => self.select_all(engine),
            ListEvent::Activate(row) => self.pick(engine, row, SelectMode::Replace),
        }
    }

    pub(super) fn pick(&mut self, engine: &Engine, index: u32, mode: SelectMode) -> Action<Message> {
        self.listing.pick(index, mode);
        self.follow_selection(engine)
    }

    pub(super) fn select_all(&mut self, engine: &Engine) -> Action<Message> {
        self.listing.select_all();
        self.follow_selection(engine)
    }

    pub(super) fn follow_selection(&mut self, engine: &Engine) -> Action<Message> {
        self.choosing_folder = false;
        self.choosing_state = false;
        match self.listing.selected().as_slice() {
            [only] => self.open(engine, *only),
            [] => self.close(),
            several => self.several(several.len()),
        }
    }

    pub(super) fn open(&mut self, engine: &Engine, id: MessageId) -> Action<Message> {
        if self.reader.shown().is_some_and(|shown| shown.view.row.id == id) {
            return Action::None;
        }
        let rows = Action::Run(self.ask_rows(engine));
        let row = self.listing.find(id);
        let action = match row.and_then(|row| engine.prepared(row)) {
            Some(view) => self.shown_first(engine, view),
            None => {
                self.reader = Reader::Loading(id);
                Action::Run(request::message(engine, id))
            }
        };
        self.prepare(engine);
        Action::Many(vec![action, rows])
    }

    /// Has what may be opened next read: beside the message being read, then what is on screen.
    pub(super) fn prepare(&self, engine: &Engine) {
        engine.prepare(self.listing.near(BESIDE));
    }

    pub(super) fn close(&mut self) -> Action<Message> {
        self.reader = Reader::Empty;
        Action::None
    }

    pub(super) fn several(&mut self, count: usize) -> Action<Message> {
        self.reader = Reader::Several(count);
        Action::None
    }

    pub(super) fn search(&mut self, engine: &Engine, query: String) -> Action<Message> {
        self.query = query;
        let wanted = self.query.trim().to_owned();
        match (wanted.is_empty(), self.folder) {
            (false, _) => self.show(engine, Source::Search(wanted)),
            (true, Some(folder)) => self.show(engine, self.source_of(folder)),
            (true, None) => self.close(),
        }
    }

    /// Opens the field that looks in the message on screen; without one the list is searched.
    pub(super) fn find(&mut self) -> Action<Message> {
        let field = match self.reader.shown_mut() {
            Some(shown) => {
                shown.finder.open();
                find::FIELD
            }
            None => SEARCH_FIELD,
        };
        Action::Run(iced::widget::operation::focus(field))
    }

    /// Asks for a fact more, or no more.
    pub(super) fn narrow(&mut self, engine: &Engine, operator: &str) -> Action<Message> {
        self.search(engine, toggled(&self.query, operator))
    }

    pub(super) fn escape(&mut self, engine: &Engine) -> Action<Message> {
        let was_choosing =
            std::mem::take(&mut self.choosing_folder) | std::mem::take(&mut self.choosing_state);
        if self.question.take().is_some() || was_choosing {
            return Action::None;
        }
        if let Some(shown) = self.reader.shown_mut()
            && shown.link.take().is_some()
        {
            return Action::None;
        }
        if self.reader.shown_mut().is_some_and(Shown::leave_find) {
            return Action::None;
        }
        if self.query.is_empty() { Action::None } else { self.search(engine, String::new()) }
    }
}

/// Messages read ahead on each side of the one being read.
const BESIDE: u32 = 3;

/// The domain of an address, in lower case.
fn domain_of(address: &str) -> String {
    address.rsplit_once('@').map_or("", |(_, domain)| domain).to_lowercase()
}
