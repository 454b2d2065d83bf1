//! Mail addresses: parsed once, never validated later.

use serde::{Deserialize, Serialize};

use super::text::is_deceptive;

/// An address that can be written to: one `@`, no space, no control or invisible character, no quoted local part, at
/// most 254 bytes of which 64 before the `@` and 63 a label (RFC 5321 §4.5.3.1, RFC 1035 §2.3.4), domain in lower case.
/// The domain is *not* required to end in `.mssante.fr`: only the white list tells what is inside the trust space.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// The text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address")]
pub struct Malformed;

impl EmailAddress {
    /// Reads an address such as `anne.leroy@medecin.mssante.fr`; surrounding blanks are dropped.
    ///
    /// # Errors
    /// [`Malformed`] when the text is not one plain address.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(Malformed)?;
        let plain = |c: char| !is_deceptive(c) && !c.is_whitespace() && !"<>()[],;:\\\"".contains(c);
        let well_formed = !local.is_empty()
            && text.len() <= 254
            && local.len() <= 64
            && local.chars().all(|c| plain(c) && c != '@')
            && domain.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.')
            && domain.split('.').all(|label| {
                (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
            });
        if !well_formed {
            return Err(Malformed);
        }
        Ok(Self(format!("{local}@{}", domain.to_lowercase())))
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the `@`, in lower case.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// A name and an address as a received header gives them: kept as written, not necessarily an address one can
/// write to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Mailbox {
    /// Display name, decoded, absent when empty.
    pub name: Option<String>,
    /// Address as written.
    pub address: String,
}

impl Mailbox {
    /// The display name, or the address where there is none.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_their_domain_is_folded() {
        let a = EmailAddress::parse(" Anne.Leroy@Medecin.MSSante.fr ").unwrap();
        assert_eq!(a.as_str(), "Anne.Leroy@medecin.mssante.fr");
        assert_eq!(a.domain(), "medecin.mssante.fr");
    }

    #[test]
    fn unusual_addresses_are_read_as_they_are() {
        let longest = format!("{}@medecin.mssante.fr", "a".repeat(64));
        for good in
            ["anne+labo@b.fr", "o'neil@b.fr", "anne.leroy/1@b.fr", "é@b.fr", "a@hôpital.fr", "a@b", &longest]
        {
            assert_eq!(EmailAddress::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_is_not_one_address_is_refused() {
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a b@c.fr",
            "a@b@c.fr",
            "a@b..fr",
            "<a@b.fr>",
            "a@b.fr,c@d.fr",
            "a@-b.fr",
            "a@b\r\n.fr",
            "\"a b\"@c.fr",
            "an\u{200B}ne@b.fr",
            "a\u{202E}b@c.fr",
            "a@[127.0.0.1]",
            "a@b.fr.",
            &format!("{}@b.fr", "a".repeat(65)),
            &format!("a@{}.fr", "b".repeat(64)),
            &format!("a@{}fr", "b.".repeat(130)),
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(Malformed), "{bad:?}");
        }
    }
}
