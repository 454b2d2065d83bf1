//! The health documents of the message being read: which one is open, as text or as pages.

use std::collections::HashMap;

use iced::widget::image;

use super::reader::{Need, Picture};
use super::viewer::{self, Viewer, Zoom};
use crate::domain::biology::LabResult;
use crate::domain::document::{Document, DocumentKind, Reading};
use crate::domain::id::MessageId;
use crate::domain::message::Block;
use crate::domain::patient::{Mention, PatientRow, Replacement};
use crate::engine::{Earlier, Error, PdfPlace};

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
    /// Shows the pages of the open document's PDF, or its text again.
    Pages(bool),
    /// Something about the pages.
    Page(viewer::Message),
    /// Turns a picture of the open document by a quarter, clockwise or back.
    Turn(usize, bool),
    /// Draws the pictures of the open document larger or smaller.
    Enlarge(Zoom),
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

/// The documents of one message.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) reading: Option<Box<Reading>>,
    pub(super) open: Option<usize>,
    /// The pages of the open document, while they are shown instead of its text.
    pub(super) viewer: Option<Viewer>,
    pub(super) enlarged: Zoom,
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
            Message::Pages(shown) => self.show_pages(message, shown),
            Message::Page(event) => self.page(message, event),
            Message::Turn(picture, clockwise) => self.turn(picture, clockwise),
            Message::Enlarge(zoom) => {
                self.enlarged = zoom;
                Need::Nothing
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
        self.viewer = None;
        self.enlarged = Zoom::Width;
        if self.open == Some(number) {
            self.open = None;
            return Need::Nothing;
        }
        self.open = Some(number);
        let Some(document) = self.document(number) else { return Need::Nothing };
        if document.blocks.is_empty() && has_pages(document) {
            return self.show_pages(id, true);
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

    fn show_pages(&mut self, id: MessageId, shown: bool) -> Need {
        self.viewer = None;
        let Some(open) = self.open.filter(|_| shown) else { return Need::Nothing };
        let place = self.document(open).and_then(PdfPlace::of);
        let viewer = self.viewer.get_or_insert_default();
        match place {
            Some(place) => Need::Pdf(id, open, place),
            None => {
                viewer.fetched(None);
                Need::Nothing
            }
        }
    }

    fn page(&mut self, id: MessageId, event: viewer::Message) -> Need {
        let (Some(open), Some(viewer)) = (self.open, &mut self.viewer) else { return Need::Nothing };
        let mine = |message: MessageId, document: usize| message == id && document == open;
        let need = match event {
            viewer::Message::Fetched(message, document, file) if mine(message, document) => {
                viewer.fetched(file)
            }
            viewer::Message::Drawn(drawn) if mine(drawn.message, drawn.document) => viewer.drawn(*drawn),
            viewer::Message::TextsRead(message, document, texts) if mine(message, document) => {
                viewer.texts_read(texts)
            }
            viewer::Message::Go(number) => viewer.go(number),
            viewer::Message::Zoom(zoom) => viewer.set_zoom(zoom),
            viewer::Message::Select(letters) => viewer.select(letters),
            viewer::Message::Copy => viewer.copy(),
            _ => viewer::Need::Nothing,
        };
        of_viewer(need, id, open)
    }

    /// Looks for a text in the pages; `None` when no pages are shown.
    pub(super) fn look_for(&mut self, id: MessageId, text: &str) -> Option<Need> {
        let (open, viewer) = (self.open?, self.viewer.as_mut()?);
        Some(of_viewer(viewer.look_for(text), id, open))
    }

    /// On to the next place in the pages, or back; `None` when no pages are shown.
    pub(super) fn step(&mut self, id: MessageId, forward: bool) -> Option<Need> {
        let (open, viewer) = (self.open?, self.viewer.as_mut()?);
        Some(of_viewer(viewer.step(forward), id, open))
    }

    /// Draws what is open larger or smaller, or as wide as the reader; `None` when nothing is drawn.
    pub(super) fn zoom(&mut self, id: MessageId, step: Option<bool>) -> Option<Need> {
        let open = self.open?;
        let next = |zoom: Zoom| step.map_or(Zoom::Width, |larger| zoom.step(larger));
        if let Some(viewer) = &mut self.viewer {
            return Some(of_viewer(viewer.set_zoom(next(viewer.zoom())), id, open));
        }
        (self.document(open)?.kind == DocumentKind::Image).then(|| {
            self.enlarged = next(self.enlarged);
            Need::Nothing
        })
    }

    fn turn(&mut self, picture: usize, clockwise: bool) -> Need {
        if let Some(open) = self.open
            && let Some(Picture::Ready(handle)) = self.pictures.get_mut(&(open, picture))
            && let Some(turned) = turned(handle, clockwise)
        {
            *handle = turned;
        }
        Need::Nothing
    }
}

fn of_viewer(need: viewer::Need, id: MessageId, document: usize) -> Need {
    match need {
        viewer::Need::Nothing => Need::Nothing,
        viewer::Need::Copy(text) => Need::Copy(text),
        viewer::Need::Scroll => Need::ScrollToFound,
        need => Need::Pages(id, document, need),
    }
}

/// The picture turned by a quarter.
fn turned(picture: &image::Handle, clockwise: bool) -> Option<image::Handle> {
    let image::Handle::Rgba { width, height, pixels, .. } = picture else { return None };
    let (wide, high) = (*width as usize, *height as usize);
    let mut out = Vec::with_capacity(pixels.len());
    for y in 0..wide {
        for x in 0..high {
            let (from_x, from_y) = if clockwise { (y, high - 1 - x) } else { (wide - 1 - y, x) };
            let at = (from_y * wide + from_x) * 4;
            out.extend_from_slice(pixels.get(at..at + 4)?);
        }
    }
    Some(image::Handle::from_rgba(*height, *width, out))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_turns_both_ways() {
        let pixel = |n: u8| [n, n, n, 255];
        let picture = image::Handle::from_rgba(2, 1, [pixel(1), pixel(2)].concat());
        let shown = |handle: &image::Handle| match handle {
            image::Handle::Rgba { width, height, pixels, .. } => {
                (*width, *height, pixels.chunks(4).map(|p| p[0]).collect::<Vec<_>>())
            }
            _ => panic!("pixels"),
        };
        let right = turned(&picture, true).unwrap();
        assert_eq!(shown(&right), (1, 2, vec![1, 2]));
        assert_eq!(shown(&turned(&right, true).unwrap()), (2, 1, vec![2, 1]));
        assert_eq!(shown(&turned(&picture, false).unwrap()), (1, 2, vec![2, 1]));
        assert_eq!(shown(&turned(&right, false).unwrap()), shown(&picture));
    }
}
