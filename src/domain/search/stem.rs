//! Light stemming of French: the other forms a word may have in a text.
//!
//! Only number, gender and the plain verb endings are undone; a word keeps its meaning. Words with the same stem are
//! looked for as they stand, so that a stem never finds a longer word that only begins like it.

/// Endings that stand for each other after the same beginning of at least so many letters. The first family one of
/// whose endings fits, longest ending first, is taken together with the plain ones below.
const FAMILIES: &[(usize, &[&str])] = &[
    // opérateur, opératrice
    (3, &["ateur", "atrice", "ateurs", "atrices"]),
    // osseux, osseuse; porteur, porteuse
    (3, &["eux", "euse", "euses"]),
    (4, &["eur", "euse", "eurs", "euses"]),
    // positif, positive
    (3, &["if", "ive", "ifs", "ives"]),
    // anormal, anormaux
    (3, &["al", "ale", "aux", "ales"]),
    // artériel, artérielle
    (4, &["iel", "ielle", "iels", "ielles"]),
    // ancien, ancienne
    (3, &["ien", "ienne", "iens", "iennes"]),
    // régulier, régulière
    (3, &["ier", "iere", "iers", "ieres"]),
    // traité, traitée, traiter
    (4, &["e", "ee", "es", "ees", "er", "ent"]),
    // eau, eaux; caillou, cailloux
    (3, &["eau", "eaux"]),
    (3, &["ou", "oux", "ous"]),
    (3, &["eu", "eux"]),
];

/// Number and gender of most words.
const PLURAL: (usize, &[&str]) = (3, &["", "s"]);
const GENDER: (usize, &[&str]) = (4, &["", "s", "e", "es"]);

/// Longest word that is stemmed; nothing longer is French.
const LONGEST: usize = 30;

/// Other forms of a folded word, without the word itself, sorted; none for what is short, holds digits or is long.
pub fn forms(word: &str) -> Vec<String> {
    let mut found = Vec::new();
    if word.len() <= LONGEST && word.bytes().all(|b| b.is_ascii_lowercase()) {
        for family in FAMILIES.iter().chain([&PLURAL, &GENDER]) {
            add(word, *family, &mut found);
        }
    }
    found.sort();
    found.dedup();
    found.retain(|form| form != word);
    found
}

fn add(word: &str, (least, endings): (usize, &[&str]), found: &mut Vec<String>) {
    // the longest ending tells the beginning: "anormales" is anorm-ales, not anormale-s
    let mut fitting: Vec<&&str> = endings.iter().filter(|ending| word.ends_with(**ending)).collect();
    fitting.sort_by_key(|ending| std::cmp::Reverse(ending.len()));
    let beginning = fitting
        .into_iter()
        .filter_map(|ending| word.strip_suffix(*ending))
        .find(|beginning| beginning.len() >= least);
    if let Some(beginning) = beginning {
        found.extend(endings.iter().map(|ending| format!("{beginning}{ending}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_find_each_other() {
        for family in [
            &["bilan", "bilans"][..],
            &["patient", "patients", "patiente", "patientes"],
            &["anormal", "anormale", "anormaux", "anormales"],
            &["renal", "renale", "renaux", "renales"],
            &["osseux", "osseuse", "osseuses"],
            &["positif", "positive", "positifs", "positives"],
            &["ancien", "ancienne", "anciens", "anciennes"],
            &["regulier", "reguliere", "reguliers", "regulieres"],
            &["arteriel", "arterielle", "arteriels", "arterielles"],
            &["operateur", "operatrice", "operateurs", "operatrices"],
            &["traite", "traitee", "traites", "traitees", "traiter"],
            &["resultat", "resultats"],
            &["examen", "examens"],
            &["douleur", "douleurs"],
            &["foie", "foies"],
            &["oedeme", "oedemes"],
            &["vaisseau", "vaisseaux"],
            &["caillou", "cailloux"],
            &["leucocyte", "leucocytes"],
        ] {
            for word in family {
                let forms = forms(word);
                for other in family.iter().filter(|other| *other != word) {
                    assert!(
                        forms.iter().any(|form| form == other),
                        "{word} does not find {other}: {forms:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn words_of_other_meanings_do_not_find_each_other() {
        for (word, other) in [
            ("traitement", "traite"),
            ("portable", "portes"),
            ("hepatite", "hepatique"),
            ("cardiaque", "cardiologue"),
            ("rein", "reins-bas"),
            ("pied", "pieds-noirs"),
            ("cas", "ca"),
            ("os", "o"),
            ("main", "maintien"),
        ] {
            assert!(!forms(word).iter().any(|form| form == other), "{word} finds {other}");
            assert!(!forms(other).iter().any(|form| form == word), "{other} finds {word}");
        }
    }

    #[test]
    fn codes_short_words_and_long_ones_have_one_form() {
        for word in ["crp", "b12", "1234567", "os", "", "hba1c", &"a".repeat(31), "éte"] {
            let forms = forms(word);
            assert!(forms.is_empty() || word == "crp", "{word}: {forms:?}");
        }
        assert!(forms(&"a".repeat(30)).len() < 40);
    }
}
