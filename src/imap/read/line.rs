//! What kind of response a line is, and status answers with their codes.

use super::Cursor;
use crate::domain::text::is_deceptive;

/// The kinds of response, by their first words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// `+ …`
    Continue,
    /// `* OK …` and the like.
    Status,
    /// `* 12 EXISTS`: number and word, upper case.
    Numbered(u32, String),
    /// `* LIST …`: the word, upper case.
    Data(String),
    /// Answer to a command: its tag.
    Tagged(String),
    /// Nothing known.
    Unknown,
}

/// How a status answer judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ok,
    No,
    Bad,
    Bye,
    PreAuth,
}

/// A response code: `[NAME arguments]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    /// Upper case.
    pub(crate) name: String,
    pub(crate) arguments: Vec<u8>,
}

/// A status answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusLine {
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<Code>,
    pub(crate) text: String,
}

/// Tells what a line is.
pub(crate) fn line(text: &[u8]) -> Line {
    if text.first() == Some(&b'+') {
        return Line::Continue;
    }
    let mut cursor = Cursor::over(text);
    let Some(first) = cursor.atom() else { return Line::Unknown };
    if first != b"*" {
        return Line::Tagged(String::from_utf8_lossy(first).into_owned());
    }
    cursor.blanks();
    if cursor.peek().is_some_and(|b| b.is_ascii_digit()) {
        return match (cursor.number(), cursor.atom()) {
            (Some(n), Some(word)) => Line::Numbered(n, upper(word)),
            _ => Line::Unknown,
        };
    }
    match cursor.atom() {
        Some(word) if outcome(word).is_some() => Line::Status,
        Some(word) => Line::Data(upper(word)),
        None => Line::Unknown,
    }
}

/// Reads a tagged or untagged status answer.
pub(crate) fn status_line(text: &[u8]) -> Option<StatusLine> {
    let mut cursor = Cursor::over(text);
    cursor.atom()?;
    let outcome = outcome(cursor.atom()?)?;
    cursor.blanks();
    let code = (cursor.peek() == Some(b'[')).then(|| code(&mut cursor)).flatten();
    Some(StatusLine { outcome, code, text: words(cursor.rest()) })
}

fn outcome(word: &[u8]) -> Option<Outcome> {
    [
        ("OK", Outcome::Ok),
        ("NO", Outcome::No),
        ("BAD", Outcome::Bad),
        ("BYE", Outcome::Bye),
        ("PREAUTH", Outcome::PreAuth),
    ]
    .into_iter()
    .find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()))
    .map(|(_, outcome)| outcome)
}

/// `[NAME arguments]`; brackets inside quotes do not end it.
fn code(cursor: &mut Cursor<'_>) -> Option<Code> {
    let text = cursor.rest().strip_prefix(b"[")?;
    let (mut quoted, mut escaped) = (false, false);
    let end = text.iter().position(|b| {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' => return !quoted,
            _ => {}
        }
        false
    })?;
    let (inside, after) = text.split_at_checked(end)?;
    *cursor = Cursor::over(after.strip_prefix(b"]")?);
    let mut words = inside.splitn(2, |b| *b == b' ');
    let name = upper(words.next()?);
    Some(Code { name, arguments: words.next().unwrap_or_default().trim_ascii().to_vec() })
}

fn upper(word: &[u8]) -> String {
    String::from_utf8_lossy(word).to_ascii_uppercase()
}

/// The server's words, made printable and short.
fn words(text: &[u8]) -> String {
    String::from_utf8_lossy(text).trim().chars().filter(|c| !is_deceptive(*c)).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(line(b"+ idling"), Line::Continue);
        assert_eq!(line(b"+"), Line::Continue);
        assert_eq!(line(b"* OK [ALERT] \xe9t\xe9"), Line::Status);
        assert_eq!(line(b"* bye"), Line::Status);
        assert_eq!(line(b"* 12 exists"), Line::Numbered(12, "EXISTS".into()));
        assert_eq!(line(b"* 99999999999 EXISTS"), Line::Unknown);
        assert_eq!(line(b"* LIST () NIL x"), Line::Data("LIST".into()));
        assert_eq!(line(b"A0001 OK"), Line::Tagged("A0001".into()));
        assert_eq!(line(b""), Line::Unknown);
        assert_eq!(line(b"*"), Line::Unknown);
    }

    #[test]
    fn status_answers_are_read_with_their_codes() {
        let read =
            |t: &[u8]| status_line(t).map(|s| (s.outcome, s.code.map(|c| (c.name, c.arguments)), s.text));
        assert_eq!(
            read(b"A1 OK [APPENDUID 38505 3955] done"),
            Some((Outcome::Ok, Some(("APPENDUID".into(), b"38505 3955".to_vec())), "done".into()))
        );
        assert_eq!(
            read(b"* NO [alert]\xc3\xa9t\xc3\xa9"),
            Some((Outcome::No, Some(("ALERT".into(), vec![])), "été".into()))
        );
        assert_eq!(
            read(b"* OK [X \"a]b\"] t"),
            Some((Outcome::Ok, Some(("X".into(), b"\"a]b\"".to_vec())), "t".into()))
        );
        assert_eq!(read(b"A1 BAD"), Some((Outcome::Bad, None, String::new())));
        assert_eq!(read(b"A1 OK [cut"), Some((Outcome::Ok, None, "[cut".into())));
        assert_eq!(read(b"A1 WHAT"), None);
    }
}
