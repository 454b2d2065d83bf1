//! SEARCH and ESEARCH responses.

use super::Cursor;
use crate::domain::id::Uid;
use crate::imap::guard::Response;
use crate::imap::{Error, UidRange};

/// Appends the UIDs of `* SEARCH n n …` or `* ESEARCH (TAG "x") UID ALL 1:5,7` to `found`, at most `most` in all.
pub(crate) fn search(response: &mut Response, most: usize, found: &mut Vec<Uid>) -> Result<(), Error> {
    const UNREADABLE: Error = Error::Protocol { what: "unreadable search answer" };
    let mut cursor = Cursor::new(response);
    cursor.atom();
    let extended = cursor.atom().is_some_and(|w| w.eq_ignore_ascii_case(b"ESEARCH"));
    if extended {
        let Some(set) = all(&mut cursor).ok_or(UNREADABLE)? else { return Ok(()) };
        return UidRange::parse_set(set).ok_or(UNREADABLE)?.iter().try_for_each(|r| r.expand(most, found));
    }
    loop {
        cursor.blanks();
        match cursor.peek() {
            None => return Ok(()),
            // `(MODSEQ n)` ends the answer
            Some(b'(') => return cursor.skip_value().ok_or(UNREADABLE),
            Some(_) if found.len() >= most => return Err(Error::TooLarge { what: "search answer" }),
            Some(_) => match cursor.number().ok_or(UNREADABLE)? {
                // nobody's
                0 => {}
                n => found.push(Uid(n)),
            },
        }
    }
}

/// The set after ALL, `None` inside when nothing was found.
fn all<'a>(cursor: &mut Cursor<'a>) -> Option<Option<&'a [u8]>> {
    cursor.blanks();
    if cursor.peek() == Some(b'(') {
        cursor.skip_value()?;
    }
    loop {
        cursor.blanks();
        if cursor.peek().is_none() {
            return Some(None);
        }
        let word = cursor.atom()?;
        if word.eq_ignore_ascii_case(b"ALL") {
            return cursor.atom().map(Some);
        }
        if !word.eq_ignore_ascii_case(b"UID") {
            cursor.skip_value()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<u32>, Error> {
        let mut found = Vec::new();
        let mut response = Response { text: text.as_bytes().to_vec(), literals: vec![] };
        search(&mut response, 1_000_000, &mut found)?;
        Ok(found.into_iter().map(|u| u.0).collect())
    }

    #[test]
    fn search_answers_are_read_in_both_forms() {
        assert!(read("* SEARCH").unwrap().is_empty());
        assert_eq!(read("* SEARCH 2 84 0 882").unwrap(), [2, 84, 882]);
        assert_eq!(read("* SEARCH 2 5 (MODSEQ 917162500)").unwrap(), [2, 5]);
        assert_eq!(read("* ESEARCH (TAG \"A1\") UID ALL 1:3,7,10:9").unwrap(), [1, 2, 3, 7, 9, 10]);
        assert_eq!(read("* ESEARCH (TAG \"A1\") UID COUNT 2 MODSEQ 5 ALL 4:5").unwrap(), [4, 5]);
        assert!(read("* ESEARCH (TAG \"A1\") UID").unwrap().is_empty());
        for bad in [
            "* SEARCH a",
            "* SEARCH 99999999999",
            "* ESEARCH UID ALL",
            "* ESEARCH UID ALL 1:x",
            "* ESEARCH UID ALL 5:*",
        ] {
            assert!(matches!(read(bad), Err(Error::Protocol { .. })), "{bad}");
        }
    }

    #[test]
    fn a_range_over_everything_does_not_take_the_memory() {
        assert!(matches!(read("* ESEARCH UID ALL 1:4294967295"), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn a_million_numbers_on_one_line_are_read_in_one_pass() {
        let mut text = "* SEARCH".to_owned();
        (1..=1_000_000).for_each(|n| text.push_str(&format!(" {n}")));
        assert_eq!(read(&text).unwrap().len(), 1_000_000);
    }
}
