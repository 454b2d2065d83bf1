//! A message to read, with the content of its files where it is decoded already.

use std::borrow::Cow;
use std::ops::Range;

use mail_parser::{Encoding, Message, MessagePart, PartType};

use super::envelope::{PARSER, guarded};
use super::part::{Tree, bytes};
use super::{MAX_MESSAGE, charset, date, smime};
use crate::domain::encoded;

/// Letters of a file that stay in place of its content, so that the part is still one with content; whole groups of
/// base64.
const KEPT: usize = 60;
/// Most bytes of a part's header that are looked at.
const HEADER: usize = 4096;

/// A message to read.
#[derive(Debug, Clone)]
pub struct Source<'r> {
    raw: Cow<'r, [u8]>,
    /// The same with its files taken out; to be believed only where [`View::is_sound`].
    lean: Option<Lean<'r>>,
}

#[derive(Debug, Clone)]
struct Lean<'r> {
    text: Vec<u8>,
    files: Vec<File<'r>>,
}

/// A file whose letters were taken out.
#[derive(Debug, Clone)]
pub(super) struct File<'r> {
    /// Where the letters that stand for it begin, in the text.
    start: usize,
    content: Cow<'r, [u8]>,
}

/// A message that is parsed.
pub(super) struct View<'m, 'x> {
    /// What was parsed.
    pub(super) text: &'x [u8],
    /// More came than is read.
    pub(super) is_cut: bool,
    /// Bytes of the header were taken for characters without being told which.
    pub(super) is_guessed: bool,
    pub(super) sealed: Option<smime::Found>,
    pub(super) message: &'m Message<'x>,
    files: &'m [File<'m>],
}

impl<'r> Source<'r> {
    /// A message as it came. Its files are decoded now, all at once, which is faster than one by one while it is parsed.
    pub fn of(raw: &'r [u8]) -> Self {
        let raw = readable(raw);
        if raw.len() > MAX_MESSAGE {
            return Self { raw, lean: None };
        }
        let runs = encoded::runs(&raw).into_iter().map(|run| (run.place, Cow::Owned(run.content)));
        let lean = Lean::of(&raw, runs);
        Self { raw, lean }
    }

    /// As [`Source::of`] of a message of which [`encoded::runs`] are decoded.
    pub fn with_decoded(raw: &'r [u8], runs: impl Iterator<Item = (Range<usize>, &'r [u8])>) -> Self {
        if raw.len() > MAX_MESSAGE || is_one_line(raw) || !date::is_plain(raw) {
            return Self::of(raw);
        }
        Self {
            raw: Cow::Borrowed(raw),
            lean: Lean::of(raw, runs.map(|(place, content)| (place, Cow::Borrowed(content)))),
        }
    }

    /// How many files are not decoded again.
    pub fn decoded(&self) -> usize {
        self.view(|view| view.map_or(0, |view| view.files.len()))
    }

    /// Parses the message; with the bytes read when it cannot be. Files that are decoded already are left out where each
    /// is all of one part; a message in which one is anything else is parsed as it came.
    pub(super) fn view<T>(&self, take: impl FnOnce(Result<View<'_, '_>, &[u8]>) -> T) -> T {
        if let Some(lean) = self.lean.as_ref().filter(|lean| lean.is_plain())
            && let Some(message) = guarded(|| PARSER.parse(&*lean.text)).map(Tree)
        {
            let view = View {
                text: &lean.text,
                is_cut: false,
                is_guessed: false,
                sealed: None,
                message: &message.0,
                files: &lean.files,
            };
            if view.is_sound() {
                return take(Ok(view));
            }
        }
        let cut = self.raw.get(..MAX_MESSAGE).unwrap_or(&self.raw);
        let (text, is_guessed) = charset::repaired(cut);
        let (text, sealed) = smime::opened(text);
        match guarded(|| PARSER.parse(&*text)).map(Tree) {
            Some(message) => take(Ok(View {
                text: &text,
                is_cut: cut.len() < self.raw.len(),
                is_guessed,
                sealed,
                message: &message.0,
                files: &[],
            })),
            None => take(Err(&text)),
        }
    }
}

/// Without what programs that save messages put before their first field: a byte order mark, empty lines.
fn begun(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(raw);
    let blank = raw.iter().take(16).take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let rest = raw.get(blank..).unwrap_or(raw);
    // a message may have no header: its text begins with such a line
    let name = rest.iter().take(80).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    if name > 0 && rest.get(name) == Some(&b':') { rest } else { raw }
}

