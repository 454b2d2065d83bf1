//! Messages as the program shows them.

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::address::Mailbox;
use super::document::Warning;
use super::id::{AccountId, FolderId, MessageId};
use super::patient::PatientHint;

/// Flags of a message (RFC 3501 §2.3.2) and keywords.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags {
    /// `\Seen`.
    pub seen: bool,
    /// `\Answered`.
    pub answered: bool,
    /// `\Flagged`.
    pub flagged: bool,
    /// `\Deleted`.
    pub deleted: bool,
    /// `\Draft`.
    pub draft: bool,
    /// Keywords such as `$Forwarded`, sorted.
    pub keywords: Vec<String>,
}

/// The keyword of [`Flag::MdnSent`] (RFC 3503).
pub const MDN_SENT: &str = "$MDNSent";

/// A flag a command can set or clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flag {
    /// `\Seen`.
    Seen,
    /// `\Answered`.
    Answered,
    /// `\Flagged`.
    Flagged,
    /// `$Forwarded`.
    Forwarded,
    /// `$MDNSent`: a request for a read receipt was answered or declined (RFC 3503).
    MdnSent,
}

/// A keyword other programs see too (RFC 3501 §2.3.2), such as `$Label1`: letters, digits and signs an atom may have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keyword(String);

impl Keyword {
    /// Longest keyword, in bytes.
    const LONGEST: usize = 64;

    /// `None` when servers could not carry it.
    pub fn parse(text: &str) -> Option<Self> {
        let is_atom = |b: u8| b.is_ascii_graphic() && !b"(){%*\"\\]".contains(&b);
        let fits = !text.is_empty() && text.len() <= Self::LONGEST && text.bytes().all(is_atom);
        fits.then(|| Self(text.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The header fields the program works with, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// First identifier of In-Reply-To.
    pub in_reply_to: Option<String>,
    /// References, oldest first.
    pub references: Vec<String>,
    /// Date header.
    pub date: Option<UnixTime>,
    /// From.
    pub from: Vec<Mailbox>,
    /// Reply-To.
    pub reply_to: Vec<Mailbox>,
    /// To.
    pub to: Vec<Mailbox>,
    /// Cc.
    pub cc: Vec<Mailbox>,
    /// Subject as received, decoded; may start with the XDM prefix.
    pub subject: String,
    /// The sender asks for a read receipt (Disposition-Notification-To).
    pub receipt_to: Option<Mailbox>,
}

/// Which kind of health message this looks like; decides the badge in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// Ordinary letter.
    Letter,
    /// Carries an `IHE_XDM` archive.
    Xdm,
    /// Laboratory results in HPRIM.
    Hprim,
    /// Delivery status or read receipt.
    Receipt,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// Identifier.
    pub id: MessageId,
    /// Account.
    pub account: AccountId,
    /// Folder.
    pub folder: FolderId,
    /// Whom it comes from (first From).
    pub from: Mailbox,
    /// Whom it goes to (first To), for Sent and Drafts.
    pub to: Mailbox,
    /// Subject without the XDM prefix, reply prefixes kept.
    pub subject: String,
    /// Patient named in the subject.
    pub patient: Option<PatientHint>,
    /// Date of the message, else of its arrival.
    pub date: UnixTime,
    /// Flags.
    pub flags: Flags,
    /// Kind.
    pub kind: MessageKind,
    /// It has at least one attachment, as far as known.
    pub has_attachment: bool,
    /// Size on the server in bytes.
    pub size: u64,
    /// The body is in the local store.
    pub downloaded: bool,
    /// It holds a critical result (LL, HH, AA) that nobody has acknowledged.
    #[serde(default)]
    pub alarm: bool,
    /// Its state ([`Triage`](super::triage::Triage)) is kept on this station only: its server keeps no keywords.
    #[serde(default)]
    pub state_is_local: bool,
}

/// A run of text with one style.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Text, white space already collapsed.
    pub text: String,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Target of a link, shown before opening.
    pub link: Option<String>,
    /// Underlined.
    #[serde(default, skip_serializing_if = "is_false")]
    pub underline: bool,
    /// Struck out: a later version deleted it, and it must still be seen.
    #[serde(default, skip_serializing_if = "is_false")]
    pub struck: bool,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// A cell of a [`Grid`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Text; a `\n` is a line break.
    pub spans: Vec<Span>,
    /// Columns it covers, at least 1.
    pub columns: u16,
    /// Rows it covers, at least 1.
    pub rows: u16,
    /// It heads a column or a row.
    pub heads: bool,
    /// Aligned to the right, as numbers are.
    pub right: bool,
    /// Pictures in it, numbered as [`Block::Image`] does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<usize>,
}

/// A table whose cells may cover several columns or rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Caption.
    pub caption: Vec<Span>,
    /// Rows of cells; a cell covered from above is not in its row.
    pub rows: Vec<Vec<Cell>>,
}

