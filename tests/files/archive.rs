//! The encrypted archive.

use std::path::Path;

use serde_json::Value;

use crate::desk::{Desk, Disk, LABORATORY, mailbox, names};

#[test]
fn on_a_full_disk_the_archive_stays_as_it_was() {
    let desk = Desk::open();
    let (place, page) = (desk.path("stick"), desk.path("code.txt"));
    std::fs::create_dir(&place).unwrap();
    // without root there is no disk small enough
    let Some(_disk) = Disk::mount(&place, "4m") else { return };
    desk.run(&["archive", "create", &place, "--out", &page]).json();
    let folder = desk.path("mail");
    std::fs::create_dir(&folder).unwrap();
    desk.run(&["folders", "create", "Gros"]).json();
    letters(&folder, 0..1);
    desk.run(&["import", &folder, "--folder", "Gros"]).json();
    let all = desk.run(&["archive", "run"]).json()["messages"].as_u64().unwrap();
    letters(&folder, 1..8);
    desk.run(&["import", &folder, "--folder", "Gros"]).json();
    desk.run(&["archive", "run"]).fails(1, "disk-full");
    assert_eq!(desk.run(&["archive", "status"]).json()["trouble"], "disk-full");
    let verify = ["archive", "restore", "--place", &place, "--code-file", &page];
    assert_eq!(desk.run(&verify).json()["messages"], all, "what was there is whole");
    assert!(names(&place).iter().all(|name| !name.starts_with('.')), "{:?}", names(&place));
    mailbox(LABORATORY).doveadm(&["mailbox", "delete"], &["Gros"]);
}

/// Messages of a megabyte that do not shrink.
fn letters(folder: &str, numbers: std::ops::Range<u32>) {
    for n in numbers {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ u64::from(n + 1);
        let noise: String = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(b'!' + (state >> 33) as u8 % 90)
        })
        .take(1_000_000)
        .collect();
        let lines: Vec<&str> = noise.as_bytes().chunks(76).map(|l| std::str::from_utf8(l).unwrap()).collect();
        let raw = format!(
            "Message-ID: <gros-{n}@archive.example>\r\nDate: Mon, 05 Jan 2026 09:00:00 +0100\r\n\
             From: a@b.example\r\nSubject: Gros {n}\r\n\r\n{}\r\n",
            lines.join("\r\n")
        );
        std::fs::write(Path::new(folder).join(format!("{n}.eml")), raw).unwrap();
    }
}

