//! The patient a subject names. Only a subject of XDM has a form that says so; letters written by hand end with the name
//! all the same, and a row that cuts it off hides what the practitioner sorts by.

use super::{Envelope, MessageRow};
use crate::domain::UnixTime;
use crate::domain::patient::PatientHint;

/// Most words of a name.
const LONGEST_NAME: usize = 6;

/// Splits a subject of the form `XDM/1.0/DDM+<label> <NOM> <prénom> <JJ/MM/AAAA>` into what to show and the patient.
/// Any other subject comes back unchanged. `Re:`/`Tr:` prefixes before the marker are kept.
/// Source: Référentiel #2 ECO.2.1.3 and ECO.3.1.3 (the prefix is never shown).
pub fn split_subject(subject: &str) -> (String, Option<PatientHint>) {
    const MARK: &str = "XDM/1.0/DDM";
    let Some((before, after)) = subject.split_once(MARK) else {
        return (subject.trim().to_owned(), None);
    };
    let rest = after.trim_start_matches(['+', ' ']).trim();
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    let is_date = |w: &str| {
        let b = w.as_bytes();
        b.len() == 10
            && b.iter()
                .enumerate()
                .all(|(i, c)| if i == 2 || i == 5 { *c == b'/' } else { c.is_ascii_digit() })
    };
    let birth_date = words.pop_if(|w| is_date(w)).map(str::to_owned);
    let (label, name) = words.split_at(start_of_name(&words));
    let (label, name) = (label.join(" "), name.join(" "));
    let shown = format!("{}{}", before, if label.is_empty() { rest } else { &label }).trim().to_owned();
    let patient = (!name.is_empty()).then_some(PatientHint { name, birth_date });
    (shown, patient)
}

/// Where the patient's name begins in the words of a subject; their number when there is none. The label before it is
/// free text, so: the birth name is the last run of words in capitals, and the given name what follows.
fn start_of_name(words: &[&str]) -> usize {
    /// Documents and examinations that labels name in capitals.
    const ABBREVIATIONS: &[&str] = &[
        "ALD", "AVC", "BPCO", "CR", "CRH", "CRO", "CRP", "DLU", "ECBU", "ECG", "EEG", "EFR", "EHPAD", "EMG",
        "ETT", "HAD", "HDL", "HTA", "INR", "IRM", "LDL", "MAPA", "NFS", "PDF", "PSA", "RCP", "RX", "SMR",
        "SSR", "TDM", "TEP", "TP", "TSH", "VHB", "VHC", "VIH", "VS", "VSM",
    ];
    let capital = |w: &&str| {
        let letters = w.chars().filter(|c| c.is_alphabetic()).count();
        letters > 1 && !w.chars().any(|c| c.is_lowercase() || c.is_ascii_digit())
    };
    // D ALMEIDA, L HERMITE, O NEILL
    let of_name = |w: &&str| capital(w) || matches!(*w, "D" | "L" | "O");
    let Some(last) = words.iter().rposition(|w| capital(w) && !ABBREVIATIONS.contains(w)) else {
        return words.len();
    };
    // a comma ends the label, but may stand between birth name and given name
    let ends_label = |w: &&str| w.ends_with([',', ':', ';']);
    let before = words.iter().take(last).rposition(|w| !of_name(w) || ends_label(w));
    let start = before.map_or(0, |i| i + 1);
    let run = words.iter().take(last).skip(start);
    start + run.take_while(|w| ABBREVIATIONS.contains(w)).count()
}

/// The patient the subject of a message names, in either form: a hint, for somebody to choose by, never an identity.
pub fn named_in_subject(envelope: &Envelope) -> Option<PatientHint> {
    let (shown, hint) = split_subject(&envelope.subject);
    hint.or_else(|| patient_at_end(&shown, year_at(envelope.date?)).map(|(_, patient)| patient))
}

impl MessageRow {
    /// As [`named_in_subject`].
    pub fn named_patient(&self) -> Option<PatientHint> {
        let at_end = || patient_at_end(&self.subject, year_at(self.date)).map(|(_, patient)| patient);
        self.patient.clone().or_else(at_end)
    }

    /// The subject without the patient at its end, and the patient, where it is no subject of XDM.
    pub fn subject_and_patient(&self) -> (&str, Option<PatientHint>) {
        match patient_at_end(&self.subject, year_at(self.date)).filter(|_| self.patient.is_none()) {
            Some((before, patient)) => (before, Some(patient)),
            None => (&self.subject, self.patient.clone()),
        }
    }
}

fn year_at(time: UnixTime) -> i32 {
    let at = jiff::Timestamp::from_second(time).unwrap_or_default();
    i32::from(at.to_zoned(jiff::tz::TimeZone::UTC).year())
}

/// What a subject says before ` NOM Prénom JJ/MM/AAAA`, and the name; `None` unless the subject ends so and the date is
/// before `year`, that of the message: a later one is an appointment.
fn patient_at_end(subject: &str, year: i32) -> Option<(&str, PatientHint)> {
    let (before, date) = subject.trim_end().rsplit_once(' ')?;
    if year_of(date)? >= year {
        return None;
    }
    let mut start = before.len();
    let (mut given, mut family) = (0, 0);
    for word in before.rsplit(' ').take(LONGEST_NAME) {
        let capital = is_capital(word);
        if !capital && (family > 0 || !begins_with_capital(word)) {
            break;
        }
        if capital {
            family += 1
        } else {
            given += 1
        }
        start = start.saturating_sub(word.len() + 1);
    }
    let name = before.get(start..)?.trim();
    let shown = before.get(..start)?.trim_end_matches([' ', '-', '–', ':', '·', ',']);
    let is_whole = family > 0 && given > 0 && !shown.is_empty();
    is_whole.then(|| (shown, PatientHint { name: name.to_owned(), birth_date: Some(date.to_owned()) }))
}

