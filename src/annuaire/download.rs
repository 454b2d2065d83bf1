//! Download of the extraction: https by the public roots (the mirror of data.gouv.fr) or those of the IGC Santé (the
//! service of the ANS), http to this machine only.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::CertificateDer;
use ureq::http::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use ureq::http::{HeaderMap, HeaderName};
use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::database::Database;
use super::import::{self, Origin, Permission};
use super::lively::{self, Lively};
use super::white_list::{self, WhiteList};
use super::{Error, Phase, Progress, Status};
use crate::net::Proxy;

/// Longest wait for a connection, for an answer's head and for anything more of it; short where a test waits.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 3 } else { 30 });
/// Longest download of an extraction, and of the white list, which is small.
const DOWNLOAD: Duration = Duration::from_secs(30 * 60);
const SMALL_DOWNLOAD: Duration = PATIENCE.saturating_mul(4);
/// Most bytes received.
const MAX_BYTES: u64 = 2 << 30;
const MAX_REDIRECTS: u32 = 5;

/// Downloads and imports the extraction, unless the server says that nothing changed.
pub(super) fn import(
    database: &Database,
    url: &str,
    way: &Way,
    permission: Permission,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Status, Error> {
    let mut headers = Vec::new();
    if database.meta("url")?.as_deref() == Some(url) {
        for (header, name) in [(IF_NONE_MATCH, "etag"), (IF_MODIFIED_SINCE, "last_modified")] {
            headers.extend(database.meta(name)?.filter(|v| !v.is_empty()).map(|value| (header, value)));
        }
    }
    let watch = Watch::new(progress);
    let response = watch.answer(url, headers, way)?;
    match response.status().as_u16() {
        200 => {}
        304 => {
            checked(database, "checked_at")?;
            return database.status();
        }
        status => return Err(Error::Http(status)),
    }
    let origin = origin(url, response.headers());
    let mut goes_on = || watch.goes_on();
    let mut body = body(response, &mut goes_on)?;
    let status = import::run(database, &mut body, origin, permission, &mut |state| watch.tell(state))?;
    checked(database, "checked_at")?;
    Ok(status)
}

/// What an answer brings, until it is silent for too long or nobody wants it any more.
fn body(response: Response<Body>, goes_on: &mut dyn FnMut() -> bool) -> Result<Lively<'_>, Error> {
    let reader = response.into_body().into_with_config().limit(MAX_BYTES).reader();
    Ok(Lively::of(reader, PATIENCE, goes_on)?)
}

/// Whoever is told of the progress, asked also while nothing comes whether to go on.
struct Watch<'p> {
    progress: RefCell<&'p mut dyn FnMut(Progress) -> bool>,
    last: Cell<Progress>,
}

impl<'p> Watch<'p> {
    fn new(progress: &'p mut dyn FnMut(Progress) -> bool) -> Self {
        let start = Progress { phase: Phase::Receiving, done: 0, total: None };
        Self { progress: RefCell::new(progress), last: Cell::new(start) }
    }

    fn tell(&self, state: Progress) -> bool {
        self.last.set(state);
        self.goes_on()
    }

    fn goes_on(&self) -> bool {
        (self.progress.borrow_mut())(self.last.get())
    }

    /// The head of the answer to a request.
    fn answer(&self, url: &str, headers: Headers, way: &Way) -> Result<Response<Body>, Error> {
        let (url, way) = (url.to_owned(), way.clone());
        let asking = move || get(&url, &headers, &way, DOWNLOAD);
        lively::awaited(asking, &mut || self.goes_on())?.unwrap_or(Err(Error::Cancelled))
    }
}

type Headers = Vec<(HeaderName, String)>;

/// Authorities of the IGC Santé; asked for only when the public roots do not know a server, since they may have to be
/// fetched first.
pub type IgcRoots = Arc<dyn Fn() -> Vec<CertificateDer<'static>> + Send + Sync>;

/// How servers are reached, and whom beside the public roots one believes.
#[derive(Clone, Default)]
pub(super) struct Way {
    pub(super) proxy: Option<Proxy>,
    pub(super) igc: Option<IgcRoots>,
}

