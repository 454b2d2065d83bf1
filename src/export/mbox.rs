//! mbox files: messages one after the other, each after a line that begins with `From `.
//!
//! Written as mboxrd, the variant that comes back as it was: every line that begins with any number of `>` and `From `
//! gets one more `>`. Lines end with LF, as Unix programs and Thunderbird expect; read messages get CRLF again. Read
//! are mboxrd and mboxo (whose lone `>From ` cannot be told from it), with either line end.

use std::io::{BufRead, Read, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Error, LARGEST_MESSAGE, Result};
use crate::domain::UnixTime;
use crate::domain::message::Flags;

/// Longest line that is held at a time; a longer one is taken in pieces.
const PIECE: u64 = 64 << 10;

/// Writes one message with the line before it and the empty one after it.
///
/// # Errors
/// Those of the disk.
pub fn write(out: &mut impl Write, sender: &str, date: UnixTime, raw: &[u8]) -> std::io::Result<()> {
    writeln!(out, "From {} {}", sender_word(sender), asctime(date))?;
    let mut lines = raw.split(|b| *b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // what follows the last line end is no line
        if lines.peek().is_none() && line.is_empty() {
            break;
        }
        if is_quoted_from(line) {
            out.write_all(b">")?;
        }
        out.write_all(line)?;
        out.write_all(b"\n")?;
    }
    out.write_all(b"\n")
}

/// `>*From `
fn is_quoted_from(line: &[u8]) -> bool {
    let quotes = line.iter().take_while(|b| **b == b'>').count();
    line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "))
}

/// The sender as one word: an address has no blanks, and where there is none mail programs write this name.
fn sender_word(sender: &str) -> String {
    let word: String = sender.chars().filter(|c| c.is_ascii_graphic()).take(320).collect();
    if word.is_empty() { "MAILER-DAEMON".to_owned() } else { word }
}

/// `Thu Nov 26 02:17:28 2026` in UTC.
fn asctime(date: UnixTime) -> String {
    let time = Timestamp::from_second(date).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::UTC);
    time.strftime("%a %b %e %H:%M:%S %Y").to_string()
}

/// A message of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Source with CRLF line ends.
    pub raw: Vec<u8>,
    /// Date of the line before it, when it could be read.
    pub date: Option<UnixTime>,
    /// What mail programs noted in `Status`, `X-Status` and `X-Mozilla-Status`.
    pub flags: Option<Flags>,
}

/// Reads the messages of a file one after the other.
pub struct Reader<R> {
    input: R,
    /// The line that began the message to come.
    from: Option<Vec<u8>>,
    /// Messages passed over because they are larger than [`LARGEST_MESSAGE`].
    too_large: u64,
    /// The last piece ended a line.
    at_start: bool,
}

impl<R: BufRead> Reader<R> {
    /// Begins a file.
    ///
    /// # Errors
    /// [`Error::Format`] unless it begins with `From `; an empty file is none either.
    pub fn new(input: R) -> Result<Self> {
        let mut reader = Self { input, from: None, too_large: 0, at_start: true };
        loop {
            match reader.piece()? {
                Some(line) if line.starts_with(b"From ") => {
                    reader.from = Some(line);
                    return Ok(reader);
                }
                // empty lines and a mark of the encoding before the first message
                Some(line) if matches!(line.as_slice(), b"\n" | b"\r\n" | b"\xef\xbb\xbf\n") => {}
                _ => return Err(Error::Format),
            }
        }
    }

    /// Messages passed over so far because they are too large.
    pub fn too_large(&self) -> u64 {
        self.too_large
    }

