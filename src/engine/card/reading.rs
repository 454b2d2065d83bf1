//! Reads the cards that wait for it, again where the module does not see them yet.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Known, RealCard, Signal, clock, lists, work};
use crate::card::{self, CardInfo, ModulePath, find_modules, is_revoked};
use crate::domain::card::{Contents, Facts, ModuleFault, ReadFailure, Reading, Slot, selected};

/// Pauses before a card is read again that the module does not see, or cannot read, though PC/SC does: one just put in
/// is shown late by a busy machine, one held askew is pushed home. What a reading said is shown from the fourth on.
const READ_AGAIN: [Duration; 7] = [
    Duration::from_millis(200),
    Duration::from_millis(600),
    Duration::from_millis(1200),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];
/// Readings of which a failure is not shown yet.
const PATIENT: usize = 3;

type Outcome = Result<CardInfo, card::Error>;

impl RealCard {
    /// A card waits to be read, or a session of a card that left to be closed.
    pub(super) fn has_work(&self) -> bool {
        let known = self.known();
        known.must_close || !known.to_read().is_empty()
    }

    /// Closes and reads what waits. Dropped when the cards change meanwhile.
    pub(super) async fn work(&self) {
        // a login under way ends first: the card it was for may be gone already, and it finds that out
        let _turn = self.turn.lock().await;
        let must_close = std::mem::take(&mut self.known().must_close);
        let wanted = self.known().to_read();
        if wanted.is_empty() {
            if must_close {
                self.token.close().await;
            }
            return;
        }
        self.change(|known| known.set_all(&wanted, &Reading::Running));
        let (modules, refused) = self.modules().await;
        let mut pauses = READ_AGAIN.iter();
        let mut crashed = false;
        for round in 0.. {
            let readers = wanted.iter().map(|(reader, _)| reader.clone()).collect();
            let outcomes = match self.token.read(modules.clone(), readers).await {
                Ok(outcomes) => outcomes,
                Err(error) => vec![Err(error); wanted.len()],
            };
            let again = outcomes.iter().any(|outcome| match outcome {
                // a module that failed once may have met a card that was just leaving
                Err(card::Error::ModuleFaulty { .. }) => !std::mem::replace(&mut crashed, true),
                Err(error) => may_pass(error),
                Ok(_) => false,
            });
            let pause = pauses.next().filter(|_| again);
            if pause.is_none() || round >= PATIENT || outcomes.iter().any(Result::is_ok) {
                self.take(&wanted, outcomes, refused.as_ref()).await;
            }
            match pause {
                // cards that can be used are not disturbed for the sake of one that cannot
                Some(pause) if !self.is_useful() => tokio::time::sleep(*pause).await,
                _ => return,
            }
        }
    }

    /// A card can be used now, or chosen.
    fn is_useful(&self) -> bool {
        let known = self.known();
        let Facts::Slots { slots, .. } = &known.facts else { return false };
        match selected(&known.facts) {
            Some(slot) => matches!(slot.reading, Reading::Done(_)),
            None => slots.iter().any(|slot| slot.is_usable() && matches!(slot.reading, Reading::Done(_))),
        }
    }

    /// The modules to try, and the first that is not to be trusted.
    async fn modules(&self) -> (Vec<PathBuf>, Option<PathBuf>) {
        let setting = self.module.clone();
        let found = work::blocking(move || Ok(find_modules(setting.as_deref()))).await.unwrap_or_default();
        let (trusted, refused): (Vec<ModulePath>, Vec<ModulePath>) =
            found.into_iter().partition(|m| m.is_trusted);
        for module in &refused {
            tracing::warn!(module = %module.path.display(), "a module that others can replace is not loaded");
        }
        let refused = refused.into_iter().map(|module| module.path).next();
        (trusted.into_iter().map(|module| module.path).collect(), refused)
    }

    /// What was read becomes known, of the cards that are still there.
    async fn take(&self, wanted: &[(String, u64)], outcomes: Vec<Outcome>, refused: Option<&PathBuf>) {
        let anchors = self.anchors.clone();
        let certificates: Vec<_> =
            outcomes.iter().map(|o| o.as_ref().ok().map(|info| info.certificate.clone())).collect();
        let revoked = work::blocking(move || {
            let (lists, now) = (lists(&anchors), clock::now());
            Ok(certificates.into_iter().map(|c| c.is_some_and(|c| is_revoked(&c, &lists, now))).collect())
        });
        let revoked: Vec<bool> = revoked.await.unwrap_or_else(|_| vec![false; outcomes.len()]);
        self.change(|known| {
            for (((_, insertion), outcome), is_revoked) in wanted.iter().zip(outcomes).zip(revoked) {
                if let Ok(info) = &outcome {
                    known.module = Some(info.module.clone());
                    known.certificates.insert(*insertion, info.certificate.clone());
                    if !is_revoked {
                        self.ask_issuer(*insertion, info.certificate.clone());
                    }
                }
                let reading = reading_of(outcome, is_revoked, refused);
                if let Some(place) = known.contents(*insertion) {
                    *place = reading;
                }
            }
            self.settle_choice(known);
        });
    }

