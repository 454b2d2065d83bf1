//! Full-text search.

use estafette::store::Store;

use crate::sample::{body, mailbox, message};

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
    store.save_body(&[body(ids[1], "Hémoglobine 9,2 g/dL; contrôle à l'hôpital. compte-rendu.pdf")]).unwrap();
    let found = |text: &str| -> Vec<u32> {
        let (total, rows) = store.search(text, 0..10).unwrap();
        assert_eq!(total as usize, rows.len());
        rows.iter()
            .map(|r| u32::try_from(ids.iter().position(|i| *i == r.id).unwrap()).unwrap() + 1)
            .collect()
    };
    for (text, wanted) in [
        ("oedeme", vec![1]),
        ("ŒDÈME coeur", vec![1]),
        ("cœ", vec![1]),
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
        store.search(text, 0..10).unwrap_or_else(|e| panic!("{text:?}: {e:?}"));
    }
    assert_eq!(store.search(&"mot ".repeat(10_000), 0..1).unwrap().0, 0);
    assert_eq!(store.search("near* NOT or", 0..1).unwrap().0, 1);
}

#[test]
fn results_are_newest_first_and_come_in_windows() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let messages: Vec<_> = (1..=100u32).map(|n| message(n, i64::from(n * 37 % 101), "bilan")).collect();
    store.insert(folders[0], &messages).unwrap();
    let (total, all) = store.search("bil", 0..200).unwrap();
    assert_eq!((total, all.len()), (100, 100));
    assert!(all.windows(2).all(|w| w[0].date > w[1].date));
    assert_eq!(store.search("bil", 40..50).unwrap().1, all[40..50]);
}

#[test]
fn what_is_listed_and_not_indexed_yet_is_found_by_its_headers_and_never_twice() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let listed =
        [message(1, 10, "Œdème du cœur"), message(2, 20, "Résultats d'hématologie"), message(3, 30, "Œdème")];
    let ids = store.insert_first(folders[0], &listed).unwrap();
    let check = |wanted: &[(&str, u32)]| {
        for (text, count) in wanted {
            let (total, rows) = store.search(text, 0..10).unwrap();
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
    store.save_body(&[body(ids[1], "Œdème du poumon")]).unwrap();
    check(&[("oedeme", 3), ("poumon", 1), ("hemato", 1)]);
    assert_eq!(store.index_listed(1).unwrap(), 1);
    check(&[("oedeme", 3), ("\"du coeur\"", 1), ("martin", 3)]);
    assert_eq!(store.index_listed(10).unwrap(), 1);
    assert_eq!(store.index_listed(10).unwrap(), 0);
    store.save_body(&[body(ids[0], "Foie"), body(ids[2], "Rein")]).unwrap();
    while store.tend_index().unwrap() {}
    check(&[("oedeme", 3), ("foie", 1), ("rein oedeme", 1), ("martin", 3)]);
    store.check().unwrap();
}
