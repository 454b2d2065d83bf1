//! Patients on screen: found, shown, attached by a person.

use estafette::domain::biology::{DatedValue, Trend};
use estafette::domain::document::DocumentKind;
use estafette::domain::id::{FolderId, MentionId, MessageId, PatientId};
use estafette::domain::patient::{
    Candidate, Likeness, Mention, NamedDocument, Patient, PatientEntry, PatientFile, PatientRow,
    Patients as Found, Replacement, ReplacementSide, Sex, Standing, Trait, Unattached, UnattachedMention,
};
use estafette::domain::triage::Triage;
use estafette::engine::Engine;
use estafette::gui::screen::mailbox::{self, DocumentMessage, Known, Mailbox, ReaderMessage};
use estafette::gui::screen::patients::{Deed, Filter, Message, Patients, Tab};
use estafette::gui::screen::{Action, Target};
use estafette::health::ins;

use crate::desk::{context, engine, row, window, wording};
use crate::mailbox::opened;

fn traits(name: &str, first: &str, date: &str, matricule: &str) -> Patient {
    Patient {
        name: format!("{name} {first}"),
        birth_name: name.into(),
        first_name: first.into(),
        birth_date: Some(date.into()),
        sex: Some(Sex::F),
        ins: ins::received(matricule, "1.2.250.1.213.1.4.8").filter(|i| !i.matricule.is_empty()),
        ..Patient::default()
    }
}

fn patient(id: i64, traits: Patient) -> PatientRow {
    PatientRow {
        id: PatientId(id),
        traits,
        messages: 2,
        last: Some(1_795_250_000),
        alarm: id == 1,
        conflict: false,
    }
}

fn lea() -> PatientRow {
    patient(1, traits("DUPONT", "LEA", "1985-04-12", "285041305501786"))
}

fn document(title: &str, code: &str, replaced: bool) -> NamedDocument {
    NamedDocument {
        number: 0,
        kind: DocumentKind::Cda,
        code: code.into(),
        title: title.into(),
        date: Some("2026-11-20".into()),
        author: "Dr Paul VIAL".into(),
        unique_id: Some("1.2".into()),
        change: None,
        related: Vec::new(),
        biology: code == "11502-2",
        replaced_by: replaced.then(|| "1.3".into()),
    }
}

fn mention(id: i64, standing: Standing, documents: Vec<NamedDocument>) -> Mention {
    Mention {
        id: MentionId(id),
        traits: traits("DUPONT", "LEA", "1985-04-21", ""),
        standing,
        conflict: false,
        patient: (standing != Standing::Open).then_some(PatientId(1)),
        documents,
    }
}

fn screen(engine: &Engine) -> Patients {
    let (mut patients, _) = Patients::new(engine);
    let found = Found {
        total: 2,
        unattached: 1,
        patients: vec![lea(), patient(2, traits("VIAL", "PAUL", "1978-11-26", ""))],
    };
    patients.update(engine, Message::Listed { generation: 1, result: Ok(found) });
    let candidate =
        Candidate { patient: lea(), likeness: Likeness::NearDate, differences: vec![Trait::BirthDate] };
    let waiting = UnattachedMention {
        message: row(9, "Résultats de biologie"),
        mention: mention(5, Standing::Open, Vec::new()),
        candidates: vec![candidate],
        alike: 2,
    };
    let waiting = Box::new(Unattached { total: 1, mentions: vec![waiting] });
    patients.update(engine, Message::WaitingRead { generation: 1, result: Ok(waiting) });
    patients
}

fn page(engine: &Engine) -> Patients {
    let mut patients = screen(engine);
    patients.update(engine, Message::Open(PatientId(1)));
    let entry = |id: i64, subject: &str, standing, documents| PatientEntry {
        message: row(id, subject),
        mention: mention(id, standing, documents),
    };
    let file = PatientFile {
        patient: lea(),
        merged: vec![patient(3, traits("DUPOND", "LEA", "1985-04-12", ""))],
        entries: vec![
            entry(1, "Bilan", Standing::Certain, vec![document("Hémogramme", "11502-2", true)]),
            entry(2, "Lettre", Standing::Chosen, vec![document("CR de consultation", "11488-4", false)]),
        ],
        more: false,
    };
    patients.update(engine, Message::PageRead(PatientId(1), Ok(Box::new(file))));
    patients
}

