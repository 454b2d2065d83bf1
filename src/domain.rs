//! Pure values and rules of the field: no I/O, no async, no clock. Everything else may use this module; it uses
//! nothing of the house.

pub mod account;
pub mod address;
pub mod archived;
pub mod biology;
pub mod card;
pub mod contact;
pub mod directory;
pub mod document;
pub mod draft;
pub mod encoded;
pub mod filing;
pub mod fold;
pub mod folder;
pub mod id;
pub mod ldap;
pub mod link;
pub mod message;
pub mod moment;
pub mod network;
pub mod outbox;
pub mod patient;
pub mod person;
pub mod plain;
pub mod receipt;
pub mod recovery;
pub mod search;
pub mod secret;
pub mod tally;
pub mod text;
pub mod triage;

/// Seconds since 1970-01-01T00:00:00Z.
pub type UnixTime = i64;
