//! The rows on screen: pages asked for only where the list is looked at, kept by generation, and a selection that
//! follows messages rather than positions.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::domain::id::{AccountId, FolderId, MessageId};
use crate::domain::message::MessageRow;
use crate::domain::search::Facets;
use crate::domain::triage::Triage;
use crate::engine::{Error, Excerpt, Gap, Thread};
use crate::gui::widget::SelectMode;

/// Rows in one request.
pub(super) const PAGE: u32 = 50;
/// Pages kept around the visible ones.
const KEPT: usize = 24;
/// Excerpts asked for at once.
const MOST_EXCERPTS: usize = 24;

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Source {
    /// Nothing was chosen yet.
    #[default]
    Nothing,
    /// A folder.
    Folder(FolderId),
    /// A folder by conversations.
    Threads(FolderId),
    /// What of a folder is in a state.
    State(FolderId, Triage),
    /// What is being written in an account; without one, drafts whose account is gone.
    Drafts(Option<AccountId>),
    /// The answer to a search.
    Search(String),
}

impl Source {
    /// The folder whose messages are shown.
    pub(super) fn folder(&self) -> Option<FolderId> {
        match self {
            Self::Folder(id) | Self::Threads(id) | Self::State(id, _) => Some(*id),
            Self::Nothing | Self::Drafts(_) | Self::Search(_) => None,
        }
    }
}

#[derive(Debug)]
struct CachedPage {
    generation: u64,
    rows: Vec<MessageRow>,
}

/// Where the keyboard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Position in the list.
    pub(super) index: u32,
    /// The message there, once known.
    pub(super) id: Option<MessageId>,
}

/// The list and what is selected in it.
#[derive(Debug, Default)]
pub(super) struct Listing {
    source: Source,
    epoch: u64,
    generation: u64,
    total: Option<u32>,
    pages: BTreeMap<u32, CachedPage>,
    asked: HashSet<u32>,
    visible: Range<u32>,
    cursor: Option<Cursor>,
    anchor: Option<u32>,
    selected: BTreeSet<MessageId>,
    /// Why the rows could not be read.
    pub(super) failed: Option<Error>,
    /// What a search could not see.
    pub(super) gaps: Vec<Gap>,
    /// Messages a search found by another form of a word only.
    pub(super) near: u32,
    /// Counts of what a search found, once they are here.
    pub(super) facets: Option<Facets>,
    /// Messages of the archive that answer it too, once they are counted.
    pub(super) archived: Option<u32>,
    excerpts: HashMap<MessageId, Option<Excerpt>>,
    /// Messages of each conversation, and those not read, by the newest.
    threads: HashMap<MessageId, (u32, u32)>,
}

impl Listing {
    /// Shows something else from its first row; nothing is selected.
    pub(super) fn show(&mut self, source: Source) {
        *self = Self {
            source,
            epoch: self.epoch + 1,
            generation: self.generation + 1,
            visible: 0..PAGE / 2,
            ..Self::default()
        };
    }

    /// Marks every row as out of date; they stay on screen until the new ones come.
    pub(super) fn refresh(&mut self) {
        self.generation += 1;
        self.asked.clear();
    }

    /// What is shown.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// Number that changes when something else is shown.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Number that tells late answers from awaited ones.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Rows in all, `None` while unknown.
    pub(super) fn total(&self) -> Option<u32> {
        self.total
    }

    /// The row at a position, when its page is here.
    pub(super) fn row(&self, index: u32) -> Option<&MessageRow> {
        let page = self.pages.get(&(index / PAGE))?;
        page.rows.get((index % PAGE) as usize)
    }

    /// Every row here.
    pub(super) fn rows(&self) -> impl Iterator<Item = &MessageRow> {
        self.pages.values().flat_map(|page| &page.rows)
    }

    /// The row of a message, when its page is here.
    pub(super) fn find(&self, id: MessageId) -> Option<&MessageRow> {
        self.rows().find(|row| row.id == id)
    }

    /// Where a message is in the list, when its page is here.
    pub(super) fn position(&self, id: MessageId) -> Option<u32> {
        self.pages.iter().find_map(|(page, cached)| {
            let at = cached.rows.iter().position(|row| row.id == id)?;
            Some(page * PAGE + u32::try_from(at).ok()?)
        })
    }

    /// The messages around the cursor, up to `reach` rows away and the next one first, then those on screen.
    pub(super) fn near(&self, reach: u32) -> Vec<MessageId> {
        let cursor = self.cursor().map(|cursor| cursor.index);
        let around = cursor.into_iter().flat_map(|at| {
            (1..=reach).flat_map(move |n| [at.checked_add(n), at.checked_sub(n)].into_iter().flatten())
        });
        around.chain(self.visible.clone()).filter_map(|index| self.row(index)).map(|row| row.id).collect()
    }

    /// Remembers which rows are on screen.
    pub(super) fn look_at(&mut self, visible: Range<u32>) {
        self.visible = visible;
    }

    /// First row of each page to ask for now; each is given once per generation.
    pub(super) fn wanted(&mut self) -> Vec<u32> {
        if matches!(self.source, Source::Nothing | Source::Drafts(_)) {
            return Vec::new();
        }
        let end = self.total.map_or(self.visible.end, |total| self.visible.end.min(total)).max(1);
        let first = self.visible.start.min(end - 1) / PAGE;
        let last = (end - 1) / PAGE;
        let generation = self.generation;
        let pages = &self.pages;
        let asked = &mut self.asked;
        (first..=last)
            .filter(|page| pages.get(page).is_none_or(|cached| cached.generation != generation))
            .filter(|page| asked.insert(*page))
            .map(|page| page * PAGE)
            .collect()
    }

