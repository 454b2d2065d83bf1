//! The Annuaire Santé API (FHIR R4, version 2): detail and freshness of one person, asked only when the user gave a key
//! and asks. The search never waits for it.
//!
//! Facts: <https://gateway.api.esante.gouv.fr/fhir/v2>, header `ESANTE-API-KEY`, 17 calls a second for each key, answers
//! within 30 s; mailboxes are in `telecom` beside ordinary e-mails and are told by the code `MSSANTE`; roles that ended
//! come as `active: false` with little else (documentation of the API, June 2026).

#![allow(clippy::indexing_slicing, reason = "a member that a JSON value has not reads as null")]

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::RootCerts;

use super::Error;
use super::download::{self, network};
use crate::domain::address::EmailAddress;
use crate::domain::person::{MailboxKind, Practice};
use crate::domain::secret::Secret;
use crate::net::Proxy;

/// Where the API is.
pub const BASE: &str = "https://gateway.api.esante.gouv.fr/fhir/v2";
/// Shortest time between two calls: 17 a second are allowed.
const PACE: Duration = Duration::from_millis(60);
/// When this process called last: the limit is that of the key, however many clients there are.
static LAST: Mutex<Option<Instant>> = Mutex::new(None);
/// Longest answer: the server gives up after 30 seconds.
const LONGEST: Duration = Duration::from_secs(45);
/// Largest answer read, in bytes.
const MAX_ANSWER: u64 = 8 << 20;
/// Most pages of an answer read.
const MAX_PAGES: usize = 5;
/// Most resources taken from an answer.
const MAX_ENTRIES: usize = 500;
const RPPS: &str = "https://rpps.esante.gouv.fr";
const MESSAGING: &str = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type";
const METADATA: &str =
    "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata";

/// A mailbox as the API tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiMailbox {
    /// The address.
    pub address: EmailAddress,
    /// Its type.
    pub kind: MailboxKind,
    /// Service, empty when not given.
    pub service: String,
    /// The holder's preferred mailbox (`rank` 1).
    pub preferred: bool,
}

/// What the API says of a person now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ApiDetail {
    /// The person practises, as far as the registry knows.
    pub active: bool,
    /// When the record was last written, as the API writes it.
    pub updated: String,
    /// Mailboxes of the person and of all roles, the preferred ones first.
    pub mailboxes: Vec<ApiMailbox>,
    /// Structures of the roles that go on.
    pub places: Vec<Practice>,
}

/// A client with its key.
pub struct Fhir {
    base: String,
    key: Secret,
    proxy: Option<Proxy>,
}

impl Fhir {
    /// A client that goes by this proxy; `base` without its final slash.
    ///
    /// # Errors
    /// [`Error::Url`] for an address that is neither https nor on this machine.
    pub fn new(base: &str, key: Secret, proxy: Option<Proxy>) -> Result<Self, Error> {
        let base = base.trim_end_matches('/').to_owned();
        agent(&base, proxy.as_ref())?;
        Ok(Self { base, key, proxy })
    }

    /// What the API says of the person with this RPPS number (11 digits); `None` of nobody.
    ///
    /// # Errors
    /// [`Error::Http`] (401 and 403: the key; 429: too many calls), [`Error::Network`], [`Error::Api`].
    pub fn person(&self, rpps: &str) -> Result<Option<ApiDetail>, Error> {
        if rpps.len() != 11 || !rpps.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(None);
        }
        let system = RPPS.replace(':', "%3A").replace('/', "%2F");
        let found = self.search(&format!("{}/Practitioner?identifier={system}%7C{rpps}", self.base))?;
        let Some(person) = found.iter().find(|r| is(r, "Practitioner")) else { return Ok(None) };
        let mut detail = ApiDetail {
            active: person["active"].as_bool().unwrap_or(true),
            updated: person["meta"]["lastUpdated"].as_str().unwrap_or_default().to_owned(),
            ..ApiDetail::default()
        };
        take_mailboxes(person, &mut detail.mailboxes);
        let id = person["id"].as_str().filter(|id| is_plain(id)).ok_or(Error::Api("id"))?;
        let include = "_include=PractitionerRole%3Aorganization";
        let roles = self.search(&format!("{}/PractitionerRole?practitioner={id}&{include}", self.base))?;
        for role in roles.iter().filter(|r| is(r, "PractitionerRole") && r["active"] != Value::Bool(false)) {
            take_mailboxes(role, &mut detail.mailboxes);
            let wanted = role["organization"]["reference"].as_str().unwrap_or_default();
            let wanted = wanted.rsplit('/').next().unwrap_or_default();
            let structure = roles.iter().find(|r| is(r, "Organization") && r["id"] == *wanted);
            if let Some(place) = structure.map(place_of)
                && !detail.places.contains(&place)
            {
                detail.places.push(place);
            }
        }
        detail.mailboxes.sort_by_key(|mailbox| !mailbox.preferred);
        Ok(Some(detail))
    }

    /// The resources of a search, all pages.
    fn search(&self, url: &str) -> Result<Vec<Value>, Error> {
        let (mut resources, mut next) = (Vec::new(), Some(url.to_owned()));
        for _ in 0..MAX_PAGES {
            let Some(url) = next.take() else { break };
            let mut bundle = self.get(&url)?;
            if bundle["resourceType"] != "Bundle" {
                return Err(Error::Api("no bundle"));
            }
            next = next_page(&bundle).map(str::to_owned);
            if next.as_deref().is_some_and(|next| !same_origin(next, &self.base)) {
                // the key must not go elsewhere
                return Err(Error::Api("page of another server"));
            }
            let Some(Value::Array(entries)) = bundle.get_mut("entry").map(Value::take) else { continue };
            let room = MAX_ENTRIES.saturating_sub(resources.len());
            let resource = |mut entry: Value| Some(entry.get_mut("resource")?.take());
            resources.extend(entries.into_iter().take(room).filter_map(resource));
        }
        Ok(resources)
    }

    fn get(&self, url: &str) -> Result<Value, Error> {
        keep_pace();
        let request = agent(url, self.proxy.as_ref())?.get(url).header("ESANTE-API-KEY", self.key.expose());
        let mut answer = request.header("Accept", "application/fhir+json").call().map_err(network)?;
        match answer.status().as_u16() {
            200 => {}
            status => return Err(Error::Http(status)),
        }
        let bytes = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().map_err(network)?;
        serde_json::from_slice(&bytes).map_err(|_| Error::Api("no JSON"))
    }
}

