//! Full-text search.

use estafette::domain::message::{Flag, MessageKind};
use estafette::domain::search::{Facets, Query, Topic};
use estafette::store::{NewBody, Opened, Store};
use jiff::tz::TimeZone;

use crate::sample::{body, mailbox, message, search};

#[test]
fn words_are_found_by_their_start_whatever_accents_ligatures_and_case() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let ids = store
        .insert(
            folders[0],
            &[
                message(1, 10, "Œdème du cœur"),
                message(2, 20, "Résultats d'hématologie"),
                message(3, 30, "XDM/1.0/DDM+Lettre de sortie LE GALL Jean-Marie 02/03/1950"),
            ],
        )
        .unwrap();
    store
        .save_body(vec![body(ids[1], "Hémoglobine 9,2 g/dL; contrôle à l'hôpital. compte-rendu.pdf")])
        .unwrap();
    let found = |text: &str| -> Vec<u32> {
        let (total, rows) = search(&store, text, 0..10);
        assert_eq!(total as usize, rows.len());
        rows.iter()
            .map(|r| u32::try_from(ids.iter().position(|i| *i == r.id).unwrap()).unwrap() + 1)
            .collect()
    };
    for (text, wanted) in [
        ("oedeme", vec![1]),
        ("ŒDÈME coeur", vec![1]),
        ("cœ", vec![1]),
        ("c h", vec![2]),
        ("9,2", vec![2]),
        ("9 dl", vec![2]),
        ("lec", vec![]),
        ("hemato", vec![2]),
        ("hemoglobine hémato martin", vec![2]),
        ("hopital", vec![2]),
        ("l'hôp", vec![2]),
        ("compte-rendu.pdf", vec![2]),
        ("rendu", vec![2]),
        ("le gall jean", vec![3]),
        ("jean-marie", vec![3]),
        ("02/03/1950", vec![3]),
        ("\"lettre de sortie\"", vec![3]),
        ("\"sortie de lettre\"", vec![]),
        ("\"lettre de sort\"", vec![]),
        ("MARTIN", vec![3, 2, 1]),
        ("marie.martin@medecin.mssante.fr", vec![3, 2, 1]),
        ("oedeme hemato", vec![]),
        ("objet:oedeme", vec![1]),
        ("objet:hemoglobine", vec![]),
        ("patient:gall", vec![3]),
        ("patient:\"jean marie le gall 02/03/1950\"", vec![3]),
        ("patient:sortie", vec![]),
        ("de:martin", vec![3, 2, 1]),
        ("de:ma", vec![3, 2, 1]),
        ("de:le", vec![]),
        ("à:le", vec![3, 2, 1]),
        ("objet:res", vec![2]),
        ("objet:hop", vec![]),
        ("patient:g", vec![3]),
        ("patient:sor", vec![]),
        ("de:leroy", vec![]),
        ("à:leroy", vec![3, 2, 1]),
        ("-oedeme martin", vec![3, 2]),
        ("-martin", vec![]),
        ("-de:martin hemato", vec![]),
        ("", vec![]),
        ("  \" -- *", vec![]),
    ] {
        assert_eq!(found(text), wanted, "{text}");
    }
}

#[test]
fn query_text_is_never_syntax() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    store.insert(folders[0], &[message(1, 10, "near or not")]).unwrap();
    for text in [
        "subject:near",
        "near OR",
        "NOT",
        "NEAR(a b)",
        "\"near",
        "a\"b",
        "^near",
        "near*",
        "-near",
        "{x}: y",
        "(",
        "\0",
        "near\0or",
        "'; DROP TABLE message; --",
        "\u{fdfa}",
        "\"\"\"\"",
        "+",
        "a AND",
    ] {
        search(&store, text, 0..10);
    }
    assert_eq!(search(&store, &"mot ".repeat(10_000), 0..1).0, 0);
    assert_eq!(search(&store, "near* NOT or", 0..1).0, 1);
}

#[test]
fn results_are_newest_first_and_come_in_windows() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let messages: Vec<_> = (1..=100u32).map(|n| message(n, i64::from(n * 37 % 101), "bilan")).collect();
    store.insert(folders[0], &messages).unwrap();
    let (total, all) = search(&store, "bil", 0..200);
    assert_eq!((total, all.len()), (100, 100));
    assert!(all.windows(2).all(|w| w[0].date > w[1].date));
    assert_eq!(search(&store, "bil", 40..50).1, all[40..50]);
}

#[test]
fn what_is_listed_and_not_indexed_yet_is_found_by_its_headers_and_never_twice() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let listed =
        [message(1, 10, "Œdème du cœur"), message(2, 20, "Résultats d'hématologie"), message(3, 30, "Œdème")];
    let ids = store.insert_unindexed(folders[0], &listed).unwrap();
    let check = |wanted: &[(&str, u32)]| {
        for (text, count) in wanted {
            let (total, rows) = search(&store, text, 0..10);
            assert_eq!((total, rows.len()), (*count, *count as usize), "{text}");
            assert!(rows.is_sorted_by(|a, b| a.date > b.date));
        }
    };
    let headers = [
        ("oed", 2),
        ("œdème coeur", 1),
        ("\"du coeur\"", 1),
        ("\"du coe\"", 0),
        ("d'hemato", 1),
        ("martin", 3),
    ];
    check(&headers);
    store.save_body(vec![body(ids[1], "Œdème du poumon")]).unwrap();
    check(&[("oedeme", 3), ("poumon", 1), ("hemato", 1)]);
    assert_eq!(store.index_listed(1).unwrap(), 1);
    check(&[("oedeme", 3), ("\"du coeur\"", 1), ("martin", 3)]);
    assert_eq!(store.index_listed(10).unwrap(), 1);
    assert_eq!(store.index_listed(10).unwrap(), 0);
    store.save_body(vec![body(ids[0], "Foie"), body(ids[2], "Rein")]).unwrap();
    while store.tend_index().unwrap() {}
    check(&[("oedeme", 3), ("foie", 1), ("rein oedeme", 1), ("martin", 3)]);
    store.check().unwrap();
}

