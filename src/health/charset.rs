//! Bytes to text where nothing declares the character set, or declares it wrongly.

use std::borrow::Cow;

use encoding_rs::{Encoding, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Upper half of code page 850, which laboratories under DOS wrote. Source: Unicode Consortium, CP850.TXT.
const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}";
/// Most bytes looked at for a guess.
const SAMPLE: usize = 64 << 10;

/// Text, and whether its character set was guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'b> {
    /// The text.
    pub text: Cow<'b, str>,
    /// Neither a byte order mark nor valid UTF-8 nor a declaration that fits told the character set.
    pub guessed: bool,
}

/// Reads text: byte order mark, then UTF-8, then the `declared` character set, then the one of Windows-1252, MacRoman
/// and CP850 that gives the most letters French uses. Never fails.
pub fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> Decoded<'b> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return Decoded { text, guessed: false };
    }
    if let Some(encoding) = wide(bytes) {
        return Decoded { text: encoding.decode_without_bom_handling(bytes).0, guessed: true };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: Cow::Borrowed(text), guessed: false };
    }
    let label = declared.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    if let Some(encoding) = label.filter(|e| *e != UTF_8 && *e != UTF_16LE && *e != UTF_16BE) {
        let (text, _, wrong) = encoding.decode(bytes);
        // nobody means C1 controls: what declares Latin-1 and holds them is MacRoman or CP850
        if !wrong && !text.chars().any(|c| matches!(c, '\u{80}'..='\u{9F}')) && score(&text) >= 0 {
            return Decoded { text, guessed: false };
        }
    }
    Decoded { text: Cow::Owned(best(bytes)), guessed: true }
}

/// UTF-16 without a mark: every second byte is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE.min(bytes.len() & !1))?;
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let half = sample.len() / 2;
    if half < 8 {
        return None;
    }
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 4 > half * 3 && even * 8 < half {
        Some(UTF_16LE)
    } else if even * 4 > half * 3 && odd * 8 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn best(bytes: &[u8]) -> String {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    // the first of equals: the most common comes first
    let candidates: [fn(&[u8]) -> String; 3] = [windows_1252, cp850, macintosh];
    let mut chosen = candidates[0];
    let mut most = i64::MIN;
    for candidate in candidates {
        let points = score(&candidate(sample));
        if points > most {
            (chosen, most) = (candidate, points);
        }
    }
    chosen(bytes)
}

/// Windows-1252 to text; every byte has a character.
pub fn windows_1252(bytes: &[u8]) -> String {
    WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

fn macintosh(bytes: &[u8]) -> String {
    MACINTOSH.decode_without_bom_handling(bytes).0.into_owned()
}

fn cp850(bytes: &[u8]) -> String {
    let upper: Vec<char> = CP850.chars().collect();
    let one = |b: &u8| match b.checked_sub(0x80) {
        Some(n) => upper.get(usize::from(n)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
        None => char::from(*b),
    };
    bytes.iter().map(one).collect()
}

/// Points for what French reports are written with, against what they never hold. A capital inside a word in lower case
/// is no French word.
fn score(text: &str) -> i64 {
    let mut points = 0;
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let after = letters.peek().copied().unwrap_or(' ');
        points += match c {
            c if c.is_ascii() => 0,
            'é' => 6,
            'è' | 'à' | 'ê' | 'ç' | 'ô' | 'î' | 'â' | 'û' | 'ù' | 'ë' | 'ï' | 'œ' => 4,
            'É' | 'È' | 'À' | 'Ê' | 'Ç' | 'Ô' | 'Î' | 'Â' | 'Û' | 'Ù' | 'Ë' | 'Ï' | 'Œ' => {
                if before.is_lowercase() {
                    -6
                } else {
                    3
                }
            }
            // between a number and a unit, or beside one
            'µ' | '²' | '³' | '±' | '°' => {
                if before.is_lowercase() && after.is_lowercase() {
                    -4
                } else {
                    4
                }
            }
            '«' | '»' | '’' | '–' | '…' | '€' | '\u{A0}' | 'ü' | 'ö' | 'ä' => 1,
            '─' | '│' | '┌' | '┐' | '└' | '┘' | '═' | '║' => 1,
            '\u{80}'..='\u{9F}' | char::REPLACEMENT_CHARACTER => -10,
            c if c.is_alphabetic() => -2,
            _ => -3,
        };
        before = c;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_reads_the_same_in_every_character_set_it_is_sent_in() {
        let text = "Créatinine 132 µmol/l à jeun, prélèvement contrôlé : hémolysé, où ça ? Thérèse";
        let cp850 = |text: &str| -> Vec<u8> {
            let upper: Vec<char> = CP850.chars().collect();
            let place = |c: char| upper.iter().position(|u| *u == c).map_or(c as u8, |n| 0x80 + n as u8);
            text.chars().map(place).collect()
        };
        assert_eq!(CP850.chars().count(), 128);
        for (bytes, name) in [
            (WINDOWS_1252.encode(text).0.into_owned(), "windows-1252"),
            (macintosh_bytes(text), "macintosh"),
            (cp850(text), "cp850"),
        ] {
            let decoded = decode(&bytes, None);
            assert_eq!((&*decoded.text, decoded.guessed), (text, true), "{name}");
            // a declaration that cannot be true is not believed
            assert_eq!(decode(&bytes, Some("utf-8")).text, text, "{name}");
            assert_eq!(decode(&bytes, Some("iso-8859-1")).text, text, "{name}");
        }
        assert_eq!(
            decode(text.as_bytes(), Some("iso-8859-1")),
            Decoded { text: text.into(), guessed: false }
        );
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide, None).text, text);
        assert_eq!(decode(&[b"\xFF\xFE".as_slice(), &wide].concat(), None).text, text);
        assert_eq!(decode(b"\xEF\xBB\xBFa", None).text, "a");
    }

    fn macintosh_bytes(text: &str) -> Vec<u8> {
        MACINTOSH.encode(text).0.into_owned()
    }

    #[test]
    fn one_accent_is_enough_to_tell_the_usual_sets_apart() {
        assert_eq!(decode(b"Cr\xE9atinine", None).text, "Créatinine");
        assert_eq!(decode(b"Cr\x8Eatinine", None).text, "Créatinine");
        assert_eq!(decode(b"Cr\x82atinine", None).text, "Créatinine");
        assert_eq!(decode(b"132 \xB5mol/l", None).text, "132 µmol/l");
    }
}