    /// The next message; `None` after the last.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn next_message(&mut self) -> Result<Option<Found>> {
        loop {
            let Some(from) = self.from.take() else { return Ok(None) };
            let mut raw = Vec::new();
            let mut is_too_large = false;
            // whether a `From ` begins a message: only after an empty line
            let mut after_empty = false;
            while let (starts, Some(piece)) = (self.at_start, self.piece()?) {
                if starts && after_empty && is_from_line(&piece) {
                    self.from = Some(piece);
                    break;
                }
                after_empty = starts && matches!(piece.as_slice(), b"\n" | b"\r\n");
                if raw.len() as u64 + piece.len() as u64 > LARGEST_MESSAGE {
                    is_too_large = true;
                    raw = Vec::new();
                }
                if !is_too_large {
                    take(&mut raw, piece, starts);
                }
            }
            if is_too_large {
                self.too_large += 1;
                continue;
            }
            // the empty line that ends a message in the file is not its own
            if raw.ends_with(b"\r\n\r\n") || raw == b"\r\n" {
                raw.truncate(raw.len() - 2);
            }
            let flags = flags(&raw);
            return Ok(Some(Found { raw, date: date(&from), flags }));
        }
    }

    /// A line with its end, or a piece of a long one.
    fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        let mut piece = Vec::new();
        let count = (&mut self.input).take(PIECE).read_until(b'\n', &mut piece)?;
        self.at_start = piece.ends_with(b"\n");
        Ok((count > 0).then_some(piece))
    }
}

/// Adds a line, its quoting taken off and its end made CRLF.
fn take(raw: &mut Vec<u8>, piece: Vec<u8>, starts: bool) {
    let is_quoted = starts && piece.starts_with(b">") && is_quoted_from(&piece);
    let line = if is_quoted { piece.get(1..).unwrap_or_default() } else { &piece };
    match line.strip_suffix(b"\n") {
        Some(line) => {
            raw.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
            raw.extend_from_slice(b"\r\n");
        }
        None => raw.extend_from_slice(line),
    }
}

/// `From word weekday month day time year`, loosely: a year and a time after the sender.
fn is_from_line(line: &[u8]) -> bool {
    line.starts_with(b"From ") && date(line).is_some()
        // Thunderbird writes `From - date`, others nothing after the sender
        || line.trim_ascii_end() == b"From" || line.starts_with(b"From - ")
}

