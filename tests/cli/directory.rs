//! The annuaire by commands: files that are damaged, wrong or hostile, a server that stalls, and preferred mailboxes.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use crate::archive::declaring;
use crate::counter::Counter;

const NAME: &str = "Extraction_Correspondance_MSSante_202611210213.txt";
const CARDIOLOGIST: &str = "marie.martin@medecin.mssante.example";
const AT_HOSPITAL: &str = "marie.martin@chu-bordeaux.mssante.example";

fn data(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)).unwrap()
}

fn file(counter: &Counter, name: &str, content: &[u8]) -> String {
    let path = counter.path(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// A counter whose annuaire is that of the corpus.
fn loaded() -> Counter {
    let counter = Counter::open();
    let status = counter
        .run(&["annuaire", "import", &file(&counter, NAME, &data(&format!("annuaire/{NAME}")))])
        .json();
    assert_eq!((status["people"].as_u64(), status["bad_lines"].as_u64()), (Some(30), Some(0)));
    counter
}

/// The data of the corpus still answer.
fn still_serves(counter: &Counter) {
    let found = counter.run(&["annuaire", "search", "marie martin cardio"]).json();
    assert_eq!(found["people"][0]["mailboxes"][0]["address"], CARDIOLOGIST);
    assert_eq!(counter.run(&["annuaire", "status"]).json()["data_date"], "21/11/2026 02:13");
}

#[test]
fn bad_lines_are_counted_and_told_by_number_and_reason() {
    let counter = Counter::open();
    let status = counter
        .run(&["annuaire", "import", &file(&counter, "abime.txt", &data("annuaire/abime.txt"))])
        .json();
    assert_eq!((status["people"].as_u64(), status["bad_lines"].as_u64()), (Some(16), Some(9)));
    assert_eq!(status["first_bad_lines"][0]["line"], 3);
    let whole = String::from_utf8(data(&format!("annuaire/{NAME}"))).unwrap();
    let dressed: String = whole.lines().map(|line| format!("{line}|\r\n")).collect();
    let dressed = file(&counter, "stress.txt", format!("\u{feff}{dressed}").as_bytes());
    let status = counter.run(&["annuaire", "import", &dressed]).json();
    assert_eq!((status["people"].as_u64(), status["bad_lines"].as_u64()), (Some(30), Some(0)));
}

#[test]
fn a_cut_wrong_or_boundless_file_is_told_and_the_old_data_answer() {
    let counter = loaded();
    let whole = data(&format!("annuaire/{NAME}"));
    let mut packed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    packed.start_file(NAME, zip::write::SimpleFileOptions::default()).unwrap();
    packed.write_all(&whole).unwrap();
    let packed = packed.finish().unwrap().into_inner();
    for (name, content, code) in [
        ("cut.zip", &packed[..packed.len() - 60], "annuaire-cut"),
        ("half.zip", &packed[..packed.len() / 2], "annuaire-cut"),
        ("cut.txt", &whole[..whole.len() - 40], "annuaire-cut"),
        ("other.csv", b"Nom;Ville\nMartin;Lyon\n", "annuaire-unreadable"),
        ("picture.png", b"\x89PNG\r\n\x1a\n", "annuaire-unreadable"),
        ("boundless.zip", &declaring(NAME, 10 << 30, &[3, 0]), "annuaire-too-large"),
    ] {
        let refused = counter.run(&["annuaire", "import", &file(&counter, name, content)]).fails(5, code);
        let advice = refused["error"]["advice"].as_str().unwrap();
        assert!(advice.contains("L’ancien annuaire reste en place"), "{name}: {advice}");
        still_serves(&counter);
    }
}

/// Takes as long as the program waits for a silent server: half a minute.
#[test]
fn a_server_that_stalls_is_given_up_and_the_old_data_answer() {
    let counter = loaded();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/{NAME}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 2000]);
        let half = data(&format!("annuaire/{NAME}"));
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", half.len());
        stream.write_all(&[head.as_bytes(), &half[..half.len() / 2]].concat()).unwrap();
        loop {
            std::thread::park();
        }
    });
    let refused = counter.run(&["annuaire", "import", &url]).fails(4, "annuaire-download");
    assert!(refused["error"]["advice"].as_str().unwrap().contains("reste en place"));
    still_serves(&counter);
}

