//! One login from its beginning, and the session that comes of it.

use std::time::{Duration, Instant};

use super::exchange::{Exchange, Tokens, plain};
use super::identity::{self, Claims, Expected};
use super::metadata::Metadata;
use super::redirect::{Listener, Page};
use super::request::Request;
use super::{Error, Result, Settings};
use crate::domain::UnixTime;
use crate::domain::secret::Secret;

/// What is left at least of an access token's life when it is shown to a server, so that it is still good when the server
/// asks the provider about it. Less for tokens that do not live that long.
const FRESH: Duration = Duration::from_secs(60);
/// Life of tokens whose giver does not say it: two minutes and thirty (ANS, sécurisation de la couche transport).
const ACCESS_LIFE: Duration = Duration::from_secs(120);
const REFRESH_LIFE: Duration = Duration::from_secs(30 * 60);

/// A login that waits for the browser.
pub struct Attempt {
    settings: Settings,
    metadata: Metadata,
    exchange: Exchange,
    request: Request,
    listener: Listener,
}

/// The code the browser brought back, with all that is needed to exchange it once.
pub struct Grant {
    settings: Settings,
    metadata: Metadata,
    exchange: Exchange,
    request: Request,
    redirect_uri: String,
    code: Secret,
}

/// Who logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `SubjectNameID`: the national identifier, equal to the common name of the person's card (`8` and the RPPS).
    pub national_id: String,
    /// Given and family name, to be shown.
    pub name: String,
}

/// A session with the provider: tokens in memory, and nowhere else.
pub struct Session {
    metadata: Metadata,
    exchange: Exchange,
    client_id: String,
    identity: Identity,
    sub: String,
    id_token: Secret,
    access: Secret,
    access_until: Instant,
    access_life: Duration,
    refresh: Option<Secret>,
    refresh_until: Instant,
    refresh_life: Duration,
}

impl Attempt {
    /// Reads the provider's description and opens the port for the return; blocking.
    ///
    /// # Errors
    /// The provider does not answer or describes itself badly; no port.
    pub fn prepare(settings: Settings) -> Result<Self> {
        let metadata = Metadata::fetch(&settings)?;
        let exchange = Exchange::new(&settings, &metadata)?;
        let listener = Listener::open(settings.redirect_path.as_deref())?;
        Ok(Self { request: Request::new()?, settings, metadata, exchange, listener })
    }

    /// Where the person logs in, with their own browser.
    pub fn url(&self) -> String {
        self.request.url(&self.metadata, &self.settings, &self.listener.address())
    }

    /// Waits for the browser's return, three minutes at most. Dropping the wait closes the port.
    ///
    /// # Errors
    /// [`Error::TimedOut`]; [`Error::Declined`]; [`Error::Untrusted`] for a return that is not the answer to this login.
    pub async fn wait(self, page: &Page) -> Result<Grant> {
        let Self { settings, metadata, exchange, request, listener } = self;
        let redirect_uri = listener.address();
        let ours = |state: Option<&Secret>| state.is_some_and(|s| same(s.expose(), request.state.expose()));
        let found = listener.wait(page, |found| ours(found.state.as_ref())).await?;
        if !ours(found.state.as_ref()) {
            return Err(Error::Untrusted("return of another login"));
        }
        match &found.issuer {
            Some(issuer) if *issuer != metadata.issuer => {
                return Err(Error::Untrusted("return from another provider"));
            }
            None if metadata.names_issuer => return Err(Error::Untrusted("return from an unnamed provider")),
            _ => {}
        }
        if let Some(error) = found.error {
            return Err(Error::Declined(plain(&error)));
        }
        let code = found.code.ok_or(Error::Untrusted("return without a code"))?;
        Ok(Grant { settings, metadata, exchange, request, redirect_uri, code })
    }
}

