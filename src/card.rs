//! The CPS card: presence by PC/SC, keys by PKCS#11.
//!
//! Two OS threads, neither of them a task: [`Watcher`] blocks in the PC/SC status call, [`Token`] hands work to the
//! thread that owns the vendor's module and its one session. A module may hang or be slow (seconds on a real card), so
//! every call has a time limit and nothing here runs on the caller's thread.

use std::path::PathBuf;

use crate::domain::card::PinTries;

mod certificate;
mod holder;
mod module;
mod signer;
mod token;
mod watch;
mod worker;

pub use holder::read_holder;
pub use module::find_modules;
pub use signer::ClientKey;
pub use token::{CardInfo, Token};
pub use watch::{CardPresent, Presence, Reader, Watcher};

/// What the card or its middleware refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No PKCS#11 module was named or found.
    #[error("no PKCS#11 module")]
    NoModule,
    /// No named module could be loaded and started.
    #[error("the PKCS#11 module {} cannot be used: {reason}", .module.display())]
    ModuleFailed {
        /// The first module that was tried.
        module: PathBuf,
        /// What the loader or the module said.
        reason: String,
    },
    /// No module shows a card in the reader: a card it does not know, or one it cannot read.
    #[error("no card seen through PKCS#11")]
    NoToken,
    /// The card bears no certificate for authentication (a contactless CPS, an empty card).
    #[error("no authentication certificate on the card")]
    NoCertificate,
    /// The authentication certificate cannot be read or names nobody.
    #[error("the card's certificate cannot be read")]
    BadCertificate,
    /// The card has the certificate but not its private key.
    #[error("no private key for the authentication certificate")]
    NoKey,
    /// Wrong PIN.
    #[error("wrong PIN")]
    PinWrong {
        /// What is left after this try.
        tries: PinTries,
    },
    /// The PIN is blocked; only the unblocking code helps.
    #[error("PIN blocked")]
    PinBlocked,
    /// The PIN is too short, too long or not made of digits; the card was not asked and no try is lost.
    #[error("PIN of the wrong length")]
    PinLength,
    /// No PIN was given and the reader has no pin-pad.
    #[error("a PIN is needed")]
    PinNeeded,
    /// The holder cancelled, or let time out, the entry on the reader's pin-pad.
    #[error("PIN entry cancelled on the reader")]
    PinCancelled,
    /// Login or signature before a card was read, or after [`Token::close`].
    #[error("the card session is closed")]
    Closed,
    /// The card was taken out or its session is lost; ask PC/SC what is there and read again.
    #[error("the card was removed")]
    Removed,
    /// The module did not answer in time.
    #[error("the card does not answer")]
    Timeout,
    /// The module refused for a reason of its own.
    #[error("the PKCS#11 module refused: {0}")]
    Module(String),
}
