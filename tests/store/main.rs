//! The store and the vault from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice)]

mod content;
mod crash;
mod file;
mod folders;
mod intention;
mod mail;
mod measure;
mod outbox;
mod patient;
mod random;
mod receipt;
mod rekey;
mod sample;
mod search;
mod tally;
mod thread;
mod vault;
