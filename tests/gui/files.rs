//! Printing, the dialog of files, and the archive in the settings and on the health page.

use std::path::PathBuf;

use estafette::domain::id::{FolderId, MessageId};
use estafette::engine::{ArchiveStatus, Error, ErrorKind, ExportForm, Exported, Imported, Rhythm, Selection};
use estafette::gui::preferences::Preferences;
use estafette::gui::screen::Action;
use estafette::gui::screen::settings::{self, ArchiveMessage, Settings};
use estafette::gui::screen::transfer::{Message, Purpose, Transfer};
use estafette::gui::shortcut::Command;
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
    // a mistyped code is told in the dialog
    settings.update(&engine, archive(ArchiveMessage::JoinPlace(Some("/media/cabinet".into()))));
    settings.update(&engine, archive(ArchiveMessage::Typed("AAAA".to_owned().into())));
    settings.update(&engine, archive(ArchiveMessage::JoinNow));
    let sentence = wording.code("recovery-code-length", &[("count", "4")]);
    let told = format!("{} {}", sentence.what, sentence.advice);
    window(settings.view(context(&wording))).find(told.as_str()).unwrap();
}
