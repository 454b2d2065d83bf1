//! From what is known of readers and cards to the one state the rest of the program reacts to.
//!
//! A function of facts, not a walk from state to state: no order of events can lead to a picture the facts do not bear.

use std::path::PathBuf;

use serde::Serialize;

use super::{CardKind, CardState, Holder, ModuleFault, PinTries};
use crate::domain::UnixTime;

/// A reader slot as PC/SC sees it, with what was read of its card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// PC/SC name of the reader.
    pub reader: String,
    /// What the ATR says the card is; `None` without a card.
    pub card: Option<CardKind>,
    /// The card does not answer.
    pub mute: bool,
    /// What is known of its content.
    pub reading: Reading,
}

/// How far the reading of a card is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Reading {
    /// Not begun.
    #[default]
    None,
    /// Under way, or to be tried again.
    Running,
    /// It failed for good: only another card or another module helps.
    Failed(ReadFailure),
    /// Done.
    Done(Contents),
}

/// Why a card could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadFailure {
    /// There is no PKCS#11 module.
    NoModule,
    /// The module failed.
    Module {
        /// Its file.
        module: PathBuf,
        /// How.
        fault: ModuleFault,
    },
    /// No module can read this card.
    Unreadable,
}

/// What a card says before any PIN, and what became of its PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Whose card.
    pub holder: Holder,
    /// Tries left, as last told.
    pub tries: PinTries,
    /// The PIN is typed on the reader.
    pub pin_pad: bool,
    /// A revocation list at hand names its certificate.
    pub is_revoked: bool,
    /// Its PIN was verified and the login is not lost.
    pub is_unlocked: bool,
}

/// Everything known of readers and cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facts {
    /// Nothing yet.
    Unknown,
    /// The PC/SC service does not answer.
    NoService,
    /// The readers, in the service's order.
    Slots {
        /// The readers.
        slots: Vec<Slot>,
        /// Reader of the card the user, or the remembered choice, has selected.
        chosen: Option<String>,
    },
}

/// A card as the user may choose it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardInReader {
    /// PC/SC name of the reader.
    pub reader: String,
    /// What it is.
    pub kind: CardKind,
    /// Whose, once it was read.
    pub holder: Option<Holder>,
    /// It is the one in use.
    pub is_selected: bool,
}

impl Slot {
    /// A card whose module can be asked for a login key.
    pub fn is_usable(&self) -> bool {
        matches!(self.card, Some(CardKind::Cps3 | CardKind::Cps4)) && !self.mute
    }
}

