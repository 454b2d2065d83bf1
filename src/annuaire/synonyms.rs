//! What people type for what the labels say. Words are added to the index where the label's word stands, so that they
//! complete as one types like any other.

/// Folded word of a label, words to add.
const TABLE: &[(&str, &[&str])] = &[
    ("infirmier", &["infirmiere", "ide"]),
    ("medecin", &["docteur"]),
    ("pharmacien", &["pharmacienne", "pharmacie"]),
    ("pharmacie", &["pharmacien", "officine"]),
    ("officine", &["pharmacie"]),
    ("masseur", &["kine", "mk", "mkde"]),
    ("sage", &["sagefemme", "maieuticien", "maieuticienne"]),
    ("dentiste", &["dentaire"]),
    ("dentaire", &["dentiste"]),
    ("chirurgie", &["chirurgien", "chirurgienne"]),
    ("chirurgicale", &["chirurgie"]),
    ("neurochirurgie", &["neurochirurgien"]),
    ("neuro", &["neurologue", "neurochirurgien"]),
    ("pediatrie", &["pediatre"]),
    ("pediatrique", &["pediatre"]),
    ("psychiatrie", &["psychiatre", "psy"]),
    ("enfant", &["pedopsychiatre", "pedopsychiatrie"]),
    ("psychologue", &["psy"]),
    ("psychotherapeute", &["psy"]),
    ("geriatrie", &["geriatre"]),
    ("anesthesie", &["anesthesiste"]),
    ("reanimation", &["reanimateur", "rea"]),
    ("urgence", &["urgences", "urgentiste", "sau"]),
    ("urgences", &["urgence", "sau"]),
    ("radio", &["radiologie", "radiologue", "imagerie"]),
    ("radiodiagnostic", &["radiologie", "radiologue", "imagerie"]),
    ("radiologie", &["imagerie"]),
    ("imagerie", &["radio", "radiologie"]),
    ("biologie", &["laboratoire", "labo", "biologiste"]),
    ("laboratoire", &["biologie", "labo"]),
    ("cardiovasculaire", &["cardiologie", "cardiologue"]),
    ("oto", &["orl"]),
    ("orl", &["otorhino"]),
    ("oncologie", &["cancerologie", "cancerologue"]),
    ("gastro", &["gastroenterologue"]),
    ("ophtalmologie", &["ophtalmologiste", "ophtalmo"]),
    ("orthopedique", &["orthopediste", "orthopedie"]),
    ("chu", &["hopital"]),
    ("ch", &["hopital"]),
    ("hospitalier", &["hopital"]),
    ("ehpad", &["retraite"]),
    ("msp", &["maison", "sante"]),
];

/// Codes of savoir-faire that all mean general practitioner.
pub(super) const GENERAL_PRACTICE: [&str; 3] = ["SM26", "SM53", "SM54"];

/// Words to add beside a folded word of a profession, specialty, structure or service.
pub(super) fn of_word(word: &str, add: &mut dyn FnMut(&str)) {
    if let Some((_, more)) = TABLE.iter().find(|(label, _)| *label == word) {
        more.iter().for_each(|w| add(w));
    }
    if let Some(stem) = word.strip_suffix("logie") {
        add(&format!("{stem}logue"));
    }
}

/// Words to add for a code of savoir-faire.
pub(super) fn of_code(code: &str) -> &'static [&'static str] {
    if GENERAL_PRACTICE.contains(&code) { &["generaliste", "mg", "omnipraticien"] } else { &[] }
}
