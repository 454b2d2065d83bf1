//! CDA R2 with the header of CI-SIS "Structuration minimale".

mod biology;
mod header;
mod narrative;
mod read;
mod write;

pub use read::read;
pub(in crate::health) use write::facility;
pub use write::write;
