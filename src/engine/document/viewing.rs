//! The PDF of a document, page by page.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::document::{Document, DocumentKind};
use crate::health::pdf::PageText;
use crate::health::{Patience, file, pdf};
use crate::mime;

/// How long the text of one page, and of all of them, may take.
const PAGE_PATIENCE: Duration = Duration::from_millis(1_000);
const ALL_PATIENCE: Duration = Duration::from_secs(5);

/// A page drawn on white.
#[derive(Clone, PartialEq, Eq)]
pub struct PageImage {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Red, green, blue, alpha of each pixel, row by row from the top.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for PageImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PageImage({} x {})", self.width, self.height)
    }
}

/// Where the PDF is that a document is, holds or has as its twin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PdfPlace {
    /// Inside of it.
    Inside(PdfFile),
    /// An attachment of the message.
    Attachment(usize),
    /// A file of an archive that is an attachment.
    Archive(usize, String),
}

impl PdfPlace {
    /// `None` when the document has no pages.
    pub fn of(document: &Document) -> Option<Self> {
        if document.kind == DocumentKind::Pdf && document.inside.is_empty() {
            return document.attachment.map(Self::Attachment);
        }
        if let Some(twin) = document.twin_attachment {
            return Some(Self::Attachment(twin));
        }
        if let Some(media) = document.media.iter().find(|m| m.media_type == "application/pdf") {
            return Some(Self::Inside(PdfFile::new(media.bytes.clone())));
        }
        let name = document.twin.as_ref().or((document.kind == DocumentKind::Pdf).then_some(&document.name));
        Some(Self::Archive(document.attachment?, name?.clone()))
    }
}

/// A PDF in memory; copies are cheap. Its methods read and draw: they take their time and belong on a thread that may
/// wait.
#[derive(Clone, PartialEq, Eq)]
pub struct PdfFile(Arc<Vec<u8>>);

impl std::fmt::Debug for PdfFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PdfFile({} bytes)", self.0.len())
    }
}

impl PdfFile {
    /// Holds these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }

    /// The file itself.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A page drawn `scale` pixels a point (1/72 inch), smaller where that would be too large; `None` when there is no
    /// such page or it cannot be drawn.
    pub fn page(&self, number: usize, scale: f32) -> Option<PageImage> {
        let started = Instant::now();
        let page = pdf::draw(&self.0, number, scale, Patience::new(&|| started.elapsed() > PAGE_PATIENCE))?;
        Some(PageImage { width: page.width, height: page.height, rgba: page.rgba })
    }

    /// The text of a page with the place of every letter.
    pub fn text(&self, number: usize) -> Option<PageText> {
        let started = Instant::now();
        pdf::page_text(&self.0, number, Patience::new(&|| started.elapsed() > PAGE_PATIENCE))
    }

    /// The text of every page, as far as time and bounds allow.
    pub fn texts(&self) -> Vec<String> {
        let started = Instant::now();
        let read = pdf::read(&self.0, Patience::new(&move || started.elapsed() > ALL_PATIENCE));
        read.map(|content| content.texts).unwrap_or_default()
    }
}

/// Takes the PDF out of a message.
pub(in crate::engine) fn fetch(raw: &[u8], place: PdfPlace) -> Option<PdfFile> {
    let attached = |index: usize| mime::attachment(raw, index).map(|content| content.bytes);
    match place {
        PdfPlace::Inside(file) => Some(file),
        PdfPlace::Attachment(index) => attached(index).map(PdfFile::new),
        PdfPlace::Archive(index, name) => file::in_archive(&attached(index)?, &name).map(PdfFile::new),
    }
}
