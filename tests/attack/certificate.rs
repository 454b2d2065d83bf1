//! Attack 10: certificates that must not be believed, and states that cannot be known.

use estafette::net::{Publication, Source, TlsSettings, client_config, load_anchors};

use crate::decoy::{BOTH, Service, login, start};
use crate::pki::{Pki, pki};
use crate::scripted::plain;

/// How both services end with a server of this certificate, with a cache of its own for each; a login that a refused
/// server heard fails the test.
async fn outcome(pki: &Pki, name: &str, issuer: &str) -> String {
    let mut ends = Vec::new();
    for service in BOTH {
        let folder = tempfile::tempdir().unwrap();
        ends.push(outcome_with(pki, name, issuer, service, folder.path()).await);
    }
    assert_eq!(ends[0], ends[1], "{name}: IMAP and SMTP differ");
    ends.remove(0)
}

async fn outcome_with(
    pki: &Pki,
    name: &str,
    issuer: &str,
    service: Service,
    folder: &std::path::Path,
) -> String {
    let (settings, _) = pki.tls(folder, None).await;
    let decoy = start(service, pki.config(name, issuer)).await;
    let end = login(service, &decoy.endpoint, client_config(&settings).unwrap(), &plain()).await;
    assert_eq!(decoy.heard_login(), end == "login-refused", "{name}: a credential was heard");
    end
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_a_server_is_believed_when_its_authority_says_it_is_good() {
    let pki = pki();
    pki.server("ok-ocsp", "org", "/ocsp/good/ok-ocsp", "", &[]);
    pki.server("ok-own", "org", "/ocsp/own/ok-own", "", &[]);
    pki.server("ok-list", "org", "dead", "/file/ok-list.good.crl", &[]);
    for (name, source) in [("ok-ocsp", Source::Ocsp), ("ok-own", Source::Ocsp), ("ok-list", Source::List)] {
        assert_eq!(outcome(pki, name, "org").await, "login-refused", "{name}");
        let folder = tempfile::tempdir().unwrap();
        let (settings, seen) = pki.tls(folder.path(), None).await;
        let decoy = start(Service::Imap, pki.config(name, "org")).await;
        login(Service::Imap, &decoy.endpoint, client_config(&settings).unwrap(), &plain()).await;
        let chain = seen.take().unwrap();
        assert_eq!(chain.names.len(), 3, "{:?}", chain.names);
        // the authority above is asked about too, by its list
        let sources: Vec<_> = chain.checks.iter().map(|check| check.source).collect();
        assert_eq!(sources, [source, Source::List]);
        assert!(chain.checks.iter().all(|check| check.at.is_some()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_names_dates_and_authorities_decide_before_revocation() {
    let pki = pki();
    let good = |name: &str| format!("/ocsp/good/{name}");
    pki.server_for("elsewhere", "org", "ailleurs.example", &good("elsewhere"), "", &[]);
    pki.server("self-made", "foreign", &good("self-made"), "", &[]);
    pki.server("of-persons", "pp", &good("of-persons"), "", &[]);
    pki.server("twin-made", "twin", &good("twin-made"), "", &[]);
    for (name, issuer, expected) in [
        ("elsewhere", "org", "WrongHost"),
        // "IGC-SANTE" in the name of an authority of one's own
        ("self-made", "foreign", "NotTrusted"),
        // the right root, but the range of persons
        ("of-persons", "pp", "NotTrusted"),
        // the right name, another key
        ("twin-made", "twin", "NotTrusted"),
    ] {
        assert_eq!(outcome(pki, name, issuer).await, expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_what_is_revoked_is_refused() {
    let pki = pki();
    pki.server("bad-ocsp", "org", "/ocsp/revoked/bad-ocsp", "", &[]);
    pki.server("bad-list", "org", "", "/file/bad-list.revoked.crl", &[]);
    for name in ["bad-ocsp", "bad-list"] {
        assert_eq!(outcome(pki, name, "org").await, "Revoked", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_answers_that_prove_nothing_are_no_answers() {
    let pki = pki();
    for how in ["unsigned", "stranger", "weak", "sibling", "expired"] {
        let name = format!("answer-{how}");
        pki.server(&name, "org", &format!("/ocsp/{how}/{name}"), "", &[]);
        assert_eq!(outcome(pki, &name, "org").await, "RevocationUnknown", "OCSP {how}");
        assert!(pki.has_answered(&name), "OCSP {how}: no answer was judged");
    }
    for how in ["twin", "expired"] {
        let name = format!("list-{how}");
        pki.server(&name, "org", "", &format!("/file/{name}.{how}.crl"), &[]);
        assert_eq!(outcome(pki, &name, "org").await, "RevocationUnknown", "list {how}");
    }
    std::fs::write(pki.dir.join("empty.crl"), "").unwrap();
    for (name, ocsp, list) in [
        ("nobody-answers", "dead", "dead"),
        ("list-empty", "", "/file/empty.crl"),
        ("list-missing", "", "/file/none.crl"),
        ("list-huge", "", "/huge"),
        ("list-announced", "", "/announced"),
        ("says-nowhere", "", ""),
    ] {
        pki.server(name, "org", ocsp, list, &[]);
        assert_eq!(outcome(pki, name, "org").await, "RevocationUnknown", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_what_was_good_stays_so_for_four_hours_when_nobody_answers() {
    let pki = pki();
    pki.server("graced", "org", "", "/file/graced.crl", &[]);
    std::fs::copy(pki.dir.join("graced.good.crl"), pki.dir.join("graced.crl")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let end = || outcome_with(pki, "graced", "org", Service::Imap, folder.path());
    assert_eq!(end().await, "login-refused");
    // the authority falls silent: the list that was kept is enough
    std::fs::remove_file(pki.dir.join("graced.crl")).unwrap();
    assert_eq!(end().await, "login-refused");
    // it is over; what was found good a moment ago is good for four hours
    let kept: Vec<_> =
        std::fs::read_dir(folder.path().join("revocation")).unwrap().flatten().map(|e| e.path()).collect();
    let good = std::fs::read(pki.dir.join("graced.good.crl")).unwrap();
    for path in &kept {
        if path.extension().is_some_and(|e| e == "crl") && std::fs::read(path).unwrap() == good {
            std::fs::copy(pki.dir.join("graced.expired.crl"), path).unwrap();
        }
    }
    assert_eq!(end().await, "login-refused");
    let now = jiff::Timestamp::now().as_second();
    for (since, expected) in
        [(4 * 3600 - 60, "login-refused"), (4 * 3600 + 60, "RevocationUnknown"), (-3600, "RevocationUnknown")]
    {
        for path in &kept {
            if path.extension().is_some_and(|e| e == "good") {
                std::fs::write(path, (now - since).to_string()).unwrap();
            }
        }
        assert_eq!(end().await, expected, "{since} s ago");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_an_authority_of_ones_own_is_asked_only_where_it_says_so() {
    let pki = pki();
    pki.server("practice", "org", "", "", &[]);
    pki.server("practice-revoked", "org", "", "/file/practice-revoked.revoked.crl", &[]);
    for (name, expected) in [("practice", "login-refused"), ("practice-revoked", "Revoked")] {
        let folder = tempfile::tempdir().unwrap();
        let (igc, _) = pki.tls(folder.path(), None).await;
        let settings = TlsSettings {
            anchors: load_anchors(&pki.dir.join("root.pem")).unwrap(),
            igc: estafette::net::Authorities::default(),
            ..igc
        };
        let decoy = start(Service::Imap, pki.config(name, "org")).await;
        let end = login(Service::Imap, &decoy.endpoint, client_config(&settings).unwrap(), &plain()).await;
        assert_eq!(end, expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_a_bad_bundle_never_replaces_a_good_one() {
    let pki = pki();
    let folder = tempfile::tempdir().unwrap();
    let now = jiff::Timestamp::now().as_second();
    let publication = |bundle: &str| Publication::of(&pki.settings(bundle));
    let good = publication("bundle.p7b").fetch(folder.path(), None, now).await.unwrap();
    assert_eq!((good.roots.len(), good.issuers.len()), (1, 1), "persons and strangers are passed over");
    std::fs::write(pki.dir.join("broken.p7b"), "<html>403</html>").unwrap();
    for bad in ["foreign.p7b", "broken.p7b", "none.p7b"] {
        assert!(publication(bad).fetch(folder.path(), None, now).await.is_err(), "{bad}");
        let (kept, _) = publication("bundle.p7b").cached(folder.path(), now).unwrap();
        assert_eq!(kept, good, "{bad}");
    }
    // the other way in which such files are published
    assert_eq!(publication("bundle.pem.p7b").fetch(folder.path(), None, now).await.unwrap(), good);
    // a cache that somebody wrote to is not believed, nor one whose authorities are over
    assert!(publication("bundle.p7b").cached(folder.path(), now + 40 * 86_400).is_none());
    let kept =
        std::fs::read_dir(folder.path()).unwrap().flatten().find(|e| e.path().is_file()).unwrap().path();
    std::fs::copy(pki.dir.join("foreign.p7b"), kept).unwrap();
    assert!(publication("bundle.p7b").cached(folder.path(), now).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_10_a_server_that_sends_its_certificate_alone_is_completed_from_the_bundle() {
    let pki = pki();
    pki.server("alone", "org", "/ocsp/good/alone", "", &[]);
    let folder = tempfile::tempdir().unwrap();
    let (settings, _) = pki.tls(folder.path(), None).await;
    // its issuer is not what it sends beside its own
    let decoy = start(Service::Imap, pki.config("alone", "foreign")).await;
    let end = login(Service::Imap, &decoy.endpoint, client_config(&settings).unwrap(), &plain()).await;
    assert_eq!(end, "login-refused");
}
