//! Errors of the adapters as facts of the engine: one place decides kind and code.

use std::error::Error as StdError;

use super::error::{Error, ErrorKind};
use crate::auth::{certificate, psc};
use crate::domain::card::{ModuleFault, PinTries};
use crate::domain::recovery::RecoveryCodeError;
use crate::{annuaire, archive, card, export, imap, mime, net, smtp, store, vault};

use ErrorKind::{Bug, Corrupt, NeedsCard, NeedsUser, Offline, Refused};

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let (kind, code) = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => (NeedsUser, "disk-full"),
            std::io::ErrorKind::NotFound => (NeedsUser, "not-found"),
            _ => (NeedsUser, "file-failed"),
        };
        Self::new(kind, code).caused_by(error)
    }
}

impl From<card::Error> for Error {
    fn from(error: card::Error) -> Self {
        use card::Error as E;
        let made = match &error {
            E::NoModule => Self::new(NeedsCard, "no-module"),
            E::ModuleFailed { module, .. } => {
                Self::new(NeedsCard, "module-not-loaded").with("module", module.display())
            }
            E::ModuleFaulty { module, fault } => {
                Self::new(NeedsCard, module_fault(*fault)).with("module", module.display())
            }
            E::NoHost(_) => Self::new(NeedsCard, "card-host-missing"),
            E::NoToken | E::NoCertificate | E::BadCertificate | E::NoKey => {
                Self::new(NeedsCard, "card-unreadable")
            }
            E::PinWrong { tries } => Self::new(NeedsCard, "pin-wrong").with("tries", tries_left(*tries)),
            E::PinBlocked => Self::new(NeedsCard, "pin-blocked"),
            E::PinLength => Self::new(NeedsCard, "pin-length"),
            E::PinNeeded | E::PinCancelled => Self::new(NeedsCard, "pin-needed"),
            E::Closed | E::Removed => Self::new(NeedsCard, "card-removed"),
            E::LoggedOut => Self::new(NeedsCard, "card-logged-out"),
            E::CodeWrong => Self::new(NeedsCard, "puk-wrong"),
            E::CodeBlocked => Self::new(NeedsCard, "puk-blocked"),
            E::CodeLength => Self::new(NeedsCard, "puk-length"),
            E::NoUnblocking => Self::new(NeedsCard, "unblock-unavailable"),
            E::Timeout => Self::new(NeedsCard, "card-timeout"),
            E::Module(_) => Self::new(NeedsCard, "card-unreadable"),
        };
        made.caused_by(error)
    }
}

fn module_fault(fault: ModuleFault) -> &'static str {
    match fault {
        ModuleFault::Crashed { .. } => "module-crashed",
        ModuleFault::Hung => "module-hung",
        ModuleFault::Garbled => "module-garbled",
        ModuleFault::NotLoaded => "module-not-loaded",
        ModuleFault::NotTrusted => "module-not-trusted",
    }
}

/// A CPS blocks at the third wrong PIN (Espace CPS FAQ); the token says "low" after one and "final" after two.
fn tries_left(tries: PinTries) -> u8 {
    match tries {
        PinTries::Full => 3,
        PinTries::Low => 2,
        PinTries::Last => 1,
        PinTries::Blocked => 0,
    }
}

