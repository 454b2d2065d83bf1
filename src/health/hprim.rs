//! HPRIM Médecins: the text most laboratories still send (spec of 1997, version 3.0).

mod header;
mod read;
mod write;

pub(in crate::health) use read::differ;
pub use read::{is_hprim, read};
pub use write::{Report, write};
