//! Pure readers of health documents.
//! So far only what is needed to write them: a CDA, its IHE XDM archive and HPRIM results.

pub mod cda;
pub mod document;
pub mod hprim;
pub mod ins;
pub mod xdm;
