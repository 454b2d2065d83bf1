//! Text written by strangers.

use unicode_normalization::char::is_combining_mark;

/// Control characters, and the invisible or bidirectional ones that make `fdp.exe` read as `exe.pdf` or two different
/// addresses look the same.
pub fn is_deceptive(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(
            c,
            '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

/// Most combining marks on one letter. Vietnamese has two, pointed Hebrew and Thai up to four.
const MOST_MARKS: u8 = 4;

/// Counts combining marks: towers of them on one letter are drawn over whatever stands above it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks(u8);

impl Marks {
    /// Whether the next character of a text may stay.
    pub fn admit(&mut self, c: char) -> bool {
        self.0 = if is_mark(c) { self.0.saturating_add(1) } else { 0 };
        self.0 <= MOST_MARKS
    }
}

fn is_mark(c: char) -> bool {
    // what French is written with is told without a look into the table
    c >= '\u{300}' && is_combining_mark(c)
}

/// Running text without deceptive characters and towers of marks; line breaks and tabs stay.
pub fn without_deceptive(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut marks = Marks::default();
    let mut rest = text;
    loop {
        // nearly every text is plain, and is then copied as a whole
        let plain = rest.bytes().position(may_deceive).unwrap_or(rest.len());
        let (before, after) = rest.split_at(plain);
        if !before.is_empty() {
            shown.push_str(before);
            marks = Marks::default();
        }
        let mut after = after.chars();
        let Some(c) = after.next() else { return shown };
        let stays = !is_deceptive(c) || matches!(c, '\n' | '\t');
        if stays && marks.admit(c) {
            shown.push(c);
        }
        rest = after.as_str();
    }
}

/// A byte that deceptive characters and combining marks begin with: the first of one below U+0100, or from U+0300 on.
fn may_deceive(byte: u8) -> bool {
    matches!(byte, 0..=8 | 11..=31 | 0x7F | 0xC2 | 0xCC..)
}

/// What is shown in one line, without deceptive characters and towers of marks.
pub fn one_line(text: &str) -> String {
    without_deceptive(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The host a [`link_target`] leads to, when a browser may be handed it: a page of the web, of letters that mean nothing to a
/// shell (RFC 3986 §2), without a name before the host, which would be taken for it.
pub fn web_host(target: &str) -> Option<&str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$()*+,;=%&".contains(c);
    let rest = target.strip_prefix("https://").or_else(|| target.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    (target.chars().all(is_plain) && !host.is_empty() && !authority.contains('@')).then_some(host)
}

/// A link target that may be shown and copied: `http://`, `https://` or `mailto:`, one line. `None` for any other.
pub fn link_target(href: &str) -> Option<String> {
    const MAX_LINK: usize = 4_000;
    // browsers ignore tabs and line breaks inside an address, so a scheme may hide behind them
    let target: String = href.trim().chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
    let (scheme, rest) = target.split_once(':')?;
    // browsers find a server behind fewer slashes too; who reads the target does not
    let allowed = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => rest.starts_with("//"),
        "mailto" => true,
        _ => false,
    };
    let clean = !target.chars().any(|c| c.is_whitespace() || is_deceptive(c));
    (allowed && clean && target.len() <= MAX_LINK).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_left_out_and_what_is_read_stays() {
        for (written, shown) in [
            ("Fièvre\n\tœdème 38,5 °C\u{A0}!", "Fièvre\n\tœdème 38,5 °C\u{A0}!"),
            ("a\u{202E}fdp.exe", "afdp.exe"),
            ("\u{1B}[2Jeffacé\u{7}", "[2Jeffacé"),
            ("an\u{200B}ne\u{61C}\u{E0041}", "anne"),
            ("Việt Nam Tha\u{302}\u{323}i", "Việt Nam Tha\u{302}\u{323}i"),
            (&format!("Z{}o", "\u{301}".repeat(300)), "Z\u{301}\u{301}\u{301}\u{301}o"),
            (&"e\u{301}".repeat(9), &"e\u{301}".repeat(9)),
            (&format!("Z{}o", "\u{301}\u{200B}".repeat(300)), "Z\u{301}\u{301}\u{301}\u{301}o"),
            ("a\r\u{7F}\u{80}\u{9F}\u{A0}\u{BF}\u{FF}b", "a\u{A0}\u{BF}\u{FF}b"),
        ] {
            assert_eq!(without_deceptive(written), shown);
        }
    }
}
