//! Health documents in files, without a session.

use serde::Serialize;

use crate::domain::address::Mailbox;
use crate::domain::message::{Attachment, Defect, MessageKind, split_subject};
use crate::domain::patient::PatientHint;
use crate::mime;

/// What a file holds.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    /// Kind of message.
    pub kind: MessageKind,
    /// Subject without technical prefix.
    pub title: String,
    /// Patient the subject names.
    pub patient: Option<PatientHint>,
    /// Sender.
    pub author: Mailbox,
    /// Attachments.
    pub documents: Vec<Attachment>,
    /// Readable text.
    pub text: String,
    /// What is wrong with it.
    pub warnings: Vec<Defect>,
}

/// Reads a message (`.eml`). `None` when the bytes are no message at all.
pub fn read_document(raw: &[u8]) -> Option<Document> {
    let parsed = mime::parse(raw);
    if parsed.defects.contains(&Defect::Unreadable) {
        return None;
    }
    let (title, patient) = split_subject(&parsed.envelope.subject);
    Some(Document {
        kind: parsed.kind,
        title,
        patient,
        author: parsed.envelope.from.into_iter().next().unwrap_or_default(),
        documents: parsed.attachments,
        text: parsed.text,
        warnings: parsed.defects,
    })
}

/// Media type by the ending of a file name; octets when unknown.
pub fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "xml" => "text/xml",
        "txt" | "hpr" | "hpm" => "text/plain",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "tif" | "tiff" => "image/tiff",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "odt" => "application/vnd.oasis.opendocument.text",
        "rtf" => "application/rtf",
        _ => "application/octet-stream",
    }
}
