//! Search as one types. The words of the user never become syntax: each is folded to letters and digits and quoted.
//!
//! Results come in stages, each in the order of rows: every word whole before words begun, names before the rest.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::fold::{address_words, fold, words};
use super::index::{ADDRESS, FAMILY, KEY, NAME, hash, kind_word};
use super::{Answer, Error, Query, near, row};
use crate::domain::person::Person;

/// Most words of a query that count.
pub(super) const MAX_WORDS: usize = 8;
/// Longest query read, in bytes.
const MAX_TEXT: usize = 400;
/// Results when no number is asked for, and most ever.
const LIMITS: (u32, u32) = (50, 500);
/// Near spellings are looked for below this number of results.
const FEW: usize = 5;
/// Prefixes at least this long that complete to few words are searched as those words: the full-text engine then
/// streams its lists instead of gathering them.
const EXPAND_FROM: usize = 4;
/// Most completions searched as words.
const EXPAND_TO: usize = 64;
/// Digits of a postal code.
const POSTAL: usize = 5;
/// Words before the answer that say nothing about who is looked for.
const TITLES: [&str; 7] = ["dr", "docteur", "pr", "professeur", "mme", "madame", "monsieur"];
/// Longest first part of a name (`le`, `van`) that is also written in one word with the next, in letters.
const PARTICLES: usize = 3;

/// One word of the query with what the vocabulary knows of it.
pub(super) struct Word {
    pub(super) text: String,
    /// It is a whole word of the index; of a name.
    whole: (bool, bool),
    /// Its completions: none, few (these), or too many to list.
    completions: Completions,
}

enum Completions {
    None,
    /// These, each with whether names hold it.
    Few(Vec<(String, bool)>),
    Many,
}

/// Searches; the face is [`super::Annuaire::search`].
pub(super) fn search(data: &Connection, query: &Query) -> Result<Answer, Error> {
    let limit = match query.limit {
        0 => LIMITS.0,
        n => n.min(LIMITS.1),
    } as usize;
    let mut found = Found { wanted: limit + 1, ids: Vec::new(), seen: HashSet::new() };
    if query.text.contains('@') {
        for id in ids_of(data, Table::Lookup, hash(ADDRESS, &query.text.trim().to_lowercase()))? {
            found.push(id);
        }
    }
    let filter = filter(query);
    let words = query_words(&query.text)
        .into_iter()
        .map(|text| Word::look_up(data, text))
        .collect::<Result<Vec<Word>, Error>>()?;
    let glued = glued(data, &words)?;
    if let Some(area) = query.near.as_deref().map(fold).filter(|area| !area.is_empty()) {
        let here = filter.iter().cloned().chain([format!("{{l}} : {}", quoted(&area))]).collect::<Vec<_>>();
        found.gather(data, &stages(&words, &glued, &here))?;
    }
    found.gather(data, &stages(&words, &glued, &filter))?;
    let more = found.ids.len() > limit;
    found.ids.truncate(limit);
    let near = if !more && found.ids.len() < FEW {
        near::search(data, &words, &filter, &found.seen)?
    } else {
        Vec::new()
    };
    Ok(Answer { people: people(data, &found.ids)?, near: people(data, &near)?, more })
}

struct Found {
    wanted: usize,
    ids: Vec<i64>,
    seen: HashSet<i64>,
}

impl Found {
    fn push(&mut self, id: i64) {
        if self.ids.len() < self.wanted && self.seen.insert(id) {
            self.ids.push(id);
        }
    }

    /// Runs stages, the widest last, until there are enough.
    fn gather(&mut self, data: &Connection, stages: &Stages) -> Result<(), Error> {
        for expression in &stages.whole {
            self.run(data, expression)?;
            if self.ids.len() >= self.wanted {
                return Ok(());
            }
        }
        let Some((widest, narrower)) = stages.begun.split_last() else { return Ok(()) };
        // With few results the narrower stages only order them: they stop as soon as all are placed.
        let widest = matching(data, widest, self.wanted + self.seen.len())?;
        let complete = widest.len() < self.wanted + self.seen.len();
        for expression in narrower.iter().filter(|_| widest.len() > 1) {
            let placed = complete && widest.iter().all(|id| self.seen.contains(id));
            if placed || self.ids.len() >= self.wanted {
                break;
            }
            self.run(data, expression)?;
        }
        widest.into_iter().for_each(|id| self.push(id));
        Ok(())
    }

