//! A later day's file: what changed is kept, and the data answer as after a whole import.

use super::super::Permission;
use super::*;
use crate::domain::person::Person;

/// A directory in a folder with the corpus, and the lines of the corpus.
fn yesterday() -> (tempfile::TempDir, Annuaire, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let annuaire = Annuaire::open(&folder.path().join("annuaire.sqlite")).unwrap();
    let mut lines: Vec<String> = text().lines().map(str::to_owned).collect();
    let line = lines[1].clone();
    // many more people, so that a day changes few of them
    for n in 0..400 {
        let letters: String = [n / 26 % 26, n % 26, n * 7 % 26]
            .map(|i| char::from(b'A' + u8::try_from(i).unwrap()))
            .into_iter()
            .collect();
        lines.push(
            line.replace("99900000001", &format!("998{n:08}"))
                .replace("marie.martin@", &format!("m{n}@"))
                .replace("MARTIN", &format!("BEAU{letters}")),
        );
    }
    import(&annuaire, lines.join("\n").as_bytes()).unwrap();
    (folder, annuaire, lines)
}

fn data_of(folder: &tempfile::TempDir) -> rusqlite::Connection {
    let data = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.to_string_lossy().contains(".data-"))
        .unwrap();
    rusqlite::Connection::open(data).unwrap()
}

