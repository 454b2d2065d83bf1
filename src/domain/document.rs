//! Health documents as they were read: facts, never sentences.

use serde::{Deserialize, Serialize};

use super::biology::LabResult;
use super::message::Block;
use super::patient::Patient;
use super::text::one_line;

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// CDA R2, of level 1 or 3.
    Cda,
    /// `IHE_XDM` archive.
    Xdm,
    /// HPRIM Médecins: a letter or laboratory results as text.
    Hprim,
    /// HPRIM Santé 2.x (`H|~^\&`).
    HprimSante,
    /// PDF.
    Pdf,
    /// JPEG, PNG, TIFF, GIF or BMP.
    Image,
    /// Plain text.
    Text,
    /// RTF.
    Rtf,
    /// Other XML.
    Xml,
    /// A message (RFC 5322), by what it brings: an ordinary letter.
    Letter,
    /// A report about another message: delivery, reading, integration.
    Receipt,
    /// A message inside another one.
    Message,
    /// A DICOM object; a key object selection says that images can be had.
    Dicom,
    /// Any other ZIP archive; only the names in it are told.
    Archive,
    /// Attachments packed by Outlook (`winmail.dat`).
    Tnef,
    /// An S/MIME signature or envelope.
    Smime,
    /// A block or file encrypted for Apicrypt v1, which only its own tools open.
    Apicrypt,
    /// Events (RFC 5545).
    Calendar,
    /// Contact (RFC 6350).
    Contact,
    /// Web page or drawing that may hold scripts: never shown as such.
    Active,
    /// A program, script or shortcut: never opened.
    Program,
    /// Office document; only named.
    Office,
    /// Unknown.
    Other,
}

/// A code of a nomenclature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The code.
    pub code: String,
    /// OID of its system.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub system: String,
    /// What it means, as the sender wrote it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
}

/// Who wrote, signed or performed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Given name and family name, or the name of a device or organisation.
    pub name: String,
    /// National identifier (PSIdNat: `8` + RPPS, `0` + ADELI…) or one of the sender's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Profession and specialty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profession: Option<Code>,
    /// Name of the organisation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub organisation: String,
    /// National identifier of the organisation (StructIdNat).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub organisation_id: String,
    /// Mail address, for the author of a message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

/// From whom a document is kept. Source: TRE_A07, 1.2.250.1.213.1.1.4.13.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mask {
    /// `MASQUE_PS`: masked to professionals.
    Professionals,
    /// `INVISIBLE_PATIENT`: not to be shown to the patient before it was announced.
    Patient,
    /// `INVISIBLE_REPRESENTANTS_LEGAUX`: hidden from the guardians of a minor.
    Guardians,
    /// `MASQUE_PSOCIAL`: masked to social workers.
    SocialWorkers,
    /// `MASQUE_PT`: masked to the attending physician.
    AttendingPhysician,
    /// `R` or `V`: restricted by its author.
    Restricted,
}

/// What a document does to one sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Annule et remplace.
    Replaces,
    /// Asks that it be deleted.
    Deletes,
    /// Adds to it.
    Appends,
}

