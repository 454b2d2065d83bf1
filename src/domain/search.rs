//! What a person typed into the search field, as a search: words, phrases and operators in French and English.
//!
//! ```text
//! bilan "lettre de sortie" -vaccin            words, a phrase, a word that must not be there
//! de:martin  à:leroy  objet:sortie            from: to: subject:
//! patient:"DURAND Paul 26/11/1978"            every word of it, in what names the patient
//! type:biologie  anormal  non-lu  avec:pj     kind: abnormal unread has:attachment
//! avant:01/03/2026  après:2026-02             before: (not that day) after: (from that day on)
//! entre:01/02/2026..15/02/2026                between: both days included; also date:2026-02
//! dans:"À classer"                            in:
//! ```
//!
//! What is no known operator is looked for as it stands: a search never fails.

mod date;
mod highlight;
mod stem;
mod topic;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use highlight::{Hits, excerpt};
pub use stem::forms;
pub use topic::Topic;

use super::UnixTime;
use super::fold::{fold, words};

/// Longest text looked at, in bytes, and most words that count.
const LONGEST: usize = 2_000;
const MOST_WORDS: usize = 32;

/// Where a word must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Anywhere.
    Anywhere,
    /// In the name or address of the sender.
    Sender,
    /// In the name or address of a recipient.
    Recipient,
    /// In the subject.
    Subject,
    /// In the names, birth date or INS of the patient.
    Patient,
}

/// A word or phrase, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Text, folded; what is no letter or digit only separates.
    pub text: String,
    /// Where it must stand.
    pub place: Place,
    /// Words as they stand, none of them a beginning.
    pub is_phrase: bool,
    /// It must not be there.
    pub is_excluded: bool,
}

/// A fact a message must have, or not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The fact.
    pub fact: Fact,
    /// It must not hold.
    pub is_excluded: bool,
}

/// What a [`Filter`] asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Not read yet.
    Unread,
    /// Starred.
    Flagged,
    /// It holds a result out of its bounds.
    Abnormal,
    /// It has an attachment.
    Attachment,
    /// What it is about.
    Topic(Topic),
    /// In a folder whose name begins so; folded. `inbox` and the like stand for the role.
    Folder(String),
    /// Of a time: from the first second on, before the second one.
    Dated {
        /// First second.
        from: Option<UnixTime>,
        /// First second that is too late.
        before: Option<UnixTime>,
    },
}

/// A search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words and phrases; all of them count.
    pub words: Vec<Word>,
    /// Facts; all of them count.
    pub filters: Vec<Filter>,
}

/// How many messages of a search have a fact, and the operator that asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What to add to the search, such as `de:martin@…`.
    pub operator: String,
    /// What it stands for: a name, an address; empty where the operator says it.
    pub label: String,
    /// Messages.
    pub count: u32,
}

/// Counts beside the results of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// Messages counted: the newest ones, where there are more than can be counted at once.
    pub counted: u32,
    /// Not read yet.
    pub unread: u32,
    /// With a result out of its bounds.
    pub abnormal: u32,
    /// With an attachment.
    pub attachments: u32,
    /// What they are about, most frequent first.
    pub topics: Vec<(Topic, u32)>,
    /// From whom, most frequent first.
    pub senders: Vec<Count>,
    /// About whom, most frequent first.
    pub patients: Vec<Count>,
    /// Of the last days, the shortest time first; a message counts in every one that holds it.
    pub ages: Vec<Age>,
}

/// How many messages of a search are of the last days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Age {
    /// Days, today included.
    pub days: u32,
    /// When the first of them began.
    pub since: UnixTime,
    /// Messages.
    pub count: u32,
}

impl Facets {
    /// Most messages counted.
    pub const MOST: u32 = 5_000;
    /// Lengths of the times counted, in days.
    pub const DAYS: [u32; 3] = [7, 30, 365];

