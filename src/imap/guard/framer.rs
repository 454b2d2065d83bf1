//! Cuts a byte stream into complete responses: lines with their literals. Pure; every byte is looked at once.

use crate::imap::{Error, Limits};

/// One response: its text without the final line end, literals taken out. Where a literal stood, the text keeps its
/// marker `{n}` and the line end after it.
#[derive(Default)]
pub(crate) struct Response {
    pub(crate) text: Vec<u8>,
    pub(crate) literals: Vec<Vec<u8>>,
}

/// Bounds on one response.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) line: usize,
    pub(crate) literal: usize,
    pub(crate) depth: usize,
}

impl From<&Limits> for Bounds {
    fn from(limits: &Limits) -> Self {
        Self { line: limits.line, literal: limits.literal, depth: limits.depth }
    }
}

/// The state between two pieces of input.
pub(crate) struct Framer {
    bounds: Bounds,
    response: Response,
    /// Start of the current line in the text.
    line: usize,
    literal: Vec<u8>,
    /// Bytes of the literal still to come.
    missing: usize,
    /// Bytes of literals in this response.
    total: usize,
    depth: usize,
}

impl Framer {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            response: Response::default(),
            line: 0,
            literal: Vec::new(),
            missing: 0,
            total: 0,
            depth: 0,
        }
    }

    /// Takes input up to the end of the first response in it; answers how much was taken.
    pub(crate) fn push(&mut self, input: &[u8]) -> Result<(usize, Option<Response>), Error> {
        let mut rest = input;
        while !rest.is_empty() {
            if self.missing > 0 {
                let (now, later) = rest.split_at(rest.len().min(self.missing));
                self.literal.extend_from_slice(now);
                self.missing -= now.len();
                rest = later;
                if self.missing == 0 {
                    self.end_literal();
                }
                continue;
            }
            let end = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
            let (line, later) = rest.split_at(end);
            if self.response.text.len() + line.len() > self.bounds.line {
                return Err(Error::TooLarge { what: "line" });
            }
            self.response.text.extend_from_slice(line);
            rest = later;
            if line.ends_with(b"\n") && self.end_line()? {
                return Ok((input.len() - rest.len(), Some(self.finish())));
            }
        }
        Ok((input.len(), None))
    }

    /// True when the line that just ended is the last of its response.
    fn end_line(&mut self) -> Result<bool, Error> {
        let line = self.response.text.get(self.line..).unwrap_or_default();
        if is_status(&self.response.text) {
            return Ok(true);
        }
        self.depth = nesting(line, self.depth, self.bounds.depth)?;
        let Some(length) = literal_length(line) else { return Ok(true) };
        self.total = self.total.saturating_add(length);
        if self.total > self.bounds.literal {
            return Err(Error::TooLarge { what: "literal" });
        }
        self.line = self.response.text.len();
        self.missing = length;
        // the announced length is the server's word: memory grows only with what really comes
        self.literal = Vec::with_capacity(length.min(1 << 20));
        if length == 0 {
            self.end_literal();
        }
        Ok(false)
    }

    fn end_literal(&mut self) {
        self.response.literals.push(std::mem::take(&mut self.literal));
    }

    fn finish(&mut self) -> Response {
        (self.line, self.total, self.depth) = (0, 0, 0);
        let mut response = std::mem::take(&mut self.response);
        while response.text.last().is_some_and(|b| matches!(b, b'\r' | b'\n')) {
            response.text.pop();
        }
        response
    }
}

/// Lines whose end is text for people, where `{5}` is no literal: tagged answers, continuations, untagged status.
fn is_status(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"* ") else { return true };
    let word = rest.split(|b| matches!(b, b' ' | b'\r' | b'\n')).next().unwrap_or_default();
    ["OK", "NO", "BAD", "BYE", "PREAUTH"].iter().any(|s| word.eq_ignore_ascii_case(s.as_bytes()))
}

