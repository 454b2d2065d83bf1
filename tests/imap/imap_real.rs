//! The whole life of a mailbox on a real server.

use std::time::Duration;

use estafette::auth::Credential;
use estafette::domain::folder::FolderRole;
use estafette::domain::id::Uid;
use estafette::domain::message::{Flag, Flags};
use estafette::domain::secret::Secret;
use estafette::imap::{ChangedFolders, Error, Idled, RemoteName, Session, UidRange, Unsolicited};

use crate::authority::client;
use crate::dovecot::Dovecot;
use crate::scripted::plain;

async fn session(dovecot: &Dovecot) -> Session {
    match Session::connect(&dovecot.endpoint, client(), &plain()).await {
        Ok(session) => session,
        Err(error) => panic!("{error:?}\n{}", dovecot.log()),
    }
}

fn inbox() -> RemoteName {
    RemoteName::from_bytes(b"INBOX".to_vec())
}

fn message(n: usize, size: usize) -> Vec<u8> {
    let line = "Résultat de l'examen, ligne sans fin de patience.\r\n";
    format!("Message-ID: <m{n}@test.example>\r\nSubject: m {n}\r\n\r\n{}", line.repeat(1 + size / line.len()))
        .into_bytes()
}

#[tokio::test]
async fn a_mailbox_lives_through_a_day() {
    let dovecot = Dovecot::start();
    let mut session = session(&dovecot).await;
    assert!(session.capabilities().has("QRESYNC"), "{:?}", session.capabilities());

    // folders
    let folders = session.folders().await.unwrap();
    let role = |role| folders.iter().find(|f| f.role == role).map(|f| f.path.clone());
    assert_eq!(role(FolderRole::Sent).as_deref(), Some("Envoyés"));
    assert_eq!(role(FolderRole::Drafts).as_deref(), Some("Brouillons"));
    assert_eq!(role(FolderRole::Inbox).as_deref(), Some("INBOX"));
    assert!(folders.iter().all(|f| f.selectable && f.status.is_some()));
    let labo = session.create("Labo \"œ\" & Cie/Été 2026").await.unwrap();
    assert_eq!(session.create("Labo \"œ\" & Cie/Été 2026").await.unwrap(), labo);
    let folders = session.folders().await.unwrap();
    assert_eq!(folders.iter().find(|f| f.name == labo).unwrap().path, "Labo \"œ\" & Cie/Été 2026");

    // append, small and large, and what the server says of it
    let selected = session.select(&inbox()).await.unwrap();
    assert_eq!((selected.exists, selected.read_only), (0, false));
    let before = selected.highest_modseq.expect("CONDSTORE");
    let seen = Flags { seen: true, ..Flags::default() };
    for n in 1..=20 {
        let size = if n == 7 { 500_000 } else { n * 100 };
        let flags = if n == 2 { &seen } else { &Flags::default() };
        let (validity, uid) = session
            .append(&inbox(), flags, Some(1_700_000_000 + n as i64), &message(n, size))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((validity, uid), (selected.uid_validity, Uid(n as u32)));
    }
    assert_eq!(session.all_uids().await.unwrap(), (1..=20).map(Uid).collect::<Vec<_>>());
    assert_eq!(session.uids_after(Uid(18)).await.unwrap(), [Uid(19), Uid(20)]);
    assert_eq!(session.uids_after(Uid(20)).await.unwrap(), []);
    assert_eq!(session.status(&labo).await.unwrap().messages, Some(0));

    // headers and bodies
    let headers = session.headers(&[Uid(7), Uid(2), Uid(3), Uid(99)]).await.unwrap();
    assert_eq!(headers.iter().map(|h| h.uid.0).collect::<Vec<_>>(), [2, 3, 7]);
    assert!(headers[0].flags.seen && !headers[1].flags.seen);
    assert_eq!(headers[2].internal_date, Some(1_700_000_007));
    assert_eq!(headers[2].size, message(7, 500_000).len() as u64);
    assert!(
        headers[2].header.starts_with(b"Message-ID: <m7@test.example>\r\n")
            && headers[2].header.ends_with(b"\r\n\r\n")
    );
    let all: Vec<Uid> = (1..=20).map(Uid).collect();
    let mut bodies = Vec::new();
    session.bodies(&all, |uid, body| bodies.push((uid, body))).await.unwrap();
    assert_eq!(bodies.len(), 20);
    assert_eq!(bodies[6], (Uid(7), message(7, 500_000)));
    let unread = session.flags(UidRange { first: Uid(1), last: None }, None).await.unwrap();
    assert_eq!(unread.iter().filter(|f| f.flags.seen).count(), 1, "reading bodies must not mark them");
    assert_eq!(session.find_message_id("m5@test.example").await.unwrap(), [Uid(5)]);
    assert_eq!(session.find_message_id("m55@test.example").await.unwrap(), []);

    // flags and what changed
    session.take_unsolicited();
    let now = session.select(&inbox()).await.unwrap().highest_modseq.unwrap();
    assert!(now > before);
    session.store(&[Uid(4), Uid(5)], Flag::Flagged, true).await.unwrap();
    session.store(&[Uid(5)], Flag::Forwarded, true).await.unwrap();
    session.store(&[Uid(2)], Flag::Seen, false).await.unwrap();
    let changed = session.flags(UidRange::ALL, Some(now)).await.unwrap();
    assert_eq!(changed.iter().map(|f| f.uid.0).collect::<Vec<_>>(), [2, 4, 5]);
    assert!(changed[2].flags.flagged && changed[2].flags.keywords == ["$Forwarded"]);
    assert!(!changed[0].flags.seen && changed.iter().all(|f| f.modseq.is_some()));

    // move and delete
    let pairs = session.move_to(&[Uid(10), Uid(11)], &labo).await.unwrap();
    assert_eq!(pairs, [(Uid(10), Uid(1)), (Uid(11), Uid(2))]);
    session.delete(&[Uid(20)]).await.unwrap();
    let changes = session.changes(UidRange::ALL, now).await.unwrap();
    let gone = changes.vanished.unwrap();
    assert!([10, 11, 20].iter().all(|u| gone.iter().any(|r| r.contains(Uid(*u)))), "{gone:?}");
    assert_eq!(session.all_uids().await.unwrap().len(), 17);
    let missing = session.move_to(&[Uid(1)], &RemoteName::from_bytes(b"Nulle part".to_vec())).await;
    assert!(matches!(missing, Err(Error::Refused { .. })), "{missing:?}");

    let quota = session.quota().await.unwrap().expect("quota");
    assert_eq!(quota.limit, 10 << 20);
    assert!(quota.used > 500_000 && quota.used < quota.limit);
    session.logout().await;
}

