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
mod contact;
mod desk;
#[cfg(unix)]
#[path = "../imap/dovecot.rs"]
#[allow(dead_code)]
mod dovecot;
mod draft;
mod filing;
#[path = "../thread/gate.rs"]
#[allow(unreachable_pub)]
mod gate;
#[cfg(unix)]
mod health;
#[cfg(unix)]
mod ldap;
mod life;
mod mailbox;
mod outbox;
mod patient;
mod search;
#[cfg(unix)]
mod slapd;
mod sync;
mod vault;
#[cfg(unix)]
mod watch;
