//! Patients: what is attached by itself, what people choose, and what outlives the messages.

use estafette::domain::document::{Change, DocumentKind};
use estafette::domain::folder::FolderRole;
use estafette::domain::id::{FolderId, MessageId, PatientId, Uid};
use estafette::domain::message::{Flags, Keyword, MessageKind};
use estafette::domain::patient::{NamedDocument, Patient, PatientKeys, Sex, Standing};
use estafette::domain::triage::Triage;
use estafette::health::ins;
use estafette::health::lookup;
use estafette::health::matching::{self, Decision};
use estafette::store::{Choice, Error, NewBody, NewMention, NewMessage, Opened, Store, Verdict, What};

use crate::sample::{self, config, mailbox, message, record};

const NIR: &str = "1.2.250.1.213.1.4.8";
const INS: &str = "285041305501786";

fn patient(name: &str, first: &str, date: &str, matricule: &str) -> Patient {
    Patient {
        name: format!("{name} {first}"),
        birth_name: name.into(),
        first_name: first.into(),
        birth_date: Some(date.into()),
        sex: Some(Sex::F),
        ins: ins::received(matricule, NIR).filter(|i| !i.matricule.is_empty()),
        ..Patient::default()
    }
}

fn lea() -> Patient {
    patient("DUPONT", "LEA", "1985-04-12", INS)
}

fn document(unique_id: &str, replaces: Option<&str>) -> NamedDocument {
    NamedDocument {
        number: 0,
        kind: DocumentKind::Cda,
        code: "11502-2".into(),
        title: "Biologie".into(),
        date: Some("2026-11-20".into()),
        author: "Laboratoire".into(),
        unique_id: Some(unique_id.into()),
        change: replaces.map(|_| Change::Replaces),
        related: replaces.map(str::to_owned).into_iter().collect(),
        biology: true,
        replaced_by: None,
    }
}

fn search(patient: &Patient) -> (PatientKeys, Vec<String>) {
    let keys = matching::keys(patient);
    let slipped = matching::slipped_dates(&keys.birth_date);
    (keys, slipped)
}

fn settle(store: &Store) {
    let judge = |named: &Patient, conflict: bool, known: &[(PatientId, Patient)]| match matching::decide(
        named, conflict, known,
    ) {
        Decision::Attach(id) => Verdict::Attach(id),
        Decision::Create => Verdict::Create,
        Decision::Ask => Verdict::Ask,
    };
    while !store.settle_mentions(10, search, judge).unwrap().is_empty() {}
}

/// A message, opened: its content is `raw`, it names `patient` in one document.
fn receive(
    store: &Store,
    folder: FolderId,
    uid: u32,
    raw: &str,
    patient: Patient,
    doc: NamedDocument,
) -> MessageId {
    let new = NewMessage { has_attachment: true, ..message(uid, 1000 + i64::from(uid), "Bilan") };
    let id = store.insert(folder, &[new]).unwrap()[0];
    let mut source = [0; 32];
    source.iter_mut().zip(raw.bytes()).for_each(|(to, from)| *to = from);
    let mention = NewMention {
        fingerprint: matching::fingerprint(&patient),
        traits: patient,
        conflict: false,
        documents: vec![doc],
        results: Vec::new(),
    };
    let opened = Opened { source, mentions: vec![mention], ..Opened::default() };
    let body =
        NewBody::new(id, raw.as_bytes(), "texte", MessageKind::Xdm, true).unwrap().opened(Some(opened));
    store.save_body(vec![body]).unwrap();
    settle(store);
    id
}

fn standing(store: &Store, id: MessageId) -> (Standing, Option<PatientId>) {
    let mention = store.mentions(id).unwrap().remove(0);
    (mention.standing, mention.patient)
}

fn choose(store: &Store, id: MessageId, choice: Choice) -> Result<Option<PatientId>, Error> {
    let mention = store.mentions(id).unwrap()[0].id;
    store.choose(mention, choice, false, 5, matching::keys).map(|(patient, _)| patient)
}

fn everybody(store: &Store) -> Vec<String> {
    let found = store.patients(&[], &[], None, 0..100).unwrap();
    found.patients.into_iter().map(|p| p.traits.name).collect()
}

fn found(store: &Store, typed: &str) -> usize {
    let asked = lookup::read(typed, 2026);
    store.patients(&asked.words, &asked.dates, asked.ins.as_deref(), 0..100).unwrap().patients.len()
}

