//! Printing, the dialog of files, and the archive in the settings and on the health page.

use std::path::PathBuf;

use estafette::domain::address::Mailbox as Correspondent;
use estafette::domain::archived::{ArchivedId, ArchivedRow};
use estafette::domain::id::{FolderId, MessageId};
use estafette::domain::message::{Flags, MessageKind};
use estafette::domain::search::Topic;
use estafette::engine::{
    ArchiveStatus, ArchivedFound, ArchivedMessage, Error, ErrorKind, ExportForm, Exported, Imported, Rhythm,
    Selection,
};
use estafette::gui::preferences::Preferences;
use estafette::gui::screen::Action;
use estafette::gui::screen::archived::{self, Archived};
use estafette::gui::screen::folder_choice::FolderChoice;
use estafette::gui::screen::settings::{self, ArchiveMessage, Settings};
use estafette::gui::screen::transfer::{Message, Purpose, Transfer};
use estafette::gui::shortcut::Command;
use estafette::gui::widget::ListEvent;
use estafette::wording::Language;

use crate::desk::{account, context, engine, window, wording};
use crate::mailbox::opened;

pub(crate) fn status() -> ArchiveStatus {
    ArchiveStatus {
        place: PathBuf::from("/media/cabinet/Archive"),
        rhythm: Rhythm::Weekly,
        retention: 90,
        verified: Some(1_795_600_000),
        messages: 1_203,
        bytes: 410_000_000,
        waiting: 12,
        not_here: 3,
        due: 4,
        trouble: None,
    }
}

fn shows(transfer: &Transfer, text: &str) -> bool {
    let wording = wording();
    window(transfer.view(context(&wording))).find(text).is_ok()
}

#[test]
fn printing_and_exporting_are_asked_for_what_is_open_and_selected() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    assert!(matches!(mailbox.on_command(&engine, Command::Print), Action::Print(MessageId(1), None)));
    let Action::Transfer(purpose) = mailbox.on_command(&engine, Command::Export) else {
        panic!("no dialog");
    };
    let expected = Purpose::Export(Selection::Messages(vec![MessageId(1)]), "CR de consultation".to_owned());
    assert_eq!(*purpose, expected);
}

#[test]
fn the_dialog_offers_forms_and_says_how_it_ended() {
    let engine = engine();
    let several = Selection::Messages(vec![MessageId(1), MessageId(2)]);
    let mut transfer = Transfer::new(Purpose::Export(several, "Réception".to_owned()));
    for text in ["Exporter 2 messages", "Un fichier par message (EML)", "Archive par patient (ZIP)"] {
        assert!(shows(&transfer, text), "{text}");
    }
    assert!(shows(&transfer, "Ces fichiers ne sont pas chiffrés : rangez-les en lieu sûr."));
    // giving up the choice of a place leaves the dialog
    transfer.update(&engine, Language::French, Message::Place(ExportForm::Mbox, None));
    assert!(!transfer.is_running() && shows(&transfer, "Un seul fichier (mbox)"));
    transfer.update(&engine, Language::French, Message::Place(ExportForm::Mbox, Some("/tmp/x".into())));
    assert!(transfer.is_running() && shows(&transfer, "Annuler"));
    let exported =
        Exported { messages: 2, missing: 1, documents: 0, bytes: 1_000, path: "/tmp/x.mbox".into() };
    transfer.update(&engine, Language::French, Message::Exported(Ok(exported)));
    assert!(
        shows(&transfer, &format!("2 messages exportés ({})", wording().size(1_000)))
            && shows(&transfer, "/tmp/x.mbox")
    );
    assert!(shows(&transfer, "1 message manque : son contenu n’est pas sur cet ordinateur."));
    assert!(matches!(transfer.update(&engine, Language::French, Message::Close), Action::Close));

    let mut transfer = Transfer::new(Purpose::Import(FolderId(1), "Réception".to_owned()));
    assert!(shows(&transfer, "Importer des messages dans « Réception »"));
    let imported = Imported { added: 3, duplicates: 2, unreadable: 1, too_large: 0 };
    transfer.update(&engine, Language::French, Message::Imported(Ok(imported)));
    assert!(shows(&transfer, "3 messages ajoutés"));
    assert!(shows(&transfer, "2 messages étaient déjà dans cette boîte."));
    let full = Error::new(ErrorKind::NeedsUser, "disk-full");
    transfer.update(&engine, Language::French, Message::Imported(Err(full)));
    assert!(shows(&transfer, &wording().code("disk-full", &[]).what));
    let cancelled = Error::new(ErrorKind::NeedsUser, "cancelled");
    let ended = transfer.update(&engine, Language::French, Message::Imported(Err(cancelled)));
    assert!(matches!(ended, Action::Close));
}

