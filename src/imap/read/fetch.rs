//! FETCH responses.

use jiff::civil::DateTime;

use super::Cursor;
use crate::domain::UnixTime;
use crate::domain::id::Uid;
use crate::domain::message::Flags;
use crate::imap::guard::Response;

/// What one FETCH response says; items that were not in it stay `None`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fetched {
    pub(crate) seq: u32,
    pub(crate) uid: Option<Uid>,
    pub(crate) flags: Option<Flags>,
    pub(crate) internal_date: Option<UnixTime>,
    pub(crate) size: Option<u64>,
    pub(crate) modseq: Option<u64>,
    /// `BODY[HEADER]`
    pub(crate) header: Option<Vec<u8>>,
    /// `BODY[]`
    pub(crate) body: Option<Vec<u8>>,
}

/// Reads `* n FETCH (…)`; items it does not know are skipped.
pub(crate) fn fetch(response: &mut Response) -> Option<Fetched> {
    let mut cursor = Cursor::new(response);
    cursor.atom()?;
    let mut found = Fetched { seq: cursor.number()?, ..Fetched::default() };
    cursor.atom()?;
    cursor.take(b'(')?;
    while cursor.take(b')').is_none() {
        let name = cursor.item()?.to_ascii_uppercase();
        let name = name.split(|b| *b == b'<').next().unwrap_or_default();
        match name {
            // 0 is nobody's (RFC 3501 §9, uniqueid)
            b"UID" => found.uid = Some(cursor.number()?).filter(|n| *n > 0).map(Uid),
            b"FLAGS" => found.flags = Some(flags(&mut cursor)?),
            b"RFC822.SIZE" => found.size = Some(cursor.number()?),
            b"MODSEQ" => found.modseq = modseq(&mut cursor)?,
            b"INTERNALDATE" => {
                found.internal_date = cursor.nstring()?.and_then(|text| internal_date(&text));
            }
            b"BODY[HEADER]" => found.header = cursor.nstring()?,
            b"BODY[]" => found.body = cursor.nstring()?,
            _ => cursor.skip_value()?,
        }
    }
    Some(found)
}

/// Keywords kept of one message, and the longest: Dovecot has 26 a folder where they are file names.
const KEYWORDS: usize = 100;
const KEYWORD: usize = 200;

/// `(\Seen $Forwarded …)`
fn flags(cursor: &mut Cursor<'_>) -> Option<Flags> {
    let mut flags = Flags::default();
    cursor.take(b'(')?;
    while cursor.take(b')').is_none() {
        let flag = cursor.atom()?;
        if flag.len() > KEYWORD {
            continue;
        }
        let flag = String::from_utf8_lossy(flag).into_owned();
        match flag.to_ascii_lowercase().as_str() {
            "\\seen" => flags.seen = true,
            "\\answered" => flags.answered = true,
            "\\flagged" => flags.flagged = true,
            "\\deleted" => flags.deleted = true,
            "\\draft" => flags.draft = true,
            system if system.starts_with('\\') => {}
            _ if flags.keywords.len() < KEYWORDS && !flags.keywords.contains(&flag) => {
                flags.keywords.push(flag);
            }
            _ => {}
        }
    }
    flags.keywords.sort();
    Some(flags)
}

/// `(n)`; 0 means none is kept.
fn modseq(cursor: &mut Cursor<'_>) -> Option<Option<u64>> {
    cursor.take(b'(')?;
    let n: u64 = cursor.number()?;
    cursor.take(b')')?;
    Some((n > 0).then_some(n))
}