/// Everything a search can tell the difference by: all rows, and the words of the index by row.
fn content(folder: &tempfile::TempDir) -> (Vec<String>, Vec<(String, String)>) {
    let data = data_of(folder);
    let rows = |sql: &str| -> Vec<String> {
        let mut statement = data.prepare(sql).unwrap();
        statement.query_map([], |r| r.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let people = rows("SELECT data FROM person ORDER BY id");
    data.execute_batch("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, idx, instance)").unwrap();
    let mut statement = data
        .prepare("SELECT term || ' ' || col, data FROM words JOIN person ON person.id = doc ORDER BY data, 1")
        .unwrap();
    let words = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    (people, words.collect::<Result<_, _>>().unwrap())
}

#[test]
fn a_later_day_written_over_the_data_equals_a_whole_import_of_it() {
    let (folder, annuaire, mut lines) = yesterday();
    let first: i64 = data_of(&folder)
        .query_row("SELECT min(id) FROM person WHERE data LIKE '%BEAUAAA%'", [], |r| r.get(0))
        .unwrap();
    // one goes, one moves, one marries, three come at the same place of the order
    let gone = lines.remove(40);
    lines[60] = lines[60].replace("BORDEAUX", "BAYONNE").replace("@", "-moved@");
    lines[80] = lines[80].replace("BEAU", "ÉTÉ");
    for n in 0..3 {
        lines.push(gone.replace("9980000", &format!("997{n}000")).replace("@", &format!("-{n}@")));
    }
    let status = import(&annuaire, lines.join("\n").as_bytes()).unwrap();
    let same: i64 = data_of(&folder)
        .query_row("SELECT min(id) FROM person WHERE data LIKE '%BEAUAAA%'", [], |r| r.get(0))
        .unwrap();
    assert_eq!(first, same, "the data were changed, not written anew");
    let (whole, other, _) = yesterday();
    drop(other);
    let other = Annuaire::open(&whole.path().join("other.sqlite")).unwrap();
    let again = import(&other, lines.join("\n").as_bytes()).unwrap();
    assert_eq!((status.people, status.mailboxes), (again.people, again.mailboxes));
    assert_eq!((status.new, status.gone), (Some(4), Some(2)));
    let fresh = tempfile::tempdir().unwrap();
    drop(other);
    let alone = Annuaire::open(&fresh.path().join("annuaire.sqlite")).unwrap();
    import(&alone, lines.join("\n").as_bytes()).unwrap();
    let (changed, anew) = (content(&folder), content(&fresh));
    assert_eq!(changed.0, anew.0, "the same people in the same order");
    assert_eq!(changed.1, anew.1, "with the same words");
    for text in ["ete", "bayonne", "beau", "martin"] {
        assert_eq!(keys(&annuaire, text), keys(&alone, text), "{text}");
    }
}

#[test]
fn an_address_that_vanished_is_remembered_until_it_comes_back() {
    let (_folder, annuaire, mut lines) = yesterday();
    let line = lines.remove(40);
    let address = line.split('|').nth(1).unwrap().to_owned();
    assert_eq!(annuaire.gone_since(&address).unwrap(), None);
    import(&annuaire, lines.join("\n").as_bytes()).unwrap();
    let gone = annuaire.gone_since(&address.to_uppercase()).unwrap().unwrap();
    assert_eq!(gone.data_date.as_deref(), Some("21/11/2026 02:13"));
    assert_eq!(annuaire.last_changes(10).unwrap(), (vec![], vec![address.clone()]));
    lines.push(line);
    import(&annuaire, lines.join("\n").as_bytes()).unwrap();
    assert_eq!(annuaire.gone_since(&address).unwrap(), None);
    assert_eq!(annuaire.last_changes(10).unwrap(), (vec![address], vec![]));
}

#[test]
fn a_file_cut_at_the_end_of_a_line_does_not_replace_larger_data_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let annuaire = Annuaire::open(&folder.path().join("annuaire.sqlite")).unwrap();
    let whole = text();
    let line = whole.lines().nth(1).unwrap();
    let mut lines = vec![whole.lines().next().unwrap().to_owned()];
    for n in 0..1500 {
        lines.push(
            line.replace("99900000001", &format!("998{n:08}")).replace("marie.martin@", &format!("m{n}@")),
        );
    }
    let good = import(&annuaire, lines.join("\n").as_bytes()).unwrap();
    lines.truncate(900);
    let cut = folder.path().join(NAME);
    std::fs::write(&cut, lines.join("\n")).unwrap();
    let refused = annuaire.import_file(&cut, &mut go_on);
    assert!(matches!(refused, Err(Error::Shrunk { before: 1500, now: 899 })));
    assert_eq!(annuaire.status().unwrap(), good);
    let smaller = Permission { smaller: true };
    assert_eq!(annuaire.import_from(&cut.to_string_lossy(), smaller, &mut go_on).unwrap().people, 899);
}

const ACTIVITY: &str = "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Nom d'exercice|\
Raison sociale site|Enseigne commerciale site|Numéro Voie (coord. structure)|Libellé type de voie (coord. structure)|\
Libellé Voie (coord. structure)|Bureau cedex (coord. structure)|Code postal (coord. structure)|\
Libellé commune (coord. structure)|Téléphone (coord. structure)|Téléphone 2 (coord. structure)|";

#[test]
fn places_of_practice_are_joined_found_and_kept_by_the_next_refresh() {
    let (folder, annuaire, mut lines) = yesterday();
    let activities = folder.path().join("PS_LibreAcces_Personne_activite_202611210300.txt");
    let who = "899800000007";
    let text = [
        ACTIVITY.to_owned(),
        format!("8|99800000007|{who}|BEAUAHX|CABINET DES LILAS||12|RUE|DES LILAS||29200|BREST|0298000000||"),
        format!("8|99800000007|{who}|BEAUAHX|CABINET DES LILAS||12|RUE|DES LILAS||29200|BREST|||"),
        format!("8|99800000007|{who}|BEAUAHX||MSP DU PORT||||29000 QUIMPER CEDEX|29000|||0298111111|"),
        "8|1|8100|SANS BOITE|X||||||75001|PARIS|||".to_owned(),
        "cut".to_owned(),
    ];
    assert!(matches!(
        Annuaire::in_memory().unwrap().import_activities(&activities.to_string_lossy(), &mut go_on),
        Err(Error::Io(_))
    ));
    std::fs::write(&activities, text.join("\r\n") + "\r\n").unwrap();
    let alone = Annuaire::in_memory().unwrap();
    let refused = alone.import_activities(&activities.to_string_lossy(), &mut go_on);
    assert!(matches!(refused, Err(Error::NoExtraction)));
    let before = annuaire.status().unwrap();
    let status = annuaire.import_activities(&activities.to_string_lossy(), &mut go_on).unwrap();
    assert_eq!((status.people, status.places_people), (before.people, 1));
    assert_eq!(status.places_date.as_deref(), Some("21/11/2026 03:00"));
    let found = |annuaire: &Annuaire| annuaire.search(&query("beau quimper")).unwrap().people;
    let place = |p: &Person| (p.places[0].city.clone(), p.places[0].phone.clone(), p.places.len());
    assert_eq!(place(&found(&annuaire)[0]), ("BREST".to_owned(), "0298000000".to_owned(), 2));
    assert_eq!(found(&annuaire)[0].places[1].phone, "0298111111");
    // the next day, by a change of others, of this person, and by a whole import
    lines.remove(60);
    import(&annuaire, lines.join("\n").as_bytes()).unwrap();
    assert_eq!(place(&found(&annuaire)[0]).2, 2);
    let at = lines.iter().position(|l| l.contains(who)).unwrap();
    lines[at] = lines[at].replace("@", "-other@");
    import(&annuaire, lines.join("\n").as_bytes()).unwrap();
    assert_eq!(place(&found(&annuaire)[0]).2, 2);
    lines.truncate(300);
    import(&annuaire, lines.join("\n").as_bytes()).unwrap();
    assert_eq!(place(&found(&annuaire)[0]).2, 2);
    assert_eq!(annuaire.status().unwrap().places_people, 1);
}
