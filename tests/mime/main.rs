//! Messages: parsing, building, HTML, corpora and the fictitious mailbox.

// clippy knows test functions, not what they call
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod attack;
mod build;
mod corpora;
mod hostile;
mod html;
mod practice;
mod reply;
mod xdm;
