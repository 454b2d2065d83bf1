//! The fictitious card: always in, PIN 1234, three tries, unblocking code 12345678. For pictures it can be in any state.

use tokio::sync::watch;

use super::Result;
use crate::card;
use crate::domain::UnixTime;
use crate::domain::card::{
    CardInReader, CardKind, CardState, Contents, Facts, Holder, ModuleFault, PinTries, ReadFailure, Reading,
    Slot, cards, selected, state,
};
use crate::domain::secret::Secret;
use crate::practice;

const READER: &str = "Lecteur fictif";
const SECOND_READER: &str = "Second lecteur fictif";

/// See the module.
pub(in crate::engine) struct PracticeCard {
    facts: std::sync::Mutex<Facts>,
    state: watch::Sender<CardState>,
}

/// The pictures of the card that can be asked for.
pub fn card_words() -> impl Iterator<Item = &'static str> {
    PICTURES.iter().map(|(word, _)| *word)
}

type Picture = fn(&mut Slot);

const PICTURES: &[(&str, Picture)] = &[
    ("reading", |slot| slot.reading = Reading::Running),
    ("no-card", |slot| slot.card = None),
    ("vitale", |slot| slot.card = Some(CardKind::Vitale)),
    ("contactless", |slot| slot.card = Some(CardKind::Cps3Contactless)),
    ("not-a-cps", |slot| slot.card = Some(CardKind::Unknown)),
    ("cps4", |slot| slot.card = Some(CardKind::Cps4)),
    ("mute", |slot| slot.mute = true),
    ("no-module", |slot| slot.reading = Reading::Failed(ReadFailure::NoModule)),
    ("module-crashed", |slot| slot.reading = faulty(ModuleFault::Crashed { signal: Some(11) })),
    ("module-hung", |slot| slot.reading = faulty(ModuleFault::Hung)),
    ("module-garbled", |slot| slot.reading = faulty(ModuleFault::Garbled)),
    ("module-not-loaded", |slot| slot.reading = faulty(ModuleFault::NotLoaded)),
    ("module-not-trusted", |slot| slot.reading = faulty(ModuleFault::NotTrusted)),
    ("unreadable", |slot| slot.reading = Reading::Failed(ReadFailure::Unreadable)),
    ("expired", |slot| with(slot, |contents| contents.holder.not_after = 1_700_000_000)),
    ("expires-soon", |slot| with(slot, |contents| contents.holder.not_after = soon())),
    ("revoked", |slot| with(slot, |contents| contents.is_revoked = true)),
    ("locked", |_| {}),
    ("pin-pad", |slot| with(slot, |contents| contents.pin_pad = true)),
    ("tries-low", |slot| with(slot, |contents| contents.tries = PinTries::Low)),
    ("tries-last", |slot| with(slot, |contents| contents.tries = PinTries::Last)),
    ("blocked", |slot| with(slot, |contents| contents.tries = PinTries::Blocked)),
    ("no-service", |_| {}),
    ("no-reader", |_| {}),
    ("choosing", |_| {}),
    ("two-cards", |_| {}),
];

fn faulty(fault: ModuleFault) -> Reading {
    let module = std::path::PathBuf::from("/usr/lib64/libcps3_pkcs11_lux.so");
    Reading::Failed(ReadFailure::Module { module, fault })
}

fn soon() -> UnixTime {
    const DAYS: i64 = 11 * 86_400;
    super::clock::now() + DAYS
}

fn with(slot: &mut Slot, change: impl FnOnce(&mut Contents)) {
    if let Reading::Done(contents) = &mut slot.reading {
        change(contents);
    }
}

fn slot(reader: &str, holder: Holder) -> Slot {
    let contents =
        Contents { holder, tries: PinTries::Full, pin_pad: false, is_revoked: false, is_unlocked: false };
    let reading = Reading::Done(contents);
    Slot { reader: reader.to_owned(), card: Some(CardKind::Cps3), mute: false, reading }
}

/// The facts of a picture: of the plain locked card when there is none of this name.
fn facts(word: &str) -> Facts {
    let mut slots = vec![slot(READER, practice::holder())];
    let picture = PICTURES.iter().find(|(known, _)| *known == word);
    match word {
        "no-service" => return Facts::NoService,
        "no-reader" => slots.clear(),
        "choosing" | "two-cards" => slots.push(slot(SECOND_READER, practice::second_holder())),
        _ => {}
    }
    if let (Some((_, change)), Some(slot)) = (picture, slots.first_mut()) {
        change(slot);
    }
    let chosen = (word == "two-cards").then(|| READER.to_owned());
    Facts::Slots { slots, chosen }
}

