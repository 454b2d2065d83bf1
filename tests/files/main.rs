//! Messages on paper, in files, and in the encrypted archive, by the command line, against the loopback operator.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(unreachable_pub, missing_docs)]

mod archive;
#[path = "../operator/client.rs"]
mod client;
mod desk;
mod mail;
#[path = "../thread/maildir.rs"]
mod maildir;
