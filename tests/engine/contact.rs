//! What the user keeps about correspondents, across searches, refreshes and files.

use std::path::{Path, PathBuf};

use estafette::domain::address::{EmailAddress, Mailbox};
use estafette::domain::contact::{Choice, Flaw};
use estafette::domain::draft::{Draft, Recipient};
use estafette::domain::filing::rule::Subject;
use estafette::domain::person::{MailboxKind, Person};
use estafette::engine::{Engine, PeopleQuery};

use crate::desk::Desk;

fn corpus() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/annuaire/Extraction_Correspondance_MSSante_202611210213.txt");
    std::fs::read_to_string(path).unwrap()
}

/// A file of the corpus, changed, as that of a day.
fn day(desk: &Desk, day: u32, change: impl Fn(&str) -> Option<String>) -> PathBuf {
    let path = desk.dir.path().join(format!("Extraction_Correspondance_MSSante_202611{day:02}0213.txt"));
    let lines: Vec<String> = corpus().lines().filter_map(change).collect();
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

async fn load(desk: &Desk, number: u32, change: impl Fn(&str) -> Option<String>) {
    let path = day(desk, number, change);
    desk.engine.import_annuaire(&path.to_string_lossy()).await.unwrap();
}

fn same(line: &str) -> Option<String> {
    Some(line.to_owned())
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

async fn person(engine: &Engine, text: &str) -> Person {
    engine.person_by_address(text).await.unwrap().unwrap()
}

async fn keys(engine: &Engine, text: &str) -> Vec<String> {
    let query = PeopleQuery { text: text.to_owned(), ..PeopleQuery::default() };
    let found = engine.people(query).await.unwrap();
    found.people.into_iter().map(|p| p.key.trim_start_matches("8999000000").to_owned()).collect()
}

async fn write_to(desk: &Desk, to: &str) {
    let mut draft = Draft::new(desk.account);
    draft.to = vec![Recipient { name: Some("Le nom".into()), address: address(to) }];
    draft.subject = "Avis".into();
    draft.body = "Bonjour".into();
    desk.engine.queue(draft).await.unwrap();
}

const GP: &str = "marie.martin2@medecin.mssante.example";
const NURSE: &str = "marie.martin@infirmier.mssante.example";

#[tokio::test]
async fn those_written_to_come_first_then_favourites_then_the_order_of_the_directory() {
    let desk = Desk::open().await;
    load(&desk, 21, same).await;
    let engine = &desk.engine;
    assert_eq!(keys(engine, "marie martin").await, ["01", "02", "03"]);
    engine.set_favourite(person(engine, GP).await, true).await.unwrap();
    assert_eq!(keys(engine, "marie martin").await, ["02", "01", "03"]);
    write_to(&desk, NURSE).await;
    assert_eq!(keys(engine, "marie martin").await, ["03", "02", "01"]);
    assert_eq!(keys(engine, "martin infirm").await, ["03"], "every word still counts");
    let found = engine.people(PeopleQuery { text: "martin".into(), ..Default::default() }).await.unwrap();
    let marks = |key: &str| found.marks.get(&format!("8999000000{key}")).cloned().unwrap_or_default();
    assert!(marks("02").favourite && !marks("02").used && marks("03").used && !marks("01").used);
    let only = PeopleQuery { text: "martin".into(), kind: Some(MailboxKind::Org), ..Default::default() };
    let only = engine.people(only).await.unwrap().people;
    assert_eq!(only.len(), 1);
    assert!(only[0].is_organisation());
    engine.set_favourite(person(engine, GP).await, false).await.unwrap();
    assert_eq!(engine.contacts().await.unwrap().len(), 1);
}

/// The panel asks for many, the recipient field for few: the same people in the same order.
#[tokio::test]
async fn a_short_answer_is_the_beginning_of_a_long_one() {
    let desk = Desk::open().await;
    load(&desk, 21, same).await;
    let engine = &desk.engine;
    engine.set_favourite(person(engine, GP).await, true).await.unwrap();
    write_to(&desk, NURSE).await;
    for text in ["ma", "martin", "medecin", "marie martin", "le"] {
        let ask = async |limit| {
            let query = PeopleQuery { text: text.to_owned(), limit, ..PeopleQuery::default() };
            engine.people(query).await.unwrap().people
        };
        let (few, many) = (ask(3).await, ask(60).await);
        assert_eq!(few.as_slice(), &many[..few.len()], "{text}");
        assert_eq!(many, ask(60).await, "{text}: twice the same");
    }
}

#[tokio::test]
async fn people_of_the_users_department_come_before_exacter_matches_elsewhere() {
    let desk = Desk::open().await;
    let me = |line: &str| Some(line.replace("max.weber@infirmier.mssante.example", "anne@test.example"));
    let line = |name: &str, change: &dyn Fn(&str) -> Option<String>| {
        corpus().lines().find(|l| l.contains(name)).and_then(change).unwrap()
    };
    let filled = |line: String| {
        let mut fields: Vec<String> = line.split('|').map(str::to_owned).collect();
        (fields[27], fields[28], fields[29]) = ("69003 LYON".into(), "69003".into(), "69".into());
        fields.join("|")
    };
    let weber = filled(line("|WEBER|", &me));
    let martinez = filled(line("|MARTINEZ|", &me));
    load(&desk, 21, |l| {
        Some(match l {
            l if l.contains("|WEBER|") => weber.clone(),
            l if l.contains("|MARTINEZ|") => martinez.clone(),
            l => l.to_owned(),
        })
    })
    .await;
    assert_eq!(keys(&desk.engine, "martin").await[0], "04");
    assert_eq!(desk.engine.area().await.unwrap().as_deref(), Some("69"));
    let here = PeopleQuery { text: "martin".into(), place: Some("69".into()), ..PeopleQuery::default() };
    let here = desk.engine.people(here).await.unwrap().people;
    assert_eq!(here.iter().map(|p| p.family_name.as_str()).collect::<Vec<_>>(), ["MARTINEZ"], "near me only");
    // first names that nobody near has
    assert_eq!(keys(&desk.engine, "marie martin").await, ["01", "02", "03"]);
}

#[tokio::test]
async fn somebody_who_vanished_is_flagged_and_kept_with_everything() {
    let desk = Desk::open().await;
    load(&desk, 21, same).await;
    let engine = &desk.engine;
    let kept = person(engine, GP).await;
    engine.set_favourite(kept.clone(), true).await.unwrap();
    engine.set_note(kept.clone(), "appeler le matin".into()).await.unwrap();
    let group = engine.make_group("  RCP   pneumo ").await.unwrap();
    engine.set_member(group, kept.clone(), address(GP), true).await.unwrap();
    write_to(&desk, NURSE).await;
    load(&desk, 22, |line| (!line.contains(GP) && !line.contains(NURSE)).then(|| line.to_owned())).await;
    let status = engine.annuaire_status().await.unwrap();
    assert_eq!((status.new, status.gone), (Some(0), Some(2)));
    let contacts = engine.contacts().await.unwrap();
    let [written, favourite] = contacts.as_slice() else { panic!("{contacts:?}") };
    assert_eq!(favourite.person.display_name(), "Dr Marie MARTIN");
    assert_eq!((favourite.note.as_str(), favourite.groups[0].as_str()), ("appeler le matin", "RCP pneumo"));
    assert_eq!(favourite.gone[0].0.as_str(), GP);
    assert_eq!(favourite.gone[0].1.data_date.as_deref(), Some("22/11/2026 02:13"));
    assert_eq!(written.gone[0].0.as_str(), NURSE, "a past correspondent too");
    assert!(engine.groups().await.unwrap()[0].members[0].gone.is_some());
    let found =
        engine.people(PeopleQuery { text: "mari martin".into(), ..Default::default() }).await.unwrap();
    assert!(found.people.iter().any(|p| p.key == kept.key), "still found by their name");
    assert_eq!(found.marks[&kept.key].gone[0].0.as_str(), GP);
    // back the day after
    load(&desk, 23, same).await;
    assert!(engine.contacts().await.unwrap().iter().all(|c| c.gone.is_empty()));
}

const CARDIOLOGIST: &str = "marie.martin@medecin.mssante.example";
const AT_HOSPITAL: &str = "marie.martin@chu-bordeaux.mssante.example";

async fn mailbox_for(engine: &Engine, kinds: &[Subject]) -> Choice {
    engine.contact(person(engine, CARDIOLOGIST).await).await.unwrap().mailbox_for(kinds)
}

fn at(text: &str, kind: Option<Subject>) -> Choice {
    Choice::Mailbox { address: address(text), kind }
}

#[tokio::test]
async fn a_mailbox_is_preferred_for_a_kind_of_document_through_every_refresh_until_it_vanishes() {
    let desk = Desk::open().await;
    load(&desk, 21, same).await;
    let engine = &desk.engine;
    assert_eq!(mailbox_for(engine, &[Subject::Letter]).await, Choice::Open);
    let them = person(engine, CARDIOLOGIST).await;
    engine.set_preferred(them.clone(), Some(Subject::Biology), Some(address(AT_HOSPITAL))).await.unwrap();
    engine.set_preferred(them.clone(), None, Some(address(CARDIOLOGIST))).await.unwrap();
    let results = [Subject::Biology, Subject::Pdf];
    for number in [22, 23] {
        assert_eq!(mailbox_for(engine, &results).await, at(AT_HOSPITAL, Some(Subject::Biology)));
        assert_eq!(mailbox_for(engine, &[Subject::Letter]).await, at(CARDIOLOGIST, None));
        let found = engine.people(PeopleQuery { text: "marie martin".into(), ..Default::default() }).await;
        let mark = found.unwrap().marks[&them.key].clone();
        assert_eq!(mark.preferred.of(Some(Subject::Biology)), Some(&address(AT_HOSPITAL)));
        load(&desk, number, same).await;
    }
    // the hospital's mailbox is closed
    load(&desk, 24, |line| (!line.contains(AT_HOSPITAL)).then(|| line.to_owned())).await;
    let gone = Choice::Gone { address: address(AT_HOSPITAL), kind: Some(Subject::Biology) };
    assert_eq!(mailbox_for(engine, &results).await, gone, "no other mailbox is taken instead");
    assert_eq!(mailbox_for(engine, &[Subject::Letter]).await, at(CARDIOLOGIST, None));
    load(&desk, 25, same).await;
    assert_eq!(mailbox_for(engine, &results).await, at(AT_HOSPITAL, Some(Subject::Biology)));
    engine.set_preferred(them.clone(), Some(Subject::Biology), None).await.unwrap();
    assert_eq!(mailbox_for(engine, &results).await, at(CARDIOLOGIST, None));
    engine.set_preferred(them, None, None).await.unwrap();
    assert!(engine.contacts().await.unwrap().is_empty(), "nothing is kept of them any more");
}

#[tokio::test]
async fn preferences_go_to_both_kinds_of_files_and_come_back_whole() {
    let desk = Desk::open().await;
    load(&desk, 21, same).await;
    let engine = &desk.engine;
    let them = person(engine, CARDIOLOGIST).await;
    for (kind, at) in
        [(None, CARDIOLOGIST), (Some(Subject::Biology), AT_HOSPITAL), (Some(Subject::Pdf), CARDIOLOGIST)]
    {
        engine.set_preferred(them.clone(), kind, Some(address(at))).await.unwrap();
    }
    let kept = engine.contact(them.clone()).await.unwrap().preferred;
    for as_vcard in [true, false] {
        let file = engine.export_contacts(as_vcard).await.unwrap();
        for (kind, _) in kept.each() {
            engine.set_preferred(them.clone(), kind, None).await.unwrap();
        }
        // what was chosen here since stays
        engine.set_preferred(them.clone(), Some(Subject::Pdf), Some(address(AT_HOSPITAL))).await.unwrap();
        engine.import_contacts(file.into_bytes()).await.unwrap();
        let mut back = engine.contact(them.clone()).await.unwrap().preferred;
        assert_eq!(back.of(Some(Subject::Pdf)), Some(&address(AT_HOSPITAL)));
        back.set(Some(Subject::Pdf), Some(address(CARDIOLOGIST)));
        assert_eq!(back, kept, "vcard: {as_vcard}");
        engine.set_preferred(them.clone(), Some(Subject::Pdf), Some(address(CARDIOLOGIST))).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_kept_of_an_address_stays_with_the_person_the_directory_later_names() {
    let desk = Desk::open().await;
    let without = |line: &str| (!line.contains(GP)).then(|| line.to_owned());
    load(&desk, 21, without).await;
    let engine = &desk.engine;
    let unknown = estafette::domain::contact::unlisted(address(GP), Some("Dr Martin"));
    engine.set_note(unknown.clone(), "liste rouge".into()).await.unwrap();
    let group = engine.make_group("RCP").await.unwrap();
    engine.set_member(group, unknown, address(GP), true).await.unwrap();
    load(&desk, 22, same).await;
    let named = person(engine, GP).await;
    let contacts = engine.contacts().await.unwrap();
    let [contact] = contacts.as_slice() else { panic!("{contacts:?}") };
    assert_eq!((contact.person.key.as_str(), contact.note.as_str()), (named.key.as_str(), "liste rouge"));
    assert_eq!(contact.groups, ["RCP"]);
    engine.set_favourite(named.clone(), true).await.unwrap();
    engine.set_note(named.clone(), String::new()).await.unwrap();
    let contact = engine.contact(named.clone()).await.unwrap();
    assert!(contact.favourite && contact.note.is_empty(), "the note is not found again under the address");
    assert_eq!(engine.groups().await.unwrap()[0].members[0].person.key, named.key);
}

#[tokio::test]
async fn contacts_go_to_a_file_and_come_back_on_another_machine() {
    let desk = Desk::open().await;
    // numbers that the practice directory does not have
    load(&desk, 21, |line| Some(line.replace("99900000", "99550000"))).await;
    let engine = &desk.engine;
    let kept = person(engine, "nora.girardin@medecin.mssante.example").await;
    let nora = address("nora.girardin@medecin.mssante.example");
    engine.set_note(kept.clone(), "note ; « une »".into()).await.unwrap();
    engine.set_preferred(kept.clone(), None, Some(nora.clone())).await.unwrap();
    let group = engine.make_group("RCP").await.unwrap();
    engine.set_member(group, kept, nora.clone(), true).await.unwrap();
    assert_eq!(engine.rename_group(group, "").await.unwrap_err().code(), "group-name");
    let other = engine.make_group("Staff").await.unwrap();
    assert_eq!(engine.rename_group(other, "RCP").await.unwrap_err().code(), "group-exists");
    let files = [engine.export_contacts(true).await.unwrap(), engine.export_contacts(false).await.unwrap()];
    for file in files {
        drop(engine.remove_group(group).await);
        let there = Engine::practice().unwrap();
        there
            .unlock(estafette::domain::secret::Secret::new(estafette::practice::PIN.to_owned()))
            .await
            .unwrap();
        let report = there.import_contacts(file.into_bytes()).await.unwrap();
        assert_eq!((report.contacts, report.without_address), (1, 0));
        let contacts = there.contacts().await.unwrap();
        let contact = contacts.iter().find(|c| c.person.mailbox(nora.as_str()).is_some()).unwrap();
        assert!(contact.favourite, "{contact:?}");
        assert_eq!(contact.note, "note ; « une »");
        assert_eq!(there.groups().await.unwrap()[0].members.len(), 1);
    }
    assert_eq!(engine.import_contacts(b"nothing".to_vec()).await.unwrap_err().code(), "contacts-unreadable");
}

#[tokio::test]
async fn an_import_tells_how_far_it_is_and_can_be_ended() {
    let desk = Desk::open().await;
    load(&desk, 21, same).await;
    let mut many = vec![corpus().lines().next().unwrap().to_owned()];
    let line = corpus().lines().nth(1).unwrap().to_owned();
    for n in 0..60_000 {
        let changed = line.replace("99900000001", &format!("998{n:08}"));
        many.push(changed.replace("marie.martin@", &format!("m{n}@")));
    }
    let path = desk.dir.path().join("Extraction_Correspondance_MSSante_202611230213.txt");
    std::fs::write(&path, many.join("\n")).unwrap();
    let (engine, source) = (desk.engine.clone(), path.to_string_lossy().into_owned());
    let mut events = desk.engine.events();
    let import = tokio::spawn(async move { engine.import_annuaire(&source).await });
    let progress = loop {
        events.next().await.unwrap();
        if let Some(progress) = desk.engine.annuaire_import().filter(|p| p.percent.is_some_and(|n| n > 0)) {
            break progress;
        }
    };
    assert!(progress.percent.unwrap() <= 100);
    assert_eq!(desk.engine.import_annuaire("x").await.unwrap_err().code(), "annuaire-busy");
    assert_eq!(keys(&desk.engine, "marie martin").await.len(), 3, "the old data answer");
    desk.engine.cancel_annuaire_import();
    assert_eq!(import.await.unwrap().unwrap_err().code(), "cancelled");
    assert_eq!(desk.engine.annuaire_import(), None);
    assert_eq!(keys(&desk.engine, "marie martin").await.len(), 3);
}

#[tokio::test]
async fn one_s_own_entry_tells_what_is_wrong_in_it() {
    let engine = Engine::practice().unwrap();
    engine.unlock(estafette::domain::secret::Secret::new(estafette::practice::PIN.to_owned())).await.unwrap();
    let entry = engine.own_entry().await.unwrap();
    assert!(entry.person.is_some(), "{entry:?}");
    assert!(!entry.flaws.contains(&Flaw::NotListed));
    let desk = Desk::open().await;
    assert_eq!(desk.engine.own_entry().await.unwrap_err().code(), "no-holder");
}

#[tokio::test]
async fn the_practice_has_a_colleague_with_two_mailboxes_and_one_of_them_preferred_for_biology() {
    let engine = Engine::practice().unwrap();
    engine.unlock(estafette::domain::secret::Secret::new(estafette::practice::PIN.to_owned())).await.unwrap();
    let contacts = engine.contacts().await.unwrap();
    let contact = contacts.iter().find(|c| c.favourite).unwrap();
    assert_eq!(contact.person.mailboxes.len(), 2, "{contact:?}");
    let hospital = address("nadia.bouvier@ghn-lyon.mssante.example");
    let preferred = Choice::Mailbox { address: hospital, kind: Some(Subject::Biology) };
    assert_eq!(contact.mailbox_for(&[Subject::Biology]), preferred);
    assert_eq!(contact.mailbox_for(&[Subject::Letter]), Choice::Open);
}

#[tokio::test]
async fn a_sender_who_bears_a_correspondents_name_from_an_unknown_address_is_told() {
    let desk = Desk::open().await;
    load(&desk, 21, same).await;
    let engine = &desk.engine;
    let sender = |name: &str, address: &str| Mailbox {
        name: (!name.is_empty()).then(|| name.to_owned()),
        address: address.to_owned(),
    };
    let unknown = "marie.martin@medecin.example";
    let imitated = sender("Dr_Marie_MARTIN_Cabinet", unknown);
    assert_eq!(engine.namesake(imitated.clone()).await.unwrap(), None, "nobody the user knows");
    engine.set_favourite(person(engine, GP).await, true).await.unwrap();
    let found = engine.namesake(imitated).await.unwrap().expect("the name of a correspondent");
    assert_eq!(found.key, person(engine, GP).await.key);
    for (name, address, is_told) in [
        ("martin marie", unknown, true),
        ("MARTIN", unknown, false),
        ("Dr Paul MARTIN", unknown, false),
        ("", unknown, false),
        ("Dr Marie MARTIN", GP, false),
    ] {
        let told = engine.namesake(sender(name, address)).await.unwrap().is_some();
        assert_eq!(told, is_told, "{name} <{address}>");
    }
}