/// Asks a server.
fn get(url: &str, headers: &Headers, way: &Way, longest: Duration) -> Result<Response<Body>, Error> {
    let ask = |roots| -> Result<Result<Response<Body>, ureq::Error>, Error> {
        let mut request = agent(url, way.proxy.as_ref(), longest, roots)?.get(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Ok(request.call())
    };
    let answer = ask(RootCerts::WebPki)?;
    let (Err(error), Some(igc)) = (&answer, &way.igc) else { return answer.map_err(network) };
    let roots = if is_unknown_issuer(error) { igc() } else { Vec::new() };
    if roots.is_empty() {
        return answer.map_err(network);
    }
    let roots = roots.iter().map(|root| Certificate::from_der(root).to_owned());
    ask(RootCerts::from(roots))?.map_err(network)
}

/// No public authority vouches for the server.
fn is_unknown_issuer(error: &ureq::Error) -> bool {
    let unknown = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
    match error {
        ureq::Error::Rustls(error) => *error == unknown,
        ureq::Error::Io(error) => {
            error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) == Some(&unknown)
        }
        _ => false,
    }
}

/// Notes that a server was asked now.
fn checked(database: &Database, name: &str) -> Result<(), Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    database.set_setting(name, &now.to_string())
}

/// Downloads and imports the activities.
pub(super) fn import_activities(
    database: &Database,
    url: &str,
    way: &Way,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Status, Error> {
    let watch = Watch::new(progress);
    let response = watch.answer(url, Vec::new(), way)?;
    match response.status().as_u16() {
        200 => {}
        status => return Err(Error::Http(status)),
    }
    let origin = origin(url, response.headers());
    let mut goes_on = || watch.goes_on();
    let mut body = body(response, &mut goes_on)?;
    import::run_activities(database, &mut body, origin, &mut |state| watch.tell(state))
}

/// Downloads the white list and keeps it, unless the server says that it is the one kept.
pub(super) fn white_list(database: &Database, url: &str, way: &Way) -> Result<(), Error> {
    let mut headers = Vec::new();
    let is_kept = database.setting("white_list_url")?.as_deref() == Some(url);
    for (header, name) in [(IF_NONE_MATCH, "white_list_etag"), (IF_MODIFIED_SINCE, "white_list_modified")] {
        let kept = database.setting(name)?.filter(|v| is_kept && !v.is_empty());
        headers.extend(kept.map(|value| (header, value)));
    }
    let mut response = get(url, &headers, way, SMALL_DOWNLOAD)?;
    match response.status().as_u16() {
        200 => {
            let limit = white_list::MAX_BYTES as u64;
            let xml = response.body_mut().with_config().limit(limit).read_to_vec().map_err(network)?;
            database.save_white_list(&WhiteList::parse(&xml)?)?;
            let origin = origin(url, response.headers());
            let about = [
                ("white_list_url", url),
                ("white_list_etag", &origin.etag),
                ("white_list_modified", &origin.last_modified),
            ];
            about.iter().try_for_each(|(name, value)| database.set_setting(name, value))?;
        }
        304 => {}
        status => return Err(Error::Http(status)),
    }
    checked(database, "white_list_checked_at")
}

/// A client for one address: https by this proxy, or http to this machine. No answer takes longer than `longest` in all.
pub(super) fn agent(
    url: &str,
    proxy: Option<&Proxy>,
    longest: Duration,
    roots: RootCerts,
) -> Result<Agent, Error> {
    let local = is_local(url)?;
    Ok(Agent::config_builder()
        .https_only(!local)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        // A proxy would send what is asked of this machine out of it.
        .proxy(proxy.filter(|_| !local).map(Proxy::for_downloads).transpose().map_err(|_| Error::Url)?)
        // A redirection of this machine's server would lead out of it in the clear.
        .max_redirects(if local { 0 } else { MAX_REDIRECTS })
        .http_status_as_error(false)
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_global(Some(longest))
        .build()
        .into())
}

/// Whether a URL leads to this machine.
pub(super) fn is_local(url: &str) -> Result<bool, Error> {
    let uri: Uri = url.parse().map_err(|_| Error::Url)?;
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let loopback =
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") if !host.is_empty() => Ok(false),
        Some("http") if loopback => Ok(true),
        _ => Err(Error::Url),
    }
}

fn origin(url: &str, headers: &HeaderMap) -> Origin {
    let text =
        |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let disposition = text(CONTENT_DISPOSITION);
    let named = disposition.split(';').find_map(|part| part.trim().strip_prefix("filename="));
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = named.map_or_else(|| path.rsplit('/').next().unwrap_or_default(), |n| n.trim_matches('"'));
    let packed = headers.contains_key("content-encoding");
    Origin {
        name: name.to_owned(),
        size: text(CONTENT_LENGTH).parse().ok().filter(|_| !packed),
        url: url.to_owned(),
        etag: text(ETAG),
        last_modified: text(LAST_MODIFIED),
    }
}

pub(super) fn network(error: ureq::Error) -> Error {
    match error {
        ureq::Error::StatusCode(status) => Error::Http(status),
        error => Error::Network(error.to_string()),
    }
}
