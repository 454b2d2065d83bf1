//! Follow-up of sent messages: notices read, believed or not, kept and shown; read receipts answered.

// clippy knows test functions, not what they call
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod answer;
mod belief;
#[cfg(unix)]
#[path = "../operator/client.rs"]
mod client;
mod hostile;
mod notice;
#[cfg(unix)]
mod operator;