/// The message from its first field on, in lines that readers of mail know.
pub(super) fn readable(raw: &[u8]) -> Cow<'_, [u8]> {
    date::padded(with_lines(begun(raw)))
}

/// Bytes of a message's begin in which its first line must end.
const FIRST_LINE: usize = 1_000;

/// Nothing ends a line in it but carriage returns alone, as old Macintosh programs wrote.
fn is_one_line(raw: &[u8]) -> bool {
    let begin = raw.get(..FIRST_LINE).unwrap_or(raw);
    memchr::memchr(b'\n', begin).is_none() && memchr::memchr(b'\r', begin).is_some()
}

/// The message with lines that readers of mail know as such.
fn with_lines(raw: &[u8]) -> Cow<'_, [u8]> {
    if !is_one_line(raw) {
        return Cow::Borrowed(raw);
    }
    let cut = raw.get(..=MAX_MESSAGE).unwrap_or(raw);
    let mut lines = Vec::with_capacity(cut.len() + cut.len() / 32);
    for (at, byte) in cut.iter().enumerate() {
        lines.push(*byte);
        if *byte == b'\r' && cut.get(at + 1) != Some(&b'\n') {
            lines.push(b'\n');
        }
    }
    Cow::Owned(lines)
}

impl<'r> Lean<'r> {
    /// Nothing where there is no file to take out.
    fn of(raw: &[u8], runs: impl Iterator<Item = (Range<usize>, Cow<'r, [u8]>)>) -> Option<Self> {
        let (mut text, mut files, mut at) = (Vec::new(), Vec::new(), 0);
        for (run, content) in runs.filter(|(run, _)| is_file(raw, run.start)) {
            text.extend_from_slice(raw.get(at..run.start).unwrap_or_default());
            files.push(File { start: text.len(), content });
            let cut = (run.start + KEPT).min(run.end);
            text.extend_from_slice(raw.get(run.start..cut).unwrap_or_default());
            at = run.end;
        }
        text.extend_from_slice(raw.get(at..).unwrap_or_default());
        (!files.is_empty()).then_some(Self { text, files })
    }

    /// It is read as it stands: what is sealed, for one, is read from all of its letters.
    fn is_plain(&self) -> bool {
        !charset::repaired(&self.text).1 && !smime::is_sealed(&self.text)
    }
}

impl View<'_, '_> {
    /// Every file taken out is the content of one part, all of it.
    fn is_sound(&self) -> bool {
        let is_whole = |part: &MessagePart<'_>| {
            let rest =
                self.file_of(part).and_then(|f| self.text.get(f.start + KEPT..part.offset_end as usize));
            rest.is_some_and(|rest| rest.iter().all(u8::is_ascii_whitespace))
        };
        self.message.parts.iter().filter(|part| is_whole(part)).count() == self.files.len()
    }

    fn file_of(&self, part: &MessagePart<'_>) -> Option<&File<'_>> {
        let is_file = part.encoding == Encoding::Base64
            && matches!(part.body, PartType::Binary(_) | PartType::InlineBinary(_));
        let at = self.files.binary_search_by_key(&(part.offset_body as usize), |f| f.start).ok()?;
        self.files.get(at).filter(|_| is_file)
    }

    /// The bytes of a part after transfer decoding.
    pub(super) fn content<'v>(&'v self, part: &'v MessagePart<'_>) -> Cow<'v, [u8]> {
        match self.file_of(part) {
            Some(file) => Cow::Borrowed(&*file.content),
            None => bytes(part, self.text),
        }
    }
}