/// A block of readable text: what remains of HTML after everything active or remote is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// Running text.
    Paragraph(Vec<Span>),
    /// Heading of level 1 to 6.
    Heading(u8, Vec<Span>),
    /// Item of a list: nesting depth from 1, marker such as `•` or `2.`, text.
    Item(u8, String, Vec<Span>),
    /// Quoted text of an earlier message, depth from 1.
    Quote(u8, Vec<Span>),
    /// Text whose spaces and line ends matter (HPRIM, plain text).
    Preformatted(String),
    /// Table: rows of cells.
    Table(Vec<Vec<Vec<Span>>>),
    /// Table of a health document.
    Grid(Grid),
    /// Horizontal rule.
    Rule,
    /// Inline image of the message itself, by attachment index.
    Image(usize),
}

impl Block {
    /// Its styled runs in reading order; none for preformatted text, rules and pictures.
    pub fn spans(&self) -> Vec<&Span> {
        match self {
            Self::Paragraph(spans)
            | Self::Heading(_, spans)
            | Self::Item(_, _, spans)
            | Self::Quote(_, spans) => spans.iter().collect(),
            Self::Table(rows) => rows.iter().flatten().flatten().collect(),
            Self::Grid(grid) => {
                let cells = grid.rows.iter().flatten().flat_map(|cell| &cell.spans);
                grid.caption.iter().chain(cells).collect()
            }
            Self::Preformatted(_) | Self::Rule | Self::Image(_) => Vec::new(),
        }
    }
}

/// An attachment, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Position among the attachments of the message, from 0.
    pub index: usize,
    /// File name, made safe: no path, no control character; never empty.
    pub name: String,
    /// Media type in lower case.
    pub media_type: String,
    /// Decoded size in bytes.
    pub size: u64,
    /// Shown inside the text.
    pub inline: bool,
}

/// A message opened for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its row.
    pub row: MessageRow,
    /// Header fields.
    pub envelope: Envelope,
    /// Readable blocks; empty while the body is not downloaded.
    pub blocks: Vec<Block>,
    /// The same as plain text, for copying and quoting.
    pub text: String,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// What is wrong with it.
    pub defects: Vec<Warning>,
}

/// Splits a subject of the form `XDM/1.0/DDM+<label> <NOM> <prénom> <JJ/MM/AAAA>` into what to show and the patient.
/// Any other subject comes back unchanged. `Re:`/`Tr:` prefixes before the marker are kept.
/// Source: Référentiel #2 ECO.2.1.3 and ECO.3.1.3 (the prefix is never shown).
pub fn split_subject(subject: &str) -> (String, Option<PatientHint>) {
    const MARK: &str = "XDM/1.0/DDM";
    let Some((before, after)) = subject.split_once(MARK) else {
        return (subject.trim().to_owned(), None);
    };
    let rest = after.trim_start_matches(['+', ' ']).trim();
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    let is_date = |w: &str| {
        let b = w.as_bytes();
        b.len() == 10
            && b.iter()
                .enumerate()
                .all(|(i, c)| if i == 2 || i == 5 { *c == b'/' } else { c.is_ascii_digit() })
    };
    let birth_date = words.pop_if(|w| is_date(w)).map(str::to_owned);
    let (label, name) = words.split_at(start_of_name(&words));
    let (label, name) = (label.join(" "), name.join(" "));
    let shown = format!("{}{}", before, if label.is_empty() { rest } else { &label }).trim().to_owned();
    let patient = (!name.is_empty()).then_some(PatientHint { name, birth_date });
    (shown, patient)
}

