//! IMAP and SMTP against scripted servers, which can do what real ones cannot on command, and against Dovecot.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what stands beside the tests proper may fail as they do"
)]

mod authority;
#[cfg(unix)]
mod compress;
#[cfg(unix)]
mod dovecot;
mod imap_hostile;
#[cfg(unix)]
mod imap_real;
#[cfg(unix)]
mod narrow;
mod parallel;
mod scripted;
mod smtp_scripted;
mod token;
