//! A fictitious mailbox, card and annuaire inside the process: the mode without card, tests and screenshots.
//!
//! Everybody here is invented: RPPS numbers start with 999, domains end in `.mssante.example`, INS matricules belong
//! to the test authority. Everything is a function of its arguments: same seed and `now`, same bytes.

pub mod annuaire;
mod answer;
mod biology;
mod chance;
pub mod corpus;
mod jpeg;
mod patient;
mod pdf;
mod person;
mod prose;
mod source;

pub use answer::answer;
pub use person::{PIN, PUK, Persona, Role, holder, preferred_for_biology, second_holder};