fn rows(store: &Store, text: &str) -> Vec<i64> {
    search(store, text, 0..100).1.iter().map(|row| row.date).collect()
}

#[test]
fn another_form_of_a_word_is_found_after_the_word_itself() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    store
        .insert(
            folders[0],
            &[
                message(1, 10, "Résultats anormaux"),
                message(2, 20, "Résultat anormal"),
                message(3, 30, "Valeur anormale"),
                message(4, 40, "Anormalement calme"),
            ],
        )
        .unwrap();
    let found = store.search(&Query::of_words("anormaux"), 0..10).unwrap();
    assert_eq!((found.total, found.near), (3, 2));
    assert_eq!(rows(&store, "anormaux"), [10, 30, 20]);
    assert_eq!(store.search(&Query::of_words("anormaux"), 1..2).unwrap().rows[0].date, 30);
    // the beginning of a word as typed, and the others after it
    assert_eq!(rows(&store, "\"anormal\""), [20]);
    assert_eq!(rows(&store, "résultats anormales"), [20, 10]);
    assert_eq!(rows(&store, "objet:anormales"), [30, 20, 10]);
    // of a word that must be missing only the word itself is meant
    assert_eq!(rows(&store, "-anormaux résultat"), [20]);
}

#[test]
fn facts_narrow_a_search_and_are_asked_for_alone_too() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let inbox: Vec<_> = (1..=4u32).map(|n| message(n, i64::from(n) * 86_400, "bilan")).collect();
    let ids = store.insert(folders[0], &inbox).unwrap();
    store.insert(folders[1], &[message(9, 9 * 86_400, "bilan rénal")]).unwrap();
    let raw = b"Subject: bilan\r\n\r\ntexte";
    let results = NewBody::new(ids[1], raw, "potassium", MessageKind::Hprim, true).unwrap();
    let opened = Opened {
        abnormal: true,
        topic: Topic::Biology,
        names: "MOREL Lucie 03/04/1980 285041305501786".to_owned(),
        ..Opened::default()
    };
    store.save_body(vec![results.opened(Some(opened))]).unwrap();
    store.change_flag(&[ids[0]], Flag::Seen, true).unwrap();
    let day = 86_400;
    for (text, wanted) in [
        ("bilan", vec![9 * day, 4 * day, 3 * day, 2 * day, day]),
        ("bilan non-lu", vec![9 * day, 4 * day, 3 * day, 2 * day]),
        ("-unread", vec![day]),
        ("anormal", vec![2 * day]),
        ("anormal potassium", vec![2 * day]),
        ("anormal sodium", vec![]),
        ("avec:pj", vec![2 * day]),
        ("type:biologie", vec![2 * day]),
        ("-type:biologie dans:inbox", vec![4 * day, 3 * day, day]),
        ("in:labo bilan", vec![9 * day]),
        ("dans:réception anormal", vec![2 * day]),
        ("dans:inconnu", vec![]),
        ("patient:morel", vec![2 * day]),
        ("patient:285041305501786", vec![2 * day]),
        ("patient:\"Lucie MOREL 03/04/1980\"", vec![2 * day]),
        ("avant:03/01/1970 bilan", vec![day]),
        ("après:1970-01-05", vec![9 * day, 4 * day]),
        ("entre:03/01/1970..04/01/1970", vec![3 * day, 2 * day]),
        ("-date:1970-01-04 dans:inbox", vec![4 * day, 2 * day, day]),
    ] {
        assert_eq!(rows(&store, text), wanted, "{text}");
    }
    store.check().unwrap();
}

#[test]
fn counts_beside_a_search_are_what_their_operators_find() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let messages: Vec<_> = (1..=60u32)
        .map(|n| {
            let subject = match n % 3 {
                0 => format!("XDM/1.0/DDM+CR DURAND Paul 26/11/1978 {n}"),
                1 => "XDM/1.0/DDM+CR DURAND Paul 01/01/1950".to_owned(),
                _ => "bilan".to_owned(),
            };
            let mut one = message(n, i64::from(n) * 86_400, &subject);
            one.envelope.from[0].address = format!("a{}@medecin.mssante.fr", n % 4);
            one.flags.seen = n % 5 == 0;
            one
        })
        .collect();
    store.insert(folders[0], &messages).unwrap();
    let now = 61 * 86_400;
    let query = Query::parse("cr", now, &TimeZone::UTC);
    let facets = store.facets(&query, Facets::ages(now, &TimeZone::UTC)).unwrap();
    assert_eq!(facets.counted, 40);
    assert_eq!(facets.senders.len(), 4);
    for count in facets.senders.iter().chain(&facets.patients) {
        let (total, _) = search(&store, &format!("cr {}", count.operator), 0..1);
        assert_eq!(total, count.count, "{}", count.operator);
    }
    assert_eq!(facets.unread, search(&store, "cr non-lu", 0..1).0);
    for age in &facets.ages {
        let day = jiff::Timestamp::from_second(age.since).unwrap().strftime("%d/%m/%Y");
        assert_eq!(age.count, search(&store, &format!("cr après:{day}"), 0..1).0, "{} days", age.days);
    }
}
