//! The CPS card: presence by PC/SC, keys by PKCS#11.
//!
//! Two OS threads, neither of them a task: [`Watcher`] blocks in the PC/SC status call, [`Token`] hands work to the
//! thread that talks to the [host](host_card_module) of the vendor's module: a process of its own, because such modules
//! crash and hang. Every call has a time limit; nothing here runs on the caller's thread.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::card::{ModuleFault, PinTries};

mod certificate;
mod holder;
mod host;
mod module;
mod pipe;
mod process;
mod protocol;
mod signer;
mod standing;
mod token;
mod watch;
mod worker;

pub use holder::read_holder;
pub use host::host_card_module;
pub use module::{ModulePath, find_modules};
pub use signer::ClientKey;
pub use standing::{Lists, is_revoked};
pub use token::{CardInfo, Limits, Token};
pub use watch::{CardPresent, Presence, Reader, Watcher};

/// Longest PIN or unblocking code, in bytes: a CPS has 4 and 8 digits.
const MAX_CODE: usize = 64;

/// What the card or its middleware refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
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
    /// The module crashed, hung or answered nonsense; its process was ended and is started anew for the next call.
    #[error("the PKCS#11 module {} failed: {fault:?}", .module.display())]
    ModuleFaulty {
        /// The module that was at work.
        module: PathBuf,
        /// How it failed.
        fault: ModuleFault,
    },
    /// The process that hosts the module cannot be started.
    #[error("the card's process cannot be started: {0}")]
    NoHost(String),
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
    /// The card asks for its PIN again: another program logged it out.
    #[error("the card was logged out by another program")]
    LoggedOut,
    /// The unblocking code is wrong. Its tries are limited too, and no card tells how many are left.
    #[error("wrong unblocking code")]
    CodeWrong,
    /// The unblocking code is blocked: the card is lost.
    #[error("unblocking code blocked")]
    CodeBlocked,
    /// Unblocking code or new PIN of a length the card does not take; nothing was tried.
    #[error("unblocking code or new PIN of the wrong length")]
    CodeLength,
    /// This module cannot unblock a card.
    #[error("this module cannot unblock a card")]
    NoUnblocking,
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
