//! Attack 56: a token of Pro Santé Connect stolen from disk, the redirect replayed, the answer of another provider.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette::domain::account::AuthMethod;
use estafette::engine::{Error, Means, PscState};
use serde_json::{Value, json};

use crate::browser::{Browser, parameter};
use crate::desk::{Desk, MOREAU, operator, page};
use crate::forger::{Forger, Recorder, Signature, token};

/// What came of a login.
type Outcome = Result<(), Error>;

async fn forged() -> (Desk, Forger) {
    let desk = Desk::open(operator()).await;
    let forger = Forger::start();
    std::fs::write(desk.dir.path().join("psc.json"), forger.profile()).unwrap();
    (desk, forger)
}

/// Begins a login and has `returned` make the address the browser comes back to.
async fn returning(desk: &Desk, returned: impl FnOnce(&str) -> String) -> Outcome {
    let attempt = desk.engine.psc_login().await?;
    let back = returned(attempt.url());
    let browsing = tokio::task::spawn_blocking(move || Browser::default().get(&back).status);
    let outcome = attempt.wait(page()).await.map(drop);
    assert_eq!(browsing.await.unwrap(), 200);
    outcome
}

/// The return a good provider sends the browser to.
fn good(url: &str, issuer: &str) -> String {
    let value = |name: &str| parameter(url, name).unwrap();
    format!("{}?code=c&state={}&iss={issuer}", value("redirect_uri"), value("state"))
}

/// A login whose token the provider makes from the nonce.
async fn with_token(desk: &Desk, forger: &Forger, make: impl FnOnce(&str) -> String) -> Outcome {
    let issuer = forger.issuer();
    returning(desk, |url| {
        let mut plan = forger.plan.lock().unwrap();
        plan.id_token = make(&parameter(url, "nonce").unwrap());
        plan.access_token = "access".into();
        good(url, &issuer)
    })
    .await
}

fn rs256() -> Value {
    json!({"alg": "RS256", "kid": "own"})
}

