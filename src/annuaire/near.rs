//! Near spellings: one or two typing errors, or the same sound in French. Shown apart from what matches: a wrong
//! recipient is a disclosure.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::Error;
use super::query::{Word, matching, name};

/// Shortest word that may be misspelt, in letters.
const SHORTEST: usize = 4;
/// Words from this length on may have two errors.
const TWO_ERRORS_FROM: usize = 8;
/// Most spellings tried for a word.
const SPELLINGS: usize = 12;
/// Most results.
const RESULTS: usize = 20;

/// Rows that match with a near spelling of at least one name, none of them in `known`.
pub(super) fn search(
    data: &Connection,
    words: &[Word],
    filter: &[String],
    known: &HashSet<i64>,
) -> Result<Vec<i64>, Error> {
    let mut parts = Vec::new();
    let mut changed = false;
    for word in words {
        let spellings = spellings(data, &word.text)?;
        let near = spellings.iter().map(|s| name(s)).collect::<Vec<_>>().join(" OR ");
        match (near.is_empty(), word.is_unknown()) {
            (true, true) => return Ok(Vec::new()),
            (true, false) => parts.push(word.begun()),
            (false, true) => parts.push(format!("({near})")),
            (false, false) => parts.push(format!("({near} OR {})", word.begun())),
        }
        changed |= !near.is_empty();
    }
    if !changed {
        return Ok(Vec::new());
    }
    parts.extend(filter.iter().cloned());
    let mut ids = matching(data, &parts.join(" AND "), RESULTS + known.len())?;
    ids.retain(|id| !known.contains(id));
    ids.truncate(RESULTS);
    Ok(ids)
}

/// Words of names near this one, nearest and most frequent first.
fn spellings(data: &Connection, word: &str) -> Result<Vec<String>, Error> {
    let length = word.chars().count();
    let Some(first) = word.chars().next().filter(|_| length >= SHORTEST) else { return Ok(Vec::new()) };
    if word.chars().any(|c| c.is_ascii_digit()) {
        return Ok(Vec::new());
    }
    let most = if length >= TWO_ERRORS_FROM { 2 } else { 1 };
    let letters: Vec<char> = word.chars().collect();
    let mut near: Vec<(usize, u32, String)> = Vec::new();
    let mut same_start = data.prepare_cached(
        "SELECT term, names FROM vocabulary WHERE term >= ?1 AND term < ?2 AND names > 0
         AND length(term) BETWEEN ?3 AND ?4",
    )?;
    let bound = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let bounds =
        params![first.to_string(), format!("{first}\u{10ffff}"), bound(length - most), bound(length + most)];
    let mut rows = same_start.query(bounds)?;
    while let Some(row) = rows.next()? {
        let term = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(errors) = distance(&letters, term, most).filter(|d| *d > 0) {
            near.push((errors, row.get(1)?, term.to_owned()));
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
    near.sort_by(|a, b| (a.0, std::cmp::Reverse(a.1), &a.2).cmp(&(b.0, std::cmp::Reverse(b.1), &b.2)));
    near.truncate(SPELLINGS);
    Ok(near.into_iter().map(|(_, _, term)| term).collect())
}

/// Insertions, deletions, replacements and exchanges of neighbours between two words, when at most `most`.
fn distance(word: &[char], term: &str, most: usize) -> Option<usize> {
    let term: Vec<char> = term.chars().collect();
    if word.len().abs_diff(term.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=term.len()).collect();
    for (i, a) in word.iter().enumerate() {
        let mut row = Vec::with_capacity(above.len());
        row.push(i + 1);
        for (j, b) in term.iter().enumerate() {
            let at = |list: &[usize], j: usize| list.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut best =
                (at(&above, j) + usize::from(a != b)).min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let exchanged = i > 0 && j > 0 && word.get(i - 1) == Some(b) && term.get(j - 1) == Some(a);
            if exchanged {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        if row.iter().all(|d| *d > most) {
            return None;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|d| *d <= most)
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
    use super::{distance, sound};

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
        let d = |a: &str, b: &str, most| distance(&a.chars().collect::<Vec<_>>(), b, most);
        assert_eq!(d("martin", "martin", 1), Some(0));
        assert_eq!(d("matrin", "martin", 1), Some(1));
        assert_eq!(d("martn", "martin", 1), Some(1));
        assert_eq!(d("marttin", "martin", 1), Some(1));
        assert_eq!(d("nartan", "martin", 1), None);
        assert_eq!(d("nartan", "martin", 2), Some(2));
    }
}
