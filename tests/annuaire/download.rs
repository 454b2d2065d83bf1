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
