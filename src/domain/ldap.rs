//! An LDAP directory that the user may set beside the annuaire: where it is, and what it calls what is looked for.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::account::{Endpoint, Security};
use super::person::Person;

/// Where searches begin unless something else is set: the root of the national directory of MSSanté. Source: its client
/// in Mediboard.
pub const BASE: &str = "dc=mssante,dc=fr";

/// Longest name of a base, a user or an attribute, in bytes.
const LONGEST: usize = 1024;

/// A directory server. Nothing is ever asked of one that is not set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LdapSettings {
    /// The server.
    pub server: LdapServer,
    /// Distinguished name under which it is searched.
    pub base: String,
    /// Distinguished name to log in with; `None` asks as nobody. Its password is in the vault.
    #[serde(default)]
    pub user: Option<String>,
    /// PEM file of the only authorities that vouch for the server; `None` stands for the public ones and those the
    /// profile trusts for mail.
    #[serde(default)]
    pub authority: Option<PathBuf>,
    /// Names of its attributes.
    #[serde(default)]
    pub attributes: LdapAttributes,
}

impl LdapSettings {
    /// A server with everything else as the national directory has it.
    pub fn new(server: LdapServer) -> Self {
        Self {
            server,
            base: BASE.to_owned(),
            user: None,
            authority: None,
            attributes: LdapAttributes::default(),
        }
    }

    /// Whether base and user can be sent.
    pub fn is_plausible(&self) -> bool {
        let is_name = |name: &str| name.len() <= LONGEST && !name.chars().any(char::is_control);
        is_name(&self.base) && self.user.as_deref().is_none_or(|user| !user.is_empty() && is_name(user))
    }
}

/// `ldaps://host[:636]`: TLS from the first byte; `ldap://host[:389]`: StartTLS first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LdapServer(Endpoint);

/// The text is not the address of an LDAP server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("neither ldaps://host nor ldap://host")]
pub struct NoServer;

impl LdapServer {
    /// Where to connect to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0
    }

    /// Its name, to be shown.
    pub fn host(&self) -> &str {
        &self.0.host
    }

    fn default_port(security: Security) -> u16 {
        match security {
            Security::Tls => 636,
            Security::StartTls => 389,
        }
    }
}

impl FromStr for LdapServer {
    type Err = NoServer;

    fn from_str(text: &str) -> Result<Self, NoServer> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(NoServer)?;
        let security = match scheme.to_ascii_lowercase().as_str() {
            "ldaps" => Security::Tls,
            "ldap" => Security::StartTls,
            _ => return Err(NoServer),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // an IPv6 address stands in brackets
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| NoServer)?),
            _ => (rest, Self::default_port(security)),
        };
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let is_host = match bare {
            Some(address) => address.parse::<core::net::Ipv6Addr>().is_ok(),
            None => host.len() <= 253 && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)),
        };
        if host.is_empty() || !is_host || port == 0 {
            return Err(NoServer);
        }
        Ok(Self(Endpoint { host: host.to_ascii_lowercase(), port, security }))
    }
}

impl fmt::Display for LdapServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Endpoint { host, port, security } = &self.0;
        let scheme = if *security == Security::Tls { "ldaps" } else { "ldap" };
        write!(f, "{scheme}://{host}")?;
        if *port != Self::default_port(*security) {
            write!(f, ":{port}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for LdapServer {
    type Error = NoServer;
    fn try_from(text: String) -> Result<Self, NoServer> {
        text.parse()
    }
}

impl From<LdapServer> for String {
    fn from(server: LdapServer) -> Self {
        server.to_string()
    }
}

/// What is looked for in an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LdapField {
    /// Family name.
    FamilyName,
    /// Given name.
    GivenName,
    /// Address of the mailbox.
    Mail,
    /// Type of the mailbox: PER, ORG, APP.
    Kind,
    /// National number of the person.
    PersonId,
    /// What kind of number that is: 8 RPPS, 0 ADELI.
    PersonIdKind,
    /// Profession.
    Profession,
    /// Town.
    City,
    /// Name of the structure.
    Structure,
    /// Service, or what the mailbox is for.
    Service,
    /// Number of the structure.
    StructureId,
    /// What kind of number that is: FINESS, SIRET, SIREN.
    StructureIdKind,
}

impl LdapField {
    /// All, in the order they are shown.
    pub const ALL: [Self; 12] = [
        Self::FamilyName,
        Self::GivenName,
        Self::Mail,
        Self::Kind,
        Self::PersonId,
        Self::PersonIdKind,
        Self::Profession,
        Self::City,
        Self::Structure,
        Self::Service,
        Self::StructureId,
        Self::StructureIdKind,
    ];