#[test]
fn the_archive_keeps_what_the_operator_deletes() {
    let desk = Desk::open();
    let rows = desk.inbox().len();
    let (place, page) = (desk.path("stick"), desk.path("code.txt"));
    std::fs::create_dir(&place).unwrap();
    desk.run(&["archive", "run"]).fails(1, "archive-none");
    let made = desk.run(&["archive", "create", &place, "--out", &page]).json();
    assert_eq!((&made["verified"], &made["rhythm"]), (&Value::Null, &"weekly".into()));
    assert!(std::fs::read_to_string(&page).unwrap().contains("archive"));
    desk.run(&["archive", "create", &place, "--out", &desk.path("other.txt")]).fails(1, "archive-exists");
    let run = desk.run(&["archive", "run"]).json();
    let all = run["messages"].as_u64().unwrap();
    assert!(run["added"] == all && all as usize >= rows, "{run}");
    let again = desk.run(&["archive", "run"]).json();
    assert_eq!((&again["added"], &again["messages"]), (&0.into(), &all.into()));
    let status = desk.run(&["archive", "status"]).json();
    assert!(status["verified"].is_i64() && status["waiting"] == 0 && status["trouble"].is_null(), "{status}");
    // a message of today is not what an operator deletes soon, one of years ago is
    assert_eq!(desk.run(&["archive", "rhythm", "daily", "--retention", "90"]).json()["due"], 0);

    // what the mailbox still holds is not found a second time
    let search = |words: &[&str]| desk.run(&[&["archive", "search"][..], words].concat()).json();
    assert_eq!(search(&[])["total"], 0);

    // deleted on the server and here, it is still in the archive
    let row = desk.inbox()[0].clone();
    let subject = row["subject"].as_str().unwrap();
    let before = desk.run(&["show", &row["id"].to_string(), "--raw"]).out;
    desk.run(&["delete", &row["id"].to_string()]).json();
    let bin = desk.run(&["list", "--folder", "Corbeille"]);
    if bin.code == 0 {
        for row in bin.json()["rows"].as_array().unwrap() {
            desk.run(&["delete", &row["id"].to_string()]).json();
        }
    }
    let found = desk.run(&["archive", "list", subject]).json();
    let entry = found.as_array().unwrap().iter().find(|e| e["subject"] == subject).unwrap();
    let digest = entry["digest"].as_str().unwrap();
    assert_eq!(desk.run(&["archive", "show", digest.get(..12).unwrap()]).out, before);

    // found by its words without the disk, and by what it says inside
    std::fs::rename(&place, desk.path("drawer")).unwrap();
    let gone = search(&[]);
    assert!(gone["total"].as_u64().unwrap() >= 1, "{gone}");
    let words = format!("objet:\"{}\"", subject.replace('"', " "));
    let found = search(&[&words]);
    assert_eq!(found["rows"][0]["subject"], subject, "{found}");
    assert_eq!(search(&[&words, "avant:01/01/2001"])["total"], 0);
    assert_eq!(search(&["introuvable"])["total"], 0);
    std::fs::rename(desk.path("drawer"), &place).unwrap();
    // put back into the mailbox, it is no longer only in the archive
    let back = desk.run(&["archive", "restore", "--folder", "INBOX"]).json();
    assert!(back["written"].as_u64().unwrap() >= 1 && back["duplicates"].as_u64().unwrap() > 0, "{back}");
    let left = search(&[]);
    assert_eq!(left["total"], 0, "{back} {left}");

    // without the profile: by its code alone
    std::fs::rename(desk.profile(), desk.path("away")).unwrap();
    std::fs::create_dir(desk.profile()).unwrap();
    let mbox = desk.path("back.mbox");
    let from = ["archive", "restore", "--place", &place, "--code-file", &page];
    let restored = desk.run(&[&from[..], &["--mbox", &mbox]].concat()).json();
    assert_eq!((&restored["messages"], &restored["written"]), (&all.into(), &all.into()), "{restored}");
    let lines = std::fs::read_to_string(&mbox).unwrap_or_default();
    assert!(lines.is_empty() || lines.matches("\nFrom ").count() + 1 >= all as usize);
    let folder = desk.path("back");
    desk.run(&[&from[..], &["--eml", &folder]].concat()).json();
    assert_eq!(names(&folder).len() as u64, all);
    assert!(
        names(&folder).iter().any(|name| { std::fs::read(Path::new(&folder).join(name)).unwrap() == before })
    );
}

#[test]
fn a_damaged_archive_and_a_wrong_code_are_told_and_nothing_is_written() {
    let desk = Desk::open();
    let (place, page, wrong) = (desk.path("stick"), desk.path("code.txt"), desk.path("wrong.txt"));
    std::fs::create_dir(&place).unwrap();
    desk.run(&["archive", "create", &place, "--out", &page]).json();
    let all = desk.run(&["archive", "run"]).json()["messages"].as_u64().unwrap();
    desk.run(&["vault", "recovery-code", "--out", &wrong]).json();
    let (mbox, segment) = (desk.path("back.mbox"), format!("{place}/000001.estafette-segment"));
    let restore = |code: &str| {
        desk.run(&["archive", "restore", "--place", &place, "--code-file", code, "--mbox", &mbox])
    };
    restore(&wrong).fails(3, "archive-code-wrong");
    let whole = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &whole[..whole.len() - 100]).unwrap();
    restore(&page).fails(5, "archive-truncated");
    desk.run(&["archive", "run"]).fails(5, "archive-truncated");
    let status = desk.run(&["archive", "status"]).json();
    assert_eq!(status["trouble"], "archive-truncated");
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    std::fs::write(&segment, &altered).unwrap();
    restore(&page).fails(5, "archive-altered");
    assert!(!Path::new(&mbox).exists());
    let saved = desk.run(&["archive", "restore", "--salvage", "--mbox", &mbox]).json();
    assert!(
        saved["damage"][0][0] == "archive-altered" && saved["messages"].as_u64().unwrap() < all,
        "{saved}"
    );
    std::fs::remove_file(&segment).unwrap();
    desk.run(&["archive", "run"]).fails(5, "archive-shorter");
    std::fs::write(&segment, &whole).unwrap();
    assert_eq!(desk.run(&["archive", "run"]).json()["messages"], all);
    assert!(desk.run(&["archive", "status"]).json()["trouble"].is_null());
    std::fs::rename(&place, desk.path("away")).unwrap();
    desk.run(&["archive", "run"]).fails(1, "archive-place");
}

