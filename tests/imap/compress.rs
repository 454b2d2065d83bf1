//! Compression: on a real server over a narrow line, and what a hostile server may make of it.

use std::time::{Duration, Instant};

use estafette::domain::account::Security;
use estafette::domain::id::Uid;
use estafette::domain::message::Flags;
use estafette::imap::{Error, Limits, RemoteName, Session};
use flate2::{Compress, Compression, FlushCompress};

use crate::authority::client;
use crate::dovecot::Dovecot;
use crate::narrow::Narrow;
use crate::scripted::*;

fn inbox() -> RemoteName {
    RemoteName::from_bytes(b"INBOX".to_vec())
}

/// A letter with an attachment that, like a PDF, cannot be compressed further: in base64.
fn letter(n: usize, attached: usize) -> Vec<u8> {
    let mut state = n as u32 + 1;
    let mut base64 = String::with_capacity(attached * 78 / 76);
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for i in 0..attached {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        base64.push(char::from(ALPHABET[(state >> 26) as usize]));
        if i % 76 == 75 {
            base64.push_str("\r\n");
        }
    }
    let text = "Compte rendu de consultation, sans particularité à signaler ce jour.\r\n".repeat(40);
    format!("Message-ID: <c{n}@test.example>\r\nSubject: Courrier {n}\r\n\r\n{text}\r\n{base64}\r\n")
        .into_bytes()
}

/// Fetches everything in batches, asking between them; answers bytes on the line, seconds, and whether it compressed.
async fn pull(dovecot: &Dovecot, limits: Limits, uids: &[Uid], expected: usize) -> (usize, f64, bool) {
    let line = Narrow::before(dovecot.endpoint.port, 1_000_000);
    let endpoint = line.endpoint(&dovecot.endpoint);
    let mut session = Session::connect_with(&endpoint, client(), &plain(), limits).await.unwrap();
    session.select(&inbox()).await.unwrap();
    let (start, mut got, mut switched) = (Instant::now(), 0, false);
    for batch in uids.chunks(10) {
        session
            .bodies(batch, |uid, raw| {
                assert!(raw == letter(uid.0 as usize, ATTACHED), "{uid:?}");
                got += raw.len();
            })
            .await
            .unwrap();
        let now = session.compress_if_slow().await.unwrap();
        assert!(!(now && switched), "asked twice");
        switched |= now;
    }
    assert_eq!(got, expected);
    // the session goes on like any other
    session.append(&inbox(), &Flags::default(), None, &letter(999, 100_000)).await.unwrap();
    let seconds = start.elapsed().as_secs_f64();
    session.logout().await;
    (line.passed(), seconds, switched)
}

const ATTACHED: usize = 60_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_narrow_line_is_compressed_and_carries_less() {
    let dovecot = Dovecot::start();
    let mut filler = Session::connect(&dovecot.endpoint, client(), &plain()).await.unwrap();
    assert!(filler.capabilities().has("COMPRESS=DEFLATE"), "{:?}", filler.capabilities());
    let (mut uids, mut total) = (Vec::new(), 0);
    for n in 1..=60 {
        let raw = letter(n, ATTACHED);
        total += raw.len();
        filler.append(&inbox(), &Flags::default(), None, &raw).await.unwrap();
        uids.push(Uid(n as u32));
    }
    filler.logout().await;
    let never = Limits { slow_line: 0, ..Limits::default() };
    let (plain_bytes, plain_seconds, switched) = pull(&dovecot, never, &uids, total).await;
    assert!(!switched);
    let (bytes, seconds, switched) = pull(&dovecot, Limits::default(), &uids, total).await;
    println!(
        "{total} bytes of mail at 1 MB/s: plain {plain_bytes} bytes {plain_seconds:.2} s, \
         compressed {bytes} bytes {seconds:.2} s"
    );
    assert!(switched, "the line was not found slow");
    assert!(bytes * 10 < plain_bytes * 9, "{bytes} of {plain_bytes}");
    assert!(seconds < plain_seconds, "{seconds} s against {plain_seconds} s");
}

#[tokio::test]
async fn a_fast_line_is_left_alone() {
    let dovecot = Dovecot::start();
    let mut session = Session::connect(&dovecot.endpoint, client(), &plain()).await.unwrap();
    session.select(&inbox()).await.unwrap();
    for n in 1..=4 {
        session.append(&inbox(), &Flags::default(), None, &letter(n, 1_000_000)).await.unwrap();
    }
    session.bodies(&[1, 2, 3, 4].map(Uid), |_, _| {}).await.unwrap();
    assert!(!session.compress_if_slow().await.unwrap());
}

