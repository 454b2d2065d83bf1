//! The twelve lines at the head of a result: which lines they are, and what they hold.

use crate::domain::document::Author;
use crate::domain::patient::Patient;
use crate::health::time;

/// Lines of a header.
pub(super) const LINES: usize = 12;
/// Most lines looked at for a header, from the start of a result: a mail may greet first.
const SEARCHED: usize = 40;
/// Points of [`score`] from which lines are a header.
const ENOUGH: u32 = 5;

/// What the lines hold.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) patient: Patient,
    /// Number of the file at the laboratory.
    pub(super) number: String,
    pub(super) date: Option<String>,
    pub(super) sender: Author,
    pub(super) recipient: String,
}

/// The line a header begins at, among the first lines; `None` where none looks like one.
pub(super) fn find(lines: &[&str]) -> Option<usize> {
    let last = SEARCHED.min(lines.len());
    let scores = (0..last).map(|at| (at, lines.get(at..).map_or(0, score)));
    // the first of the best
    scores.rev().max_by_key(|(_, points)| *points).filter(|(_, points)| *points >= ENOUGH).map(|(at, _)| at)
}

/// How much lines look like a header: birth date and date of the file, postcode, social security number, a name in
/// capitals. The birth date or both the other date and a number must be there.
fn score(lines: &[&str]) -> u32 {
    let line = |n: usize| lines.get(n - 1).map_or("", |l| l.trim());
    let digits = |s: &str| s.bytes().filter(u8::is_ascii_digit).count();
    let is_date = |text: &str| text.len() < 20 && time::from_french(text).is_some();
    let name = |text: &str| {
        !text.is_empty()
            && text.len() <= 50
            && !text.contains(['|', ':', '/'])
            && text.chars().any(char::is_alphabetic)
            && !text.chars().any(|c| c.is_ascii_digit())
    };
    let birth = is_date(line(7));
    let filed = is_date(line(10));
    if !birth && !filed {
        return 0;
    }
    let postcode = line(6).len() > 5 && line(6).bytes().take(5).all(|b| b.is_ascii_digit());
    let number = (13..=15).contains(&digits(line(8))) && line(8).len() <= 22;
    let names = name(line(2)) && name(line(3));
    let capitals = names && !line(2).chars().any(char::is_lowercase);
    if !(birth || (filed && (postcode || number))) || !name(line(2)) {
        return 0;
    }
    u32::from(birth) * 3
        + u32::from(filed) * 2
        + u32::from(postcode)
        + u32::from(number)
        + u32::from(names)
        + u32::from(capitals)
}

/// Reads the lines of a header.
pub(super) fn read(lines: &[&str]) -> Header {
    let line = |n: usize| {
        let text = lines.get(n - 1).map_or("", |l| l.trim());
        // a point alone stands for nothing
        if text == "." { "" } else { text.get(..text.floor_char_boundary(200)).unwrap_or(text) }
    };
    let birth_name = line(2).to_owned();
    let first_name = line(3).to_owned();
    let address =
        [line(4), line(5), line(6)].into_iter().filter(|l| !l.is_empty()).collect::<Vec<_>>().join(", ");
    let number = line(8).split_whitespace().collect::<Vec<_>>().join(" ");
    let sender = named(line(11));
    Header {
        patient: Patient {
            name: format!("{birth_name} {first_name}").trim().to_owned(),
            birth_name,
            first_name,
            birth_date: time::from_french(line(7)),
            social_number: number,
            address,
            ..Patient::default()
        },
        number: line(9).to_owned(),
        date: time::from_french(line(10)),
        sender: Author { name: sender.1.clone(), id: sender.0, organisation: sender.1, ..Author::default() },
        recipient: named(line(12)).1,
    }
}

/// A code of up to ten characters, then a name; some write only the name.
fn named(line: &str) -> (String, String) {
    let cut = line.char_indices().nth(10).map_or(line.len(), |(at, _)| at);
    let (code, name) = line.split_at_checked(cut).unwrap_or((line, ""));
    let code = code.trim();
    if name.trim().is_empty() || code.contains(' ') && !line.contains("  ") {
        // a code has no space, a name has
        return match line.split_once("  ") {
            Some((code, name)) => (code.trim().to_owned(), name.trim().to_owned()),
            None => (String::new(), line.trim().to_owned()),
        };
    }
    (code.to_owned(), name.trim().to_owned())
}