    /// Those times as of `now` where days begin as in `zone`, with nothing counted.
    pub fn ages(now: UnixTime, zone: &TimeZone) -> Vec<Age> {
        let today = jiff::Timestamp::from_second(now).unwrap_or_default().to_zoned(zone.clone()).date();
        let since = |days: u32| {
            let first = today.checked_sub(jiff::Span::new().days(i64::from(days) - 1)).ok()?;
            Some(first.to_zoned(zone.clone()).ok()?.timestamp().as_second())
        };
        Self::DAYS.into_iter().filter_map(|days| Some(Age { days, since: since(days)?, count: 0 })).collect()
    }
}

impl Query {
    /// Reads what a person typed. `now` and `zone` say which day it is and when days begin.
    pub fn parse(text: &str, now: UnixTime, zone: &TimeZone) -> Self {
        let text = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
        let mut query = Self::default();
        for token in tokens(text) {
            if query.words.len() + query.filters.len() >= MOST_WORDS {
                break;
            }
            query.add(&token, now, zone);
        }
        query
    }

    /// Words only: no operator has a meaning in `text`.
    pub fn of_words(text: &str) -> Self {
        let mut query = Self::default();
        for word in text.split_whitespace().take(MOST_WORDS) {
            query.push_word(word, Place::Anywhere, false, false);
        }
        query
    }

    /// Nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.filters.is_empty()
    }

    fn add(&mut self, token: &Token, now: UnixTime, zone: &TimeZone) {
        let excluded = token.is_excluded;
        let Some(name) = &token.operator else {
            if !token.is_quoted
                && let Some(fact) = bare(&fold(&token.value))
            {
                self.filters.push(Filter { fact, is_excluded: excluded });
                return;
            }
            self.push_word(&token.value, Place::Anywhere, token.is_quoted, excluded);
            return;
        };
        let value = fold(&token.value);
        if value.trim().is_empty() {
            // being typed: nothing to look for yet
            return;
        }
        let fact = match Operator::of(name) {
            Some(Operator::In(place)) => {
                self.push_place(&token.value, place, token.is_quoted, excluded);
                return;
            }
            Some(Operator::Kind) => Topic::named(&value).map(Fact::Topic),
            Some(Operator::Folder) => Some(Fact::Folder(value.trim().to_owned())),
            Some(Operator::Has) => named(&value),
            Some(Operator::Before) => date::period(&value, now, zone)
                .map(|(from, _)| Fact::Dated { from: None, before: Some(from) }),
            Some(Operator::After) => date::period(&value, now, zone)
                .map(|(from, _)| Fact::Dated { from: Some(from), before: None }),
            Some(Operator::Between) => date::span(&value, now, zone)
                .map(|(from, before)| Fact::Dated { from: Some(from), before: Some(before) }),
            None => None,
        };
        match fact {
            Some(fact) => self.filters.push(Filter { fact, is_excluded: excluded }),
            None => {
                let typed = format!("{name}:{}", token.value);
                self.push_word(&typed, Place::Anywhere, token.is_quoted, excluded);
            }
        }
    }

    /// A quoted name is all of its words in any order: documents write given names first or last.
    fn push_place(&mut self, value: &str, place: Place, quoted: bool, excluded: bool) {
        if place == Place::Patient && quoted && !excluded {
            value.split_whitespace().for_each(|word| self.push_word(word, place, true, false));
        } else {
            self.push_word(value, place, quoted, excluded);
        }
    }

    fn push_word(&mut self, text: &str, place: Place, is_phrase: bool, is_excluded: bool) {
        let text = fold(text);
        if words(&text).next().is_some() && self.words.len() < MOST_WORDS {
            self.words.push(Word { text, place, is_phrase, is_excluded });
        }
    }
}

/// Where an operator stands in what was typed, between white space.
fn place_of(text: &str, operator: &str) -> Option<std::ops::Range<usize>> {
    let alone = |at: usize| {
        let before = text.get(..at).is_some_and(|t| t.chars().next_back().is_none_or(char::is_whitespace));
        let after =
            text.get(at + operator.len()..).is_some_and(|t| t.chars().next().is_none_or(char::is_whitespace));
        before && after
    };
    let found = text.match_indices(operator).map(|(at, _)| at).find(|at| alone(*at))?;
    Some(found..found + operator.len())
}

