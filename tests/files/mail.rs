//! Messages on paper and in files.

use std::collections::BTreeSet;
use std::path::Path;

use estafette::health::{Patience, pdf};
use serde_json::Value;

use crate::desk::{Desk, HOSPITAL, LABORATORY, mailbox, names, strings};

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["id"].to_string()).collect()
}

fn text_of(path: &str) -> String {
    let bytes = std::fs::read(path).unwrap();
    let never = || false;
    let content = pdf::read(&bytes, Patience::new(&never)).unwrap();
    content.texts.concat().chars().filter(|c| !c.is_whitespace()).collect()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn a_message_and_its_documents_go_on_paper() {
    let desk = Desk::open();
    let mut documents = 0;
    for (number, row) in desk.inbox().iter().enumerate() {
        let (id, out) = (row["id"].to_string(), desk.path(&format!("{number}.pdf")));
        let printed = desk.run(&["print", &id, "--out", &out]).json();
        assert_eq!(printed["as_it_is"], false);
        let text = text_of(&out);
        assert!(text.contains(&squeezed(row["subject"].as_str().unwrap())), "{row}\n{text}");
        assert!(text.contains("Page1/"), "{text}");
        for file in desk.run(&["show", &id]).json()["attachments"].as_array().unwrap() {
            if file["inline"] == false {
                assert!(text.contains(&squeezed(file["name"].as_str().unwrap())), "{file}\n{text}");
            }
        }
        let of_document = desk.path(&format!("{number}-1.pdf"));
        let answer = desk.run(&["print", &id, "--document", "1", "--out", &of_document]);
        if answer.code == 0 {
            documents += 1;
            assert!(std::fs::read(&of_document).unwrap().starts_with(b"%PDF-"));
        }
        // never over another file
        assert_eq!(desk.run(&["print", &id, "--out", &out]).code, 2);
    }
    assert!(documents > 0, "some messages bring documents");
    let first = desk.inbox()[0]["id"].to_string();
    desk.run(&["print", &first, "--document", "99", "--out", &desk.path("none.pdf")]).fails(1, "not-found");
}

#[test]
fn exported_mail_is_what_the_server_has_and_comes_back_once() {
    let desk = Desk::open();
    let rows = desk.inbox();
    let first = rows[0]["id"].to_string();
    let (eml, folder, mbox) = (desk.path("one.eml"), desk.path("all"), desk.path("all.mbox"));
    desk.run(&["export", &first, "--form", "eml", "--out", &eml]).json();
    assert_eq!(std::fs::read(&eml).unwrap(), desk.run(&["show", &first, "--raw"]).out);
    let mut every = vec!["export".to_owned()];
    every.extend(ids(&rows));
    every.extend(["--form", "folder", "--out", &folder].map(str::to_owned));
    assert_eq!(desk.run(&strings(&every)).json()["messages"], rows.len());
    assert_eq!(names(&folder).len(), rows.len());
    let exported = desk.run(&["export", "--folder", "INBOX", "--out", &mbox]).json();
    assert_eq!((&exported["messages"], &exported["missing"]), (&rows.len().into(), &0.into()));
    desk.run(&["export", "--folder", "INBOX", "--out", &mbox]).fails(1, "export-exists");
    let nowhere = desk.path("nowhere/all.mbox");
    desk.run(&["export", "--folder", "INBOX", "--out", &nowhere]).fails(1, "export-place");

    // its own mailbox has all of it
    for file in [&mbox, &folder, &eml] {
        let imported = desk.run(&["import", file]).json();
        assert_eq!(imported["added"], 0, "{imported}");
        assert!(imported["duplicates"].as_u64().unwrap() >= 1, "{imported}");
    }
    assert_eq!(desk.inbox().len(), rows.len());

    // another one gets it once, on the server too
    desk.add(HOSPITAL);
    desk.run(&["folders", "create", "Reprise", "--account", HOSPITAL]).json();
    desk.run(&["sync"]).json();
    let imported = desk.run(&["import", &mbox, "--folder", "Reprise"]).json();
    assert_eq!(
        (&imported["added"], &imported["on_server"]),
        (&rows.len().into(), &true.into()),
        "{imported}"
    );
    assert_eq!(mailbox(HOSPITAL).files("Reprise").len(), rows.len());
    let again = desk.run(&["import", &folder, "--folder", "Reprise"]).json();
    assert_eq!((&again["added"], &again["duplicates"]), (&0.into(), &rows.len().into()));
    desk.run(&["sync"]).json();
    assert_eq!(mailbox(HOSPITAL).files("Reprise").len(), rows.len());
    let there = desk.run(&["list", "--folder", "Reprise", "--limit", "500"]).json();
    assert_eq!(there["total"], rows.len());
    assert!(there["rows"].as_array().unwrap().iter().all(|row| row["flags"]["seen"] == true));
    let id = there["rows"][0]["id"].to_string();
    let same =
        rows.iter().find(|row| row["subject"] == there["rows"][0]["subject"]).unwrap()["id"].to_string();
    let raw = |id: &str| desk.run(&["show", id, "--raw"]).out.trim_ascii_end().to_vec();
    assert!(raw(&id) == raw(&same), "an mbox file gives the last line an end");
    mailbox(HOSPITAL).doveadm(&["mailbox", "delete"], &["Reprise"]);

    let (picture, empty) = (desk.path("scan.png"), desk.path("empty.mbox"));
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n\0\0").unwrap();
    std::fs::write(&empty, b"").unwrap();
    assert_eq!(desk.run(&["import", &picture]).json()["unreadable"], 1);
    assert_eq!(desk.run(&["import", &empty]).json()["unreadable"], 1);
    desk.run(&["import", &desk.path("gone.mbox")]).fails(1, "export-place");
}

#[test]
fn mail_sorted_by_patient_has_a_folder_each_and_an_index() {
    let desk = Desk::open();
    let out = desk.path("patients.zip");
    let exported = desk.run(&["export", "--folder", "INBOX", "--form", "patients", "--out", &out]).json();
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&out).unwrap()).unwrap();
    let index: Value = serde_json::from_reader(zip.by_name("index.json").unwrap()).unwrap();
    let lines = index.as_array().unwrap();
    let messages = lines.iter().filter(|line| line["kind"] == "message").count();
    assert_eq!(exported["messages"], messages);
    assert_eq!(exported["documents"], lines.len() - messages);
    let files: BTreeSet<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    for line in lines {
        let file = line["file"].as_str().unwrap();
        assert!(files.contains(file), "{file}");
        let folder = file.split('/').next().unwrap();
        let patient = line["patient"].as_str().unwrap();
        assert_eq!(folder == "_", patient.is_empty(), "{line}");
        assert!(patient.is_empty() || folder.starts_with(patient), "{line}");
    }
    assert!(lines.iter().any(|line| line["patient"] != ""), "{index}");
    // the file of one patient alone
    let patients = desk.run(&["patient", "list"]).json();
    let patient = &patients["patients"][0];
    let alone = desk.path("patient.zip");
    let one = ["export", "--patient", &patient["id"].to_string(), "--form", "patients", "--out", &alone];
    assert_eq!(desk.run(&one).json()["messages"], patient["messages"], "{patients}");
    // its messages are the same again
    assert_eq!(desk.run(&["import", &out]).json()["duplicates"], messages);
}

