//! Attacks 13 and 14: servers that say too much, too slowly, or what is not true.

use std::time::Duration;

use estafette::domain::account::Security;
use estafette::domain::id::Uid;
use estafette::imap::{Error, Limits, Session, UidRange, Unsolicited};
use estafette::smtp;

use crate::authority::client;
use crate::scripted::*;

fn limits() -> Limits {
    Limits { silence: SHORT, command: Duration::from_secs(3), ..Limits::default() }
}

fn logged_in(more: Vec<Step>) -> Vec<Step> {
    let mut script = vec![
        send("* OK ready\r\n"),
        Expect("CAPABILITY"),
        send("* CAPABILITY IMAP4rev1 AUTH=PLAIN UIDPLUS\r\nTAG OK done\r\n"),
        Expect("AUTHENTICATE PLAIN"),
        send("+ \r\n"),
        Expect(""),
        send("A0003 OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n"),
    ];
    script.extend(more);
    script
}

async fn session(more: Vec<Step>) -> Session {
    let (endpoint, _) = serve(Security::Tls, logged_in(more)).await;
    Session::connect_with(&endpoint, client(), &plain(), limits()).await.unwrap()
}

#[tokio::test]
async fn attack_13_floods_are_bounded_with_the_limits_of_the_program() {
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(100_000));
    for (name, step) in [
        ("a literal of two gigabytes", send("* 1 FETCH (UID 1 BODY[] {2000000000}\r\n")),
        ("a literal of more than there is", send("* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n")),
        ("untagged lines without end", Flood(b"* 1 FETCH (FLAGS ())\r\n")),
        ("empty lines without end", Flood(b"\r\n")),
        ("one line without end", Flood(b"x")),
        ("nesting without end", send(deep)),
        ("NUL bytes", Flood(b"\0")),
        ("a tag of another command", send("A9999 OK done\r\n")),
        ("nothing", Silence),
    ] {
        let mut session = session(vec![Expect("FETCH"), step, Silence]).await;
        let error = session.headers(&[Uid(1)]).await.unwrap_err();
        assert!(
            matches!(error, Error::TooLarge { .. } | Error::Protocol { .. } | Error::Timeout),
            "{name}: {error:?}"
        );
        assert!(matches!(session.noop().await, Err(Error::Closed)), "{name}: the connection is used again");
    }
}

#[tokio::test]
async fn attack_13_a_tag_that_is_used_twice_ends_one_command_only() {
    let mut session =
        session(vec![Expect("NOOP"), send("TAG OK one\r\nTAG OK two\r\n"), Expect("NOOP"), Silence]).await;
    session.noop().await.unwrap();
    let second = session.noop().await;
    assert!(matches!(second, Err(Error::Protocol { .. })), "{second:?}");
}

#[tokio::test]
async fn attack_13_a_server_of_one_byte_a_moment_is_left() {
    let mut script = vec![Expect("NOOP")];
    script.extend((0..200).map(|_| Drip(b"* OK a")));
    let mut session = session(script).await;
    assert!(matches!(session.noop().await, Err(Error::Timeout)));
}

#[tokio::test]
async fn attack_13_a_submission_server_that_floods_is_left() {
    let limits = smtp::Limits { command: Duration::from_secs(3), ..smtp::Limits::default() };
    for step in [Flood(b"250-x\r\n"), Flood(b"2"), Flood(b"\0"), Silence] {
        for security in [Security::Tls, Security::StartTls] {
            let (endpoint, _) =
                serve(security, vec![send("220 host\r\n"), Expect("EHLO"), step.clone(), Silence]).await;
            let end = smtp::check_with(&endpoint, client(), &plain(), &limits).await;
            assert!(end.is_err(), "{security:?}");
        }
    }
}

#[tokio::test]
async fn attack_14_numbers_that_lie_are_not_taken() {
    let mut session = session(vec![
        Expect("FETCH"),
        // not asked for, twice, no number, beyond all numbers
        send(
            "* 1 FETCH (UID 5 BODY[] {1}\r\na)\r\n* 1 FETCH (UID 5 BODY[] {1}\r\nb)\r\n* 2 FETCH (UID 6 BODY[] {1}\r\nc)\r\n\
             * 3 FETCH (UID 8 BODY[] {1}\r\nd)\r\n* 9 FETCH (UID 0 BODY[] {1}\r\ne)\r\nTAG OK done\r\n",
        ),
        Expect("SEARCH"),
        send("* SEARCH 9 3 0 3 4294967295\r\nTAG OK\r\n"),
        Expect("NOOP"),
        send("* 2 EXISTS\r\n* VANISHED 1:4294967295\r\n* 4294967296 EXISTS\r\nTAG OK\r\n"),
        Silence,
    ])
    .await;
    let mut bodies = Vec::new();
    session.bodies(&[Uid(5), Uid(7)], |uid, body| bodies.push((uid, body))).await.unwrap();
    assert_eq!(bodies, [(Uid(5), b"a".to_vec())]);
    assert_eq!(session.all_uids().await.unwrap(), [Uid(3), Uid(9), Uid(u32::MAX)]);
    session.noop().await.unwrap();
    let all = UidRange { first: Uid(1), last: Some(Uid(u32::MAX)) };
    assert_eq!(session.take_unsolicited(), [Unsolicited::Exists(2), Unsolicited::Vanished(vec![all])]);
}

#[tokio::test]
async fn attack_14_a_storm_of_removals_becomes_one_comparison() {
    let storm: String = (1..=100_000).map(|n| format!("* {n} EXPUNGE\r\n")).collect();
    let mut session = session(vec![Expect("NOOP"), send(storm + "TAG OK\r\n"), Silence]).await;
    session.noop().await.unwrap();
    assert_eq!(session.take_unsolicited(), [Unsolicited::Overflow]);
}
