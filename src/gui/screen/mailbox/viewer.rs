//! A PDF on screen: which page, how large, what is looked for in it and what is selected.

use std::ops::Range;

use iced::widget::image;

use crate::domain::fold::{find, fold};
use crate::domain::id::MessageId;
use crate::engine::{PageImage, PageText, PdfFile};

/// Pixels a point at which a page that fills the reader is drawn: an A4 page is about 1,000 wide.
const PAGE_SCALE: f32 = 1.7;
/// Pixels a point at 100 %.
const REAL_SIZE: f32 = 96.0 / 72.0;
/// Sizes to choose from, in percent.
const STEPS: [u16; 9] = [50, 75, 100, 125, 150, 200, 250, 300, 400];
/// Places found in one page, and in all.
const MOST_ON_PAGE: usize = 1_000;
const MOST: usize = 20_000;

/// How large a page is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zoom {
    /// As wide as the reader.
    #[default]
    Width,
    /// In percent of its real size.
    Percent(u16),
}

impl Zoom {
    /// The next larger size, or the next smaller one.
    pub(super) fn step(self, larger: bool) -> Self {
        let now = match self {
            Self::Width => 100,
            Self::Percent(percent) => percent,
        };
        let next = match larger {
            true => STEPS.iter().find(|step| **step > now),
            false => STEPS.iter().rev().find(|step| **step < now),
        };
        Self::Percent(next.copied().unwrap_or(now))
    }

    fn scale(self) -> f32 {
        match self {
            Self::Width => PAGE_SCALE,
            Self::Percent(percent) => (f32::from(percent) / 100.0 * REAL_SIZE).max(PAGE_SCALE),
        }
    }
}

/// What the user does with the pages, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// The PDF came; `None` when it is not there.
    Fetched(MessageId, usize, Option<PdfFile>),
    /// Shows a page.
    Go(usize),
    /// A page was drawn and read.
    Drawn(Box<Drawn>),
    /// Draws larger or smaller.
    Zoom(Zoom),
    /// Letters of the page were selected, or none.
    Select(Option<Range<usize>>),
    /// Copies what is selected.
    Copy,
    /// The text of every page came.
    TextsRead(MessageId, usize, Vec<String>),
}

/// A page that was drawn.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// Message.
    pub message: MessageId,
    /// Document.
    pub document: usize,
    /// Page, from 0.
    pub number: usize,
    /// How large.
    pub zoom: Zoom,
    /// Picture; `None` when it cannot be drawn.
    pub picture: Option<PageImage>,
    /// Text; `None` when it has none.
    pub text: Option<PageText>,
}

/// What the viewer needs next.
#[derive(Debug, PartialEq)]
pub(super) enum Need {
    /// Nothing.
    Nothing,
    /// Draw a page and read its text: the page, how large, pixels a point.
    Draw(PdfFile, usize, Zoom, f32),
    /// Read the text of every page.
    Texts(PdfFile),
    /// Put a text on the clipboard.
    Copy(String),
    /// Bring the place found into view.
    Scroll,
}

/// A page as it is shown.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Page, from 0.
    number: usize,
    /// Picture; `None` when it cannot be drawn.
    pub(super) picture: Option<(image::Handle, f32)>,
    /// Width in pixels at 100 %.
    pub(super) width: f32,
    /// Text and its letters.
    pub(super) text: PageText,
}

#[derive(Debug, Default)]
struct Search {
    needle: String,
    /// Page and place in the text of each.
    hits: Vec<(usize, Range<usize>)>,
    current: Option<usize>,
    /// The page it is on is being drawn.
    is_awaited: bool,
}

/// The PDF on screen.
#[derive(Debug, Default)]
pub(super) struct Viewer {
    file: Option<PdfFile>,
    is_missing: bool,
    number: usize,
    zoom: Zoom,
    sheet: Option<Sheet>,
    texts: Option<Vec<String>>,
    search: Search,
    selection: Option<Range<usize>>,
}

impl Viewer {
    /// Page shown or awaited, from 0.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// How large.
    pub(super) fn zoom(&self) -> Zoom {
        self.zoom
    }

    /// The page, once it is drawn.
    pub(super) fn sheet(&self) -> Option<&Sheet> {
        self.sheet.as_ref().filter(|sheet| sheet.number == self.number)
    }

