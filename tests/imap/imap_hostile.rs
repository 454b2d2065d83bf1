//! What a hostile or broken IMAP server may do.

use std::time::Duration;

use estafette::domain::account::Security;
use estafette::domain::id::Uid;
use estafette::imap::{ChangedFolders, Error, Idled, Limits, RemoteName, Session, UidRange, Unsolicited};

use crate::authority::client;
use crate::scripted::*;

fn limits() -> Limits {
    Limits { silence: SHORT, line: 4096, literal: 10_000, responses: 50, depth: 16, ..Limits::default() }
}

const CAPABILITY: &str =
    "* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=EXTERNAL IDLE UIDPLUS MOVE ESEARCH\r\nTAG OK done\r\n";

/// A login over implicit TLS, then `more`.
fn logged_in(more: Vec<Step>) -> Vec<Step> {
    let mut script = vec![
        send("* OK ready\r\n"),
        Expect("CAPABILITY"),
        send(CAPABILITY),
        Expect("AUTHENTICATE PLAIN"),
        send("+ \r\n"),
        Expect(""),
        // the line of base64 is no command: its tag is the one of AUTHENTICATE
        send("A0003 OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE ESEARCH] in\r\n"),
    ];
    script.extend(more);
    script
}

async fn session(more: Vec<Step>) -> Session {
    let (endpoint, _) = serve(Security::Tls, logged_in(more)).await;
    Session::connect_with(&endpoint, client(), &plain(), limits()).await.unwrap()
}

async fn refused(security: Security, script: Vec<Step>) -> (Error, Vec<String>) {
    let (endpoint, received) = serve(security, script).await;
    let error = Session::connect_with(&endpoint, client(), &plain(), limits()).await.unwrap_err();
    (error, received.await.unwrap())
}

#[tokio::test]
async fn a_goodbye_instead_of_a_greeting_is_told() {
    for security in [Security::Tls, Security::StartTls] {
        let (error, _) = refused(security, vec![send("* BYE too many connections\r\n"), Silence]).await;
        assert!(matches!(&error, Error::Bye { reason } if reason == "too many connections"), "{error:?}");
    }
}

#[tokio::test]
async fn a_refused_login_gives_the_servers_words() {
    let mut script = logged_in(vec![]);
    script.pop();
    script.extend([send("A0003 NO [AUTHENTICATIONFAILED] Compte verrouillé\r\n"), Silence]);
    let (error, _) = refused(Security::Tls, script).await;
    let Error::LoginRefused { code, reason } = error else { panic!("{error:?}") };
    assert_eq!((code.as_deref(), reason.as_str()), (Some("AUTHENTICATIONFAILED"), "Compte verrouillé"));
}

#[tokio::test]
async fn a_refused_command_is_an_error_and_the_session_goes_on() {
    let mut session = session(vec![
        Expect("FETCH"),
        send("TAG NO [SERVERBUG] broken {5}\r\n"),
        Expect("FETCH"),
        send("TAG BAD what\r\n"),
        Expect("NOOP"),
        send("* 7 EXISTS\r\nTAG OK [ALERT]\u{e9}t\u{e9}\r\n"),
        Silence,
    ])
    .await;
    let error = session.headers(&[Uid(1)]).await.unwrap_err();
    assert!(matches!(&error, Error::Refused { command: "UID FETCH", code: Some(c), .. } if c == "SERVERBUG"));
    assert!(matches!(session.bodies(&[Uid(1)], |_, _| {}).await, Err(Error::Refused { .. })));
    session.noop().await.unwrap();
    assert_eq!(session.take_unsolicited(), [Unsolicited::Exists(7)]);
}

#[tokio::test]
async fn what_the_parser_below_dies_of_is_survived() {
    let mut session = session(vec![
        Expect("FETCH"),
        send("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n* THREAD (1)(2)\r\n* STATUS x (SIZE 1 MAILBOXID (F))\r\n* XYZZY ) ( \"\r\n\r\n"),
        send([b"* OK [ALERT]".as_slice(), b"\xe9t\xe9\r\n"].concat()),
        send("* 1 FETCH (UID 5 INTERNALDATE NIL FLAGS (\\Seen) RFC822.SIZE 9999999999 BODY[HEADER]<0> {3}\r\nA:b)\r\n"),
        send("* 2 FETCH (FLAGS (\\Flagged))\r\n* VANISHED 9:11\r\n* 3 EXPUNGE\r\n* 42 EXISTS\r\nTAG OK done\r\n"),
        Silence,
    ])
    .await;
    let found = session.headers(&[Uid(5)]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].internal_date, found[0].size, found[0].flags.seen), (None, 9_999_999_999, true));
    let said = session.take_unsolicited();
    assert_eq!(said.len(), 5, "{said:?}");
    assert!(matches!(&said[1], Unsolicited::Flags { seq: 2, uid: None, flags, .. } if flags.flagged));
    let gone = UidRange { first: Uid(9), last: Some(Uid(11)) };
    assert_eq!(
        said[2..],
        [Unsolicited::Vanished(vec![gone]), Unsolicited::Expunged(3), Unsolicited::Exists(42)]
    );
}

