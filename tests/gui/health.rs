//! Diagnosis and settings.

use estafette::domain::card::CardState;
use estafette::domain::folder::Folder;
use estafette::domain::id::AccountId;
use estafette::domain::outbox::OutboxState;
use estafette::domain::tally::{Missing, Quota, Tally};
use estafette::engine::{
    AccountHealth, Connection, Error, ErrorKind, Finding, FolderHealth, Health, SendingsHealth, Step,
    Verdict, Way,
};
use estafette::gui::preferences::{Preferences, ThemeChoice};
use estafette::gui::screen::Action;
use estafette::gui::screen::settings::{Message, Settings};
use estafette::gui::screen::trouble::{Message as TroubleMessage, Trouble};

use crate::desk::{NOW, account, address, context, engine, folders, window, wording};

/// The server says of one folder that it holds a message more.
fn compared(folder: Folder) -> FolderHealth {
    let more = u32::from(folder.path == "À classer");
    let tally = Tally {
        server_total: folder.total + more,
        server_unread: Some(folder.unread),
        here_total: folder.total,
        here_unread: folder.unread,
        at: NOW - 3600,
    };
    FolderHealth { folder, tally: Some(tally) }
}

pub(crate) fn ailing() -> Health {
    Health {
        accounts: vec![AccountHealth {
            id: account().id,
            address: address("anne.leroy@medecin.mssante.fr"),
            auth: account().config.auth,
            certificate_end: None,
            connection: Connection::Waiting(
                Error::new(ErrorKind::Refused, "not-trusted").with("host", "imap.medecin.mssante.fr"),
            ),
            last_success: Some(NOW - 3600),
            connected_since: None,
            connections: 0,
            messages: 318,
            downloaded: 300,
            missing: Missing { coming: 15, large: 3, large_bytes: 41_000_000, ..Missing::default() },
            pending_changes: 2,
            pending: vec![("move".to_owned(), 2)],
            quota: Some(Quota { used: 1_900_000_000, allowed: 2_000_000_000, at: NOW - 600 }),
            folders: folders().into_iter().map(compared).collect(),
        }],
        waiting: 1,
        refused: 1,
        undelivered: 1,
        sendings: vec![SendingsHealth {
            state: OutboxState::Refused,
            trouble: Some("server-refused".to_owned()),
            count: 1,
        }],
        store_bytes: 34_000_000,
        checked_at: None,
        check_failed: false,
        archive: Some(crate::files::status()),
        module: Some("/opt/cps/libcps3_pkcs11_lux.so".to_owned()),
        readers: vec!["Reader 00".to_owned()],
    }
}

#[test]
fn a_failing_account_says_why_and_what_to_do() {
    let wording = wording();
    let trouble = Trouble::with(CardState::NoCard, Some(Ok(ailing())), false);
    let mut ui = window(trouble.view(context(&wording)));
    let sentence = wording.code("not-trusted", &[("host", "imap.medecin.mssante.fr")]);
    ui.find(sentence.what.as_str()).unwrap();
    ui.find(sentence.advice.as_str()).unwrap();
    ui.find("300 messages complets sur 318 · 2 changements à transmettre au serveur").unwrap();
}

#[test]
fn the_copied_diagnosis_names_nobody() {
    let diagnosis = Trouble::with(CardState::NoCard, Some(Ok(ailing())), false).anonymous();
    assert!(diagnosis.contains("account 1 not-trusted messages 318 downloaded 300 pending 2"));
    assert!(diagnosis.contains("module libcps3_pkcs11_lux.so"));
    assert!(diagnosis.contains("missing coming 15 large 3 failed 0 too-large 0"));
    assert!(diagnosis.contains("quota 1900000000 of 2000000000"));
    assert!(diagnosis.contains("folder 4 differs Tally { server_total: 4"), "{diagnosis}");
    assert!(diagnosis.contains("Refused server-refused 1"));
    for private in ["classer", "anne", "leroy", "LEROY", "@", "mssante", "/opt"] {
        assert!(!diagnosis.contains(private), "{private} in {diagnosis}");
    }
}

fn finding(step: Step, of: Option<(AccountId, Way)>, verdict: Verdict) -> Finding {
    Finding { step, of, verdict, facts: vec![("names", "Reader 00".to_owned())] }
}

