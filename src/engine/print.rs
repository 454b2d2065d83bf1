//! What is printed: a message, or one document of it. A PDF goes on paper as it is; the rest is laid out by `print`.

use std::collections::BTreeMap;

use super::work::blocking;
use super::{Engine, Error, ErrorKind, PdfPlace, Result, clock, document, mail};
use crate::domain::document::{Document, DocumentKind, Reading};
use crate::domain::id::MessageId;
use crate::domain::message::{Block, MessageView};
use crate::domain::patient::Patient;
use crate::health::hprim;
use crate::mime;
use crate::print::{self, Picture, Sheet};

/// Most bytes of pictures on one print.
const MOST_PICTURES: usize = 128 << 20;

/// What is to go on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Printable {
    /// A PDF, printed as it is.
    Pdf {
        /// Title of the document.
        name: String,
        /// Content.
        bytes: Vec<u8>,
    },
    /// What is to be laid out.
    Paper(Box<Paper>),
}

/// A message or document to be laid out, as facts; `Wording::sheet` finds the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The message; its blocks are empty where only a document is printed.
    pub view: MessageView,
    /// Pictures of its text.
    pub pictures: BTreeMap<usize, Picture>,
    /// The document asked for, else those in the text of the message, such as HPRIM results.
    pub documents: Vec<(Document, BTreeMap<usize, Picture>)>,
    /// One document was asked for.
    pub is_document: bool,
    /// Whom it is about, as far as the documents agree.
    pub patient: Option<Patient>,
}

impl Engine {
    /// A message, or the document of it that has this number in [`Engine::documents`], for printing.
    ///
    /// # Errors
    /// `not-found`; `offline` while its content is not here; `print-nothing` for a document without text and pages.
    pub async fn printable(&self, id: MessageId, number: Option<usize>) -> Result<Printable> {
        let view = self.message(id).await?;
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let raw = mail::raw(&session, id)?;
            let (account, message_id) = (view.row.account, view.envelope.message_id.clone());
            session.store.add_trace(clock::now(), "printed", Some(account), message_id.as_deref())?;
            let reading = document::of_message(&raw);
            match (number, reading) {
                (None, reading) => Ok(Printable::Paper(Box::new(message(&raw, view, reading)))),
                (Some(number), Some(reading)) => one(&raw, view, reading, number),
                (Some(_), None) => Err(Error::new(ErrorKind::Corrupt, "input-unreadable")),
            }
        }))
        .await
    }

    /// The pages of a sheet as a PDF.
    ///
    /// # Errors
    /// `bug`: a typeface of the program cannot be read.
    pub async fn print(&self, sheet: Sheet) -> Result<Vec<u8>> {
        let laid =
            move || print::pdf(&sheet).map_err(|error| Error::new(ErrorKind::Bug, "bug").caused_by(error));
        self.on_runtime(blocking(laid)).await
    }
}

fn message(raw: &[u8], mut view: MessageView, reading: Option<Reading>) -> Paper {
    let pictures = attached(raw, &view.blocks);
    let patient = reading.as_ref().and_then(|r| r.patient.clone());
    let in_text = |d: &Document| d.attachment.is_none() && !d.results.is_empty();
    let documents = reading.map(|r| r.documents).unwrap_or_default().into_iter().filter(in_text);
    let documents: Vec<_> = documents.map(|document| (document, BTreeMap::new())).collect();
    if !documents.is_empty() {
        // read as a document, its text is there once more
        view.blocks.retain(|block| !matches!(block, Block::Preformatted(text) if hprim::is_hprim(text)));
    }
    Paper { view, pictures, documents, is_document: false, patient }
}

fn one(raw: &[u8], mut view: MessageView, mut reading: Reading, number: usize) -> Result<Printable> {
    if number >= reading.documents.len() {
        return Err(mail::not_found());
    }
    let document = reading.documents.swap_remove(number);
    if let Some(pdf) = PdfPlace::of(&document).and_then(|place| document::fetch_pdf(raw, place)) {
        let (name, bytes) = (mime::safe_name(&document.title), pdf.bytes().to_vec());
        return Ok(Printable::Pdf { name, bytes });
    }
    if document.blocks.is_empty() && document.results.is_empty() {
        return Err(Error::new(ErrorKind::NeedsUser, "print-nothing"));
    }
    let pictures = match (document.kind, document.attachment) {
        (DocumentKind::Image, Some(index)) => {
            let bytes = mime::attachment(raw, index).map(|content| Picture(content.bytes));
            bytes.map(|picture| numbers(&document.blocks).map(|n| (n, picture.clone())).collect())
        }
        _ => None,
    };
    let own = || document.media.iter().enumerate().map(|(n, m)| (n, Picture(m.bytes.clone()))).collect();
    let pictures = pictures.unwrap_or_else(own);
    view.blocks.clear();
    let patient = document.patient.clone().or(reading.patient);
    let paper = Paper {
        view,
        pictures: BTreeMap::new(),
        documents: vec![(document, pictures)],
        is_document: true,
        patient,
    };
    Ok(Printable::Paper(Box::new(paper)))
}

/// The pictures of a text, which are attachments of its message.
fn attached(raw: &[u8], blocks: &[Block]) -> BTreeMap<usize, Picture> {
    let mut pictures = BTreeMap::new();
    let mut bytes = 0;
    for number in numbers(blocks) {
        if bytes >= MOST_PICTURES {
            break;
        }
        if !pictures.contains_key(&number)
            && let Some(content) = mime::attachment(raw, number)
        {
            bytes += content.bytes.len();
            pictures.insert(number, Picture(content.bytes));
        }
    }
    pictures
}

fn numbers(blocks: &[Block]) -> impl Iterator<Item = usize> {
    blocks.iter().flat_map(|block| match block {
        Block::Image(number) => vec![*number],
        Block::Grid(grid) => grid.rows.iter().flatten().flat_map(|cell| cell.images.clone()).collect(),
        _ => Vec::new(),
    })
}
