//! The virtual CPS3 card and the reader it goes into.

mod chip;
mod files;
mod hash;
mod pin;
mod pkcs15;
pub mod reader;
mod slot;
mod status;
