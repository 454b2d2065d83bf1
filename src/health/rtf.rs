//! RTF to text: paragraphs, tabs and characters; no picture, object, field code or style.
//! Source: Rich Text Format Specification 1.9.1.

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

/// Most bytes of text, and deepest group told apart.
const MAX_TEXT: usize = 2 << 20;
const MAX_DEPTH: usize = 500;
/// Groups whose content is no text of the document.
const HIDDEN: [&str; 22] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "footer",
    "headerl",
    "headerr",
    "footerl",
    "footerr",
    "headerf",
    "footerf",
    "fldinst",
    "themedata",
    "datastore",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "xmlnstbl",
];

#[derive(Clone, Copy)]
struct Group {
    hidden: bool,
    /// Characters that stand for a `\u` one where Unicode is not known.
    fallback: usize,
}

/// The readable text. Never fails; what is no RTF gives little or nothing.
pub fn text(bytes: &[u8]) -> String {
    let mut reader = Rtf {
        bytes,
        at: 0,
        out: String::new(),
        pending: Vec::new(),
        encoding: WINDOWS_1252,
        groups: Vec::new(),
        beyond: 0,
        state: Group { hidden: false, fallback: 1 },
        skip: 0,
        surrogate: None,
    };
    reader.run();
    let lines: Vec<&str> = reader.out.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

struct Rtf<'b> {
    bytes: &'b [u8],
    at: usize,
    out: String,
    /// Bytes of the code page not decoded yet.
    pending: Vec<u8>,
    encoding: &'static Encoding,
    groups: Vec<Group>,
    beyond: usize,
    state: Group,
    skip: usize,
    surrogate: Option<u16>,
}

impl Rtf<'_> {
    fn run(&mut self) {
        while let Some(b) = self.bytes.get(self.at).copied() {
            self.at += 1;
            if self.out.len() > MAX_TEXT {
                break;
            }
            match b {
                b'{' => {
                    self.flush();
                    self.skip = 0;
                    if self.groups.len() < MAX_DEPTH {
                        self.groups.push(self.state)
                    } else {
                        self.beyond += 1
                    }
                }
                b'}' => {
                    self.flush();
                    self.skip = 0;
                    if self.beyond > 0 {
                        self.beyond -= 1;
                    } else if let Some(outer) = self.groups.pop() {
                        self.state = outer;
                        // the text ends with its group; what follows is padding
                        if self.groups.is_empty() {
                            break;
                        }
                    }
                }
                b'\\' => self.control(),
                b'\r' | b'\n' => {}
                b => self.byte(b),
            }
        }
        self.flush();
    }

    fn control(&mut self) {
        let Some(b) = self.bytes.get(self.at).copied() else { return };
        if !b.is_ascii_alphabetic() {
            self.at += 1;
            match b {
                b'\'' => {
                    let hex = self.bytes.get(self.at..self.at + 2).and_then(|h| std::str::from_utf8(h).ok());
                    if let Some(value) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
                        self.at += 2;
                        self.byte(value);
                    }
                }
                b'*' => self.state.hidden = true,
                b'~' => self.push('\u{A0}'),
                b'_' => self.push('-'),
                b'\r' | b'\n' => self.push('\n'),
                b'\\' | b'{' | b'}' => self.byte(b),
                _ => {}
            }
            return;
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let word: String =
            rest.iter().take(32).take_while(|b| b.is_ascii_alphabetic()).map(|b| char::from(*b)).collect();
        self.at += word.len();
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest.iter().skip(sign).take(10).take_while(|b| b.is_ascii_digit()).count();
        let number = std::str::from_utf8(rest.get(..sign + digits).unwrap_or_default())
            .ok()
            .and_then(|n| n.parse::<i64>().ok());
        if digits > 0 {
            self.at += sign + digits;
        }
        if self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        self.word(&word, number);
    }

    fn word(&mut self, word: &str, number: Option<i64>) {
        match word {
            "par" | "line" | "row" | "sect" | "page" => self.push('\n'),
            "tab" | "cell" | "nestcell" => self.push('\t'),
            "emdash" => self.push('—'),
            "endash" => self.push('–'),
            "bullet" => self.push('•'),
            "lquote" => self.push('‘'),
            "rquote" => self.push('’'),
            "ldblquote" => self.push('“'),
            "rdblquote" => self.push('”'),
            "u" => {
                self.flush();
                let unit = number.map_or(0, |n| (n & 0xFFFF) as u16);
                self.unit(unit);
                self.skip = self.state.fallback;
            }
            "uc" => self.state.fallback = number.map_or(1, |n| n.clamp(0, 20) as usize),
            "ansicpg" => {
                let label = format!("windows-{}", number.unwrap_or(1252));
                self.encoding = Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252);
            }
            "mac" => self.encoding = MACINTOSH,
            "bin" => self.at = self.at.saturating_add(number.map_or(0, |n| n.max(0) as usize)),
            "v" => self.state.hidden |= number != Some(0),
            word if HIDDEN.contains(&word) => self.state.hidden = true,
            _ => {}
        }
    }

    fn unit(&mut self, unit: u16) {
        let pair = self.surrogate.take();
        let units = match pair {
            Some(high) => vec![high, unit],
            None if (0xD800..0xDC00).contains(&unit) => {
                self.surrogate = Some(unit);
                return;
            }
            None => vec![unit],
        };
        for c in char::decode_utf16(units).flatten() {
            if !self.state.hidden {
                self.out.push(c);
            }
        }
    }

    fn byte(&mut self, b: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.state.hidden {
            self.pending.push(b);
        }
    }

    fn push(&mut self, c: char) {
        self.flush();
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.state.hidden {
            self.out.push(c);
        }
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let (text, _) = self.encoding.decode_without_bom_handling(&self.pending);
            self.out.push_str(&text);
            self.pending.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_tables_pictures_and_codes_are_not() {
        let rtf = br"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator X;}\pard Cher confr\'e8re,\par R\u233?sultat : \b 4,8\b0\tab mmol/l {\pict 89504e47}\{vu\}\par {\v secret}fin}suite";
        assert_eq!(text(rtf), "Cher confrère,\nRésultat : 4,8\tmmol/l {vu}\nfin");
    }

    #[test]
    fn endless_groups_and_false_numbers_end() {
        text(&[b"{\\rtf1".as_slice(), &b"{".repeat(1 << 20)].concat());
        text(b"{\\rtf1\\bin99999999999999999999 x\\u-999999999999 \\'g");
        assert_eq!(text(b"{\\rtf1 \\u55357?\\u56832?}"), "\u{1F600}");
    }
}
