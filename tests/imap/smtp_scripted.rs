//! Submission to servers that follow a script.

use std::time::Duration;

use estafette::domain::account::Security;
use estafette::domain::address::EmailAddress;
use estafette::smtp::{Error, Limits, Submission, Submitted, check_with, submit_with};

use crate::authority::client;
use crate::scripted::*;

fn limits() -> Limits {
    Limits { command: SHORT, transfer: SHORT, answer: SHORT, ..Limits::default() }
}

const OFFER: &str =
    "250-host\r\n250-   \r\n250-SIZE 100000\r\n250-8BITMIME\r\n250-DSN\r\n250 AUTH PLAIN XOAUTH2\r\n";

/// A login over implicit TLS, then `more`.
fn logged_in(more: Vec<Step>) -> Vec<Step> {
    let mut script = vec![
        send("220 host\r\n"),
        Expect("EHLO"),
        send(OFFER),
        Expect("EHLO"),
        send(OFFER),
        Expect("AUTH PLAIN AGFubmUAc2VjcmV0"),
        send("235 2.7.0 in\r\n"),
    ];
    script.extend(more);
    script
}

fn accepted() -> Vec<Step> {
    vec![
        Expect("MAIL FROM"),
        send("250 ok\r\n"),
        Expect("RCPT TO"),
        send("250 ok\r\n"),
        Expect("RCPT TO"),
        send("250 ok\r\n"),
        Expect("DATA"),
        send("354 go\r\n"),
    ]
}

async fn submit(security: Security, script: Vec<Step>) -> (Result<Submitted, Error>, Vec<String>) {
    let (endpoint, received) = serve(security, script).await;
    let address = |a| EmailAddress::parse(a).unwrap();
    let (from, to) =
        (address("anne@test.example"), [address("paul@test.example"), address("lea@test.example")]);
    let message = "Subject: été\r\n\r\nligne\r\n.\r\n..deux\nfin\r\n".as_bytes();
    let submission = Submission { from: &from, to: &to, message, dsn: true, envelope_id: "id 1" };
    let result = submit_with(&endpoint, client(), &plain(), submission, &limits()).await;
    (result, received.await.unwrap())
}

async fn after(mut script: Vec<Step>, more: Vec<Step>) -> (Result<Submitted, Error>, Vec<String>) {
    script.extend(more);
    submit(Security::Tls, logged_in(script)).await
}

#[tokio::test]
async fn a_server_that_takes_nothing_more_of_a_message_is_left_before_the_final_dot() {
    const ROOM: &str = "250-host\r\n250 AUTH PLAIN\r\n";
    let mut script = logged_in([accepted(), vec![Pause(Duration::from_secs(30))]].concat());
    script.iter_mut().for_each(|step| {
        if matches!(step, Step::Send(said) if said == OFFER.as_bytes()) {
            *step = send(ROOM);
        }
    });
    let (endpoint, server) = serve(Security::Tls, script).await;
    let address = |a| EmailAddress::parse(a).unwrap();
    let (from, to) =
        (address("anne@test.example"), [address("paul@test.example"), address("lea@test.example")]);
    // more than both ends keep under way
    let message = [b"Subject: long\r\n\r\n".as_slice(), &b"a line of text\r\n".repeat(4 << 20)].concat();
    let submission = Submission { from: &from, to: &to, message: &message, dsn: false, envelope_id: "id 1" };
    // the answer to a command may take long here: only the silence ends it
    let limits = Limits { silence: SHORT, ..Limits::default() };
    let result = submit_with(&endpoint, client(), &plain(), submission, &limits).await;
    server.abort();
    assert!(matches!(result, Err(Error::Timeout)), "{result:?}");
}

#[tokio::test]
async fn a_message_is_handed_over_with_all_the_server_offers() {
    let more = vec![
        Expect("fin"),
        Expect("."),
        send("250 2.0.0 Ok: queued as 4X\r\n"),
        Expect("QUIT"),
        send("221\r\n"),
    ];
    let (result, received) = after(accepted(), more).await;
    let submitted = result.unwrap();
    assert_eq!(
        (submitted.accepted.len(), submitted.dsn, submitted.reply.as_str()),
        (2, true, "Ok: queued as 4X")
    );
    let sent = received.join("\n");
    assert!(
        sent.contains("MAIL FROM:<anne@test.example> SIZE=41 BODY=8BITMIME RET=HDRS ENVID=id+201\n"),
        "{sent}"
    );
    assert!(sent.contains("RCPT TO:<lea@test.example> NOTIFY=SUCCESS,FAILURE,DELAY\n"), "{sent}");
    assert!(sent.contains("DATA\nSubject: été\n\nligne\n..\n...deux\nfin\n.\nQUIT"), "{sent}");
}

