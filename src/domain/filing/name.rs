//! Names of files made from a pattern, safe on Windows, macOS and Linux.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::text::is_deceptive;

/// Longest pattern, in bytes.
const LONGEST_PATTERN: usize = 200;
/// Longest name before its ending, in bytes: with a folder of a hundred it stays within the 260 of old Windows programs.
const LONGEST_STEM: usize = 120;
/// Longest value of one place holder, in characters.
const LONGEST_VALUE: usize = 60;

/// A fact a name can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Birth name and first given name, or the name the subject gives.
    Patient,
    /// Birth name.
    BirthName,
    /// Used name, else birth name.
    UsedName,
    /// First given name.
    FirstName,
    /// Birth date.
    BirthDate,
    /// Sex.
    Sex,
    /// INS matricule received.
    Ins,
    /// Type of the document.
    Kind,
    /// Code of the type.
    Code,
    /// Title.
    Title,
    /// Date of the act, else of the document, else of the message.
    Date,
    /// Day the message came.
    Received,
    /// Author of the document, else sender.
    Author,
    /// Organisation of the author.
    Organisation,
    /// Unique identifier of the document.
    Id,
}

impl Field {
    /// Every place holder with what it stands for, in the order they are offered.
    pub const ALL: [(&'static str, Self); 15] = [
        ("patient", Self::Patient),
        ("nom", Self::BirthName),
        ("nom-utilise", Self::UsedName),
        ("prenom", Self::FirstName),
        ("naissance", Self::BirthDate),
        ("sexe", Self::Sex),
        ("ins", Self::Ins),
        ("type", Self::Kind),
        ("code", Self::Code),
        ("titre", Self::Title),
        ("date", Self::Date),
        ("recu", Self::Received),
        ("auteur", Self::Author),
        ("organisation", Self::Organisation),
        ("id", Self::Id),
    ];
}

/// The facts of one file, empty where not known. Dates are `AAAAMMJJ`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    values: Vec<(Field, String)>,
}

impl Facts {
    /// Sets a fact; an empty one leaves it unknown.
    pub fn set(&mut self, field: Field, value: &str) {
        if !value.trim().is_empty() {
            self.values.retain(|(known, _)| *known != field);
            self.values.push((field, value.to_owned()));
        }
    }

    fn get(&self, field: Field) -> &str {
        self.values.iter().find(|(known, _)| *known == field).map_or("", |(_, value)| value)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

/// A naming pattern such as `{date}_{type}_{nom}_{prenom}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamePattern {
    text: String,
    pieces: Vec<Piece>,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing in it, or too long.
    #[error("a pattern has 1 to 200 characters")]
    Length,
    /// `{` without `}`, or the reverse.
    #[error("a brace stands alone")]
    Brace,
    /// No such place holder.
    #[error("unknown place holder {0}")]
    Unknown(String),
    /// A character no file name may have, such as `/`.
    #[error("a name cannot hold {0:?}")]
    Character(char),
    /// Without a place holder every file would have the same name.
    #[error("no place holder")]
    Fixed,
}

impl Default for NamePattern {
    /// As the rules name the PDF beside an archive (ECO.2.1.6): date of the act, type, birth name, given name.
    fn default() -> Self {
        let field = Piece::Field;
        let line = || Piece::Text("_".to_owned());
        Self {
            text: "{date}_{type}_{nom}_{prenom}".to_owned(),
            pieces: vec![
                field(Field::Date),
                line(),
                field(Field::Kind),
                line(),
                field(Field::BirthName),
                line(),
                field(Field::FirstName),
            ],
        }
    }
}

impl NamePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST_PATTERN {
            return Err(PatternError::Length);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('{') {
                let (word, after) = inner.split_once('}').ok_or(PatternError::Brace)?;
                let found = Field::ALL.iter().find(|(known, _)| *known == word);
                let (_, field) =
                    found.ok_or_else(|| PatternError::Unknown(word.chars().take(30).collect()))?;
                pieces.push(Piece::Field(*field));
                rest = after;
                continue;
            }
            let (plain, after) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
            if plain.contains('}') {
                return Err(PatternError::Brace);
            }
            if let Some(bad) = plain.chars().find(|c| is_deceptive(*c) || is_refused(*c)) {
                return Err(PatternError::Character(bad));
            }
            pieces.push(Piece::Text(plain.to_owned()));
            rest = after;
        }
        if !pieces.iter().any(|piece| matches!(piece, Piece::Field(_))) {
            return Err(PatternError::Fixed);
        }
        Ok(Self { text: text.to_owned(), pieces })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The file name for these facts, without ending: never empty, a name every system takes. Values come from
    /// strangers. Accents are left out: file systems write them in different ways.
    pub fn stem(&self, facts: &Facts) -> String {
        let mut stem = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => stem.push_str(text),
                Piece::Field(field) => stem.push_str(&plain(facts.get(*field))),
            }
        }
        safe(&stem)
    }

    /// The same with the ending of a format.
    pub fn name(&self, facts: &Facts, ending: &str) -> String {
        format!("{}.{ending}", self.stem(facts))
    }
}