/// Length announced at the end of a line: `{n}`, `{n+}` or `~{n}`.
fn literal_length(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let line = line.strip_suffix(b"+").unwrap_or(line);
    let digits = line.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let (before, digits) = line.split_at(line.len() - digits);
    if !before.ends_with(b"{") || digits.is_empty() {
        return None;
    }
    // a number too large to read is a literal too large to take
    Some(digits.iter().fold(0usize, |n, d| n.saturating_mul(10).saturating_add(usize::from(d - b'0'))))
}

/// Depth of parentheses after `line`, quoted strings left out.
fn nesting(line: &[u8], mut depth: usize, most: usize) -> Result<usize, Error> {
    let (mut quoted, mut escaped) = (false, false);
    for b in line {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return Err(Error::TooLarge { what: "nesting" });
        }
    }
    Ok(depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { line: 100, literal: 50, depth: 4 };

    fn frame(input: &[u8], step: usize) -> Result<Vec<(String, Vec<String>)>, Error> {
        let mut framer = Framer::new(BOUNDS);
        let mut found = Vec::new();
        for mut piece in input.chunks(step) {
            while !piece.is_empty() {
                let (used, response) = framer.push(piece)?;
                assert!(used > 0);
                piece = &piece[used..];
                if let Some(r) = response {
                    found.push((
                        String::from_utf8_lossy(&r.text).into_owned(),
                        r.literals.iter().map(|l| String::from_utf8_lossy(l).into_owned()).collect(),
                    ));
                }
            }
        }
        Ok(found)
    }

    #[test]
    fn responses_are_cut_the_same_however_the_bytes_arrive() {
        let input = b"* 1 FETCH (BODY[] {7}\r\na\r\nb\r\nc X {0}\r\n)\r\n* OK done {5}\r\nA1 NO full {3}\r\n+ \r\n\r\n* 2 EXISTS\n";
        let whole = frame(input, input.len()).unwrap();
        assert_eq!(
            whole,
            [
                (
                    "* 1 FETCH (BODY[] {7}\r\n X {0}\r\n)".to_owned(),
                    vec!["a\r\nb\r\nc".to_owned(), String::new()]
                ),
                ("* OK done {5}".to_owned(), vec![]),
                ("A1 NO full {3}".to_owned(), vec![]),
                ("+ ".to_owned(), vec![]),
                (String::new(), vec![]),
                ("* 2 EXISTS".to_owned(), vec![]),
            ]
        );
        for step in 1..20 {
            assert_eq!(frame(input, step).unwrap(), whole, "step {step}");
        }
    }

    #[test]
    fn what_exceeds_a_bound_is_refused_before_it_is_kept() {
        let is = |input: &[u8], what| match frame(input, 7) {
            Err(Error::TooLarge { what: w }) => assert_eq!(w, what),
            other => panic!("{:?}", other.map(|r| r.len())),
        };
        is(&[b'x'; 101], "line");
        is(b"* 1 FETCH (BODY[] {51}\r\n", "literal");
        is(b"* 1 FETCH (BODY[] {99999999999999999999999999}\r\n", "literal");
        is(b"* 1 FETCH (A {30}\r\n012345678901234567890123456789 B {30}\r\n", "literal");
        is(b"* 1 FETCH (((((\r\n", "nesting");
        is(b"* 1 FETCH ((( A {1}\r\nx ((\r\n", "nesting");
        assert!(frame(b"* 1 FETCH (\"((((((\\\"((\" ())\r\n", 7).is_ok());
    }

    #[test]
    fn memory_is_not_taken_on_the_servers_word() {
        let mut framer = Framer::new(Bounds { line: 100, literal: usize::MAX, depth: 4 });
        framer.push(b"* 1 FETCH (BODY[] {4000000000}\r\nabc").unwrap();
        assert!(framer.literal.capacity() <= 1 << 20);
    }
}
