//! Whether two documents name the same patient.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::patient::Patient;

/// A name in the profile of the INSi teleservice: capitals without accents or ligatures; hyphens and apostrophes count
/// as spaces. Source: rule SEL-MP-043 (digest §3).
pub fn folded(name: &str) -> String {
    let plain: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_uppercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let plain = plain.replace('Œ', "OE").replace('Æ', "AE");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What two namings of a patient say of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Nothing contradicts, and something was compared.
    Same,
    /// An identifier or trait contradicts.
    Different,
    /// Nothing could be compared.
    Unknown,
}

/// Compares two namings of a patient trait by trait; what one of them does not give is not compared. A birth name is
/// not compared with a used name.
pub fn compare(one: &Patient, other: &Patient) -> Comparison {
    let mut compared = false;
    let mut differs = false;
    let mut both = |a: &str, b: &str, same: &dyn Fn(&str, &str) -> bool| {
        if !a.is_empty() && !b.is_empty() {
            compared = true;
            differs |= !same(a, b);
        }
    };
    let equal = |a: &str, b: &str| a == b;
    if let (Some(a), Some(b)) = (&one.ins, &other.ins) {
        if a.nature == b.nature {
            both(&a.matricule, &b.matricule, &equal);
        } else {
            both(&a.oid, &b.oid, &equal);
        }
    }
    both(&folded(&one.birth_name), &folded(&other.birth_name), &equal);
    both(&first(one), &first(other), &same_first);
    // dates of another precision are compared as far as both go
    let date = |p: &Patient| p.birth_date.clone().unwrap_or_default();
    both(&date(one), &date(other), &|a, b| a.starts_with(b) || b.starts_with(a));
    let sex = |p: &Patient| p.sex.map(|s| format!("{s:?}")).filter(|s| s != "U").unwrap_or_default();
    both(&sex(one), &sex(other), &equal);
    match (compared, differs) {
        (_, true) => Comparison::Different,
        (true, false) => Comparison::Same,
        (false, false) => Comparison::Unknown,
    }
}

fn first(patient: &Patient) -> String {
    folded(if patient.first_name.is_empty() { &patient.given_names } else { &patient.first_name })
}

/// First given names are the same when one begins the other: some senders give the whole list of birth given names.
fn same_first(a: &str, b: &str) -> bool {
    a == b || a.starts_with(&format!("{b} ")) || b.starts_with(&format!("{a} "))
}

/// Whether the name and date a subject gives (`NOM prénom`, one text) fit the patient of a document. Names are compared
/// as words: the subject must hold a name and, where it has more, a given name of the patient.
pub fn fits_subject(patient: &Patient, subject: &Patient) -> Comparison {
    let words = folded(&subject.name);
    let mut known = false;
    if !words.is_empty() {
        let named = |name: &str| {
            let name = folded(name);
            !name.is_empty()
                && (words == name
                    || words.starts_with(&format!("{name} "))
                    || words.ends_with(&format!(" {name}")))
        };
        let names = [&patient.birth_name, &patient.used_name];
        if names.iter().any(|n| !n.is_empty()) {
            known = true;
            if !names.iter().any(|n| named(n)) {
                return Comparison::Different;
            }
            let given: Vec<String> = [&patient.first_name, &patient.given_names, &patient.used_first_name]
                .iter()
                .flat_map(|n| folded(n).split(' ').map(str::to_owned).collect::<Vec<_>>())
                .filter(|n| !n.is_empty())
                .collect();
            let held = |n: &String| words.split(' ').any(|w| w == n);
            let only_name = names.iter().any(|n| folded(n) == words);
            if !given.is_empty() && !only_name && !given.iter().any(held) {
                return Comparison::Different;
            }
        }
    }
    if let (Some(a), Some(b)) = (&patient.birth_date, &subject.birth_date) {
        known = true;
        if !a.starts_with(b.as_str()) && !b.starts_with(a.as_str()) {
            return Comparison::Different;
        }
    }
    if known { Comparison::Same } else { Comparison::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::ins;

    fn patient(name: &str, first: &str, date: &str) -> Patient {
        Patient {
            birth_name: name.to_owned(),
            first_name: first.to_owned(),
            birth_date: Some(date.to_owned()).filter(|d| !d.is_empty()),
            ..Patient::default()
        }
    }

    #[test]
    fn spelling_never_makes_another_patient_and_a_trait_does() {
        let one = patient("D'ALMEIDA-COSTA", "Zoé", "2001-05-03");
        for (other, expected) in [
            (patient("d almeida costa", "ZOE", "2001-05-03"), Comparison::Same),
            (patient("D'ALMEIDA COSTA", "ZOE MARIE", "2001-05"), Comparison::Same),
            (patient("", "", ""), Comparison::Unknown),
            (patient("ALMEIDA", "ZOE", "2001-05-03"), Comparison::Different),
            (patient("D ALMEIDA COSTA", "LEA", "2001-05-03"), Comparison::Different),
            (patient("D ALMEIDA COSTA", "ZOE", "2001-05-04"), Comparison::Different),
        ] {
            assert_eq!(compare(&one, &other), expected, "{other:?}");
        }
        let with = |matricule: &str, oid: &str| Patient { ins: ins::received(matricule, oid), ..one.clone() };
        let (nir, test) = ("1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.10");
        assert_eq!(compare(&with("1", nir), &with("1", nir)), Comparison::Same);
        assert_eq!(compare(&with("1", nir), &with("2", nir)), Comparison::Different);
        assert_eq!(compare(&with("1", nir), &with("1", test)), Comparison::Different);
    }

    #[test]
    fn the_subject_is_compared_as_words() {
        let one = Patient { used_name: "ASTRE".into(), ..patient("ECLIPSE", "LUCIE", "1985-04-12") };
        let subject = |name: &str, date: &str| Patient {
            name: name.to_owned(),
            birth_date: Some(date.to_owned()).filter(|d| !d.is_empty()),
            ..Patient::default()
        };
        for (s, expected) in [
            (subject("ECLIPSE Lucie", "1985-04-12"), Comparison::Same),
            (subject("ECLIPSE", ""), Comparison::Same),
            (subject("ASTRE LUCIE", ""), Comparison::Same),
            (subject("ECLIPSE Anne", ""), Comparison::Different),
            (subject("ETOILE Lucie", ""), Comparison::Different),
            (subject("ECLIPSE Lucie", "1985-04-13"), Comparison::Different),
            (subject("", ""), Comparison::Unknown),
        ] {
            assert_eq!(fits_subject(&one, &s), expected, "{s:?}");
        }
    }
}