fn shows(patients: &Patients, text: &str) -> bool {
    let wording = wording();
    window(patients.view(context(&wording))).find(text).is_ok()
}

fn pressed(patients: &Patients, text: &str) -> Vec<Message> {
    let wording = wording();
    let mut ui = window(patients.view(context(&wording)));
    ui.click(text).unwrap();
    ui.into_messages().filter(|m| !matches!(m, Message::List(_))).collect()
}

#[test]
fn patients_are_listed_and_an_empty_list_says_what_to_do() {
    let engine = engine();
    let mut patients = screen(&engine);
    for text in [
        "DUPONT LEA",
        "VIAL PAUL",
        "Résultat critique",
        "À rattacher (1)",
        "2 patients",
        "Aucun patient choisi",
    ] {
        assert!(shows(&patients, text), "{text}");
    }
    patients.update(&engine, Message::Typed("zzz".into()));
    patients.update(&engine, Message::Listed { generation: 2, result: Ok(Found::default()) });
    assert!(shows(&patients, "Aucun patient trouvé"));
    // a late answer to what was typed before is dropped
    patients.update(
        &engine,
        Message::Listed { generation: 1, result: Ok(Found { total: 9, ..Found::default() }) },
    );
    assert!(shows(&patients, "Aucun patient trouvé"));
}

#[test]
fn the_page_shows_identity_documents_by_type_and_what_was_replaced() {
    let engine = engine();
    let mut patients = page(&engine);
    for text in [
        "INS reçu 2 85 04 13 055 017 86",
        "Bilan",
        "Lettre",
        "remplacé",
        "rattaché par vous",
        "Réunir avec…",
        "Séparer",
        "Biologie (1)",
        "Comptes rendus (1)",
    ] {
        assert!(shows(&patients, text), "{text}");
    }
    let messages = pressed(&patients, "Biologie (1)");
    assert!(matches!(messages.as_slice(), [Message::Filter(Filter::Biology)]));
    patients.update(&engine, Message::Filter(Filter::Biology));
    assert!(shows(&patients, "Bilan") && !shows(&patients, "Lettre"));
    let open = pressed(&patients, "Ouvrir le message");
    assert!(matches!(open.as_slice(), [Message::OpenMessage(FolderId(1), MessageId(1))]));
    let action = patients.update(&engine, Message::OpenMessage(FolderId(1), MessageId(1)));
    assert!(matches!(action, Action::Show(Target::Message(FolderId(1), MessageId(1)))));
    let detach = pressed(&patients, "Détacher");
    assert!(matches!(detach.as_slice(), [Message::Do(Deed::Detach(MentionId(1)))]));
}

#[test]
fn results_over_time_stand_one_analysis_a_line() {
    let engine = engine();
    let mut patients = page(&engine);
    patients.update(&engine, Message::Filter(Filter::Values));
    let value = |date: &str, value: &str| DatedValue {
        date: date.into(),
        value: value.into(),
        number: value.parse().ok(),
        low: Some(45.0),
        high: Some(84.0),
        abnormal: value == "132",
        message: MessageId(1),
    };
    let trend = Trend {
        label: "Créatinine".into(),
        chapter: "BIOCHIMIE".into(),
        unit: "umol/L".into(),
        values: vec![value("2026-01-02", "82"), value("2026-11-20", "132")],
    };
    patients.update(&engine, Message::ValuesRead(PatientId(1), Ok(vec![trend])));
    for text in ["Créatinine", "132 umol/L", "2 valeurs du 02/01/2026 au 20/11/2026", "45 – 84"] {
        assert!(shows(&patients, text), "{text}");
    }
}

#[test]
fn what_waits_is_shown_beside_whom_it_may_be_about_and_a_person_chooses_once() {
    let engine = engine();
    let mut patients = screen(&engine);
    patients.update(&engine, Message::Show(Tab::Waiting));
    for text in [
        "Dans le message",
        "date de naissance voisine",
        "21/04/1985",
        "12/04/1985",
        "différent",
        "Nouveau patient",
        "Rattacher aussi les 2 autres messages qui le nomment de façon identique",
    ] {
        assert!(shows(&patients, text), "{text}");
    }
    let chosen = pressed(&patients, "C’est ce patient");
    let deed = Deed::Attach(MentionId(5), PatientId(1));
    assert!(matches!(chosen.as_slice(), [Message::Do(d)] if *d == deed));
    assert!(matches!(patients.update(&engine, Message::Do(deed)), Action::Run(_)));
    assert!(matches!(patients.update(&engine, Message::Do(deed)), Action::None), "once");
}