    /// There is nothing to draw.
    pub(super) fn is_missing(&self) -> bool {
        self.is_missing
    }

    /// Letters selected.
    pub(super) fn selection(&self) -> Option<Range<usize>> {
        self.selection.clone()
    }

    pub(super) fn fetched(&mut self, file: Option<PdfFile>) -> Need {
        self.is_missing = file.is_none();
        self.file = file;
        self.draw()
    }

    fn draw(&self) -> Need {
        match &self.file {
            Some(file) => Need::Draw(file.clone(), self.number, self.zoom, self.zoom.scale()),
            None => Need::Nothing,
        }
    }

    pub(super) fn go(&mut self, number: usize) -> Need {
        if number == self.number && self.sheet().is_some() {
            return Need::Nothing;
        }
        self.number = number;
        self.selection = None;
        self.draw()
    }

    pub(super) fn set_zoom(&mut self, zoom: Zoom) -> Need {
        if zoom == self.zoom {
            return Need::Nothing;
        }
        self.zoom = zoom;
        self.draw()
    }

    pub(super) fn drawn(&mut self, drawn: Drawn) -> Need {
        if drawn.number == self.number && drawn.zoom == self.zoom {
            let scale = drawn.zoom.scale();
            let width =
                drawn.picture.as_ref().map_or(0.0, |picture| picture.width as f32 / scale * REAL_SIZE);
            let picture = drawn.picture.map(|picture| {
                let aspect = picture.height as f32 / picture.width.max(1) as f32;
                (image::Handle::from_rgba(picture.width, picture.height, picture.rgba), aspect)
            });
            let text = drawn.text.unwrap_or_default();
            self.sheet = Some(Sheet { number: drawn.number, picture, width, text });
            if std::mem::take(&mut self.search.is_awaited) {
                return Need::Scroll;
            }
        }
        Need::Nothing
    }

    pub(super) fn select(&mut self, letters: Option<Range<usize>>) -> Need {
        self.selection = letters;
        Need::Nothing
    }

    /// The text of the letters selected.
    pub(super) fn selected(&self) -> Option<String> {
        let letters = &self.sheet()?.text.letters;
        let chosen = letters.get(self.selection.clone()?)?;
        let place = chosen.first()?.text.start..chosen.last()?.text.end;
        self.sheet()?.text.text.get(place).map(str::to_owned)
    }

    pub(super) fn copy(&self) -> Need {
        self.selected().map_or(Need::Nothing, Need::Copy)
    }

    /// Looks for a text in every page.
    pub(super) fn look_for(&mut self, text: &str) -> Need {
        self.search = Search { needle: fold(text), ..Search::default() };
        match (&self.texts, &self.file) {
            (None, Some(file)) => Need::Texts(file.clone()),
            _ => self.count(),
        }
    }

    pub(super) fn texts_read(&mut self, texts: Vec<String>) -> Need {
        self.texts = Some(texts);
        self.count()
    }

    fn count(&mut self) -> Need {
        let Some(texts) = &self.texts else { return Need::Nothing };
        self.search.hits = texts
            .iter()
            .enumerate()
            .flat_map(|(page, text)| {
                find(text, &self.search.needle, MOST_ON_PAGE).into_iter().map(move |place| (page, place))
            })
            .take(MOST)
            .collect();
        // from the page one is on
        let here = self.search.hits.iter().position(|(page, _)| *page >= self.number);
        self.search.current = here.or((!self.search.hits.is_empty()).then_some(0));
        self.show_current()
    }

    /// On to the next place, or back.
    pub(super) fn step(&mut self, forward: bool) -> Need {
        let count = self.search.hits.len();
        if let Some(at) = self.search.current {
            self.search.current = Some(if forward { (at + 1) % count } else { (at + count - 1) % count });
        }
        self.show_current()
    }

    fn show_current(&mut self) -> Need {
        match self.search.current.and_then(|at| self.search.hits.get(at)) {
            Some((page, _)) => match self.go(*page) {
                Need::Nothing => Need::Scroll,
                need => {
                    self.search.is_awaited = true;
                    need
                }
            },
            None => Need::Nothing,
        }
    }

