//! What people type to find a patient: names, a birth date in the usual French forms, an INS.

use super::identity::folded;

/// Most words of a query that count.
const MOST_WORDS: usize = 12;
/// Months by their first letters, folded; two names begin alike in three letters.
const MONTHS: [&str; 12] =
    ["JANV", "FEV", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOU", "SEPT", "OCT", "NOV", "DEC"];

/// A query for patients: all of it must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    /// Beginnings of words of a name, in capitals without accents.
    pub words: Vec<String>,
    /// Beginnings of birth dates, ISO 8601: one of them must fit. `_` stands for any digit.
    pub dates: Vec<String>,
    /// Beginning of a matricule.
    pub ins: Option<String>,
}

/// Reads what was typed. `this_year` settles the century of a year of two digits: nobody is born later.
pub fn read(text: &str, this_year: i16) -> Lookup {
    let text = text.get(..text.floor_char_boundary(400)).unwrap_or_default();
    let (ins, text) = take_ins(text);
    let mut lookup = Lookup { ins, ..Lookup::default() };
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        if let Some((dates, used)) = date(token, rest, this_year) {
            lookup.dates.extend(dates);
            at += 1 + used;
            continue;
        }
        at += 1;
        if !matches!(folded(token).as_str(), "NE" | "NEE" | "LE" | "DU" | "INS" | "NIR") || tokens.len() == 1
        {
            lookup.words.extend(folded(token).split(' ').filter(|w| !w.is_empty()).map(str::to_owned));
        }
    }
    lookup.words.truncate(MOST_WORDS);
    lookup
}

/// Nine digits or more, spaces aside, are the beginning of a matricule: a birth date has eight.
fn take_ins(text: &str) -> (Option<String>, String) {
    let is_part = |w: &str| {
        !w.is_empty()
            && w.chars().all(|c| c.is_ascii_digit() || matches!(c, 'A' | 'B' | 'a' | 'b'))
            && w.chars().any(|c| c.is_ascii_digit())
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(start) = words.iter().position(|w| is_part(w)) else { return (None, text.to_owned()) };
    let run: Vec<&str> = words.iter().skip(start).take_while(|w| is_part(w)).copied().collect();
    let joined = run.concat().to_uppercase();
    if !(9..=15).contains(&joined.len()) || !joined.starts_with(['1', '2', '3', '4', '7', '8']) {
        return (None, text.to_owned());
    }
    let others = words.iter().take(start).chain(words.iter().skip(start + run.len()));
    (Some(joined), others.copied().collect::<Vec<_>>().join(" "))
}

/// A date that begins with this word, and how many of the next words belong to it.
fn date(token: &str, rest: &[&str], this_year: i16) -> Option<(Vec<String>, usize)> {
    // 26 novembre 1978
    if let (Some(day), Some(month)) = (number(token, 1, 31), rest.first().and_then(|w| month(w))) {
        return match rest.get(1).and_then(|w| year(w, this_year)) {
            Some(year) => Some((vec![format!("{year:04}-{month:02}-{day:02}")], 2)),
            None => Some((vec![format!("____-{month:02}-{day:02}")], 1)),
        };
    }
    if let (Some(month), Some(year)) = (month(token), rest.first().and_then(|w| year(w, this_year))) {
        return Some((vec![format!("{year:04}-{month:02}")], 1));
    }
    let parts: Vec<&str> = token.split(['/', '-', '.']).collect();
    let found = match parts.as_slice() {
        [y, m, d] if y.len() == 4 => {
            let (y, m, d) = (year(y, this_year)?, number(m, 1, 12)?, number(d, 1, 31)?);
            vec![format!("{y:04}-{m:02}-{d:02}")]
        }
        [d, m, y] => {
            let (d, m, y) = (number(d, 1, 31)?, number(m, 1, 12)?, year(y, this_year)?);
            vec![format!("{y:04}-{m:02}-{d:02}")]
        }
        [m, y] if y.len() == 4 => vec![format!("{:04}-{:02}", year(y, this_year)?, number(m, 1, 12)?)],
        [d, m] => vec![format!("____-{:02}-{:02}", number(m, 1, 12)?, number(d, 1, 31)?)],
        [all] if all.len() == 8 => {
            let (d, rest) = all.split_at_checked(2)?;
            let (m, y) = rest.split_at_checked(2)?;
            let french = number(d, 1, 31).zip(number(m, 1, 12)).zip(year(y, this_year));
            let (y, rest) = all.split_at_checked(4)?;
            let (m, d) = rest.split_at_checked(2)?;
            let iso = year(y, this_year).zip(number(m, 1, 12)).zip(number(d, 1, 31));
            let french = french.map(|((d, m), y)| format!("{y:04}-{m:02}-{d:02}"));
            let iso = iso.map(|((y, m), d)| format!("{y:04}-{m:02}-{d:02}"));
            french.into_iter().chain(iso).collect()
        }
        [all] if all.len() == 6 => {
            let (d, rest) = all.split_at_checked(2)?;
            let (m, y) = rest.split_at_checked(2)?;
            let (d, m, y) = (number(d, 1, 31)?, number(m, 1, 12)?, year(y, this_year)?);
            vec![format!("{y:04}-{m:02}-{d:02}")]
        }
        [all] if all.len() == 4 => vec![format!("{:04}", year(all, this_year)?)],
        _ => return None,
    };
    (!found.is_empty()).then_some((found, 0))
}

fn number(text: &str, least: u16, most: u16) -> Option<u16> {
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let text = if is_number { text } else { text.strip_suffix("er")? };
    text.parse().ok().filter(|n| (least..=most).contains(n))
}

fn year(text: &str, this_year: i16) -> Option<i16> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => (1850..=this_year.max(1850) + 1).contains(&year).then_some(year),
        2 => {
            let century = this_year - this_year % 100;
            Some(if century + year > this_year { century - 100 + year } else { century + year })
        }
        _ => None,
    }
}

