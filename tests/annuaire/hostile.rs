use std::io::{self, Read};

use super::super::white_list::WhiteList;
use super::archive::declaring;
use super::*;

fn white_list() -> Vec<u8> {
    std::fs::read(corpus("listeblanchemssante.xml")).unwrap()
}

#[test]
fn the_white_list_gives_domains_and_a_date_and_is_kept() {
    let list = WhiteList::parse(&white_list()).unwrap();
    assert_eq!(list.generated(), "2026-11-21T02:00:00");
    assert_eq!(list.len(), 2);
    assert!(list.contains("chu-bordeaux.MSSANTE.example."));
    assert!(!list.contains("mssante.example") && !list.contains("x.medecin.mssante.example"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("annuaire.sqlite");
    let annuaire = Annuaire::open(&path).unwrap();
    assert_eq!(annuaire.white_list_contains("medecin.mssante.example").unwrap(), None);
    annuaire.save_white_list(&list).unwrap();
    annuaire.import_file(&corpus(NAME), &mut go_on).unwrap();
    drop(annuaire);
    let annuaire = Annuaire::open(&path).unwrap();
    assert_eq!(annuaire.white_list_contains("Medecin.mssante.example").unwrap(), Some(true));
    assert_eq!(annuaire.white_list_contains("example.org").unwrap(), Some(false));
    assert_eq!(annuaire.white_list_contains("").unwrap(), Some(false));
    assert_eq!(annuaire.white_list_date().unwrap().as_deref(), Some("2026-11-21T02:00:00"));
}

#[test]
fn whoever_downloads_the_extraction_from_the_net_wants_the_public_white_list() {
    use crate::domain::directory::{ANS, MIRROR};
    for (data, kept, wanted) in [
        (Some(MIRROR), None, true),
        (Some(ANS), None, true),
        (Some(MIRROR), Some("2026-11-21T02:00:00"), false),
        (Some("http://127.0.0.1:8000/x.txt"), None, false),
        (Some(""), None, false),
        (None, None, false),
    ] {
        assert_eq!(super::super::wants_public_list(data, kept), wanted, "{data:?}");
    }
}

#[test]
fn what_is_not_the_white_list_is_refused() {
    let good = String::from_utf8(white_list()).unwrap();
    let half = good.split_at(good.len() / 2).0;
    let other = good.replace("listeblanche.mssante.fr", "other.example");
    let typed = good.replacen("<ListeBlanche", "<!DOCTYPE a [<!ENTITY e \"x\">]><ListeBlanche", 1);
    let deep = good.replace("<Domaines>", &"<a>".repeat(10_000));
    for bad in ["", "x", "<a/>", half, &other, &typed, &deep] {
        assert!(matches!(WhiteList::parse(bad.as_bytes()), Err(Error::WhiteList(_))), "{}", bad.len());
    }
    assert!(WhiteList::parse(&[0xff; 100]).is_err());
    let entity = good.replace("medecin.mssante.example", "med&lt;ecin.example");
    assert_eq!(WhiteList::parse(entity.as_bytes()).unwrap().len(), 1);
}

#[test]
fn a_file_without_a_line_end_is_refused_without_being_held() {
    let annuaire = loaded();
    let endless = io::repeat(b'a').take(64 << 20);
    let refused = annuaire.import(endless, NAME, None, &mut go_on);
    assert!(matches!(refused, Err(Error::NotAnExtraction { .. })));
    let header = format!("{}\n", text().lines().next().unwrap());
    let one_line = header.as_bytes().chain(io::repeat(b'|').take(64 << 20));
    let refused = annuaire.import(one_line, NAME, None, &mut go_on);
    assert!(matches!(refused, Err(Error::MostlyBad { bad: 1, .. })));
    assert_eq!(annuaire.status().unwrap().people, 30);
}

#[test]
fn noise_never_panics() {
    let annuaire = loaded();
    let whole = text().into_bytes();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..40 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = usize::try_from(state % bytes.len() as u64).unwrap();
            bytes[at] = state.to_le_bytes()[7];
        }
        let _ = import(&annuaire, &bytes);
        annuaire.search(&query("martin")).unwrap();
    }
}

#[test]
fn an_archive_that_unpacks_to_too_much_noise_is_given_up_early() {
    let annuaire = loaded();
    let mut bomb = text().lines().next().unwrap().as_bytes().to_vec();
    bomb.push(b'\n');
    bomb.resize(32 << 20, b'\n');
    let zip = importing::zipped(&bomb);
    assert!(zip.len() < 100_000);
    assert!(import(&annuaire, &zip).is_err());
    assert_eq!(annuaire.status().unwrap().people, 30);
}

#[test]
fn an_archive_that_declares_ten_gigabytes_is_refused_before_it_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let annuaire = Annuaire::open(&folder.path().join("annuaire.sqlite")).unwrap();
    let good = annuaire.import_file(&corpus(NAME), &mut go_on).unwrap();
    let mut phases = Vec::new();
    let mut note = |state: Progress| {
        phases.push(state.phase);
        true
    };
    let zip = declaring(NAME, 10 << 30, &[3, 0]);
    let refused = annuaire.import(zip.as_slice(), NAME, None, &mut note);
    assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
    assert!(phases.iter().all(|phase| *phase == super::super::Phase::Receiving), "nothing was unpacked");
    assert_eq!(annuaire.status().unwrap(), good);
    assert_eq!(keys(&annuaire, "marie martin").len(), 3);
}
