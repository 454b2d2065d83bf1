//! Follows the card: presence from the watcher, content from the token, one state for everybody, and the decision
//! that a card which leaves takes its session with it.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::{Error, ErrorKind, Event, Result};
use crate::card::{CardInfo, ClientKey, Presence, Reader, Token, Watcher, find_modules};
use crate::domain::UnixTime;
use crate::domain::card::{CardKind, CardState, Holder, PinTries};
use crate::domain::secret::Secret;
use crate::{card, practice};

/// Pauses before a card that the module does not see is looked for again.
const READ_AGAIN: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(600), Duration::from_millis(1200)];

/// The card's side of the engine: a real reader, or a fictitious card.
pub(super) enum Port {
    Real(RealCard),
    Practice(PracticeCard),
}

pub(super) struct RealCard {
    token: Token,
    state: watch::Sender<CardState>,
    seen: Mutex<Seen>,
    /// One reading, login or logout at a time: a PIN typed for one card never reaches the next.
    turn: tokio::sync::Mutex<()>,
    // dropped last: ends the thread that feeds the loop
    _watcher: Watcher,
}

#[derive(Default, Clone)]
struct Seen {
    readers: Vec<String>,
    /// Reader that holds the card that was read.
    reader: Option<String>,
    module: Option<PathBuf>,
}

impl RealCard {
    /// Starts the watcher; presences arrive on the channel and are handled by [`RealCard::follow`].
    pub(super) fn start() -> (Self, mpsc::UnboundedReceiver<Presence>) {
        let (presences, inbox) = mpsc::unbounded_channel();
        let watcher = Watcher::start(move |presence| {
            let _ = presences.send(presence);
        });
        let real = Self {
            token: Token::start(),
            state: watch::channel(CardState::Reading).0,
            seen: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            _watcher: watcher,
        };
        (real, inbox)
    }

    /// Takes one presence in and reads the card when there is one. `card_left` is called as soon as the card that was
    /// there is gone: a module that hangs must not hold its session open.
    pub(super) async fn follow(
        &self,
        presence: Presence,
        module: Option<PathBuf>,
        now: UnixTime,
        card_left: impl FnOnce(),
    ) {
        let had_holder = self.state.borrow().holder().is_some();
        let readers = match &presence {
            Presence::NoService => Vec::new(),
            Presence::Readers(readers) => readers.iter().map(|r| r.name.clone()).collect(),
        };
        self.seen().readers = readers;
        let look = card_to_read(&presence);
        if had_holder {
            if self.still_there(&presence) {
                return;
            }
            self.state.send_replace(match &look {
                Look::Nothing(state) => state.clone(),
                Look::Card(_) => CardState::NoCard,
            });
            card_left();
        }
        // a login under way ends first: the card it was for is gone already, and it finds that out
        let _turn = self.turn.lock().await;
        if had_holder {
            self.token.close().await;
        }
        match look {
            Look::Nothing(state) => drop(self.state.send_replace(state)),
            Look::Card(reader) => {
                self.state.send_replace(CardState::Reading);
                self.seen().reader = Some(reader.name.clone());
                let state = self.read(reader.name.clone(), module, now).await;
                self.state.send_replace(state);
            }
        }
    }

    /// The reader of the known holder still has its card; another reader changed.
    fn still_there(&self, presence: &Presence) -> bool {
        let Presence::Readers(readers) = presence else { return false };
        let ours = self.seen().reader.clone();
        readers.iter().any(|r| Some(&r.name) == ours.as_ref() && r.card.as_ref().is_some_and(|c| !c.mute))
    }

    /// A module may not see yet the card that PC/SC has just announced: it is asked again a few times.
    async fn read(&self, reader: String, module: Option<PathBuf>, now: UnixTime) -> CardState {
        let modules = find_modules(module.as_deref());
        let mut pauses = READ_AGAIN.iter();
        loop {
            let read = self.token.read(modules.clone(), Some(reader.clone())).await;
            match (read, pauses.next()) {
                (Ok(info), _) => {
                    self.seen().module = Some(info.module.clone());
                    return state_of(info, now);
                }
                (Err(card::Error::NoToken), Some(pause)) => tokio::time::sleep(*pause).await,
                (Err(card::Error::NoModule | card::Error::ModuleFailed { .. }), _) => {
                    return CardState::NoModule;
                }
                (Err(card::Error::Removed | card::Error::Closed), _) => return CardState::NoCard,
                (Err(error), _) => {
                    tracing::warn!(%error, "the card could not be read");
                    return CardState::Unreadable;
                }
            }
        }
    }

