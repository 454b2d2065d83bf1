//! What is asked of a directory, and what its entries mean.

use super::*;

fn settings() -> LdapSettings {
    LdapSettings::new("ldaps://annuaire.example".parse().unwrap())
}

/// The alternatives for each word.
fn asked(text: &str, spelling: Spelling) -> Vec<Vec<Filter>> {
    let words = words(text).unwrap_or_else(|| panic!("{text}: nothing is asked"));
    let Filter::All(all) = filter(&settings(), &words, spelling) else { panic!("{text}: no conjunction") };
    assert_eq!(all[0], Filter::Present("mail".to_owned()));
    let any = |part: &Filter| match part {
        Filter::Any(any) => any.clone(),
        other => panic!("{other:?}"),
    };
    all[1..].iter().map(any).collect()
}

#[test]
fn each_word_may_begin_any_word_of_a_name_in_both_spellings() {
    let words = asked("Hélène st-malo", Spelling::Typed);
    assert_eq!(words.len(), 3);
    for (word, spelling) in [(0, "Hélène"), (0, "helene"), (1, "st"), (1, "saint"), (2, "malo")] {
        assert!(words[word].contains(&Filter::Begins("sn".into(), spelling.into())), "{spelling}");
        assert!(
            words[word].contains(&Filter::Contains("l".into(), vec![format!("-{spelling}")])),
            "{spelling}"
        );
    }
    let pieces = |word: &str| word.split('*').map(str::to_owned).collect::<Vec<_>>();
    let words = asked("francois œuf", Spelling::Unaccented);
    assert!(words[0].contains(&Filter::Contains("givenName".into(), pieces("fr*n*s"))), "{words:?}");
    assert!(words[1].contains(&Filter::Contains("sn".into(), pieces("f"))), "{words:?}");
}

#[test]
fn numbers_and_addresses_are_asked_for_as_such() {
    let numbers = asked("999 0000 0101", Spelling::Typed);
    assert_eq!(numbers.len(), 1);
    assert!(numbers[0].contains(&Filter::Begins("IdentifiantPP".into(), "99900000101".into())));
    let address = words(" Anne@Medecin.MSSante.example ").unwrap();
    let address = filter(&settings(), &address, Spelling::Typed);
    assert_eq!(address, Filter::Is("mail".into(), "Anne@medecin.mssante.example".into()));
}

#[test]
fn nothing_is_asked_for_what_has_no_words_and_signs_are_no_part_of_a_question() {
    for empty in ["", " ", "*", "()", "a", "\u{202e}"] {
        assert_eq!(words(empty), None, "{empty}");
    }
    for text in ["*)(mail=*", "le\u{0}gall\\", "a*b"] {
        for part in asked(text, Spelling::Typed).concat() {
            let Filter::Begins(_, value) = part else { continue };
            assert!(value.chars().all(char::is_alphanumeric), "{value}");
        }
    }
    assert_eq!(asked(&"mot ".repeat(100), Spelling::Typed).len(), MOST_WORDS);
}

#[test]
fn an_attribute_the_directory_has_not_is_not_asked_for() {
    let mut settings = settings();
    settings.attributes.set(LdapField::Profession, "").unwrap();
    settings.attributes.set(LdapField::City, "ville").unwrap();
    let text = format!("{:?}", filter(&settings, &words("brest").unwrap(), Spelling::Typed));
    assert!(text.contains("\"ville\"") && !text.contains("\"l\"") && !text.contains("profession"), "{text}");
}

#[test]
fn the_national_identifier_has_the_digit_of_its_kind() {
    for (kind, number, expected) in [
        ("8", "99900000101", Some("899900000101")),
        ("8", "899900000101", Some("899900000101")),
        ("", "99900000101", Some("899900000101")),
        ("0", "291000001", Some("0291000001")),
        ("RPPS", "99900000101", None),
        ("", "291000001", None),
        ("8", "", None),
        ("8", "9990000010\u{202e}", None),
    ] {
        assert_eq!(person_number(kind, number).as_deref(), expected, "{kind} {number}");
    }
}