    /// Its name on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::FamilyName => "family-name",
            Self::GivenName => "given-name",
            Self::Mail => "mail",
            Self::Kind => "kind",
            Self::PersonId => "person-id",
            Self::PersonIdKind => "person-id-kind",
            Self::Profession => "profession",
            Self::City => "city",
            Self::Structure => "structure",
            Self::Service => "service",
            Self::StructureId => "structure-id",
            Self::StructureIdKind => "structure-id-kind",
        }
    }

    /// The attribute of the national directory. Source: its client in Mediboard.
    pub fn national(self) -> &'static str {
        match self {
            Self::FamilyName => "sn",
            Self::GivenName => "givenName",
            Self::Mail => "mail",
            Self::Kind => "TypeBAL",
            Self::PersonId => "IdentifiantPP",
            Self::PersonIdKind => "TypeIdentifiantPP",
            Self::Profession => "profession",
            Self::City => "l",
            Self::Structure => "o",
            Self::Service => "description",
            Self::StructureId => "IdentifiantPM",
            Self::StructureIdKind => "TypeIdentifiantPM",
        }
    }
}

/// Names of attributes: the national ones but where another was set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LdapAttributes(BTreeMap<LdapField, String>);

/// The text cannot be the name of an attribute, or the directory must have this one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no name of an attribute")]
pub struct NoAttribute;

impl LdapAttributes {
    /// Name of an attribute; `None` for one the directory has not.
    pub fn get(&self, field: LdapField) -> Option<&str> {
        let name = self.0.get(&field).map_or(field.national(), String::as_str);
        Some(name).filter(|name| !name.is_empty())
    }

    /// Another name; an empty one says that the directory has no such attribute.
    ///
    /// # Errors
    /// [`NoAttribute`] for what no attribute is called (RFC 4512 §2.5), and for a directory without addresses or names.
    pub fn set(&mut self, field: LdapField, name: &str) -> Result<(), NoAttribute> {
        let name = name.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-.;".contains(c);
        let is_needed = matches!(field, LdapField::Mail | LdapField::FamilyName);
        let is_name = name.len() <= 128
            && name.chars().all(plain)
            && if name.is_empty() {
                !is_needed
            } else {
                name.starts_with(|c: char| c.is_ascii_alphanumeric())
            };
        if !is_name {
            return Err(NoAttribute);
        }
        if name == field.national() {
            self.0.remove(&field);
        } else {
            self.0.insert(field, name.to_owned());
        }
        Ok(())
    }
}

/// What a directory answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LdapPeople {
    /// People and services, by name; none is in the order of the annuaire.
    pub people: Vec<Person>,
    /// Addresses the annuaire gives to the same person too: of the others nobody but the directory says whose they are.
    pub confirmed: Vec<String>,
    /// There are more than were asked for.
    pub more: bool,
    /// Name of the server that answered.
    pub server: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_its_url() {
        for (text, host, port, security, shown) in [
            ("ldaps://annuaire.example", "annuaire.example", 636, Security::Tls, "ldaps://annuaire.example"),
            (" LDAP://Srv-1.lan:3890/ ", "srv-1.lan", 3890, Security::StartTls, "ldap://srv-1.lan:3890"),
            ("ldaps://[::1]:1636", "[::1]", 1636, Security::Tls, "ldaps://[::1]:1636"),
            ("ldap://[fd00::1]", "[fd00::1]", 389, Security::StartTls, "ldap://[fd00::1]"),
        ] {
            let server: LdapServer = text.parse().unwrap();
            assert_eq!(server.endpoint(), &Endpoint { host: host.into(), port, security });
            assert_eq!(server.to_string(), shown);
        }
        for bad in [
            "",
            "annuaire.example",
            "https://a",
            "ldap://",
            "ldap://a b",
            "ldaps://a:0",
            "ldaps://a:x",
            "ldaps://u:p@a",
            "ldaps://a/dc=fr",
            "ldaps://[::1",
            "ldaps://a?b",
        ] {
            assert_eq!(bad.parse::<LdapServer>(), Err(NoServer), "{bad}");
        }
    }

    #[test]
    fn attributes_have_the_national_names_until_others_are_set() {
        let mut attributes = LdapAttributes::default();
        assert_eq!(attributes.get(LdapField::City), Some("l"));
        attributes.set(LdapField::City, " physicalDeliveryOfficeName ").unwrap();
        attributes.set(LdapField::Kind, "").unwrap();
        attributes.set(LdapField::Structure, "2.5.4.10").unwrap();
        assert_eq!(attributes.get(LdapField::City), Some("physicalDeliveryOfficeName"));
        assert_eq!(attributes.get(LdapField::Kind), None);
        let kept = serde_json::to_string(&attributes).unwrap();
        assert_eq!(serde_json::from_str::<LdapAttributes>(&kept).unwrap(), attributes);
        attributes.set(LdapField::City, "l").unwrap();
        assert_eq!(attributes.get(LdapField::City), Some("l"));
        for (field, bad) in [
            (LdapField::Mail, ""),
            (LdapField::FamilyName, " "),
            (LdapField::City, "l)(mail=*"),
            (LdapField::City, "-l"),
            (LdapField::City, "vïlle"),
        ] {
            assert_eq!(attributes.set(field, bad), Err(NoAttribute), "{bad}");
        }
    }
}
