//! The only door for the interface, the command line and the tests: a cheap handle with typed async methods.
//!
//! *Queries* read the local store only. *Commands* write an intention to the store, return at once and wake a loop.
//! *Events* tell listeners what to read again. No method needs a particular async runtime: the engine owns its own.

mod account;
mod ahead;
mod annuaire;
mod archive;
mod card;
mod change;
mod clock;
mod contact;
mod diagnosis;
mod document;
mod door;
mod draft;
mod dump;
mod error;
mod event;
mod export;
mod familiar;
mod fault;
mod filing;
mod health;
mod import;
mod job;
mod ldap;
mod lending;
mod link;
mod login;
mod mail;
mod network;
mod opening;
mod origin;
mod outbox;
mod password;
mod patient;
mod permit;
mod practice;
mod print;
mod profile;
mod psc;
mod reach;
mod receipt;
mod replay;
mod report;
mod request;
mod search;
mod session;
mod sync;
mod vault;
mod watchdog;
mod wish;
mod work;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::runtime::{Handle, Runtime};
use tokio::sync::broadcast;

pub use crate::health::pdf::{Letter, PageText};
pub use archive::{ArchiveStatus, Archived, ArchivedFound, ArchivedMessage, RestoreTo, Restored, Rhythm};
pub use card::card_words;
pub use change::{Deed, Undoable};
pub use contact::ContactImport;
pub use diagnosis::{Finding, Findings, Step, Verdict, Way};
pub use document::{
    DOCUMENT_TYPES, Pack, PageImage, PdfFile, PdfPlace, document_kinds, media_type, pack, read_document,
    xdm_draft,
};
pub use door::{Visit, close_to_others, open_to_others};
pub use dump::forbid_core_dumps;
pub use error::{Error, ErrorKind};
pub use event::{Event, Events};
pub use export::{ExportForm, Exported, Selection};
pub use filing::{Filing, FilingWish, NameExample, RulePreview, RuleTrouble, Unfiled};
pub use import::Imported;
pub use job::Job;
pub use link::Limits;
pub use login::{CERTIFICATE_WARNING, Means};
pub use mail::outbox_error;
pub use origin::mark_foreign;
pub use patient::Earlier;
pub use print::{Paper, Printable};
pub use psc::{PscIdentity, PscLogin, PscPage, PscState};
pub use reach::IgcState;
pub use report::{
    AccountCheck, AccountHealth, AnnuaireStatus, AttachmentContent, Connection, FolderHealth, Found, Gap,
    Health, ImportPhase, ImportProgress, MailboxProposal, Page, People, PeopleQuery, SendingsHealth, Session,
    SyncReport,
};
pub use request::{Links, OfferedFile, hand_over};
pub use search::Excerpt;
pub use vault::{KeySlot, KeySlotKind, Security, WaysIn};
pub use wish::Scope;

pub use crate::annuaire::fhir::{ApiDetail, ApiMailbox};
pub use crate::archive::Entry as ArchiveEntry;
pub use crate::auth::psc::open_browser;
pub use crate::card::host_card_module;
pub use crate::mime::ReceiptWords;
pub use crate::net::{Chain, Check as CertificateCheck, Source as CheckSource};
pub use crate::print::{Picture, Section, Sheet};
pub use crate::store::Thread;

use crate::annuaire::Annuaire;
use crate::domain::card::CardState;
use crate::domain::recovery::RecoveryCode;
use crate::domain::secret::Secret;
use crate::net::{Senses, SystemSenses};
use crate::vault::Vault;
use opening::Proof;
use permit::MOST_CONNECTIONS;
use profile::{LOCAL, Profile, session_name};
use session::OpenSession;
use watchdog::{Fall, Pulse, supervise};

/// Result of the engine.
pub type Result<T> = std::result::Result<T, Error>;

/// Reading a card takes up to two seconds with OpenSC.
const CARD_WAIT: std::time::Duration = std::time::Duration::from_secs(10);
/// Longest wait for the card to log out at the end of the program.
const EXIT_WAIT: std::time::Duration = std::time::Duration::from_secs(5);
/// Until PC/SC has found a reader and powered its card: pcscd looks every 0.4 s.
const CARD_POWER: std::time::Duration = std::time::Duration::from_millis(1500);
/// What is being written has this long to be kept once the card has left.
const DRAFTS_WAIT: std::time::Duration = std::time::Duration::from_millis(400);
/// Events a slow listener may miss before it is told so.
const EVENT_BACKLOG: usize = 256;

