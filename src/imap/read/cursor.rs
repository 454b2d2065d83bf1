//! A position in a response.

use std::str::FromStr;

use crate::imap::guard::Response;

/// Reads values from left to right; `None` means "not that here".
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    literals: std::slice::IterMut<'a, Vec<u8>>,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(response: &'a mut Response) -> Self {
        Self { text: &response.text, literals: response.literals.iter_mut() }
    }

    pub(crate) fn over(text: &'a [u8]) -> Self {
        Self { text, literals: Default::default() }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.first().copied()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.text
    }

    fn skip(&mut self, n: usize) -> Option<&'a [u8]> {
        let (now, later) = self.text.split_at_checked(n)?;
        self.text = later;
        Some(now)
    }

    /// Skips blanks, none included.
    pub(crate) fn blanks(&mut self) {
        self.text = self.text.trim_ascii_start();
    }

    /// Takes `byte` if it is next, blanks before it skipped.
    pub(crate) fn take(&mut self, byte: u8) -> Option<()> {
        self.blanks();
        self.text = self.text.strip_prefix(&[byte])?;
        Some(())
    }

    /// A run of bytes up to a blank, parenthesis, quote or literal; not empty.
    pub(crate) fn atom(&mut self) -> Option<&'a [u8]> {
        self.blanks();
        let n = self
            .text
            .iter()
            .position(|b| matches!(b, b' ' | b'(' | b')' | b'"' | b'{' | b'\r' | b'\n' | b'\t'))
            .unwrap_or(self.text.len());
        self.skip(n).filter(|a| !a.is_empty())
    }

    /// Name of a FETCH item: an atom, with its section in brackets and its origin: `BODY[HEADER.FIELDS (DATE)]<0>`.
    pub(crate) fn item(&mut self) -> Option<&'a [u8]> {
        self.blanks();
        let n = self
            .text
            .iter()
            .position(|b| matches!(b, b' ' | b'(' | b')' | b'"' | b'[' | b'{' | b'\r' | b'\n'))
            .unwrap_or(self.text.len());
        let n = if self.text.get(n) == Some(&b'[') {
            let close = self.text.iter().skip(n).position(|b| *b == b']')?;
            let after = n + close + 1;
            let origin = self.text.get(after..).unwrap_or_default();
            match origin.first() {
                Some(b'<') => after + origin.iter().position(|b| *b == b'>')? + 1,
                _ => after,
            }
        } else {
            n
        };
        self.skip(n).filter(|a| !a.is_empty())
    }

    /// A decimal number.
    pub(crate) fn number<N: FromStr>(&mut self) -> Option<N> {
        self.blanks();
        let n = self.text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.text.len());
        std::str::from_utf8(self.skip(n)?).ok()?.parse().ok()
    }

    /// A quoted string or a literal.
    pub(crate) fn string(&mut self) -> Option<Vec<u8>> {
        self.blanks();
        match self.peek()? {
            b'"' => self.quoted(),
            b'{' | b'~' => self.literal(),
            _ => None,
        }
    }

    /// A string, or `None` for NIL.
    pub(crate) fn nstring(&mut self) -> Option<Option<Vec<u8>>> {
        self.blanks();
        match self.peek()? {
            b'"' | b'{' | b'~' => self.string().map(Some),
            _ => self.atom().filter(|a| a.eq_ignore_ascii_case(b"NIL")).map(|_| None),
        }
    }

    /// A string or an atom.
    pub(crate) fn astring(&mut self) -> Option<Vec<u8>> {
        self.blanks();
        match self.peek()? {
            b'"' | b'{' => self.string(),
            _ => self.atom().map(<[u8]>::to_vec),
        }
    }

    fn quoted(&mut self) -> Option<Vec<u8>> {
        let mut found = Vec::new();
        let mut escaped = false;
        for (at, b) in self.text.iter().enumerate().skip(1) {
            match b {
                _ if escaped => {
                    found.push(*b);
                    escaped = false;
                }
                b'\\' => escaped = true,
                b'"' => {
                    self.skip(at + 1)?;
                    return Some(found);
                }
                _ => found.push(*b),
            }
        }
        None
    }

    fn literal(&mut self) -> Option<Vec<u8>> {
        let end = self.text.iter().position(|b| *b == b'\n')?;
        self.skip(end + 1)?;
        self.literals.next().map(std::mem::take)
    }

    /// Any value: atom, string, literal or list however nested.
    pub(crate) fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            self.blanks();
            match self.peek()? {
                b'(' => {
                    self.skip(1)?;
                    depth += 1;
                }
                b')' => {
                    depth = depth.checked_sub(1)?;
                    self.skip(1)?;
                }
                b'"' => drop(self.quoted()?),
                b'{' => drop(self.literal()?),
                b'~' if self.text.get(1) == Some(&b'{') => drop(self.literal()?),
                _ => drop(self.atom()?),
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}