#[test]
fn the_same_ins_and_traits_find_their_patient_by_themselves_and_nothing_less_does() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let first = receive(&store, folders[0], 1, "a", lea(), document("1", None));
    let (Standing::Certain, Some(id)) = standing(&store, first) else { panic!("not made") };
    let second = receive(&store, folders[0], 2, "b", lea(), document("2", None));
    assert_eq!(standing(&store, second), (Standing::Certain, Some(id)));
    for (uid, other) in [
        (3, patient("DUPONT", "LEA", "1985-04-12", "")),
        (4, patient("DUPONT", "LEA", "1985-04-13", INS)),
        (5, patient("DUPONT", "LEA", "1985-04-12", "285041305501787")),
        (6, patient("DUPOND", "LEA", "1985-04-12", "")),
        (7, patient("DUPONT", "LEA", "1985-12-04", "")),
    ] {
        let id = receive(&store, folders[0], uid, &format!("m{uid}"), other, document("3", None));
        assert_eq!(standing(&store, id), (Standing::Open, None), "{uid}");
    }
    assert_eq!(everybody(&store), ["DUPONT LEA"]);
    let (total, waiting) = store.unattached(0..10).unwrap();
    assert_eq!((total, waiting.len()), (5, 5));
    let file = store.patient_file(id, 10).unwrap();
    assert_eq!(file.entries.iter().map(|e| e.message.id).collect::<Vec<_>>(), [second, first]);
    assert_eq!((file.patient.messages, file.patient.last), (2, Some(1002)));
}

#[test]
fn what_somebody_chose_holds_for_a_copy_and_when_the_message_is_fetched_again() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let known = receive(&store, folders[0], 1, "a", lea(), document("1", None));
    let id = standing(&store, known).1.unwrap();
    let bare = patient("DUPONT", "LEA", "1985-04-12", "");
    let message = receive(&store, folders[0], 2, "b", bare.clone(), document("2", None));
    choose(&store, message, Choice::Attach(id)).unwrap();
    assert_eq!(standing(&store, message), (Standing::Chosen, Some(id)));
    // moved by another station: gone here, new there
    store.remove_uids(folders[0], &[Uid(2)]).unwrap();
    let again = receive(&store, folders[1], 9, "b", bare.clone(), document("2", None));
    assert_eq!(standing(&store, again), (Standing::Chosen, Some(id)));
    // another message that says the same is another question
    let other = receive(&store, folders[0], 3, "c", bare, document("3", None));
    assert_eq!(standing(&store, other).0, Standing::Open);
    // taken back, it waits, now and later
    choose(&store, again, Choice::Detach).unwrap();
    assert_eq!(standing(&store, again), (Standing::Open, None));
    let known_again = receive(&store, folders[0], 4, "a", lea(), document("1", None));
    choose(&store, known_again, Choice::Detach).unwrap();
    store.remove_uids(folders[0], &[Uid(1)]).unwrap();
    assert_eq!(
        standing(&store, receive(&store, folders[0], 5, "a", lea(), document("1", None))).0,
        Standing::Open
    );
}

#[test]
fn somebody_new_is_made_by_hand_and_forgotten_when_that_is_taken_back() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let bare = patient("VIAL", "PAUL", "1978-11-26", "");
    let message = receive(&store, folders[0], 1, "a", bare, document("1", None));
    assert!(everybody(&store).is_empty());
    let id = choose(&store, message, Choice::New).unwrap().unwrap();
    assert_eq!(everybody(&store), ["VIAL PAUL"]);
    // an identity with an INS, attached, completes the patient and names them from then on
    let full = patient("VIAL", "PAUL", "1978-11-26", INS);
    let second = receive(&store, folders[0], 2, "b", full.clone(), document("2", None));
    assert_eq!(standing(&store, second).0, Standing::Open);
    choose(&store, second, Choice::Attach(id)).unwrap();
    assert_eq!(store.patient(id).unwrap().traits.ins.unwrap().matricule, INS);
    let third = receive(&store, folders[0], 3, "c", full, document("3", None));
    assert_eq!(standing(&store, third), (Standing::Certain, Some(id)));
    for message in [third, second, message] {
        choose(&store, message, Choice::Detach).unwrap();
    }
    assert!(everybody(&store).is_empty());
    choose(&store, message, Choice::Leave).unwrap();
    assert_eq!(standing(&store, message).0, Standing::Left);
    assert_eq!(store.unattached(0..10).unwrap().0, 2);
    assert!(matches!(choose(&store, message, Choice::Attach(PatientId(77))), Err(Error::NotFound)));
}

