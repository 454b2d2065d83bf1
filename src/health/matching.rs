//! Which patient a document is about: by itself only when INS and traits are the same, else what a person may choose
//! from. Source: filing rule of the digest §3 ("automatic only if INS complete and equal, otherwise visual comparison").

use crate::domain::patient::{Likeness, Patient, PatientKeys, Trait};

use super::identity::{Comparison, fits_subject, folded};

/// What is to be done with a mention of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<Id> {
    /// It is this patient.
    Attach(Id),
    /// It is somebody new, and nobody known is like them.
    Create,
    /// A person has to choose.
    Ask,
}

/// The traits a patient is looked for by.
pub fn keys(patient: &Patient) -> PatientKeys {
    let (birth_name, used_name) = (folded(&patient.birth_name), folded(&patient.used_name));
    let mut words: Vec<String> = Vec::new();
    let names = [
        &patient.birth_name,
        &patient.used_name,
        &patient.first_name,
        &patient.given_names,
        &patient.used_first_name,
        &patient.name,
    ];
    for name in names {
        for word in folded(name).split(' ').filter(|w| !w.is_empty()) {
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
    }
    PatientKeys {
        birth_name,
        used_name,
        first_name: first_name(patient),
        birth_date: patient.birth_date.clone().unwrap_or_default(),
        ins: patient.ins.as_ref().map(|ins| ins.matricule.clone()).unwrap_or_default(),
        words: if words.is_empty() { String::new() } else { format!(" {} ", words.join(" ")) },
    }
}

/// Text that is the same for two namings exactly when they give the same traits, whatever the spelling.
pub fn fingerprint(patient: &Patient) -> String {
    let keys = keys(patient);
    let ins = patient.ins.as_ref().map(|ins| format!("{}^{}", ins.matricule, ins.oid)).unwrap_or_default();
    let sex = patient.sex.map(|sex| format!("{sex:?}")).unwrap_or_default();
    let given = folded(&patient.given_names);
    let social: String = patient.social_number.chars().filter(|c| !c.is_whitespace()).collect();
    let name = if keys.birth_name.is_empty() { folded(&patient.name) } else { keys.birth_name };
    [name, keys.used_name, keys.first_name, given, keys.birth_date, sex, ins, social].join("|")
}

/// First birth given name.
fn first_name(patient: &Patient) -> String {
    if !patient.first_name.is_empty() {
        return folded(&patient.first_name);
    }
    folded(&patient.given_names).split(' ').next().unwrap_or_default().to_owned()
}

/// Dates a slip of the keys makes of one: day and month changed places, two digits side by side changed places. Dates
/// with another digit are not among them: there are too many.
pub fn slipped_dates(date: &str) -> Vec<String> {
    let digits: Vec<char> = date.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 8 || date.len() != 10 {
        return Vec::new();
    }
    let iso = |d: &[char]| {
        let text: String = d.iter().collect();
        let (year, rest) = text.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        Some(format!("{year}-{month}-{day}"))
    };
    let mut found = Vec::new();
    let mut swapped = digits.clone();
    swapped.swap(4, 6);
    swapped.swap(5, 7);
    found.extend(iso(&swapped));
    for at in 0..7 {
        let mut other = digits.clone();
        other.swap(at, at + 1);
        found.extend(iso(&other));
    }
    found.retain(|d| d != date);
    found.sort_unstable();
    found.dedup();
    found
}

/// Traits both give and give otherwise.
pub fn differences(one: &Patient, other: &Patient) -> Vec<Trait> {
    let (a, b) = (keys(one), keys(other));
    let mut found = Vec::new();
    let mut differ = |a: &str, b: &str, which: Trait| {
        if !a.is_empty() && !b.is_empty() && a != b {
            found.push(which);
        }
    };
    differ(&a.birth_name, &b.birth_name, Trait::BirthName);
    differ(&a.used_name, &b.used_name, Trait::UsedName);
    differ(&a.first_name, &b.first_name, Trait::FirstName);
    differ(&a.birth_date, &b.birth_date, Trait::BirthDate);
    let sex = |p: &Patient| p.sex.map(|sex| format!("{sex:?}")).unwrap_or_default();
    differ(&sex(one), &sex(other), Trait::Sex);
    differ(&one.birth_place, &other.birth_place, Trait::BirthPlace);
    let ins = |p: &Patient| p.ins.as_ref().map(|i| format!("{}^{}", i.matricule, i.oid)).unwrap_or_default();
    differ(&ins(one), &ins(other), Trait::Ins);
    found
}

/// In what a known patient is like the one named; `None` when in nothing that counts.
pub fn likeness(named: &Patient, known: &Patient) -> Option<Likeness> {
    let (a, b) = (keys(named), keys(known));
    let ins = same_ins(named, known);
    if ins == Some(true) {
        return Some(if is_same(named, known) { Likeness::Same } else { Likeness::SameIns });
    }
    if a.birth_name.is_empty() {
        // a subject gives name and given name in one text
        return (fits_subject(known, named) == Comparison::Same).then_some(Likeness::Subject);
    }
    let same_date = !a.birth_date.is_empty() && a.birth_date == b.birth_date;
    let first = is_same_or_empty(&a.first_name, &b.first_name);
    if a.birth_name == b.birth_name && first && same_date {
        return Some(if ins.is_some() { Likeness::OtherIns } else { Likeness::SameTraits });
    }
    // two that are told apart by their INS are two, however like they are otherwise
    if ins.is_some() {
        return None;
    }
    if same_date && is_swapped(&a, &b) {
        return Some(Likeness::NamesSwapped);
    }
    let shares_name = a.birth_name == b.birth_name
        || !b.used_name.is_empty() && (a.birth_name == b.used_name || a.used_name == b.used_name);
    let has_first = !a.first_name.is_empty() && a.first_name == b.first_name;
    if shares_name && has_first && !same_date && is_near_date(&a.birth_date, &b.birth_date) {
        return Some(Likeness::NearDate);
    }
    let names =
        [(&a.birth_name, &b.birth_name), (&a.birth_name, &b.used_name), (&a.used_name, &b.birth_name)];
    let near_name = names.iter().any(|(x, y)| is_near_name(x, y));
    let near_first = first || is_near_name(&a.first_name, &b.first_name);
    (same_date && near_name && near_first).then_some(Likeness::NearName)
}

/// What is to be done with a mention, given everybody known who may be like the one named, each with the patient they
/// are shown as. `contradicted`: the message contradicts itself about its patient.
pub fn decide<Id: Copy + PartialEq>(
    named: &Patient,
    contradicted: bool,
    known: &[(Id, Patient)],
) -> Decision<Id> {
    let is_complete = named.has_full_traits() && named.ins.as_ref().is_some_and(|ins| ins.key_fits);
    if contradicted || !is_complete {
        return Decision::Ask;
    }
    let like: Vec<(Id, Likeness)> =
        known.iter().filter_map(|(id, known)| Some((*id, likeness(named, known)?))).collect();
    let same = like.iter().find(|(_, likeness)| *likeness == Likeness::Same);
    match same {
        // somebody else with the same INS: one of them is wrong
        Some((id, _)) => {
            let is_disputed = like.iter().any(|(other, l)| other != id && *l <= Likeness::SameIns);
            if is_disputed { Decision::Ask } else { Decision::Attach(*id) }
        }
        None if like.is_empty() => Decision::Create,
        None => Decision::Ask,
    }
}

/// Whether both have the same INS; `None` when they cannot be compared.
fn same_ins(one: &Patient, other: &Patient) -> Option<bool> {
    match (&one.ins, &other.ins) {
        (Some(a), Some(b)) if a.oid == b.oid => Some(a.matricule == b.matricule),
        _ => None,
    }
}

/// All traits that make an identity are there and the same. A used name changes in a life and does not count; a list of
/// given names may be longer than another that begins it.
fn is_same(one: &Patient, other: &Patient) -> bool {
    let (a, b) = (keys(one), keys(other));
    let lists = |p: &Patient| folded(&p.given_names);
    let (x, y) = (lists(one), lists(other));
    let given = x.is_empty() || y.is_empty() || x.starts_with(&y) || y.starts_with(&x);
    let place =
        one.birth_place.is_empty() || other.birth_place.is_empty() || one.birth_place == other.birth_place;
    one.has_full_traits()
        && other.has_full_traits()
        && a.birth_name == b.birth_name
        && a.first_name == b.first_name
        && a.birth_date == b.birth_date
        && one.sex == other.sex
        && given
        && place
}

fn is_same_or_empty(a: &str, b: &str) -> bool {
    a.is_empty() || b.is_empty() || a == b
}

fn is_swapped(a: &PatientKeys, b: &PatientKeys) -> bool {
    let crossed = |x: &str, y: &str| !x.is_empty() && x == y;
    let names = crossed(&a.birth_name, &b.used_name) || crossed(&a.used_name, &b.birth_name);
    names && is_same_or_empty(&a.first_name, &b.first_name)
        || crossed(&a.birth_name, &b.first_name) && crossed(&a.first_name, &b.birth_name)
}

fn is_near_date(a: &str, b: &str) -> bool {
    if a.is_empty() || b.is_empty() {
        return true;
    }
    if a.len() != b.len() {
        return a.starts_with(b) || b.starts_with(a);
    }
    let differing = a.chars().zip(b.chars()).filter(|(x, y)| x != y).count();
    differing == 1 || slipped_dates(a).iter().any(|d| d == b)
}

/// One slip of the keys in a short name, two in a long one; or all words of one are among those of the other.
fn is_near_name(a: &str, b: &str) -> bool {
    if a.is_empty() || b.is_empty() {
        return false;
    }
    let within = |x: &str, y: &str| x.split(' ').all(|w| y.split(' ').any(|other| w == other));
    if within(a, b) || within(b, a) {
        return true;
    }
    let (x, y): (Vec<char>, Vec<char>) = (a.chars().take(60).collect(), b.chars().take(60).collect());
    let allowed = if x.len().min(y.len()) > 6 { 2 } else { 1 };
    x.len().min(y.len()) > 2 && slips(&x, &y) <= allowed
}

/// Letters added, left out, changed, or two that changed places (optimal string alignment distance).
fn slips(a: &[char], b: &[char]) -> usize {
    let at = |s: &[char], i: usize| i.checked_sub(1).and_then(|i| s.get(i)).copied();
    let get = |row: &[usize], i: usize| row.get(i).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let cost = usize::from(at(a, i) != at(b, j));
            let mut best = (get(&last, j) + 1).min(get(&row, j - 1) + 1).min(get(&last, j - 1) + cost);
            if i > 1 && j > 1 && at(a, i) == at(b, j - 1) && at(a, i - 1) == at(b, j) {
                best = best.min(get(&before, j - 2) + 1);
            }
            row.push(best);
        }
        before = last;
        last = row;
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::patient::Sex;
    use crate::health::ins;

    const NIR: &str = "1.2.250.1.213.1.4.8";
    const INS: &str = "285041305501786";
    const OTHER: &str = "185057512345673";

    fn patient(birth: &str, used: &str, first: &str, date: &str, matricule: &str) -> Patient {
        Patient {
            name: format!("{birth} {first}"),
            birth_name: birth.to_owned(),
            used_name: used.to_owned(),
            first_name: first.to_owned(),
            birth_date: Some(date.to_owned()).filter(|d| !d.is_empty()),
            sex: Some(Sex::F),
            ins: ins::received(matricule, NIR).filter(|i| !i.matricule.is_empty()),
            ..Patient::default()
        }
    }

    #[test]
    fn likeness_is_told_by_what_is_the_same_and_what_slipped() {
        use Likeness as L;
        let known = patient("DUPONT", "MARTIN", "LEA", "1985-04-12", INS);
        let bare = patient("DUPONT", "MARTIN", "LEA", "1985-04-12", "");
        for (named, against, expected) in [
            // the same, whatever the spelling and the married name
            (patient("Dupont", "", "Léa", "1985-04-12", INS), &known, Some(L::Same)),
            (patient("DUPONT", "DURAND", "LEA", "1985-04-12", INS), &known, Some(L::Same)),
            // same INS, another trait
            (patient("DUPONT", "", "ANNE", "1985-04-12", INS), &known, Some(L::SameIns)),
            (patient("DUPONT", "", "LEA", "1985-04-13", INS), &known, Some(L::SameIns)),
            (patient("DUPONT", "", "LEA", "", INS), &known, Some(L::SameIns)),
            // no INS on one side
            (patient("DUPONT", "", "LEA", "1985-04-12", ""), &known, Some(L::SameTraits)),
            (patient("DUPONT", "", "LEA", "1985-04-12", INS), &bare, Some(L::SameTraits)),
            (patient("DUPONT", "", "", "1985-04-12", ""), &known, Some(L::SameTraits)),
            // another INS: a namesake born the same day, or an error
            (patient("DUPONT", "", "LEA", "1985-04-12", OTHER), &known, Some(L::OtherIns)),
            // twins are told apart by their INS
            (patient("DUPONT", "", "LENA", "1985-04-12", OTHER), &known, None),
            // names that changed places
            (patient("MARTIN", "", "LEA", "1985-04-12", ""), &known, Some(L::NamesSwapped)),
            (patient("MARTIN", "DUPONT", "LEA", "1985-04-12", ""), &known, Some(L::NamesSwapped)),
            (patient("LEA", "", "DUPONT", "1985-04-12", ""), &known, Some(L::NamesSwapped)),
            // dates
            (patient("DUPONT", "", "LEA", "1985-12-04", ""), &known, Some(L::NearDate)),
            (patient("DUPONT", "", "LEA", "1958-04-12", ""), &known, Some(L::NearDate)),
            (patient("DUPONT", "", "LEA", "1985-04-13", ""), &known, Some(L::NearDate)),
            (patient("DUPONT", "", "LEA", "1985", ""), &known, Some(L::NearDate)),
            (patient("DUPONT", "", "LEA", "", ""), &known, Some(L::NearDate)),
            (patient("DUPONT", "", "LEA", "1961-07-30", ""), &known, None),
            (patient("DUPONT", "", "ANNE", "1985-12-04", ""), &known, None),
            // names
            (patient("DUPOND", "", "LEA", "1985-04-12", ""), &known, Some(L::NearName)),
            (patient("DUPOTN", "", "LEA", "1985-04-12", ""), &known, Some(L::NearName)),
            (patient("DUPONT-MARTIN", "", "LEA", "1985-04-12", ""), &known, Some(L::NearName)),
            (patient("DUPONT", "", "LENA", "1985-04-12", ""), &known, Some(L::NearName)),
            (patient("LEROY", "", "LEA", "1985-04-12", ""), &known, None),
            (patient("DUPOND", "", "LEA", "1985-04-21", ""), &known, None),
        ] {
            assert_eq!(likeness(&named, against), expected, "{named:?}");
        }
        let subject = |name: &str, date: Option<&str>| Patient {
            name: name.to_owned(),
            birth_date: date.map(str::to_owned),
            ..Patient::default()
        };
        assert_eq!(likeness(&subject("DUPONT Léa", Some("1985-04-12")), &known), Some(L::Subject));
        assert_eq!(likeness(&subject("DUPONT Léa", Some("1985-04-13")), &known), None);
        assert_eq!(likeness(&subject("LEROY Léa", None), &known), None);
    }

    #[test]
    fn only_a_complete_identity_is_attached_or_made_by_itself() {
        let named = patient("DUPONT", "", "LEA", "1985-04-12", INS);
        let known = |id: u8, p: Patient| (id, p);
        let same = known(1, patient("DUPONT", "MARTIN", "LEA", "1985-04-12", INS));
        for (what, named, contradicted, others, expected) in [
            ("nobody is like them", named.clone(), false, vec![], Decision::Create),
            ("the same", named.clone(), false, vec![same.clone()], Decision::Attach(1)),
            (
                "two that were merged",
                named.clone(),
                false,
                vec![same.clone(), same.clone()],
                Decision::Attach(1),
            ),
            ("the message contradicts itself", named.clone(), true, vec![same.clone()], Decision::Ask),
            (
                "no INS",
                patient("DUPONT", "", "LEA", "1985-04-12", ""),
                false,
                vec![same.clone()],
                Decision::Ask,
            ),
            (
                "no INS and nobody like them",
                patient("LEROY", "", "ZOE", "1985-04-12", ""),
                false,
                vec![],
                Decision::Ask,
            ),
            (
                "a wrong key",
                patient("DUPONT", "", "LEA", "1985-04-12", "285041305501787"),
                false,
                vec![],
                Decision::Ask,
            ),
            (
                "same traits, no INS there",
                named.clone(),
                false,
                vec![known(2, patient("DUPONT", "", "LEA", "1985-04-12", ""))],
                Decision::Ask,
            ),
            (
                "the same, and somebody else with this INS",
                named.clone(),
                false,
                vec![same.clone(), known(2, patient("DUPONT", "", "ANNE", "1985-04-12", INS))],
                Decision::Ask,
            ),
            (
                "a namesake with an INS of their own",
                named.clone(),
                false,
                vec![known(2, patient("DUPONT", "", "LEA", "1985-04-12", OTHER))],
                Decision::Ask,
            ),
            (
                "a twin",
                named.clone(),
                false,
                vec![known(2, patient("DUPONT", "", "LENA", "1985-04-12", OTHER))],
                Decision::Create,
            ),
        ] {
            assert_eq!(decide(&named, contradicted, &others), expected, "{what}");
        }
    }

    #[test]
    fn differences_are_of_traits_both_give() {
        let one = patient("DUPONT", "", "LEA", "1985-04-12", INS);
        let other = patient("DUPONT", "MARTIN", "ANNE", "1985-04-12", OTHER);
        assert_eq!(differences(&one, &other), [Trait::FirstName, Trait::Ins]);
    }

    #[test]
    fn a_fingerprint_forgets_the_spelling_and_nothing_else() {
        let one = patient("D'ALMEIDA", "", "Zoé", "1985-04-12", INS);
        assert_eq!(fingerprint(&one), fingerprint(&patient("D ALMEIDA", "", "ZOE", "1985-04-12", INS)));
        assert_ne!(fingerprint(&one), fingerprint(&patient("D ALMEIDA", "", "ZOE", "1985-04-12", "")));
        assert_ne!(fingerprint(&one), fingerprint(&patient("D ALMEIDA", "", "ZOE", "1985-04-13", INS)));
    }

    #[test]
    fn dates_slip_by_places_only() {
        assert!(slipped_dates("1985-04-12").contains(&"1985-12-04".to_owned()));
        assert!(slipped_dates("1985-04-12").contains(&"1958-04-12".to_owned()));
        assert!(!slipped_dates("1985-04-12").contains(&"1985-04-12".to_owned()));
        assert!(slipped_dates("1985").is_empty());
    }
}