    fn run(&mut self, data: &Connection, expression: &str) -> Result<(), Error> {
        // Rows of earlier stages come again: enough are asked for to get past them.
        for id in matching(data, expression, self.wanted + self.seen.len())? {
            self.push(id);
        }
        Ok(())
    }
}

/// Rows that match a full-text expression made here, in order.
pub(super) fn matching(data: &Connection, expression: &str, limit: usize) -> Result<Vec<i64>, Error> {
    let mut statement =
        data.prepare_cached("SELECT rowid FROM idx WHERE idx MATCH ?1 ORDER BY rowid LIMIT ?2")?;
    let rows =
        statement.query_map(params![expression, i64::try_from(limit).unwrap_or(i64::MAX)], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Folded words of what was typed, without those that say nothing.
pub(super) fn query_words(text: &str) -> Vec<String> {
    let text = text.trim();
    let end = (0..=text.len().min(MAX_TEXT)).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let text = text.get(..end).unwrap_or_default();
    let mut list = if text.contains('@') { address_words(text) } else { words(text) };
    if list.iter().all(|w| w.bytes().all(|b| b.is_ascii_digit())) {
        // An RPPS number with blanks, or with the 8 that precedes it in the national identifier.
        let number = list.concat();
        match (number.len(), number.strip_prefix('8')) {
            (11, _) => list = vec![number],
            (12, Some(rpps)) => list = vec![rpps.to_owned()],
            _ => {}
        }
    }
    if let Some(at) = list.iter().position(|w| w == "mssante") {
        list.truncate(at);
    }
    list.retain(|w| w != "cedex");
    let titles = list.iter().filter(|w| TITLES.contains(&w.as_str())).count();
    if titles < list.len() {
        list.retain(|w| !TITLES.contains(&w.as_str()));
    }
    list.dedup();
    list.truncate(MAX_WORDS);
    list
}

impl Word {
    fn look_up(data: &Connection, text: String) -> Result<Self, Error> {
        let mut statement = data
            .prepare_cached("SELECT term, names FROM vocabulary WHERE term >= ?1 AND term < ?2 LIMIT ?3")?;
        let end = format!("{text}\u{10ffff}");
        let many = i64::try_from(EXPAND_TO + 1).unwrap_or(i64::MAX);
        let terms: Vec<(String, u32)> = statement
            .query_map(params![text, end, many], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let whole = terms.first().filter(|(t, _)| *t == text).map_or((false, false), |(_, n)| (true, *n > 0));
        let number = text.bytes().all(|b| b.is_ascii_digit());
        let completions = if number && whole.0 && text.len() == POSTAL {
            // other numbers that begin so (FINESS) are gathered by the ten thousand: they answer to one digit more
            Completions::Few(vec![(text.clone(), whole.1)])
        } else if number || text.chars().count() < EXPAND_FROM || terms.len() > EXPAND_TO {
            Completions::Many
        } else if terms.is_empty() {
            Completions::None
        } else {
            Completions::Few(terms.into_iter().map(|(t, n)| (t, n > 0)).collect())
        };
        Ok(Self { text, whole, completions })
    }

    fn is_particle(&self) -> bool {
        (self.text.len() <= PARTICLES || self.text == "saint")
            && self.text.bytes().all(|b| b.is_ascii_alphabetic())
    }

    /// True when no word of the index begins so.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.completions, Completions::None)
    }

    /// The expression for words of names that begin so; `None` when there is none.
    fn name_begun(&self) -> Option<String> {
        match &self.completions {
            Completions::None => None,
            Completions::Many => Some(format!("{}*", name(&self.text))),
            Completions::Few(terms) => {
                let names = any(terms.iter().filter(|(_, named)| *named).map(|(t, _)| name(t)));
                Some(names).filter(|n| !n.is_empty())
            }
        }
    }

    /// The expression for words that begin so. `saint` also stands for the beginning `st` it was written as.
    pub(super) fn begun(&self) -> String {
        let own = match &self.completions {
            Completions::None | Completions::Many => format!("{}*", quoted(&self.text)),
            Completions::Few(terms) => terms.iter().map(|(t, _)| quoted(t)).collect::<Vec<_>>().join(" OR "),
        };
        match self.text.as_str() {
            "saint" => format!("({own} OR \"st\"*)"),
            "sainte" => format!("({own} OR \"ste\"*)"),
            _ => format!("({own})"),
        }
    }
}

/// A word as the full-text engine takes a string. Words are letters and digits: there is nothing to escape.
pub(super) fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', ""))
}

/// A word of a name, as [`quoted`].
pub(super) fn name(word: &str) -> String {
    quoted(&format!("{NAME}{word}"))
}

fn all(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(" AND ")
}

fn any(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(" OR ")
}

/// Neighbours of which the first is short, in one word (`le bihan`: `lebihan`), where such a word exists: the first
/// one's place, how many they are, and the word.
fn glued(data: &Connection, words: &[Word]) -> Result<Vec<(usize, usize, Word)>, Error> {
    let mut out = Vec::new();
    for (at, rest) in (0..words.len()).filter_map(|at| Some((at, words.get(at..)?))) {
        let particles = rest.iter().take_while(|w| w.is_particle()).count().min(3);
        for count in 2..=(particles + 1).min(rest.len()) {
            let text: String = rest.iter().take(count).map(|w| w.text.as_str()).collect();
            if text.len() < EXPAND_FROM {
                continue;
            }
            let word = Word::look_up(data, text)?;
            if !word.is_unknown() {
                out.push((at, count, word));
            }
        }
    }
    Ok(out)
}

/// Every word begun; or some of them in one word and the others begun.
fn all_begun(words: &[Word], glued: &[(usize, usize, Word)]) -> String {
    let mut alternatives = vec![format!("({})", all(words.iter().map(Word::begun)))];
    for (at, count, word) in glued {
        let rest = words.iter().enumerate().filter(|(i, _)| !(*at..at + count).contains(i));
        alternatives.push(format!("({})", all(rest.map(|(_, w)| w.begun()).chain([word.begun()]))));
    }
    format!("({})", any(alternatives))
}

/// The full-text expressions to run one after the other until there are enough results.
#[derive(Default)]
struct Stages {
    /// Every word whole: lists that are read until there is enough.
    whole: Vec<String>,
    /// Words begun: the words that begin so may have to be gathered first.
    begun: Vec<String>,
}

fn stages(words: &[Word], glued: &[(usize, usize, Word)], filter: &[String]) -> Stages {
    let mut stages = Stages::default();
    if words.is_empty() {
        stages.begun.extend((!filter.is_empty()).then(|| all(filter.iter().cloned())));
        return stages;
    }
    let narrowed = |parts: Vec<String>| all(parts.into_iter().chain(filter.iter().cloned()));
    let whole = all(words.iter().map(|w| quoted(&w.text)));
    let whole_names: Vec<String> = words.iter().filter(|w| w.whole.1).map(|w| name(&w.text)).collect();
    let a_whole_name = format!("({})", any(whole_names.iter().cloned()));
    let begun = all_begun(words, glued);
    if words.iter().all(|w| w.whole.0) {
        if !whole_names.is_empty() {
            let family = format!("({})", any(families(words)));
            stages.whole.push(narrowed(vec![family, whole.clone()]));
        }
        if whole_names.len() == words.len() {
            stages.whole.push(narrowed(vec![all(whole_names.iter().cloned())]));
        }
        if !whole_names.is_empty() && words.len() > 1 {
            stages.whole.push(narrowed(vec![a_whole_name.clone(), whole.clone()]));
        }
        stages.whole.push(narrowed(vec![whole]));
    }
    if !whole_names.is_empty() && words.len() > 1 {
        stages.begun.push(narrowed(vec![a_whole_name, begun.clone()]));
    }
    let names = any(words.iter().filter_map(Word::name_begun));
    if !names.is_empty() {
        let rest = (words.len() > 1).then(|| begun.clone());
        stages.begun.push(narrowed([format!("({names})")].into_iter().chain(rest).collect()));
    }
    stages.begun.push(narrowed(vec![begun]));
    stages
}

/// The expressions for family names of one of these words, or of neighbours among them (`le gall`, `andre martin`).
fn families(words: &[Word]) -> Vec<String> {
    let runs = (0..words.len()).flat_map(|at| (at + 1..=words.len().min(at + 4)).map(move |end| at..end));
    let texts =
        runs.filter_map(|run| words.get(run)).map(|run| run.iter().map(|w| w.text.as_str()).collect());
    texts.map(|text: String| quoted(&format!("{FAMILY}{text}"))).collect()
}

/// Expressions every result must match.
fn filter(query: &Query) -> Vec<String> {
    let part = |columns: &str, text: &Option<String>| {
        let words: Vec<String> = words(text.as_deref().unwrap_or_default())
            .iter()
            .filter(|w| *w != "cedex")
            .take(MAX_WORDS)
            .map(|w| format!("{}*", quoted(w)))
            .collect();
        (!words.is_empty()).then(|| format!("{{{columns}}} : ({})", all(words)))
    };
    let kind = query.kind.map(|kind| format!("{{o}} : {}", quoted(&kind_word(kind.code()))));
    [part("p", &query.profession), part("s", &query.specialty), part("l", &query.place), kind]
        .into_iter()
        .flatten()
        .collect()
}

/// Where a hash is looked up.
#[derive(Clone, Copy)]
enum Table {
    /// People by the hash of their key.
    Mark,
    /// People by the hashes of their addresses.
    Lookup,
}

fn ids_of(data: &Connection, table: Table, hash: i64) -> Result<Vec<i64>, Error> {
    let mut statement = data.prepare_cached(match table {
        Table::Mark => "SELECT person FROM mark WHERE hash = ?1 ORDER BY person LIMIT 20",
        Table::Lookup => "SELECT person FROM lookup WHERE hash = ?1 ORDER BY person LIMIT 20",
    })?;
    Ok(statement.query_map([hash], |r| r.get(0))?.collect::<Result<_, _>>()?)
}

/// The first person of this hash that is really meant.
fn by_hash(
    data: &Connection,
    (table, hash): (Table, i64),
    is_meant: impl Fn(&Person) -> bool,
) -> Result<Option<Person>, Error> {
    Ok(people(data, &ids_of(data, table, hash)?)?.into_iter().find(is_meant))
}

/// The person with this key.
pub(super) fn by_key(data: &Connection, key: &str) -> Result<Option<Person>, Error> {
    let key = if key.contains('@') { key.to_lowercase() } else { key.to_owned() };
    by_hash(data, (Table::Mark, hash(KEY, &key)), |p| p.key == key)
}

/// Whose mailbox the address is.
pub(super) fn by_address(data: &Connection, address: &str) -> Result<Option<Person>, Error> {
    let address = address.trim().to_lowercase();
    by_hash(data, (Table::Lookup, hash(ADDRESS, &address)), |p| {
        p.mailboxes.iter().any(|m| m.address.as_str().to_lowercase() == address)
    })
}

/// The people of these rows, in this order.
fn people(data: &Connection, ids: &[i64]) -> Result<Vec<Person>, Error> {
    let mut statement = data.prepare_cached("SELECT data FROM person WHERE id = ?1")?;
    let mut out = Vec::with_capacity(ids.len());
    for id in ids {
        let text: Option<String> = statement.query_row([id], |r| r.get(0)).optional()?;
        out.extend(text.as_deref().and_then(row::person));
    }
    Ok(out)
}
