//! People and organisations of the annuaire.

use serde::{Deserialize, Serialize};

use super::address::EmailAddress;

/// Type of a mailbox (nomenclature TRE_R257-TypeBAL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MailboxKind {
    /// Personal.
    Per,
    /// Organisational: a service or team.
    Org,
    /// Applicative: a software or machine.
    App,
    /// Practice of liberal professionals.
    Cab,
}

impl MailboxKind {
    /// The code of the nomenclature.
    pub fn code(self) -> &'static str {
        match self {
            Self::Per => "PER",
            Self::Org => "ORG",
            Self::App => "APP",
            Self::Cab => "CAB",
        }
    }
}

/// One mailbox with the structure it is attached to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryMailbox {
    /// The address.
    pub address: EmailAddress,
    /// Its type.
    pub kind: MailboxKind,
    /// Name of the structure, empty when the mailbox has none.
    pub structure: String,
    /// Service inside the structure, empty when not given.
    pub service: String,
    /// Town, empty when not given.
    pub city: String,
    /// Postal code, empty when not given.
    pub postal_code: String,
    /// The holder accepts paperless documents (column Dématérialisation), when said.
    pub paperless: Option<bool>,
    /// Number of the structure as the file gives it (FINESS, SIRET…), empty when not given.
    #[serde(default)]
    pub structure_id: String,
}

/// A place where a person practises, from the public file of activities (PS_LibreAcces).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice {
    /// Name of the structure; may be empty.
    pub structure: String,
    /// Number and street.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub city: String,
    /// Telephone as written.
    pub phone: String,
}

/// A person with all mailboxes, or an organisational mailbox group (no names, no national identifier).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Stable key: the national identifier (`8`+RPPS, `0`+ADELI), else the address of the organisational mailbox.
    pub key: String,
    /// Civilité d'exercice (DR, PR…), empty when none.
    pub title: String,
    /// Nom d'exercice; for an organisation, the name of the structure.
    pub family_name: String,
    /// Prénom d'exercice, empty for an organisation.
    pub given_name: String,
    /// Label of the profession, empty for an organisation.
    pub profession: String,
    /// Labels of the savoir-faire (specialties), possibly none.
    pub specialties: Vec<String>,
    /// Mailboxes, at least one.
    pub mailboxes: Vec<DirectoryMailbox>,
    /// Places of practice, none where the second file was not loaded.
    #[serde(default)]
    pub places: Vec<Practice>,
}

impl Person {
    /// Town and postal code to tell the person by: of the first mailbox that has one, else of a place of practice.
    pub fn town(&self) -> Option<(&str, &str)> {
        let boxes = self.mailboxes.iter().map(|m| (m.city.as_str(), m.postal_code.as_str()));
        let places = self.places.iter().map(|p| (p.city.as_str(), p.postal_code.as_str()));
        boxes.chain(places).find(|(city, _)| !city.is_empty())
    }

    /// Departments of the mailboxes and places, each once (see [`department`]).
    pub fn departments(&self) -> Vec<String> {
        let boxes = self.mailboxes.iter().map(|m| m.postal_code.as_str());
        let codes = boxes.chain(self.places.iter().map(|p| p.postal_code.as_str()));
        let mut all: Vec<String> = codes.filter_map(department).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The mailbox with this address; case does not matter.
    pub fn mailbox(&self, address: &str) -> Option<&DirectoryMailbox> {
        self.mailboxes.iter().find(|m| m.address.as_str().eq_ignore_ascii_case(address))
    }

    /// The RPPS number when the key holds one.
    pub fn rpps(&self) -> Option<&str> {
        self.key.strip_prefix('8').filter(|n| n.len() == 11 && n.bytes().all(|b| b.is_ascii_digit()))
    }

    /// True for an organisational mailbox.
    pub fn is_organisation(&self) -> bool {
        let is_of_somebody = self.mailboxes.first().is_some_and(|m| m.kind == MailboxKind::Per);
        self.given_name.is_empty() && self.profession.is_empty() && !is_of_somebody
    }

    /// `Dr Marie MARTIN`, or the structure's name.
    pub fn display_name(&self) -> String {
        let title = match self.title.as_str() {
            "DR" => "Dr",
            "PR" => "Pr",
            other => other,
        };
        [title, &capitalised(&self.given_name), &self.family_name]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Department of a French postal code: two characters, three overseas; Corsica's codes give `20`.
pub fn department(postal_code: &str) -> Option<String> {
    let code = postal_code.trim();
    if code.len() != 5 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let letters = if code.starts_with("97") || code.starts_with("98") { 3 } else { 2 };
    let department = code.get(..letters)?.to_ascii_uppercase();
    Some(if matches!(department.as_str(), "2A" | "2B") { "20".to_owned() } else { department })
}

/// A given name with one capital a part: cards and parts of the extraction write them all in capitals.
pub fn capitalised(name: &str) -> String {
    if name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    let mut inside = false;
    name.chars()
        .flat_map(|c| {
            let shown: Vec<char> = if inside { c.to_lowercase().collect() } else { vec![c] };
            inside = c.is_alphabetic();
            shown
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_names_in_capitals_are_shown_as_names() {
        for (written, shown) in [
            ("ANNE", "Anne"),
            ("JEAN-MARIE", "Jean-Marie"),
            ("ÉLODIE ANNE", "Élodie Anne"),
            ("Anne", "Anne"),
            ("", ""),
        ] {
            assert_eq!(capitalised(written), shown);
        }
    }
}