    async fn login(&self, pin: Secret, wanted: &Holder) -> Result<ClientKey> {
        let _turn = self.turn.lock().await;
        let pin_pad = match &*self.state.borrow() {
            CardState::Locked { holder, pin_pad, .. } if holder == wanted => *pin_pad,
            CardState::Locked { .. } => return Err(Error::new(ErrorKind::NeedsCard, "other-card")),
            CardState::Unlocked { .. } => return Err(Error::new(ErrorKind::Bug, "bug")),
            other => return Err(unusable(other)),
        };
        let pin = if pin_pad && pin.is_empty() { None } else { Some(pin) };
        let result = self.token.login(pin).await;
        let holder = wanted.clone();
        let (state, result) = match result {
            Ok(key) => (CardState::Unlocked { holder }, Ok(key)),
            Err(error) => match tries_after(&error) {
                Some(tries) => (CardState::Locked { holder, tries, pin_pad }, Err(error.into())),
                None => return Err(error.into()),
            },
        };
        if became(&self.state, wanted, state) {
            return result;
        }
        // the card left while its PIN was being verified
        self.token.close().await;
        Err(card::Error::Removed.into())
    }

    /// Logs out and reads the card afresh, since closing ends the module's session. A card that left meanwhile keeps
    /// the state its leaving gave.
    async fn relock(&self) {
        let _turn = self.turn.lock().await;
        let was_unlocked = matches!(*self.state.borrow(), CardState::Unlocked { .. });
        if !was_unlocked {
            return;
        }
        self.token.close().await;
        let Some(reader) = self.seen().reader.clone() else { return };
        self.state.send_replace(CardState::Reading);
        let module = self.seen().module.clone();
        let state = self.read(reader, module, super::clock::now()).await;
        self.state.send_if_modified(|now| {
            let still_waiting = *now == CardState::Reading;
            if still_waiting {
                *now = state;
            }
            still_waiting
        });
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Port {
    pub(super) fn state(&self) -> CardState {
        match self {
            Self::Real(real) => real.state.borrow().clone(),
            Self::Practice(practice) => practice.state(),
        }
    }

    /// Verifies the PIN once, of the card of `holder` and no other. The key is `None` for the fictitious card: nothing
    /// is signed there.
    pub(super) async fn login(&self, pin: Secret, holder: &Holder) -> Result<Option<ClientKey>> {
        match self {
            Self::Real(real) => real.login(pin, holder).await.map(Some),
            Self::Practice(practice) => practice.login(&pin).map(|()| None),
        }
    }

    /// Logs out of the card, which stays in the reader: the PIN is needed again.
    pub(super) async fn logout(&self) {
        match self {
            Self::Real(real) => {
                real.relock().await;
            }
            Self::Practice(practice) => practice.lock(),
        }
    }

    pub(super) fn readers(&self) -> Vec<String> {
        match self {
            Self::Real(real) => real.seen().readers.clone(),
            Self::Practice(_) => Vec::new(),
        }
    }

    pub(super) fn module(&self) -> Option<PathBuf> {
        match self {
            Self::Real(real) => real.seen().module.clone(),
            Self::Practice(_) => None,
        }
    }

    /// The latest state whenever it changes; a late subscriber misses nothing.
    pub(super) fn watch(&self) -> watch::Receiver<CardState> {
        match self {
            Self::Real(real) => real.state.subscribe(),
            Self::Practice(practice) => practice.0.subscribe(),
        }
    }
}

/// The fictitious card: always in, PIN 1234, three tries.
pub(super) struct PracticeCard(watch::Sender<CardState>);

impl PracticeCard {
    pub(super) fn new() -> Self {
        Self(watch::channel(locked_practice(PinTries::Full)).0)
    }

    fn state(&self) -> CardState {
        self.0.borrow().clone()
    }

    fn login(&self, pin: &Secret) -> Result<()> {
        let tries = match self.state() {
            CardState::Locked { tries, .. } => tries,
            _ => return Ok(()),
        };
        if tries == PinTries::Blocked {
            return Err(card::Error::PinBlocked.into());
        }
        if pin.expose() == practice::PIN {
            self.0.send_replace(CardState::Unlocked { holder: practice::holder() });
            return Ok(());
        }
        let left = match tries {
            PinTries::Full => PinTries::Low,
            PinTries::Low => PinTries::Last,
            PinTries::Last | PinTries::Blocked => PinTries::Blocked,
        };
        self.0.send_replace(locked_practice(left));
        Err(if left == PinTries::Blocked {
            card::Error::PinBlocked
        } else {
            card::Error::PinWrong { tries: left }
        }
        .into())
    }

    /// Tries left stay as they are: only the right PIN gives them back.
    fn lock(&self) {
        if matches!(self.state(), CardState::Unlocked { .. }) {
            self.0.send_replace(locked_practice(PinTries::Full));
        }
    }
}

fn locked_practice(tries: PinTries) -> CardState {
    CardState::Locked { holder: practice::holder(), tries, pin_pad: false }
}

/// What the readers hold for us.
#[derive(Debug, PartialEq)]
enum Look<'a> {
    Card(&'a Reader),
    Nothing(CardState),
}

/// The first usable card, else the state that says why there is none.
fn card_to_read(presence: &Presence) -> Look<'_> {
    let readers = match presence {
        Presence::NoService => return Look::Nothing(CardState::NoService),
        Presence::Readers(readers) if readers.is_empty() => return Look::Nothing(CardState::NoReader),
        Presence::Readers(readers) => readers,
    };
    let mut why = CardState::NoCard;
    for reader in readers {
        let Some(card) = &reader.card else { continue };
        match card.kind {
            _ if card.mute => why = CardState::Unreadable,
            CardKind::Cps3 | CardKind::Cps4 => return Look::Card(reader),
            kind => why = CardState::NotUsable { kind },
        }
    }
    Look::Nothing(why)
}

/// What a failed login says of the tries left.
fn tries_after(error: &card::Error) -> Option<PinTries> {
    match error {
        card::Error::PinWrong { tries } => Some(*tries),
        card::Error::PinBlocked => Some(PinTries::Blocked),
        _ => None,
    }
}

/// Changes the state of the locked card of `holder`; false, and nothing changed, when that card is no longer there.
fn became(states: &watch::Sender<CardState>, holder: &Holder, state: CardState) -> bool {
    states.send_if_modified(|now| {
        let is_there = matches!(now, CardState::Locked { holder: there, .. } if there == holder);
        if is_there {
            *now = state;
        }
        is_there
    })
}

fn state_of(info: CardInfo, now: UnixTime) -> CardState {
    if info.holder.not_after < now {
        return CardState::Expired { holder: info.holder };
    }
    CardState::Locked { holder: info.holder, tries: info.tries, pin_pad: info.pin_pad }
}

/// Why no PIN can be verified now.
pub(super) fn unusable(state: &CardState) -> Error {
    let code = match state {
        CardState::NoService => "no-service",
        CardState::NoReader => "no-reader",
        CardState::NoCard | CardState::Reading => "no-card",
        CardState::NoModule => "no-module",
        CardState::Unreadable => "card-unreadable",
        CardState::NotUsable { kind: CardKind::Vitale } => "vitale",
        CardState::NotUsable { kind: CardKind::Cps3Contactless } => "contactless",
        CardState::NotUsable { .. } => "not-a-cps",
        CardState::Expired { .. } => "card-expired",
        CardState::Locked { .. } | CardState::Unlocked { .. } => "no-session",
    };
    Error::new(ErrorKind::NeedsCard, code)
}

/// Tells listeners of every change of the state, until the engine stops.
pub(super) async fn announce(
    mut states: watch::Receiver<CardState>,
    events: tokio::sync::broadcast::Sender<Event>,
) {
    while states.changed().await.is_ok() {
        let _ = events.send(Event::CardChanged);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::CardPresent;

    fn reader(kind: Option<CardKind>, mute: bool) -> Reader {
        Reader { name: "r".to_owned(), card: kind.map(|kind| CardPresent { kind, mute, atr: Vec::new() }) }
    }

    #[test]
    fn the_first_usable_card_is_read_and_everything_else_explained() {
        let why = |p: &Presence| match card_to_read(p) {
            Look::Nothing(state) => Some(state),
            Look::Card(_) => None,
        };
        assert_eq!(why(&Presence::NoService), Some(CardState::NoService));
        assert_eq!(why(&Presence::Readers(vec![])), Some(CardState::NoReader));
        assert_eq!(why(&Presence::Readers(vec![reader(None, false)])), Some(CardState::NoCard));
        let vitale = reader(Some(CardKind::Vitale), false);
        assert_eq!(
            why(&Presence::Readers(vec![vitale.clone()])),
            Some(CardState::NotUsable { kind: CardKind::Vitale })
        );
        let cps = reader(Some(CardKind::Cps3), false);
        assert_eq!(why(&Presence::Readers(vec![vitale, cps])), None);
        assert_eq!(
            why(&Presence::Readers(vec![reader(Some(CardKind::Cps3), true)])),
            Some(CardState::Unreadable)
        );
    }

    #[test]
    fn a_login_that_ends_after_its_card_left_changes_nothing() {
        let holder = practice::holder();
        let states = watch::channel(locked_practice(PinTries::Full)).0;
        let unlocked = || CardState::Unlocked { holder: holder.clone() };
        for there in [CardState::NoCard, CardState::Reading] {
            states.send_replace(there.clone());
            assert!(!became(&states, &holder, unlocked()));
            assert_eq!(*states.borrow(), there);
        }
        let other = Holder { national_id: "other".to_owned(), ..holder.clone() };
        states.send_replace(CardState::Locked { holder: other, tries: PinTries::Full, pin_pad: false });
        assert!(!became(&states, &holder, unlocked()));
        states.send_replace(locked_practice(PinTries::Full));
        assert!(became(&states, &holder, unlocked()));
    }

    #[test]
    fn the_practice_card_blocks_after_three_wrong_pins() {
        let card = PracticeCard::new();
        for code in ["pin-wrong", "pin-wrong", "pin-blocked", "pin-blocked"] {
            assert_eq!(card.login(&Secret::new("0000".to_owned())).unwrap_err().code(), code);
        }
        assert_eq!(card.login(&Secret::new("1234".to_owned())).unwrap_err().code(), "pin-blocked");
    }
}