/// Where the store's key and passwords are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The keyring of the operating system.
    Keyring,
    /// A private file, for machines without a keyring.
    File(PathBuf),
}

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The profile folder; made when missing.
    pub profile: PathBuf,
    /// Where keys are kept.
    pub keys: KeySource,
    /// PKCS#11 module to use instead of the ones found on the system.
    pub module: Option<PathBuf>,
    /// Delay before a queued message leaves, in seconds (0 to 30).
    pub send_delay: u32,
    /// Keep accounts synchronised and send by loops in the background (the interface). Without it nothing happens
    /// but what is asked for (the command line).
    pub background: bool,
}

/// The handle. Clones are cheap and share one engine; the last one to go stops it.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    handle: Handle,
    runtime: Mutex<Option<Runtime>>,
    events: broadcast::Sender<Event>,
    kind: Kind,
    annuaire: Annuaire,
    importing: annuaire::Importing,
    card: Arc<card::Port>,
    open: RwLock<Option<Arc<OpenSession>>>,
    /// A session whose card has left: it takes drafts and nothing else, for a moment.
    leaving: Mutex<Option<Arc<OpenSession>>>,
    /// One opening of a session at a time.
    turn: tokio::sync::Mutex<()>,
    /// One closing of a session at a time; how many there were.
    closings: Mutex<u64>,
    /// The session that is being opened is nobody's card's: a card that leaves meanwhile does not end it.
    opens_cardless: AtomicBool,
    send_delay: AtomicU32,
    limits: Mutex<Limits>,
    senses: Mutex<Arc<dyn Senses>>,
}

/// What stands behind the handle.
enum Kind {
    Real { profile: Profile, vault: Arc<Vault>, reach: Arc<reach::Reach>, background: bool },
    Practice,
}

impl Engine {
    /// Starts on a profile: watches the card, opens no mail yet.
    ///
    /// # Errors
    /// The profile folder cannot be made or its annuaire cannot be opened.
    pub fn open(options: Options) -> Result<Self> {
        let profile = Profile::open(&options.profile)?;
        // what a crash left
        lending::wipe(&profile.lent());
        let annuaire = Annuaire::open(&profile.annuaire())?;
        let vault = Arc::new(match options.keys {
            KeySource::Keyring => Vault::Keyring,
            KeySource::File(path) => Vault::File(path),
        });
        let reach = Arc::new(reach::Reach::new(options.profile, Arc::clone(&vault)));
        let (anchors, choice) = (profile.anchors(), profile.chosen_card());
        let (real, signals) = card::RealCard::start(options.module, anchors, choice, Arc::clone(&reach));
        let kind = Kind::Real { profile, vault, reach, background: options.background };
        let engine = Self::start(kind, annuaire, card::Port::Real(real), options.send_delay)?;
        if options.background {
            let weak = Arc::downgrade(&engine.inner);
            engine.inner.handle.spawn(annuaire::refresh_daily(weak));
        }
        // a weak handle: the loop that follows the card must not keep the engine alive
        let weak = Arc::downgrade(&engine.inner);
        let card_left = move || {
            let Some(inner) = weak.upgrade() else { return };
            let engine = Self { inner };
            // a session without a holder, open or being opened, has nothing to do with any card
            let is_cardless = match engine.opened() {
                Ok(open) => open.holder.is_none(),
                Err(_) => engine.inner.opens_cardless.load(Ordering::SeqCst),
            };
            if !is_cardless {
                engine.leave_session();
            }
        };
        engine.inner.handle.spawn(card::follow(Arc::clone(&engine.inner.card), signals, card_left));
        Ok(engine)
    }

    /// Starts on a fictitious mailbox, card and annuaire held in memory.
    ///
    /// # Errors
    /// Memory only: none in practice.
    pub fn practice() -> Result<Self> {
        Self::practice_showing("locked")
    }

