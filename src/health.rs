//! Pure readers and writers of health documents: bytes in, values out; nothing is fetched, run or written.
//!
//! What is read comes from strangers: every reader bounds size, depth and count before it reads, and what it could not
//! show it names as a [`Warning`](crate::domain::document::Warning).

mod archive;
mod base64;
pub mod cda;
pub mod charset;
mod dicom;
pub mod document;
pub mod file;
pub mod hprim;
pub mod hprim_sante;
pub mod identity;
pub mod ins;
pub mod lookup;
pub mod markup;
pub mod matching;
pub mod pdf;
pub mod rtf;
pub mod sniff;
pub mod text;
mod time;
pub mod trend;
mod vobject;
pub mod xdm;

/// How long a reader may go on (asked often, so it must be cheap), and how much is asked of it.
#[derive(Clone, Copy)]
pub struct Patience<'p> {
    over: &'p dyn Fn() -> bool,
    reads_pages: bool,
}

impl<'p> Patience<'p> {
    /// Readers stop once `is_over` says so; it never says otherwise again.
    pub fn new(is_over: &'p dyn Fn() -> bool) -> Self {
        Self { over: is_over, reads_pages: true }
    }

    /// As long as it takes.
    pub fn endless() -> Patience<'static> {
        Patience::new(&|| false)
    }

    /// The text of pages is not asked for: they are only to be drawn.
    #[must_use]
    pub fn without_pages(self) -> Self {
        Self { reads_pages: false, ..self }
    }

    fn is_over(self) -> bool {
        (self.over)()
    }
}
