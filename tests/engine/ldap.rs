//! The LDAP directory beside the annuaire, on a real slapd.

use std::net::TcpListener;
use std::path::Path;

use estafette::domain::ldap::{LdapField, LdapPeople, LdapSettings};
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, KeySource, Options, PeopleQuery};

use crate::authority::authority;
use crate::slapd::{PASSWORD, READER, Slapd};

fn engine(dir: &Path) -> Engine {
    Engine::open(Options {
        profile: dir.join("profile"),
        keys: KeySource::File(dir.join("keys")),
        module: None,
        send_delay: 0,
        background: false,
    })
    .unwrap()
}

/// What a server needs to be believed.
fn believed(server: &str) -> LdapSettings {
    LdapSettings { authority: Some(authority().ca.clone()), ..LdapSettings::new(server.parse().unwrap()) }
}

async fn ask(engine: &Engine, text: &str) -> Result<LdapPeople, String> {
    let query = PeopleQuery { text: text.to_owned(), ..PeopleQuery::default() };
    engine.ldap_people(query).await.map_err(|error| error.code().to_owned())
}

/// Names and addresses found.
fn found(answer: &LdapPeople) -> Vec<String> {
    let boxes = |p: &estafette::domain::person::Person| {
        p.mailboxes.iter().map(|m| m.address.to_string()).collect::<Vec<_>>().join(" ")
    };
    answer.people.iter().map(|p| format!("{} {} {}", p.key, p.display_name(), boxes(p))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_services_are_found_by_begun_words_in_any_order_and_spelling() {
    let (dir, slapd) = (tempfile::tempdir().unwrap(), Slapd::start("", |entries| entries));
    let engine = engine(dir.path());
    assert_eq!(ask(&engine, "legall").await, Err("ldap-off".to_owned()));
    let helene = "899900000101 Hélène LE GALL helene.legall@medecin.mssante.example \
                  helene.legall@chu-brest.mssante.example";
    let midwife = "899900000102 Helene LE GALL h.legall@medecin.mssante.example";
    let noel = "0291000001 Noël O'CONNOR noel.oconnor@medecin.mssante.example";
    let desk =
        "sec.cardio@chu-brest.mssante.example CHU de Brest (fictif) sec.cardio@chu-brest.mssante.example";
    let star = "star@labo.mssante.example Labo * (2) \\ Étoile star@labo.mssante.example";
    for server in [&slapd.tls, &slapd.start_tls] {
        engine.set_ldap(Some(believed(server)), None).await.unwrap();
        for (text, expected) in [
            ("le gall", &[helene, midwife][..]),
            ("helene", &[helene, midwife]),
            ("HÉLÈNE quim", &[midwife]),
            ("quimper legall", &[midwife]),
            ("etienne", &[noel]),
            ("st étienne noel", &[noel]),
            ("oconnor", &[noel]),
            ("o'connor infirmier", &[noel]),
            ("cardio brest", &[desk]),
            ("999 0000 0101", &[helene]),
            ("sec.cardio@chu-brest.mssante.example", &[desk]),
            // what would be something else in a written filter
            ("*", &[]),
            ("*)(mail=*", &[]),
            ("etoile)(|(mail=*", &[]),
            ("etoile *\\", &[star]),
            ("\\2a", &[]),
            ("le\u{0}gall", &[helene, midwife]),
            // nobody writes to what is no address
            ("sans adresse", &[]),
        ] {
            let answer = ask(&engine, text).await.unwrap();
            assert_eq!(found(&answer), expected, "{text}");
            assert!(!answer.more && answer.confirmed.is_empty(), "{text}");
        }
    }
    assert!(slapd.logs("STARTTLS"), "the second way was encrypted too");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_annuaire_says_too_is_confirmed() {
    // who has the address in the annuaire, whose address another claims, and somebody without a national number
    let (dir, slapd) = (
        tempfile::tempdir().unwrap(),
        Slapd::start("", |entries| {
            entries
                .replace("helene.legall@medecin", "marie.martin@medecin")
                .replace("h.legall@medecin", "claire.bernard@medecin")
        }),
    );
    let engine = engine(dir.path());
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/annuaire");
    let text =
        std::fs::read_to_string(data.join("Extraction_Correspondance_MSSante_202611210213.txt")).unwrap();
    let line = text.lines().find(|line| line.contains("|marie.martin@medecin.mssante.example|")).unwrap();
    let rpps =
        line.split('|').find(|field| field.starts_with("999") && field.len() == 11).unwrap().to_owned();
    let file = dir.path().join("extraction.txt");
    std::fs::write(&file, text.replace(&rpps, "99900000101")).unwrap();
    engine.import_annuaire(&file.to_string_lossy()).await.unwrap();
    engine.set_ldap(Some(believed(&slapd.tls)), None).await.unwrap();
    let answer = ask(&engine, "le gall").await.unwrap();
    assert_eq!(answer.people.len(), 2);
    assert_eq!(answer.confirmed, ["marie.martin@medecin.mssante.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_wants_a_login_is_given_one_over_tls() {
    let (dir, slapd) = (tempfile::tempdir().unwrap(), Slapd::start("require authc", |entries| entries));
    let engine = engine(dir.path());
    let by = |user: &str| LdapSettings { user: Some(user.to_owned()), ..believed(&slapd.tls) };
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    engine.set_ldap(Some(believed(&slapd.tls)), None).await.unwrap();
    assert_eq!(ask(&engine, "le gall").await, Err("ldap-login".to_owned()), "as nobody");
    for none in [None, secret("")] {
        let refused = engine.set_ldap(Some(by(READER)), none).await.unwrap_err();
        assert_eq!(refused.code(), "ldap-password-missing");
    }
    engine.set_ldap(Some(by(READER)), secret("faux")).await.unwrap();
    assert_eq!(ask(&engine, "le gall").await, Err("ldap-login".to_owned()), "with a wrong password");
    engine.set_ldap(Some(by(READER)), secret(PASSWORD)).await.unwrap();
    assert_eq!(ask(&engine, "le gall").await.unwrap().people.len(), 2);
    let attribute = |name: &str| {
        let mut settings = by(READER);
        settings.attributes.set(LdapField::FamilyName, name).unwrap();
        settings
    };
    engine.set_ldap(Some(attribute("description")), None).await.unwrap();
    let answer = ask(&engine, "cardiologie").await.unwrap();
    assert_eq!(answer.people.len(), 1, "the password stays for the same server and user");
    engine.set_ldap(Some(by(READER)), None).await.unwrap();
    let other = LdapSettings { server: slapd.start_tls.parse().unwrap(), ..by(READER) };
    let refused = engine.set_ldap(Some(other), None).await.unwrap_err();
    assert_eq!(refused.code(), "ldap-password-missing", "a password is not shown to another server");
    engine.set_ldap(None, None).await.unwrap();
    assert_eq!(ask(&engine, "le gall").await, Err("ldap-off".to_owned()));
    let keys = std::fs::read_to_string(dir.path().join("keys")).unwrap_or_default();
    assert!(!keys.contains("ldap"), "the password is forgotten with the server");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_cannot_be_believed_or_asked_is_told_apart() {
    let (dir, slapd) = (tempfile::tempdir().unwrap(), Slapd::start("", |entries| entries));
    let engine = engine(dir.path());
    let unknown = LdapSettings::new(slapd.tls.parse().unwrap());
    let other_name = believed(&slapd.tls.replace("127.0.0.1", "localhost"));
    let other_authority = LdapSettings {
        authority: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/net/other-root.pem")),
        ..believed(&slapd.start_tls)
    };
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let other_base = LdapSettings { base: "dc=autre,dc=fr".to_owned(), ..believed(&slapd.tls) };
    let no_base = LdapSettings { base: "pas un nom".to_owned(), ..believed(&slapd.tls) };
    for (settings, code) in [
        (unknown, "ldap-untrusted"),
        (other_name, "ldap-untrusted"),
        (other_authority, "ldap-untrusted"),
        (believed(&format!("ldaps://127.0.0.1:{nobody}")), "ldap-unreachable"),
        (believed("ldaps://annuaire.invalid"), "ldap-unreachable"),
        // TLS where none is spoken
        (believed(&slapd.start_tls.replace("ldap:", "ldaps:")), "ldap-unreachable"),
        (other_base, "ldap-base"),
        (no_base, "ldap-base"),
    ] {
        let shown = format!("{} {}", settings.server, settings.base);
        engine.set_ldap(Some(settings), None).await.unwrap();
        assert_eq!(ask(&engine, "le gall").await, Err(code.to_owned()), "{shown}");
    }
    let plain = LdapSettings { base: "dc=a\u{0}".to_owned(), ..believed(&slapd.tls) };
    assert_eq!(engine.set_ldap(Some(plain), None).await.unwrap_err().code(), "ldap-settings");
    let lost = LdapSettings { authority: Some("/nowhere/ca.pem".into()), ..believed(&slapd.tls) };
    assert!(engine.set_ldap(Some(lost), None).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_stalls_is_left_and_the_annuaire_answers_meanwhile() {
    let (dir, slapd) = (tempfile::tempdir().unwrap(), Slapd::start("", |entries| entries));
    let engine = engine(dir.path());
    engine.set_ldap(Some(believed(&slapd.tls)), None).await.unwrap();
    assert_eq!(ask(&engine, "le gall").await.unwrap().people.len(), 2);
    slapd.stall();
    let asking = tokio::spawn({
        let engine = engine.clone();
        async move { ask(&engine, "le gall").await }
    });
    let query = PeopleQuery { text: "martin".to_owned(), ..PeopleQuery::default() };
    assert!(engine.people(query).await.is_ok());
    assert!(!asking.is_finished(), "the annuaire did not wait");
    assert_eq!(asking.await.unwrap(), Err("ldap-unreachable".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_cut_and_what_lies_elsewhere_is_left_there() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = elsewhere.local_addr().unwrap().port();
    let settings = format!("sizelimit 2\nreferral ldap://127.0.0.1:{port}/");
    let mend =
        move |entries: String| entries.replace("ldap://127.0.0.1:1/", &format!("ldap://127.0.0.1:{port}/"));
    let (dir, slapd) = (tempfile::tempdir().unwrap(), Slapd::start(&settings, mend));
    let engine = engine(dir.path());
    engine.set_ldap(Some(believed(&slapd.tls)), None).await.unwrap();
    let answer = ask(&engine, "le gall").await.unwrap();
    assert!(answer.more, "{answer:?}");
    assert_eq!(answer.people.iter().map(|p| p.mailboxes.len()).sum::<usize>(), 2);
    assert!(!ask(&engine, "oconnor").await.unwrap().more);
    let other = LdapSettings { base: "dc=autre,dc=fr".to_owned(), ..believed(&slapd.tls) };
    engine.set_ldap(Some(other), None).await.unwrap();
    assert_eq!(ask(&engine, "le gall").await, Err("ldap-elsewhere".to_owned()));
    assert!(slapd.logs("SEARCH RESULT tag=101 err=10"), "the server did refer");
    elsewhere.set_nonblocking(true).unwrap();
    assert!(elsewhere.accept().is_err(), "nobody went there");
}