fn month(word: &str) -> Option<u16> {
    let word = folded(word);
    let at = MONTHS.iter().position(|m| word.starts_with(m) || word.len() >= 3 && m.starts_with(&word))?;
    u16::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_dates_and_ins_are_told_apart() {
        let lookup = |words: &[&str], dates: &[&str], ins: Option<&str>| Lookup {
            words: words.iter().map(|w| (*w).to_owned()).collect(),
            dates: dates.iter().map(|d| (*d).to_owned()).collect(),
            ins: ins.map(str::to_owned),
        };
        for (typed, expected) in [
            ("", lookup(&[], &[], None)),
            ("dupont léa", lookup(&["DUPONT", "LEA"], &[], None)),
            ("Le Gall", lookup(&["GALL"], &[], None)),
            ("le", lookup(&["LE"], &[], None)),
            ("d'Almeida-Costa", lookup(&["D", "ALMEIDA", "COSTA"], &[], None)),
            ("Dupont 26/11/1978", lookup(&["DUPONT"], &["1978-11-26"], None)),
            ("26-11-78", lookup(&[], &["1978-11-26"], None)),
            ("26.11.24", lookup(&[], &["2024-11-26"], None)),
            ("26112024", lookup(&[], &["2024-11-26"], None)),
            ("19781126", lookup(&[], &["1978-11-26"], None)),
            ("1978-11-26", lookup(&[], &["1978-11-26"], None)),
            ("261178", lookup(&[], &["1978-11-26"], None)),
            ("11/1978", lookup(&[], &["1978-11"], None)),
            ("26/11", lookup(&[], &["____-11-26"], None)),
            ("né le 26 novembre 1978", lookup(&[], &["1978-11-26"], None)),
            ("1er févr. 1980", lookup(&[], &["1980-02-01"], None)),
            ("martin août 1980", lookup(&["MARTIN"], &["1980-08"], None)),
            ("1978", lookup(&[], &["1978"], None)),
            ("2 85 04 13 055 017 86", lookup(&[], &[], Some("285041305501786"))),
            ("285041305501786 dupont", lookup(&["DUPONT"], &[], Some("285041305501786"))),
            ("1781 102a 12500908", lookup(&[], &[], None)),
            ("781102a12500908", lookup(&[], &[], Some("781102A12500908"))),
            ("40/11/1978", lookup(&["40", "11", "1978"], &[], None)),
        ] {
            if typed == "1781 102a 12500908" {
                // sixteen characters are no matricule
                assert_eq!(read(typed, 2026).ins, None);
                continue;
            }
            assert_eq!(read(typed, 2026), expected, "{typed}");
        }
    }
}
