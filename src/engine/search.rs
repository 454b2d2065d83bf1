//! Searching the open store.

use std::ops::Range;
use std::time::Instant;

use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Found, Result, clock, document};
use crate::domain::id::MessageId;
use crate::domain::message::MessageKind;
use crate::domain::search::{Facets, Hits, Query, excerpt};
use crate::mime;

/// Most messages of which excerpts are made at once: as many as a screen shows.
const MOST_EXCERPTS: usize = 60;
/// Letters of an excerpt.
const EXCERPT: usize = 140;

/// A line of a message around the first word found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The message.
    pub id: MessageId,
    /// The line.
    pub line: String,
    /// Where the words of the search stand in it, in bytes.
    pub places: Vec<Range<usize>>,
}

impl Engine {
    /// What a person typed, read as a search of today: see [`Query::parse`].
    pub fn query(text: &str) -> Query {
        Query::parse(text, clock::now(), &jiff::tz::TimeZone::system())
    }

    /// Full-text search over everything downloaded, with the operators of [`crate::domain::search`]: words in any order,
    /// each a prefix, accents ignored; then other forms of the words.
    ///
    /// # Errors
    /// When no store is open, or it cannot be read.
    pub async fn search(&self, text: &str, window: Range<u32>) -> Result<Found> {
        let (start, query) = (Instant::now(), Self::query(text));
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let found = session.store.search(&query, window)?;
            let gaps = super::health::gaps(&session)?;
            Ok(Found {
                total: found.total,
                seconds: start.elapsed().as_secs_f64(),
                complete: gaps.is_empty(),
                gaps,
                near: found.near,
                messages: found.rows,
            })
        }))
        .await
    }

    /// Counts of what a search finds: by sender, patient, topic, age and state.
    ///
    /// # Errors
    /// As [`Engine::search`].
    pub async fn facets(&self, text: &str) -> Result<Facets> {
        let query = Self::query(text);
        let session = self.opened()?;
        let ages = Facets::ages(clock::now(), &jiff::tz::TimeZone::system());
        self.on_runtime(blocking(move || Ok(session.store.facets(&query, ages)?))).await
    }

    /// Lines around the first word found in the text or the documents of messages; those without one are left out.
    /// Reads each message again: to be asked for what is on screen, once the results are there.
    ///
    /// # Errors
    /// As [`Engine::search`].
    pub async fn excerpts(&self, text: &str, ids: Vec<MessageId>) -> Result<Vec<Excerpt>> {
        let hits = Hits::of_body(&Self::query(text));
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let mut found = Vec::new();
            for id in ids.into_iter().take(MOST_EXCERPTS).filter(|_| !hits.is_empty()) {
                found.extend(one(&session, id, &hits)?);
            }
            Ok(found)
        }))
        .await
    }
}

fn one(session: &OpenSession, id: MessageId, hits: &Hits) -> Result<Option<Excerpt>> {
    let Some(raw) = session.store.raw(id)? else { return Ok(None) };
    let parsed = mime::parse(&raw);
    let of_text = || excerpt(&parsed.text, hits, EXCERPT);
    let of_documents = || {
        let has_documents = parsed.attachments.iter().any(|a| !a.inline) || parsed.kind == MessageKind::Hprim;
        let reading = has_documents.then(|| document::of_message(&raw)).flatten()?;
        excerpt(&document::search_text(&reading, mime::MAX_SEARCH_TEXT), hits, EXCERPT)
    };
    let found = of_text().or_else(of_documents);
    Ok(found.map(|(line, places)| Excerpt { id, line, places }))
}