#[test]
fn a_run_killed_at_any_time_leaves_the_archive_whole() {
    let desk = Desk::open();
    let (place, page) = (desk.path("stick"), desk.path("code.txt"));
    std::fs::create_dir(&place).unwrap();
    desk.run(&["archive", "create", &place, "--out", &page]).json();
    let folder = desk.path("mail");
    std::fs::create_dir(&folder).unwrap();
    letters(&folder, 0..8);
    desk.run(&["folders", "create", "Gros"]).json();
    desk.run(&["import", &folder, "--folder", "Gros"]).json();
    let verify = ["archive", "restore", "--place", &place, "--code-file", &page];
    let mut seen = 0;
    for wait in [40, 120, 250, 500, 900, 1_500] {
        let mut run = desk.start(&["archive", "run"]);
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = run.kill();
        run.wait().unwrap();
        let now = desk.run(&verify).json()["messages"].as_u64().unwrap();
        assert!(now >= seen, "what was archived stays");
        seen = now;
    }
    let whole = desk.run(&["archive", "run"]).json()["messages"].as_u64().unwrap();
    assert!(whole > 8);
    mailbox(LABORATORY).doveadm(&["mailbox", "delete"], &["Gros"]);
    assert_eq!(desk.run(&verify).json()["messages"], whole);
    assert!(names(&place).iter().all(|name| !name.starts_with('.')));
}

#[test]
fn old_mail_of_another_program_goes_into_the_archive_and_is_found_there() {
    let desk = Desk::open();
    let (place, page) = (desk.path("stick"), desk.path("code.txt"));
    std::fs::create_dir(&place).unwrap();
    let folder = desk.path("Ancien logiciel");
    std::fs::create_dir(&folder).unwrap();
    for (name, subject, text) in [
        ("1", "Avis - GARNIER Louis 09/01/1947", "Une sérologie de Lyme est demandée."),
        ("2", "Réunion", "Salle 3."),
    ] {
        let raw = format!(
            "Message-ID: <vieux-{name}@ancien.example>\nDate: Mon, 05 Jan 2015 09:00:00 +0100\n\
             From: Dr Paul VIAL <paul@ancien.example>\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n\
             {text}\n"
        );
        std::fs::write(Path::new(&folder).join(format!("{name}.eml")), raw).unwrap();
    }
    std::fs::write(Path::new(&folder).join("3.eml"), b"pas un message").unwrap();
    desk.run(&["import", &folder, "--archive"]).fails(1, "archive-none");
    desk.run(&["archive", "create", &place, "--out", &page]).json();
    let all = desk.run(&["archive", "run"]).json()["messages"].as_u64().unwrap();
    let rows = desk.inbox().len();
    let imported = desk.run(&["import", &folder, "--archive"]).json();
    assert_eq!((&imported["added"], &imported["unreadable"]), (&2.into(), &1.into()), "{imported}");
    let again = desk.run(&["import", &folder, "--archive"]).json();
    assert_eq!((&again["added"], &again["duplicates"]), (&0.into(), &2.into()), "{again}");
    assert_eq!(desk.inbox().len(), rows, "no mailbox gets them");
    let status = desk.run(&["archive", "status"]).json();
    assert_eq!(status["messages"], all + 2);
    // by text, patient of the subject, sender, date and where they came from
    for query in
        ["sérologies lyme", "garnier 09/01/1947", "de:vial objet:avis", "avant:2016 lyme", "dans:ancien lyme"]
    {
        let found = desk.run(&["archive", "search", query]).json();
        assert_eq!(
            (&found["total"], &found["rows"][0]["folder"]),
            (&1.into(), &"Ancien logiciel".into()),
            "{query}"
        );
    }
    // what is in no mailbox is whole in the archive, by its code alone too
    let verify = ["archive", "restore", "--place", &place, "--code-file", &page];
    assert_eq!(desk.run(&verify).json()["messages"], all + 2);
    // another archive, and nothing of the first one is found any more
    desk.run(&["archive", "forget"]).json();
    assert_eq!(desk.run(&["archive", "search", "lyme"]).json()["total"], 0);
    desk.run(&["archive", "join", &place, "--code-file", &page]).json();
    desk.run(&["archive", "run"]).json();
    assert_eq!(desk.run(&["archive", "search", "lyme"]).json()["total"], 1);
}
