//! Patients of a mailbox: from the documents that came to what people chose.

use estafette::domain::message::MessageRow;
use estafette::domain::patient::{Likeness, Standing};
use estafette::domain::triage::Triage;

use crate::desk::Desk;

/// Puts a message of our corpus into a folder of the server.
fn deliver(desk: &Desk, folder: &str, uid: u32, name: &str) {
    let path = format!("{}/tests/data/message/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    let raw =
        String::from_utf8(std::fs::read(path).unwrap()).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
    desk.mailbox.folder(folder, |f| f.messages.push((uid, raw, String::new())));
}

async fn only(desk: &Desk, folder: &str, sender: &str) -> MessageRow {
    let rows = desk.rows(folder).await;
    rows.into_iter().find(|row| row.subject.contains(sender)).unwrap()
}

#[tokio::test]
async fn a_patient_appears_from_a_document_and_a_person_attaches_what_is_not_certain() {
    let desk = Desk::open().await;
    deliver(&desk, "INBOX", 1, "mss-bio-xdm");
    deliver(&desk, "INBOX", 2, "hprim-attachment");
    desk.sync().await.unwrap();
    let found = desk.engine.patients("eclipse 12/04/1985", 0..10).await.unwrap();
    assert_eq!((found.total, found.unattached), (1, 1));
    let patient = &found.patients[0];
    assert_eq!((patient.traits.name.as_str(), patient.messages), ("ECLIPSE LUCIE", 1));
    let waiting = desk.engine.unattached(0..10).await.unwrap();
    let waiting = &waiting.mentions[0];
    assert_eq!(waiting.candidates.len(), 1);
    assert_eq!(
        (waiting.candidates[0].patient.id, waiting.candidates[0].likeness),
        (patient.id, Likeness::SameTraits)
    );
    // earlier values are of what is attached only
    let bio = only(&desk, "INBOX", "examens").await.id;
    let earlier = desk.engine.earlier_values(bio).await.unwrap();
    assert!(earlier.values().flatten().all(Vec::is_empty));
    desk.engine.attach(waiting.mention.id, patient.id, false).await.unwrap();
    let file = desk.engine.patient(patient.id).await.unwrap();
    assert_eq!((file.entries.len(), file.patient.messages), (2, 2));
    assert_eq!(desk.engine.unattached(0..10).await.unwrap().total, 0);
    let chosen = file.entries.iter().find(|e| e.mention.standing == Standing::Chosen).unwrap();
    desk.engine.detach(chosen.mention.id).await.unwrap();
    assert_eq!(desk.engine.patient(patient.id).await.unwrap().entries.len(), 1);
    assert_eq!(desk.engine.waiting_mention(chosen.mention.id).await.unwrap().unwrap().candidates.len(), 1);
}

#[tokio::test]
async fn a_replacement_waits_for_a_person_and_changes_what_counts_as_earlier() {
    let desk = Desk::open().await;
    deliver(&desk, "INBOX", 1, "mss-bio-xdm");
    deliver(&desk, "INBOX", 2, "mss-remplacement-xdm");
    desk.sync().await.unwrap();
    let new = only(&desk, "INBOX", "remplace").await.id;
    let told = desk.engine.replacements(new).await.unwrap();
    assert_eq!((told.len(), told[0].accepted, told[0].new.message.id), (1, None, new));
    assert!(!told[0].is_of_another_patient() && !told[0].is_of_another_sender());
    let patient = told[0].new.patient.unwrap();
    let values = async || -> usize {
        desk.engine.biology(patient).await.unwrap().iter().map(|trend| trend.values.len()).sum()
    };
    let before = values().await;
    desk.engine.judge_replacement(&told[0].old_id, &told[0].new_id, Some(true)).await.unwrap();
    let file = desk.engine.patient(patient).await.unwrap();
    let struck = file.entries.iter().flat_map(|e| &e.mention.documents).filter(|d| d.replaced_by.is_some());
    assert_eq!(struck.count(), 1);
    assert!(values().await < before || before == 0, "values of the replaced document count no more");
    desk.engine.judge_replacement(&told[0].old_id, &told[0].new_id, None).await.unwrap();
    assert_eq!(values().await, before);
}

#[tokio::test]
async fn unwanted_mail_makes_no_patient_until_somebody_takes_it_out_of_there() {
    let desk = Desk::open().await;
    deliver(&desk, "Junk", 1, "mss-bio-xdm");
    desk.sync().await.unwrap();
    assert_eq!(desk.engine.patients("", 0..10).await.unwrap().total, 0);
    assert_eq!(desk.engine.reopen_documents().await.unwrap(), 0);
    let junk = desk.rows("Junk").await.remove(0);
    desk.engine.move_to(&[junk.id], desk.folder("INBOX").await.id).await.unwrap();
    assert_eq!(desk.engine.reopen_documents().await.unwrap(), 1);
    assert_eq!(desk.engine.patients("", 0..10).await.unwrap().total, 1);
    assert_eq!(desk.engine.reopen_documents().await.unwrap(), 0, "once");
}

#[tokio::test]
async fn a_state_is_shared_where_the_server_keeps_keywords_and_kept_here_where_not() {
    let desk = Desk::open().await;
    desk.mailbox.folder("INBOX", |f| f.permanent = "\\Seen \\*");
    desk.mailbox.add("INBOX", 1, "a");
    desk.sync().await.unwrap();
    let id = desk.rows("INBOX").await[0].id;
    let row = async || desk.rows("INBOX").await.into_iter().find(|row| row.id == id).unwrap();
    desk.engine.set_triage(&[id], Some(Triage::ToFile)).await.unwrap();
    desk.sync().await.unwrap();
    assert!(desk.mailbox.folder("INBOX", |f| f.messages[0].2.contains("Etat-A-Classer")));
    assert!(!row().await.state_is_local);
    // another station changes it
    desk.mailbox.folder("INBOX", |f| f.messages[0].2 = "Etat-Classe".into());
    desk.sync().await.unwrap();
    assert_eq!(Triage::of(&row().await.flags), Some(Triage::Filed));
    desk.mailbox.folder("INBOX", |f| {
        f.permanent = "\\Seen";
        f.messages[0].2 = String::new();
    });
    desk.sync().await.unwrap();
    desk.engine.set_triage(&[id], Some(Triage::ToDo)).await.unwrap();
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(Triage::of(&row().await.flags), Some(Triage::ToDo));
    assert!(row().await.state_is_local);
    assert!(desk.engine.refusals(0).await.unwrap().is_empty());
    let folder = desk.folder("INBOX").await.id;
    assert_eq!(desk.engine.list_triage(folder, Triage::ToDo, 0..10).await.unwrap().total, 1);
}

/// Puts a letter without a document into the inbox of the server.
fn write(desk: &Desk, uid: u32, subject: &str) {
    let raw = format!(
        "Message-ID: <lettre-{uid}@x.example>\r\nDate: Thu, 12 Mar 2026 09:00:00 +0100\r\n\
         From: Dr Paul VIAL <paul@x.example>\r\nTo: anne@x.example\r\nSubject: {subject}\r\n\r\nBonjour,\r\n"
    );
    desk.mailbox.folder("INBOX", |f| f.messages.push((uid, raw, String::new())));
}

#[tokio::test]
async fn a_patient_only_the_subject_names_waits_for_a_person_however_sure_it_looks() {
    let desk = Desk::open().await;
    deliver(&desk, "INBOX", 1, "mss-bio-xdm");
    write(&desk, 2, "Re: XDM/1.0/DDM+Avis ECLIPSE Lucie 12/04/1985");
    write(&desk, 3, "Suivi - ECLIPSE Lucie 12/04/1985");
    write(&desk, 4, "XDM/1.0/DDM+Avis ECLIPSE Lucie");
    write(&desk, 5, "Suivi - INCONNU Jean 01/02/1950");
    write(&desk, 6, "Réunion du 12/04/2026");
    desk.sync().await.unwrap();
    let found = desk.engine.patients("", 0..10).await.unwrap();
    assert_eq!((found.total, found.unattached), (1, 0), "nobody is made of a subject, and it presses nobody");
    let waiting = desk.engine.unattached(0..10).await.unwrap();
    assert_eq!(waiting.total, 4, "nothing is attached");
    let waiting = waiting.mentions;
    let of = |words: &str| waiting.iter().find(|w| w.message.subject.contains(words)).unwrap();
    let suivi =
        waiting.iter().find(|w| w.mention.traits.name.starts_with("ECLIPSE") && w.alike == 1).unwrap();
    assert_eq!(suivi.candidates.len(), 1);
    assert_eq!(
        (suivi.candidates[0].likeness, suivi.candidates[0].patient.id),
        (Likeness::Subject, found.patients[0].id)
    );
    assert!(of("INCONNU").candidates.is_empty());
    // one choice is for all that name exactly the same
    desk.engine.attach(suivi.mention.id, found.patients[0].id, true).await.unwrap();
    let file = desk.engine.patient(found.patients[0].id).await.unwrap();
    assert_eq!(file.entries.len(), 3);
    assert_eq!(desk.engine.unattached(0..10).await.unwrap().total, 2);
    // the one that ends with a date is looked at again, and nobody is found in it
    desk.engine.reopen_documents().await.unwrap();
    assert_eq!(desk.engine.reopen_documents().await.unwrap(), 0, "each was looked at once");
    assert_eq!(desk.engine.unattached(0..10).await.unwrap().total, 2);
}