#[test]
fn an_import_killed_at_any_time_puts_each_message_on_the_server_once() {
    let desk = Desk::open();
    desk.run(&["folders", "create", "Import"]).json();
    desk.run(&["sync"]).json();
    let folder = desk.path("mail");
    std::fs::create_dir(&folder).unwrap();
    for n in 0..60 {
        // some have no Message-ID, as old mail does
        let id = if n % 3 == 0 { String::new() } else { format!("Message-ID: <{n}@import.example>\r\n") };
        let raw = format!(
            "{id}Date: Mon, 05 Jan 2026 09:{n:02}:00 +0100\r\nFrom: a@b.example\r\nSubject: Import {n}\r\n\r\n\
             Texte {n}\r\n"
        );
        std::fs::write(Path::new(&folder).join(format!("{n:02}.eml")), raw).unwrap();
    }
    for wait in [60, 150, 300, 450, 600, 900, 1_300] {
        let mut import = desk.start(&["import", &folder, "--folder", "Import"]);
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = import.kill();
        import.wait().unwrap();
    }
    let last = desk.run(&["import", &folder, "--folder", "Import"]).json();
    assert_eq!(last["on_server"], true, "{last}");
    desk.run(&["sync"]).json();
    let there = mailbox(LABORATORY);
    assert_eq!(there.files("Import").len(), 60);
    for n in 0..60 {
        assert_eq!(there.holding("Import", &format!("Subject: Import {n}\n")), 1, "{n}");
    }
    assert_eq!(desk.run(&["list", "--folder", "Import", "--limit", "100"]).json()["total"], 60);
    there.doveadm(&["mailbox", "delete"], &["Import"]);
}