/// A client for an address of the API.
///
/// # Errors
/// [`Error::Url`] for an address that is neither https nor on this machine.
pub(super) fn agent(url: &str, proxy: Option<&Proxy>) -> Result<Agent, Error> {
    download::agent(url, proxy, LONGEST, RootCerts::WebPki)
}

fn keep_pace() {
    let mut last = LAST.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(wait) = last.and_then(|at| PACE.checked_sub(at.elapsed())) {
        std::thread::sleep(wait);
    }
    *last = Some(Instant::now());
}

fn is(resource: &Value, kind: &str) -> bool {
    resource["resourceType"] == kind
}

fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 64
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn extension<'v>(value: &'v Value, url: &str) -> Option<&'v Value> {
    list(&value["extension"]).find(|e| e["url"] == url)
}

fn next_page(bundle: &Value) -> Option<&str> {
    list(&bundle["link"]).find(|link| link["relation"] == "next")?["url"].as_str()
}

fn same_origin(one: &str, other: &str) -> bool {
    let origin = |url: &str| {
        let uri: Uri = url.parse().ok()?;
        Some((uri.scheme_str()?.to_owned(), uri.authority()?.as_str().to_lowercase()))
    };
    origin(one).is_some() && origin(one) == origin(other)
}

/// The MSSanté mailboxes of a resource; its ordinary e-mails are none.
fn take_mailboxes(resource: &Value, mailboxes: &mut Vec<ApiMailbox>) {
    for telecom in list(&resource["telecom"]) {
        let coding = extension(telecom, MESSAGING).map(|e| &e["valueCoding"]["code"]);
        let is_mailbox = telecom["system"] == "email" && coding.is_some_and(|code| code == "MSSANTE");
        let Some(address) = telecom["value"].as_str().filter(|_| is_mailbox) else { continue };
        let Ok(address) = EmailAddress::parse(address) else { continue };
        if mailboxes.iter().any(|known| known.address == address) {
            continue;
        }
        let about = extension(telecom, METADATA);
        let kind = about.and_then(|m| extension(m, "type"));
        let kind = kind.and_then(|k| list(&k["valueCodeableConcept"]["coding"]).next()?["code"].as_str());
        let service = about.and_then(|m| extension(m, "service")?["valueString"].as_str());
        mailboxes.push(ApiMailbox {
            address,
            kind: match kind {
                Some("ORG") => MailboxKind::Org,
                Some("APP") => MailboxKind::App,
                Some("CAB") => MailboxKind::Cab,
                _ => MailboxKind::Per,
            },
            service: service.unwrap_or_default().to_owned(),
            preferred: telecom["rank"] == 1,
        });
    }
}

fn place_of(organization: &Value) -> Practice {
    let address = list(&organization["address"]).next().unwrap_or(&Value::Null);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let phone = list(&organization["telecom"]).find(|t| t["system"] == "phone");
    let lines: Vec<&str> = list(&address["line"]).filter_map(Value::as_str).collect();
    Practice {
        structure: text(&organization["name"]),
        street: lines.join(" "),
        postal_code: text(&address["postalCode"]),
        city: text(&address["city"]),
        phone: phone.map(|p| text(&p["value"])).unwrap_or_default(),
    }
}
