//! Follows the card: presence from the watcher, content from the token, one state for everybody, and the decision
//! that a card which leaves takes its session with it. What the facts mean is decided in [`crate::domain::card`].

mod choice;
mod practice;
mod reading;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};

use super::reach::Reach;
use super::{Engine, Error, ErrorKind, Event, Result, clock, work};
use crate::card::{self, ClientKey, Limits, Lists, Presence, Reader, Token, Watcher};
use crate::domain::card::{
    CardInReader, CardState, Facts, Holder, PinTries, Reading, Slot, cards, selected, state,
};
use crate::domain::secret::Secret;
use choice::Choice;
pub(super) use practice::PracticeCard;
pub use practice::card_words;

/// Longest wait for a card to be read again after a logout.
const RELOCK_WAIT: Duration = Duration::from_secs(20);

/// The card's side of the engine: a real reader, or a fictitious card.
#[allow(clippy::large_enum_variant, reason = "a program has one")]
pub(super) enum Port {
    Real(RealCard),
    Practice(PracticeCard),
}

pub(super) struct RealCard {
    token: Token,
    known: Mutex<Known>,
    state: watch::Sender<CardState>,
    /// Wakes the loop: something is to be read again.
    wake: Notify,
    /// One reading, login or logout at a time: a PIN typed for one card never reaches the next.
    turn: tokio::sync::Mutex<()>,
    module: Option<PathBuf>,
    anchors: PathBuf,
    choice: Choice,
    /// Asks the issuers of cards whether they are revoked.
    reach: Arc<Reach>,
    /// Where what is learnt aside is told to the loop.
    signals: mpsc::UnboundedSender<Signal>,
    // dropped last: ends the thread that feeds the loop
    _watcher: Watcher,
}

/// What is known, beside the facts that make the state.
struct Known {
    facts: Facts,
    /// Each card in a reader has its number; another card, or the same one put in again, has another.
    insertions: HashMap<String, u64>,
    count: u64,
    /// Certificates by insertion, to look for in revocation lists.
    certificates: HashMap<u64, Vec<u8>>,
    /// Module that read a card last.
    module: Option<PathBuf>,
    /// Why the last session lost its key without the card leaving.
    trouble: Option<Error>,
    /// A card left: its sessions in the module are to be closed.
    must_close: bool,
}

/// What the loop reacts to.
pub(super) enum Signal {
    /// What PC/SC sees has changed.
    Presence(Presence),
    /// A login is lost though its card may still be there.
    Lost(card::Error),
    /// The issuer of the card of this insertion says that it is revoked.
    Revoked(u64),
}

impl RealCard {
    /// Starts the watcher and the card's thread; what they tell arrives on the channel, for [`follow`]. `module` is the
    /// setting, `anchors` the folder of revocation lists, `choice` the file that remembers a chosen card.
    pub(super) fn start(
        module: Option<PathBuf>,
        anchors: PathBuf,
        choice: PathBuf,
        reach: Arc<Reach>,
    ) -> (Self, mpsc::UnboundedReceiver<Signal>) {
        let (signals, inbox) = mpsc::unbounded_channel();
        let (lost, seen) = (signals.clone(), signals.clone());
        let watcher = Watcher::start(move |presence| drop(seen.send(Signal::Presence(presence))));
        let known = Known::new();
        let real = Self {
            token: Token::start(Limits::default(), move |error| drop(lost.send(Signal::Lost(error)))),
            known: Mutex::new(known),
            state: watch::channel(CardState::Reading).0,
            wake: Notify::new(),
            turn: tokio::sync::Mutex::default(),
            module,
            anchors,
            choice: Choice::new(choice),
            reach,
            signals,
            _watcher: watcher,
        };
        (real, inbox)
    }

    /// Takes one signal in; true when the session of the card must close.
    fn take_in(&self, signal: Signal) -> bool {
        match signal {
            Signal::Presence(presence) => self.see(presence),
            Signal::Lost(error) => self.lose(error),
            Signal::Revoked(insertion) => self.withdraw(insertion),
        }
    }

    /// A revoked card may have been stolen: what was opened with it is closed.
    fn withdraw(&self, insertion: u64) -> bool {
        self.change(|known| {
            let Some(Reading::Done(contents)) = known.contents(insertion) else { return false };
            contents.is_revoked = true;
            let was_open = std::mem::take(&mut contents.is_unlocked);
            known.must_close |= was_open;
            was_open
        })
    }

