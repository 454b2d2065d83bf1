//! Attacks on the transport, one test at least for each: `attack_NN_…`, numbered as in the manual's page on trust.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what stands beside the tests proper may fail as they do"
)]

#[path = "../imap/authority.rs"]
mod authority;
mod certificate;
mod child;
#[path = "../operator/client.rs"]
#[allow(missing_docs, reason = "shared with other tests")]
mod client;
mod decoy;
mod discovery;
mod flood;
mod operator;
mod pki;
mod proxy;
#[path = "../imap/scripted.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod scripted;
mod starttls;