/// A login, then a slow large answer, then `more`.
async fn slow_session(more: Vec<Step>) -> (Session, tokio::task::JoinHandle<Vec<String>>) {
    let mut script = vec![
        send("* OK ready\r\n"),
        Expect("CAPABILITY"),
        send("* CAPABILITY IMAP4rev1 AUTH=PLAIN COMPRESS=DEFLATE\r\nTAG OK done\r\n"),
        Expect("AUTHENTICATE PLAIN"),
        send("+ \r\n"),
        Expect(""),
        send("A0003 OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] in\r\n"),
        Expect("NOOP"),
    ];
    // 40 answers of 30 kB, one every millisecond: slow for a limit of 100 MB/s
    for _ in 0..40 {
        script.push(send(format!("* X {}\r\n", "x".repeat(30_000))));
        script.push(Pause(Duration::from_millis(1)));
    }
    script.push(send("TAG OK done\r\n"));
    script.extend(more);
    let (endpoint, received) = serve(Security::Tls, script).await;
    let limits = Limits {
        silence: SHORT * 3,
        slow_line: 100_000_000,
        responses: 50,
        line: 40_000,
        ..Limits::default()
    };
    let mut session = Session::connect_with(&endpoint, client(), &plain(), limits).await.unwrap();
    assert!(!session.compress_if_slow().await.unwrap(), "nothing was transferred yet");
    session.noop().await.unwrap();
    (session, received)
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 1024);
    Compress::new(Compression::best(), false).compress_vec(text, &mut out, FlushCompress::Sync).unwrap();
    out
}

#[tokio::test]
async fn a_refusal_is_borne_and_never_asked_again() {
    let refusal = vec![
        Expect("COMPRESS DEFLATE"),
        send("TAG NO [COMPRESSIONACTIVE] TLS does\r\n"),
        Expect("NOOP"),
        send("TAG OK done\r\n"),
        Silence,
    ];
    let (mut session, received) = slow_session(refusal).await;
    assert!(!session.compress_if_slow().await.unwrap());
    assert!(!session.compress_if_slow().await.unwrap());
    session.noop().await.unwrap();
    drop(session);
    let asked = received.await.unwrap().iter().filter(|line| line.contains("COMPRESS")).count();
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn what_follows_the_agreement_in_one_piece_is_read_as_compressed() {
    let news = [b"A0005 OK begin\r\n".to_vec(), packed(b"* 7 EXISTS\r\n")].concat();
    let (mut session, _) =
        slow_session(vec![Expect("COMPRESS DEFLATE"), send(news), Step::ExpectBytes(1), Silence]).await;
    assert!(session.compress_if_slow().await.unwrap());
    assert!(matches!(session.noop().await, Err(Error::Timeout)), "nobody answers");
    assert_eq!(session.take_unsolicited(), [estafette::imap::Unsolicited::Exists(7)]);
}

#[tokio::test]
async fn plain_words_after_the_agreement_end_the_session() {
    let garbage = vec![Expect("COMPRESS DEFLATE"), send("TAG OK begin\r\n* OK still here\r\n"), Silence];
    let (mut session, _) = slow_session(garbage).await;
    assert!(session.compress_if_slow().await.unwrap());
    let error = session.noop().await.unwrap_err();
    assert!(matches!(error, Error::Protocol { what: "unreadable compressed data" }), "{error:?}");
    assert!(matches!(session.noop().await, Err(Error::Closed)));
}

#[tokio::test]
async fn a_bomb_is_stopped_by_the_bounds_of_what_comes_out() {
    // one line of 8 MB in 8 kB
    let bomb = packed(&[b"* X ", vec![b'x'; 8 << 20].as_slice()].concat());
    assert!(bomb.len() < 16 << 10);
    let (mut session, _) = slow_session(vec![
        Expect("COMPRESS DEFLATE"),
        send([b"A0005 OK begin\r\n".to_vec(), bomb].concat()),
        Silence,
    ])
    .await;
    assert!(session.compress_if_slow().await.unwrap());
    let start = Instant::now();
    let error = session.noop().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { what: "line" }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(2));

    // a hundred thousand short lines
    let bomb = packed(&b"* X\r\n".repeat(100_000));
    let (mut session, _) = slow_session(vec![
        Expect("COMPRESS DEFLATE"),
        send([b"A0005 OK begin\r\n".to_vec(), bomb].concat()),
        Silence,
    ])
    .await;
    assert!(session.compress_if_slow().await.unwrap());
    let error = session.noop().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { what: "responses to one command" }), "{error:?}");
}