fn date(line: &[u8]) -> Option<UnixTime> {
    let text = std::str::from_utf8(line.get(..200.min(line.len()))?).ok()?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.windows(2).position(
        |pair| matches!(pair, [month, day] if MONTHS.contains(month) && day.parse::<i8>().is_ok()),
    )?;
    let month = MONTHS.iter().position(|m| words.get(at) == Some(m))?;
    let day = words.get(at + 1)?.parse().ok()?;
    let mut clock = words.get(at + 2)?.split(':');
    let mut part = || clock.next().map_or(Some(0), |p| p.parse::<i8>().ok());
    let (hour, minute, second) = (part()?, part()?, part()?);
    // a zone may stand before the year
    let year = words
        .iter()
        .skip(at + 3)
        .find_map(|w| w.parse::<i16>().ok().filter(|y| (1970..=9999).contains(y)))?;
    let month = i8::try_from(month + 1).ok()?;
    let time = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Status: RO`, `X-Status: AF`, or the bits of `X-Mozilla-Status` (1 read, 2 answered, 4 flagged).
fn flags(raw: &[u8]) -> Option<Flags> {
    let mut flags: Option<Flags> = None;
    for line in raw.split(|b| *b == b'\n').take(400).take_while(|line| !line.trim_ascii().is_empty()) {
        let Some(at) = line.iter().position(|b| *b == b':') else { continue };
        let (name, value) = (line.get(..at)?, line.get(at + 1..)?.trim_ascii());
        let has = |letter: u8| value.contains(&letter);
        if name.eq_ignore_ascii_case(b"Status") {
            flags.get_or_insert_default().seen |= has(b'R');
        } else if name.eq_ignore_ascii_case(b"X-Status") {
            let flags = flags.get_or_insert_default();
            flags.answered |= has(b'A');
            flags.flagged |= has(b'F');
        } else if name.eq_ignore_ascii_case(b"X-Mozilla-Status") {
            let bits = std::str::from_utf8(value).ok().and_then(|v| u16::from_str_radix(v, 16).ok())?;
            let flags = flags.get_or_insert_default();
            flags.seen |= bits & 1 != 0;
            flags.answered |= bits & 2 != 0;
            flags.flagged |= bits & 4 != 0;
        }
    }
    flags
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Found> {
        let mut reader = Reader::new(bytes).unwrap();
        std::iter::from_fn(|| reader.next_message().unwrap()).collect()
    }

    #[test]
    fn messages_come_back_byte_for_byte() {
        let messages: [&[u8]; 6] = [
            b"Subject: a\r\n\r\nFrom the start\r\n>From quoted\r\n>>From twice\r\nFromage\r\n",
            b"Subject: b\r\n\r\n\r\nFrom x@y.fr Thu Nov 26 02:17:28 2026\r\n\r\n\r\n",
            b"Subject: no line end",
            b"Subject: empty body\r\n\r\n",
            b"",
            b"X: 1\r\n\r\n\xff\xfe\x00binary\r\n",
        ];
        let mut file = Vec::new();
        for raw in messages {
            write(&mut file, "dr@example.mssante.fr", 1_795_659_448, raw).unwrap();
        }
        assert!(
            file.starts_with(b"From dr@example.mssante.fr Thu Nov 26 02:17:28 2026\nSubject: a\n\n>From the")
        );
        let found = all(&file);
        assert_eq!(found.len(), messages.len());
        for (found, raw) in found.iter().zip(messages) {
            // a last line without an end gets one: a file of lines cannot say otherwise
            let mut whole = raw.to_vec();
            if !whole.is_empty() && !whole.ends_with(b"\r\n") {
                whole.extend_from_slice(b"\r\n");
            }
            assert_eq!(String::from_utf8_lossy(&found.raw), String::from_utf8_lossy(&whole));
            assert_eq!(found.date, Some(1_795_659_448));
        }
    }

    #[test]
    fn files_of_other_programs_are_read_with_their_marks() {
        let file = b"From - Thu Nov 26 02:17:28 2026\r\nX-Mozilla-Status: 0005\r\nSubject: 1\r\n\r\nbody\r\n\r\n\
            From a@b.fr  Mon Jan  5 09:00:00 +0100 2026\nStatus: RO\nX-Status: A\nSubject: 2\n\nFrom here on\n\
            From nobody knows\n\nFrom me to you\n\nFrom c Sat Feb 28 1:02 2026\nSubject: 3\n\nx";
        let found = all(file);
        assert_eq!(found.len(), 3);
        let flags = |n: usize| found.get(n).unwrap().flags.clone();
        assert_eq!(flags(0), Some(Flags { seen: true, flagged: true, ..Flags::default() }));
        assert_eq!(flags(1), Some(Flags { seen: true, answered: true, ..Flags::default() }));
        assert_eq!(flags(2), None);
        let second = String::from_utf8_lossy(&found.get(1).unwrap().raw).into_owned();
        assert!(
            second.contains("From nobody knows\r\n") && second.ends_with("From me to you\r\n"),
            "{second}"
        );
    }

    #[test]
    fn what_is_no_mbox_is_refused_and_long_lines_are_whole() {
        for bytes in [&b""[..], b"Subject: x\r\n\r\n", b"%PDF-1.7", b"\n\n"] {
            assert!(matches!(Reader::new(bytes), Err(Error::Format)));
        }
        let long = "x".repeat(300_000);
        let raw = format!("Subject: a\r\n\r\n{long}From y\r\n");
        let mut file = Vec::new();
        write(&mut file, "", 0, raw.as_bytes()).unwrap();
        assert!(file.starts_with(b"From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n"));
        assert_eq!(all(&file).first().unwrap().raw, raw.as_bytes());
    }

    #[test]
    fn a_message_beyond_all_bounds_is_passed_over_and_counted() {
        let mut file = b"From a Thu Nov 26 02:17:28 2026\nSubject: large\n\n".to_vec();
        file.resize(file.len() + usize::try_from(LARGEST_MESSAGE).unwrap() + 10, b'x');
        file.extend_from_slice(b"\n\nFrom b Thu Nov 26 02:17:28 2026\nSubject: small\n\n");
        let mut reader = Reader::new(file.as_slice()).unwrap();
        let next = reader.next_message().unwrap().unwrap();
        assert!(next.raw.starts_with(b"Subject: small"));
        assert_eq!(reader.too_large(), 1);
        assert_eq!(reader.next_message().unwrap(), None);
    }
}
