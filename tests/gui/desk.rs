//! What the screens' tests share: a practice engine, a window without a display, and fictitious values.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use estafette::domain::account::{Account, AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use estafette::domain::address::{EmailAddress, Mailbox};
use estafette::domain::folder::{Folder, FolderRole, Namespace, Rights};
use estafette::domain::id::{AccountId, FolderId, MessageId};
use estafette::domain::message::{Block, Envelope, Flags, MessageKind, MessageRow, MessageView, Span};
use estafette::domain::patient::PatientHint;
use estafette::domain::person::{DirectoryMailbox, MailboxKind, Person};
use estafette::engine::Engine;
use estafette::gui::Element;
use estafette::gui::font;
use estafette::gui::screen::Context;
use estafette::gui::theme::{Look, TextSize};
use estafette::wording::{Language, Wording};
use iced::Size;
use iced_test::simulator::Simulator;

/// 21 November 2026, 9:42 UTC.
pub(crate) const NOW: i64 = 1_795_254_120;

pub(crate) const WINDOW: Size = Size::new(1280.0, 800.0);

pub(crate) fn engine() -> Engine {
    Engine::practice().expect("practice mode")
}

pub(crate) fn wording() -> Wording {
    Wording::new(Language::French)
}

pub(crate) fn context(wording: &Wording) -> Context<'_> {
    Context {
        look: Look::new(false, TextSize::Normal),
        wording,
        now: NOW,
        is_practice: true,
        is_online: true,
        window: WINDOW,
        follows_keys: true,
    }
}

pub(crate) fn window<'a, Message>(view: Element<'a, Message>) -> Simulator<'a, Message> {
    let settings = iced::Settings {
        fonts: font::all(),
        default_font: font::TEXT,
        default_text_size: 14.0.into(),
        ..iced::Settings::default()
    };
    Simulator::with_size(settings, WINDOW, view)
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(crate) fn account() -> Account {
    let server = || Endpoint { host: "localhost".to_owned(), port: 1, security: Security::StartTls };
    Account {
        id: AccountId(1),
        config: AccountConfig {
            address: address("anne.leroy@medecin.mssante.fr"),
            display_name: "Dr_Anne_LEROY".to_owned(),
            auth: AuthMethod::Card,
            imap: server(),
            smtp: server(),
            trust: Trust::IgcSante,
            source: HostSource::Typed,
        },
    }
}

pub(crate) fn folder(id: i64, path: &str, role: FolderRole, unread: u32) -> Folder {
    Folder {
        id: FolderId(id),
        account: AccountId(1),
        path: path.to_owned(),
        role,
        selectable: true,
        total: 3,
        unread,
        watched: false,
        namespace: Namespace::Personal,
        rights: Rights::ALL,
    }
}

pub(crate) fn folders() -> Vec<Folder> {
    vec![
        folder(1, "INBOX", FolderRole::Inbox, 4),
        folder(2, "Sent", FolderRole::Sent, 0),
        folder(3, "Trash", FolderRole::Trash, 0),
        folder(4, "À classer", FolderRole::Other, 2),
    ]
}

pub(crate) fn row(id: i64, subject: &str) -> MessageRow {
    MessageRow {
        id: MessageId(id),
        account: AccountId(1),
        folder: FolderId(1),
        from: Mailbox {
            name: Some("Dr_Marie_MARTIN".to_owned()),
            address: "marie.martin@medecin.mssante.fr".to_owned(),
        },
        to: Mailbox { name: None, address: "anne.leroy@medecin.mssante.fr".to_owned() },
        subject: subject.to_owned(),
        patient: Some(PatientHint {
            name: "DURAND Paul".to_owned(),
            birth_date: Some("26/11/1978".to_owned()),
        }),
        date: NOW - 1800,
        flags: Flags::default(),
        kind: MessageKind::Xdm,
        has_attachment: true,
        size: 1000,
        downloaded: true,
        alarm: false,
        state_is_local: false,
    }
}

pub(crate) fn message(id: i64, subject: &str) -> MessageView {
    let row = row(id, subject);
    MessageView {
        envelope: Envelope {
            from: vec![row.from.clone()],
            to: vec![row.to.clone()],
            subject: subject.to_owned(),
            ..Envelope::default()
        },
        row,
        blocks: vec![
            Block::Paragraph(vec![Span { text: "Cher confrère,".to_owned(), ..Span::default() }]),
            Block::Paragraph(vec![Span {
                text: "le compte rendu".to_owned(),
                link: Some("https://cr.example/42".to_owned()),
                ..Span::default()
            }]),
        ],
        text: "Cher confrère,\nle compte rendu".to_owned(),
        attachments: Vec::new(),
        defects: Vec::new(),
    }
}

pub(crate) fn person(key: &str, given: &str, family: &str, addresses: &[&str]) -> Person {
    let mailbox = |text: &&str| DirectoryMailbox {
        address: address(text),
        kind: MailboxKind::Per,
        structure: "Cabinet des Tilleuls".to_owned(),
        service: String::new(),
        city: "Lyon".to_owned(),
        postal_code: "69003".to_owned(),
        paperless: None,
        structure_id: String::new(),
    };
    Person {
        key: key.to_owned(),
        title: "DR".to_owned(),
        family_name: family.to_owned(),
        given_name: given.to_owned(),
        profession: "Médecin".to_owned(),
        specialties: vec!["Cardiologie".to_owned()],
        mailboxes: addresses.iter().map(mailbox).collect(),
        places: Vec::new(),
    }
}