#[tokio::test]
async fn news_from_another_session_ends_the_wait() {
    let dovecot = Dovecot::start();
    let (mut waiting, mut other) = (session(&dovecot).await, session(&dovecot).await);
    waiting.select(&inbox()).await.unwrap();
    let feed = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.append(&inbox(), &Flags::default(), None, &message(1, 10)).await.unwrap();
    };
    let (idled, ()) = tokio::join!(waiting.idle(Duration::from_secs(60), std::future::pending()), feed);
    assert_eq!(idled.unwrap(), Idled::Changed);
    assert!(waiting.take_unsolicited().contains(&Unsolicited::Exists(1)));
    assert_eq!(waiting.all_uids().await.unwrap(), [Uid(1)]);
}

#[tokio::test]
async fn a_wrong_password_is_refused_by_its_own_error() {
    let dovecot = Dovecot::start();
    let wrong = Credential::Plain { user: "anne".into(), password: Secret::new("wrong".into()) };
    let error = Session::connect(&dovecot.endpoint, client(), &wrong).await.unwrap_err();
    assert!(
        matches!(&error, Error::LoginRefused { code: Some(c), .. } if c == "AUTHENTICATIONFAILED"),
        "{error:?}"
    );
    let error = Session::connect(&dovecot.endpoint, client(), &Credential::External).await.unwrap_err();
    assert!(matches!(error, Error::MechanismMissing), "{error:?}");
}