/// The slot whose card is in use: the chosen one, else the only usable one.
pub fn selected(facts: &Facts) -> Option<&Slot> {
    let Facts::Slots { slots, chosen } = facts else { return None };
    let mut usable = slots.iter().filter(|slot| slot.is_usable());
    if let Some(found) = usable.clone().find(|slot| Some(&slot.reader) == chosen.as_ref()) {
        return Some(found);
    }
    match (usable.next(), usable.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// Every card that could be used, for a choice among them.
pub fn cards(facts: &Facts) -> Vec<CardInReader> {
    let Facts::Slots { slots, .. } = facts else { return Vec::new() };
    let selected = selected(facts).map(|slot| slot.reader.as_str());
    let usable = slots.iter().filter(|slot| slot.is_usable());
    usable
        .filter_map(|slot| {
            let holder = match &slot.reading {
                Reading::Done(contents) => Some(contents.holder.clone()),
                _ => None,
            };
            let is_selected = selected == Some(slot.reader.as_str());
            Some(CardInReader { reader: slot.reader.clone(), kind: slot.card?, holder, is_selected })
        })
        .collect()
}

/// The state these facts make at this moment.
pub fn state(facts: &Facts, now: UnixTime) -> CardState {
    let slots = match facts {
        Facts::Unknown => return CardState::Reading,
        Facts::NoService => return CardState::NoService,
        Facts::Slots { slots, .. } if slots.is_empty() => return CardState::NoReader,
        Facts::Slots { slots, .. } => slots,
    };
    if let Some(slot) = selected(facts) {
        return of_reading(&slot.reading, now);
    }
    let mut usable = slots.iter().filter(|slot| slot.is_usable()).peekable();
    if usable.peek().is_some() {
        let is_read = |slot: &Slot| matches!(slot.reading, Reading::Done(_) | Reading::Failed(_));
        return if usable.all(is_read) { CardState::Choosing } else { CardState::Reading };
    }
    // a card that is something else tells more than one that says nothing, and that more than an empty reader
    let others = slots.iter().filter_map(|slot| Some((slot.card?, slot.mute)));
    match others.min_by_key(|(_, mute)| *mute) {
        None => CardState::NoCard,
        Some((_, true)) => CardState::Unreadable,
        Some((kind, false)) => CardState::NotUsable { kind },
    }
}

fn of_reading(reading: &Reading, now: UnixTime) -> CardState {
    let contents = match reading {
        Reading::None | Reading::Running => return CardState::Reading,
        Reading::Failed(ReadFailure::NoModule) => return CardState::NoModule,
        Reading::Failed(ReadFailure::Module { module, fault }) => {
            return CardState::ModuleFaulty { module: module.clone(), fault: *fault };
        }
        Reading::Failed(ReadFailure::Unreadable) => return CardState::Unreadable,
        Reading::Done(contents) => contents,
    };
    let Contents { holder, tries, pin_pad, is_revoked, is_unlocked } = contents.clone();
    // an open session is not torn down because a date passes: its server has the last word
    if is_unlocked {
        CardState::Unlocked { holder }
    } else if is_revoked {
        CardState::Revoked { holder }
    } else if holder.not_after < now {
        CardState::Expired { holder }
    } else {
        CardState::Locked { holder, tries, pin_pad }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = 1_800_000_000;

    fn holder(name: &str, not_after: UnixTime) -> Holder {
        Holder {
            national_id: format!("8{name}"),
            family_name: name.to_owned(),
            given_name: String::new(),
            title: String::new(),
            profession: Some(10),
            structure: None,
            card_number: None,
            product: Some(0),
            not_after,
        }
    }

    fn read(name: &str) -> Contents {
        Contents {
            holder: holder(name, NOW + 1),
            tries: PinTries::Full,
            pin_pad: false,
            is_revoked: false,
            is_unlocked: false,
        }
    }

    fn slot(reader: &str, card: Option<CardKind>, mute: bool, reading: Reading) -> Slot {
        Slot { reader: reader.to_owned(), card, mute, reading }
    }

    fn one(card: CardKind, reading: Reading) -> Facts {
        Facts::Slots { slots: vec![slot("a", Some(card), false, reading)], chosen: None }
    }

    /// Every combination of what PC/SC says of one slot, how far the reading is, and what the card says: the state that
    /// stands in the table, whatever came before.
    #[test]
    fn every_fact_of_one_reader_has_its_state() {
        let module = || PathBuf::from("/m.so");
        let faults = [
            (ModuleFault::Crashed { signal: Some(11) }, "module-crashed"),
            (ModuleFault::Hung, "module-hung"),
            (ModuleFault::Garbled, "module-garbled"),
            (ModuleFault::NotLoaded, "module-not-loaded"),
            (ModuleFault::NotTrusted, "module-not-trusted"),
        ];
        let mut readings = vec![
            (Reading::None, "reading"),
            (Reading::Running, "reading"),
            (Reading::Failed(ReadFailure::NoModule), "no-module"),
            (Reading::Failed(ReadFailure::Unreadable), "card-unreadable"),
        ];
        for (fault, word) in faults {
            readings.push((Reading::Failed(ReadFailure::Module { module: module(), fault }), word));
        }
        let tries = [
            (PinTries::Full, "ready"),
            (PinTries::Low, "ready"),
            (PinTries::Last, "last-try"),
            (PinTries::Blocked, "pin-blocked"),
        ];
        for (tries, word) in tries {
            for pin_pad in [false, true] {
                for is_revoked in [false, true] {
                    for (not_after, is_over) in [(NOW - 1, true), (NOW, false), (NOW + 1, false)] {
                        for is_unlocked in [false, true] {
                            let holder = holder("A", not_after);
                            let contents = Contents { holder, tries, pin_pad, is_revoked, is_unlocked };
                            let expected = match (is_unlocked, is_revoked, is_over) {
                                (true, ..) => "unlocked",
                                (_, true, _) => "card-revoked",
                                (_, _, true) => "card-expired",
                                _ => word,
                            };
                            readings.push((Reading::Done(contents), expected));
                        }
                    }
                }
            }
        }
        let kinds = [
            (None, "no-card"),
            (Some(CardKind::Cps3), ""),
            (Some(CardKind::Cps4), ""),
            (Some(CardKind::Cps3Contactless), "contactless"),
            (Some(CardKind::Vitale), "vitale"),
            (Some(CardKind::Unknown), "not-a-cps"),
        ];
        for (reading, of_reading) in &readings {
            for (card, of_kind) in kinds {
                for mute in [false, true] {
                    for chosen in [None, Some("a".to_owned()), Some("gone".to_owned())] {
                        let facts = Facts::Slots {
                            slots: vec![slot("a", card, mute, reading.clone())],
                            chosen: chosen.clone(),
                        };
                        let expected = match (card, mute) {
                            (None, _) => "no-card",
                            (Some(_), true) => "card-unreadable",
                            (Some(CardKind::Cps3 | CardKind::Cps4), false) => *of_reading,
                            (Some(_), false) => of_kind,
                        };
                        assert_eq!(state(&facts, NOW).word(), expected, "{facts:?}");
                    }
                }
            }
        }
        assert_eq!(state(&Facts::Unknown, NOW).word(), "reading");
        assert_eq!(state(&Facts::NoService, NOW).word(), "no-service");
        assert_eq!(state(&Facts::Slots { slots: vec![], chosen: None }, NOW).word(), "no-reader");
    }

    #[test]
    fn what_the_card_said_stays_in_the_state() {
        let contents = Contents { tries: PinTries::Low, pin_pad: true, ..read("A") };
        let locked = state(&one(CardKind::Cps3, Reading::Done(contents)), NOW);
        let expected =
            CardState::Locked { holder: holder("A", NOW + 1), tries: PinTries::Low, pin_pad: true };
        assert_eq!(locked, expected);
    }

    #[test]
    fn with_two_readers_the_user_chooses_and_everything_else_is_explained() {
        let cps = |reader, reading| slot(reader, Some(CardKind::Cps3), false, reading);
        let done = |name| Reading::Done(read(name));
        let vitale = || slot("v", Some(CardKind::Vitale), false, Reading::None);
        let empty = || slot("e", None, false, Reading::None);
        let mute = || slot("m", Some(CardKind::Unknown), true, Reading::None);
        let rows = [
            (vec![empty(), vitale()], None, "vitale"),
            (vec![mute(), empty()], None, "card-unreadable"),
            (vec![mute(), vitale()], None, "vitale"),
            // a Vitale card beside a CPS is no choice
            (vec![vitale(), cps("a", done("A"))], None, "ready"),
            (vec![vitale(), cps("a", done("A"))], Some("v"), "ready"),
            (vec![cps("a", done("A")), cps("b", done("B"))], None, "choosing"),
            (vec![cps("a", done("A")), cps("b", done("B"))], Some("gone"), "choosing"),
            (vec![cps("a", done("A")), cps("b", Reading::Running)], None, "reading"),
            (vec![cps("a", done("A")), cps("b", Reading::Running)], Some("a"), "ready"),
            (vec![cps("a", done("A")), cps("b", Reading::Failed(ReadFailure::Unreadable))], None, "choosing"),
            (
                vec![cps("a", done("A")), cps("b", Reading::Failed(ReadFailure::Unreadable))],
                Some("b"),
                "card-unreadable",
            ),
        ];
        for (slots, chosen, expected) in rows {
            let facts = Facts::Slots { slots, chosen: chosen.map(str::to_owned) };
            assert_eq!(state(&facts, NOW).word(), expected, "{facts:?}");
        }
        let slots = vec![cps("a", done("A")), vitale(), cps("b", done("B"))];
        let facts = Facts::Slots { slots, chosen: Some("b".to_owned()) };
        let seen = cards(&facts);
        let seen: Vec<_> = seen
            .iter()
            .map(|card| {
                (card.reader.as_str(), card.holder.as_ref().map(|h| h.family_name.as_str()), card.is_selected)
            })
            .collect();
        assert_eq!(seen, [("a", Some("A"), false), ("b", Some("B"), true)]);
        assert_eq!(state(&facts, NOW).holder().map(|h| h.family_name.as_str()), Some("B"));
    }
}