impl PracticeCard {
    /// The card in the state of this word of [`card_words`]; locked for another word.
    pub(in crate::engine) fn showing(word: &str) -> Self {
        let facts = facts(word);
        let shown = state(&facts, super::clock::now());
        Self { facts: facts.into(), state: watch::channel(shown).0 }
    }

    pub(super) fn state(&self) -> CardState {
        self.state.borrow().clone()
    }

    pub(super) fn watch(&self) -> watch::Receiver<CardState> {
        self.state.subscribe()
    }

    pub(super) fn cards(&self) -> Vec<CardInReader> {
        cards(&self.facts())
    }

    pub(super) fn choose(&self, reader: &str) -> Result<()> {
        if let Facts::Slots { chosen, .. } = &mut *self.facts() {
            *chosen = Some(reader.to_owned());
        }
        self.tell();
        Ok(())
    }

    pub(super) fn login(&self, pin: &Secret) -> Result<()> {
        let tries = match self.state() {
            CardState::Locked { tries, .. } => tries,
            CardState::Unlocked { .. } => return Ok(()),
            other => return Err(super::unusable(&other)),
        };
        if tries == PinTries::Blocked {
            return Err(card::Error::PinBlocked.into());
        }
        if pin.expose() == practice::PIN {
            self.change(|contents| (contents.is_unlocked, contents.tries) = (true, PinTries::Full));
            return Ok(());
        }
        let left = match tries {
            PinTries::Full => PinTries::Low,
            PinTries::Low => PinTries::Last,
            PinTries::Last | PinTries::Blocked => PinTries::Blocked,
        };
        self.change(|contents| contents.tries = left);
        Err(if left == PinTries::Blocked {
            card::Error::PinBlocked
        } else {
            card::Error::PinWrong { tries: left }
        }
        .into())
    }

    /// The PIN of the fictitious card stays what it is: everything that tells people says so.
    pub(super) fn unblock(&self, code: &Secret, _pin: &Secret) -> Result<()> {
        if code.expose() != practice::PUK {
            return Err(card::Error::CodeWrong.into());
        }
        self.change(|contents| contents.tries = PinTries::Full);
        Ok(())
    }

    /// Tries left stay as they are: only the right PIN gives them back.
    pub(super) fn lock(&self) {
        self.change(|contents| contents.is_unlocked = false);
    }

    fn change(&self, change: impl FnOnce(&mut Contents)) {
        {
            let mut facts = self.facts();
            let reader = selected(&facts).map(|slot| slot.reader.clone());
            if let Facts::Slots { slots, .. } = &mut *facts
                && let Some(slot) = slots.iter_mut().find(|slot| Some(&slot.reader) == reader.as_ref())
            {
                with(slot, change);
            }
        }
        self.tell();
    }

    fn tell(&self) {
        let now = state(&self.facts(), super::clock::now());
        self.state.send_if_modified(|shown| {
            let differs = *shown != now;
            *shown = now;
            differs
        });
    }

    fn facts(&self) -> std::sync::MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn the_practice_card_blocks_after_three_wrong_pins_and_its_code_unblocks_it() {
        let card = PracticeCard::showing("locked");
        for code in ["pin-wrong", "pin-wrong", "pin-blocked", "pin-blocked"] {
            assert_eq!(card.login(&secret("0000")).unwrap_err().code(), code);
        }
        assert_eq!(card.login(&secret("1234")).unwrap_err().code(), "pin-blocked");
        assert_eq!(card.unblock(&secret("00000000"), &secret("1234")).unwrap_err().code(), "puk-wrong");
        card.unblock(&secret(practice::PUK), &secret("1234")).unwrap();
        card.login(&secret("1234")).unwrap();
    }

    #[test]
    fn every_picture_is_another_one() {
        let mut seen = std::collections::BTreeSet::new();
        for word in card_words() {
            let facts = facts(word);
            assert!(
                seen.insert(format!("{:?} {:?}", state(&facts, super::super::clock::now()), cards(&facts))),
                "{word}"
            );
        }
    }
}
