//! Which card the user has chosen where several are in, remembered in a file of the profile.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::card::Holder;
use crate::engine::profile::session_name;

/// Largest file read: a digest and no more.
const LARGEST: usize = 64;

/// The choice. The file holds a digest of the card's number, which tells nobody's name.
pub(super) struct Choice {
    file: PathBuf,
    /// A card was chosen before it was read: it is remembered when it is.
    next: AtomicBool,
}

impl Choice {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, next: AtomicBool::new(false) }
    }

    /// The next card that is read is the chosen one.
    pub(super) fn remember_next(&self) {
        self.next.store(true, Ordering::SeqCst);
    }

    /// Writes down the choice, if this was what [`Choice::remember_next`] waited for.
    pub(super) fn remember_if_awaited(&self, holder: &Holder) {
        if self.next.swap(false, Ordering::SeqCst) {
            self.remember(holder);
        }
    }

    /// Writes down the choice; one that cannot be written is asked for again.
    pub(super) fn remember(&self, holder: &Holder) {
        self.next.store(false, Ordering::SeqCst);
        if let Err(error) = std::fs::write(&self.file, digest(holder)) {
            tracing::warn!(%error, "the chosen card could not be remembered");
        }
    }

    /// Among these holders, the position of the one chosen before.
    pub(super) fn find<'a>(&self, mut holders: impl Iterator<Item = &'a Holder>) -> Option<usize> {
        let chosen = std::fs::read_to_string(&self.file).ok().filter(|text| text.len() <= LARGEST)?;
        holders.position(|holder| digest(holder) == chosen.trim())
    }
}

/// A card's number where there is one: a renewed card is another card of the same holder.
fn digest(holder: &Holder) -> String {
    session_name(holder.card_number.as_deref().unwrap_or(&holder.national_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice;

    #[test]
    fn the_card_chosen_is_found_again_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("card");
        let (own, other) =
            (practice::holder(), Holder { card_number: Some("2".to_owned()), ..practice::holder() });
        let choice = Choice::new(file.clone());
        assert_eq!(choice.find([&own].into_iter()), None);
        choice.remember_if_awaited(&own);
        assert_eq!(choice.find([&own].into_iter()), None, "nothing was chosen");
        choice.remember_next();
        choice.remember_if_awaited(&own);
        assert_eq!(Choice::new(file.clone()).find([&other, &own].into_iter()), Some(1));
        assert_eq!(choice.find([&other].into_iter()), None, "a renewed card is another card");
        choice.remember(&other);
        assert_eq!(choice.find([&other, &own].into_iter()), Some(0));
        std::fs::write(&file, "x".repeat(1000)).unwrap();
        assert_eq!(choice.find([&own].into_iter()), None);
    }
}
