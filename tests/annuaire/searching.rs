use super::*;

#[test]
fn words_are_found_in_any_order_begun_without_accents_and_in_any_spelling() {
    let annuaire = loaded();
    for (text, n) in [
        ("lefevre", 10),
        ("LEFÈVRE hélène", 10),
        ("hel lef", 10),
        ("lefe\u{300}vre", 10),
        ("cœur", 11),
        ("coeur laetitia", 11),
        ("delafontaine", 6),
        ("de la fontaine", 6),
        ("fontaine sophie", 6),
        ("lafontaine", 6),
        ("lebihan yann", 7),
        ("le bihan yann", 7),
        ("le bihan erwan", 8),
        ("lebihan e", 8),
        ("d aubigny", 9),
        ("d'aubigny", 9),
        ("d’Aubigny", 9),
        ("daubigny", 9),
        ("jeanpierre", 9),
        ("jean pierre", 9),
        ("jean-pierre", 9),
        ("st martin jean", 5),
        ("saint-martin", 5),
        ("saintmartin", 5),
        ("ndiaye", 19),
        ("n'diaye", 19),
        ("dr moreau", 16),
        ("docteur moreau", 16),
    ] {
        assert_eq!(keys(&annuaire, text).first(), Some(&person(n)), "{text}");
    }
}

#[test]
fn what_people_say_finds_what_the_labels_say() {
    let annuaire = loaded();
    for (text, n) in [
        ("cardio", 1),
        ("cardiologue", 1),
        ("kine", 12),
        ("kiné petit", 12),
        ("kinésithérapeute", 12),
        ("dermato", 6),
        ("dermatologue", 6),
        ("ophtalmo", 9),
        ("ophtalmologiste", 9),
        ("gyneco", 10),
        ("gynécologue", 10),
        ("pediatre", 7),
        ("psy", 8),
        ("psychiatre", 8),
        ("radio renault", 17),
        ("radiologue renault", 17),
        ("imagerie coeur", 11),
        ("sage femme", 14),
        ("sage-femme", 14),
        ("dentiste", 15),
        ("pharmacien roux", 13),
        ("pharmacie roux", 13),
        ("urgentiste", 16),
        ("orl", 18),
        ("anesthésiste", 19),
        ("pneumologue", 20),
    ] {
        assert!(keys(&annuaire, text).contains(&person(n)), "{text}: {:?}", keys(&annuaire, text));
    }
    for text in ["généraliste", "mg", "generalis"] {
        let mut found = keys(&annuaire, text);
        found.sort();
        assert_eq!(found, [person(2), person(4), person(5)], "{text}");
    }
    let nurses = keys(&annuaire, "infirmière");
    assert_eq!(nurses.len(), 4);
    assert_eq!(keys(&annuaire, "ide"), nurses);
    assert_eq!(keys(&annuaire, "labo dax"), ["resultats.dax@bio-girard.mssante.example"]);
    assert!(
        keys(&annuaire, "urgences bordeaux")
            .contains(&"secretariat.urgences@chu-bordeaux.mssante.example".to_owned())
    );
}

#[test]
fn homonyms_are_all_shown_and_whole_words_come_before_words_begun() {
    let annuaire = loaded();
    assert_eq!(keys(&annuaire, "marie martin"), [person(1), person(2), person(3)]);
    let martins = keys(&annuaire, "martin");
    let place = |n| martins.iter().position(|k| *k == person(n)).unwrap();
    assert!([1, 2, 3, 5].iter().all(|n| place(*n) < place(4)), "{martins:?}");
    assert_eq!(martins, keys(&annuaire, "martin"), "the order is stable");
    let girards = keys(&annuaire, "girard");
    assert_eq!(girards.first(), Some(&person(20)));
    assert_eq!(girards.last(), Some(&person(24)));
}