impl From<net::Error> for Error {
    fn from(error: net::Error) -> Self {
        use net::Error as E;
        if let E::CardFailed(source) = &error {
            return match find::<card::Error>(source.as_ref()) {
                Some(card) => card.clone().into(),
                None => Self::new(NeedsCard, "card-removed"),
            };
        }
        if let E::NotTrusted { issuer: Some(issuer) } | E::Intercepted { issuer } = &error {
            let code = if matches!(error, E::Intercepted { .. }) { "tls-intercepted" } else { "not-trusted" };
            return Self::new(Refused, code).with("issuer", issuer).caused_by(error);
        }
        if let E::ProxyRefused(status) = &error {
            return Self::new(Offline, "proxy-refused").with("status", status).caused_by(error);
        }
        if let E::HostRefused(host) = &error {
            return Self::new(Refused, "host-refused").with("host", host).caused_by(error);
        }
        let (kind, code) = match &error {
            E::NameNotFound => (Offline, "name-not-found"),
            E::Unreachable => (Offline, "offline"),
            E::Timeout => (Offline, "timeout"),
            E::Closed => (Offline, "connection-lost"),
            E::NotTrusted { .. } => (Refused, "not-trusted-unnamed"),
            E::Intercepted { .. } => (Refused, "tls-intercepted"),
            E::ProxyUnreachable => (Offline, "proxy-unreachable"),
            E::ProxyPasswordNeeded => (NeedsUser, "proxy-password-needed"),
            E::ProxyPasswordRefused => (NeedsUser, "proxy-password-refused"),
            E::ProxyRefused(_) => (Offline, "proxy-refused"),
            E::Http(_) => (Offline, "protocol"),
            E::Bundle(_) => (Refused, "anchors-refused"),
            E::HostRefused(_) => (Refused, "host-refused"),
            E::WrongHost => (Refused, "wrong-host"),
            E::CertificateExpired | E::NotYetValid => (Refused, "certificate-expired"),
            E::Revoked => (Refused, "certificate-revoked"),
            E::RevocationUnknown => (Refused, "revocation-unknown"),
            E::ClientCertificateRefused => (NeedsCard, "client-certificate-refused"),
            E::CardFailed(_) => (NeedsCard, "card-removed"),
            E::Protocol(_) => (Offline, "protocol"),
            E::Directory(_) => (Offline, "protocol"),
            E::StartTlsMissing => (Refused, "starttls-missing"),
            E::Settings(_) => (NeedsUser, "anchors-missing"),
            E::File { .. } => (NeedsUser, "anchors-missing"),
        };
        Self::new(kind, code).caused_by(error)
    }
}

impl From<imap::Error> for Error {
    fn from(error: imap::Error) -> Self {
        use imap::Error as E;
        match error {
            E::Net(error) => error.into(),
            E::StartTlsMissing => Self::new(Refused, "starttls-missing"),
            // the server cannot check the login now (RFC 5530)
            E::LoginRefused { code: Some(code), reason } if code == "UNAVAILABLE" => {
                Self::new(Offline, "server-refused").with("reason", reason)
            }
            E::LoginRefused { reason, .. } => Self::new(NeedsCard, "login-refused").with("reason", reason),
            E::MechanismMissing => Self::new(Refused, "mechanism-missing"),
            E::OtherServer => Self::new(NeedsUser, "psc-typed-host"),
            E::Refused { ref reason, .. } => {
                Self::new(Refused, "server-refused").with("reason", reason).caused_by(error)
            }
            E::Protocol { .. } | E::TooLarge { .. } => Self::new(Offline, "protocol").caused_by(error),
            E::Bye { reason } => Self::new(Offline, "server-bye").with("reason", reason),
            E::Closed => Self::new(Offline, "connection-lost"),
            E::Timeout => Self::new(Offline, "timeout"),
        }
    }
}

impl From<smtp::Error> for Error {
    fn from(error: smtp::Error) -> Self {
        use smtp::Error as E;
        match error {
            E::Net(error) => error.into(),
            E::StartTlsMissing => Self::new(Refused, "starttls-missing"),
            E::MechanismMissing => Self::new(Refused, "mechanism-missing"),
            E::OtherServer => Self::new(NeedsUser, "psc-typed-host"),
            E::LoginRefused { reason, permanent: true, .. } => {
                Self::new(NeedsCard, "login-refused").with("reason", reason)
            }
            E::LoginRefused { reason, .. } => Self::new(Offline, "server-refused").with("reason", reason),
            E::TooLarge { size, limit } => {
                Self::new(Refused, "too-large").with("size", size).with("limit", limit)
            }
            E::AddressNotCarried { address } => {
                Self::new(Refused, "address-not-carried").with("address", address)
            }
            E::AllRefused { refusals } | E::RecipientsRefused { refusals, .. } => {
                let all: Vec<&str> = refusals.iter().map(|r| r.address.as_str()).collect();
                let reason = refusals.first().map(|r| r.reason.clone()).unwrap_or_default();
                Self::new(Refused, "recipients-refused")
                    .with("recipients", all.join(", "))
                    .with("reason", reason)
            }
            E::Refused { reason, permanent, .. } => {
                Self::new(if permanent { Refused } else { Offline }, "message-refused").with("reason", reason)
            }
            E::AnswerUnknown => Self::new(NeedsUser, "answer-unknown"),
            // the store could not note that the message leaves
            E::HeldBack => Self::new(NeedsUser, "disk-full"),
            E::Protocol { .. } => Self::new(Offline, "protocol").caused_by(error),
            E::Closed => Self::new(Offline, "connection-lost"),
            E::Timeout => Self::new(Offline, "timeout"),
        }
    }
}

