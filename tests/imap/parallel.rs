//! A server that answers the commands of a first listing in parallel: some end without data of their own.

use std::ops::RangeInclusive;

use estafette::domain::account::Security;
use estafette::imap::{FetchedHeader, Headers, Limits, Session};

use crate::authority::client;
use crate::scripted::*;

/// Commands a folder of 2,600 messages takes.
const COMMANDS: usize = 6;

/// Numbers of the headers as they come.
#[derive(Default)]
struct Listed(Vec<u32>);

impl Headers for Listed {
    async fn take(&mut self, headers: Vec<FetchedHeader>) {
        self.0.extend(headers.iter().map(|header| header.uid.0));
    }
}

/// What the client lists of a folder that says it has `exists` messages, and the commands it sent, when the server ends
/// the first `silent` of them at once and sends `uids` with the one after them.
async fn list(exists: u32, silent: usize, uids: RangeInclusive<u32>) -> (Vec<u32>, Vec<String>) {
    let mut script = vec![
        send("* OK ready\r\n"),
        Expect("CAPABILITY"),
        send("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n"),
        Expect("AUTHENTICATE PLAIN"),
        send("+ \r\n"),
        Expect(""),
        send("A0003 OK [CAPABILITY IMAP4rev1] in\r\n"),
    ];
    for _ in 0..silent {
        script.extend([Expect(" FETCH "), send("TAG OK done\r\n")]);
    }
    script.push(Expect(" FETCH "));
    for uid in uids.rev() {
        script.push(send(format!(
            "* {uid} FETCH (UID {uid} FLAGS () RFC822.SIZE 9 BODY[HEADER]<0> {{6}}\r\nA: b\r\n)\r\n"
        )));
    }
    script.push(send("TAG OK done\r\n"));
    for _ in silent + 1..COMMANDS {
        script.extend([Expect(" FETCH "), send("TAG OK done\r\n")]);
    }
    script.push(Silence);
    let (endpoint, received) = serve(Security::Tls, script).await;
    let mut session = Session::connect_with(&endpoint, client(), &plain(), Limits::default()).await.unwrap();
    let mut listed = Listed::default();
    session.stream_headers(exists, &mut listed).await.unwrap();
    drop(session);
    let asked = received.await.unwrap().into_iter().filter(|line| line.contains(" FETCH ")).collect();
    (listed.0, asked)
}

#[tokio::test]
async fn commands_that_end_without_data_of_their_own_do_not_cut_a_listing_short() {
    for silent in 0..=4 {
        let (listed, asked) = list(2600, silent, 1..=2600).await;
        assert_eq!(listed.len(), 2600, "{silent}");
        assert_eq!(asked.len(), COMMANDS, "{silent}: {asked:?}");
    }
}

#[tokio::test]
async fn a_count_that_is_not_true_does_not_keep_a_listing_going_for_ever() {
    let (listed, asked) = list(u32::MAX, 30, RangeInclusive::new(1, 0)).await;
    assert!(listed.is_empty());
    assert!(asked.len() < 12, "{asked:?}");
}
