//! Documents sent as MSSanté asks, filed where the practice software looks, and links, by commands alone.

use std::path::Path;

use crate::counter::{Counter, LABORATORY, MARTIN, mailbox, until};

const TRAITS: &str = r#"{"birth_name":"ECLIPSE","first_name":"LUCIE","birth_date":"1985-04-12","sex":"F",
    "ins":{"matricule":"285041305501786","oid":"1.2.250.1.213.1.4.10"}}"#;

/// A patient and a PDF about her.
fn papers(counter: &Counter) -> (String, String) {
    let (patient, pdf) = (counter.path("patient.json"), counter.path("cr.pdf"));
    std::fs::write(&patient, TRAITS).unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/message/ordonnance-pdf.eml");
    let content = estafette::mime::attachment(&std::fs::read(source).unwrap(), 0).unwrap().bytes;
    std::fs::write(&pdf, content).unwrap();
    (patient, pdf)
}

fn send(counter: &Counter, to: &str, patient: &str, pdf: &str) -> crate::counter::Answer {
    let body = counter.path("body.txt");
    let letter = ["send", "--to", to, "--body-file", &body, "--attach", pdf];
    counter.run(&[&letter[..], &["--patient", patient, "--xdm", "--kind", "11490-0"]].concat())
}

fn names(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

#[test]
fn a_pdf_about_a_patient_arrives_as_an_archive_with_its_twin_and_the_headers_of_mssante() {
    let counter = Counter::open();
    let (patient, pdf) = papers(&counter);
    counter.add_laboratory().json();
    let sent = send(&counter, MARTIN, &patient, &pdf).json();
    assert_eq!(sent["state"], "done", "{sent}");
    let subject = sent["subject"].as_str().unwrap();
    assert!(
        subject.starts_with("XDM/1.0/DDM+Lettre de liaison à la sortie")
            && subject.ends_with("ECLIPSE LUCIE 12/04/1985"),
        "{subject}"
    );
    let message_id = sent["message_id"].as_str().unwrap().trim_matches(['<', '>']);
    until("delivered", || mailbox(MARTIN).holding("INBOX", message_id) == 1);
    let files = mailbox(MARTIN).files("INBOX");
    let is_it = |path: &&std::path::PathBuf| {
        String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(message_id)
    };
    let file = files.iter().find(is_it).unwrap();
    let raw = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
    assert!(raw.contains("X-MSS-CODECDA: 11490-0"), "{raw}");
    assert!(raw.contains("X-MSS-INS: O"));
    let copy = counter.path("recu.eml");
    std::fs::copy(file, &copy).unwrap();
    let shown = counter.run(&["document", "show", &copy]).json();
    assert_eq!(shown["kind"], "xdm");
    assert_eq!(shown["patient"]["ins"]["matricule"], "285041305501786");
    let documents = shown["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 1, "the PDF beside the archive is the twin of its CDA: {shown}");
    let twin = documents[0]["twin"].as_str().unwrap();
    assert!(
        twin.contains("_Lettre de liaison à la sortie") && twin.ends_with("_ECLIPSE_LUCIE.pdf"),
        "{twin}"
    );
    let warnings = shown["documents"][0]["warnings"].to_string() + &shown["warnings"].to_string();
    assert!(!warnings.contains("patient-differs") && !warnings.contains("hash-wrong"), "{warnings}");
    // an ordinary message says nothing of documents
    let body = counter.path("body.txt");
    let plain = ["send", "--to", MARTIN, "--subject", "Avis", "--body-file", &body, "--attach", &pdf];
    let sent = counter.run(&plain).json();
    let message_id = sent["message_id"].as_str().unwrap().trim_matches(['<', '>']);
    until("delivered", || mailbox(MARTIN).holding("INBOX", message_id) == 1);
    assert_eq!(mailbox(MARTIN).files("INBOX").iter().filter(|f| is_plain(f, message_id)).count(), 1);
    // nothing leaves with an identity that is wrong, or with anything but PDFs
    std::fs::write(&patient, TRAITS.replace("786\"", "787\"")).unwrap();
    send(&counter, MARTIN, &patient, &pdf).fails(5, "ins-key-wrong");
    std::fs::write(&patient, TRAITS.replace("\"sex\":\"F\",", "")).unwrap();
    send(&counter, MARTIN, &patient, &pdf).fails(5, "patient-incomplete");
    std::fs::write(&patient, TRAITS).unwrap();
    send(&counter, MARTIN, &patient, &body).fails(5, "xdm-pdf-only");
    counter.run(&["send", "--to", MARTIN, "--body-file", &body, "--xdm"]).fails_alone(2);
}

fn is_plain(file: &Path, message_id: &str) -> bool {
    let raw = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
    raw.contains(message_id) && !raw.contains("X-MSS-CODECDA") && !raw.contains("X-MSS-INS")
}

#[test]
fn what_arrives_is_filed_by_hand_and_by_rule() {
    let counter = Counter::open();
    let (patient, pdf) = papers(&counter);
    counter.add_laboratory().json();
    counter.run(&["sync"]).json();
    let depot = counter.dir.path().join("depot");
    std::fs::create_dir(&depot).unwrap();
    let folder = depot.to_str().unwrap();
    let add = ["destination", "add", "--name", "Logiciel", "--folder", folder, "--format", "pdf", "xdm"];
    counter.run(&add).json();
    counter
        .run(&["destination", "add", "--name", "X", "--folder", "/absent/lecteur"])
        .fails(1, "deposit-missing");
    counter
        .run(&["destination", "add", "--name", "X", "--folder", folder, "--pattern", "{rien}"])
        .fails_alone(2);

    send(&counter, LABORATORY, &patient, &pdf).json();
    // a notice of delivery comes too
    let letter = || {
        let rows = counter.run(&["list", "--limit", "5"]).json()["rows"].clone();
        let is_it =
            |row: &&serde_json::Value| row["subject"].as_str().is_some_and(|s| s.starts_with("Lettre de"));
        rows.as_array().unwrap().iter().find(is_it).map(|row| row["id"].to_string())
    };
    until("arrived", || {
        counter.run(&["sync"]).json();
        letter().is_some()
    });
    let id = letter().unwrap();
    let preview = counter.run(&["destination", "preview", "--pattern", "{nom}-{prenom}-{naissance}"]).json();
    assert_eq!(preview["name"], "ECLIPSE-LUCIE-19850412.pdf");
    let filed = counter.run(&["file", &id]).json();
    assert_eq!(filed["outcomes"][0]["outcome"], "filed", "{filed}");
    let written = names(&depot);
    assert_eq!(written.len(), 2, "{written:?}");
    assert!(written.iter().all(|name| name.contains("ECLIPSE_LUCIE")), "{written:?}");
    assert_eq!(
        std::fs::read(depot.join(written.iter().find(|n| n.ends_with("pdf")).unwrap())).unwrap(),
        std::fs::read(&pdf).unwrap()
    );
    assert_eq!(counter.run(&["file", &id]).json()["outcomes"][0]["outcome"], "already");
    // another station sees that it is filed
    counter.run(&["sync"]).json();
    let message_id =
        format!("<{}>", counter.run(&["show", &id]).json()["envelope"]["message_id"].as_str().unwrap());
    assert!(mailbox(LABORATORY).flags("INBOX", &message_id).contains("Etat-Classe"));
    let gesture = filed["gesture"].to_string();
    assert_eq!(counter.run(&["file", "--undo", &gesture]).json()["removed"], 2);
    assert!(names(&depot).is_empty());
    counter.run(&["file", "--undo", &gesture]).fails(1, "nothing-to-undo");

    let when = ["--kind", "hospital", "--patient", "true", "--sender", LABORATORY];
    let preview = counter.run(&[&["rule", "preview"], &when[..]].concat()).json();
    assert_eq!(preview["count"], 1, "{preview}");
    let rule = ["rule", "add", "--name", "Hôpital", "--file", "Logiciel", "--folder", "Hôpital"];
    counter.run(&[&rule[..], &when[..]].concat()).json();
    counter.run(&["destination", "remove", "Logiciel"]).fails(1, "destination-in-use");
    send(&counter, LABORATORY, &patient, &pdf).json();
    until("filed by the rule", || {
        counter.run(&["sync"]).json();
        names(&depot).len() == 2
    });
    let rows = counter.run(&["list", "--folder", "Hôpital"]).json();
    assert_eq!(rows["rows"].as_array().unwrap().len(), 1, "only what came after the rule: {rows}");
    let rules = counter.run(&["rule", "list"]).json();
    assert_eq!(rules["rules"].as_array().unwrap().len(), 1);
    assert_eq!(rules["failed"].as_array().unwrap().len(), 0);
    counter.run(&["rule", "remove", &rules["rules"][0]["id"].to_string()]).json();
    counter.run(&["destination", "remove", "Logiciel"]).json();
}
