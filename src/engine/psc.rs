//! Pro Santé Connect in an open session: who is logged in, for which mailboxes, and for how long.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::session::OpenSession;
use super::watchdog::Pulse;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Event, Kind, Result, clock};
use crate::auth::psc::{self, Attempt, Settings};
pub use crate::auth::psc::{Identity as PscIdentity, Page as PscPage};
use crate::domain::account::AuthMethod;
use crate::domain::address::EmailAddress;
use crate::domain::id::AccountId;
use crate::domain::secret::Secret;
use crate::net::Sign;

/// How often the session is looked after.
const TICK: Duration = Duration::from_secs(20);

/// Where the session with Pro Santé Connect stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PscState {
    /// Nobody has logged in.
    #[default]
    None,
    /// Somebody has.
    Active(PscIdentity),
    /// Somebody had: the provider ended the session, or nobody was there for too long.
    Ended,
}

/// A login that waits for the browser. Dropped, it is given up.
pub struct PscLogin {
    engine: Engine,
    session: Arc<OpenSession>,
    attempt: Attempt,
    url: String,
}

/// What one session knows of Pro Santé Connect. Tokens are here, in memory, and nowhere else.
pub(super) struct PscDesk {
    session: Mutex<Option<psc::Session>>,
    state: Mutex<PscState>,
    touched: Mutex<Instant>,
    /// A login waits for the user to be there.
    is_parked: AtomicBool,
}

impl Default for PscDesk {
    fn default() -> Self {
        Self {
            session: Mutex::default(),
            state: Mutex::default(),
            touched: Mutex::new(Instant::now()),
            is_parked: AtomicBool::new(false),
        }
    }
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn needed(state: &PscState) -> Error {
    let code = if *state == PscState::Ended { "psc-ended" } else { "psc-login-needed" };
    Error::new(ErrorKind::NeedsUser, code)
}

impl PscDesk {
    fn state(&self) -> PscState {
        hold(&self.state).clone()
    }

    pub(super) fn forget(&self) {
        *hold(&self.state) = PscState::None;
        // a refresh under way sees the new state, and leaves nothing
        if let Ok(mut session) = self.session.try_lock() {
            *session = None;
        }
    }

    fn install(&self, session: psc::Session) {
        *hold(&self.touched) = Instant::now();
        *hold(&self.state) = PscState::Active(session.identity().clone());
        *hold(&self.session) = Some(session);
    }

    fn is_somebody_there(&self, presence: Duration) -> bool {
        hold(&self.touched).elapsed() < presence
    }

    /// Somebody is there; true when a login waits for that.
    fn touch(&self) -> bool {
        *hold(&self.touched) = Instant::now();
        self.is_parked.swap(false, Ordering::SeqCst)
    }

    /// An access token for a login now, and whose it is; blocking. Logins that come at the same time share one refresh.
    pub(super) fn token(&self, presence: Duration) -> Result<(Secret, PscIdentity)> {
        let mut open = hold(&self.session);
        let Some(session) = open.as_mut() else { return Err(needed(&self.state())) };
        let identity = session.identity().clone();
        if let Some(token) = session.access_token() {
            return Ok((token, identity));
        }
        if !self.is_somebody_there(presence) {
            self.is_parked.store(true, Ordering::SeqCst);
            return Err(Error::new(ErrorKind::NeedsUser, "psc-idle"));
        }
        self.refresh(&mut open)?;
        let token = open.as_ref().and_then(psc::Session::access_token);
        token.map(|token| (token, identity)).ok_or_else(|| needed(&self.state()))
    }

    /// The access token just shown was refused; blocking.
    pub(super) fn discard(&self) {
        if let Some(session) = hold(&self.session).as_mut() {
            session.discard_access_token();
        }
    }

    /// New tokens. A session that ended, or whose tokens turned out to be somebody else's, is over.
    fn refresh(&self, open: &mut Option<psc::Session>) -> Result<()> {
        let Some(session) = open.as_mut() else { return Err(needed(&self.state())) };
        let Err(error) = session.refresh(clock::now()) else {
            if matches!(self.state(), PscState::Active(_)) {
                return Ok(());
            }
            // forgotten meanwhile
            *open = None;
            return Err(needed(&self.state()));
        };
        if matches!(error, psc::Error::Ended | psc::Error::Untrusted(_)) {
            *open = None;
            *hold(&self.state) = PscState::Ended;
        }
        Err(error.into())
    }

