use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use super::super::Permission;
use super::*;

/// Answers one request after the other with these bytes and gives back the requests' heads.
fn serve(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/{NAME}", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        answers
            .into_iter()
            .map(|answer| {
                let (mut stream, _) = listener.accept().unwrap();
                let head: Vec<String> = BufReader::new(stream.try_clone().unwrap())
                    .lines()
                    .map_while(Result::ok)
                    .take_while(|l| !l.is_empty())
                    .collect();
                stream.write_all(&answer).unwrap();
                head.join("\n").to_lowercase()
            })
            .collect()
    });
    (url, served)
}

fn ok(body: &[u8], length: usize) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[test]
fn a_download_is_imported_and_asked_for_again_only_when_changed() {
    let body = text().into_bytes();
    let unchanged = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec();
    let (url, served) = serve(vec![ok(&body, body.len()), unchanged]);
    let annuaire = Annuaire::in_memory().unwrap();
    let status = annuaire.import_from(&url, Permission::default(), &mut go_on).unwrap();
    assert_eq!(status.people, 30);
    assert_eq!(status.data_date.as_deref(), Some("21/11/2026 02:13"));
    assert_eq!(annuaire.import_from(&url, Permission::default(), &mut go_on).unwrap(), status);
    let heads = served.join().unwrap();
    assert!(!heads[0].contains("if-none-match"));
    assert!(heads[1].contains("if-none-match: \"one\""));
}

#[test]
fn a_download_that_fails_or_is_cut_leaves_the_old_data() {
    let body = text().into_bytes();
    let cut_at = body.iter().rposition(|b| *b == b'\n').unwrap() - 2000;
    let cut_at = body[..cut_at].iter().rposition(|b| *b == b'\n').unwrap() + 1;
    let gone = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec();
    let away = b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (url, served) = serve(vec![ok(&body[..cut_at], body.len()), gone, away.to_vec()]);
    let annuaire = loaded();
    let good = annuaire.status().unwrap();
    assert!(annuaire.import_from(&url, Permission::default(), &mut go_on).is_err());
    assert!(matches!(annuaire.import_from(&url, Permission::default(), &mut go_on), Err(Error::Http(503))));
    assert!(annuaire.import_from(&url, Permission::default(), &mut go_on).is_err());
    served.join().unwrap();
    assert_eq!(annuaire.status().unwrap(), good);
}

#[test]
fn only_https_and_this_machine_are_asked() {
    let annuaire = Annuaire::in_memory().unwrap();
    for url in [
        "http://192.0.2.1/x",
        "http://example.org/x",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://localhost.example.org/",
    ] {
        assert!(
            matches!(annuaire.import_from(url, Permission::default(), &mut go_on), Err(Error::Url)),
            "{url}"
        );
    }
}

/// A server that takes the request and then says nothing more, after this much of its answer.
fn stalled(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/{NAME}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(&answer).unwrap();
        // the connection stays open until the program ends
        loop {
            thread::park();
        }
    });
    url
}

#[test]
fn a_server_that_stalls_is_given_up_and_the_old_data_stay() {
    let body = text().into_bytes();
    let annuaire = loaded();
    let good = annuaire.status().unwrap();
    for answer in [Vec::new(), ok(&body[..body.len() / 2], body.len()), ok(b"PK\x03\x04", 20_000_000)] {
        let sent = answer.len();
        let refused = annuaire.import_from(&stalled(answer), Permission::default(), &mut go_on);
        assert!(matches!(refused, Err(Error::Network(_))), "after {sent} bytes: {refused:?}");
        assert_eq!(annuaire.status().unwrap(), good);
        assert_eq!(keys(&annuaire, "marie martin").len(), 3);
    }
    let list = annuaire.import_white_list(&stalled(ok(b"<ListeBlanche>", 1000)));
    assert!(matches!(list, Err(Error::Network(_))), "{list:?}");
}

#[test]
fn an_import_is_ended_at_once_while_the_server_is_silent() {
    let annuaire = loaded();
    let good = annuaire.status().unwrap();
    for answer in [Vec::new(), ok(b"PK\x03\x04", 20_000_000)] {
        let mut asked = 0;
        let mut ended = |_: Progress| {
            asked += 1;
            asked < 2
        };
        let refused = annuaire.import_from(&stalled(answer), Permission::default(), &mut ended);
        assert!(matches!(refused, Err(Error::Cancelled)), "{refused:?}");
        assert_eq!(annuaire.status().unwrap(), good);
    }
}

#[test]
fn an_archive_tells_how_much_of_it_has_come() {
    let zip = importing::zipped(text().as_bytes());
    let (url, served) = serve(vec![ok(&zip, zip.len())]);
    let mut told = Vec::new();
    let mut note = |state: Progress| {
        told.push(state);
        true
    };
    let annuaire = Annuaire::in_memory().unwrap();
    annuaire.import_from(&url, Permission::default(), &mut note).unwrap();
    served.join().unwrap();
    let total = Some(zip.len() as u64);
    let whole = Progress { phase: super::super::Phase::Receiving, done: zip.len() as u64, total };
    assert!(told.contains(&whole), "{told:?}");
}
