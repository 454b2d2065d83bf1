//! Messages: parsing, building, HTML, corpora and the fictitious mailbox.

mod build;
mod corpora;
mod hostile;
mod html;
mod practice;
mod reply;
