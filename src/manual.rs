//! Design notes: why things are as they are, for those who maintain or audit the program.

#[doc = include_str!("manual/session.md")]
pub mod session {}

#[doc = include_str!("manual/sync.md")]
pub mod sync {}

#[doc = include_str!("manual/sending.md")]
pub mod sending {}

#[doc = include_str!("manual/card.md")]
pub mod card {}

#[doc = include_str!("manual/vault.md")]
pub mod vault {}

#[doc = include_str!("manual/trust.md")]
pub mod trust {}

#[doc = include_str!("manual/psc.md")]
pub mod psc {}

#[doc = include_str!("manual/annuaire.md")]
pub mod annuaire {}

#[doc = include_str!("manual/documents.md")]
pub mod documents {}

#[doc = include_str!("manual/patient.md")]
pub mod patient {}

#[doc = include_str!("manual/search.md")]
pub mod search {}

#[doc = include_str!("manual/filing.md")]
pub mod filing {}

#[doc = include_str!("manual/privacy.md")]
pub mod privacy {}

#[doc = include_str!("manual/attack.md")]
pub mod attack {}

#[doc = include_str!("manual/files.md")]
pub mod files {}

#[doc = include_str!("manual/archive.md")]
pub mod archive {}
