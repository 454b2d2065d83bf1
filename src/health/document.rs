//! A health document before it is written.

use crate::domain::UnixTime;

/// The patient a document is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// Nom de naissance, in capitals.
    pub birth_name: String,
    /// First birth given name.
    pub given_name: String,
    /// Year, month, day.
    pub born: (u16, u8, u8),
    /// Sex F.
    pub female: bool,
    /// INS matricule, 15 characters.
    pub matricule: String,
    /// OID of its authority.
    pub oid: String,
}

impl Patient {
    /// Birth date as JJ/MM/AAAA.
    pub fn birth_date(&self) -> String {
        let (year, month, day) = self.born;
        format!("{day:02}/{month:02}/{year}")
    }

    pub(super) fn birth_compact(&self) -> String {
        let (year, month, day) = self.born;
        format!("{year}{month:02}{day:02}")
    }
}

/// The professional who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// National identifier (`8` + RPPS).
    pub national_id: String,
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// Profession and specialty code such as `G15_10/SM04` (1.2.250.1.213.1.1.4.5).
    pub profession_code: String,
    /// Its label.
    pub profession: String,
    /// Name of the structure.
    pub organisation: String,
    /// Its national identifier (type digit + FINESS).
    pub organisation_id: String,
}

/// A laboratory result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabResult {
    /// Name of the analysis.
    pub label: String,
    /// LOINC code.
    pub loinc: String,
    /// Code private to the laboratory, up to 10 characters.
    pub code: String,
    /// Value with a decimal point.
    pub value: String,
    /// Unit.
    pub unit: String,
    /// Lower reference bound, may be empty.
    pub low: String,
    /// Upper reference bound, may be empty.
    pub high: String,
    /// N, L, H, LL or HH.
    pub flag: String,
}

/// A section of a structured body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// LOINC code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Text.
    pub paragraphs: Vec<String>,
    /// Results, shown as a table.
    pub results: Vec<LabResult>,
}

/// Body of a CDA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Level 1: the PDF itself.
    Pdf(Vec<u8>),
    /// Level 3 (narrative, with coded results where there are any).
    Sections(Vec<Section>),
}

/// Type of a document with what the metadata derive from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentType {
    /// LOINC code.
    pub code: &'static str,
    /// Its display name, also the label in the subject (ECO.2.1.3).
    pub label: &'static str,
    /// Format of a structured body.
    pub format: &'static str,
    /// Label of the format.
    pub format_label: &'static str,
}

/// Types a document may be given, the first where nothing is said. Source: digest of the formats, §2.4.
pub const TYPES: [DocumentType; 9] = [
    of_type("11488-4", "CR ou fiche de consultation ou de visite"),
    of_type("18748-4", "CR d'imagerie médicale"),
    of_type("11502-2", "CR d'examens biologiques"),
    of_type("11490-0", "Lettre de liaison à la sortie d'un établissement de soins"),
    of_type("18761-7", "Lettre de liaison à l'entrée"),
    of_type("34133-9", "Synthèse d'épisode de soins"),
    of_type("57833-6", "Prescription de produits de santé"),
    of_type("60593-1", "Dispensation médicamenteuse"),
    of_type("60591-5", "Synthèse médicale"),
];

const fn of_type(code: &'static str, label: &'static str) -> DocumentType {
    DocumentType {
        code,
        label,
        format: "urn:asipSante:modelesHorsProfils:2011",
        format_label: "Document hors profil",
    }
}

/// Class of a type (1.2.250.1.213.1.1.4.1) with its label.
pub(super) fn class_of(code: &str) -> (&'static str, &'static str) {
    match code {
        "60591-5" | "SYNTH" => ("11", "Synthèse"),
        "57833-6" => ("42", "Prescription"),
        "60593-1" => ("43", "Dispensation"),
        "CERT_DECL" => ("52", "Certificat, déclaration"),
        _ => ("10", "Compte rendu"),
    }
}

/// Where the act took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// A practice.
    Practice,
    /// A public hospital.
    Hospital,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// OID of this document.
    pub unique_id: String,
    /// OID of the document it replaces.
    pub replaces: Option<String>,
    /// Type.
    pub kind: DocumentType,
    /// Title.
    pub title: String,
    /// When it was written.
    pub created: UnixTime,
    /// When the act began.
    pub act: UnixTime,
    /// Patient.
    pub patient: Patient,
    /// Author.
    pub author: Author,
    /// Where.
    pub setting: Setting,
    /// Content.
    pub body: Body,
}

/// `AAAAMMJJhhmmss` in UTC.
pub(super) fn utc(time: UnixTime) -> String {
    jiff::Timestamp::from_second(time).unwrap_or_default().strftime("%Y%m%d%H%M%S").to_string()
}

/// Text for an XML element or attribute.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && c != '\n' && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}