impl From<psc::Error> for Error {
    fn from(error: psc::Error) -> Self {
        use psc::Error as E;
        match &error {
            E::NotConfigured => Self::new(NeedsUser, "psc-not-configured"),
            E::Settings(reason) => Self::new(NeedsUser, "psc-settings").with("reason", reason),
            E::Unreachable(_) => Self::new(Offline, "psc-unreachable"),
            E::Refused(reason) => Self::new(Refused, "psc-provider").with("reason", reason),
            E::Untrusted(reason) => Self::new(Refused, "psc-untrusted").with("reason", reason),
            E::Declined(_) => Self::new(NeedsUser, "psc-declined"),
            E::TimedOut => Self::new(NeedsUser, "psc-timeout"),
            E::Ended => Self::new(NeedsUser, "psc-ended"),
            E::Machine(reason) => Self::new(NeedsUser, "psc-machine").with("reason", reason),
        }
        .caused_by(error)
    }
}

impl From<certificate::Error> for Error {
    fn from(error: certificate::Error) -> Self {
        use certificate::Error as E;
        match error {
            E::Unreadable => Self::new(NeedsUser, "certificate-unreadable"),
            E::WrongPassword => Self::new(NeedsCard, "certificate-password"),
            E::NoKey => Self::new(NeedsUser, "certificate-no-key"),
            E::NoCertificate => Self::new(NeedsUser, "certificate-no-certificate"),
            E::Expired(at) => Self::new(NeedsUser, "certificate-over").with("day", at),
            E::NotYetValid(at) => Self::new(NeedsUser, "certificate-early").with("day", at),
            E::NotForLogin => Self::new(NeedsUser, "certificate-purpose"),
        }
        .caused_by(error)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        use store::Error as E;
        let (kind, code) = match &error {
            E::Locked => (NeedsUser, "store-locked"),
            E::Newer { .. } => (Corrupt, "store-newer"),
            E::WrongKey => (NeedsUser, "key-missing"),
            E::Damaged => (Corrupt, "store-damaged"),
            E::Full => (NeedsUser, "disk-full"),
            E::Exists => (NeedsUser, "account-exists"),
            E::NotFound => (NeedsUser, "not-found"),
            E::OtherAccount => (NeedsUser, "other-account"),
            E::ReadOnly => (NeedsUser, "folder-read-only"),
            E::Special => (NeedsUser, "folder-special"),
            E::NotEmpty => (NeedsUser, "folder-not-empty"),
            E::TooLate => (NeedsUser, "already-sent"),
            E::GoneForGood => (NeedsUser, "too-late"),
            E::Busy => (NeedsUser, "account-busy"),
            E::Closed => (NeedsCard, "no-session"),
            E::TooLarge => (Refused, "input-too-large"),
            E::Io(io) => return Self::from(std::io::Error::from(io.kind())).caused_by(error),
            E::Sql(_) => (Bug, "bug"),
        };
        Self::new(kind, code).caused_by(error)
    }
}