/// Something in a document that its reader must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// No content could be read.
    Unreadable,
    /// Cut at a limit; the rest is in the file.
    Truncated,
    /// The text declares no character set, or a wrong one: it was guessed.
    GuessedCharset,
    /// Scripts, forms or remote content were left out.
    ActiveContentRemoved,
    /// The Date header is missing or unreadable.
    BadDate,
    /// It points at a style sheet, which is never run.
    StylesheetIgnored,
    /// It names a document type (DTD), which is never read.
    DtdIgnored,
    /// Control key of the INS does not fit.
    InsKeyWrong,
    /// The INS belongs to a test or demonstration authority.
    InsTest,
    /// Old INS-C or INS-A, which identify nobody any more.
    InsObsolete,
    /// The document names no INS.
    InsMissing,
    /// The patient is not the one of the archive's metadata.
    PatientDiffersFromMetadata,
    /// The patient is not the one the subject names.
    PatientDiffersFromSubject,
    /// Documents of several patients in one message or file.
    SeveralPatients,
    /// SHA-1 of the file is not the one the metadata give.
    HashWrong,
    /// Size of the file is not the one the metadata give.
    SizeWrong,
    /// The metadata name a file that is not in the archive.
    FileMissing,
    /// A file the metadata do not declare.
    Undeclared,
    /// Two entries of an archive or two parts have the same name.
    DuplicateName,
    /// The same document is there twice.
    DuplicateDocument,
    /// An entry's name leads out of the archive; it is only a label here.
    UnsafeName,
    /// Metadata of a kind that is not read (ebRIM 2.1).
    MetadataUnsupported,
    /// The archive holds no metadata that can be read.
    MetadataUnreadable,
    /// Masked to professionals.
    MaskedProfessionals,
    /// Not to be shown to the patient.
    MaskedPatient,
    /// Not to be shown to the guardians of a minor.
    MaskedGuardians,
    /// Encrypted: cannot be read here.
    Encrypted,
    /// Signed; the signature was not verified.
    SignatureNotVerified,
    /// Signed in part only: what stands outside is not covered.
    SignedInPart,
    /// Content is not what its name or type says.
    TypeMismatch,
    /// It may run or fetch something: never opened.
    Dangerous,
    /// Content is referred to and not included; it is never fetched.
    RemoteContent,
    /// Parts could be hidden: headers or boundaries contradict each other.
    Ambiguous,
    /// Not validated by the biologist, all or in part.
    NotValidated,
    /// No end mark: the file may be cut.
    EndMissing,
    /// Encrypted by Apicrypt v1, which only its own tools open.
    Apicrypt,
    /// Part of a message that came in several (`message/partial`).
    PartialMessage,
}

impl Warning {
    /// Every one of them.
    pub const ALL: [Self; 37] = [
        Self::Unreadable,
        Self::Truncated,
        Self::GuessedCharset,
        Self::ActiveContentRemoved,
        Self::BadDate,
        Self::StylesheetIgnored,
        Self::DtdIgnored,
        Self::InsKeyWrong,
        Self::InsTest,
        Self::InsObsolete,
        Self::InsMissing,
        Self::PatientDiffersFromMetadata,
        Self::PatientDiffersFromSubject,
        Self::SeveralPatients,
        Self::HashWrong,
        Self::SizeWrong,
        Self::FileMissing,
        Self::Undeclared,
        Self::DuplicateName,
        Self::DuplicateDocument,
        Self::UnsafeName,
        Self::MetadataUnsupported,
        Self::MetadataUnreadable,
        Self::MaskedProfessionals,
        Self::MaskedPatient,
        Self::MaskedGuardians,
        Self::Encrypted,
        Self::SignatureNotVerified,
        Self::SignedInPart,
        Self::TypeMismatch,
        Self::Dangerous,
        Self::RemoteContent,
        Self::Ambiguous,
        Self::NotValidated,
        Self::EndMissing,
        Self::Apicrypt,
        Self::PartialMessage,
    ];

    /// Stable kebab-case word, the end of a text key.
    pub fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// A picture or file inside a document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Media type as declared, in lower case.
    pub media_type: String,
    /// Caption of the narrative, or the name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caption: String,
    /// Decoded size in bytes.
    pub size: u64,
    /// Content.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Media {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Media({}, {} bytes)", self.media_type, self.size)
    }
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// Its own title, else that of its type, else the name of the file.
    pub title: String,
    /// Name of the file, made safe.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Name of the archive or attachment it was inside of.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub inside: String,
    /// Number of the attachment of the message that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<usize>,
    /// Media type by content.
    pub media_type: String,
    /// Size of the file in bytes.
    pub size: u64,
    /// Unique identifier: CDA `id`, XDS uniqueId.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// Identifier of all versions (CDA `setId`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Version number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// What it does to the documents in `related`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Unique identifiers of the documents it replaces or adds to.
    #[serde(default, rename = "replaces", skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
    /// Type (LOINC or TRE).
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Class (Compte rendu, Prescription…).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Code>,
    /// When it was written, ISO 8601 as precise as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// When the act began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act_date: Option<String>,
    /// Patient.
    pub patient: Option<Patient>,
    /// Authors, first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Author>,
    /// Who answers for it (CDA legalAuthenticator).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Author>,
    /// Names of the recipients.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// From whom it is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masks: Vec<Mask>,
    /// What is read: narrative or text.
    #[serde(skip)]
    pub blocks: Vec<Block>,
    /// Laboratory results with their codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<LabResult>,
    /// Pictures and files inside; [`Block::Image`] numbers them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Pages, where it has pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Name of the PDF that shows the same document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<String>,
    /// Number of the attachment that is this PDF, where it came beside the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin_attachment: Option<usize>,
    /// Names of the files in an archive of another kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<String>,
    /// What its reader must know, each once.
    pub warnings: Vec<Warning>,
    /// Readable text.
    pub text: String,
}