#[test]
fn places_services_addresses_and_numbers_are_found() {
    let annuaire = loaded();
    let cardiology = "cardiologie@chu-bordeaux.mssante.example".to_owned();
    for text in [
        "bordeaux cardiologie",
        "33000 cardio",
        "33 cardiologie",
        "chu bordeaux cardio",
        "hopital bordeaux cardio",
    ] {
        let found = keys(&annuaire, text);
        assert!(found.contains(&cardiology) && found.contains(&person(1)), "{text}: {found:?}");
    }
    assert_eq!(keys(&annuaire, "bordeaux cedex moreau"), [person(16)]);
    assert_eq!(keys(&annuaire, "974"), [person(20)]);
    assert_eq!(keys(&annuaire, "saintdenis"), [person(20)]);
    assert_eq!(keys(&annuaire, "ste anne 2A"), ["clinique@ste-anne.mssante.example"]);
    assert_eq!(keys(&annuaire, "Marie.Martin2@medecin.mssante.example").first(), Some(&person(2)));
    assert_eq!(keys(&annuaire, "marie.martin2@medecin.mssante.fr").first(), Some(&person(2)));
    for text in ["99900000012", "899900000012", "999 0000 0012"] {
        assert_eq!(keys(&annuaire, text), [person(12)], "{text}");
    }
    assert_eq!(keys(&annuaire, "9990000001").len(), 10);
}

#[test]
fn filters_narrow_and_the_limit_is_kept() {
    let annuaire = loaded();
    let find = |query: Query| {
        let answer = annuaire.search(&query).unwrap();
        (answer.people.into_iter().map(|p| p.key).collect::<Vec<_>>(), answer.more)
    };
    let martin = query("martin");
    let by = |p: &str| find(Query { profession: Some(p.to_owned()), ..martin.clone() }).0;
    assert_eq!(by("infirmier"), [person(3)]);
    assert_eq!(by("Médecin").len(), 4);
    let cardio =
        Query { specialty: Some("Cardiologie et maladies vasculaires".to_owned()), ..martin.clone() };
    assert_eq!(find(cardio).0, [person(1)]);
    assert_eq!(find(Query { specialty: Some("SM26".to_owned()), ..Query::default() }).0, [person(2)]);
    for place in ["Bordeaux", "33000", "33", "bordeaux cedex"] {
        assert_eq!(find(Query { place: Some(place.to_owned()), ..martin.clone() }).0, [person(1)], "{place}");
    }
    let (two, more) = find(Query { limit: 2, ..martin.clone() });
    assert_eq!((two, more), (vec![person(1), person(2)], true));
    assert!(!find(Query { limit: 6, ..martin }).1);
    assert_eq!(find(query("")), (vec![], false));
    assert_eq!(find(query(" -'\" ")), (vec![], false));
}

#[test]
fn a_person_has_all_mailboxes_and_specialties_once() {
    let annuaire = loaded();
    let marie = annuaire.by_rpps("99900000001").unwrap().unwrap();
    assert_eq!(marie.display_name(), "Dr Marie MARTIN");
    assert_eq!(marie.mailboxes.len(), 2);
    let hospital = &marie.mailboxes[1];
    assert_eq!((hospital.city.as_str(), hospital.service.as_str()), ("BORDEAUX", "CARDIOLOGIE"));
    assert_eq!(marie.specialties, ["Cardiologie et maladies vasculaires"]);
    let lea = annuaire.by_address("LEA.Girard@medecin.mssante.example").unwrap().unwrap();
    assert_eq!((lea.mailboxes.len(), lea.specialties.len()), (1, 2));
    assert_eq!(annuaire.by_key(&lea.key).unwrap(), Some(lea));
    let said: Vec<Option<bool>> = [1, 3, 20, 21, 22, 23]
        .map(|n| annuaire.by_key(&person(n)).unwrap().unwrap().mailboxes[0].paperless)
        .to_vec();
    assert_eq!(said, [Some(true), Some(false), Some(true), Some(true), Some(false), None]);
    let service = annuaire.by_address("contact@sans-nom.mssante.example").unwrap().unwrap();
    assert!(service.is_organisation() && !service.family_name.is_empty());
    assert_eq!(annuaire.by_address("nobody@medecin.mssante.example").unwrap(), None);
    assert_eq!(annuaire.by_rpps("").unwrap(), None);
}

