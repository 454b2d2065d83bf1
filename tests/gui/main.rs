//! The interface, without a window.
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "tests")]

mod annuaire;
mod attack;
mod composer;
mod desk;
mod documents;
mod files;
mod filing;
#[cfg(unix)]
mod gallery;
mod health;
mod imitation;
mod login;
mod mailbox;
mod parts;
mod patients;
#[cfg(unix)]
mod picture;
mod search;
mod security;
mod sendings;
mod welcome;
