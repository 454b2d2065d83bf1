//! `estafettectl` from outside: answers, exit codes and JSON errors, against the loopback operator.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(unreachable_pub, missing_docs)]

#[path = "../annuaire/archive.rs"]
mod archive;
#[path = "../imap/authority.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod authority;
#[path = "../operator/client.rs"]
mod client;
mod counter;
mod coverage;
mod crash;
mod directory;
mod doctor;
mod document;
#[path = "../imap/dovecot.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod dovecot;
mod filing;
#[path = "../thread/gate.rs"]
mod gate;
mod keyring;
mod link;
#[path = "../thread/maildir.rs"]
mod maildir;
mod refusal;
mod store;
mod vault;
mod work;