/// ` 1-Jul-1996 02:44:25 -0700`
fn internal_date(text: &[u8]) -> Option<UnixTime> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let text = std::str::from_utf8(text).ok()?;
    let mut words = text.split_ascii_whitespace();
    let (date, time, zone) = (words.next()?, words.next()?, words.next()?);
    let mut date = date.split('-');
    let day = date.next()?.parse().ok()?;
    let month = date.next()?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    let year = date.next()?.parse().ok()?;
    let mut time = time.split(':').map(|n| n.parse::<i8>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let zone: i64 = zone.trim_start_matches(['+', '-']).parse().ok().filter(|z| (0..=9999).contains(z))?;
    let offset = sign * (zone / 100 * 3600 + zone % 100 * 60);
    let local = DateTime::new(year, month.try_into().ok()?, day, hour, minute, second.min(59), 0).ok()?;
    let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(utc.timestamp().as_second() - offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, literals: &[&str]) -> Option<Fetched> {
        fetch(&mut Response {
            text: text.as_bytes().to_vec(),
            literals: literals.iter().map(|l| l.as_bytes().to_vec()).collect(),
        })
    }

    #[test]
    fn a_message_is_read_with_all_that_was_asked() {
        let f = read(
            "* 12 FETCH (UID 7 FLAGS (\\Seen $Forwarded \\Recent NonJunk) INTERNALDATE \" 1-Jul-1996 02:44:25 -0700\" \
             RFC822.SIZE 5000000000 MODSEQ (17) BODY[HEADER]<0> {5}\r\n BODY[] \"a\\\"b\")",
            &["A: b\n"],
        )
        .unwrap();
        assert_eq!((f.seq, f.uid, f.size, f.modseq), (12, Some(Uid(7)), Some(5_000_000_000), Some(17)));
        assert_eq!(f.internal_date, Some(836_214_265));
        let flags = f.flags.unwrap();
        assert!(flags.seen && !flags.flagged);
        assert_eq!(flags.keywords, ["$Forwarded", "NonJunk"]);
        assert_eq!(f.header.unwrap(), b"A: b\n");
        assert_eq!(f.body.unwrap(), b"a\"b");
    }

    #[test]
    fn what_imap_proto_dies_of_is_read() {
        assert_eq!(read("* 1 FETCH (INTERNALDATE NIL UID 2)", &[]).unwrap().uid, Some(Uid(2)));
        assert_eq!(
            read("* 1 FETCH (INTERNALDATE \"31-Foo-2020 99:99:99\" UID 2)", &[]).unwrap().internal_date,
            None
        );
        let deep = format!("* 1 FETCH (BODYSTRUCTURE {}{} UID 3)", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(read(&deep, &[]).unwrap().uid, Some(Uid(3)));
        let f = read(
            "* 1 FETCH (BINARY[1] ~{3}\r\n EMAILID (M1) X (a (b {1}\r\n) \"(\") UID 4 BODY[] NIL)",
            &["a\0b", "x"],
        );
        assert_eq!((f.as_ref().unwrap().uid, f.unwrap().body), (Some(Uid(4)), None));
    }

    #[test]
    fn no_message_has_the_uid_0_or_a_million_keywords() {
        assert_eq!(read("* 1 FETCH (UID 0)", &[]).unwrap().uid, None);
        let many: String = (0..100_000).map(|n| format!(" k{n}")).collect();
        let long = "x".repeat(1_000_000);
        let flags =
            read(&format!("* 1 FETCH (FLAGS (a a \\Seen{many} {long} \\Flagged))"), &[]).unwrap().flags;
        let flags = flags.unwrap();
        assert!(flags.seen && flags.flagged);
        assert_eq!(flags.keywords.len(), KEYWORDS);
    }

    #[test]
    fn what_is_cut_or_wrong_is_not_read() {
        for bad in [
            "* 1 FETCH",
            "* 1 FETCH (",
            "* 1 FETCH (UID",
            "* 1 FETCH (UID 99999999999)",
            "* 1 FETCH (UID x)",
            "* 1 FETCH (FLAGS (\\Seen)",
            "* 1 FETCH (BODY[] {5}\r\n)",
            "* 1 FETCH (BODY[ UID 1)",
            "* 1 FETCH (MODSEQ 5)",
            "* 1 FETCH (X))",
        ] {
            assert_eq!(read(bad, &[]), None, "{bad}");
        }
    }
}