#[test]
fn all_that_wait_with_the_same_traits_are_attached_at_once_when_asked() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let bare = patient("VIAL", "PAUL", "1978-11-26", "");
    for uid in 1..=3 {
        receive(&store, folders[0], uid, &uid.to_string(), bare.clone(), document("1", None));
    }
    let (_, waiting) = store.unattached(0..10).unwrap();
    assert_eq!(waiting[0].2, 2, "two others alike");
    let (_, messages) = store.choose(waiting[0].1.id, Choice::New, true, 5, matching::keys).unwrap();
    assert_eq!(messages.len(), 3);
    assert_eq!(store.unattached(0..10).unwrap().0, 0);
}

#[test]
fn patients_are_merged_and_parted_as_they_were() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let make = |uid: u32, name: &str| {
        let bare = patient(name, "PAUL", "1978-11-26", "");
        let message = receive(&store, folders[0], uid, name, bare, document("1", None));
        choose(&store, message, Choice::New).unwrap().unwrap()
    };
    let (a, b, c) = (make(1, "VIAL"), make(2, "ROUX"), make(3, "NOEL"));
    store.merge_patients(a, b, 9).unwrap();
    store.merge_patients(b, c, 9).unwrap();
    assert!(matches!(store.merge_patients(a, c, 9), Err(Error::Exists)));
    assert_eq!(everybody(&store), ["NOEL PAUL"]);
    let file = store.patient_file(a, 10).unwrap();
    assert_eq!((file.patient.id, file.entries.len(), file.merged.len()), (c, 3, 2));
    assert_eq!(found(&store, "vial"), 1, "found by every name");
    store.part_patients(b, 10).unwrap();
    assert_eq!(everybody(&store), ["NOEL PAUL", "ROUX PAUL"]);
    assert_eq!(store.patient_file(b, 10).unwrap().entries.len(), 2);
    assert!(matches!(store.part_patients(b, 11), Err(Error::NotFound)));
}

#[test]
fn patients_are_found_by_name_date_and_ins() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    receive(&store, folders[0], 1, "a", lea(), document("1", None));
    let zoe = patient("D'ALMEIDA COSTA", "ZOÉ", "1978-11-26", "185057512345673");
    receive(&store, folders[0], 2, "b", zoe, document("2", None));
    for (typed, expected) in [
        ("", 2),
        ("dupont", 1),
        ("léa dup", 1),
        ("almeida", 1),
        ("zoe", 1),
        ("12/04/1985", 1),
        ("12 avril 85", 1),
        ("1985", 1),
        ("dupont 26/11/1978", 0),
        ("2 85 04 13 055", 1),
        ("upont", 0),
    ] {
        assert_eq!(found(&store, typed), expected, "{typed}");
    }
}

#[test]
fn a_document_is_replaced_when_somebody_says_so_and_not_before() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let old = receive(&store, folders[0], 1, "a", lea(), document("1.1", None));
    let new = receive(&store, folders[0], 2, "b", lea(), document("1.2", Some("1.1")));
    for side in [old, new] {
        let told = store.replacements(side).unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].old.message.id, told[0].new.message.id, told[0].accepted), (old, new, None));
        assert!(!told[0].is_of_another_patient() && !told[0].is_of_another_sender());
    }
    // of a copy in another folder, the copy is told
    let copy = receive(&store, folders[1], 9, "b", lea(), document("1.2", Some("1.1")));
    let told = store.replacements(copy).unwrap();
    assert_eq!((told.len(), told[0].new.message.id), (1, copy));
    let replaced = || store.mentions(old).unwrap()[0].documents[0].replaced_by.clone();
    assert_eq!(replaced(), None);
    store.judge_replacement("1.1", "1.2", Some(true), 9).unwrap();
    assert_eq!(replaced().as_deref(), Some("1.2"));
    store.judge_replacement("1.1", "1.2", None, 9).unwrap();
    assert_eq!((replaced(), store.replacements(old).unwrap()[0].accepted), (None, None));
}

