//! Messages and documents on paper: A4 pages as a PDF whose text can be selected, with the faces it uses inside.
//!
//! Bytes and values in, bytes out. What is printed comes from strangers: pages, cells and pictures are bounded, and what
//! had to be left out is said on the paper.

mod block;
mod canvas;
mod face;
mod file;
mod line;
mod picture;
mod table;

use std::collections::BTreeMap;

use canvas::Canvas;

use crate::domain::message::Block;

/// What goes on paper. Every text of it is ready to be read: names of facts come in the reader's language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Language of the text (RFC 5646), such as `fr`.
    pub language: String,
    /// What stands on top in large letters.
    pub title: String,
    /// Names and values below it: from, to, date, patient, attachments.
    pub facts: Vec<(String, String)>,
    /// What follows.
    pub sections: Vec<Section>,
    /// What stands at the foot of every page, so that a loose one finds its patient again.
    pub foot: String,
    /// The word before the number of a page.
    pub page: String,
    /// What is written where the rest was left out.
    pub cut: String,
}

/// A part of a sheet: the text of a message, or one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// Its title; empty for none.
    pub title: String,
    /// Lines below the title: author, date, warnings.
    pub notes: Vec<String>,
    /// What is read.
    pub blocks: Vec<Block>,
    /// Pictures by the number [`Block::Image`] has for them.
    pub pictures: BTreeMap<usize, Picture>,
}

/// A picture as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(pub Vec<u8>);

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} bytes)", self.0.len())
    }
}

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A face of ours cannot be read: the program is damaged.
    #[error("a typeface cannot be read")]
    Typeface,
}

/// The pages of a sheet as a PDF.
///
/// # Errors
/// [`Error::Typeface`]; nothing a sheet may hold is an error.
pub fn pdf(sheet: &Sheet) -> Result<Vec<u8>, Error> {
    let mut canvas = Canvas::new()?;
    block::head(&mut canvas, sheet);
    for section in &sheet.sections {
        block::section(&mut canvas, section, &sheet.cut);
        if canvas.is_full() {
            break;
        }
    }
    canvas.feet(&sheet.foot, &sheet.page, &sheet.cut);
    file::write(canvas, sheet)
}