/// What was typed asks for this already.
pub fn asks_for(text: &str, operator: &str) -> bool {
    place_of(text, operator).is_some()
}

/// What was typed with an operator more, or without it where it was there.
pub fn toggled(text: &str, operator: &str) -> String {
    match place_of(text, operator) {
        Some(place) => {
            let (before, after) =
                (text.get(..place.start).unwrap_or_default(), text.get(place.end..).unwrap_or_default());
            format!("{} {}", before.trim_end(), after.trim_start()).trim().to_owned()
        }
        None => format!("{} {operator}", text.trim_end()).trim().to_owned(),
    }
}

/// Operators by all their names, folded.
enum Operator {
    In(Place),
    Kind,
    Folder,
    Has,
    Before,
    After,
    Between,
}

impl Operator {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "de" | "from" | "expediteur" => Self::In(Place::Sender),
            "a" | "to" | "destinataire" => Self::In(Place::Recipient),
            "objet" | "subject" | "sujet" => Self::In(Place::Subject),
            "patient" | "patiente" | "ins" => Self::In(Place::Patient),
            "type" | "kind" => Self::Kind,
            "dans" | "in" | "dossier" | "folder" => Self::Folder,
            "avec" | "has" | "est" | "is" => Self::Has,
            "avant" | "before" => Self::Before,
            "apres" | "after" | "depuis" | "since" => Self::After,
            "entre" | "between" | "date" | "le" | "on" => Self::Between,
            _ => return None,
        })
    }
}

/// Facts that are asked for by their name alone; in quotes they are words.
fn bare(word: &str) -> Option<Fact> {
    Some(match word {
        "non-lu" | "non-lus" | "unread" => Fact::Unread,
        "anormal" | "abnormal" => Fact::Abnormal,
        _ => return None,
    })
}

/// Facts after `est:`, `avec:` and their like. "Suivi" alone is a word of every other letter.
fn named(word: &str) -> Option<Fact> {
    Some(match word {
        "pj" | "piece" | "pieces" | "piece-jointe" | "attachment" | "attachments" => Fact::Attachment,
        "suivi" | "etoile" | "flagged" | "starred" => Fact::Flagged,
        word => return bare(word),
    })
}

#[derive(Debug)]
struct Token {
    /// Name before the colon, folded.
    operator: Option<String>,
    value: String,
    is_quoted: bool,
    is_excluded: bool,
}

/// Cuts at white space outside of quotes; an open quote ends with the text.
fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let excluded = rest
            .strip_prefix('-')
            .filter(|after| after.starts_with(|c: char| c == '"' || c.is_alphanumeric()));
        let from = excluded.unwrap_or(rest);
        let (operator, from) = operator(from);
        let (value, is_quoted, after) = value(from);
        found.push(Token { operator, value: value.to_owned(), is_quoted, is_excluded: excluded.is_some() });
        rest = after.trim_start();
    }
    found
}

/// The name of an operator and what follows its colon.
fn operator(text: &str) -> (Option<String>, &str) {
    let end = text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len());
    let head = text.get(..end).unwrap_or_default();
    match head.split_once(':') {
        Some((name, _)) if Operator::of(&fold(name)).is_some() => {
            (Some(fold(name)), text.get(name.len() + 1..).unwrap_or_default())
        }
        _ => (None, text),
    }
}

fn value(text: &str) -> (&str, bool, &str) {
    match text.strip_prefix('"') {
        Some(inner) => {
            let (value, after) = inner.split_once('"').unwrap_or((inner, ""));
            (value, true, after)
        }
        None => {
            let end = text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len());
            (text.get(..end).unwrap_or_default(), false, text.get(end..).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests;
