//! Software certificates of an organisation, in every form `openssl` makes them.

use estafette::domain::account::AuthMethod;
use estafette::domain::secret::Secret;
use estafette::engine::{CERTIFICATE_WARNING, Means};
use zeroize::Zeroizing;

use crate::desk::{Desk, INTEGRATION, operator};

fn file(kind: &str, form: &str) -> String {
    operator().info["certificates"][kind][form].as_str().unwrap().to_owned()
}

fn means(kind: &str, form: &str, password: &str) -> Means {
    let file = Zeroizing::new(std::fs::read(file(kind, form)).unwrap());
    Means::Certificate { file, password: Secret::new(password.to_owned()) }
}

fn password() -> &'static str {
    operator().account("integration").get("password").unwrap().as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_a_certificate_opens_the_applicative_mailbox() {
    let mut desk = Desk::open(operator()).await;
    let config = desk.config(INTEGRATION, AuthMethod::Certificate).await;
    for (form, password) in
        [("p12", password()), ("old.p12", password()), ("open.pem", ""), ("closed.pem", password())]
    {
        let checked = desk.engine.try_account(config.clone(), means("good", form, password)).await;
        checked.unwrap_or_else(|e| panic!("{form}: {}", e.code()));
    }
    let account = desk.engine.add_account_with(config, means("good", "p12", password())).await.unwrap();
    desk.engine.sync(Some(account)).await.unwrap();
    desk.restart().await;
    desk.engine.sync(Some(account)).await.unwrap();
    desk.engine.remove_account(account).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_of_no_use_says_why() {
    let desk = Desk::open(operator()).await;
    let config = desk.config(INTEGRATION, AuthMethod::Certificate).await;
    let rubbish = Means::Certificate {
        file: Zeroizing::new(b"0 not a certificate".to_vec()),
        password: Secret::new(String::new()),
    };
    for (means, code) in [
        (means("good", "p12", "faux"), "certificate-password"),
        (means("good", "old.p12", ""), "certificate-password"),
        (means("good", "closed.pem", "faux"), "certificate-password"),
        (means("good", "chain.pem", ""), "certificate-no-key"),
        (means("expired", "p12", password()), "certificate-over"),
        (means("seal", "open.pem", ""), "certificate-purpose"),
        (rubbish, "certificate-unreadable"),
        (Means::Nothing, "no-certificate"),
    ] {
        let refused = desk.engine.add_account_with(config.clone(), means).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
    assert!(desk.engine.accounts().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_soon_is_known_and_replaced_in_place() {
    let desk = Desk::open(operator()).await;
    let config = desk.config(INTEGRATION, AuthMethod::Certificate).await;
    let account = desk.engine.add_account_with(config, means("soon", "p12", password())).await.unwrap();
    let end = async || desk.engine.health().await.unwrap().accounts[0].certificate_end.unwrap();
    let now = jiff::Timestamp::now().as_second();
    assert!(end().await - now < CERTIFICATE_WARNING);
    desk.engine.set_means(account, means("good", "closed.pem", password())).await.unwrap();
    assert!(end().await - now > CERTIFICATE_WARNING);
    desk.engine.sync(Some(account)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_lies_open_in_the_profile() {
    let desk = Desk::open(operator()).await;
    let config = desk.config(INTEGRATION, AuthMethod::Certificate).await;
    let account = desk.engine.add_account_with(config, means("good", "open.pem", "")).await.unwrap();
    desk.engine.sync(Some(account)).await.unwrap();
    let pem = std::fs::read_to_string(file("good", "open.pem")).unwrap();
    let line = pem.split("BEGIN PRIVATE KEY-----\n").nth(1).unwrap().lines().nth(3).unwrap();
    crate::theft::assert_nowhere(desk.dir.path(), &[line]);
}