    /// The same with the card in the state of this word of [`card_words`], for pictures.
    ///
    /// # Errors
    /// As for [`Engine::practice`].
    pub fn practice_showing(card: &str) -> Result<Self> {
        let annuaire = Annuaire::in_memory()?;
        let card = card::Port::Practice(card::PracticeCard::showing(card));
        let engine = Self::start(Kind::Practice, annuaire, card, 5)?;
        practice::load_annuaire(&engine)?;
        Ok(engine)
    }

    fn start(kind: Kind, annuaire: Annuaire, card: card::Port, send_delay: u32) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("engine")
            .enable_all()
            .build()
            .map_err(|e| Error::new(ErrorKind::Bug, "bug").caused_by(e))?;
        let inner = Inner {
            handle: runtime.handle().clone(),
            runtime: Mutex::new(Some(runtime)),
            events: broadcast::channel(EVENT_BACKLOG).0,
            kind,
            annuaire,
            importing: annuaire::Importing::default(),
            card: Arc::new(card),
            open: RwLock::new(None),
            leaving: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            closings: Mutex::default(),
            opens_cardless: AtomicBool::new(false),
            send_delay: send_delay.min(30).into(),
            limits: Mutex::default(),
            senses: Mutex::new(Arc::new(SystemSenses::default())),
        };
        inner.handle.spawn(card::announce(inner.card.watch(), inner.events.clone()));
        Ok(Self { inner: Arc::new(inner) })
    }

    /// True in practice mode: the interface marks it on every screen.
    pub fn is_practice(&self) -> bool {
        matches!(self.inner.kind, Kind::Practice)
    }

    /// Mail was kept in this profile before, by the window or by the command line.
    pub fn has_begun(&self) -> bool {
        match &self.inner.kind {
            Kind::Practice => false,
            Kind::Real { profile, .. } => !profile.sessions().is_empty(),
        }
    }

    /// Stops loops, closes connections and the store. Nothing works afterwards; a second call does nothing.
    pub async fn shutdown(&self) {
        // a login under way, which may wait for a person at the reader, does not hold up the end
        let engine = self.clone();
        self.close_session();
        let _ = self
            .on_runtime(async move {
                let _ = tokio::time::timeout(EXIT_WAIT, engine.lock()).await;
                Ok(())
            })
            .await;
        let runtime = self.inner.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }

    /// Events from now on.
    pub fn events(&self) -> Events {
        Events(self.inner.events.subscribe())
    }

    /// The card now.
    pub fn card(&self) -> CardState {
        self.inner.card.state()
    }

    /// Waits until a card was read or the reason why there is none is known, at most `limit`. An empty reader, or none,
    /// is believed only after a moment: PC/SC takes that long to find a reader and to power a card just inserted.
    pub async fn settled_card(&self, limit: std::time::Duration) -> CardState {
        let mut states = self.inner.card.watch();
        let _ = self
            .on_runtime(async move {
                let settled = async {
                    let _ = states.wait_for(|s| *s != CardState::Reading).await;
                    let absent = |s: &CardState| {
                        matches!(s, CardState::NoCard | CardState::NoReader | CardState::NoService)
                    };
                    let _ = tokio::time::timeout(CARD_POWER, states.wait_for(|s| !absent(s))).await;
                    let _ = states.wait_for(|s| *s != CardState::Reading).await;
                };
                let _ = tokio::time::timeout(limit, settled).await;
                Ok(())
            })
            .await;
        self.card()
    }

    /// The open session, if any.
    pub fn session(&self) -> Option<Session> {
        Some(self.described(&*self.opened().ok()?))
    }

    /// Verifies the PIN once, opens the holder's store and starts the loops. Never retried by the program. With no
    /// account yet in this store, the mailboxes `my_mailboxes` finds with known servers are added.
    ///
    /// # Errors
    /// The card's refusal with the tries left; no keyring; the store in use, damaged or newer.
    pub async fn unlock(&self, pin: Secret) -> Result<Session> {
        self.unlock_with(pin, None).await
    }

    /// As [`Engine::unlock`], for a card that has no way into the store yet, such as a renewed one: the recovery code
    /// opens it, and the card has its own way from then on.
    ///
    /// # Errors
    /// As [`Engine::unlock`]; `card-renewed` when a code is needed and none is given, `recovery-code-wrong`.
    pub async fn unlock_with(&self, pin: Secret, code: Option<RecoveryCode>) -> Result<Session> {
        // whom the PIN was typed for: the card may be another one when its turn comes
        let (engine, holder) = (self.clone(), self.holder()?);
        self.on_runtime(async move {
            let _turn = engine.inner.turn.lock().await;
            // a session opened for reading, or an earlier one, makes way
            let closings = engine.close_session();
            engine.inner.card.logout().await;
            let key = engine.inner.card.login(pin, &holder).await?;
            let proof = Proof::Card { key, code };
            let opened = engine.open_session(Some(holder), proof, closings).await;
            if opened.is_err() {
                engine.close_session();
                engine.inner.card.logout().await;
            }
            opened
        })
        .await
    }

    /// Opens the store without the card's key, for reading what was fetched and for accounts with a password: the
    /// store of the inserted card's holder, else the only one of the profile, else the one for accounts without a
    /// card.
    ///
    /// # Errors
    /// No keyring; `offline-not-allowed` when only the card may open it; the store in use, damaged or newer.
    pub async fn open_offline(&self) -> Result<Session> {
        self.open_without_card(Proof::Keyring).await
    }

    /// As [`Engine::open_offline`], by the recovery code.
    ///
    /// # Errors
    /// `no-recovery-code`, `recovery-code-wrong`; the store in use, damaged or newer.
    pub async fn open_with_code(&self, code: RecoveryCode) -> Result<Session> {
        self.open_without_card(Proof::Code(code)).await
    }

    async fn open_without_card(&self, proof: Proof) -> Result<Session> {
        let engine = self.clone();
        self.on_runtime(async move {
            let _turn = engine.inner.turn.lock().await;
            let closings = engine.close_session();
            // until it is known whose store is opened, an empty reader that is told of late ends nothing
            engine.inner.opens_cardless.store(true, Ordering::SeqCst);
            let holder = engine.card_for_store().await.holder().cloned();
            engine.inner.opens_cardless.store(holder.is_none(), Ordering::SeqCst);
            let opened = engine.open_session(holder, proof, closings).await;
            engine.inner.opens_cardless.store(false, Ordering::SeqCst);
            opened
        })
        .await
    }

    /// Closes connections and store, forgets keys; the card must be unlocked again.
    pub async fn lock(&self) {
        // what is being opened meanwhile gives up, and logs out itself
        self.close_session();
        let engine = self.clone();
        let _ = self
            .on_runtime(async move {
                let _turn = engine.inner.turn.lock().await;
                engine.inner.card.logout().await;
                Ok(())
            })
            .await;
    }

    /// Sets a damaged store aside under another name, with its key file when that is damaged, so that the next `unlock` starts a new one; answers its path.
    ///
    /// # Errors
    /// The files cannot be renamed.
    pub async fn set_store_aside(&self) -> Result<PathBuf> {
        let engine = self.clone();
        self.on_runtime(async move {
            let Kind::Real { profile, .. } = &engine.inner.kind else { return Err(mail::not_found()) };
            let _turn = engine.inner.turn.lock().await;
            engine.close_session();
            let place = profile.place(&engine.session_to_open(profile, engine.card().holder()));
            work::blocking(move || opening::set_aside(&place)).await
        })
        .await
    }

    /// Delay before a queued message leaves, 0 to 30 seconds.
    pub fn set_send_delay(&self, seconds: u32) {
        self.inner.send_delay.store(seconds.min(30), Ordering::Relaxed);
    }

    /// Other limits for the sessions opened from now on: servers on bad lines, tests that cannot wait.
    pub fn set_limits(&self, limits: Limits) {
        *self.inner.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits;
    }

    /// Other clocks and routes for the sessions opened from now on: tests that can neither sleep nor move.
    pub fn set_senses(&self, senses: Arc<dyn Senses>) {
        *self.inner.senses.lock().unwrap_or_else(PoisonError::into_inner) = senses;
    }

    /// Connections each account may have to its IMAP server at a time.
    ///
    /// # Errors
    /// No session.
    pub async fn connections(&self) -> Result<u32> {
        let session = self.opened()?;
        self.on_runtime(work::blocking(move || session.connections())).await
    }

    /// Another number of connections, 1 to 20, kept with the session's data.
    ///
    /// # Errors
    /// `connections-number` for another number; the store cannot be written.
    pub async fn set_connections(&self, most: u32) -> Result<()> {
        let session = self.opened()?;
        if !(1..=MOST_CONNECTIONS).contains(&most) {
            return Err(Error::new(ErrorKind::NeedsUser, "connections-number").with("most", MOST_CONNECTIONS));
        }
        self.on_runtime(work::blocking(move || session.set_connections(most))).await
    }

    fn send_delay(&self) -> u32 {
        self.inner.send_delay.load(Ordering::Relaxed)
    }

    fn annuaire(&self) -> Annuaire {
        self.inner.annuaire.clone()
    }

    /// The card as it decides whose store is opened: that must not depend on how far the reading of a card in the reader
    /// has come. With one store only, an empty reader is believed at once.
    async fn card_for_store(&self) -> CardState {
        match &self.inner.kind {
            Kind::Practice => self.card(),
            Kind::Real { profile, .. } if profile.sessions().len() == 1 => {
                let mut states = self.inner.card.watch();
                let read = states.wait_for(|state| *state != CardState::Reading);
                let _ = tokio::time::timeout(CARD_WAIT, read).await;
                self.card()
            }
            Kind::Real { .. } => self.settled_card(CARD_WAIT).await,
        }
    }

    fn session_to_open(&self, profile: &Profile, holder: Option<&crate::domain::card::Holder>) -> String {
        if let Some(holder) = holder {
            return session_name(&holder.national_id);
        }
        match profile.sessions().as_slice() {
            [only] => only.clone(),
            _ => LOCAL.to_owned(),
        }
    }

    /// Opens the store of a holder, unless a closing was asked for since `closings`.
    async fn open_session(
        &self,
        holder: Option<crate::domain::card::Holder>,
        proof: Proof,
        closings: u64,
    ) -> Result<Session> {
        let open = match &self.inner.kind {
            Kind::Practice => practice::open(self, holder).await?,
            Kind::Real { profile, vault, reach, .. } => {
                let name = self.session_to_open(profile, holder.as_ref());
                let key = proof.card_key();
                let opened = opening::open(profile.place(&name), vault, proof).await?;
                let events = self.inner.events.clone();
                let limits = self.inner.limits.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let (vault, reach) = (Arc::clone(vault), Arc::clone(reach));
                let (store, keys) = (opened.store, Some(opened.keys));
                let open = OpenSession::new(holder, store, vault, reach, limits, events, key, keys);
                outbox::recover(&open).await?;
                self.add_my_mailboxes(&open).await;
                open
            }
        };
        let owner = Arc::clone(&open);
        let accounts = work::blocking(move || Ok(owner.store.accounts()?)).await?;
        let session = self.described(&open);
        self.install(&open, closings)?;
        if self.has_loops() {
            for account in accounts {
                sync::start(&self.inner.handle, &open, account);
            }
            self.start_beside(&open);
            self.tidy_contents(&open);
        }
        Ok(session)
    }

    /// A crash may have left files of contents without rows, and rows without files.
    fn tidy_contents(&self, open: &OpenSession) {
        let store = open.store.clone();
        self.inner.handle.spawn_blocking(move || {
            if let Err(error) = store.tidy_contents() {
                tracing::warn!(%error, "files of contents were not compared with the store");
            }
        });
    }

    /// The loops that belong to no account.
    fn start_beside(&self, open: &Arc<OpenSession>) {
        let (session, pulse) = (Arc::clone(open), Arc::clone(&open.outbox_pulse));
        let outbox = move || outbox::run(Arc::clone(&session));
        self.inner.handle.spawn(supervise(pulse, open.cancel.clone(), outbox, told(open, "outbox")));
        let (session, pulse) = (Arc::clone(open), Arc::<Pulse>::default());
        let (senses, beat) =
            (self.inner.senses.lock().unwrap_or_else(PoisonError::into_inner).clone(), Arc::clone(&pulse));
        let network = move || network::run(Arc::clone(&session), Arc::clone(&senses), Arc::clone(&beat));
        self.inner.handle.spawn(supervise(pulse, open.cancel.clone(), network, told(open, "network")));
        let (session, pulse) = (Arc::clone(open), Arc::<Pulse>::default());
        let beat = Arc::clone(&pulse);
        let psc = move || psc::run(Arc::clone(&session), Arc::clone(&beat));
        self.inner.handle.spawn(supervise(pulse, open.cancel.clone(), psc, told(open, "psc")));
        let (session, pulse) = (Arc::clone(open), Arc::<Pulse>::default());
        let beat = Arc::clone(&pulse);
        let reopening = move || patient::reopen(Arc::clone(&session), Arc::clone(&beat));
        self.inner.handle.spawn(supervise(pulse, open.cancel.clone(), reopening, told(open, "reopening")));
        let (session, pulse) = (Arc::clone(open), Arc::<Pulse>::default());
        let beat = Arc::clone(&pulse);
        let rules = move || filing::run(Arc::clone(&session), Arc::clone(&beat));
        self.inner.handle.spawn(supervise(pulse, open.cancel.clone(), rules, told(open, "rules")));
        let (session, pulse) = (Arc::clone(open), Arc::<Pulse>::default());
        let beat = Arc::clone(&pulse);
        let archive = move || archive::run(Arc::clone(&session), Arc::clone(&beat));
        self.inner.handle.spawn(supervise(pulse, open.cancel.clone(), archive, told(open, "archive")));
    }

    /// Loops keep the accounts synchronised.
    fn has_loops(&self) -> bool {
        matches!(self.inner.kind, Kind::Real { background: true, .. })
    }

    /// Makes a session the open one. A card that left, or a lock, while it was being opened has the last word.
    fn install(&self, open: &Arc<OpenSession>, closings: u64) -> Result<()> {
        let count = self.inner.closings.lock().unwrap_or_else(PoisonError::into_inner);
        if *count != closings {
            let had_key = open.key().is_some();
            open.close();
            let removed = had_key && self.card().holder().is_none();
            return Err(if removed {
                Error::new(ErrorKind::NeedsCard, "card-removed")
            } else {
                no_session()
            });
        }
        *self.inner.open.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(open));
        drop(count);
        let _ = self.inner.events.send(Event::SessionChanged);
        Ok(())
    }

    /// Ends the session now: its data can no longer be read by anyone who still holds a handle. What is being opened
    /// at this moment will not be installed. Answers how many closings there were, for [`Engine::open_session`].
    fn close_session(&self) -> u64 {
        // held until the store is closed: what opens the same store next must find it free
        let mut closings = self.inner.closings.lock().unwrap_or_else(PoisonError::into_inner);
        *closings += 1;
        if let Some(leaving) = self.inner.leaving.lock().unwrap_or_else(PoisonError::into_inner).take() {
            leaving.close();
        }
        let open = self.inner.open.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(open) = open {
            open.close();
            let _ = self.inner.events.send(Event::SessionChanged);
            // a disk that is slow must not keep mail on the screen; the next session waits
            self.wipe_lent();
        }
        *closings
    }

    fn wipe_lent(&self) {
        if let Kind::Real { profile, .. } = &self.inner.kind {
            lending::wipe(&profile.lent());
        }
    }

    /// The card has left: connections and key end now, and nothing can be read any more; drafts can be kept for a
    /// moment, then the store is closed.
    fn leave_session(&self) {
        let mut closings = self.inner.closings.lock().unwrap_or_else(PoisonError::into_inner);
        *closings += 1;
        let open = self.inner.open.write().unwrap_or_else(PoisonError::into_inner).take();
        let Some(open) = open else { return };
        open.disconnect();
        let before =
            self.inner.leaving.lock().unwrap_or_else(PoisonError::into_inner).replace(Arc::clone(&open));
        if let Some(before) = before {
            before.close();
        }
        let _ = self.inner.events.send(Event::SessionChanged);
        let weak = Arc::downgrade(&self.inner);
        self.inner.handle.spawn(async move {
            tokio::time::sleep(DRAFTS_WAIT).await;
            open.close();
            let Some(inner) = weak.upgrade() else { return };
            let mut leaving = inner.leaving.lock().unwrap_or_else(PoisonError::into_inner);
            leaving.take_if(|leaving| Arc::ptr_eq(leaving, &open));
        });
        self.wipe_lent();
    }

    /// The session that takes drafts: the open one, else the one whose card has just left.
    fn writable(&self) -> Result<Arc<OpenSession>> {
        self.opened().or_else(|none| {
            self.inner.leaving.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(none)
        })
    }

    fn described(&self, open: &OpenSession) -> Session {
        Session { holder: open.holder.clone(), online: self.is_practice() || open.key().is_some() }
    }

    fn opened(&self) -> Result<Arc<OpenSession>> {
        self.inner.open.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(no_session)
    }

    /// Runs work on the engine's own runtime, so that callers need none.
    async fn on_runtime<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        match self.inner.handle.spawn(work).await {
            Ok(result) => result,
            Err(error) => Err(Error::new(ErrorKind::Bug, "bug").caused_by(error)),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let leaving = self.leaving.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        open.into_iter().chain(leaving).for_each(|session| session.close());
        if let Some(runtime) = self.runtime.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            // the last handle may be dropped inside the runtime, where waiting for it would never end
            runtime.shutdown_background();
        }
    }
}

