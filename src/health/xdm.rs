//! `IHE_XDM` archives: a submission set of documents with its metadata (ebRIM 3.0), for mail.

mod metadata;
mod read;
mod write;

pub use read::{duplicates, read};
pub use write::{Error, write};
