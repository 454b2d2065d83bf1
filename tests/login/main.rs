//! Ways to log in beside the card, against real servers: an OpenID Connect provider that stands in for Pro Santé Connect,
//! Dovecot that asks it about every token, Postfix that asks Dovecot; and certificates of a test IGC.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]
#![allow(unreachable_pub, missing_docs)]

mod browser;
mod certificate;
#[path = "../operator/client.rs"]
mod client;
mod command;
mod desk;
mod forger;
mod password;
mod psc;
mod theft;
