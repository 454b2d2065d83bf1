//! The white list of the trust space (`listeblanchemssante.xml`): the domains MSSanté mail may be exchanged with.
//!
//! Source: spec of the trust space, namespace `https://listeblanche.mssante.fr/schema`; elements `DateDeGeneration`,
//! then per domain `Domaine` with `Nom`. Domains come and go every week: nothing is hard-coded.

use std::collections::BTreeSet;

use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

use super::Error;

/// Namespace of the list's elements.
const NAMESPACE: &str = "https://listeblanche.mssante.fr/schema";
/// Largest file read, in bytes: the real one holds some thousand domains of about 600 bytes.
pub(super) const MAX_BYTES: usize = 64 << 20;
/// Most domains kept.
const MAX_DOMAINS: usize = 200_000;
/// Deepest nesting accepted; the real file has four levels.
const MAX_DEPTH: usize = 16;

/// The domains of the trust space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhiteList {
    generated: String,
    domains: BTreeSet<String>,
}

impl WhiteList {
    /// Reads the XML. No document type declaration is accepted and no entity but the five of XML is resolved.
    ///
    /// # Errors
    /// [`Error::WhiteList`] when it is not this list, is empty, cut short or out of bounds.
    pub fn parse(xml: &[u8]) -> Result<Self, Error> {
        if xml.len() > MAX_BYTES {
            return Err(Error::WhiteList("too large"));
        }
        let xml = std::str::from_utf8(xml).map_err(|_| Error::WhiteList("encoding"))?;
        let mut reader = NsReader::from_str(xml.trim_start_matches('\u{feff}'));
        let mut list = Self::default();
        let mut path: Vec<String> = Vec::new();
        let mut text = String::new();
        loop {
            match reader.read_resolved_event().map_err(|_| Error::WhiteList("malformed"))? {
                (namespace, Event::Start(element)) => {
                    if path.len() >= MAX_DEPTH {
                        return Err(Error::WhiteList("too deep"));
                    }
                    if path.is_empty() && !is_ours(&namespace) {
                        return Err(Error::WhiteList("other namespace"));
                    }
                    path.push(element.local_name().as_ref().to_owned());
                    text.clear();
                }
                (_, Event::Text(t)) => text.push_str(&t),
                (_, Event::CData(t)) => text.push_str(&t),
                // No domain name holds an entity: a blank makes such a name one to refuse.
                (_, Event::GeneralRef(_)) => text.push(' '),
                (_, Event::End(_)) => {
                    list.take(&path, text.trim())?;
                    path.pop();
                    text.clear();
                }
                (_, Event::DocType(_)) => return Err(Error::WhiteList("document type")),
                (_, Event::Eof) => break,
                _ => {}
            }
        }
        if !path.is_empty() {
            return Err(Error::WhiteList("cut short"));
        }
        if list.domains.is_empty() {
            return Err(Error::WhiteList("no domain"));
        }
        Ok(list)
    }

    fn take(&mut self, path: &[String], text: &str) -> Result<(), Error> {
        match path {
            [.., name] if name == "DateDeGeneration" => self.generated = text.to_owned(),
            [.., parent, name] if parent == "Domaine" && name == "Nom" => {
                if self.domains.len() >= MAX_DOMAINS {
                    return Err(Error::WhiteList("too many domains"));
                }
                if let Some(domain) = normalise(text) {
                    self.domains.insert(domain);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Generation date as written in the list; empty when absent.
    pub fn generated(&self) -> &str {
        &self.generated
    }

    /// Whether this domain is listed; case and a final dot do not matter. Subdomains are domains of their own.
    pub fn contains(&self, domain: &str) -> bool {
        normalise(domain).is_some_and(|d| self.domains.contains(&d))
    }

    /// The domains, sorted, in lower case.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.domains.iter().map(String::as_str)
    }

    /// How many domains there are.
    pub fn len(&self) -> usize {
        self.domains.len()
    }

    /// True of a list with no domain.
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }
}

fn is_ours(namespace: &ResolveResult<'_>) -> bool {
    matches!(namespace, ResolveResult::Bound(Namespace(n)) if *n == NAMESPACE)
}

/// A domain name in the form it is stored, or `None` when it is not one.
pub(super) fn normalise(domain: &str) -> Option<String> {
    let domain = domain.trim().trim_start_matches('@').trim_end_matches('.');
    let plain = !domain.is_empty()
        && domain.len() <= 253
        && !domain.contains(|c: char| c.is_whitespace() || c == '@');
    plain.then(|| domain.to_lowercase())
}
