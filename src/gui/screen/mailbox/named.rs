//! A patient named at the end of an ordinary subject. Only a subject of XDM has a form that says so; letters written by
//! hand end with the name all the same, and a row that cuts it off hides what the practitioner sorts by.

use crate::domain::patient::PatientHint;

/// Most words of a name.
const LONGEST_NAME: usize = 6;

/// What a subject says before ` NOM Prénom JJ/MM/AAAA`, and the name; `None` unless the subject ends so and the date is
/// before `year`, that of the message: a later one is an appointment.
pub(super) fn patient_at_end(subject: &str, year: i32) -> Option<(&str, PatientHint)> {
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
}
