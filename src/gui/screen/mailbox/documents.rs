//! The health documents of the message being read: which one is open, as text or as pages.

use std::collections::HashMap;

use iced::widget::image;

use super::reader::{Need, Picture};
use crate::domain::biology::LabResult;
use crate::domain::document::{Document, DocumentKind, Reading};
use crate::domain::id::MessageId;
use crate::domain::message::Block;
use crate::domain::patient::{Mention, PatientRow, Replacement};
use crate::engine::{Earlier, Error, PageImage};

/// Most pictures of one document that are drawn.
const MOST_PICTURES: usize = 20;

/// What the user does with documents, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// The documents came.
    Read(MessageId, Result<Box<Reading>, Error>),
    /// What is known of the patients they name came.
    Known(MessageId, Result<Box<Known>, Error>),
    /// Opens a document, or folds it up again.
    Toggle(usize),
    /// Shows a page of the open document's PDF; `None` its text again.
    Page(Option<usize>),
    /// A page was drawn.
    PageDrawn(MessageId, usize, usize, Option<PageImage>),
    /// A picture of a document was decoded, `None` when it cannot be.
    PictureRead(MessageId, usize, usize, Option<image::Handle>),
    /// Abnormal results come first, or all in the order of the laboratory.
    AbnormalFirst(bool),
}

/// What the store knows of the patients a message names.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What the message says of each, and whose it is.
    pub mentions: Vec<(Mention, Option<PatientRow>)>,
    /// What its documents replace, or are said to be replaced by.
    pub replacements: Vec<Replacement>,
    /// Earlier values of each result, by document.
    pub earlier: Earlier,
}

/// A page of a PDF.
#[derive(Debug)]
pub(super) enum Page {
    Awaited(usize),
    Shown(usize, image::Handle),
    Unreadable(usize),
}

impl Page {
    pub(super) fn number(&self) -> usize {
        match self {
            Self::Awaited(number) | Self::Shown(number, _) | Self::Unreadable(number) => *number,
        }
    }
}

/// The documents of one message.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) reading: Option<Box<Reading>>,
    pub(super) open: Option<usize>,
    pub(super) page: Option<Page>,
    pub(super) pictures: HashMap<(usize, usize), Picture>,
    pub(super) abnormal_first: bool,
    pub(super) known: Box<Known>,
}

impl Documents {
    pub(super) fn update(&mut self, message: MessageId, event: Message) -> Need {
        match event {
            Message::Read(id, result) if id == message => self.read(id, result),
            Message::Known(id, Ok(known)) if id == message => {
                self.known = known;
                Need::Nothing
            }
            Message::Toggle(number) => self.toggle(message, number),
            Message::Page(page) => self.show_page(message, page),
            Message::PageDrawn(id, document, number, drawn) if id == message => {
                self.page_drawn(document, number, drawn)
            }
            Message::PictureRead(id, document, number, handle) if id == message => {
                let picture = handle.map_or(Picture::Unreadable, Picture::Ready);
                self.pictures.insert((document, number), picture);
                Need::Nothing
            }
            Message::AbnormalFirst(first) => {
                self.abnormal_first = first;
                Need::Nothing
            }
            _ => Need::Nothing,
        }
    }

    fn read(&mut self, id: MessageId, result: Result<Box<Reading>, Error>) -> Need {
        // what cannot be read is told by the message itself
        let Ok(reading) = result else { return Need::Nothing };
        let worth: Vec<usize> =
            reading.documents.iter().enumerate().filter(|(_, d)| is_readable(d)).map(|(n, _)| n).collect();
        self.reading = Some(reading);
        // one document is what one came to read; of several, the first with a critical result
        let alarming =
            |n: &&usize| self.document(**n).is_some_and(|d| d.results.iter().any(LabResult::is_alarm));
        match worth.as_slice() {
            [only] => self.toggle(id, *only),
            several => match several.iter().find(alarming).copied() {
                Some(number) => self.toggle(id, number),
                None => Need::Nothing,
            },
        }
    }

    pub(super) fn document(&self, number: usize) -> Option<&Document> {
        self.reading.as_ref()?.documents.get(number)
    }

    fn toggle(&mut self, id: MessageId, number: usize) -> Need {
        self.page = None;
        if self.open == Some(number) {
            self.open = None;
            return Need::Nothing;
        }
        self.open = Some(number);
        let Some(document) = self.document(number) else { return Need::Nothing };
        if document.blocks.is_empty() && has_pages(document) {
            return self.show_page(id, Some(0));
        }
        let mut wanted = Vec::new();
        for index in images(&document.blocks).into_iter().take(MOST_PICTURES) {
            if self.pictures.contains_key(&(number, index)) {
                continue;
            }
            if document.kind == DocumentKind::Image {
                wanted.push((number, index, None));
            } else if let Some(media) = document.media.get(index) {
                wanted.push((number, index, Some(media.bytes.clone())));
            }
        }
        let attachment = document.attachment;
        for (_, index, _) in &wanted {
            self.pictures.insert((number, *index), Picture::Awaited);
        }
        Need::DocumentPictures(id, attachment, wanted)
    }

    fn show_page(&mut self, id: MessageId, page: Option<usize>) -> Need {
        let Some(open) = self.open else { return Need::Nothing };
        let Some(page) = page else {
            self.page = None;
            return Need::Nothing;
        };
        self.page = Some(Page::Awaited(page));
        Need::Page(id, open, page)
    }

    fn page_drawn(&mut self, document: usize, number: usize, drawn: Option<PageImage>) -> Need {
        if self.open == Some(document) && self.page.as_ref().is_some_and(|p| p.number() == number) {
            self.page = Some(match drawn {
                Some(drawn) => {
                    Page::Shown(number, image::Handle::from_rgba(drawn.width, drawn.height, drawn.rgba))
                }
                None => Page::Unreadable(number),
            });
        }
        Need::Nothing
    }
}

/// It has something to show beyond its name.
pub(super) fn is_readable(document: &Document) -> bool {
    !document.blocks.is_empty() || !document.results.is_empty() || has_pages(document)
}

/// There are pages of a PDF to show.
pub(super) fn has_pages(document: &Document) -> bool {
    document.pages.is_some() || document.twin.is_some()
}

/// Numbers of the pictures blocks show, those in cells too.
fn images(blocks: &[Block]) -> Vec<usize> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Image(index) => found.push(*index),
            Block::Grid(grid) => {
                found.extend(grid.rows.iter().flatten().flat_map(|cell| cell.images.iter().copied()))
            }
            _ => {}
        }
    }
    found
}