fn assert_untrusted(outcome: Outcome, desk: &Desk, what: &str) {
    assert_eq!(outcome.err().map(|e| e.code()), Some("psc-untrusted"), "{what}");
    assert_eq!(desk.engine.psc_state(), PscState::None, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_56_the_redirect_is_taken_once_and_means_nothing_to_another_login() {
    let desk = Desk::open(operator()).await;
    let attempt = desk.engine.psc_login().await.unwrap();
    let url = attempt.url().to_owned();
    let mut browser = Browser::default();
    let (mut browser, back) =
        tokio::task::spawn_blocking(move || (browser.until_return(&url, "moreau"), browser))
            .await
            .map(|(back, browser)| (browser, back))
            .unwrap();
    let first = back.clone();
    let browsing = tokio::task::spawn_blocking(move || browser.get(&first).status);
    attempt.wait(page()).await.unwrap();
    assert_eq!(browsing.await.unwrap(), 200);
    let host = back.strip_prefix("http://").unwrap().split('/').next().unwrap();
    assert!(std::net::TcpStream::connect(host).is_err(), "the port is closed after its use");

    // the same code and state, brought to the port of the next login
    desk.engine.psc_logout().await.unwrap();
    let query = back.split_once('?').unwrap().1.to_owned();
    let replayed =
        returning(&desk, |url| format!("{}?{query}", parameter(url, "redirect_uri").unwrap())).await;
    assert_untrusted(replayed, &desk, "replay");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_56_a_return_with_another_state_or_from_another_provider_is_refused_before_any_code_is_sent() {
    let (desk, forger) = forged().await;
    let issuer = forger.issuer();
    let with = |url: &str, change: &dyn Fn(String) -> String| change(good(url, &issuer));
    let state = |url: &str| parameter(url, "state").unwrap();
    for what in ["state", "no state", "issuer", "no issuer", "code twice"] {
        let outcome = returning(&desk, |url| {
            let state = state(url);
            match what {
                "state" => with(url, &|back| back.replace(&state, &"A".repeat(43))),
                "no state" => with(url, &|back| back.replace(&format!("&state={state}"), "")),
                "issuer" => with(url, &|back| back.replace(&issuer, "https://autre.example")),
                "no issuer" => with(url, &|back| back.split("&iss=").next().unwrap().to_owned()),
                _ => with(url, &|back| back + "&code=autre"),
            }
        })
        .await;
        assert_untrusted(outcome, &desk, what);
    }
    assert!(forger.asked.lock().unwrap().is_empty(), "no code left the program");
    // the description of another issuer is not even used
    forger.plan.lock().unwrap().described_as = Some("https://autre.example".into());
    assert_eq!(desk.engine.psc_login().await.err().unwrap().code(), "psc-untrusted");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_56_a_code_injected_by_another_process_is_not_ours() {
    let (desk, forger) = forged().await;
    let attempt = desk.engine.psc_login().await.unwrap();
    let (url, issuer) = (attempt.url().to_owned(), forger.issuer());
    let nonce = parameter(&url, "nonce").unwrap();
    {
        let mut plan = forger.plan.lock().unwrap();
        plan.id_token = token(&rs256(), &forger.claims(&nonce), &Signature::Own);
    }
    let waiting = tokio::spawn(attempt.wait(page()));
    let statuses = tokio::task::spawn_blocking(move || {
        let redirect = parameter(&url, "redirect_uri").unwrap();
        let root = &redirect[..redirect.rfind('/').unwrap()];
        // whoever does not know the path is not heard, and does not end the login either
        let guesses = [format!("{root}/?code=x&state=y"), format!("{root}/retour?code=x")];
        let mut found: Vec<u16> = guesses.iter().map(|guess| Browser::default().get(guess).status).collect();
        found.push(Browser::default().get(&good(&url, &issuer)).status);
        found
    });
    assert_eq!(statuses.await.unwrap(), [404, 404, 200]);
    waiting.await.unwrap().unwrap();
    let asked = forger.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("code=c&") && asked[0].contains("code_verifier="), "bound to who asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_56_only_a_token_signed_by_the_provider_for_this_login_counts() {
    let (desk, forger) = forged().await;
    let accepted =
        with_token(&desk, &forger, |nonce| token(&rs256(), &forger.claims(nonce), &Signature::Own)).await;
    accepted.expect("the forger can also tell the truth");
    desk.engine.psc_logout().await.unwrap();

    let signatures = [
        ("unknown key", json!({"alg": "RS256", "kid": "autre"}), Signature::Own),
        ("foreign key", rs256(), Signature::Foreign),
        ("no algorithm", json!({"alg": "none", "kid": "own"}), Signature::None),
        ("no algorithm, in another case", json!({"alg": "nOnE"}), Signature::None),
        ("no signature", rs256(), Signature::None),
        ("public key as secret", json!({"alg": "HS256", "kid": "own"}), Signature::Shared),
        ("public key as secret, said to be RSA", rs256(), Signature::Shared),
        ("unknown demand", json!({"alg": "RS256", "kid": "own", "crit": ["b64"]}), Signature::Own),
    ];
    for (what, header, signature) in signatures {
        let outcome =
            with_token(&desk, &forger, |nonce| token(&header, &forger.claims(nonce), &signature)).await;
        assert_untrusted(outcome, &desk, what);
    }
    let now = jiff::Timestamp::now().as_second();
    for (what, name, value) in [
        ("nonce", "nonce", json!("autre")),
        ("no nonce", "nonce", Value::Null),
        ("issuer", "iss", json!("https://autre.example")),
        ("audience", "aud", json!("autre")),
        ("several without azp", "aud", json!(["estafette", "autre"])),
        ("azp", "azp", json!("autre")),
        ("expired", "exp", json!(now - 3600)),
        ("old", "iat", json!(now - 3600)),
        ("of the future", "iat", json!(now + 3600)),
        ("access token", "at_hash", json!("autre")),
        ("nobody", "SubjectNameID", Value::Null),
    ] {
        let outcome = with_token(&desk, &forger, |nonce| {
            let mut claims = forger.claims(nonce);
            claims[name] = value;
            token(&rs256(), &claims, &Signature::Own)
        })
        .await;
        assert_untrusted(outcome, &desk, what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_56_another_person_never_opens_a_mailbox_that_is_bound() {
    let desk = Desk::open(operator()).await;
    desk.log_in("moreau").await.unwrap();
    let config = desk.config(MOREAU, AuthMethod::Psc).await;
    let account = desk.engine.add_account_with(config.clone(), Means::Nothing).await.unwrap();
    desk.engine.sync(Some(account)).await.unwrap();
    desk.engine.psc_logout().await.unwrap();
    desk.log_in("petit").await.unwrap();
    assert_eq!(desk.engine.sync(Some(account)).await.unwrap_err().code(), "psc-other-person");
    // a mailbox that is not bound yet is the server's to refuse, and stays free for its own person
    desk.engine.remove_account(account).await.unwrap();
    let account = desk.engine.add_account_with(config, Means::Nothing).await.unwrap();
    assert_eq!(desk.engine.sync(Some(account)).await.unwrap_err().code(), "psc-refused");
    desk.log_in("moreau").await.unwrap();
    desk.engine.sync(Some(account)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_56_no_token_is_on_disk_after_a_session() {
    let desk = Desk::open(operator()).await;
    let relayed = &operator().info["openid"]["relayed"];
    let recorder = Recorder::before(relayed["relay"].as_str().unwrap());
    let mut profile = relayed.clone();
    profile["relay"] = json!(format!("http://127.0.0.1:{}", recorder.port));
    std::fs::write(desk.dir.path().join("psc.json"), profile.to_string()).unwrap();
    desk.log_in("moreau").await.unwrap();
    let config = desk.config(MOREAU, AuthMethod::Psc).await;
    let account = desk.engine.add_account_with(config, Means::Nothing).await.unwrap();
    desk.engine.sync(Some(account)).await.unwrap();
    let secrets = recorder.secrets();
    assert!(secrets.len() >= 5, "{}", secrets.len());
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    assert_nowhere(desk.dir.path(), &secrets);
    desk.engine.shutdown().await;
    assert_nowhere(desk.dir.path(), &secrets);
}

/// No file of the folder holds one of the texts, as it is, in base64 or in UTF-16.
pub fn assert_nowhere(folder: &Path, texts: &[&str]) {
    let mut folders = vec![folder.to_owned()];
    let mut files = 0;
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let content = std::fs::read(&path).unwrap();
            for text in texts {
                let encoded = STANDARD.encode(text);
                let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                // the first letters are enough, and the same at any place in base64
                for form in [text.as_bytes(), &encoded.as_bytes()[..encoded.len().min(24)], &wide] {
                    let found = content.windows(form.len()).any(|window| window == form);
                    assert!(!found, "{} holds a secret", path.display());
                }
            }
        }
    }
    assert!(files > 0);
}