/// The engine's loops run on several threads: every future must be able to move between them.
#[test]
fn sessions_and_submissions_can_move_between_threads() {
    fn movable<T: Send>(_: &T) {}
    let dovecot = estafette::domain::account::Endpoint {
        host: "127.0.0.1".into(),
        port: 1,
        security: estafette::domain::account::Security::Tls,
    };
    let work = async move {
        let mut session = Session::connect(&dovecot, client(), &plain()).await?;
        session.folders().await?;
        session.select(&inbox()).await?;
        session.flags(UidRange::ALL, None).await?;
        let mut count = 0;
        session.bodies(&[Uid(1)], |_, body| count += body.len()).await?;
        session.append(&inbox(), &Flags::default(), None, b"").await?;
        session.move_to(&[Uid(1)], &inbox()).await?;
        session.idle(Duration::from_secs(1), std::future::pending()).await?;
        session.logout().await;
        estafette::smtp::check(&dovecot, client(), &plain()).await.ok();
        Ok::<_, Error>(count)
    };
    movable(&work);
}

/// Exactly this folder was told of.
fn only(session: &mut Session, folder: &RemoteName) {
    let ChangedFolders::These(names) = session.take_changed_folders() else { panic!("too many") };
    assert!(names.len() == 1 && names[0].is_same(folder), "{names:?}");
}

#[tokio::test]
async fn news_of_other_folders_come_on_the_same_connection() {
    let dovecot = Dovecot::start();
    let (mut waiting, mut other) = (session(&dovecot).await, session(&dovecot).await);
    let (labo, rest) = (waiting.create("Labo/Été").await.unwrap(), waiting.create("Reste").await.unwrap());
    waiting.select(&inbox()).await.unwrap();
    assert!(waiting.can_notify());
    waiting.notify(std::slice::from_ref(&labo)).await.unwrap();
    let long = Duration::from_secs(30);
    for seen in 1..=2 {
        let feed = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            other.append(&rest, &Flags::default(), None, &message(1, 10)).await.unwrap();
            other.append(&labo, &Flags::default(), None, &message(2, 10)).await.unwrap();
        };
        let (idled, ()) = tokio::join!(waiting.idle(long, std::future::pending()), feed);
        assert_eq!(idled.unwrap(), Idled::Changed, "time {seen}");
        only(&mut waiting, &labo);
        assert_eq!(waiting.take_unsolicited(), []);
    }
    // the selected folder is still told of, and flags of the other one are
    let feed = async { other.append(&inbox(), &Flags::default(), None, &message(3, 10)).await.unwrap() };
    let (idled, _) = tokio::join!(waiting.idle(long, std::future::pending()), feed);
    assert_eq!(idled.unwrap(), Idled::Changed);
    assert!(waiting.take_unsolicited().contains(&Unsolicited::Exists(1)));
    other.select(&labo).await.unwrap();
    let feed = async { other.store(&[Uid(1)], Flag::Flagged, true).await.unwrap() };
    let (idled, ()) = tokio::join!(waiting.idle(long, std::future::pending()), feed);
    assert_eq!(idled.unwrap(), Idled::Changed);
    only(&mut waiting, &labo);
    // and no more when it is no longer wanted
    waiting.notify(&[]).await.unwrap();
    other.append(&labo, &Flags::default(), None, &message(4, 10)).await.unwrap();
    let quiet = waiting.idle(Duration::from_secs(2), std::future::pending()).await.unwrap();
    assert_eq!((quiet, waiting.take_changed_folders()), (Idled::TimedOut, ChangedFolders::These(vec![])));
}

#[tokio::test]
async fn a_probe_tells_a_living_connection() {
    let dovecot = Dovecot::start();
    let mut session = session(&dovecot).await;
    let received = session.received();
    let before = received.load(std::sync::atomic::Ordering::Relaxed);
    session.probe(Duration::from_secs(10)).await.unwrap();
    assert!(received.load(std::sync::atomic::Ordering::Relaxed) > before);
    let (own, peer) = session.ends().unwrap();
    assert_eq!((own.ip(), peer.port()), (std::net::IpAddr::from([127, 0, 0, 1]), dovecot.endpoint.port));
}
