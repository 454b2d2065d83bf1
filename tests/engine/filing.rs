//! Filing to folders of the practice software, and rules on arrival.

use std::fs;
use std::path::{Path, PathBuf};

use estafette::domain::filing::name::NamePattern;
use estafette::domain::filing::rule::{Actions, Conditions, Rule, Subject};
use estafette::domain::filing::{Destination, Format, Outcome};
use estafette::domain::id::{DestinationId, MessageId};
use estafette::domain::message::MessageRow;
use estafette::domain::triage::Triage;
use estafette::engine::{FilingWish, Unfiled};

use crate::desk::Desk;

const FILED: &str = "Etat-Classe";

fn corpus(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/message").join(name)).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

struct Office {
    desk: Desk,
    depot: PathBuf,
}

impl Office {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let depot = desk.dir.path().join("depot");
        fs::create_dir(&depot).unwrap();
        // the first synchronisation of a mailbox brings old mail
        desk.sync().await.unwrap();
        Self { desk, depot }
    }

    async fn destination(&self, formats: &[Format]) -> DestinationId {
        let destination = Destination {
            name: "Logiciel".to_owned(),
            folder: self.depot.to_str().unwrap().to_owned(),
            pattern: NamePattern::parse("{date}_{type}_{nom}_{prenom}").unwrap(),
            formats: formats.to_vec(),
            usual: true,
        };
        self.desk.engine.save_destination(None, destination).await.unwrap()
    }

    /// A message of the corpus comes in.
    async fn receive(&self, uid: u32, name: &str) -> MessageRow {
        let raw = corpus(name);
        self.desk.mailbox.folder("INBOX", |f| f.messages.push((uid, raw, String::new())));
        self.desk.sync().await.unwrap();
        self.desk.rows("INBOX").await.into_iter().max_by_key(|row| row.id).unwrap()
    }

    async fn row(&self, id: MessageId) -> MessageRow {
        self.desk.engine.message(id).await.unwrap().row
    }

    async fn file(&self, id: MessageId) -> (i64, Outcome) {
        let filing = self.desk.engine.file(&[id], FilingWish::default()).await.unwrap();
        (filing.gesture, filing.outcomes.into_iter().next().unwrap())
    }
}