#[test]
fn an_account_that_is_removed_takes_its_patients_along_and_no_others() {
    let store = Store::in_memory().unwrap();
    let (first, folders) = mailbox(&store);
    let second = store.add_account(&config("autre@medecin.mssante.fr")).unwrap();
    let inbox = store.save_folders(second, &[record("INBOX", FolderRole::Inbox)]).unwrap().added[0];
    let named =
        receive(&store, folders[0], 1, "a", patient("VIAL", "PAUL", "1978-11-26", ""), document("1", None));
    let joined =
        receive(&store, folders[0], 2, "b", patient("ROUX", "PAUL", "1978-11-26", ""), document("2", None));
    let (a, b) = (choose(&store, named, Choice::New).unwrap(), choose(&store, joined, Choice::New).unwrap());
    store.merge_patients(a.unwrap(), b.unwrap(), 5).unwrap();
    receive(&store, inbox, 1, "c", lea(), document("3", None));
    store.remove_account(first).unwrap();
    assert_eq!(everybody(&store), ["DUPONT LEA"]);
    assert!(matches!(store.patient(a.unwrap()), Err(Error::NotFound)));
}

#[test]
fn documents_are_looked_into_once_and_never_in_drafts_and_junk() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let new = NewMessage { has_attachment: true, ..message(1, 10, "Bilan") };
    let id = store.insert(folders[0], &[new]).unwrap()[0];
    store.save_body(vec![NewBody::new(id, b"x", "texte", MessageKind::Xdm, true).unwrap()]).unwrap();
    assert_eq!(store.unopened(10).unwrap(), [id]);
    let opened = Opened { alarm: true, ..Opened::default() };
    store.save_opened(&[(id, "anémie".into(), Some(opened))]).unwrap();
    assert!(store.unopened(10).unwrap().is_empty());
    assert!(store.row(id).unwrap().unwrap().alarm);
    assert_eq!(sample::search(&store, "anemie", 0..10).0, 1);
    assert_eq!(sample::search(&store, "texte", 0..10).0, 0, "the index has its new text");
}

#[test]
fn a_state_takes_the_place_of_another_and_stays_here_where_the_server_keeps_none() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let id = store.insert(folders[0], &[message(1, 10, "Bilan")]).unwrap()[0];
    let now = || Triage::of(&store.row(id).unwrap().unwrap().flags);
    store.change_triage(&[id], Some(Triage::ToFile)).unwrap();
    store.change_triage(&[id], Some(Triage::Filed)).unwrap();
    assert_eq!(now(), Some(Triage::Filed));
    let waiting = store.intentions(account).unwrap();
    let said: Vec<(Option<Triage>, bool)> = waiting
        .iter()
        .filter_map(|i| match &i.what {
            What::Keyword { keyword, on } => Some((Triage::of_keyword(keyword), *on)),
            _ => None,
        })
        .collect();
    assert_eq!(
        said,
        [(Some(Triage::ToFile), true), (Some(Triage::ToFile), false), (Some(Triage::Filed), true)]
    );
    assert_eq!(store.list_triage(folders[0], Triage::Filed, 0..10).unwrap().0, 1);
    assert_eq!(store.list_triage(folders[0], Triage::ToFile, 0..10).unwrap().0, 0);
    for intention in waiting.iter().take(2) {
        store.intention_done(intention.id, None).unwrap();
    }
    store.keep_keywords_here(&[waiting[2].id]).unwrap();
    assert!(store.intentions(account).unwrap().is_empty());
    // the server knows nothing of it
    store.apply_flags(folders[0], &[(Uid(1), Flags::default())]).unwrap();
    assert_eq!(now(), Some(Triage::Filed));
    assert!(store.row(id).unwrap().unwrap().state_is_local);
    store.change_triage(&[id], None).unwrap();
    store.apply_flags(folders[0], &[(Uid(1), Flags::default())]).unwrap();
    assert_eq!(now(), None);
    assert!(!store.row(id).unwrap().unwrap().state_is_local);
    // another station's state comes with its flags
    let keyword = Keyword::parse("etat-a-lire").unwrap();
    let theirs = Flags { keywords: vec![keyword.as_str().to_owned()], ..Flags::default() };
    for intention in store.intentions(account).unwrap() {
        store.intention_done(intention.id, None).unwrap();
    }
    store.apply_flags(folders[0], &[(Uid(1), theirs)]).unwrap();
    assert_eq!(now(), Some(Triage::ToRead));
}
