//! Servers typed by hand, for a mailbox whose operator is in no table and publishes nothing.

use std::path::PathBuf;

use crate::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use crate::domain::address::EmailAddress;

/// Longest name of a host (RFC 1035 §2.3.4).
const LONGEST_HOST: usize = 253;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Host of IMAP.
    Imap,
    /// Port of IMAP.
    ImapPort,
    /// Host of submission.
    Smtp,
    /// Port of submission.
    SmtpPort,
}

/// What the user did with the form.
#[derive(Debug, Clone)]
pub enum Message {
    /// A field is being typed.
    Typed(Field, String),
    /// When TLS starts.
    Security(Security),
    /// Choose the file of the authority.
    ChooseAuthority,
    /// It was chosen, or not.
    AuthorityChosen(Option<PathBuf>),
    /// The IGC Santé again.
    IgcSante,
}

/// The form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Servers {
    imap: String,
    imap_port: String,
    smtp: String,
    smtp_port: String,
    pub(super) security: Security,
    /// Authority of a server outside MSSanté; the IGC Santé otherwise.
    pub(super) authority: Option<PathBuf>,
}

/// The usual ports of reading and sending (RFC 8314; MSSanté: STARTTLS on 143 and 587).
fn usual(security: Security) -> [&'static str; 2] {
    match security {
        Security::StartTls => ["143", "587"],
        Security::Tls => ["993", "465"],
    }
}

fn host(text: &str) -> Option<String> {
    let host = text.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let is_host = !host.is_empty() && host.len() <= LONGEST_HOST && host.chars().all(is_name);
    is_host.then(|| host.to_owned())
}

fn port(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|port| *port != 0)
}

impl Servers {
    pub(super) fn new() -> Self {
        let security = Security::StartTls;
        let [imap_port, smtp_port] = usual(security).map(str::to_owned);
        Self { imap: String::new(), imap_port, smtp: String::new(), smtp_port, security, authority: None }
    }

    pub(super) fn text(&self, field: Field) -> &str {
        match field {
            Field::Imap => &self.imap,
            Field::ImapPort => &self.imap_port,
            Field::Smtp => &self.smtp,
            Field::SmtpPort => &self.smtp_port,
        }
    }

    pub(super) fn type_in(&mut self, field: Field, text: String) {
        *match field {
            Field::Imap => &mut self.imap,
            Field::ImapPort => &mut self.imap_port,
            Field::Smtp => &mut self.smtp,
            Field::SmtpPort => &mut self.smtp_port,
        } = text;
    }

    /// Ports nobody has typed follow.
    pub(super) fn secure(&mut self, security: Security) {
        let ports = usual(security);
        for ((port, before), now) in
            [&mut self.imap_port, &mut self.smtp_port].into_iter().zip(usual(self.security)).zip(ports)
        {
            if port.trim() == before {
                now.clone_into(port);
            }
        }
        self.security = security;
    }

    /// What was typed into a field cannot be meant.
    pub(super) fn is_wrong(&self, field: Field) -> bool {
        let text = self.text(field);
        match field {
            Field::Imap | Field::Smtp => !text.trim().is_empty() && host(text).is_none(),
            Field::ImapPort | Field::SmtpPort => port(text).is_none(),
        }
    }

    /// The configuration of this address; `None` while something is missing or wrong.
    pub(super) fn config(&self, address: EmailAddress, auth: AuthMethod) -> Option<AccountConfig> {
        let endpoint = |name: &str, number: &str| {
            Some(Endpoint { host: host(name)?, port: port(number)?, security: self.security })
        };
        let trust = match &self.authority {
            Some(ca) => Trust::Authority { ca: ca.clone(), crl: None },
            None => Trust::IgcSante,
        };
        Some(AccountConfig {
            display_name: address.to_string(),
            auth,
            imap: endpoint(&self.imap, &self.imap_port)?,
            smtp: endpoint(&self.smtp, &self.smtp_port)?,
            trust,
            address,
            source: HostSource::Typed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(imap: &str, imap_port: &str, smtp: &str) -> Servers {
        let mut servers = Servers::new();
        servers.type_in(Field::Imap, imap.to_owned());
        servers.type_in(Field::ImapPort, imap_port.to_owned());
        servers.type_in(Field::Smtp, smtp.to_owned());
        servers
    }

    #[test]
    fn only_whole_names_and_ports_make_servers_and_they_are_known_as_typed() {
        let address = || EmailAddress::parse("anne@cabinet.example").unwrap();
        let config = |servers: &Servers| servers.config(address(), AuthMethod::Password);
        for (imap, port, smtp) in [
            ("", "143", "smtp.cabinet.example"),
            ("imap.cabinet.example", "0", "smtp.cabinet.example"),
            ("imap.cabinet.example", "65536", "smtp.cabinet.example"),
            ("imap.cabinet.example", "143", ""),
            ("https://imap.cabinet.example", "143", "smtp.cabinet.example"),
            ("anne@imap.cabinet.example", "143", "smtp.cabinet.example"),
            ("imap cabinet", "143", "smtp.cabinet.example"),
        ] {
            assert_eq!(config(&typed(imap, port, smtp)), None, "{imap} {port} {smtp}");
        }
        let config = config(&typed(" imap.cabinet.example ", "1143", "smtp.cabinet.example")).unwrap();
        assert_eq!((config.imap.host.as_str(), config.imap.port), ("imap.cabinet.example", 1143));
        assert_eq!((config.smtp.port, config.smtp.security), (587, Security::StartTls));
        assert_eq!((config.trust, config.source), (Trust::IgcSante, HostSource::Typed));
    }

    #[test]
    fn usual_ports_follow_the_way_tls_starts_and_typed_ones_stay() {
        let mut servers = typed("i", "1143", "s");
        servers.secure(Security::Tls);
        assert_eq!((servers.text(Field::ImapPort), servers.text(Field::SmtpPort)), ("1143", "465"));
        servers.secure(Security::StartTls);
        assert_eq!(servers.text(Field::SmtpPort), "587");
    }
}