#[tokio::test]
async fn messages_nobody_asked_for_are_not_delivered() {
    let mut session = session(vec![
        Expect("FETCH"),
        send("* 1 FETCH (UID 5 BODY[] {1}\r\na)\r\n* 1 FETCH (UID 5 BODY[] {1}\r\nb)\r\n* 2 FETCH (UID 6 BODY[] {1}\r\nc)\r\n* 3 FETCH (UID 7 BODY[] NIL)\r\nTAG OK done\r\n"),
        Silence,
    ])
    .await;
    let mut bodies = Vec::new();
    session.bodies(&[Uid(5), Uid(7)], |uid, body| bodies.push((uid, body))).await.unwrap();
    assert_eq!(bodies, [(Uid(5), b"a".to_vec())]);
}

async fn fails(more: Vec<Step>) -> Error {
    let mut script = vec![Expect("FETCH")];
    script.extend(more);
    let mut session = session(script).await;
    let error = session.headers(&[Uid(1)]).await.unwrap_err();
    assert!(matches!(session.noop().await, Err(Error::Closed)), "a broken session must not be used again");
    error
}

#[tokio::test]
async fn floods_and_monsters_are_bounded() {
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(1000));
    for (step, limit) in [
        (Flood(b"x"), "line"),
        (send("* 1 FETCH (BODY[] {4000000000}\r\n"), "literal"),
        (Flood(b"* 1 FETCH (FLAGS ())\r\n"), "responses to one command"),
        (Flood(b"\r\n"), "responses to one command"),
        (send(deep), "nesting"),
    ] {
        let error = fails(vec![step, Silence]).await;
        assert!(matches!(error, Error::TooLarge { what } if what == limit), "{limit}: {error:?}");
    }
}

#[tokio::test]
async fn a_cut_a_silence_and_a_goodbye_are_told_apart() {
    let cut = fails(vec![send("* 1 FETCH (UID 1 BODY[HEADER]<0> {50}\r\nhalf"), Close]).await;
    assert!(matches!(cut, Error::Closed), "{cut:?}");
    let silent = fails(vec![send("* 1 FETCH (UID 1 BODY[HEADER]<0> {50}\r\nhalf"), Silence]).await;
    assert!(matches!(silent, Error::Timeout), "{silent:?}");
    let bye = fails(vec![send("* BYE idle too long\r\n"), Close]).await;
    assert!(matches!(bye, Error::Bye { .. }), "{bye:?}");
    let unreadable = fails(vec![send("* 1 FETCH (UID 1 BODY[HEADER]<0> x)\r\nTAG OK\r\n"), Silence]).await;
    assert!(matches!(unreadable, Error::Protocol { .. }), "{unreadable:?}");
    let foreign = fails(vec![send("A9999 OK done\r\n"), Silence]).await;
    assert!(matches!(foreign, Error::Protocol { .. }), "{foreign:?}");
}

#[tokio::test]
async fn a_server_that_never_speaks_does_not_hold_the_client() {
    for security in [Security::Tls, Security::StartTls] {
        let (endpoint, _server) = serve(security, vec![Silence]).await;
        let error = Session::connect_with(&endpoint, client(), &plain(), limits()).await.unwrap_err();
        assert!(matches!(error, Error::Timeout), "{error:?}");
    }
}

#[tokio::test]
async fn unsolicited_news_beyond_the_bound_become_one_overflow() {
    let many: String = (1..=40).map(|n| format!("* {n} EXPUNGE\r\n")).collect();
    let (endpoint, _server) =
        serve(Security::Tls, logged_in(vec![Expect("NOOP"), send(many), send("TAG OK\r\n"), Silence])).await;
    let limits = Limits { unsolicited: 20, ..limits() };
    let mut session = Session::connect_with(&endpoint, client(), &plain(), limits).await.unwrap();
    session.noop().await.unwrap();
    assert_eq!(session.take_unsolicited(), [Unsolicited::Overflow]);
}

