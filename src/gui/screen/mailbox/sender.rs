//! Who wrote: what the annuaire says of an address, and whether the display name agrees.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::address::Mailbox;
use crate::domain::person::Person;

/// What is known of an address. The suffix only hints: the white list alone tells what is inside the trust space,
/// so nothing is called safe by its suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The annuaire was not asked or has not answered.
    Asked,
    /// In the annuaire.
    Verified(Box<Person>),
    /// A patient's mailbox (`patient.mssante.fr`), never in the annuaire.
    Patient,
    /// Not in the annuaire, in an MSSanté domain: perhaps on the red list.
    Unlisted,
    /// Not in the annuaire and in no MSSanté domain.
    Outside,
}

impl Standing {
    /// Judges an address by the annuaire's answer. `own_domain` is that of the user's mailbox: an address there is
    /// served by the same operator and is never outside.
    pub fn of(address: &str, person: Option<Person>, own_domain: &str) -> Self {
        if let Some(person) = person {
            return Self::Verified(Box::new(person));
        }
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain).to_lowercase();
        if domain == "patient.mssante.fr" {
            Self::Patient
        } else if domain.ends_with(".mssante.fr") || (!domain.is_empty() && domain == own_domain) {
            Self::Unlisted
        } else {
            Self::Outside
        }
    }

    /// The same with what the white list says of the domain, `None` without a list: it overrules what the domain's name
    /// suggests.
    #[must_use]
    pub fn listed(self, trusted: Option<bool>) -> Self {
        match (self, trusted) {
            (Self::Asked, _) => Self::Asked,
            (_, Some(false)) => Self::Outside,
            (Self::Outside, Some(true)) => Self::Unlisted,
            (standing, _) => standing,
        }
    }

    /// The person, when in the annuaire.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Verified(person) => Some(person),
            _ => None,
        }
    }
}

/// The name to show: MSSanté display names join their parts with underscores (`Dr_Marie_MARTIN_Cabinet`).
pub fn shown_name(mailbox: &Mailbox) -> String {
    match &mailbox.name {
        Some(name) => name.replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" "),
        None => mailbox.address.clone(),
    }
}

/// Lower-case words without accents.
fn words(text: &str) -> Vec<String> {
    let folded: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// The display name pretends to be someone else than the annuaire's holder of the address: the family name is not in
/// it, or it shows another address. Organisations name themselves freely and are not compared.
pub fn name_differs(from: &Mailbox, standing: &Standing) -> bool {
    let Some(name) = &from.name else { return false };
    if name.contains('@') && !name.to_lowercase().contains(&from.address.to_lowercase()) {
        return true;
    }
    let Some(person) = standing.person().filter(|person| !person.is_organisation()) else { return false };
    let shown = words(name);
    !words(&person.family_name).iter().all(|word| shown.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(name: &str) -> Mailbox {
        Mailbox { name: Some(name.to_owned()), address: "m.legall@medecin.mssante.fr".to_owned() }
    }

    fn le_gall() -> Standing {
        Standing::Verified(Box::new(Person {
            key: "810000000001".to_owned(),
            title: "DR".to_owned(),
            family_name: "LE GALL".to_owned(),
            given_name: "Maëlle".to_owned(),
            profession: "Médecin".to_owned(),
            specialties: Vec::new(),
            mailboxes: Vec::new(),
            places: Vec::new(),
        }))
    }

    #[test]
    fn a_display_name_without_the_holders_family_name_is_reported() {
        for (name, differs) in [
            ("Dr_Maëlle_LE GALL_Cabinet", false),
            ("Maelle Le Gall", false),
            ("Dr Paul DURAND", true),
            ("paul.durand@medecin.mssante.fr", true),
            ("Le Gall <m.legall@medecin.mssante.fr>", false),
        ] {
            assert_eq!(name_differs(&from(name), &le_gall()), differs, "{name}");
        }
        assert!(!name_differs(&from("Anyone"), &Standing::Unlisted));
    }

    #[test]
    fn an_address_is_judged_by_the_annuaire_first_and_by_its_domain_only_as_a_hint() {
        for (address, standing) in [
            ("1234@patient.mssante.fr", Standing::Patient),
            ("a@ch-dax.mssante.fr", Standing::Unlisted),
            ("a@mssante.fr.example.org", Standing::Outside),
            ("a@fakemssante.fr", Standing::Outside),
            ("a@cabinet.test", Standing::Unlisted),
            ("no address", Standing::Outside),
        ] {
            assert_eq!(Standing::of(address, None, "cabinet.test"), standing, "{address}");
        }
    }

    #[test]
    fn the_white_list_decides_where_there_is_one() {
        assert_eq!(Standing::Outside.listed(Some(true)), Standing::Unlisted);
        assert_eq!(Standing::Unlisted.listed(Some(false)), Standing::Outside);
        assert_eq!(Standing::Outside.listed(None), Standing::Outside);
        assert_eq!(Standing::Asked.listed(Some(false)), Standing::Asked);
    }

    #[test]
    fn underscores_of_display_names_are_shown_as_spaces() {
        assert_eq!(shown_name(&from("Dr_Marie_MARTIN_Cabinet")), "Dr Marie MARTIN Cabinet");
    }
}