impl TryFrom<String> for NamePattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        Self::parse(&text)
    }
}

impl From<NamePattern> for String {
    fn from(pattern: NamePattern) -> Self {
        pattern.text
    }
}

/// Characters Windows takes in no name, and the separators of paths everywhere.
fn is_refused(c: char) -> bool {
    "<>:\"/\\|?*".contains(c)
}

/// A value without accents and without anything a name cannot hold; underscores separate fields, so they are spaces
/// inside of one.
fn plain(value: &str) -> String {
    let kept: String = value
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && (c.is_whitespace() || !is_deceptive(*c)))
        .flat_map(|c| match c {
            'œ' => vec!['o', 'e'],
            'Œ' => vec!['O', 'E'],
            'æ' => vec!['a', 'e'],
            'Æ' => vec!['A', 'E'],
            'ß' => vec!['s', 's'],
            'ø' => vec!['o'],
            'Ø' => vec!['O'],
            // the French apostrophe is a character of names; both its forms are one
            '\'' | '’' => vec!['\''],
            c if c.is_alphanumeric() || "-.,()+".contains(c) => vec![c],
            _ => vec![' '],
        })
        .collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    let kept: String = words.join(" ").chars().take(LONGEST_VALUE).collect();
    kept.trim_matches([' ', '.']).to_owned()
}

/// Makes a stem every system takes: no separators left over from empty values, no leading dot or hyphen, no trailing
/// dot or space, no device name of Windows, bounded.
fn safe(stem: &str) -> String {
    let mut out = String::with_capacity(stem.len());
    for c in stem.chars() {
        let doubled =
            (c == '_' && (out.is_empty() || out.ends_with('_'))) || (c == ' ' && out.ends_with(' '));
        if !doubled {
            out.push(c);
        }
    }
    let out = trimmed(&out);
    let out = trimmed(out.get(..out.floor_char_boundary(LONGEST_STEM)).unwrap_or_default());
    match out {
        "" => "document".to_owned(),
        name if is_device(name) => format!("_{name}"),
        name => name.to_owned(),
    }
}

fn trimmed(stem: &str) -> &str {
    stem.trim_start_matches(['.', '-', ' ', '_', '~']).trim_end_matches(['.', ' ', '_', '-'])
}

