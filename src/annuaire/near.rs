//! Near spellings: one or two typing errors, or the same sound in French. Shown apart from what matches: a wrong
//! recipient is a disclosure.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::Error;
use super::query::{Word, matching, name, quoted};

/// Shortest word that may be misspelt, in letters.
const SHORTEST: usize = 4;
/// Words from this length on may have two errors.
const TWO_ERRORS_FROM: usize = 8;
/// Shortest beginning of a word that may be misspelt.
const BEGUN_FROM: usize = 5;
/// Most spellings tried for a word, of names and of the rest.
const SPELLINGS: usize = 12;
/// Most results.
const RESULTS: usize = 20;

/// Rows that match with a near spelling of at least one word, none of them in `known`: names that are near first, then
/// anything else that is.
pub(super) fn search(
    data: &Connection,
    words: &[Word],
    filter: &[String],
    known: &HashSet<i64>,
) -> Result<Vec<i64>, Error> {
    let spellings = words
        .iter()
        .map(|word| Ok((word, Spellings::of(data, &word.text)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    let mut ids: Vec<i64> = Vec::new();
    for anywhere in [false, true] {
        let Some(expression) = expression(&spellings, filter, anywhere) else { continue };
        let found = matching(data, &expression, RESULTS + known.len() + ids.len())?;
        for id in found {
            if !known.contains(&id) && !ids.contains(&id) {
                ids.push(id);
            }
        }
        if ids.len() >= RESULTS {
            break;
        }
    }
    ids.truncate(RESULTS);
    Ok(ids)
}

/// The full-text expression of words with their near spellings; `None` when none is near, or one has no match at all.
fn expression(words: &[(&Word, Spellings)], filter: &[String], anywhere: bool) -> Option<String> {
    let mut parts = Vec::new();
    let mut changed = false;
    for (word, spellings) in words {
        let mut near: Vec<String> = match anywhere {
            false => spellings.names.iter().map(|s| name(s)).collect(),
            // a town or structure may bear a name of the index too
            true => spellings.names.iter().chain(&spellings.others).map(|s| quoted(s)).collect(),
        };
        changed |= !near.is_empty();
        if !word.is_unknown() {
            near.push(word.begun());
        }
        if near.is_empty() {
            return None;
        }
        parts.push(format!("({})", near.join(" OR ")));
    }
    parts.extend(filter.iter().cloned());
    changed.then(|| parts.join(" AND "))
}

/// Words of the index near one that was typed, nearest first.
#[derive(Default)]
struct Spellings {
    /// Of names; the more frequent first.
    names: Vec<String>,
    /// Of professions, specialties, towns, structures and the rest.
    others: Vec<String>,
}

impl Spellings {
    fn of(data: &Connection, word: &str) -> Result<Self, Error> {
        let length = word.chars().count();
        let Some(first) = word.chars().next().filter(|_| length >= SHORTEST) else {
            return Ok(Self::default());
        };
        if word.chars().any(|c| c.is_ascii_digit()) {
            return Ok(Self::default());
        }
        let most = if length >= TWO_ERRORS_FROM { 2 } else { 1 };
        let letters: Vec<char> = word.chars().collect();
        let mut near: Vec<(usize, u32, String)> = Vec::new();
        let mut begun: Vec<(usize, u32, String)> = Vec::new();
        let mut errors = Errors::new(&letters, most);
        let mut same_start = data.prepare_cached(
            "SELECT term, names FROM vocabulary WHERE term >= ?1 AND term < ?2 AND length(term) >= ?3",
        )?;
        let shortest = i64::try_from(length - most).unwrap_or(i64::MAX);
        let mut rows =
            same_start.query(params![first.to_string(), format!("{first}\u{10ffff}"), shortest])?;
        while let Some(row) = rows.next()? {
            let term = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            match errors.of(term) {
                (Some(0), _) | (None, None) => {}
                (Some(count), _) => near.push((count, row.get(1)?, term.to_owned())),
                (None, Some(count)) => begun.push((count, row.get(1)?, term.to_owned())),
            }
        }
        let mut same_sound = data.prepare_cached(
            "SELECT s.term, v.names FROM sound s JOIN vocabulary v ON v.term = s.term WHERE s.key = ?1 LIMIT 200",
        )?;
        let mut rows = same_sound.query([sound(word)])?;
        while let Some(row) = rows.next()? {
            let term: String = row.get(0)?;
            if term != word && !near.iter().any(|(_, _, known)| *known == term) {
                near.push((most, row.get(1)?, term));
            }
        }
        // a word still being typed, when no whole one is near
        if near.is_empty() && length >= BEGUN_FROM {
            near = begun;
        }
        near.sort_by(|a, b| (a.0, std::cmp::Reverse(a.1), &a.2).cmp(&(b.0, std::cmp::Reverse(b.1), &b.2)));
        let (names, others): (Vec<_>, Vec<_>) = near.into_iter().partition(|(_, names, _)| *names > 0);
        let terms =
            |list: Vec<(usize, u32, String)>| list.into_iter().take(SPELLINGS).map(|(_, _, t)| t).collect();
        Ok(Self { names: terms(names), others: terms(others) })
    }
}

/// Counts the insertions, deletions, replacements and exchanges of neighbours between a word and terms, up to a bound.
struct Errors<'w> {
    word: &'w [char],
    most: usize,
    term: Vec<char>,
    rows: [Vec<usize>; 3],
}

impl<'w> Errors<'w> {
    fn new(word: &'w [char], most: usize) -> Self {
        Self { word, most, term: Vec::new(), rows: Default::default() }
    }

    /// Errors against the whole term, and against the beginning of it that is nearest; `None` above the bound.
    fn of(&mut self, term: &str) -> (Option<usize>, Option<usize>) {
        let Self { word, most, term: letters, rows: [before, above, row] } = self;
        letters.clear();
        // what follows has no part in a beginning, and makes the whole differ too much
        letters.extend(term.chars().take(word.len() + *most + 1));
        let at = |list: &[usize], j: usize| list.get(j).copied().unwrap_or(usize::MAX - 1);
        above.clear();
        above.extend(0..=letters.len());
        for (i, a) in word.iter().enumerate() {
            row.clear();
            row.push(i + 1);
            for (j, b) in letters.iter().enumerate() {
                let mut best =
                    (at(above, j) + usize::from(a != b)).min(at(above, j + 1) + 1).min(at(row, j) + 1);
                let exchanged = i > 0 && j > 0 && word.get(i - 1) == Some(b) && letters.get(j - 1) == Some(a);
                if exchanged {
                    best = best.min(at(before, j - 1) + 1);
                }
                row.push(best);
            }
            if row.iter().all(|d| *d > *most) {
                return (None, None);
            }
            std::mem::swap(before, above);
            std::mem::swap(above, row);
        }
        let bounded = |errors: Option<&usize>| errors.copied().filter(|d| *d <= *most);
        (bounded(above.last()), bounded(above.iter().min()))
    }
}

/// Groups of letters and the sound they share in French, tried in this order at each place.
const SOUNDS: &[(&str, &str)] = &[
    ("eau", "o"),
    ("ault", "o"),
    ("aud", "o"),
    ("aut", "o"),
    ("sch", "c"),
    ("tch", "c"),
    ("ain", "1"),
    ("ein", "1"),
    ("aim", "1"),
    ("oeu", "e"),
    ("aill", "ay"),
    ("eill", "ey"),
    ("uill", "uy"),
    ("ph", "f"),
    ("qu", "k"),
    ("ck", "k"),
    ("ch", "c"),
    ("gn", "n"),
    ("th", "t"),
    ("au", "o"),
    ("ai", "e"),
    ("ei", "e"),
    ("ay", "e"),
    ("ey", "e"),
    ("oe", "e"),
    ("eu", "e"),
    ("ou", "u"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "si"),
    ("ge", "je"),
    ("gi", "ji"),
    ("gy", "ji"),
    ("gu", "g"),
    ("c", "k"),
    ("q", "k"),
    ("z", "s"),
    ("x", "s"),
    ("y", "i"),
    ("w", "v"),
    ("h", ""),
];

/// How a folded word sounds in French, roughly: doubled letters and silent ends do not count. Empty for nothing heard.
pub(super) fn sound(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        let (heard, used) = match SOUNDS.iter().find(|(letters, _)| rest.starts_with(letters)) {
            Some((letters, heard)) => ((*heard).to_owned(), letters.len()),
            None => (c.to_string(), c.len_utf8()),
        };
        for h in heard.chars() {
            if !out.ends_with(h) {
                out.push(h);
            }
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    let kept = out.trim_end_matches(['e', 's', 't', 'd', 'p']).len();
    if kept > 1 {
        out.truncate(kept);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Errors, sound};

    #[test]
    fn names_that_sound_alike_have_one_sound() {
        for (a, b) in [
            ("philippe", "filipe"),
            ("lefebvre", "lefebvre"),
            ("durand", "durant"),
            ("dupont", "dupond"),
            ("renault", "renaud"),
            ("boucher", "bouchert"),
            ("thierry", "tierry"),
            ("martineau", "martino"),
            ("katherine", "catherine"),
            ("meyer", "meier"),
        ] {
            assert_eq!(sound(a), sound(b), "{a} {b}");
        }
        assert_ne!(sound("martin"), sound("morin"));
    }

    #[test]
    fn typing_errors_are_counted_up_to_the_bound() {
        let of = |word: &str, term: &str, most| {
            let letters: Vec<char> = word.chars().collect();
            Errors::new(&letters, most).of(term)
        };
        assert_eq!(of("martin", "martin", 1).0, Some(0));
        assert_eq!(of("matrin", "martin", 1).0, Some(1));
        assert_eq!(of("martn", "martin", 1).0, Some(1));
        assert_eq!(of("marttin", "martin", 1).0, Some(1));
        assert_eq!(of("nartan", "martin", 1), (None, None));
        assert_eq!(of("nartan", "martin", 2).0, Some(2));
        assert_eq!(of("matrin", "martinique", 1), (None, Some(1)));
        assert_eq!(of("matrin", "martinet", 2), (None, Some(1)));
        assert_eq!(of("infimri", "infirmiere", 2), (None, Some(1)));
        assert_eq!(of("infimri", "information", 1), (None, None));
    }
}