impl From<vault::Error> for Error {
    fn from(error: vault::Error) -> Self {
        use vault::Error as E;
        let (kind, code) = match &error {
            E::NoKeyring => (NeedsUser, "keyring-missing"),
            // it may be asking its owner something
            E::Refused | E::TimedOut => (NeedsUser, "keyring-refused"),
            // a key that cannot be read is as good as gone, and is never replaced
            E::Damaged | E::SecretMissing | E::DoesNotOpen => (NeedsUser, "key-missing"),
            E::KeyFileDamaged => (Corrupt, "keys-damaged"),
            E::Newer => (Corrupt, "store-newer"),
            E::TooMany => (NeedsUser, "too-many-slots"),
            _ => (NeedsUser, "file-failed"),
        };
        Self::new(kind, code).caused_by(error)
    }
}

impl From<export::Error> for Error {
    fn from(error: export::Error) -> Self {
        use export::Error as E;
        let (kind, code) = match &error {
            E::Exists => (NeedsUser, "export-exists"),
            E::Full => (NeedsUser, "disk-full"),
            E::Missing => (NeedsUser, "export-place"),
            E::Denied => (NeedsUser, "export-denied"),
            E::Format => (Corrupt, "import-format"),
            E::Io(_) => (NeedsUser, "export-disk"),
        };
        Self::new(kind, code).caused_by(error)
    }
}

impl From<archive::Error> for Error {
    fn from(error: archive::Error) -> Self {
        use archive::Error as E;
        let damaged = |code, segment: &u32| Self::new(Corrupt, code).with("segment", segment);
        let told = match &error {
            E::Place => Self::new(NeedsUser, "archive-place"),
            E::Full => Self::new(NeedsUser, "disk-full"),
            E::Denied => Self::new(NeedsUser, "archive-denied"),
            E::Missing { segment } => damaged("archive-missing", segment),
            E::Truncated { segment } => damaged("archive-truncated", segment),
            E::Altered { segment } => damaged("archive-altered", segment),
            E::Newer { segment } => damaged("archive-newer", segment),
            E::Busy => Self::new(NeedsUser, "archive-busy"),
            E::Shorter => Self::new(Corrupt, "archive-shorter"),
            E::Random => Self::new(Bug, "bug"),
            E::Io(_) => Self::new(NeedsUser, "export-disk"),
        };
        told.caused_by(error)
    }
}

impl From<RecoveryCodeError> for Error {
    fn from(error: RecoveryCodeError) -> Self {
        use RecoveryCodeError as E;
        match error {
            E::Length { found } => Self::new(NeedsUser, "recovery-code-length").with("count", found),
            E::Character { group } | E::Group { group } => {
                Self::new(NeedsUser, "recovery-code-typo").with("group", group)
            }
        }
        .caused_by(error)
    }
}

impl From<annuaire::Error> for Error {
    fn from(error: annuaire::Error) -> Self {
        use annuaire::Error as E;
        let made = match &error {
            E::NotAnExtraction { .. } | E::MostlyBad { .. } | E::WhiteList(_) => {
                Self::new(Corrupt, "annuaire-unreadable").with("reason", &error)
            }
            E::Truncated | E::Zip(_) => Self::new(Corrupt, "annuaire-cut").with("reason", &error),
            E::TooLarge { .. } => Self::new(Corrupt, "annuaire-too-large"),
            E::Shrunk { before, now } => {
                Self::new(NeedsUser, "annuaire-smaller").with("before", before).with("now", now)
            }
            E::Api(reason) => Self::new(Offline, "annuaire-api").with("reason", reason),
            E::NoExtraction => Self::new(NeedsUser, "annuaire-empty"),
            E::Cancelled => Self::new(NeedsUser, "cancelled"),
            E::Busy => Self::new(NeedsUser, "annuaire-busy"),
            E::Url => Self::new(NeedsUser, "annuaire-address"),
            E::Ldap(cause) => return ldap(cause.clone()),
            E::Http(status) => Self::new(Offline, "annuaire-download").with("reason", status),
            E::Network(reason) => Self::new(Offline, "annuaire-download").with("reason", reason),
            E::Io(io) => Self::from(std::io::Error::from(io.kind())),
            E::Database(_) => Self::new(Bug, "bug"),
        };
        made.caused_by(error)
    }
}