    /// Keeps the session alive while somebody is there. False when it is over since the last look; blocking.
    fn tend(&self, presence: Duration) -> bool {
        let mut open = hold(&self.session);
        let Some(session) = open.as_ref() else { return self.state() != PscState::Ended };
        if session.is_over() {
            *open = None;
            *hold(&self.state) = PscState::Ended;
            return false;
        }
        if session.wants_refresh() && self.is_somebody_there(presence) && self.refresh(&mut open).is_err() {
            // anything but the end is tried again
            return open.is_some();
        }
        true
    }
}

/// Name of the setting that says whose mailbox it is.
fn owner_key(address: &EmailAddress) -> String {
    format!("psc-owner:{}", address.as_str().to_lowercase())
}

/// Whether this person may open the mailbox: the holder of the session's card where there is one, and the person the
/// mailbox let in first; blocking.
pub(super) fn check_owner(
    session: &OpenSession,
    address: &EmailAddress,
    identity: &PscIdentity,
) -> Result<()> {
    let other = || Error::new(ErrorKind::NeedsUser, "psc-other-person").with("address", address);
    // exact, case included: it is an identifier
    if session.holder.as_ref().is_some_and(|holder| holder.national_id != identity.national_id) {
        return Err(other());
    }
    let owner = session.store.setting(&owner_key(address))?;
    if owner.is_some_and(|owner| owner != identity.national_id) { Err(other()) } else { Ok(()) }
}

/// The server let this person in: from now on the mailbox is theirs; blocking.
pub(super) fn bind(session: &OpenSession, address: &EmailAddress, identity: &PscIdentity) -> Result<()> {
    if session.store.setting(&owner_key(address))?.is_none() {
        session.store.set_setting(&owner_key(address), &identity.national_id)?;
    }
    Ok(())
}

/// The mailbox leaves this machine; blocking.
pub(super) fn unbind(session: &OpenSession, address: &EmailAddress) -> Result<()> {
    Ok(session.store.remove_setting(&owner_key(address))?)
}

/// Accounts of a session that log in by Pro Santé Connect.
async fn accounts(session: &Arc<OpenSession>) -> Result<Vec<AccountId>> {
    let owner = Arc::clone(session);
    let all = blocking(move || Ok(owner.store.accounts()?)).await?;
    Ok(all.into_iter().filter(|a| a.config.auth == AuthMethod::Psc).map(|a| a.id).collect())
}

/// Looks after the session with the provider until the session here ends.
pub(super) async fn run(session: Arc<OpenSession>, pulse: Arc<Pulse>) {
    loop {
        pulse.enter("watching", 30 * TICK);
        tokio::select! {
            () = session.cancel.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
        let (desk, presence) = (Arc::clone(&session.logins.psc), session.limits.presence);
        let was_active = matches!(desk.state(), PscState::Active(_));
        let is_alive = blocking(move || Ok(desk.tend(presence))).await.unwrap_or(true);
        // others may have met the end first, at a login
        let is_over = !is_alive || (was_active && session.logins.psc.state() == PscState::Ended);
        if is_over
            && was_active
            && let Err(error) = close_mail(&session).await
        {
            tracing::warn!(code = error.code(), "mail sessions could not be ended");
        }
    }
}

/// A mail session ends with the session that opened it (ECO.1.2.6).
async fn close_mail(session: &Arc<OpenSession>) -> Result<()> {
    for account in accounts(session).await? {
        session.line(account).notice(Sign::Moved);
    }
    session.tell(Event::Trouble);
    Ok(())
}

impl PscLogin {
    /// Where the person logs in, with their own browser: see [`super::open_browser`].
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for the person, three minutes at most; then what waited for the login goes on. Dropping the wait gives up
    /// and closes the port. `page` is what the browser shows at the end.
    ///
    /// # Errors
    /// `psc-timeout`, `psc-declined`, `psc-untrusted` and what the provider says; `psc-other-person` when the card in the
    /// session is another's.
    pub async fn wait(self, page: PscPage) -> Result<PscIdentity> {
        let Self { engine, session, attempt, .. } = self;
        let given_up = CancellationToken::new();
        let _guard = given_up.clone().drop_guard();
        let owner = Arc::clone(&session);
        let work = async move {
            let grant = tokio::select! {
                () = given_up.cancelled() => return Err(Error::new(ErrorKind::NeedsUser, "cancelled")),
                () = owner.cancel.cancelled() => return Err(super::no_session()),
                grant = attempt.wait(&page) => grant?,
            };
            let identity = blocking(move || {
                let opened = grant.redeem(clock::now())?;
                let identity = opened.identity().clone();
                let is_other = |h: &crate::domain::card::Holder| h.national_id != identity.national_id;
                if owner.holder.as_ref().is_some_and(is_other) {
                    opened.end();
                    return Err(Error::new(ErrorKind::NeedsUser, "psc-other-holder"));
                }
                if owner.cancel.is_cancelled() {
                    opened.end();
                    return Err(super::no_session());
                }
                owner.logins.psc.install(opened);
                Ok(identity)
            })
            .await?;
            Ok(identity)
        };
        let identity = engine.on_runtime(work).await?;
        engine.psc_accounts_try_again(&session).await?;
        Ok(identity)
    }
}

impl Engine {
    /// Begins a login: reads the provider's description and opens a port for the browser's return.
    ///
    /// # Errors
    /// `psc-not-configured`; the provider does not answer; no session.
    pub async fn psc_login(&self) -> Result<PscLogin> {
        let session = self.opened()?;
        let Kind::Real { profile, .. } = &self.inner.kind else {
            return Err(Error::new(ErrorKind::NeedsUser, "psc-not-configured"));
        };
        let (path, reach) = (profile.psc(), self.reach());
        let prepare = blocking(move || {
            let mut settings = Settings::load(&path)?;
            let proxy = reach.map(|reach| reach.proxy()).transpose()?.flatten();
            settings.proxy = proxy.map(|proxy| proxy.for_downloads()).transpose()?;
            Ok(Attempt::prepare(settings)?)
        });
        let attempt = self.on_runtime(prepare).await?;
        let url = attempt.url();
        Ok(PscLogin { engine: self.clone(), session, attempt, url })
    }

    /// Where the session with Pro Santé Connect stands.
    pub fn psc_state(&self) -> PscState {
        self.opened().map(|session| session.logins.psc.state()).unwrap_or_default()
    }

    /// Ends the session with Pro Santé Connect: tokens are given back, mail sessions closed. Answers where the browser ends
    /// its own session there, when the provider has such a place.
    ///
    /// # Errors
    /// No session.
    pub async fn psc_logout(&self) -> Result<Option<String>> {
        let session = self.opened()?;
        self.on_runtime(async move {
            let desk = Arc::clone(&session.logins.psc);
            let ended = blocking(move || {
                let ended = hold(&desk.session).take();
                *hold(&desk.state) = PscState::None;
                Ok(ended.and_then(psc::Session::end))
            })
            .await?;
            close_mail(&session).await?;
            Ok(ended)
        })
        .await
    }

    /// Somebody uses the program: a session with Pro Santé Connect is kept alive only then. Cheap.
    pub fn user_is_active(&self) {
        let Ok(session) = self.opened() else { return };
        if session.logins.psc.touch() {
            let engine = self.clone();
            self.inner.handle.spawn(async move { engine.psc_accounts_try_again(&session).await });
        }
    }

    async fn psc_accounts_try_again(&self, session: &Arc<OpenSession>) -> Result<()> {
        let owner = Arc::clone(session);
        let accounts = self.on_runtime(async move { accounts(&owner).await }).await?;
        self.try_again(session, &accounts).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_login_there_is_no_token_and_the_reason_is_told() {
        let (desk, presence) = (PscDesk::default(), Duration::from_secs(60));
        assert_eq!(desk.token(presence).err().unwrap().code(), "psc-login-needed");
        *hold(&desk.state) = PscState::Ended;
        assert_eq!(desk.token(presence).err().unwrap().code(), "psc-ended");
        assert!(!desk.tend(presence));
        desk.forget();
        assert_eq!(desk.state(), PscState::None);
    }

    #[test]
    fn a_parked_login_is_woken_once() {
        let desk = PscDesk::default();
        assert!(desk.is_somebody_there(Duration::from_secs(60)) && !desk.touch());
        assert!(!desk.is_somebody_there(Duration::ZERO));
        desk.is_parked.store(true, Ordering::SeqCst);
        assert!(desk.touch() && !desk.touch());
    }
}
