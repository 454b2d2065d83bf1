//! Health documents: our corpora with what must be read from them, field sloppiness, and attacks.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "tests"
)]

mod altered;
mod attack;
mod corpora;
mod fuzz;
mod network;
mod print;
mod sloppy;