#[tokio::test]
async fn after_starttls_the_login_goes_through_tls_only() {
    let mut script = vec![
        send("220 host\r\n"),
        Expect("EHLO"),
        send("250-host\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"),
        Expect("STARTTLS"),
        send("220 go\r\n"),
        Tls,
    ];
    script.extend(logged_in(vec![Expect("QUIT"), send("221 bye\r\n")]).into_iter().skip(1));
    let (endpoint, received) = serve(Security::StartTls, script).await;
    let offer = check_with(&endpoint, client(), &plain(), &limits()).await.unwrap();
    assert_eq!((offer.size_limit, offer.dsn, offer.eight_bit), (Some(100_000), true, true));
    let received = received.await.unwrap();
    assert_eq!(received[1], "STARTTLS");
}

#[tokio::test]
async fn a_lost_answer_after_the_dot_is_unknown_and_before_it_is_not() {
    for last in [Close, Silence, Flood(b"x"), send("what\r\n")] {
        let (result, _) = after(accepted(), vec![Expect("fin"), Expect("."), last]).await;
        assert!(matches!(result, Err(Error::AnswerUnknown)), "{result:?}");
    }
    let mut cut = accepted();
    cut.truncate(7);
    let (result, _) = after(cut.clone(), vec![Close]).await;
    assert!(matches!(result, Err(Error::Closed)), "{result:?}");
    let (result, _) = after(cut, vec![Silence]).await;
    assert!(matches!(result, Err(Error::Timeout)), "{result:?}");
}

#[tokio::test]
async fn a_refused_message_is_permanent_or_temporary() {
    for (answer, permanent) in [("554 5.7.1 virus\r\n", true), ("452 4.3.1 full\r\n", false)] {
        let (result, _) = after(accepted(), vec![Expect("fin"), Expect("."), send(answer)]).await;
        assert!(matches!(result, Err(Error::Refused { permanent: p, .. }) if p == permanent), "{result:?}");
        let (result, _) = after(vec![Expect("MAIL FROM"), send(answer)], vec![]).await;
        assert!(matches!(result, Err(Error::Refused { permanent: p, .. }) if p == permanent), "{result:?}");
    }
}

#[tokio::test]
async fn one_refused_recipient_stops_the_message() {
    let recipients = |first: &str, second: &str| {
        vec![
            Expect("MAIL FROM"),
            send("250 ok\r\n"),
            Expect("RCPT TO"),
            send(first),
            Expect("RCPT TO"),
            send(second),
            Expect("RSET"),
            send("250 ok\r\n"),
            Expect("QUIT"),
        ]
    };
    let (result, received) =
        after(recipients("250 ok\r\n", "550-5.1.1 inconnu\r\n550 5.1.1 ici\r\n"), vec![]).await;
    let Err(Error::RecipientsRefused { refusals, accepted }) = result else { panic!("{result:?}") };
    assert_eq!(accepted.len(), 1);
    assert_eq!(refusals[0].address.as_str(), "lea@test.example");
    assert_eq!((refusals[0].code, refusals[0].enhanced.as_deref()), (550, Some("5.1.1")));
    assert_eq!((refusals[0].reason.as_str(), refusals[0].permanent), ("inconnu ici", true));
    assert!(!received.iter().any(|l| l == "DATA"));
    let (result, received) = after(recipients("450 plus tard\r\n", "550 non\r\n"), vec![]).await;
    let Err(Error::AllRefused { refusals }) = result else { panic!("{result:?}") };
    assert_eq!((refusals.len(), refusals[0].permanent, refusals[1].permanent), (2, false, true));
    assert!(!received.iter().any(|l| l == "DATA"));
}

#[tokio::test]
async fn a_refused_login_and_an_oversized_message_are_told() {
    let mut script = logged_in(vec![]);
    script.pop();
    script.push(send("535 5.7.8 non\r\n"));
    let (result, _) = submit(Security::Tls, script).await;
    assert!(matches!(result, Err(Error::LoginRefused { code: 535, permanent: true, .. })), "{result:?}");

    let small = OFFER.replace("100000", "10");
    let mut script = logged_in(vec![Silence]);
    script[4] = send(small);
    let (result, received) = submit(Security::Tls, script).await;
    assert!(matches!(result, Err(Error::TooLarge { limit: 10, .. })), "{result:?}");
    assert!(!received.iter().any(|l| l.starts_with("MAIL")));
}

#[tokio::test]
async fn hostile_replies_end_in_a_typed_error() {
    for step in [Flood(b"250-x\r\n"), Flood(b"2"), send("\r\n\r\n"), send(b"250\xff\r\n")] {
        let (result, _) =
            submit(Security::Tls, vec![send("220 host\r\n"), Expect("EHLO"), step, Silence]).await;
        assert!(matches!(result, Err(Error::Protocol { .. } | Error::Timeout | Error::Closed)), "{result:?}");
    }
}
