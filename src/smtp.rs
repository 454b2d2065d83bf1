//! SMTP submission with per-recipient answers.
//!
//! A message any recipient of which is refused is not sent at all: the user decides first. The one state that must
//! never be confused with a failure is [`Error::AnswerUnknown`].

mod connection;
mod error;
mod limits;
mod message;
mod reply;
mod submit;
mod wire;

pub use error::{Error, Refusal};
pub use limits::Limits;
pub use submit::{Offer, Submission, Submitted, check, check_with, submit, submit_when, submit_with};