    fn see(&self, presence: Presence) -> bool {
        // where a card can be put in; who has no reader does not pay for its process
        if matches!(&presence, Presence::Readers(readers) if !readers.is_empty()) {
            self.token.warm_up();
        }
        self.change(|known| {
            let before = selected(&known.facts).map(|slot| slot.reader.clone());
            let insertion = before.as_ref().and_then(|reader| known.insertions.get(reader).copied());
            known.see(presence);
            let is_there = insertion.is_some()
                && before.is_some_and(|reader| known.insertions.get(&reader) == insertion.as_ref());
            let has_left = insertion.is_some() && !is_there;
            if has_left {
                known.must_close = true;
                known.trouble = None;
            }
            has_left
        })
    }

    /// The key is gone: the card, if it is still there, has to be read and unlocked again.
    fn lose(&self, error: card::Error) -> bool {
        self.change(|known| {
            known.must_close = true;
            // a card that left is told by its reader; what is left to tell is everything else
            known.trouble = Some(error.into());
            known.forget_readings();
            true
        })
    }

    /// Changes what is known, and tells everybody when that changes the state.
    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        let mut known = self.known();
        let changed = change(&mut known);
        let now = state(&known.facts, clock::now());
        self.state.send_if_modified(|shown| {
            let differs = *shown != now;
            *shown = now;
            differs
        });
        changed
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn login(&self, pin: Secret, wanted: &Holder) -> Result<ClientKey> {
        let _turn = self.turn.lock().await;
        let (reader, insertion, pin_pad) = self.known().to_unlock(wanted)?;
        let pin = if pin_pad && pin.is_empty() { None } else { Some(pin) };
        let result = self.token.login(&reader, pin).await;
        let is_there = self.change(|known| known.login_ended(insertion, &result));
        let revoked = self.state.borrow().clone();
        match result {
            // its issuer has answered while the PIN was being verified
            Ok(_) if matches!(revoked, CardState::Revoked { .. }) => {
                self.token.close().await;
                Err(unusable(&revoked))
            }
            // the card left while its PIN was being verified
            Ok(_) if !is_there => {
                self.token.close().await;
                Err(card::Error::Removed.into())
            }
            result => {
                self.wake.notify_one();
                result.map_err(Error::from)
            }
        }
    }

    /// Sets a new PIN by the unblocking code; the card is read again afterwards whatever came of it.
    async fn unblock(&self, code: Secret, pin: Secret) -> Result<()> {
        let result = {
            let _turn = self.turn.lock().await;
            let reader = {
                let known = self.known();
                match selected(&known.facts) {
                    Some(Slot { reader, reading: Reading::Done(_), .. }) => reader.clone(),
                    _ => return Err(unusable(&state(&known.facts, clock::now()))),
                }
            };
            let modules = self.known().module.clone();
            let result = self.token.unblock(modules, &reader, code, pin).await;
            self.change(Known::forget_readings);
            result
        };
        self.read_again().await;
        Ok(result?)
    }

    /// Logs out and reads the card afresh, since closing ends the module's session.
    async fn relock(&self) {
        {
            let _turn = self.turn.lock().await;
            if !matches!(*self.state.borrow(), CardState::Unlocked { .. }) {
                return;
            }
            self.token.close().await;
            self.change(Known::forget_readings);
        }
        self.read_again().await;
    }

    async fn read_again(&self) {
        self.wake.notify_one();
        let mut states = self.state.subscribe();
        let settled = states.wait_for(|state| *state != CardState::Reading);
        let _ = tokio::time::timeout(RELOCK_WAIT, settled).await;
    }

    /// Uses the card in this reader from now on, and remembers it.
    fn choose(&self, reader: &str) -> Result<()> {
        let card = self.change(|known| {
            let Facts::Slots { slots, chosen } = &mut known.facts else { return None };
            let slot = slots.iter_mut().find(|slot| slot.reader == reader && slot.is_usable())?;
            *chosen = Some(slot.reader.clone());
            known.trouble = None;
            Some(slot.reading.clone())
        });
        let Some(reading) = card else { return Err(Error::new(ErrorKind::NeedsCard, "no-card")) };
        if let Reading::Done(contents) = reading {
            self.choice.remember(&contents.holder);
        } else {
            self.choice.remember_next();
        }
        self.wake.notify_one();
        Ok(())
    }
}