    /// Takes rows in; false when they answer a question nobody asks any more.
    pub(super) fn receive(&mut self, generation: u64, first: u32, total: u32, rows: Vec<MessageRow>) -> bool {
        if generation != self.generation {
            return false;
        }
        self.failed = None;
        self.total = Some(total);
        self.pages.insert(first / PAGE, CachedPage { generation, rows });
        self.pages.retain(|page, _| page * PAGE < total.max(1));
        self.follow_cursor(first);
        self.forget_far_pages();
        true
    }

    /// Takes conversations in, as [`Listing::receive`] does rows.
    pub(super) fn receive_threads(
        &mut self,
        generation: u64,
        first: u32,
        total: u32,
        threads: Vec<Thread>,
    ) -> bool {
        if generation != self.generation {
            return false;
        }
        let counts = threads.iter().map(|thread| (thread.newest.id, (thread.messages, thread.unread)));
        self.threads.extend(counts);
        let rows = threads.into_iter().map(|thread| thread.newest).collect();
        self.receive(generation, first, total, rows)
    }

    /// Messages of the conversation a row stands for, and those of them that are not read.
    pub(super) fn thread(&self, id: MessageId) -> Option<(u32, u32)> {
        self.threads.get(&id).copied().filter(|_| matches!(self.source, Source::Threads(_)))
    }

    /// Visible messages whose excerpts are not known; each is given once per search.
    pub(super) fn unexcerpted(&mut self) -> Vec<MessageId> {
        let visible = self.visible.clone().filter_map(|index| self.row(index));
        let ids: Vec<MessageId> = visible
            .filter(|row| row.downloaded && !self.excerpts.contains_key(&row.id))
            .map(|row| row.id)
            .take(MOST_EXCERPTS)
            .collect();
        self.excerpts.extend(ids.iter().map(|id| (*id, None)));
        ids
    }

    /// Takes excerpts in.
    pub(super) fn take_excerpts(&mut self, found: Vec<Excerpt>) {
        self.excerpts.extend(found.into_iter().map(|excerpt| (excerpt.id, Some(excerpt))));
    }

    /// The line of a message a search found.
    pub(super) fn excerpt(&self, id: MessageId) -> Option<&Excerpt> {
        self.excerpts.get(&id)?.as_ref()
    }

    /// Takes a failure in; false when nobody asks any more.
    pub(super) fn fail(&mut self, generation: u64, error: Error) -> bool {
        let current = generation == self.generation;
        if current {
            self.failed = Some(error);
        }
        current
    }

    /// The cursor stays on its message when rows move under it.
    fn follow_cursor(&mut self, first: u32) {
        let Some(cursor) = self.cursor else { return };
        let Some(page) = self.pages.get(&(first / PAGE)) else { return };
        let moved = page.rows.iter().zip(first..).find(|(row, _)| Some(row.id) == cursor.id);
        if let Some((_, index)) = moved {
            self.cursor = Some(Cursor { index, ..cursor });
        } else if let Some(total) = self.total
            && cursor.index >= total
        {
            self.cursor = total.checked_sub(1).map(|index| Cursor { index, id: None });
        }
    }

    fn forget_far_pages(&mut self) {
        let middle = self.visible.start / PAGE;
        while self.pages.len() > KEPT {
            let far = self.pages.keys().copied().max_by_key(|page| page.abs_diff(middle));
            let Some(far) = far else { return };
            self.pages.remove(&far);
            self.asked.remove(&far);
        }
    }

    /// Where the keyboard is.
    pub(super) fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// Selected messages; the order is that of their identifiers.
    pub(super) fn selected(&self) -> Vec<MessageId> {
        self.selected.iter().copied().collect()
    }

    /// Whether a message is selected.
    pub(super) fn is_selected(&self, id: MessageId) -> bool {
        self.selected.contains(&id)
    }

    /// Picks the row at `index`; gives its message, `None` while the row is not here.
    pub(super) fn pick(&mut self, index: u32, mode: SelectMode) -> Option<MessageId> {
        let id = self.row(index).map(|row| row.id);
        self.cursor = Some(Cursor { index, id });
        let id = id?;
        match mode {
            SelectMode::Replace => {
                self.selected = BTreeSet::from([id]);
                self.anchor = Some(index);
            }
            SelectMode::Toggle => {
                if !self.selected.remove(&id) {
                    self.selected.insert(id);
                }
                self.anchor = Some(index);
            }
            SelectMode::Extend => {
                let anchor = *self.anchor.get_or_insert(index);
                let range = anchor.min(index)..=anchor.max(index);
                self.selected = range.filter_map(|i| self.row(i)).map(|row| row.id).collect();
            }
        }
        Some(id)
    }

    /// Selects every row that is here.
    pub(super) fn select_all(&mut self) {
        self.selected = self.rows().map(|row| row.id).collect();
    }

    /// Drops messages that were moved or deleted from the selection; the cursor keeps its place so that the next
    /// message comes under it.
    pub(super) fn release(&mut self, gone: &[MessageId]) {
        self.selected.retain(|id| !gone.contains(id));
        if let Some(cursor) = &mut self.cursor
            && cursor.id.is_some_and(|id| gone.contains(&id))
        {
            cursor.id = None;
        }
    }

    /// Changes a row that is here, before the store says so.
    pub(super) fn amend(&mut self, ids: &[MessageId], change: impl Fn(&mut MessageRow)) {
        for row in self.pages.values_mut().flat_map(|page| &mut page.rows) {
            if ids.contains(&row.id) {
                change(row);
            }
        }
    }
}
