//! Estafette: MSSanté mail for French health professionals.
//!
//! The map of the house. `main` and `estafettectl` are thin programs; `gui` draws; [`engine`] decides; adapters each
//! know one outside thing and never name each other; `domain` holds pure values. An arrow means "may use":
//!
//! ```text
//! main, estafettectl -> gui -> engine -> imap smtp annuaire card auth deposit instance mime print store vault practice -> net -> domain
//! ```
//!
//! `tests/architecture.rs` holds the exact table and checks it against the sources.

pub mod domain;
pub mod engine;
pub mod export;

pub mod annuaire;
pub mod archive;
pub mod auth;
pub mod card;
pub mod deposit;
#[cfg(feature = "gui")]
pub mod gui;
pub mod health;
pub mod imap;
pub mod instance;
pub mod log;
pub mod manual;
pub mod mime;
pub mod net;
pub mod practice;
pub mod print;
pub mod smtp;
pub mod store;
mod typeface;
pub mod vault;
pub mod wording;
