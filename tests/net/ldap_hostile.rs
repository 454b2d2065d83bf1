//! Directory servers that lie, flood, stall or speak in clear.

use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::net::tls::web_config;

const LIMIT: Duration = Duration::from_secs(2);

fn way() -> Way {
    Way::from(web_config(&[]).unwrap())
}

fn endpoint(host: &str, port: u16) -> Endpoint {
    Endpoint { host: host.to_owned(), port, security: Security::StartTls }
}

fn question(attributes: &[String]) -> Question<'_> {
    let filter = Filter::Present("mail".to_owned());
    Question { base: "dc=mssante,dc=fr", filter, attributes, most: 50 }
}

/// A value of this tag.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84][..], &length, content].concat()
}

fn message(id: u8, operation: &[u8]) -> Vec<u8> {
    value(0x30, &[&[2, 1, id][..], operation].concat())
}

/// The result of an operation: code, no name, no words.
fn result(tag: u8, code: u8) -> Vec<u8> {
    value(tag, &[0x0a, 1, code, 4, 0, 4, 0])
}

fn entry(address: &str) -> Vec<u8> {
    let values = value(0x31, &value(4, address.as_bytes()));
    let attribute = value(0x30, &[value(4, b"mail"), values].concat());
    value(0x64, &[value(4, b"dn"), value(0x30, &attribute)].concat())
}

/// Speaks to a server that reads a request and says `refusal` to StartTLS, then reads another and says `answer`, over
/// and over when it is to be endless. Gives what came of it, and all the server heard.
async fn talk(host: &str, answer: Vec<u8>, endless: bool) -> (Result<Entries, Error>, Vec<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = vec![0; 4096];
        let length = stream.read(&mut heard).await.unwrap();
        heard.truncate(length);
        // unwilling to perform
        stream.write_all(&message(1, &result(0x78, 53))).await.unwrap();
        let mut more = vec![0; 4096];
        let length = stream.read(&mut more).await.unwrap_or(0);
        heard.extend_from_slice(more.get(..length).unwrap());
        while length > 0 && stream.write_all(&answer).await.is_ok() && endless {}
        // what comes is heard, and nothing more is said
        let _ = stream.read_to_end(&mut Vec::new()).await;
        heard
    });
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let found = async {
        let mut ldap = Ldap::over(stream, &way(), &endpoint(host, port), LIMIT).await?;
        ldap.search(&question(&["mail".to_owned()])).await
    };
    let found = found.await;
    (found, served.await.unwrap())
}

fn outcome(result: &Result<Entries, Error>) -> String {
    match result {
        Ok(found) => format!("{} {}", found.entries.len(), found.more),
        Err(error) => format!("{error:?}").split(['{', ' ']).next().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn a_server_on_the_network_without_start_tls_hears_nothing_else() {
    let (found, heard) = talk("annuaire.test.example", entry("a@b.example"), false).await;
    assert!(matches!(found, Err(Error::StartTlsMissing)));
    assert_eq!(heard, extended(1, START_TLS));
    let done = [message(2, &entry("a@b.example")), message(2, &result(0x65, 0))].concat();
    let (found, _) = talk("127.0.0.1", done, false).await;
    assert_eq!(outcome(&found), "1 false", "on this machine nobody else listens");
}

#[tokio::test]
async fn nonsense_is_refused_without_harm() {
    let deep: Vec<u8> = (0..20_000_u32)
        .flat_map(|at| {
            let length = (6 * (20_000 - at - 1)).to_be_bytes();
            [[0x30, 0x84].as_slice(), &length].concat()
        })
        .collect();
    let shallow = value(0x30, &(0..30_000_u32).flat_map(|_| [0x30, 0x80]).collect::<Vec<u8>>());
    for (name, answer, expected) in [
        ("another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "Protocol(\"not"),
        ("nothing in it", vec![0x30, 0], "Protocol(\"damaged"),
        ("no number", message(2, &[])[..6].to_vec(), "Timeout"),
        ("deep", deep, "Protocol(\"the"),
        ("deep but small", shallow, "Protocol(\"damaged"),
        ("larger than anything", vec![0x30, 0x84, 0x7f, 255, 255, 255], "Protocol(\"the"),
        ("indefinite length", vec![0x30, 0x80, 0, 0], "Protocol(\"not"),
        ("the answer to something else", message(7, &result(0x65, 0)), "Protocol(\"not"),
        ("a farewell", message(0, &result(0x78, 52)), "Closed"),
        ("no such operation", message(2, &value(0x6f, b"")), "Protocol(\"not"),
        ("an entry cut short", message(2, &value(0x64, &[4, 9, b'd'])), "Protocol(\"damaged"),
        ("a referral", message(2, &result(0x65, 10)), "Directory(10)"),
    ] {
        let (found, _) = talk("127.0.0.1", answer, false).await;
        assert_eq!(outcome(&found), expected, "{name}");
    }
}

#[tokio::test]
async fn a_flood_is_left_and_silence_is_not_waited_for() {
    let one = message(2, &entry("a@b.example"));
    assert_eq!(outcome(&talk("127.0.0.1", one.clone(), true).await.0), "50 true", "more than was asked for");
    let elsewhere = message(2, &value(0x73, &value(4, &[b'x'; 50_000])));
    let flood = talk("127.0.0.1", elsewhere, true).await.0;
    assert_eq!(outcome(&flood), "Protocol(\"the", "references without end");
    assert_eq!(outcome(&talk("127.0.0.1", one, false).await.0), "Timeout", "entries and no end");
}
