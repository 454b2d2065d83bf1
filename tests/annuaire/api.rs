//! The Annuaire Santé API, scripted from the examples of its documentation.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use super::super::fhir::Fhir;
use super::*;
use crate::domain::secret::Secret;

/// Answers one request after the other, and gives back the request lines and keys.
fn serve(answers: Vec<(u16, String)>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/fhir/v2", listener.local_addr().unwrap());
    let own = base.clone();
    let served = thread::spawn(move || {
        let mut asked = Vec::new();
        for (status, body) in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(&stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                reader.read_line(&mut head).unwrap();
            }
            let key = head
                .lines()
                .find_map(|l| l.to_lowercase().strip_prefix("esante-api-key: ").map(str::to_owned));
            asked.push(format!("{} {}", head.lines().next().unwrap(), key.unwrap_or_default()));
            let body = body.replace("BASE", &own);
            let mut stream = &stream;
            write!(
                stream,
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        }
        asked
    });
    (base, served)
}

fn mailbox(address: &str, kind: &str, rank: &str) -> String {
    format!(
        r#"{{"system":"email","value":"{address}"{rank},"extension":[
        {{"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type",
          "valueCoding":{{"code":"MSSANTE"}}}},
        {{"url":"https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata",
          "extension":[{{"url":"type","valueCodeableConcept":{{"coding":[{{"code":"{kind}"}}]}}}},
                       {{"url":"service","valueString":"Cardiologie"}}]}}]}}"#
    )
}

fn bundle(resources: &[String], next: &str) -> (u16, String) {
    let entries: Vec<String> = resources.iter().map(|r| format!(r#"{{"resource":{r}}}"#)).collect();
    let link =
        if next.is_empty() { String::new() } else { format!(r#"{{"relation":"next","url":"{next}"}}"#) };
    (
        200,
        format!(
            r#"{{"resourceType":"Bundle","type":"searchset","link":[{link}],"entry":[{}]}}"#,
            entries.join(",")
        ),
    )
}

fn practitioner() -> String {
    format!(
        r#"{{"resourceType":"Practitioner","id":"003-1-1","active":true,
        "meta":{{"lastUpdated":"2026-11-20T02:11:00.000+01:00"}},"telecom":[{}]}}"#,
        mailbox("helene@medecin.mssante.example", "PER", "")
    )
}

fn client(base: &str) -> Fhir {
    Fhir::new(base, Secret::new("the-key".to_owned()), None).unwrap()
}

#[test]
fn mailboxes_and_places_are_gathered_over_roles_and_pages() {
    let role = |id: u32, active: bool, telecom: &str| {
        format!(
            r#"{{"resourceType":"PractitionerRole","id":"005-1-{id}","active":{active},
            "organization":{{"reference":"Organization/001-01-1"}},"telecom":[{telecom}]}}"#
        )
    };
    let organization = r#"{"resourceType":"Organization","id":"001-01-1","name":"CHU DE LYON (FICTIF)",
        "telecom":[{"system":"email","value":"contact@chu.example"},{"system":"phone","value":"0400000000"}],
        "address":[{"line":["5 PLACE D'ARSONVAL"],"city":"LYON","postalCode":"69003"}]}"#;
    let plain = r#"{"system":"email","value":"not-mssante@chu.example"}"#;
    let ours = mailbox("helene@chu.mssante.example", "PER", r#","rank":1"#);
    let (base, served) = serve(vec![
        bundle(&[practitioner()], ""),
        bundle(&[role(1, true, &format!("{plain},{ours}")), role(2, false, "")], "BASE/_page?id=OPAQUE"),
        bundle(&[organization.to_owned()], ""),
    ]);
    let detail = client(&base).person("99900000011").unwrap().unwrap();
    let addresses: Vec<&str> = detail.mailboxes.iter().map(|m| m.address.as_str()).collect();
    assert_eq!(addresses, ["helene@chu.mssante.example", "helene@medecin.mssante.example"]);
    assert!(detail.mailboxes[0].preferred && detail.active);
    assert_eq!(detail.mailboxes[0].service, "Cardiologie");
    assert_eq!((detail.places[0].city.as_str(), detail.places[0].phone.as_str()), ("LYON", "0400000000"));
    assert_eq!(detail.updated, "2026-11-20T02:11:00.000+01:00");
    let asked = served.join().unwrap();
    assert!(
        asked[0].contains("Practitioner?identifier=https%3A%2F%2Frpps.esante.gouv.fr%7C99900000011"),
        "{asked:?}"
    );
    assert!(asked.iter().all(|line| line.ends_with("the-key")), "{asked:?}");
    assert!(asked[2].starts_with("GET /fhir/v2/_page?id=OPAQUE "), "{asked:?}");
}

#[test]
fn the_key_never_follows_a_page_to_another_server() {
    let (base, served) = serve(vec![bundle(&[practitioner()], "http://127.0.0.1:9/fhir/v2/_page?id=1")]);
    assert!(matches!(client(&base).person("99900000011"), Err(Error::Api(_))));
    served.join().unwrap();
    assert!(matches!(
        Fhir::new("http://example.org/fhir", Secret::new(String::new()), None),
        Err(Error::Url)
    ));
}

#[test]
fn refusals_empty_answers_and_nonsense_are_told_apart() {
    let outcome = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]}"#;
    for status in [400, 401, 404, 429, 500] {
        let (base, served) = serve(vec![(status, outcome.to_owned())]);
        assert!(matches!(client(&base).person("99900000011"), Err(Error::Http(s)) if s == status));
        served.join().unwrap();
    }
    let (base, served) = serve(vec![(200, r#"{"resourceType":"Bundle","total":0}"#.to_owned())]);
    assert_eq!(client(&base).person("99900000011").unwrap(), None);
    served.join().unwrap();
    for body in ["", "<html>", "{", "[]", outcome, &"[".repeat(5000)] {
        let (base, served) = serve(vec![(200, body.to_owned())]);
        assert!(matches!(client(&base).person("99900000011"), Err(Error::Api(_))), "{body:.20}");
        served.join().unwrap();
    }
    assert_eq!(client("http://127.0.0.1:9").person("12").unwrap(), None, "no RPPS, no call");
    assert!(matches!(client("http://127.0.0.1:9").person("99900000011"), Err(Error::Network(_))));
}

/// The documentation allows a key seventeen calls a second: whoever asks, and with however many clients.
#[test]
fn calls_keep_the_pace_the_api_allows() {
    const CALLS: usize = 20;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/fhir/v2", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        let body = r#"{"resourceType":"Bundle","total":0}"#;
        let mut at = Vec::new();
        for _ in 0..CALLS {
            let (stream, _) = listener.accept().unwrap();
            at.push(std::time::Instant::now());
            let mut reader = BufReader::new(&stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                reader.read_line(&mut head).unwrap();
            }
            write!(
                &stream,
                "HTTP/1.1 200 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        }
        at
    });
    let start = std::time::Instant::now();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..CALLS / 2 {
                    assert_eq!(client(&base).person("99900000011").unwrap(), None);
                }
            });
        }
    });
    let least = std::time::Duration::from_millis((CALLS as u64 - 1) * 1000 / 17);
    assert!(start.elapsed() >= least, "{:?} for {CALLS} calls", start.elapsed());
    assert_eq!(served.join().unwrap().len(), CALLS);
}
