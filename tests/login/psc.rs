//! Pro Santé Connect from the browser to the mailbox.

use std::time::{Duration, Instant};

use estafette::domain::account::{AccountConfig, AuthMethod, HostSource};
use estafette::domain::draft::{Draft, Recipient};
use estafette::engine::{Connection, Limits, Means, PscState};

use crate::browser::Browser;
use crate::client::Operator;
use crate::desk::{Desk, LABORATORY, MOREAU, SUBJECT, address, operator, page};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_reads_and_sends_with_dovecot_and_postfix() {
    let desk = Desk::open(operator()).await;
    let config = desk.config(MOREAU, AuthMethod::Psc).await;
    let refused = desk.engine.try_account(config.clone(), Means::Nothing).await.unwrap_err();
    assert_eq!(refused.code(), "psc-login-needed");
    let identity = desk.log_in("moreau").await.unwrap();
    assert_eq!((identity.national_id.as_str(), identity.name.as_str()), (SUBJECT, "LEA MOREAU"));
    assert_eq!(desk.engine.psc_state(), PscState::Active(identity));

    let checked = desk.engine.try_account(config.clone(), Means::Nothing).await.unwrap();
    assert!(checked.capabilities.iter().any(|c| c == "IDLE"));
    let account = desk.engine.add_account_with(config, Means::Nothing).await.unwrap();
    desk.engine.sync(Some(account)).await.unwrap();

    let mut draft = Draft::new(account);
    draft.subject = "Par Pro Santé Connect".into();
    draft.to.push(Recipient { name: None, address: address(LABORATORY) });
    desk.engine.queue(draft).await.unwrap();
    desk.engine.flush().await.unwrap();
    let sent = desk.engine.outbox().await.unwrap();
    assert_eq!(sent[0].state, estafette::domain::outbox::OutboxState::Done, "{:?}", sent[0].trouble);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intermediate_server_holds_the_secret_and_the_program_does_not() {
    let desk = Desk::open(operator()).await;
    let relayed = &operator().info["openid"]["relayed"];
    std::fs::write(desk.dir.path().join("psc.json"), relayed.to_string()).unwrap();
    desk.log_in("moreau").await.unwrap();
    let config = desk.config(MOREAU, AuthMethod::Psc).await;
    desk.engine.try_account(config, Means::Nothing).await.unwrap();
    // without the relay the provider does not take this client
    let mut direct = relayed.clone();
    direct["relay"] = serde_json::Value::Null;
    std::fs::write(desk.dir.path().join("psc.json"), direct.to_string()).unwrap();
    assert_eq!(desk.log_in("moreau").await.unwrap_err().code(), "psc-provider");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_gives_up_is_told_so_and_a_login_given_up_closes_its_port() {
    let desk = Desk::open(operator()).await;
    assert_eq!(desk.log_in("").await.unwrap_err().code(), "psc-declined");
    assert_eq!(desk.engine.psc_state(), PscState::None);

    let attempt = desk.engine.psc_login().await.unwrap();
    let url = attempt.url().to_owned();
    let back = crate::browser::parameter(&url, "redirect_uri").unwrap();
    let waiting = tokio::spawn(attempt.wait(page()));
    let host = back.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
    assert!(std::net::TcpStream::connect(&host).is_ok());
    waiting.abort();
    let start = Instant::now();
    while std::net::TcpStream::connect(&host).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(30), "the port stays open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn short_tokens_are_renewed_before_every_login_and_the_end_of_the_session_is_told() {
    // access tokens are good for four seconds, the session for eight after the last refresh
    let operator = Operator::start_with_openid("4:8");
    let desk = Desk::open(&operator).await;
    desk.log_in("moreau").await.unwrap();
    let config = desk.config(MOREAU, AuthMethod::Psc).await;
    let account = desk.engine.add_account_with(config, Means::Nothing).await.unwrap();
    for _ in 0..3 {
        desk.engine.sync(Some(account)).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(desk.engine.sync(Some(account)).await.unwrap_err().code(), "psc-ended");
    assert_eq!(desk.engine.psc_state(), PscState::Ended);
    desk.log_in("moreau").await.unwrap();
    desk.engine.sync(Some(account)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_mailbox_goes_on_by_itself_after_the_login_and_stops_at_logout() {
    let desk = Desk::with_loops(operator()).await;
    let config = desk.config(MOREAU, AuthMethod::Psc).await;
    desk.engine.add_account_with(config, Means::Nothing).await.unwrap();
    let connection = async |wanted: &dyn Fn(&Connection) -> bool| {
        let start = Instant::now();
        loop {
            let health = desk.engine.health().await.unwrap();
            if wanted(&health.accounts[0].connection) {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", health.accounts[0].connection);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    connection(&|c| matches!(c, Connection::Waiting(e) if e.code() == "psc-login-needed")).await;
    desk.log_in("moreau").await.unwrap();
    connection(&|c| matches!(c, Connection::UpToDate)).await;
    let end = desk.engine.psc_logout().await.unwrap().expect("the provider has a place to log out");
    assert!(end.contains("id_token_hint="), "the browser says which session to end");
    assert_eq!(Browser::default().get(&end).status, 200);
    connection(&|c| matches!(c, Connection::Waiting(e) if e.code() == "psc-login-needed")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_somebody_typed_never_see_a_token() {
    let desk = Desk::open(operator()).await;
    desk.log_in("moreau").await.unwrap();
    let known = desk.config(MOREAU, AuthMethod::Psc).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut typed = AccountConfig { source: HostSource::Typed, ..known };
    typed.imap.port = listener.local_addr().unwrap().port();
    for refused in [
        desk.engine.try_account(typed.clone(), Means::Nothing).await.map(drop),
        desk.engine.add_account_with(typed.clone(), Means::Nothing).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().code(), "psc-typed-host");
    }
    // an account that came into the store by another way
    let account = desk.engine.add_account(typed, None).await.unwrap();
    assert_eq!(desk.engine.sync(Some(account)).await.unwrap_err().code(), "psc-typed-host");
    let nobody = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
    assert!(nobody.is_err(), "the host was not even connected to");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_prolonged_only_while_somebody_is_there() {
    let operator = Operator::start_with_openid("4:600");
    let desk = Desk::open(&operator).await;
    // counts as there for one second
    desk.engine.lock().await;
    desk.engine.set_limits(Limits { presence: Duration::from_secs(1), ..Limits::default() });
    desk.engine.open_offline().await.unwrap();
    desk.log_in("moreau").await.unwrap();
    let config = desk.config(MOREAU, AuthMethod::Psc).await;
    let account = desk.engine.add_account_with(config, Means::Nothing).await.unwrap();
    desk.engine.sync(Some(account)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(desk.engine.sync(Some(account)).await.unwrap_err().code(), "psc-idle");
    assert!(matches!(desk.engine.psc_state(), PscState::Active(_)), "nothing is over");
    desk.engine.user_is_active();
    desk.engine.sync(Some(account)).await.unwrap();
}