/// The profile folder of this user, by the system's conventions; under the current folder for a user without a home.
pub fn default_profile() -> PathBuf {
    match directories::ProjectDirs::from("fr", "", "Estafette") {
        Some(dirs) => dirs.data_local_dir().to_owned(),
        None => PathBuf::from("Estafette"),
    }
}

/// What is done when a loop beside the accounts falls.
fn told(session: &Arc<OpenSession>, name: &'static str) -> impl FnMut(Fall) + use<> {
    let session = Arc::clone(session);
    move |fall| {
        let session = Arc::clone(&session);
        tokio::task::spawn_blocking(move || session.fell(name, None, fall));
    }
}

fn no_session() -> Error {
    Error::new(ErrorKind::NeedsCard, "no-session")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    fn pin() -> Secret {
        Secret::new(crate::practice::PIN.to_owned())
    }

    #[test]
    fn a_session_whose_closing_was_asked_for_while_it_opened_is_not_installed() {
        let engine = Engine::practice().unwrap();
        let closings = engine.close_session();
        // the card leaves, or the screen is locked, while the store is being opened
        engine.close_session();
        let late = engine.clone();
        let opened =
            wait(engine.on_runtime(async move { late.open_session(None, Proof::Keyring, closings).await }));
        assert_eq!(opened.unwrap_err().code(), "no-session");
        assert!(engine.session().is_none());
    }

    #[test]
    fn unlocking_twice_verifies_the_pin_twice_and_leaves_one_session() {
        let engine = Engine::practice().unwrap();
        wait(engine.unlock(pin())).unwrap();
        let wrong = Secret::new("0000".to_owned());
        assert_eq!(wait(engine.unlock(wrong)).unwrap_err().code(), "pin-wrong");
        assert!(engine.session().is_none());
        wait(engine.unlock(pin())).unwrap();
        assert!(engine.session().is_some());
    }

    #[test]
    fn shutting_down_twice_and_without_a_runtime_is_harmless() {
        let engine = Engine::practice().unwrap();
        wait(engine.unlock(pin())).unwrap();
        futures::executor::block_on(engine.shutdown());
        futures::executor::block_on(engine.shutdown());
        assert!(engine.session().is_none());
        assert!(futures::executor::block_on(engine.folders()).is_err());
    }

    #[test]
    fn a_pass_asked_for_is_answered_when_the_session_ends() {
        let engine = Engine::practice().unwrap();
        wait(engine.unlock(pin())).unwrap();
        let session = engine.opened().unwrap();
        let line = session.line(crate::domain::id::AccountId(1));
        let running = line.start().unwrap();
        assert!(line.start().is_none(), "one loop an account");
        let answer = line.want_pass().unwrap();
        drop(running);
        assert!(wait(answer).is_err(), "whoever waits is told");
        assert!(line.want_pass().is_none());
    }
}