#[tokio::test]
async fn without_move_only_the_moved_messages_are_expunged() {
    let (endpoint, received) = serve(
        Security::Tls,
        vec![
            send("* OK ready\r\n"),
            Expect("CAPABILITY"),
            send(CAPABILITY),
            Expect("AUTHENTICATE PLAIN"),
            send("+ \r\n"),
            Expect(""),
            send("A0003 OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n"),
            Expect("UID COPY 3:4,9"),
            send("TAG OK [COPYUID 1 3:4,9 21:23] done\r\n"),
            Expect("UID STORE"),
            send("TAG OK\r\n"),
            Expect("EXPUNGE"),
            send("TAG OK\r\n"),
            Close,
        ],
    )
    .await;
    let mut session = Session::connect_with(&endpoint, client(), &plain(), limits()).await.unwrap();
    let to = RemoteName::from_bytes(b"Labo \"x\"".to_vec());
    let uids = [Uid(9), Uid(3), Uid(4)];
    let pairs = session.copy_to(&uids, &to).await.unwrap();
    session.delete(&uids).await.unwrap();
    assert_eq!(pairs, [(Uid(3), Uid(21)), (Uid(4), Uid(22)), (Uid(9), Uid(23))]);
    let received = received.await.unwrap();
    assert!(received.iter().any(|l| l.ends_with(r#"UID COPY 3:4,9 "Labo \"x\"""#)), "{received:?}");
    assert!(received.iter().any(|l| l.ends_with("UID STORE 3:4,9 +FLAGS.SILENT (\\Deleted)")));
    assert!(received.iter().any(|l| l.ends_with("UID EXPUNGE 3:4,9")));
    assert!(!received.iter().any(|l| l.ends_with(" EXPUNGE")));
}

#[tokio::test]
async fn waiting_ends_by_news_by_wake_and_by_time() {
    let idle = || Expect("IDLE");
    let done = || Expect("DONE");
    let mut session = session(vec![
        idle(),
        send("+ idling\r\n* OK Still here\r\n* 3 EXISTS\r\n"),
        done(),
        send("A0004 OK\r\n"),
        idle(),
        send("+ idling\r\n"),
        done(),
        send("A0005 OK\r\n"),
        idle(),
        send("+ idling\r\n"),
        done(),
        send("A0006 OK\r\n"),
        Silence,
    ])
    .await;
    let long = Duration::from_secs(60);
    assert_eq!(session.idle(long, std::future::pending()).await.unwrap(), Idled::Changed);
    // not taken yet: no wait
    assert_eq!(session.idle(long, std::future::pending()).await.unwrap(), Idled::Changed);
    assert_eq!(session.take_unsolicited(), [Unsolicited::Exists(3)]);
    assert_eq!(session.idle(long, tokio::time::sleep(SHORT)).await.unwrap(), Idled::Woken);
    assert_eq!(session.idle(SHORT, std::future::pending()).await.unwrap(), Idled::TimedOut);
}

#[tokio::test]
async fn a_wake_is_told_though_news_came_with_it() {
    let mut session = session(vec![
        Expect("IDLE"),
        send("+ idling\r\n"),
        Expect("DONE"),
        send("* 4 EXISTS\r\nA0004 OK\r\n"),
        Silence,
    ])
    .await;
    let idled = session.idle(Duration::from_secs(60), tokio::time::sleep(SHORT)).await.unwrap();
    assert_eq!(idled, Idled::Woken, "nobody wakes twice for the same");
    assert_eq!(session.take_unsolicited(), [Unsolicited::Exists(4)]);
}

#[tokio::test]
async fn floods_while_waiting_are_bounded() {
    for (flood, limit) in [
        (&b"* OK Still here\r\n"[..], "responses to one command"),
        (b"* STATUS Labo (MESSAGES 1)\r\n", "responses to one command"),
        (b"* 1 FETCH (FLAGS (\\Seen))\r\n", "responses to one command"),
    ] {
        let mut session = session(vec![Expect("IDLE"), send("+ idling\r\n"), Flood(flood)]).await;
        let error = session.idle(Duration::from_secs(60), std::future::pending()).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { what } if what == limit), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_drips_is_left_when_the_time_for_the_command_is_over() {
    let mut script = vec![Expect("NOOP")];
    script.extend((0..200).map(|_| Drip(b"* OK a")));
    let (endpoint, _server) = serve(Security::Tls, logged_in(script)).await;
    let limits = Limits { command: Duration::from_secs(2), ..limits() };
    let mut session = Session::connect_with(&endpoint, client(), &plain(), limits).await.unwrap();
    let start = std::time::Instant::now();
    assert!(matches!(session.noop().await, Err(Error::Timeout)));
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_connection_that_died_while_waiting_is_found_at_the_renewal_or_by_a_probe() {
    for probe in [None, Some(SHORT)] {
        let mut session = session(vec![Expect("IDLE"), send("+ idling\r\n"), Silence]).await;
        let start = std::time::Instant::now();
        let limit = probe.map_or(SHORT, |_| Duration::from_secs(60));
        let wake = async {
            match probe {
                Some(limit) => Some(limit),
                None => std::future::pending().await,
            }
        };
        assert!(matches!(session.idle_with(limit, wake).await, Err(Error::Timeout)));
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn wrong_numbers_of_messages_are_not_taken() {
    let mut session = session(vec![
        Expect("FETCH"),
        send(
            "* 1 FETCH (UID 0 FLAGS ())\r\n* 0 FETCH (UID 9 FLAGS ())\r\n* 5 FETCH (UID 4 FLAGS ())\r\n\
             * 2 FETCH (UID 4 FLAGS (\\Seen))\r\n* 7 FETCH (FLAGS (\\Flagged))\r\nTAG OK\r\n",
        ),
        Expect("SEARCH"),
        send("* SEARCH 9 3 0 3 4294967295\r\nTAG OK\r\n"),
        Expect("FETCH"),
        send("* 1 FETCH (UID 0 BODY[HEADER]<0> {1}\r\na)\r\n* 2 FETCH (UID 8 BODY[HEADER]<0> {1}\r\nb)\r\nTAG OK\r\n"),
        Expect("SELECT"),
        send("* OK [UIDVALIDITY 1] .\r\n* 5 EXISTS\r\n* 3 EXISTS\r\n* OK [UIDNEXT 2] .\r\nTAG OK\r\n"),
        Expect("NOOP"),
        send("* 2 EXISTS\r\n* VANISHED 1:4294967295\r\n* 4294967296 EXISTS\r\nTAG OK\r\n"),
        Silence,
    ])
    .await;
    let flags = session.flags(UidRange::ALL, None).await.unwrap();
    assert_eq!(flags.iter().map(|f| f.uid.0).collect::<Vec<_>>(), [9, 4, 4]);
    assert_eq!(session.all_uids().await.unwrap(), [Uid(3), Uid(9), Uid(u32::MAX)]);
    assert_eq!(session.headers(&[Uid(7)]).await.unwrap(), []);
    let selected = session.select(&RemoteName::from_bytes(b"INBOX".to_vec())).await.unwrap();
    assert_eq!((selected.exists, selected.uid_next), (3, Some(Uid(2))), "the last word counts");
    session.noop().await.unwrap();
    let all = UidRange { first: Uid(1), last: Some(Uid(u32::MAX)) };
    assert_eq!(session.take_unsolicited(), [Unsolicited::Exists(2), Unsolicited::Vanished(vec![all])]);
}

/// The limits the program has, with a server that says as much as it can.
async fn at_length(command: &'static str, lines: impl Iterator<Item = String>) -> Session {
    let text: String = lines.collect();
    let (endpoint, _) =
        serve(Security::Tls, logged_in(vec![Expect(command), send(text + "TAG OK\r\n"), Silence])).await;
    Session::connect_with(&endpoint, client(), &plain(), Limits::default()).await.unwrap()
}

#[tokio::test]
async fn a_hundred_thousand_flags_nobody_asked_for_become_one_word() {
    let mut session =
        at_length("NOOP", (1..=100_000).map(|n| format!("* {n} FETCH (FLAGS (\\Seen k{n}))\r\n"))).await;
    session.noop().await.unwrap();
    assert_eq!(session.take_unsolicited(), [Unsolicited::Overflow]);
}

#[tokio::test]
async fn a_mailbox_of_a_million_folders_and_a_folder_of_a_million_keywords_are_refused() {
    let folders: String = (1..=30_000).map(|n| format!("* LIST () \"/\" f{n}\r\n")).collect();
    let steps = vec![
        Expect("LIST \"\" \"\""),
        send("* LIST () \"/\" \"\"\r\nTAG OK\r\n"),
        Expect("LIST \"\" \"*\""),
        send(folders + "TAG OK\r\n"),
        Silence,
    ];
    let (endpoint, _) = serve(Security::Tls, logged_in(steps)).await;
    let mut session = Session::connect_with(&endpoint, client(), &plain(), Limits::default()).await.unwrap();
    assert!(matches!(session.folders().await, Err(Error::TooLarge { what: "folders" })));
    let words: String = (0..100).map(|n| format!(" k{n}")).collect();
    let lines = (1..=25_000).map(|n| format!("* {n} FETCH (UID {n} FLAGS ({words}))\r\n"));
    let mut session = at_length("FETCH", lines).await;
    assert!(matches!(session.flags(UidRange::ALL, None).await, Err(Error::TooLarge { what: "flags" })));
}

#[tokio::test]
async fn folders_told_in_a_flood_are_kept_once_or_not_at_all() {
    let lines =
        (1..=30_000).map(|n| format!("* STATUS f{n} (MESSAGES 1)\r\n* STATUS same (MESSAGES {n})\r\n"));
    let mut session = at_length("NOOP", lines).await;
    session.noop().await.unwrap();
    assert_eq!(session.take_changed_folders(), ChangedFolders::TooMany);
}
