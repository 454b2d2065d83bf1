//! How an account proves who it is: SASL credentials, Pro Santé Connect, software certificates.

pub mod certificate;
pub mod psc;
mod sasl;

pub use sasl::{Bearer, Credential, Mechanism, TokenRefusal};
