//! Fictitious patients, two pairs of homonyms among them.

use crate::health::document::Patient;
use crate::health::ins;

/// Birth name, given name, birth date, sex F.
type Row = (&'static str, &'static str, (u16, u8, u8), bool);

#[rustfmt::skip]
const PATIENTS: &[Row] = &[
    ("DUPONT", "Léa", (1984, 2, 3), true),
    ("DURAND", "Paul", (1978, 11, 26), false),
    ("MOREAU", "Inès", (2019, 7, 14), true),
    ("GARNIER", "Louis", (1947, 1, 9), false),
    ("ROUX", "Camille", (1990, 5, 30), true),
    ("LAMBERT", "Hélène", (1996, 8, 5), true),
    ("BONNET", "Étienne", (1962, 1, 8), false),
    ("FRANCOIS", "Yvette", (1977, 2, 9), true),
    ("MARTINEZ", "Maxime", (1991, 5, 7), false),
    ("LEGRAND", "Lucie", (2008, 2, 28), true),
    ("GIRARD", "Théo", (2014, 3, 8), false),
    ("ANDRE", "Sylvie", (1995, 1, 10), true),
    ("LEFEVRE", "René", (2009, 7, 14), false),
    ("MERCIER", "Yvette", (1969, 4, 10), true),
    ("BLANC", "Lucas", (1938, 8, 21), false),
    ("GUERIN", "Rose", (2024, 12, 11), true),
    ("BOYER", "Noé", (1934, 4, 21), false),
    ("CHEVALIER", "Lucie", (1950, 7, 24), true),
    ("GAUTHIER", "Michel", (1970, 1, 23), false),
    ("PERRIN", "Anaïs", (1937, 3, 10), true),
    ("ROBIN", "Gabriel", (1960, 5, 24), false),
    ("CLEMENT", "Anaïs", (1951, 5, 11), true),
    ("MORIN", "Gabriel", (2016, 5, 20), false),
    ("NICOLAS", "Monique", (1988, 5, 13), true),
    ("HENRY", "Hugo", (1990, 6, 2), false),
    ("ROUSSEL", "Sylvie", (1965, 10, 4), true),
    ("MATHIEU", "Michel", (1944, 1, 2), false),
    ("MASSON", "Monique", (2000, 10, 2), true),
    ("MARCHAND", "Lucas", (1975, 2, 27), false),
    ("DUVAL", "Zoé", (2016, 8, 7), true),
    ("DENIS", "Lucas", (1974, 4, 14), false),
    ("DUMONT", "Rose", (1944, 4, 2), true),
    ("LEMAIRE", "Marcel", (1931, 4, 25), false),
    ("NOEL", "Anaïs", (1937, 1, 11), true),
    ("MEYER", "Lucas", (2015, 8, 13), false),
    ("DUFOUR", "Yvette", (2003, 6, 10), true),
    ("MEUNIER", "Marcel", (1975, 4, 21), false),
    ("BRUN", "Hélène", (1981, 8, 3), true),
    ("BLANCHARD", "Gérard", (1957, 10, 5), false),
    ("JOLY", "Chloé", (2007, 3, 23), true),
    ("RIVIERE", "Gérard", (2020, 7, 7), false),
    ("LUCAS", "Jeanne", (1955, 10, 9), true),
    ("BRUNET", "Lucas", (1933, 4, 6), false),
    ("GAILLARD", "Rose", (2011, 9, 15), true),
    ("BARBIER", "Michel", (1992, 8, 18), false),
    ("ARNAUD", "Lucie", (1957, 2, 25), true),
    ("GERARD", "Mathis", (1976, 2, 3), false),
    ("RENARD", "Zoé", (1977, 5, 13), true),
    ("SCHMITT", "Michel", (1984, 2, 4), false),
    ("LEROUX", "Fatima", (2013, 7, 28), true),
    ("COLIN", "René", (1952, 11, 10), false),
    ("VIDAL", "Françoise", (1986, 9, 6), true),
    ("CARON", "Jean-Pierre", (1941, 6, 16), false),
    ("PICARD", "Jeanne", (2006, 12, 6), true),
    ("FABRE", "Michel", (1930, 8, 26), false),
    ("AUBERT", "Manon", (2020, 9, 8), true),
    ("LEMOINE", "Théo", (1987, 3, 28), false),
    ("DIALLO", "Anaïs", (1993, 9, 15), true),
    ("NGUYEN", "Mamadou", (2009, 10, 20), false),
    ("BENAMAR", "Lucie", (1972, 11, 11), true),
    ("DUPONT", "Léa", (1996, 8, 17), true),
    ("DURAND", "Paul", (1951, 4, 2), false),
];

/// How many there are.
pub(super) const COUNT: usize = PATIENTS.len();

/// Patient `n`, counted round; the first five are those of the newest messages.
pub(super) fn patient(n: usize) -> Patient {
    let row = PATIENTS.get(n % COUNT).or(PATIENTS.first());
    let (birth_name, given_name, born, female) =
        row.copied().unwrap_or(("ESSAI", "Alix", (1980, 1, 1), true));
    let (year, month, _) = born;
    // department 99 and town 999 belong to nobody born in France
    let sex = if female { 2 } else { 1 };
    let number = format!("{sex}{:02}{month:02}99999{:03}", year % 100, n % COUNT + 1);
    let key = ins::key(&number).unwrap_or(0);
    Patient {
        birth_name: birth_name.to_owned(),
        given_name: given_name.to_owned(),
        born,
        female,
        matricule: format!("{number}{key:02}"),
        oid: ins::OID_NIR_TEST.to_owned(),
    }
}

/// `Madame`, `Monsieur`, or the child's way.
pub(super) fn civil(patient: &Patient, year: u16) -> &'static str {
    match (year.saturating_sub(patient.born.0) < 16, patient.female) {
        (true, true) => "l'enfant",
        (true, false) => "le jeune",
        (false, true) => "Madame",
        (false, false) => "Monsieur",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matricules_have_a_right_key_and_are_all_different() {
        let mut seen = std::collections::HashSet::new();
        for n in 0..COUNT {
            let p = patient(n);
            let (number, key) = p.matricule.split_at(13);
            assert_eq!(format!("{:02}", ins::key(number).unwrap()), key, "{p:?}");
            assert!(seen.insert(p.matricule));
        }
    }
}