#[test]
fn the_settings_show_the_archive_what_it_lacks_and_what_threatens() {
    let (engine, wording) = (engine(), wording());
    let mut settings = Settings::with(&Preferences::default(), vec![account()], None);
    let archive = |message| settings::Message::Archive(message);
    settings.update(&engine, archive(ArchiveMessage::Read(Ok(None))));
    {
        let mut ui = window(settings.view(context(&wording)));
        ui.find("Créer une archive…").unwrap();
        ui.find("Rejoindre une archive…").unwrap();
    }
    settings.update(&engine, archive(ArchiveMessage::Read(Ok(Some(status())))));
    {
        let mut ui = window(settings.view(context(&wording)));
        for text in ["12 messages à archiver", "Archiver maintenant"] {
            assert!(ui.find(text).is_ok(), "{text}");
        }
        ui.find("Votre opérateur va effacer 4 messages qui ne sont pas archivés.").unwrap();
        ui.find("Archive chiffrée : /media/cabinet/Archive (chaque semaine)").unwrap();
    }
    // the code is shown before anything is made, and nothing is made without a yes
    settings.update(&engine, archive(ArchiveMessage::Read(Ok(None))));
    settings.update(&engine, archive(ArchiveMessage::Place(Some("/media/cabinet".into()))));
    {
        let mut ui = window(settings.view(context(&wording)));
        ui.find("Code de votre archive").unwrap();
    }
    settings.update(&engine, archive(ArchiveMessage::Leave));
    // everything comes back out of it, into a mailbox too, and old mail goes in
    settings.update(&engine, archive(ArchiveMessage::Read(Ok(Some(status())))));
    settings.update(&engine, archive(ArchiveMessage::Restore));
    {
        let mut ui = window(settings.view(context(&wording)));
        for text in ["Dans un dossier de ma boîte…", "Un seul fichier (mbox)", "Un fichier par message (EML)"]
        {
            assert!(ui.find(text).is_ok(), "{text}");
        }
    }
    settings.update(&engine, archive(ArchiveMessage::Leave));
    settings.update(&engine, archive(ArchiveMessage::Import));
    window(settings.view(context(&wording))).find("Importer dans l’archive…").unwrap();
    settings.update(&engine, archive(ArchiveMessage::Leave));
    let imported = Imported { added: 12, duplicates: 3, unreadable: 0, too_large: 0 };
    settings.update(&engine, archive(ArchiveMessage::Imported(Ok(imported))));
    {
        let mut ui = window(settings.view(context(&wording)));
        ui.find("12 messages ajoutés").unwrap();
        ui.find("3 messages y étaient déjà.").unwrap();
    }
    let asked = settings.update(&engine, archive(ArchiveMessage::Search));
    assert!(matches!(asked, Action::SearchArchive(words) if words.is_empty()));
    settings.update(&engine, archive(ArchiveMessage::Read(Ok(None))));
    // a mistyped code is told in the dialog
    settings.update(&engine, archive(ArchiveMessage::JoinPlace(Some("/media/cabinet".into()))));
    settings.update(&engine, archive(ArchiveMessage::Typed("AAAA".to_owned().into())));
    settings.update(&engine, archive(ArchiveMessage::JoinNow));
    let sentence = wording.code("recovery-code-length", &[("count", "4")]);
    let told = format!("{} {}", sentence.what, sentence.advice);
    window(settings.view(context(&wording))).find(told.as_str()).unwrap();
}

fn archived(id: i64, subject: &str) -> ArchivedRow {
    ArchivedRow {
        id: ArchivedId(id),
        date: 1_790_000_000,
        account: "anne.leroy@medecin.mssante.fr".to_owned(),
        folder: "INBOX".to_owned(),
        from: Correspondent { name: Some("Dr Marie MARTIN".to_owned()), address: "m@m.fr".to_owned() },
        subject: subject.to_owned(),
        patient: None,
        topic: Topic::Letter,
        kind: MessageKind::Letter,
        abnormal: false,
        has_attachment: true,
        flags: Flags::default(),
    }
}

#[test]
fn archived_mail_is_found_read_and_put_back() {
    let (engine, wording) = (engine(), wording());
    let (mut dialog, _) = Archived::new(&engine, "lyme".to_owned());
    let shows = |dialog: &Archived, text: &str| window(dialog.view(context(&wording))).find(text).is_ok();
    let rows = vec![archived(1, "Sérologie de Lyme"), archived(2, "Réponse")];
    let found = ArchivedFound { total: 2, rows };
    dialog.update(&engine, Language::French, archived::Message::Found(0, Ok(found.clone())));
    assert!(shows(&dialog, "2 messages") && shows(&dialog, "Sérologie de Lyme"));
    // an answer to what is no longer typed is dropped
    dialog.update(&engine, Language::French, archived::Message::Typed("grippe".to_owned()));
    let late = archived::Message::Found(0, Ok(ArchivedFound::default()));
    dialog.update(&engine, Language::French, late);
    assert!(shows(&dialog, "Sérologie de Lyme"));
    dialog.update(&engine, Language::French, archived::Message::Found(1, Ok(found)));
    let open = || archived::Message::List(ListEvent::Activate(0));
    // without its disk the message cannot be read, and it is said what to do
    dialog.update(&engine, Language::French, open());
    let missing = Error::new(ErrorKind::NeedsUser, "archive-place");
    let advice = wording.error(&missing).advice;
    dialog.update(&engine, Language::French, archived::Message::Read(ArchivedId(1), Err(missing)));
    assert!(shows(&dialog, &advice));
    assert!(matches!(dialog.leave(), Action::None) && shows(&dialog, "2 messages"), "Escape goes back first");
    dialog.update(&engine, Language::French, open());
    let message = ArchivedMessage {
        row: archived(1, "Sérologie de Lyme"),
        to: Vec::new(),
        blocks: Vec::new(),
        text: "IgG positives.".to_owned(),
        attachments: Vec::new(),
    };
    let read = archived::Message::Read(ArchivedId(1), Ok(Box::new(message)));
    dialog.update(&engine, Language::French, read);
    assert!(shows(&dialog, "IgG positives."));
    assert!(shows(&dialog, "Était dans « INBOX » de anne.leroy@medecin.mssante.fr"));
    dialog.update(&engine, Language::French, archived::Message::Folders(Ok(FolderChoice::default())));
    assert!(shows(&dialog, "Dans quel dossier ?"));
    let put = Imported { added: 1, ..Imported::default() };
    dialog.update(&engine, Language::French, archived::Message::Put(Ok(put)));
    assert!(shows(&dialog, "Message remis dans la boîte."));
    dialog.leave();
    assert!(matches!(dialog.leave(), Action::Close));
}