#[test]
fn near_spellings_come_apart_and_only_when_few_match() {
    let annuaire = loaded();
    for (text, n) in [
        ("renaud", 17),
        ("dupont", 18),
        ("dupond ines", 18),
        ("nguyenn", 21),
        ("lefevbre", 10),
        ("fillipe renault", 17),
    ] {
        let answer = annuaire.search(&query(text)).unwrap();
        let all: Vec<_> = answer.people.iter().chain(&answer.near).map(|p| p.key.clone()).collect();
        assert!(all.contains(&person(n)), "{text}: {all:?}");
    }
    let answer = annuaire.search(&query("dupont")).unwrap();
    assert!(answer.people.is_empty());
    let answer = annuaire.search(&query("martin")).unwrap();
    assert!(answer.near.is_empty());
}

#[test]
fn the_users_text_is_never_syntax() {
    let annuaire = loaded();
    for text in [
        "martin OR 1",
        "\"martin",
        "n:martin",
        "martin*",
        "NEAR(martin)",
        "martin AND",
        "(((",
        "{n} : x",
        "^martin",
        "-martin",
        "'; DROP TABLE person; --",
        "martin\0",
        "é\u{301}\u{202e}",
        "%",
        "_",
    ] {
        annuaire.search(&query(text)).unwrap();
        let filtered = Query { profession: Some(text.into()), place: Some(text.into()), ..query(text) };
        annuaire.search(&filtered).unwrap();
    }
    annuaire.search(&query(&"a ".repeat(100_000))).unwrap();
    annuaire.search(&query(&"é".repeat(100_000))).unwrap();
    assert_eq!(keys(&annuaire, "martin*"), keys(&annuaire, "martin"));
    assert_eq!(annuaire.status().unwrap().people, 30);
}

/// A file of the corpus with these family names instead of its first one, each of somebody else.
fn called(families: &[&str]) -> Annuaire {
    let annuaire = Annuaire::in_memory().unwrap();
    let (text, mut lines) = (text(), Vec::new());
    let header = text.lines().next().unwrap();
    let line = text.lines().nth(1).unwrap();
    for (n, family) in families.iter().enumerate() {
        let other =
            line.replace("99900000001", &format!("998{n:08}")).replace("|MARTIN|", &format!("|{family}|"));
        lines.push(other.replace("marie.martin@", &format!("m{n}@")));
    }
    import(&annuaire, format!("{header}\n{}\n", lines.join("\n")).as_bytes()).unwrap();
    annuaire
}

#[test]
fn a_family_name_that_is_what_was_typed_comes_before_those_it_is_a_part_of() {
    let annuaire =
        called(&["ANDRE-MARTIN", "BERNARD MARTIN", "MARTIN", "MARTINEZ", "LE GALL MARTIN", "LE GALL"]);
    let names = |text: &str| -> Vec<String> {
        annuaire.search(&query(text)).unwrap().people.into_iter().map(|p| p.family_name).collect()
    };
    let all = ["MARTIN", "ANDRE-MARTIN", "BERNARD MARTIN", "LE GALL MARTIN", "MARTINEZ"];
    assert_eq!(names("martin"), all);
    assert_eq!(names("marie martin"), all);
    assert_eq!(names("le gall"), ["LE GALL", "LE GALL MARTIN"]);
    assert_eq!(names("legall marie"), ["LE GALL", "LE GALL MARTIN"]);
    assert_eq!(names("martin andre"), ["ANDRE-MARTIN"]);
}

#[test]
fn near_spellings_are_not_looked_for_when_more_match_than_were_asked_for() {
    let annuaire = called(&["MARTIN", "MARTIN", "MARTEN"]);
    let one = Query { limit: 1, ..query("martin") };
    let answer = annuaire.search(&one).unwrap();
    assert_eq!((answer.people.len(), answer.near.len(), answer.more), (1, 0, true));
    assert_eq!(annuaire.search(&query("martin")).unwrap().near.len(), 1);
}