impl Document {
    /// An empty document of a kind.
    pub fn new(kind: DocumentKind, media_type: &str) -> Self {
        Self {
            kind,
            title: String::new(),
            name: String::new(),
            inside: String::new(),
            attachment: None,
            media_type: one_line(media_type),
            size: 0,
            unique_id: None,
            series: None,
            version: None,
            change: None,
            related: Vec::new(),
            code: None,
            class: None,
            date: None,
            act_date: None,
            patient: None,
            authors: Vec::new(),
            responsible: None,
            recipients: Vec::new(),
            masks: Vec::new(),
            blocks: Vec::new(),
            results: Vec::new(),
            media: Vec::new(),
            pages: None,
            twin: None,
            twin_attachment: None,
            entries: Vec::new(),
            warnings: Vec::new(),
            text: String::new(),
        }
    }

    /// Notes a warning, once.
    pub fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

/// What a hospital platform answers when it could not take a document in (CI-SIS, volet "Transmission au LPS").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Code: 900 to 906 of the document, others technical.
    pub code: String,
    /// The platform's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Message-ID of the message that was refused, without brackets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
}

impl Refusal {
    /// Reads `[KO Intégration système !][902] …` or the older `[Erreur d'intégration !]`. `None` for other subjects.
    pub fn from_subject(subject: &str) -> Option<Self> {
        let inner = subject.trim().trim_start_matches("Re:").trim_start().strip_prefix('[')?;
        let (mark, rest) = inner.split_once(']')?;
        let mark: String = mark.to_lowercase().replace('é', "e").replace('’', "'");
        if !(mark.starts_with("ko integration") || mark.starts_with("erreur d'integration")) {
            return None;
        }
        let code =
            rest.trim_start().strip_prefix('[').and_then(|r| r.split_once(']')).map_or("", |(code, _)| code);
        let code = code.trim();
        let is_code = !code.is_empty() && code.len() <= 3 && code.bytes().all(|b| b.is_ascii_digit());
        Some(Self {
            code: if is_code { code.to_owned() } else { String::new() },
            reason: String::new(),
            original: None,
        })
    }
}

/// A file or message read with all that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What the file itself is.
    pub kind: DocumentKind,
    /// Title, or the subject without its technical prefix.
    pub title: String,
    /// The patient it is about: of the metadata, else of the document, else named by the subject. `None` when there is
    /// none, or several.
    pub patient: Option<Patient>,
    /// Author of the document, or sender of the message.
    pub author: Option<Author>,
    /// It is the answer of a platform that refused what was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// One entry a document; a PDF that shows the same document is its `twin` and comes before it.
    pub documents: Vec<Document>,
    /// Readable text.
    pub text: String,
    /// What its reader must know, each once.
    pub warnings: Vec<Warning>,
}

impl Reading {
    /// A file of this kind and title, of which nothing else is known yet.
    pub fn new(kind: DocumentKind, title: String) -> Self {
        Self {
            kind,
            title,
            patient: None,
            author: None,
            refusal: None,
            documents: Vec::new(),
            text: String::new(),
            warnings: Vec::new(),
        }
    }
}
