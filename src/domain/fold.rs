//! Text as a search compares it: without accents, ligatures and case, so that "oedeme" is "Œdème".

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// The folded text. The full-text index folds too, but leaves œ and æ as they are.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // runs of ASCII as a whole
        let ascii = rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len());
        let (plain, after) = rest.split_at(ascii.max(c.len_utf8()));
        if ascii > 0 {
            let start = folded.len();
            folded.push_str(plain);
            if let Some(added) = folded.get_mut(start..) {
                added.make_ascii_lowercase();
            }
        } else {
            one(c, &mut folded);
        }
        rest = after;
    }
    folded
}

/// The letters of Latin-1 and Latin Extended-A, folded: nearly all that French has beside ASCII.
static LATIN: LazyLock<Vec<String>> = LazyLock::new(|| {
    let letter = |c| {
        let mut folded = String::new();
        any(c, &mut folded);
        folded
    };
    ('\u{80}'..'\u{180}').map(letter).collect()
});

fn one(c: char, folded: &mut String) {
    if c.is_ascii() {
        folded.push(c.to_ascii_lowercase());
        return;
    }
    match LATIN.get(c as usize - 0x80) {
        Some(known) => folded.push_str(known),
        None => any(c, folded),
    }
}

fn any(c: char, folded: &mut String) {
    // marks are dropped, so their order, which full normalisation would mend, does not matter
    decompose_compatible(c, |part| {
        for part in part.to_lowercase().filter(|p| !is_combining_mark(*p)) {
            match part {
                'œ' => folded.push_str("oe"),
                'æ' => folded.push_str("ae"),
                'ß' => folded.push_str("ss"),
                'ø' => folded.push('o'),
                'ł' => folded.push('l'),
                part => folded.push(part),
            }
        }
    });
}

/// Words of a text, by letters and digits as the full-text index cuts them.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// A folded word with its place in the text it was read from, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The word, folded.
    pub word: String,
    /// Where it stands in the text as it was.
    pub place: Range<usize>,
}

/// The words of a text with their places; at most `most`.
pub fn placed(text: &str, most: usize) -> Vec<Placed> {
    let mut found: Vec<Placed> = Vec::new();
    let mut open = false;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let mut folded = String::new();
        one(c, &mut folded);
        if folded.is_empty() {
            // a mark belongs to the letter before
            if let Some(last) = found.last_mut().filter(|_| open) {
                last.place.end = end;
            }
            continue;
        }
        if !folded.chars().all(char::is_alphanumeric) {
            open = false;
            continue;
        }
        if let Some(last) = found.last_mut().filter(|_| open) {
            last.word.push_str(&folded);
            last.place.end = end;
        } else if found.len() >= most {
            break;
        } else {
            found.push(Placed { word: folded, place: at..end });
            open = true;
        }
    }
    found
}

/// Where a folded `needle` stands in a text as it was, in bytes, whatever accents, case and white space; places do not
/// overlap, at most `most`.
pub fn find(text: &str, needle: &str, most: usize) -> Vec<Range<usize>> {
    let needle = needle.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut folded = String::with_capacity(text.len());
    // for each byte of the folded text, the letter it comes from
    let mut from: Vec<Range<usize>> = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            if !folded.ends_with(' ') {
                folded.push(' ');
            }
        } else {
            one(c, &mut folded);
        }
        from.resize(folded.len(), at..at + c.len_utf8());
    }
    if needle.is_empty() {
        return Vec::new();
    }
    let places = folded.match_indices(&needle).take(most).filter_map(|(at, found)| {
        let (first, last) = (from.get(at)?, from.get(at + found.len() - 1)?);
        Some(first.start..last.end)
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_ligatures_and_case_are_folded() {
        assert_eq!(fold("Œdème CÆCUM Ça straße ŁØ ﬁ"), "oedeme caecum ca strasse lo fi");
        assert_eq!(fold("e\u{301}"), "e");
        assert_eq!(
            fold("Dr MARTIN-Élie, né à Bâle (12.5 °C) — ΑΘΗΝΑ"),
            "dr martin-elie, ne a bale (12.5 °c) — αθηνα"
        );
    }

    #[test]
    fn words_keep_their_places_in_the_text_as_it_was() {
        let text = "L'Œdème e\u{301}tendu, 12,5 g";
        let found = placed(text, 100);
        let shown: Vec<(&str, &str)> =
            found.iter().map(|p| (p.word.as_str(), text.get(p.place.clone()).unwrap())).collect();
        assert_eq!(
            shown,
            [
                ("l", "L"),
                ("oedeme", "Œdème"),
                ("etendu", "e\u{301}tendu"),
                ("12", "12"),
                ("5", "5"),
                ("g", "g")
            ]
        );
        assert_eq!(placed(text, 2).len(), 2);
    }

    #[test]
    fn text_is_found_whatever_accents_case_and_line_ends() {
        let text = "Hémoglobine\n basse ; HÉMOGLOBINE glyquée, œdème";
        let found = |needle: &str| -> Vec<&str> {
            find(text, &fold(needle), 10).into_iter().map(|place| text.get(place).unwrap()).collect()
        };
        assert_eq!(found("hemoglobine"), ["Hémoglobine", "HÉMOGLOBINE"]);
        assert_eq!(found("globine  Basse"), ["globine\n basse"]);
        assert_eq!(found("oedeme"), ["œdème"]);
        assert_eq!(found("o"), ["o", "o", "O", "O", "œ"]);
        assert!(found("").is_empty() && found("potassium").is_empty());
        assert_eq!(find("aaaa", "a", 2).len(), 2);
    }
}