impl Known {
    /// Before PC/SC has said anything.
    fn new() -> Self {
        Self {
            facts: Facts::Unknown,
            insertions: HashMap::new(),
            count: 0,
            certificates: HashMap::new(),
            module: None,
            trouble: None,
            must_close: false,
        }
    }

    /// New facts from PC/SC; readings of cards that are still there stay.
    fn see(&mut self, presence: Presence) {
        let before = std::mem::replace(&mut self.facts, Facts::NoService);
        let (old, chosen) = match before {
            Facts::Slots { slots, chosen } => (slots, chosen),
            Facts::Unknown | Facts::NoService => (Vec::new(), None),
        };
        let Presence::Readers(readers) = presence else {
            self.insertions.clear();
            self.certificates.clear();
            return;
        };
        let slots: Vec<Slot> = readers.into_iter().map(|reader| self.slot(reader, &old)).collect();
        let chosen = chosen.filter(|chosen| {
            let stays = |slot: &Slot| slot.reader == *chosen && slot.is_usable();
            // another card in the chosen reader is another choice
            slots.iter().any(stays) && old.iter().any(stays)
        });
        self.insertions
            .retain(|reader, _| slots.iter().any(|slot| slot.reader == *reader && slot.card.is_some()));
        let insertions = &self.insertions;
        self.certificates.retain(|number, _| insertions.values().any(|n| n == number));
        self.facts = Facts::Slots { slots, chosen };
    }

    fn slot(&mut self, reader: Reader, old: &[Slot]) -> Slot {
        let kind = reader.card.as_ref().map(|card| card.kind);
        let mute = reader.card.is_some_and(|card| card.mute);
        let same =
            old.iter().find(|slot| slot.reader == reader.name && slot.card == kind && slot.mute == mute);
        match (same, kind) {
            (Some(same), Some(_)) => same.clone(),
            _ => {
                self.count += 1;
                self.insertions.insert(reader.name.clone(), self.count);
                Slot { reader: reader.name, card: kind, mute, reading: Reading::None }
            }
        }
    }

    /// Cards whose module sessions are gone.
    fn forget_readings(&mut self) {
        if let Facts::Slots { slots, .. } = &mut self.facts {
            slots.iter_mut().for_each(|slot| slot.reading = Reading::None);
        }
    }

    /// Reader, insertion and way of typing of the card of `wanted`, which waits for its PIN.
    fn to_unlock(&self, wanted: &Holder) -> Result<(String, u64, bool)> {
        let now = state(&self.facts, clock::now());
        let slot = selected(&self.facts);
        match (now, slot.and_then(|slot| Some((slot, self.insertions.get(&slot.reader)?)))) {
            (CardState::Locked { holder, pin_pad, .. }, Some((slot, insertion))) if holder == *wanted => {
                Ok((slot.reader.clone(), *insertion, pin_pad))
            }
            (CardState::Locked { .. }, _) => Err(Error::new(ErrorKind::NeedsCard, "other-card")),
            (CardState::Unlocked { .. }, _) => Err(Error::new(ErrorKind::Bug, "bug")),
            (other, _) => Err(unusable(&other)),
        }
    }

    /// The contents of the card of this insertion, while it is there.
    fn contents(&mut self, insertion: u64) -> Option<&mut Reading> {
        let reader = self.insertions.iter().find(|(_, number)| **number == insertion)?.0.clone();
        let Facts::Slots { slots, .. } = &mut self.facts else { return None };
        slots.iter_mut().find(|slot| slot.reader == reader).map(|slot| &mut slot.reading)
    }

    /// What a login says of the card; false when that card is no longer there.
    fn login_ended(&mut self, insertion: u64, result: &std::result::Result<ClientKey, card::Error>) -> bool {
        self.trouble = None;
        let Some(reading) = self.contents(insertion) else { return false };
        let Reading::Done(contents) = reading else { return false };
        match result {
            Ok(_) => contents.is_unlocked = !contents.is_revoked,
            Err(error) => match tries_after(error) {
                Some(tries) => contents.tries = tries,
                None if is_end_of_session(error) => self.forget_readings(),
                None => {}
            },
        }
        true
    }
}

