//! Who must be found by what people type: hand-made queries over hand-made people among three thousand others.

use std::collections::BTreeMap;

use super::*;
use crate::domain::person::Person;

/// The people of the table among those of the practice mode.
fn crowd() -> Annuaire {
    let annuaire = Annuaire::in_memory().unwrap();
    let own = std::fs::read_to_string(corpus("pertinence.txt")).unwrap();
    let text = crate::practice::annuaire::extraction(3000, 7) + &own;
    import(&annuaire, text.as_bytes()).unwrap();
    annuaire
}

/// Key of the person or service of this number: the line of the file.
fn key_of(lines: &[String], number: usize) -> String {
    let at = if number > 50 { number - 51 + 44 } else { number - 1 };
    let fields: Vec<&str> = lines[at].split('|').collect();
    if fields[4].is_empty() { fields[1].to_owned() } else { fields[4].to_owned() }
}

fn same_surname(person: &Person, other: &Person) -> bool {
    crate::annuaire::familiar::same_words(&person.family_name, &other.family_name)
}

#[test]
fn hand_made_queries_find_whom_they_mean() {
    let annuaire = crowd();
    let lines: Vec<String> =
        std::fs::read_to_string(corpus("pertinence.txt")).unwrap().lines().map(str::to_owned).collect();
    let table = std::fs::read_to_string(corpus("pertinence_requetes.txt")).unwrap();
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let (mut misses, mut false_firsts) = (Vec::new(), Vec::new());
    for line in table.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        let mut parts = line.splitn(3, ' ');
        let number: usize = parts.next().unwrap().parse().unwrap();
        let (place, text) = (parts.next().unwrap(), parts.next().unwrap());
        let meant = key_of(&lines, number);
        let answer = annuaire.search(&query(text)).unwrap();
        let exact = answer.people.iter().position(|p| p.key == meant);
        let near = answer.near.iter().position(|p| p.key == meant);
        let met = match place {
            "1" => exact == Some(0),
            "3" => exact.is_some_and(|at| at < 3),
            // below what is spelt as typed, and among the first three near spellings
            _ => near.is_some_and(|at| at < 3) || (exact == Some(0)),
        };
        let count = counts.entry(place).or_default();
        count.1 += 1;
        count.0 += u32::from(met);
        if !met {
            misses.push(format!("{line} (exact {exact:?}, near {near:?})"));
        }
        // a first place that somebody of another name has, when a name was typed
        if let (Some(first), Some(person)) = (answer.people.first(), annuaire.by_key(&meant).unwrap())
            && number <= 50
            && first.key != meant
            && !same_surname(first, &person)
        {
            false_firsts.push(format!("{line}: {}", first.display_name()));
        }
    }
    let (met, all) = counts.values().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    println!("recall {met} of {all}; by place wanted {counts:?}");
    assert!(all >= 200, "{all}");
    assert!(false_firsts.is_empty(), "{false_firsts:#?}");
    assert!(met * 100 >= all * 97, "{met} of {all}: {misses:#?}");
    println!("{misses:#?}");
}