/// Compares without telling by its time where the difference is.
fn same(one: &str, other: &str) -> bool {
    let pairs = one.bytes().zip(other.bytes());
    one.len() == other.len() && pairs.fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

impl Grant {
    /// Exchanges the code and checks who came; blocking.
    ///
    /// # Errors
    /// The provider or the intermediate server refuses; a token is not what it should be.
    pub fn redeem(self, now: UnixTime) -> Result<Session> {
        let Self { settings, metadata, exchange, request, redirect_uri, code } = self;
        let tokens = match exchange.redeem(&code, &request.verifier, &redirect_uri) {
            // a code that is no longer good is no session that ended
            Err(Error::Ended) => return Err(Error::Refused("invalid_grant".to_owned())),
            other => other?,
        };
        let id_token = tokens.id.clone().ok_or(Error::Untrusted("no id_token"))?;
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &settings.client_id,
            nonce: Some(&request.nonce),
            access_token: tokens.access.expose(),
            now,
        };
        let claims = check(&metadata, id_token.expose(), &expected)?;
        let claims = complete(&metadata, claims, &tokens.access)?;
        let national_id = claims.subject.filter(|s| !s.is_empty() && s.len() <= 64);
        let national_id = national_id.ok_or(Error::Untrusted("nobody named"))?;
        let name =
            [claims.given_name, claims.family_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let mut session = Session {
            metadata,
            exchange,
            client_id: settings.client_id,
            identity: Identity { national_id, name: plain(&name) },
            sub: claims.sub,
            id_token,
            access: tokens.access.clone(),
            access_until: Instant::now(),
            access_life: ACCESS_LIFE,
            refresh: None,
            refresh_until: Instant::now(),
            refresh_life: REFRESH_LIFE,
        };
        session.keep(tokens);
        Ok(session)
    }
}

/// Checks an id_token against the provider's keys of now: they change.
fn check(metadata: &Metadata, token: &str, expected: &Expected<'_>) -> Result<Claims> {
    identity::verify(token, &metadata.keys()?, expected)
}

/// What the id_token leaves out is asked for at the userinfo endpoint, whose answer must be about the same person.
fn complete(metadata: &Metadata, claims: Claims, access: &Secret) -> Result<Claims> {
    let Some(userinfo) = metadata.userinfo.as_ref().filter(|_| claims.subject.is_none()) else {
        return Ok(claims);
    };
    let answer = userinfo.get(Some(access))?;
    if !answer.is_ok() {
        return Err(Error::Refused(format!("userinfo: HTTP {}", answer.status)));
    }
    let more: Claims = match serde_json::from_slice(&answer.content) {
        Ok(more) => more,
        Err(_) => {
            let token = std::str::from_utf8(&answer.content).unwrap_or_default().trim();
            let content = identity::signed(token, &metadata.keys()?)?;
            serde_json::from_slice(&content).map_err(|_| Error::Untrusted("unreadable userinfo"))?
        }
    };
    if more.sub != claims.sub {
        return Err(Error::Untrusted("userinfo about somebody else"));
    }
    Ok(more)
}

impl Session {
    /// Who logged in.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// An access token that is fresh enough to be shown to a server now, when there is one.
    pub fn access_token(&self) -> Option<Secret> {
        let left = self.access_until.saturating_duration_since(Instant::now());
        (left > FRESH.min(self.access_life / 2)).then(|| self.access.clone())
    }

    /// The access token was refused: it is not shown again.
    pub fn discard_access_token(&mut self) {
        self.access_until = Instant::now();
    }

    /// Neither an access token nor a way to a new one is left.
    pub fn is_over(&self) -> bool {
        let now = Instant::now();
        now >= self.access_until && (self.refresh.is_none() || now >= self.refresh_until)
    }

    /// Half of the refresh token's life is over: when the person is still there, it is time for new tokens.
    pub fn wants_refresh(&self) -> bool {
        let left = self.refresh_until.saturating_duration_since(Instant::now());
        self.refresh.is_some() && left < self.refresh_life / 2
    }

    /// New tokens; blocking. A refresh token is used once, whatever comes of it.
    ///
    /// # Errors
    /// [`Error::Ended`] when the person must log in again; [`Error::Unreachable`], after which the old refresh token is
    /// still held.
    pub fn refresh(&mut self, now: UnixTime) -> Result<()> {
        let Some(token) = self.refresh.take() else { return Err(Error::Ended) };
        let tokens = match self.exchange.refresh(&token) {
            Ok(tokens) => tokens,
            Err(error) => {
                if !matches!(error, Error::Ended) {
                    self.refresh = Some(token);
                }
                return Err(error);
            }
        };
        if let Some(id_token) = &tokens.id {
            let expected = Expected {
                issuer: &self.metadata.issuer,
                client_id: &self.client_id,
                nonce: None,
                access_token: tokens.access.expose(),
                now,
            };
            let claims = check(&self.metadata, id_token.expose(), &expected)?;
            let is_same = claims.sub == self.sub
                && claims.subject.is_none_or(|subject| subject == self.identity.national_id);
            if !is_same {
                return Err(Error::Untrusted("refreshed for somebody else"));
            }
            self.id_token = id_token.clone();
        }
        let kept = tokens.refresh.is_none().then_some(token);
        self.keep(tokens);
        if let Some(token) = kept {
            // a provider that gives no new one goes on with the old one
            self.refresh = Some(token);
        }
        Ok(())
    }

    fn keep(&mut self, tokens: Tokens) {
        let life =
            |seconds: Option<u64>, usual| seconds.map_or(usual, |s| Duration::from_secs(s.min(86_400)));
        self.access_life = life(tokens.expires_in, ACCESS_LIFE);
        self.refresh_life = life(tokens.refresh_expires_in, REFRESH_LIFE);
        self.access_until = Instant::now() + self.access_life;
        self.refresh_until = Instant::now() + self.refresh_life;
        self.access = tokens.access;
        self.refresh = tokens.refresh;
    }

    /// Gives the refresh token back, so that nobody can use it; blocking. Answers where the browser ends the provider's
    /// own session, when that is offered.
    pub fn end(self) -> Option<String> {
        if let Some(Err(error)) = self.refresh.as_ref().map(|token| self.exchange.revoke(token)) {
            tracing::info!(%error, "the refresh token was not given back: it ends by itself");
        }
        self.metadata.logout_url(self.id_token.expose(), &self.client_id)
    }
}