/// Where the patient's name begins in the words of a subject; their number when there is none. The label before it is
/// free text, so: the birth name is the last run of words in capitals, and the given name what follows.
fn start_of_name(words: &[&str]) -> usize {
    /// Documents and examinations that labels name in capitals.
    const ABBREVIATIONS: &[&str] = &[
        "ALD", "AVC", "BPCO", "CR", "CRH", "CRO", "CRP", "DLU", "ECBU", "ECG", "EEG", "EFR", "EHPAD", "EMG",
        "ETT", "HAD", "HDL", "HTA", "INR", "IRM", "LDL", "MAPA", "NFS", "PDF", "PSA", "RCP", "RX", "SMR",
        "SSR", "TDM", "TEP", "TP", "TSH", "VHB", "VHC", "VIH", "VS", "VSM",
    ];
    let capital = |w: &&str| {
        let letters = w.chars().filter(|c| c.is_alphabetic()).count();
        letters > 1 && !w.chars().any(|c| c.is_lowercase() || c.is_ascii_digit())
    };
    // D ALMEIDA, L HERMITE, O NEILL
    let of_name = |w: &&str| capital(w) || matches!(*w, "D" | "L" | "O");
    let Some(last) = words.iter().rposition(|w| capital(w) && !ABBREVIATIONS.contains(w)) else {
        return words.len();
    };
    // a comma ends the label, but may stand between birth name and given name
    let ends_label = |w: &&str| w.ends_with([',', ':', ';']);
    let before = words.iter().take(last).rposition(|w| !of_name(w) || ends_label(w));
    let start = before.map_or(0, |i| i + 1);
    let run = words.iter().take(last).skip(start);
    start + run.take_while(|w| ABBREVIATIONS.contains(w)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_what_every_server_can_carry() {
        assert_eq!(Keyword::parse("$Label1").unwrap().as_str(), "$Label1");
        for bad in ["", "à-rappeler", "a b", "\\Seen", "x)", &"k".repeat(65)] {
            assert_eq!(Keyword::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_xdm_prefix_is_hidden_and_the_patient_read() {
        for (subject, shown, patient) in [
            (
                "XDM/1.0/DDM+CR d'examens biologiques VIAL Paul 26/11/1978",
                "CR d'examens biologiques",
                Some(("VIAL Paul", Some("26/11/1978"))),
            ),
            (
                "XDM/1.0/DDM+2 documents VIAL Paul 26/11/1978",
                "2 documents",
                Some(("VIAL Paul", Some("26/11/1978"))),
            ),
            (
                "Re: XDM/1.0/DDM+Lettre de sortie LE GALL Jean-Marie",
                "Re: Lettre de sortie",
                Some(("LE GALL Jean-Marie", None)),
            ),
            ("Avis demandé", "Avis demandé", None),
            (
                "XDM/1.0/DDM+Bilan : NFS, CRP DUPONT Lea 01/02/1980",
                "Bilan : NFS, CRP",
                Some(("DUPONT Lea", Some("01/02/1980"))),
            ),
            ("XDM/1.0/DDM+CR IRM DUPONT MARTIN Lea", "CR IRM", Some(("DUPONT MARTIN Lea", None))),
            ("XDM/1.0/DDM+Note, SOINS, DUPONT, Lea", "Note, SOINS,", Some(("DUPONT, Lea", None))),
            ("XDM/1.0/DDM+Vitamine B12 D ALMEIDA Rui", "Vitamine B12", Some(("D ALMEIDA Rui", None))),
            ("XDM/1.0/DDM+CR", "CR", None),
            ("XDM/1.0/DDM+ 01/02/1980", "01/02/1980", None),
            (
                "[KO Intégration système !][902] XDM/1.0/DDM+VSM DUPONT Lea",
                "[KO Intégration système !][902] VSM",
                Some(("DUPONT Lea", None)),
            ),
            ("Envoi XDM/1.0 simple", "Envoi XDM/1.0 simple", None),
            ("XDM/1.0/DDM", "", None),
        ] {
            let (s, p) = split_subject(subject);
            assert_eq!(s, shown, "{subject}");
            let p = p.map(|p| (p.name, p.birth_date));
            assert_eq!(p, patient.map(|(n, d)| (n.to_owned(), d.map(str::to_owned))), "{subject}");
        }
    }
}