    pub(super) fn leave_search(&mut self) {
        self.search = Search::default();
    }

    /// Which place, from 1, of how many.
    pub(super) fn position(&self) -> (usize, usize) {
        (self.search.current.map_or(0, |at| at + 1), self.search.hits.len())
    }

    /// Letters found on the page shown, and whether one is there.
    pub(super) fn found(&self) -> Vec<(Range<usize>, bool)> {
        let Some(sheet) = self.sheet() else { return Vec::new() };
        let current = self.search.current.and_then(|at| self.search.hits.get(at));
        let hits = self.search.hits.iter().filter(|(page, _)| *page == sheet.number);
        hits.map(|hit| {
            let letters = &sheet.text.letters;
            let first = letters.partition_point(|letter| letter.text.end <= hit.1.start);
            let last = letters.partition_point(|letter| letter.text.start < hit.1.end);
            (first..last, current == Some(hit))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Letter;

    fn drawn(number: usize, text: &str) -> Drawn {
        let letter = |(at, c): (usize, char)| Letter {
            text: at..at + c.len_utf8(),
            left: 0.0,
            right: 0.0,
            top: 0.0,
            bottom: 0.0,
        };
        let letters = text.char_indices().filter(|(_, c)| !c.is_whitespace()).map(letter).collect();
        Drawn {
            message: MessageId(1),
            document: 0,
            number,
            zoom: Zoom::Width,
            picture: Some(PageImage { width: 2, height: 3, rgba: vec![0; 24] }),
            text: Some(PageText { text: text.to_owned(), letters }),
        }
    }

    #[test]
    fn a_search_goes_from_page_to_page_and_marks_the_letters() {
        let pages = ["Œdème et hémoglobine", "rien", "hémoglobine"];
        let mut viewer = Viewer::default();
        let file = PdfFile::new(b"%PDF".to_vec());
        assert!(matches!(viewer.fetched(Some(file)), Need::Draw(_, 0, Zoom::Width, _)));
        viewer.drawn(drawn(0, pages[0]));
        assert!(matches!(viewer.look_for("HEMOGLOBINE"), Need::Texts(_)));
        viewer.texts_read(pages.map(str::to_owned).to_vec());
        assert_eq!(viewer.position(), (1, 2));
        // 7 letters before: white space has none
        assert_eq!(viewer.found(), [(7..18, true)]);
        assert!(matches!(viewer.step(true), Need::Draw(_, 2, ..)));
        assert_eq!(viewer.drawn(drawn(2, pages[2])), Need::Scroll, "the place is brought into view");
        assert_eq!(viewer.found(), [(0..11, true)]);
        assert!(matches!(viewer.step(true), Need::Draw(_, 0, ..)));
        viewer.look_for("oedeme");
        viewer.drawn(drawn(0, pages[0]));
        assert_eq!(viewer.found(), [(0..5, true)]);
        assert_eq!(viewer.step(true), Need::Scroll);
        viewer.leave_search();
        assert!(viewer.found().is_empty());
    }

    #[test]
    fn what_is_selected_is_copied_as_it_is_read() {
        let mut viewer = Viewer::default();
        viewer.fetched(Some(PdfFile::new(Vec::new())));
        viewer.drawn(drawn(0, "Hb 9,2 g"));
        viewer.select(Some(1..4));
        assert_eq!(viewer.copy(), Need::Copy("b 9,".to_owned()));
        viewer.select(Some(1..400));
        assert_eq!(viewer.copy(), Need::Nothing);
    }

    #[test]
    fn zoom_steps_up_and_down_and_ends_at_its_bounds() {
        assert_eq!(Zoom::Width.step(true), Zoom::Percent(125));
        assert_eq!(Zoom::Width.step(false), Zoom::Percent(75));
        assert_eq!(Zoom::Percent(400).step(true), Zoom::Percent(400));
        assert_eq!(Zoom::Percent(50).step(false), Zoom::Percent(50));
        // a page drawn for another size is not taken for this one
        let mut viewer = Viewer::default();
        viewer.fetched(Some(PdfFile::new(Vec::new())));
        viewer.set_zoom(Zoom::Percent(200));
        viewer.drawn(drawn(0, "x"));
        assert!(viewer.sheet().is_none());
    }
}
