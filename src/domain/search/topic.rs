//! What a message is about, by the types of its documents.

use serde::{Deserialize, Serialize};

use crate::domain::document::{Document, DocumentKind};
use crate::domain::message::MessageKind;

/// What a message is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Laboratory results.
    Biology,
    /// Report of an imaging examination, or images.
    Imaging,
    /// Prescription or dispensation.
    Prescription,
    /// Letter about a stay in hospital.
    Hospital,
    /// Report of a consultation.
    Consultation,
    /// Summary of a patient's state, vaccinations.
    Summary,
    /// Another health document.
    Document,
    /// A letter without any.
    #[default]
    Letter,
    /// A delivery or reading report.
    Receipt,
}

impl Topic {
    /// Every one, in the order of lists.
    pub const ALL: [Self; 9] = [
        Self::Biology,
        Self::Imaging,
        Self::Prescription,
        Self::Hospital,
        Self::Consultation,
        Self::Summary,
        Self::Document,
        Self::Letter,
        Self::Receipt,
    ];

    /// What a message is about: of several documents the first type that is known. Codes: digest of the formats, §2.4.
    pub fn of(kind: MessageKind, documents: &[Document]) -> Self {
        if kind == MessageKind::Receipt {
            return Self::Receipt;
        }
        let known = |document: &Document| {
            document.code.as_ref().and_then(|code| Self::of_code(&code.code)).or_else(|| {
                (!document.results.is_empty())
                    .then_some(Self::Biology)
                    .or((document.kind == DocumentKind::Dicom).then_some(Self::Imaging))
            })
        };
        let health = |d: &Document| {
            matches!(d.kind, DocumentKind::Cda | DocumentKind::Hprim | DocumentKind::HprimSante)
        };
        match documents.iter().find_map(known) {
            Some(topic) => topic,
            None if matches!(kind, MessageKind::Xdm | MessageKind::Hprim) || documents.iter().any(health) => {
                Self::Document
            }
            None => Self::Letter,
        }
    }

    fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "11502-2" => Self::Biology,
            "18748-4" | "55115-0" | "IMG-KOS" => Self::Imaging,
            "57833-6" | "60593-1" => Self::Prescription,
            "11490-0" | "18761-7" | "34133-9" | "74207-2" => Self::Hospital,
            "11488-4" | "75496-0" | "85208-7" | "34794-8" => Self::Consultation,
            "SYNTH" | "60591-5" | "87273-9" | "11369-6" => Self::Summary,
            _ => return None,
        })
    }

    /// The topic a person names after `type:`; folded.
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word.trim() {
            "biologie" | "bio" | "labo" | "analyse" | "analyses" | "biology" | "lab" => Self::Biology,
            "imagerie" | "radio" | "radiologie" | "imaging" | "radiology" => Self::Imaging,
            "ordonnance" | "prescription" | "dispensation" => Self::Prescription,
            "hopital" | "hospitalisation" | "hospital" => Self::Hospital,
            "consultation" => Self::Consultation,
            "synthese" | "vsm" | "vaccin" | "vaccination" | "summary" => Self::Summary,
            "document" | "cda" => Self::Document,
            "lettre" | "courrier" | "letter" => Self::Letter,
            "accuse" | "avis" | "receipt" => Self::Receipt,
            _ => return None,
        })
    }

    /// Its name after `type:`, in French, which both languages read.
    pub fn operator(self) -> &'static str {
        match self {
            Self::Biology => "type:biologie",
            Self::Imaging => "type:imagerie",
            Self::Prescription => "type:ordonnance",
            Self::Hospital => "type:hospitalisation",
            Self::Consultation => "type:consultation",
            Self::Summary => "type:synthese",
            Self::Document => "type:document",
            Self::Letter => "type:lettre",
            Self::Receipt => "type:accuse",
        }
    }

    /// Stable kebab-case word, the end of a text key and the value in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Biology => "biology",
            Self::Imaging => "imaging",
            Self::Prescription => "prescription",
            Self::Hospital => "hospital",
            Self::Consultation => "consultation",
            Self::Summary => "summary",
            Self::Document => "document",
            Self::Letter => "letter",
            Self::Receipt => "receipt",
        }
    }

    /// The topic of a [`Topic::word`].
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.word() == word)
    }
}