    /// Asks whether the card was revoked. Nobody waits for it: a card nobody can be asked about is good until its server
    /// says otherwise.
    fn ask_issuer(&self, insertion: u64, certificate: Vec<u8>) {
        let (reach, signals) = (Arc::clone(&self.reach), self.signals.clone());
        tokio::task::spawn_blocking(move || match reach.is_card_revoked(&certificate) {
            Ok(true) => drop(signals.send(Signal::Revoked(insertion))),
            Ok(false) => {}
            Err(error) => tracing::info!(code = error.code(), "the issuer of the card could not be asked"),
        });
    }

    /// The card in use stays in use when another one comes: it is written down as chosen. Among several, the remembered
    /// one is.
    fn settle_choice(&self, known: &mut Known) {
        let only = selected(&known.facts).map(|slot| slot.reader.clone());
        let Facts::Slots { slots, chosen } = &mut known.facts else { return };
        let read: Vec<(&Slot, _)> = slots
            .iter()
            .filter_map(|slot| match &slot.reading {
                Reading::Done(contents) => Some((slot, &contents.holder)),
                _ => None,
            })
            .collect();
        *chosen = match only {
            Some(reader) => {
                if let Some((_, holder)) = read.iter().find(|(slot, _)| slot.reader == reader) {
                    self.choice.remember_if_awaited(holder);
                }
                Some(reader)
            }
            None => {
                let found = self.choice.find(read.iter().map(|(_, holder)| *holder));
                found.and_then(|at| read.get(at)).map(|(slot, _)| slot.reader.clone())
            }
        };
    }
}

impl Known {
    /// Reader and insertion of the cards to be read: the one in use, else every usable one.
    pub(super) fn to_read(&self) -> Vec<(String, u64)> {
        let Facts::Slots { slots, .. } = &self.facts else { return Vec::new() };
        let waits = |slot: &&Slot| matches!(slot.reading, Reading::None | Reading::Running);
        let numbered = |slot: &Slot| Some((slot.reader.clone(), *self.insertions.get(&slot.reader)?));
        if let Some(slot) = selected(&self.facts) {
            return Some(slot).filter(waits).and_then(numbered).into_iter().collect();
        }
        let usable: Vec<&Slot> = slots.iter().filter(|slot| slot.is_usable()).collect();
        // reading closes what was read before: all of them together
        if usable.iter().any(waits) { usable.into_iter().filter_map(numbered).collect() } else { Vec::new() }
    }

    pub(super) fn set_all(&mut self, wanted: &[(String, u64)], reading: &Reading) {
        for (_, insertion) in wanted {
            if let Some(place) = self.contents(*insertion) {
                *place = reading.clone();
            }
        }
    }
}

/// What a module says of a card it does not see, or sees badly, may be otherwise a moment later.
fn may_pass(error: &card::Error) -> bool {
    use card::Error as E;
    matches!(
        error,
        E::NoToken | E::Removed | E::Closed | E::Timeout | E::Module(_) | E::NoHost(_) | E::BadCertificate
    )
}

fn reading_of(outcome: Outcome, is_revoked: bool, refused: Option<&PathBuf>) -> Reading {
    use card::Error as E;
    let error = match outcome {
        Ok(info) => {
            let CardInfo { holder, tries, pin_pad, .. } = info;
            return Reading::Done(Contents { holder, tries, pin_pad, is_revoked, is_unlocked: false });
        }
        Err(error) => error,
    };
    tracing::warn!(%error, "the card could not be read");
    Reading::Failed(match (error, refused) {
        (E::NoModule, Some(module)) => {
            ReadFailure::Module { module: module.clone(), fault: ModuleFault::NotTrusted }
        }
        (E::NoModule, None) => ReadFailure::NoModule,
        (E::ModuleFailed { module, .. }, _) => ReadFailure::Module { module, fault: ModuleFault::NotLoaded },
        (E::ModuleFaulty { module, fault }, _) => ReadFailure::Module { module, fault },
        _ => ReadFailure::Unreadable,
    })
}