#[tokio::test]
async fn what_a_message_brings_is_written_as_it_came_once_and_taken_back() {
    let office = Office::open().await;
    office.destination(&[Format::Cda, Format::Xdm, Format::Pdf, Format::Eml]).await;
    let id = office.receive(1, "mss-imagerie-n1-xdm.eml").await.id;
    let (gesture, outcome) = office.file(id).await;
    let Outcome::Filed { files, left, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(left, [""; 0]);
    let written = names(&office.depot);
    assert_eq!(written.len(), 4, "{written:?}");
    for (ending, start) in [("xml", &b"<?xml"[..]), ("zip", b"PK"), ("pdf", b"%PDF")] {
        let name = written.iter().find(|n| n.ends_with(ending)).unwrap();
        assert!(name.contains("CORTENAIS_ANGE"), "{name}");
        assert!(fs::read(office.depot.join(name)).unwrap().starts_with(start), "{name}");
    }
    let source = office.desk.engine.source(id).await.unwrap();
    let eml = files.iter().find(|f| f.format == Format::Eml).unwrap();
    assert_eq!(fs::read(&eml.path).unwrap(), source, "to the byte");
    assert!(office.row(id).await.flags.keywords.iter().any(|k| k == FILED));
    // the server is told too
    office.desk.sync().await.unwrap();
    assert!(office.desk.mailbox.folder("INBOX", |f| f.messages[0].2.contains(FILED)));
    // a second time is told and writes nothing
    let (_, again) = office.file(id).await;
    assert!(matches!(&again, Outcome::Already { already, .. } if already.len() == 4), "{again:?}");
    assert_eq!(names(&office.depot), written);
    // what the software has taken in is written again when that is asked for
    fs::remove_file(office.depot.join(&written[0])).unwrap();
    let wish = FilingWish { again: true, ..FilingWish::default() };
    office.desk.engine.file(&[id], wish).await.unwrap();
    assert_eq!(names(&office.depot), written, "the others have the same content and stay alone");
    let undone = office.desk.engine.undo_filing(gesture, Vec::new()).await.unwrap();
    assert_eq!(undone, Unfiled { removed: 4, gone: 0, changed: 0 });
    assert_eq!(names(&office.depot), [""; 0]);
    assert!(!office.row(id).await.flags.keywords.iter().any(|k| k == FILED));
}

#[tokio::test]
async fn the_same_document_in_another_message_is_known() {
    let office = Office::open().await;
    office.destination(&[Format::Cda]).await;
    let first = office.receive(1, "mss-bio-xdm.eml").await.id;
    office.file(first).await;
    let raw = corpus("mss-bio-xdm.eml").replacen("Message-ID: <", "Message-ID: <again.", 1);
    office.desk.mailbox.folder("INBOX", |f| f.messages.push((2, raw, String::new())));
    office.desk.sync().await.unwrap();
    let second = office.desk.rows("INBOX").await.into_iter().max_by_key(|row| row.id).unwrap().id;
    assert_ne!(first, second);
    let (_, outcome) = office.file(second).await;
    let Outcome::Already { already, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(already[0].message, Some(first));
}

#[tokio::test]
async fn hprim_is_written_from_files_and_from_the_text() {
    let office = Office::open().await;
    office.destination(&[Format::Hprim]).await;
    let id = office.receive(1, "hprim-attachment.eml").await.id;
    let (_, outcome) = office.file(id).await;
    let files = outcome.files().to_vec();
    assert_eq!(files.len(), 1, "{outcome:?}");
    let source = office.desk.engine.source(id).await.unwrap();
    assert_eq!(fs::read(&files[0].path).unwrap(), estafette::mime::attachment(&source, 0).unwrap().bytes);
    assert!(files[0].path.ends_with(".hpr"));
}

#[tokio::test]
async fn a_folder_that_is_gone_loses_nothing_and_says_so() {
    let office = Office::open().await;
    office.destination(&[Format::Pdf]).await;
    let id = office.receive(1, "ordonnance-pdf.eml").await.id;
    fs::remove_dir(&office.depot).unwrap();
    let (_, outcome) = office.file(id).await;
    let Outcome::NotFiled { code: "deposit-missing", facts, .. } = outcome else { panic!("{outcome:?}") };
    assert!(facts.iter().any(|(name, value)| *name == "folder" && value == office.depot.to_str().unwrap()));
    assert_eq!(office.row(id).await.flags.keywords, [""; 0], "not marked as filed");
    assert!(!office.depot.exists(), "a folder is never made");
    fs::create_dir(&office.depot).unwrap();
    let (_, outcome) = office.file(id).await;
    assert_eq!(outcome.files().len(), 1);
}

#[tokio::test]
async fn what_no_format_takes_is_named_and_the_message_stays_to_be_filed() {
    let office = Office::open().await;
    office.destination(&[Format::Hprim]).await;
    let id = office.receive(1, "ordonnance-pdf.eml").await.id;
    let (_, outcome) = office.file(id).await;
    assert!(matches!(outcome, Outcome::NotFiled { code: "nothing-to-file", .. }), "{outcome:?}");
    office.destination(&[Format::Pdf]).await;
    let id = office.receive(2, "hprim-attachment.eml").await.id;
    let wish = FilingWish { destinations: vec![DestinationId(2)], ..FilingWish::default() };
    let filing = office.desk.engine.file(&[id], wish).await.unwrap();
    assert!(!filing.outcomes[0].files().iter().any(|f| f.format == Format::Hprim));
    assert_eq!(office.row(id).await.flags.keywords, [""; 0]);
}

#[tokio::test]
async fn without_a_destination_the_gesture_marks_and_moves() {
    let office = Office::open().await;
    let engine = &office.desk.engine;
    let id = office.receive(1, "ordonnance-pdf.eml").await.id;
    engine.set_filed_folder(Some("Classés".to_owned())).await.unwrap();
    engine.set_triage(&[id], Some(Triage::ToRead)).await.unwrap();
    let filing = engine.file(&[id], FilingWish::default()).await.unwrap();
    assert_eq!(office.desk.rows("Classés").await.len(), 1);
    assert!(office.row(id).await.flags.keywords.iter().any(|k| k == FILED));
    engine.undo(filing.moved).await.unwrap();
    assert_eq!(office.desk.rows("INBOX").await.len(), 1);
    assert_eq!(filing.marked, [(id, Some(Triage::ToRead))]);
    engine.undo_filing(filing.gesture, filing.marked).await.unwrap();
    assert_eq!(Triage::of(&office.row(id).await.flags), Some(Triage::ToRead), "where it stood before");
}

fn rule(when: Conditions, then: Actions) -> Rule {
    Rule { name: "Biologie".to_owned(), active: true, when, then }
}

#[tokio::test]
async fn a_rule_is_tried_out_then_runs_once_on_what_arrives() {
    let office = Office::open().await;
    let engine = &office.desk.engine;
    let destination = office.destination(&[Format::Pdf, Format::Cda, Format::Xdm]).await;
    let old = office.receive(1, "mss-imagerie-n1-xdm.eml").await.id;
    office.receive(2, "ordonnance-pdf.eml").await;
    let when =
        Conditions { subjects: vec![Subject::Imaging], has_patient: Some(true), ..Conditions::default() };
    let then = Actions {
        file: Some(destination),
        keyword: Some("$Imagerie".to_owned()),
        folder: Some("Imagerie".to_owned()),
    };
    let preview = engine.preview_rule(rule(when.clone(), Actions::default())).await.unwrap();
    assert_eq!((preview.count, preview.looked_at, preview.complete), (1, 2, true));
    assert_eq!(preview.ids, [old]);
    assert_eq!(names(&office.depot), [""; 0], "a preview does nothing");
    engine.save_rule(None, rule(when, then), Vec::new()).await.unwrap();
    office.desk.sync().await.unwrap();
    assert_eq!(names(&office.depot), [""; 0], "what was here before is left alone");
    let raw = corpus("mss-imagerie-n1-xdm.eml").replacen("Message-ID: <", "Message-ID: <new.", 1);
    office.desk.mailbox.folder("INBOX", |f| f.messages.push((3, raw, String::new())));
    office.desk.sync().await.unwrap();
    let moved = office.desk.rows("Imagerie").await;
    assert_eq!(moved.len(), 1);
    assert!(moved[0].flags.keywords.iter().any(|k| k == FILED));
    assert!(moved[0].flags.keywords.iter().any(|k| k == "$Imagerie"));
    let written = names(&office.depot);
    assert_eq!(written.len(), 3, "{written:?}");
    // it has done with it: what the user does afterwards stays
    let inbox = office.desk.folder("INBOX").await.id;
    engine.move_to(&[moved[0].id], inbox).await.unwrap();
    for _ in 0..2 {
        office.desk.sync().await.unwrap();
    }
    assert_eq!(office.desk.rows("INBOX").await.len(), 3);
    assert_eq!(names(&office.depot), written);
    let refused = engine.remove_destination(destination).await.unwrap_err();
    assert_eq!(refused.code(), "destination-in-use");
}

#[tokio::test]
async fn a_critical_result_is_filed_and_stays_in_the_inbox() {
    let office = Office::open().await;
    let engine = &office.desk.engine;
    let destination = office.destination(&[Format::Cda, Format::Pdf]).await;
    let when = Conditions { subjects: vec![Subject::Biology], ..Conditions::default() };
    let then = Actions { file: Some(destination), folder: Some("Biologie".to_owned()), ..Actions::default() };
    engine.save_rule(None, rule(when, then), Vec::new()).await.unwrap();
    let row = office.receive(1, "mss-bio-xdm.eml").await;
    assert!(row.alarm, "the corpus has a critical result");
    assert_eq!(office.desk.rows("INBOX").await.len(), 1);
    assert!(!names(&office.depot).is_empty());
}

#[tokio::test]
async fn a_rule_that_fails_is_told_and_tried_again() {
    let office = Office::open().await;
    let engine = &office.desk.engine;
    let destination = office.destination(&[Format::Pdf]).await;
    let when = Conditions { sender: "@mssante.example".to_owned(), ..Conditions::default() };
    let when = Conditions { sender: String::new(), subjects: vec![Subject::Pdf], ..when };
    let then = Actions { file: Some(destination), folder: Some("Classés".to_owned()), ..Actions::default() };
    engine.save_rule(None, rule(when, then), Vec::new()).await.unwrap();
    fs::remove_dir(&office.depot).unwrap();
    let id = office.receive(1, "ordonnance-pdf.eml").await.id;
    let troubles = engine.rule_troubles().await.unwrap();
    assert_eq!(troubles.len(), 1);
    assert_eq!(
        (troubles[0].message, troubles[0].error.code(), troubles[0].tries),
        (id, "deposit-missing", 1)
    );
    assert_eq!(office.desk.rows("INBOX").await.len(), 1, "not moved out of sight");
    fs::create_dir(&office.depot).unwrap();
    office.desk.sync().await.unwrap();
    assert_eq!(names(&office.depot), [""; 0], "not before its time");
    engine.retry_rules().await.unwrap();
    assert_eq!(names(&office.depot).len(), 1);
    assert!(engine.rule_troubles().await.unwrap().is_empty());
    assert_eq!(office.desk.rows("Classés").await.len(), 1);
}

#[tokio::test]
async fn what_is_sent_or_moved_here_is_no_arrival() {
    let office = Office::open().await;
    let engine = &office.desk.engine;
    let then = Actions { folder: Some("Ailleurs".to_owned()), ..Actions::default() };
    let when = Conditions { subjects: vec![Subject::Pdf, Subject::Letter], ..Conditions::default() };
    engine.save_rule(None, rule(when, then), Vec::new()).await.unwrap();
    let raw = corpus("ordonnance-pdf.eml");
    office.desk.mailbox.folder("Sent", |f| f.messages.push((1, raw, String::new())));
    office.desk.sync().await.unwrap();
    assert_eq!(office.desk.rows("Sent").await.len(), 1);
}