fn is_capital(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().all(|c| c.is_uppercase() || matches!(c, '-' | '\'' | '’'))
}

fn begins_with_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase) && word.chars().skip(1).all(|c| !c.is_numeric())
}

/// The year of `JJ/MM/AAAA`.
fn year_of(date: &str) -> Option<i32> {
    let mut parts = date.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str, length: usize| {
        (text.len() == length && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<i32>().ok())?
    };
    let (day, month, year) = (number(day, 2)?, number(month, 2)?, number(year, 4)?);
    let is_date = (1..=31).contains(&day) && (1..=12).contains(&month) && parts.next().is_none();
    is_date.then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_at_the_end_of_a_subject_is_shown_apart() {
        for (subject, shown, name) in [
            ("Suivi de plaie, photos - GARNIER Louis 09/01/1947", "Suivi de plaie, photos", "GARNIER Louis"),
            ("CR de consultation LAMBERT Hélène 05/08/1996", "CR de consultation", "LAMBERT Hélène"),
            ("Bilan : LE GALL Jean-Marc 01/02/1950", "Bilan", "LE GALL Jean-Marc"),
        ] {
            let (before, patient) = patient_at_end(subject, 2026).unwrap();
            assert_eq!((before, patient.name.as_str()), (shown, name), "{subject}");
        }
    }

    #[test]
    fn a_subject_that_does_not_end_with_a_name_and_a_birth_date_stays_whole() {
        for subject in [
            "Intervention pharmaceutique - MARCHAND Lucas",
            "RDV IRM Lyon 05/08/2026",
            "réunion du 05/08/1996",
            "Compte rendu ECG 05/08/1996",
            "GARNIER Louis 09/01/1947",
            "LEROY Anne 99/99/1947",
            "",
            " 09/01/1947",
            "é 09/01/1947",
        ] {
            assert_eq!(patient_at_end(subject, 2026), None, "{subject}");
        }
    }

    #[test]
    fn the_xdm_prefix_is_hidden_and_the_patient_read() {
        for (subject, shown, patient) in [
            (
                "XDM/1.0/DDM+CR d'examens biologiques VIAL Paul 26/11/1978",
                "CR d'examens biologiques",
                Some(("VIAL Paul", Some("26/11/1978"))),
            ),
            (
                "XDM/1.0/DDM+2 documents VIAL Paul 26/11/1978",
                "2 documents",
                Some(("VIAL Paul", Some("26/11/1978"))),
            ),
            (
                "Re: XDM/1.0/DDM+Lettre de sortie LE GALL Jean-Marie",
                "Re: Lettre de sortie",
                Some(("LE GALL Jean-Marie", None)),
            ),
            ("Avis demandé", "Avis demandé", None),
            (
                "XDM/1.0/DDM+Bilan : NFS, CRP DUPONT Lea 01/02/1980",
                "Bilan : NFS, CRP",
                Some(("DUPONT Lea", Some("01/02/1980"))),
            ),
            ("XDM/1.0/DDM+CR IRM DUPONT MARTIN Lea", "CR IRM", Some(("DUPONT MARTIN Lea", None))),
            ("XDM/1.0/DDM+Note, SOINS, DUPONT, Lea", "Note, SOINS,", Some(("DUPONT, Lea", None))),
            ("XDM/1.0/DDM+Vitamine B12 D ALMEIDA Rui", "Vitamine B12", Some(("D ALMEIDA Rui", None))),
            ("XDM/1.0/DDM+CR", "CR", None),
            ("XDM/1.0/DDM+ 01/02/1980", "01/02/1980", None),
            (
                "[KO Intégration système !][902] XDM/1.0/DDM+VSM DUPONT Lea",
                "[KO Intégration système !][902] VSM",
                Some(("DUPONT Lea", None)),
            ),
            ("Envoi XDM/1.0 simple", "Envoi XDM/1.0 simple", None),
            ("XDM/1.0/DDM", "", None),
        ] {
            let (s, p) = split_subject(subject);
            assert_eq!(s, shown, "{subject}");
            let p = p.map(|p| (p.name, p.birth_date));
            assert_eq!(p, patient.map(|(n, d)| (n.to_owned(), d.map(str::to_owned))), "{subject}");
        }
    }

    #[test]
    fn a_message_names_its_patient_in_either_form_of_subject() {
        // 2026-03-12
        let of = |subject: &str, date| {
            let envelope = Envelope { subject: subject.to_owned(), date, ..Envelope::default() };
            named_in_subject(&envelope).map(|p| (p.name, p.birth_date.unwrap_or_default()))
        };
        let sent = Some(1_773_310_000);
        let garnier = Some(("GARNIER Louis".to_owned(), "09/01/1947".to_owned()));
        assert_eq!(of("Re: XDM/1.0/DDM+CR GARNIER Louis 09/01/1947", None), garnier);
        assert_eq!(of("Re: Suivi de plaie - GARNIER Louis 09/01/1947", sent), garnier);
        // an appointment, not a birth date; and nobody knows without the date of the message
        assert_eq!(of("Convocation GARNIER Louis 09/01/2027", sent), None);
        assert_eq!(of("Suivi - GARNIER Louis 09/01/1947", None), None);
    }
}