/// The service of the ANS has a certificate of the IGC Santé, which no public authority vouches for.
#[test]
fn a_server_of_the_igc_sante_is_believed_and_one_nobody_vouches_for_is_not() {
    let counter = loaded();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://127.0.0.1:{}/{NAME}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        let body = data(&format!("annuaire/{NAME}"));
        for stream in listener.incoming() {
            let connection = rustls::ServerConnection::new(crate::authority::server()).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
            // whoever does not believe the certificate leaves
            if stream.read(&mut [0; 4000]).is_ok_and(|read| read > 0) {
                let head =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        }
    });
    let anchors = counter.profile().join("anchors");
    for file in std::fs::read_dir(&anchors).into_iter().flatten().flatten() {
        std::fs::remove_file(file.path()).unwrap();
    }
    std::fs::create_dir_all(&anchors).unwrap();
    // another authority than the server's
    std::fs::copy(&crate::authority::authority().certificate, anchors.join("other.pem")).unwrap();
    counter.run(&["annuaire", "import", &url]).fails(4, "annuaire-download");
    still_serves(&counter);
    std::fs::copy(&crate::authority::authority().ca, anchors.join("igc.pem")).unwrap();
    assert_eq!(counter.run(&["annuaire", "import", &url]).json()["people"], 30);
}

#[test]
fn the_preferred_mailbox_is_told_by_the_files_that_would_be_attached() {
    let counter = loaded();
    counter.add_laboratory().json();
    let contact = |words: &[&str]| {
        let words: Vec<&str> = ["annuaire", "contact"].into_iter().chain(words.iter().copied()).collect();
        counter.run(&words)
    };
    let results = file(&counter, "resultats.hpr", &data("hprim/bio-lab-utf8-lf.hpr"));
    let mailbox = contact(&["mailbox", CARDIOLOGIST]).json();
    assert!(mailbox["address"].is_null(), "nothing was said: {mailbox}");
    contact(&["prefer", AT_HOSPITAL, "--for", "biology"]).json();
    contact(&["prefer", CARDIOLOGIST]).json();
    for address in [CARDIOLOGIST, AT_HOSPITAL] {
        let with = contact(&["mailbox", address, &results]).json();
        assert_eq!((&with["address"], &with["kind"]), (&AT_HOSPITAL.into(), &"biology".into()));
        let without = contact(&["mailbox", address]).json();
        assert_eq!((&without["address"], &without["kind"]), (&CARDIOLOGIST.into(), &serde_json::Value::Null));
    }
    let listed = contact(&["list"]).json();
    assert_eq!(listed[0]["preferred"]["by_kind"]["biology"], AT_HOSPITAL);
    let exported = counter.path("contacts.vcf");
    contact(&["export", &exported]).json();
    assert!(
        std::fs::read_to_string(&exported)
            .unwrap()
            .replace("\r\n ", "")
            .contains("X-ESTAFETTE-PREFERRED:biology=")
    );
    // the hospital closes the mailbox
    let whole = String::from_utf8(data(&format!("annuaire/{NAME}"))).unwrap();
    let without: Vec<&str> = whole.lines().filter(|line| !line.contains(AT_HOSPITAL)).collect();
    let later = file(&counter, &NAME.replace("20261121", "20261122"), (without.join("\n") + "\n").as_bytes());
    counter.run(&["annuaire", "import", &later]).json();
    let gone = contact(&["mailbox", CARDIOLOGIST, &results]).fails(1, "preferred-gone");
    assert!(gone["error"]["message"].as_str().unwrap().contains(AT_HOSPITAL));
    contact(&["prefer", CARDIOLOGIST, "--for", "biology", "--off"]).json();
    assert_eq!(contact(&["mailbox", CARDIOLOGIST, &results]).json()["address"], CARDIOLOGIST);
    contact(&["take", &exported]).json();
    contact(&["mailbox", CARDIOLOGIST, &results]).fails(1, "preferred-gone");
}