/// Names Windows keeps for devices, whatever follows a dot.
fn is_device(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |kind: &str| {
        first
            .strip_prefix(kind)
            .is_some_and(|n| matches!(n.chars().collect::<Vec<_>>().as_slice(), [d] if d.is_ascii_digit()))
    };
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
        || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let mut facts = Facts::default();
        for (field, value) in [
            (Field::Patient, "LE GALL Jean-Marie"),
            (Field::BirthName, "LE GALL"),
            (Field::FirstName, "Jean-Marie"),
            (Field::BirthDate, "19781126"),
            (Field::Ins, "178112912345674"),
            (Field::Kind, "CR d'examens biologiques"),
            (Field::Date, "20260302"),
            (Field::Author, "Dr Léa ŒUVRARD"),
        ] {
            facts.set(field, value);
        }
        facts
    }

    #[test]
    fn a_pattern_names_files_by_what_is_known() {
        for (pattern, name) in [
            ("{date}_{type}_{nom}_{prenom}", "20260302_CR d'examens biologiques_LE GALL_Jean-Marie.pdf"),
            ("{patient}", "LE GALL Jean-Marie.pdf"),
            ("{nom} {prenom} ({naissance})", "LE GALL Jean-Marie (19781126).pdf"),
            ("Labo-{auteur}-{ins}", "Labo-Dr Lea OEUVRARD-178112912345674.pdf"),
            // what is not known leaves no separators behind
            ("{titre}_{organisation}_{nom}__{id}", "LE GALL.pdf"),
            ("{titre}", "document.pdf"),
        ] {
            assert_eq!(NamePattern::parse(pattern).unwrap().name(&facts(), "pdf"), name, "{pattern}");
        }
    }

    #[test]
    fn values_of_strangers_never_leave_the_folder_or_name_a_device() {
        let pattern = NamePattern::parse("{titre}").unwrap();
        for (title, stem) in [
            ("../../etc/passwd", "etc passwd"),
            ("..\\..\\C:\\Windows\\win.ini", "C Windows win.ini"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("COM1", "_COM1"),
            ("LPT9 ", "_LPT9"),
            ("Aux. ", "_Aux"),
            ("COMA", "COMA"),
            (".cache", "cache"),
            ("-rf", "rf"),
            ("bilan...", "bilan"),
            ("bilan. . .", "bilan"),
            ("a\u{202e}fdp.exe", "afdp.exe"),
            ("ligne\r\nsuite\0", "ligne suite"),
            ("a<b>c:d\"e|f?g*h", "a b c d e f g h"),
            ("Bilan lipidique — suivi n° 3", "Bilan lipidique suivi n 3"),
            ("e\u{301}te\u{301} été", "ete ete"),
            ("\u{200b}\u{feff}", "document"),
            ("Иванов", "Иванов"),
            ("%APPDATA% $HOME `id`", "APPDATA HOME id"),
            ("___", "document"),
        ] {
            let mut facts = Facts::default();
            facts.set(Field::Title, title);
            assert_eq!(pattern.stem(&facts), stem, "{title:?}");
        }
    }

    #[test]
    fn a_name_is_bounded_whatever_the_values_are() {
        let pattern = NamePattern::parse(&"{titre}_".repeat(20)).unwrap();
        for title in ["é".repeat(5_000), "漢".repeat(5_000), "a ".repeat(5_000)] {
            let mut facts = Facts::default();
            facts.set(Field::Title, &title);
            let stem = pattern.stem(&facts);
            assert!(!stem.is_empty() && stem.len() <= LONGEST_STEM, "{}", stem.len());
        }
    }

    #[test]
    fn what_is_wrong_with_a_pattern_is_said() {
        for (pattern, error) in [
            ("", PatternError::Length),
            ("  ", PatternError::Length),
            (&*"x".repeat(201), PatternError::Length),
            ("{nom", PatternError::Brace),
            ("nom}", PatternError::Brace),
            ("{Nom}", PatternError::Unknown("Nom".to_owned())),
            ("{nom}/{prenom}", PatternError::Character('/')),
            ("a\\{nom}", PatternError::Character('\\')),
            ("{nom}\u{202e}", PatternError::Character('\u{202e}')),
            ("document", PatternError::Fixed),
        ] {
            assert_eq!(NamePattern::parse(pattern), Err(error), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_is_kept_as_its_text() {
        let kept = serde_json::to_string(&NamePattern::default()).unwrap();
        assert_eq!(kept, "\"{date}_{type}_{nom}_{prenom}\"");
        assert_eq!(serde_json::from_str::<NamePattern>(&kept).unwrap(), NamePattern::default());
        assert!(serde_json::from_str::<NamePattern>("\"{rien}\"").is_err());
    }
}
