//! A profile that fell into other hands: what its bytes say, and what opens it.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

#[path = "../operator/client.rs"]
mod client;
mod stolen;