/// What a directory server refuses or fails in: it is no mail server, and nothing is tried again.
fn ldap(error: net::Error) -> Error {
    use net::Error as E;
    let made = match &error {
        E::NameNotFound | E::Unreachable | E::Timeout | E::Closed => Error::new(Offline, "ldap-unreachable"),
        E::NotTrusted { .. }
        | E::Intercepted { .. }
        | E::WrongHost
        | E::CertificateExpired
        | E::NotYetValid
        | E::Revoked
        | E::RevocationUnknown => Error::new(Refused, "ldap-untrusted").with("reason", &error),
        E::StartTlsMissing => Error::new(Refused, "ldap-not-encrypted"),
        // referral
        E::Directory(10) => Error::new(Offline, "ldap-elsewhere"),
        // noSuchObject, invalidDNSyntax
        E::Directory(32 | 34) => Error::new(NeedsUser, "ldap-base"),
        // strongerAuthRequired, confidentialityRequired, inappropriateAuthentication, invalidCredentials,
        // insufficientAccessRights
        E::Directory(8 | 13 | 48 | 49 | 50) => Error::new(NeedsUser, "ldap-login"),
        E::Directory(code) => Error::new(Offline, "ldap-refused").with("code", code),
        E::Protocol(_) => Error::new(Offline, "ldap-answer"),
        _ => return error.into(),
    };
    made.caused_by(error)
}

impl From<mime::Error> for Error {
    fn from(error: mime::Error) -> Self {
        match error {
            mime::Error::Address(address) => {
                Self::new(NeedsUser, "address-not-carried").with("address", address)
            }
            mime::Error::NoRecipient => Self::new(NeedsUser, "no-recipient"),
            mime::Error::Assembly => Self::new(Bug, "bug").caused_by(error),
        }
    }
}

/// The codes an entry of the outbox or a rule can be in trouble with: what was written to the store as text is a code
/// again.
pub(super) fn known_code(text: &str) -> &'static str {
    const CODES: &[&str] = &[
        "address-not-carried",
        "anchors-missing",
        "anchors-refused",
        "answer-unknown",
        "card-host-missing",
        "card-locked",
        "card-logged-out",
        "card-removed",
        "card-timeout",
        "card-unreadable",
        "certificate-early",
        "certificate-no-certificate",
        "certificate-no-key",
        "certificate-over",
        "certificate-password",
        "certificate-purpose",
        "certificate-unreadable",
        "certificate-expired",
        "certificate-revoked",
        "client-certificate-refused",
        "connection-lost",
        "deposit-crowded",
        "deposit-denied",
        "deposit-full",
        "deposit-gone",
        "deposit-missing",
        "deposit-relative",
        "deposit-slow",
        "destination-gone",
        "disk-full",
        "file-failed",
        "input-too-large",
        "key-missing",
        "keyring-missing",
        "keyring-refused",
        "login-refused",
        "mechanism-missing",
        "message-refused",
        "module-crashed",
        "module-garbled",
        "module-hung",
        "module-not-loaded",
        "name-not-found",
        "network-settings",
        "no-account",
        "no-card",
        "no-certificate",
        "no-module",
        "no-password",
        "not-found",
        "not-trusted",
        "not-trusted-unnamed",
        "offline",
        "organisation-refused",
        "pin-needed",
        "psc-ended",
        "psc-idle",
        "psc-login-needed",
        "psc-not-configured",
        "psc-other-person",
        "psc-provider",
        "psc-refused",
        "psc-settings",
        "psc-typed-host",
        "psc-unreachable",
        "psc-untrusted",
        "protocol",
        "proxy-address",
        "proxy-password-needed",
        "proxy-password-refused",
        "proxy-refused",
        "proxy-unreachable",
        "recipients-refused",
        "revocation-unknown",
        "server-refused",
        "server-bye",
        "starttls-missing",
        "store-damaged",
        "timeout",
        "tls-intercepted",
        "too-large",
        "wrong-host",
    ];
    CODES.iter().find(|code| **code == text).copied().unwrap_or("bug")
}

/// The first error of type `E` in a chain of causes.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
