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

/// How long a reader may go on: asked often, so it must be cheap.
#[derive(Clone, Copy)]
pub struct Patience<'p>(&'p dyn Fn() -> bool);

impl<'p> Patience<'p> {
    /// Readers stop once `is_over` says so; it never says otherwise again.
    pub fn new(is_over: &'p dyn Fn() -> bool) -> Self {
        Self(is_over)
    }

    /// As long as it takes.
    pub fn endless() -> Patience<'static> {
        Patience(&|| false)
    }

    fn is_over(self) -> bool {
        (self.0)()
    }
}
