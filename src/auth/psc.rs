//! Pro Santé Connect: OpenID Connect by the authorisation code flow, as `manual::psc` says.
//!
//! [`Attempt::prepare`] reads the provider's own description, the browser is sent to [`Attempt::url`], [`Attempt::wait`]
//! takes the browser's return, and [`Grant::redeem`] exchanges the code and checks who came: the [`Session`] that
//! results gives access tokens. Everything but the wait blocks.

mod browser;
mod error;
mod exchange;
mod form;
mod http;
mod identity;
mod metadata;
mod redirect;
mod request;
mod session;
mod settings;

pub use browser::open_browser;
pub use error::Error;
pub use redirect::Page;
pub use session::{Attempt, Grant, Identity, Session};
pub use settings::Settings;

/// Result of Pro Santé Connect.
pub type Result<T> = std::result::Result<T, Error>;
