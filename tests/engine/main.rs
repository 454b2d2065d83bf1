//! The engine against servers that follow a plan: what real ones cannot do on command.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "what stands beside the tests proper may fail as they do"
)]

#[path = "../imap/authority.rs"]
#[allow(dead_code)]
mod authority;
mod change;
mod closing;
mod desk;
mod mailbox;
mod outbox;
mod sync;