#[test]
fn a_walk_along_the_chain_names_the_link_that_breaks_and_what_to_do() {
    let (engine, wording) = (engine(), wording());
    let mut trouble = Trouble::with(CardState::NoCard, Some(Ok(ailing())), false);
    let incoming = Some((account().id, Way::Incoming));
    let untrusted = Error::new(ErrorKind::Refused, "not-trusted").with("host", "imap.medecin.mssante.fr");
    let _ = trouble.update(&engine, TroubleMessage::Diagnose);
    for found in [
        finding(Step::Reader, None, Verdict::Good),
        finding(Step::Tls, incoming, Verdict::Failed(untrusted)),
        finding(Step::Login, incoming, Verdict::Skipped),
    ] {
        let _ = trouble.update(&engine, TroubleMessage::Found { run: 1, finding: Box::new(found) });
    }
    // what an earlier walk still had to say is not mixed in
    let late = finding(Step::Annuaire, None, Verdict::Good);
    let _ = trouble.update(&engine, TroubleMessage::Found { run: 0, finding: Box::new(late) });
    {
        let mut ui = window(trouble.view(context(&wording)));
        ui.find("Diagnostic en cours…").unwrap();
    }
    let _ = trouble.update(&engine, TroubleMessage::Diagnosed { run: 1 });
    let mut ui = window(trouble.view(context(&wording)));
    for words in ["Reader 00", "Réception · anne.leroy@medecin.mssante.fr", "Liaison chiffrée", "non vérifié"]
    {
        ui.find(words).unwrap_or_else(|_| panic!("{words}"));
    }
    ui.find(wording.code("not-trusted", &[("host", "imap.medecin.mssante.fr")]).advice.as_str()).unwrap();
    assert!(ui.find("Toute la chaîne fonctionne.").is_err());
    drop(ui);
    let anonymous = trouble.anonymous();
    assert!(anonymous.contains("link reader good"), "{anonymous}");
    assert!(anonymous.contains("link account 1 Incoming tls not-trusted"), "{anonymous}");
}

#[test]
fn a_choice_is_asked_of_the_parent_to_be_kept() {
    let wording = wording();
    let engine = engine();
    let mut settings = Settings::with(&Preferences::default(), vec![account()], None);
    let mut ui = window(settings.view(context(&wording)));
    ui.click("Sombre").unwrap();
    let messages: Vec<Message> = ui.into_messages().collect();
    let [Message::Theme(theme)] = messages.as_slice() else { panic!("{messages:?}") };
    match settings.update(&engine, Message::Theme(*theme)) {
        Action::Prefer(preferences) => assert_eq!(preferences.theme, ThemeChoice::Dark),
        _ => panic!("the parent was not asked"),
    }
}

#[test]
fn an_account_is_taken_away_only_after_a_question() {
    let wording = wording();
    let engine = engine();
    let mut settings = Settings::with(&Preferences::default(), vec![account()], None);
    assert!(matches!(settings.update(&engine, Message::Remove(account().id)), Action::None));
    let mut ui = window(settings.view(context(&wording)));
    ui.find("Retirer anne.leroy@medecin.mssante.fr de cet ordinateur ?").unwrap();
}

#[test]
fn the_proxy_that_is_set_is_shown_and_a_test_hierarchy_as_such() {
    use estafette::domain::network::{IgcChoice, NetworkSettings, ProxyChoice};
    use estafette::gui::screen::settings::network::Message as Network;
    let (wording, engine) = (wording(), engine());
    let mut settings = Settings::with(&Preferences::default(), vec![account()], None);
    let proxy = ProxyChoice::Manual { host: "proxy.cabinet".into(), port: 3128, user: Some("anne".into()) };
    let read = NetworkSettings { proxy, igc: IgcChoice::Test, testing: None };
    settings.update(&engine, Message::Network(Network::Read(Ok(read))));
    let mut ui = window(settings.view(context(&wording)));
    for shown in ["proxy.cabinet", "3128", "anne", &wording.text("settings-igc-test-title")] {
        assert!(ui.find(shown).is_ok(), "no {shown}");
    }
    drop(ui);
    // an address that cannot be one is not kept
    settings.update(&engine, Message::Network(Network::Host(" ".into())));
    let mut ui = window(settings.view(context(&wording)));
    let _ = ui.click(wording.text("settings-proxy-save").as_str());
    assert_eq!(ui.into_messages().count(), 0);
    // another way is kept at once
    let kept = settings.update(
        &engine,
        Message::Network(Network::Way(estafette::gui::screen::settings::network::Way::None)),
    );
    assert!(matches!(kept, Action::Run(_)), "nothing was asked to be kept");
    let mut ui = window(settings.view(context(&wording)));
    assert!(ui.find("proxy.cabinet").is_err());
}

/// What a click on this text says.
fn clicked(trouble: &Trouble, text: &str) -> Vec<TroubleMessage> {
    let wording = wording();
    let mut ui = window(trouble.view(context(&wording)));
    assert!(ui.click(text).is_ok(), "no {text}");
    ui.into_messages().collect()
}

#[test]
fn everything_a_person_can_act_on_has_its_button() {
    let trouble = Trouble::with(CardState::NoCard, Some(Ok(ailing())), false);
    let id = account().id;
    assert!(
        matches!(clicked(&trouble, "Réessayer maintenant")[..], [TroubleMessage::TryNow(found)] if found == id)
    );
    assert!(
        matches!(clicked(&trouble, "Comparer de nouveau")[..], [TroubleMessage::TryNow(found)] if found == id)
    );
    assert!(
        matches!(clicked(&trouble, "Tout télécharger")[..], [TroubleMessage::DownloadAll(found)] if found == id)
    );
    assert!(matches!(clicked(&trouble, "Contrôler maintenant")[..], [TroubleMessage::CheckStore]));
    assert!(matches!(clicked(&trouble, "Voir les envois")[..], [TroubleMessage::SeeSendings]));
}