#[test]
fn two_patients_are_joined_after_a_look_at_both() {
    let engine = engine();
    let mut patients = page(&engine);
    patients.update(&engine, Message::Joining(true));
    assert!(shows(&patients, "Réunir deux patients"));
    patients.update(&engine, Message::Open(PatientId(2)));
    let messages = pressed(&patients, "Réunir");
    let deed = Deed::Merge(PatientId(1), PatientId(2));
    assert!(matches!(messages.as_slice(), [Message::Do(d)] if *d == deed));
}

fn told(mailbox: &mut Mailbox, engine: &Engine, known: Known) {
    let came = DocumentMessage::Known(MessageId(1), Ok(Box::new(known)));
    mailbox.update(engine, mailbox::Message::Reader(ReaderMessage::Document(came)));
}

fn clicked(mailbox: &Mailbox, text: &str) -> Vec<mailbox::Message> {
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click(text).unwrap();
    ui.into_messages().filter(|m| !matches!(m, mailbox::Message::List(_))).collect()
}

#[test]
fn the_reader_leads_to_the_page_or_to_the_choice() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let certain = (mention(7, Standing::Certain, Vec::new()), Some(lea()));
    told(&mut mailbox, &engine, Known { mentions: vec![certain], ..Known::default() });
    assert!(matches!(
        clicked(&mailbox, "Fiche du patient").as_slice(),
        [mailbox::Message::ShowPatient(PatientId(1))]
    ));
    let open = (mention(7, Standing::Open, Vec::new()), None);
    told(&mut mailbox, &engine, Known { mentions: vec![open], ..Known::default() });
    assert!(matches!(clicked(&mailbox, "Rattacher").as_slice(), [mailbox::Message::Attach(MentionId(7))]));
}

#[test]
fn a_replacement_is_asked_about_and_a_stranger_s_is_told() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let side = |id: i64, title: &str, patient| ReplacementSide {
        message: row(id, "Bilan"),
        document: document(title, "11502-2", false),
        patient,
    };
    let mut replacement = Replacement {
        old_id: "1.2".into(),
        new_id: "1.3".into(),
        old: side(2, "Hémogramme", Some(PatientId(1))),
        new: side(1, "Hémogramme corrigé", Some(PatientId(1))),
        accepted: None,
    };
    replacement.old.message.from.address = "autre@labo.mssante.fr".into();
    told(&mut mailbox, &engine, Known { replacements: vec![replacement], ..Known::default() });
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    assert!(ui.find("Ce document annonce qu’il annule et remplace « Hémogramme » du 20/11/2026").is_ok());
    let detail = "L’expéditeur n’est pas le même que celui de l’ancien document. Rien n’est supprimé : l’ancien document \
                  reste lisible, marqué comme remplacé.";
    assert!(ui.find(detail).is_ok());
    let yes = clicked(&mailbox, "Oui, il remplace");
    assert!(
        matches!(yes.as_slice(), [mailbox::Message::JudgeReplacement(old, new, Some(true))] if old == "1.2" && new == "1.3")
    );
}

#[test]
fn a_state_is_set_from_its_menu_and_shown_in_row_and_reader() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    mailbox.update(
        &engine,
        mailbox::Message::List(estafette::gui::widget::ListEvent::Select {
            row: 0,
            mode: estafette::gui::widget::SelectMode::Replace,
        }),
    );
    mailbox.update(&engine, mailbox::Message::Do(mailbox::Deed::ChooseState));
    let messages = clicked(&mailbox, "à classer");
    let wanted = mailbox::Deed::State(Some(Triage::ToFile));
    assert!(
        messages.iter().any(|m| matches!(m, mailbox::Message::Do(deed) if *deed == wanted)),
        "{messages:?}"
    );
    mailbox.update(&engine, mailbox::Message::ChooseShown);
    let shown = clicked(&mailbox, "classé");
    assert!(matches!(shown.as_slice(), [mailbox::Message::ShowState(Some(Triage::Filed))]), "{shown:?}");
}