/// Follows what is told until the engine stops. `close` ends the session of the card that left.
pub(super) async fn follow(port: Arc<Port>, mut inbox: mpsc::UnboundedReceiver<Signal>, close: impl Fn()) {
    let Port::Real(real) = &*port else { return };
    let mut at_work: Option<std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>>> = None;
    loop {
        if at_work.is_none() && real.has_work() {
            at_work = Some(Box::pin(real.work()));
        }
        let working = async {
            match &mut at_work {
                Some(work) => work.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // a card that leaves comes before everything else
            biased;
            signal = inbox.recv() => {
                let Some(signal) = signal else { return };
                if real.take_in(signal) {
                    close();
                    // whatever is being read was for cards as they were before
                    at_work = None;
                }
            }
            () = working => at_work = None,
            () = real.wake.notified() => {}
        }
    }
}

impl Port {
    pub(super) fn state(&self) -> CardState {
        match self {
            // by the clock of this moment: a card may have run out since it was read
            Self::Real(real) => state(&real.known().facts, clock::now()),
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
            Self::Real(real) => real.relock().await,
            Self::Practice(practice) => practice.lock(),
        }
    }

    pub(super) async fn unblock(&self, code: Secret, pin: Secret) -> Result<()> {
        match self {
            Self::Real(real) => real.unblock(code, pin).await,
            Self::Practice(practice) => practice.unblock(&code, &pin),
        }
    }

    pub(super) fn readers(&self) -> Vec<String> {
        match self {
            Self::Real(real) => match &real.known().facts {
                Facts::Slots { slots, .. } => slots.iter().map(|slot| slot.reader.clone()).collect(),
                Facts::Unknown | Facts::NoService => Vec::new(),
            },
            Self::Practice(_) => Vec::new(),
        }
    }

    pub(super) fn cards(&self) -> Vec<CardInReader> {
        match self {
            Self::Real(real) => cards(&real.known().facts),
            Self::Practice(practice) => practice.cards(),
        }
    }

    pub(super) fn choose(&self, reader: &str) -> Result<()> {
        match self {
            Self::Real(real) => real.choose(reader),
            Self::Practice(practice) => practice.choose(reader),
        }
    }

    pub(super) fn module(&self) -> Option<PathBuf> {
        match self {
            Self::Real(real) => real.known().module.clone(),
            Self::Practice(_) => None,
        }
    }

    /// The module of the settings.
    pub(super) fn chosen_module(&self) -> Option<&Path> {
        match self {
            Self::Real(real) => real.module.as_deref(),
            Self::Practice(_) => None,
        }
    }

    pub(super) fn trouble(&self) -> Option<Error> {
        match self {
            Self::Real(real) => real.known().trouble.clone(),
            Self::Practice(_) => None,
        }
    }

    /// The latest state whenever it changes; a late subscriber misses nothing.
    pub(super) fn watch(&self) -> watch::Receiver<CardState> {
        match self {
            Self::Real(real) => real.state.subscribe(),
            Self::Practice(practice) => practice.watch(),
        }
    }
}

impl Engine {
    /// The cards that could be used, for a choice among them: more than one only with several readers.
    pub fn cards(&self) -> Vec<CardInReader> {
        self.inner.card.cards()
    }

    /// Uses the card in this reader (PC/SC name) from now on, and remembers it for the next time when both are in.
    /// An open session of another card is closed.
    ///
    /// # Errors
    /// `no-card` when no usable card is in that reader.
    pub async fn choose_card(&self, reader: &str) -> Result<()> {
        let is_selected = self.cards().iter().any(|card| card.reader == reader && card.is_selected);
        if !is_selected && self.session().is_some_and(|session| session.holder.is_some()) {
            self.lock().await;
        }
        self.inner.card.choose(reader)?;
        let _ = self.inner.events.send(Event::CardChanged);
        Ok(())
    }

    /// Sets a new PIN on a blocked card by its unblocking code (PUK), once.
    ///
    /// # Errors
    /// `puk-wrong`, `puk-blocked`, `puk-length`, `pin-length` for the new PIN; `unblock-unavailable` when the module
    /// cannot: the vendor's own tool does it then.
    pub async fn unblock_card(&self, code: Secret, pin: Secret) -> Result<()> {
        let engine = self.clone();
        self.on_runtime(async move {
            let _turn = engine.inner.turn.lock().await;
            engine.inner.card.unblock(code, pin).await
        })
        .await
    }

    /// Why the last session lost its key while its card stayed in: another program logged it out, or its module failed.
    /// `None` once that is over.
    pub fn card_trouble(&self) -> Option<Error> {
        self.inner.card.trouble()
    }
}

/// What a failed login says of the tries left.
fn tries_after(error: &card::Error) -> Option<PinTries> {
    match error {
        card::Error::PinWrong { tries } => Some(*tries),
        card::Error::PinBlocked => Some(PinTries::Blocked),
        _ => None,
    }
}

/// The module's session is gone, whatever the card does.
fn is_end_of_session(error: &card::Error) -> bool {
    use card::Error as E;
    matches!(
        error,
        E::Removed | E::Closed | E::LoggedOut | E::Timeout | E::ModuleFaulty { .. } | E::NoHost(_)
    )
}

/// The authorities and revocation lists at hand, in the files of the profile's folder; what cannot be read is left out:
/// connections say so, and the server has the last word on a card. Blocking.
fn lists(folder: &Path) -> Lists {
    let mut lists = Lists::default();
    let Ok(entries) = std::fs::read_dir(folder) else { return lists };
    for path in entries.flatten().map(|entry| entry.path()) {
        match path.extension().and_then(|e| e.to_str()) {
            Some("pem" | "cer" | "crt" | "der") => {
                lists.authorities.extend(crate::net::load_anchors(&path).unwrap_or_default());
            }
            Some("crl") => lists.crls.extend(crate::net::load_crls(&path).unwrap_or_default()),
            _ => {}
        }
    }
    lists
}

/// Why no PIN can be verified now.
pub(super) fn unusable(state: &CardState) -> Error {
    let code = match state {
        CardState::Reading => "no-card",
        CardState::Choosing => "card-choice",
        CardState::Locked { .. } | CardState::Unlocked { .. } => "no-session",
        other => other.word(),
    };
    let error = Error::new(ErrorKind::NeedsCard, code);
    match state {
        CardState::ModuleFaulty { module, .. } => error.with("module", module.display()),
        _ => error,
    }
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
    use crate::domain::card::{CardKind, Contents};
    use crate::practice;

    fn reader(name: &str, kind: Option<CardKind>) -> Reader {
        let card = kind.map(|kind| CardPresent { kind, mute: false, atr: Vec::new() });
        Reader { name: name.to_owned(), card }
    }

    fn read(known: &mut Known, reader: &str) -> u64 {
        let insertion = known.insertions[reader];
        let holder = practice::holder();
        let contents =
            Contents { holder, tries: PinTries::Full, pin_pad: false, is_revoked: false, is_unlocked: false };
        *known.contents(insertion).unwrap() = Reading::Done(contents);
        insertion
    }

    fn one(kind: Option<CardKind>) -> Presence {
        Presence::Readers(vec![reader("a", kind)])
    }

    #[test]
    fn a_login_that_ends_after_its_card_left_changes_nothing() {
        let mut known = Known::new();
        known.see(one(Some(CardKind::Cps3)));
        let first = read(&mut known, "a");
        let wrong = Err(card::Error::PinWrong { tries: PinTries::Low });
        assert!(known.login_ended(first, &wrong));
        assert!(matches!(state(&known.facts, 0), CardState::Locked { tries: PinTries::Low, .. }));
        // the same card again, or another one: it is not the card the PIN was for
        known.see(one(None));
        assert!(!known.login_ended(first, &wrong));
        known.see(one(Some(CardKind::Cps3)));
        let second = read(&mut known, "a");
        assert_ne!(first, second);
        assert!(!known.login_ended(first, &wrong));
        assert!(matches!(state(&known.facts, 0), CardState::Locked { tries: PinTries::Full, .. }));
        let other = Holder { national_id: "other".to_owned(), ..practice::holder() };
        assert_eq!(known.to_unlock(&other).unwrap_err().code(), "other-card");
        assert_eq!(known.to_unlock(&practice::holder()).unwrap(), ("a".to_owned(), second, false));
    }

    #[test]
    fn a_reader_that_comes_or_goes_leaves_the_card_in_use_as_it_is() {
        let mut known = Known::new();
        known.see(one(Some(CardKind::Cps3)));
        let insertion = read(&mut known, "a");
        for others in [vec![], vec![reader("b", None)], vec![reader("b", Some(CardKind::Vitale))]] {
            known.see(Presence::Readers([others, vec![reader("a", Some(CardKind::Cps3))]].concat()));
            assert_eq!(known.insertions["a"], insertion);
            assert!(matches!(state(&known.facts, 0), CardState::Locked { .. }));
        }
        known.see(Presence::NoService);
        known.see(one(Some(CardKind::Cps3)));
        assert_ne!(known.insertions["a"], insertion, "the service was away: nobody knows what happened");
        assert_eq!(known.to_read().len(), 1);
    }
}