/// The header above a body that begins at `start` says that it is a file.
fn is_file(raw: &[u8], start: usize) -> bool {
    let before = raw.get(start.saturating_sub(HEADER)..start).unwrap_or_default();
    let text = String::from_utf8_lossy(before).replace("\r\n", "\n").to_ascii_lowercase();
    let Some(header) = text.strip_suffix("\n\n") else { return false };
    let header = header.rsplit("\n\n").next().unwrap_or(header);
    let Some((_, value)) = header.rsplit_once("content-type:") else { return false };
    ["application/", "image/", "audio/", "video/"].iter().any(|kind| value.trim_start().starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mime::{each_attachment, parse_source};

    const BODY: &str = "QUJD";

    /// A message of one part with this header and body, and what is known of the body.
    fn read(head: &str, body: &str, run: usize) -> (Vec<(u64, Vec<u8>)>, bool) {
        let raw = format!(
            "From: a@b.fr\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n{head}\r\n\r\n{body}\r\n--a--\r\n"
        );
        let start = raw.find("\r\n\r\nQ").unwrap() + 4;
        // not what the letters say: it shows where the content came from
        let known = [b'k'; 900];
        let source = Source::with_decoded(raw.as_bytes(), std::iter::once((start..start + run, &known[..])));
        let mut found = Vec::new();
        each_attachment(&source, |listed, bytes| {
            found.push((listed.size, bytes.to_vec()));
            true
        });
        assert_eq!(parse_source(&source).attachments.len(), found.len());
        (found, source.decoded() > 0)
    }

    #[test]
    fn a_message_whose_lines_end_as_on_an_old_macintosh_is_read() {
        let raw = b"From: a@b.fr\rSubject: Bilan\rContent-Type: text/plain\r\rpremier\rsecond\r";
        for source in [Source::of(raw), Source::with_decoded(raw, std::iter::empty())] {
            let parsed = parse_source(&source);
            assert_eq!(parsed.envelope.subject, "Bilan");
            assert_eq!(crate::mime::parse_header(raw).envelope, parsed.envelope);
            assert!(parsed.text.contains("premier\nsecond"), "{:?}", parsed.text);
        }
        assert!(
            matches!(with_lines(b"From: a@b.fr\r\n\r\na\rb"), Cow::Borrowed(_)),
            "a return within a line stays"
        );
    }

    #[test]
    fn a_file_that_is_decoded_already_is_not_decoded_again() {
        let body = BODY.repeat(300);
        for (kind, known) in [
            ("application/pdf; name=a.pdf", true),
            ("IMAGE/jpeg; name=a.jpg", true),
            ("text/plain; charset=utf-8; name=a.txt", false),
            ("message/rfc822", false),
            ("x-unknown; name=a", false),
        ] {
            let head = format!(
                "Content-Type: {kind}\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64"
            );
            let (found, lean) = read(&head, &body, body.len());
            assert_eq!(lean, known, "{kind}");
            let content = if known { vec![b'k'; 900] } else { b"ABC".repeat(300) };
            // of a nested message the source may end with its last line's end
            assert!(found[0].1.starts_with(&content), "{kind}");
            assert_eq!(found[0].0, found[0].1.len() as u64, "{kind}");
        }
    }

    #[test]
    fn a_sealed_message_is_read_from_all_of_its_letters() {
        let raw = format!(
            "From: a@b.fr\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            vec![BODY.repeat(19); 60].join("\r\n")
        );
        assert_eq!(Source::of(raw.as_bytes()).decoded(), 0);
        let attached = raw.replace("pkcs7-mime; smime-type=signed-data", "pdf");
        assert_eq!(Source::of(attached.as_bytes()).decoded(), 1);
    }

    #[test]
    fn a_message_that_is_not_what_was_decoded_is_read_as_it_came() {
        let body = BODY.repeat(300);
        let head = "Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment";
        let base64 = format!("{head}\r\nContent-Transfer-Encoding: base64");
        let nested = format!("Content-Type: message/rfc822\r\n\r\nSubject: x\r\n{base64}");
        for (head, body, run) in [
            // letters that are no base64 of the part
            (head.to_owned(), body.clone(), body.len()),
            // more follows
            (base64.clone(), body.clone(), body.len() - 4),
            (base64, format!("{body}\r\nQUJD"), body.len()),
            // the file of a message inside
            (nested, body.clone(), body.len()),
        ] {
            let (found, lean) = read(&head, &body, run);
            assert!(!lean, "{head}");
            assert!(!found[0].1.starts_with(b"kkk"), "{head}");
        }
    }

    fn messages(dir: &std::path::Path, found: &mut Vec<Vec<u8>>) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            if entry.path().is_dir() {
                messages(&entry.path(), found);
            } else if entry.path().extension().is_some_and(|e| e == "eml") {
                found.push(std::fs::read(entry.path()).unwrap());
            }
        }
    }

    #[test]
    fn a_message_decoded_ahead_is_read_as_if_it_came_whole() {
        let mut found = Vec::new();
        messages(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data").as_ref(), &mut found);
        let contents = |source: &Source<'_>| {
            let mut all = Vec::new();
            each_attachment(source, |listed, bytes| {
                all.push((listed.clone(), bytes.to_vec()));
                true
            });
            all
        };
        let mut lean = 0;
        for raw in &found {
            let (whole, ahead) = (Source { raw: Cow::Borrowed(raw), lean: None }, Source::of(raw));
            lean += usize::from(ahead.decoded() > 0);
            assert_eq!(parse_source(&ahead), parse_source(&whole));
            assert!(contents(&ahead) == contents(&whole));
        }
        assert!(lean > 5, "{lean} of {}", found.len());
    }
}
