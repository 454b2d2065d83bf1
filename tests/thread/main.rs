//! The main thread of the program, engine against the loopback operator: a real PC/SC service and PKCS#11 module, real
//! mail servers.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(unreachable_pub, missing_docs)]

mod attack;
#[path = "../operator/client.rs"]
mod client;
mod desk;
mod exchange;
mod gate;
mod holder;
mod lent;
mod letter;
mod maildir;
mod measure;
mod offline;
#[path = "../card/order.rs"]
mod order;
mod outside;
mod pin;
mod pulled;
mod readers;
mod trust;
mod vault;
mod whole;