#[test]
fn a_try_under_way_cannot_be_asked_for_twice() {
    let (engine, wording) = (engine(), wording());
    let mut trouble = Trouble::with(CardState::NoCard, Some(Ok(ailing())), false);
    assert!(matches!(trouble.update(&engine, TroubleMessage::TryNow(account().id)), Action::Run(_)));
    assert!(matches!(trouble.update(&engine, TroubleMessage::TryNow(account().id)), Action::None));
    {
        let mut ui = window(trouble.view(context(&wording)));
        ui.find("En cours…").unwrap();
        assert!(ui.find("Réessayer maintenant").is_err());
    }
    let failed = Err(Error::new(ErrorKind::Offline, "offline"));
    assert!(matches!(trouble.update(&engine, TroubleMessage::Tried(account().id, failed)), Action::Many(_)));
    let view = trouble.view(context(&wording));
    window(view).find("Réessayer maintenant").unwrap();
}

#[test]
fn a_mailbox_nearly_full_is_said_with_what_to_do() {
    let wording = wording();
    let trouble = Trouble::with(CardState::NoCard, Some(Ok(ailing())), false);
    let mut ui = window(trouble.view(context(&wording)));
    ui.find("La boîte est presque pleine (95 %).").unwrap();
    ui.find(wording.code("quota-90", &[]).advice.as_str()).unwrap();
    let reason = wording.in_general("server-refused");
    assert!(!reason.contains('…'), "{reason}");
    ui.find(format!("1 envoi refusé · {reason}").as_str()).unwrap();
}

#[test]
fn details_stay_folded_and_show_the_counts_of_both_sides() {
    let (engine, wording) = (engine(), wording());
    let mut trouble = Trouble::with(CardState::NoCard, Some(Ok(ailing())), false);
    assert!(window(trouble.view(context(&wording))).find("À classer").is_err());
    trouble.update(&engine, TroubleMessage::Unfold(account().id));
    trouble.update(&engine, TroubleMessage::AttachmentsCounted(account().id, Ok(12)));
    let mut ui = window(trouble.view(context(&wording)));
    for text in [
        "À classer",
        "3 (2 non lus)",
        "4 (2 non lus)",
        "Aucune connexion ouverte",
        "2 déplacements à transmettre",
        "La recherche porte sur le texte de 300 messages sur 318, et sur l’en-tête de tous.",
        "12 messages ont des pièces jointes : le texte des PDF, CDA, HPRIM, RTF et archives est cherché ; des images et documents bureautiques, le nom seulement.",
    ] {
        ui.find(text).unwrap_or_else(|_| panic!("{text}"));
    }
    drop(ui);
    trouble.update(&engine, TroubleMessage::Unfold(account().id));
    assert!(window(trouble.view(context(&wording))).find("À classer").is_err());
}

#[test]
fn three_accounts_of_twenty_folders_fit_on_one_page() {
    let wording = wording();
    let mut health = ailing();
    let mut one = health.accounts.remove(0);
    one.connection = Connection::UpToDate;
    (one.quota, one.missing) = (None, Missing::default());
    one.folders = (0..20)
        .map(|n| FolderHealth {
            folder: crate::desk::folder(
                n,
                &format!("Dossier {n}"),
                estafette::domain::folder::FolderRole::Other,
                0,
            ),
            tally: None,
        })
        .collect();
    health.accounts = (1..=3).map(|n| AccountHealth { id: AccountId(n), ..one.clone() }).collect();
    let trouble = Trouble::with(CardState::NoCard, Some(Ok(health)), false);
    let mut ui = window(trouble.view(context(&wording)));
    ui.find("Contrôler maintenant").unwrap();
    assert!(ui.find("Dossier 3").is_err());
}

#[test]
fn the_size_fetched_unasked_and_the_connections_can_be_chosen() {
    let (engine, wording) = (engine(), wording());
    let mut settings = Settings::with(&Preferences::default(), vec![account()], None);
    settings.update(&engine, Message::LimitRead(Ok(8_000_000)));
    settings.update(&engine, Message::ConnectionsRead(Ok(4)));
    let mut ui = window(settings.view(context(&wording)));
    ui.click("25 Mo").unwrap();
    let messages: Vec<Message> = ui.into_messages().collect();
    assert!(matches!(messages[..], [Message::DownloadLimit(25_000_000)]), "{messages:?}");
    assert!(matches!(settings.update(&engine, Message::DownloadLimit(25_000_000)), Action::Run(_)));
    assert!(matches!(settings.update(&engine, Message::Connections(2)), Action::Run(_)));
    let refused = Err(Error::new(ErrorKind::NeedsCard, "no-session"));
    assert!(matches!(settings.update(&engine, Message::Kept(refused)), Action::Tell(_)));
}
