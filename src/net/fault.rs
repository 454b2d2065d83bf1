//! From the errors of sockets and rustls to ours.

use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError};

use super::Error;

impl From<rustls::Error> for Error {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => of_certificate(&error),
            rustls::Error::InvalidCertRevocationList(_) => Self::RevocationUnknown,
            rustls::Error::AlertReceived(alert) => of_alert(alert),
            // certificates are checked by rustls itself, so the only foreign part that can fail is the client key
            rustls::Error::Other(error) => Self::CardFailed(error.0),
            error => Self::Protocol(error.to_string()),
        }
    }
}

/// For every read and write of a TLS stream: with TLS 1.3 a server's refusal of the client certificate is met on the
/// first read, after a handshake that looked complete.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(tls) = tls {
            return tls.clone().into();
        }
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::Timeout,
            ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable => Self::Unreachable,
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected => Self::Closed,
            _ => Self::Protocol(error.to_string()),
        }
    }
}

fn of_certificate(error: &CertificateError) -> Error {
    match error {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Error::WrongHost
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Error::CertificateExpired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Error::NotYetValid,
        CertificateError::Revoked => Error::Revoked,
        CertificateError::UnknownRevocationStatus
        | CertificateError::ExpiredRevocationList
        | CertificateError::ExpiredRevocationListContext { .. } => Error::RevocationUnknown,
        // what our own verifier found
        CertificateError::Other(error) => match error.0.downcast_ref::<Error>() {
            Some(ours) => ours.clone(),
            None => Error::Protocol(error.to_string()),
        },
        // unknown issuer, bad signature, wrong purpose, weak algorithm, damaged: all mean "not vouched for"
        _ => Error::untrusted(),
    }
}

/// Alerts about certificates can only be about ours: we are the one who shows it to the server.
fn of_alert(alert: AlertDescription) -> Error {
    match alert {
        AlertDescription::CertificateRequired
        | AlertDescription::NoCertificate
        | AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied
        | AlertDescription::UnknownCA => Error::ClientCertificateRefused,
        AlertDescription::CloseNotify | AlertDescription::UserCanceled => Error::Closed,
        other => Error::Protocol(format!("alert {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a signer's error travels in, kept with its type.
    fn signer_error(error: impl std::error::Error + Send + Sync + 'static) -> rustls::Error {
        rustls::OtherError(std::sync::Arc::new(error)).into()
    }

    fn kind(error: Error) -> String {
        let debug = format!("{error:?}");
        debug.split(['(', ' ']).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn each_failure_of_tls_has_its_meaning() {
        use CertificateError as C;
        use rustls::Error as E;
        for (error, expected) in [
            (E::InvalidCertificate(C::UnknownIssuer), "NotTrusted"),
            (E::InvalidCertificate(C::BadSignature), "NotTrusted"),
            (E::InvalidCertificate(C::InvalidPurpose), "NotTrusted"),
            (E::InvalidCertificate(C::NotValidForName), "WrongHost"),
            (E::InvalidCertificate(C::Expired), "CertificateExpired"),
            (E::InvalidCertificate(C::NotValidYet), "NotYetValid"),
            (E::InvalidCertificate(C::Revoked), "Revoked"),
            (E::InvalidCertificate(C::UnknownRevocationStatus), "RevocationUnknown"),
            (E::InvalidCertificate(C::ExpiredRevocationList), "RevocationUnknown"),
            (E::AlertReceived(AlertDescription::CertificateRequired), "ClientCertificateRefused"),
            (E::AlertReceived(AlertDescription::BadCertificate), "ClientCertificateRefused"),
            (E::AlertReceived(AlertDescription::AccessDenied), "ClientCertificateRefused"),
            (E::AlertReceived(AlertDescription::UnknownCA), "ClientCertificateRefused"),
            (E::AlertReceived(AlertDescription::HandshakeFailure), "Protocol"),
            (E::AlertReceived(AlertDescription::CloseNotify), "Closed"),
            (E::HandshakeNotComplete, "Protocol"),
            (signer_error(io::Error::other("removed")), "CardFailed"),
        ] {
            let text = error.to_string();
            assert_eq!(kind(error.clone().into()), expected, "{text}");
            assert_eq!(
                kind(io::Error::new(ErrorKind::InvalidData, error).into()),
                expected,
                "in a read: {text}"
            );
        }
    }

    #[test]
    fn each_failure_of_a_socket_has_its_meaning() {
        for (error, expected) in [
            (ErrorKind::ConnectionRefused, "Unreachable"),
            (ErrorKind::HostUnreachable, "Unreachable"),
            (ErrorKind::TimedOut, "Timeout"),
            (ErrorKind::UnexpectedEof, "Closed"),
            (ErrorKind::ConnectionReset, "Closed"),
        ] {
            assert_eq!(kind(io::Error::from(error).into()), expected);
        }
    }
}
