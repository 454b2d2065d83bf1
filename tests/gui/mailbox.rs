//! The mailbox.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use estafette::domain::document::Warning;
use estafette::domain::folder::{Namespace, Rights};
use estafette::domain::id::{FolderId, MessageId};
use estafette::domain::message::{MessageRow, MessageView};
use estafette::domain::tally::Missing;
use estafette::engine::{Engine, Event, Found, Gap, Page};
use estafette::gui::screen::mailbox::{Deed, FolderMessage, Mailbox, Message, ReaderMessage, Tab};
use estafette::gui::screen::{Action, Notice};
use estafette::gui::shortcut::Command;
use estafette::gui::widget::{ListEvent, SelectMode};

use crate::desk::{account, context, engine, folders, message, person, row, window, wording};

pub(crate) fn page(rows: Vec<MessageRow>) -> Page {
    Page { total: u32::try_from(rows.len()).unwrap(), first: 0, rows }
}

pub(crate) fn select(row: u32, mode: SelectMode) -> Message {
    Message::List(ListEvent::Select { row, mode })
}

/// An inbox with rows; the list's generations start at 1.
pub(crate) fn inbox(engine: &Engine, rows: Vec<MessageRow>) -> Mailbox {
    let (mut mailbox, _) = Mailbox::new(engine);
    mailbox.update(engine, Message::AccountsRead(Ok(vec![account()])));
    mailbox.update(engine, Message::FoldersRead(Ok(folders())));
    mailbox.update(engine, Message::Listed { generation: 1, first: 0, result: Ok(page(rows)) });
    mailbox
}

pub(crate) fn opened(engine: &Engine) -> Mailbox {
    let mut mailbox = inbox(engine, vec![row(1, "CR de consultation"), row(2, "Avis demandé")]);
    mailbox.update(engine, select(0, SelectMode::Replace));
    let result = Ok(Box::new(message(1, "CR de consultation")));
    mailbox.update(engine, Message::Opened { id: MessageId(1), result });
    mailbox
}

pub(crate) fn shows(mailbox: &Mailbox, text: &str) -> bool {
    let wording = wording();
    window(mailbox.view(context(&wording))).find(text).is_ok()
}

#[test]
fn the_inbox_opens_by_itself_and_rows_say_who_what_and_which_patient() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![row(1, "CR de consultation")]);
    let martin = person("810000000001", "Marie", "MARTIN", &["marie.martin@medecin.mssante.fr"]);
    for text in
        ["Réception", "À classer", "Dr Marie MARTIN", "CR de consultation", "DURAND Paul · 26/11/1978"]
    {
        assert!(shows(&mailbox, text), "{text}");
    }
    assert!(!shows(&mailbox, "cardiologie · Lyon"));
    mailbox.update(
        &engine,
        Message::PersonRead { address: "marie.martin@medecin.mssante.fr".into(), result: Ok(Some(martin)) },
    );
    assert!(shows(&mailbox, "cardiologie · Lyon"));
}

#[test]
fn a_click_on_a_folder_opens_it() {
    let engine = engine();
    let mailbox = inbox(&engine, vec![]);
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click("À classer").unwrap();
    assert!(ui.into_messages().any(|message| matches!(message, Message::OpenFolder(FolderId(4)))));
}

#[test]
fn rows_of_a_folder_left_meanwhile_are_dropped() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![row(1, "premier")]);
    mailbox.update(&engine, Message::OpenFolder(FolderId(4)));
    mailbox.update(
        &engine,
        Message::Listed { generation: 1, first: 0, result: Ok(page(vec![row(2, "tardif")])) },
    );
    assert!(!shows(&mailbox, "tardif"));
    mailbox.update(
        &engine,
        Message::Listed { generation: 2, first: 0, result: Ok(page(vec![row(3, "attendu")])) },
    );
    assert!(shows(&mailbox, "attendu"));
}

#[test]
fn a_message_that_comes_after_another_was_chosen_is_dropped() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![row(1, "un"), row(2, "deux")]);
    mailbox.update(&engine, select(0, SelectMode::Replace));
    mailbox.update(&engine, select(1, SelectMode::Replace));
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(message(1, "un"))) });
    assert!(!shows(&mailbox, "Texte brut"));
    mailbox.update(&engine, Message::Opened { id: MessageId(2), result: Ok(Box::new(message(2, "deux"))) });
    assert!(shows(&mailbox, "Texte brut"));
}

#[test]
fn the_selection_follows_its_message_when_mail_arrives() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    mailbox.on_event(&engine, &Event::MailboxChanged(FolderId(1)));
    let rows = vec![row(9, "nouveau"), row(1, "CR de consultation"), row(2, "Avis demandé")];
    mailbox.update(&engine, Message::Listed { generation: 2, first: 0, result: Ok(page(rows)) });
    let step = Message::Do(Deed::Reply);
    assert!(
        matches!(mailbox.update(&engine, step), Action::Answer(MessageId(1), _)),
        "the message is still selected"
    );
    assert!(shows(&mailbox, "Texte brut"), "the reader did not move");
}

#[test]
fn deleting_opens_no_other_message() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    assert!(matches!(mailbox.update(&engine, Message::Do(Deed::Delete)), Action::Run(_)));
    assert!(shows(&mailbox, "Aucun message ouvert"));
    assert!(
        matches!(mailbox.update(&engine, Message::Do(Deed::Delete)), Action::None),
        "nothing is selected"
    );
}

#[test]
fn deleting_from_the_bin_asks_first() {
    let engine = engine();
    let mut binned = row(1, "vieux");
    binned.folder = FolderId(3);
    let mut mailbox = inbox(&engine, vec![binned]);
    mailbox.update(&engine, select(0, SelectMode::Replace));
    assert!(matches!(mailbox.update(&engine, Message::Do(Deed::Delete)), Action::None));
    assert!(shows(&mailbox, "Supprimer définitivement ce message ?"));
    mailbox.update(&engine, Message::Dismiss);
    assert!(!shows(&mailbox, "Supprimer définitivement ce message ?"));
}

#[test]
fn several_messages_are_selected_with_shift_and_control() {
    let engine = engine();
    let mut mailbox = inbox(&engine, (1..=5).map(|id| row(id, "x")).collect());
    mailbox.update(&engine, select(0, SelectMode::Replace));
    mailbox.update(&engine, select(3, SelectMode::Extend));
    assert!(shows(&mailbox, "4 messages sélectionnés"));
    mailbox.update(&engine, select(1, SelectMode::Toggle));
    assert!(shows(&mailbox, "3 messages sélectionnés"));
    assert!(
        matches!(mailbox.update(&engine, Message::Do(Deed::Reply)), Action::None),
        "no answer to several"
    );
}

#[test]
fn a_search_replaces_the_list_says_its_count_and_whether_it_is_complete() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![row(1, "premier")]);
    mailbox.update(&engine, Message::Search("potassium".to_owned()));
    let missing = Missing { coming: 12, large: 2, large_bytes: 30_000_000, ..Missing::default() };
    let gaps = vec![Gap { account: account().id, address: account().config.address, missing }];
    let found =
        Found { total: 1, seconds: 0.0, complete: false, gaps, near: 0, messages: vec![row(7, "Biologie")] };
    mailbox.update(&engine, Message::Found { generation: 2, first: 0, result: Ok(found) });
    assert!(shows(&mailbox, "1 message trouvé"));
    assert!(shows(&mailbox, "Biologie"));
    assert!(shows(
        &mailbox,
        "Contenu non cherché : 12 messages pas encore téléchargés, \
         2 messages volumineux à télécharger à la demande (30,0 Mo)."
    ));
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click("Télécharger les messages volumineux").unwrap();
    assert!(ui.into_messages().any(|message| matches!(message, Message::DownloadAll)));
    mailbox.update(&engine, Message::Escape);
    assert!(!shows(&mailbox, "1 message trouvé"));
}

#[test]
fn a_message_whose_content_is_not_here_can_be_asked_for() {
    let (engine, wording) = (engine(), wording());
    let awaited = MessageRow { downloaded: false, size: 12_000_000, ..row(1, "Imagerie") };
    let mut mailbox = inbox(&engine, vec![awaited]);
    mailbox.update(&engine, select(0, SelectMode::Replace));
    assert!(shows(&mailbox, "Téléchargement en cours (12,0 Mo)"));
    let mut view = message(1, "Imagerie");
    view.blocks.clear();
    (view.row.downloaded, view.row.size) = (false, 12_000_000);
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view)) });
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click("Télécharger (12,0 Mo)").unwrap();
    let said: Vec<Message> = ui.into_messages().collect();
    assert!(said.iter().any(|message| matches!(message, Message::Download(MessageId(1)))), "{said:?}");
    mailbox.update(&engine, Message::Download(MessageId(1)));
    assert!(shows(&mailbox, "Demandé. Il s’affichera dès que la connexion le permettra."));
}

#[test]
fn typing_in_the_search_field_searches() {
    let engine = engine();
    let mailbox = inbox(&engine, vec![]);
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click(iced_test::selector::id("mailbox-search")).unwrap();
    ui.typewrite("é");
    assert!(ui.into_messages().any(|message| matches!(message, Message::Search(text) if text == "é")));
}

#[test]
fn the_reader_says_whether_the_sender_is_in_the_directory() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let address = "marie.martin@medecin.mssante.fr".to_owned();
    mailbox.update(&engine, Message::PersonRead { address: address.clone(), result: Ok(None) });
    assert!(shows(&mailbox, "absent de l’annuaire"));
    let other = person("810000000001", "Paul", "DURAND", &[&address]);
    mailbox.update(&engine, Message::PersonRead { address, result: Ok(Some(other)) });
    assert!(shows(&mailbox, "vérifié dans l’annuaire"));
    assert!(shows(&mailbox, "Le nom affiché ne correspond pas à l’annuaire"));
}

#[test]
fn defects_and_the_patient_are_shown_above_the_text() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![row(1, "CR")]);
    mailbox.update(&engine, select(0, SelectMode::Replace));
    let mut view = message(1, "CR");
    view.defects = vec![Warning::ActiveContentRemoved];
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view)) });
    assert!(shows(&mailbox, "Du contenu actif ou distant a été retiré"));
    // a subject does not tell the sex
    assert!(shows(&mailbox, "né(e) le 26/11/1978"));
}

#[test]
fn a_link_shows_its_target_and_asks_before_the_browser_gets_it() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let ask = Message::Reader(ReaderMessage::AskLink("https://cr.example/42".to_owned()));
    assert!(matches!(mailbox.update(&engine, ask), Action::None));
    assert!(shows(&mailbox, "https://cr.example/42"));
    assert!(shows(&mailbox, "Ce lien mène au site cr.example, hors de MSSanté. L’ouvrir ?"));
    assert!(shows(&mailbox, "Ouvrir dans le navigateur"));
    mailbox.update(&engine, Message::Escape);
    assert!(!shows(&mailbox, "https://cr.example/42"));
    // a name before the host, letters that are none of the alphabet's, what a shell reads, mail
    for target in
        ["https://ameli.fr@evil.example/", "https://аmeli.fr/", "https://a.example/\"&calc", "mailto:a@b.fr"]
    {
        mailbox.update(&engine, Message::Reader(ReaderMessage::AskLink(target.to_owned())));
        assert!(shows(&mailbox, target) && !shows(&mailbox, "Ouvrir dans le navigateur"), "{target}");
    }
}

#[test]
fn the_source_is_read_once_it_is_asked_for() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let show = || Message::Reader(ReaderMessage::Show(Tab::Source));
    assert!(matches!(mailbox.update(&engine, show()), Action::Run(_)));
    let late = ReaderMessage::SourceRead(MessageId(99), Ok("other".to_owned()));
    mailbox.update(&engine, Message::Reader(late));
    mailbox
        .update(&engine, Message::Reader(ReaderMessage::SourceRead(MessageId(1), Ok("From: x".to_owned()))));
    assert!(matches!(mailbox.update(&engine, show()), Action::None), "not read twice");
}

#[test]
fn a_message_counts_as_read_only_while_it_is_still_shown() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    assert!(matches!(mailbox.update(&engine, Message::ReadForAWhile(MessageId(2))), Action::None));
    assert!(matches!(mailbox.update(&engine, Message::ReadForAWhile(MessageId(1))), Action::Run(_)));
    assert!(matches!(mailbox.update(&engine, Message::ReadForAWhile(MessageId(1))), Action::None), "once");
}

#[test]
fn a_requested_read_receipt_is_answered_by_the_reader_once() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![row(1, "CR de consultation")]);
    mailbox.update(&engine, select(0, SelectMode::Replace));
    let mut view = message(1, "CR de consultation");
    view.envelope.receipt_to = Some(view.row.from.clone());
    let open = |mailbox: &mut Mailbox, view: &MessageView| {
        let result = Ok(Box::new(view.clone()));
        mailbox.update(&engine, Message::Opened { id: MessageId(1), result });
    };
    open(&mut mailbox, &view);
    let answers = |mailbox: &Mailbox, button: &str| -> Vec<bool> {
        let wording = wording();
        let mut ui = window(mailbox.view(context(&wording)));
        if ui.click(button).is_err() {
            return Vec::new();
        }
        let given = |m| {
            if let Message::AnswerReceipt(MessageId(1), words) = m { Some(words.is_some()) } else { None }
        };
        ui.into_messages().filter_map(given).collect()
    };
    assert_eq!(answers(&mailbox, "Envoyer l’accusé"), [true]);
    assert_eq!(answers(&mailbox, "Ne pas envoyer"), [false]);

    view.row.flags.keywords.push("$MDNSent".to_owned());
    open(&mut mailbox, &view);
    assert!(answers(&mailbox, "Envoyer l’accusé").is_empty());
}

#[test]
fn what_was_deleted_is_told_with_its_number_and_can_be_taken_back() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let ids = practice_deletion(&engine);
    let done = engine.undoable();
    assert_eq!(done.as_ref().map(|d| d.count), Some(ids));
    let told = mailbox.update(&engine, Message::Changed(Ok(done)));
    assert!(matches!(told, Action::Tell(Notice::Undoable(done)) if done.count == ids));
    let command = mailbox.on_command(&engine, Command::Undo);
    assert!(matches!(command, Action::Run(_)));
    let undone = futures::executor::block_on(engine.undo(None));
    assert!(matches!(
        mailbox.update(&engine, Message::Undone(undone)),
        Action::Tell(Notice::Done("notice-undone"))
    ));
}

/// Deletes two messages of the fictitious inbox; answers how many.
fn practice_deletion(engine: &Engine) -> u32 {
    use futures::executor::block_on;
    block_on(engine.unlock(estafette::domain::secret::Secret::new("1234".to_owned()))).unwrap();
    let inbox = block_on(engine.folders()).unwrap().remove(0).id;
    let rows = block_on(engine.list(inbox, 0..2)).unwrap().rows;
    block_on(engine.delete(&rows.iter().map(|row| row.id).collect::<Vec<_>>())).unwrap();
    2
}

#[test]
fn a_folder_that_can_only_be_read_is_marked_and_nothing_is_tried_in_it() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let mut all = folders();
    all[0].rights = Rights::NONE;
    let mut shared = all[3].clone();
    (shared.id, shared.path, shared.namespace) = (FolderId(9), "Partages/Garde".into(), Namespace::Shared);
    all.push(shared);
    mailbox.update(&engine, Message::FoldersRead(Ok(all)));
    assert!(shows(&mailbox, "Dossiers partagés"));
    for deed in [Deed::Delete, Deed::ToggleStar, Deed::ToggleRead, Deed::Move(FolderId(4))] {
        let refused = mailbox.update(&engine, Message::Do(deed));
        assert!(
            matches!(refused, Action::Tell(Notice::Failed(e)) if e.code() == "folder-read-only"),
            "{deed:?}"
        );
    }
    assert!(matches!(mailbox.update(&engine, Message::ReadForAWhile(MessageId(1))), Action::None));
    // what cannot leave can be copied
    mailbox.update(&engine, Message::Do(Deed::ChooseFolder));
    assert!(shows(&mailbox, "Copier"));
    assert!(!shows(&mailbox, "Déplacer"));
}

#[test]
fn a_folder_is_named_in_a_dialog_that_says_what_is_wrong() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![]);
    let folder = |message| Message::Folder(message);
    mailbox.update(&engine, folder(FolderMessage::New(account().id)));
    assert!(shows(&mailbox, "Nouveau dossier"));
    mailbox.update(&engine, folder(FolderMessage::Name("Biologie".into())));
    assert!(matches!(mailbox.update(&engine, Message::Confirm), Action::Run(_)));
    let taken = estafette::engine::Error::new(estafette::engine::ErrorKind::NeedsUser, "folder-exists");
    mailbox.update(&engine, folder(FolderMessage::Done(Err(taken))));
    assert!(shows(&mailbox, "Un dossier porte déjà ce nom. Choisissez un autre nom."));
    mailbox.update(&engine, folder(FolderMessage::Done(Ok(()))));
    assert!(!shows(&mailbox, "Créer"));
    // an ordinary folder has a button of its own, once it is open
    mailbox.update(&engine, Message::OpenFolder(FolderId(4)));
    mailbox.update(&engine, folder(FolderMessage::Manage(FolderId(4))));
    assert!(shows(&mailbox, "Renommer"));
    mailbox.update(&engine, folder(FolderMessage::Delete));
    assert!(shows(&mailbox, "Supprimer le dossier « À classer » ?"));
    assert!(matches!(mailbox.update(&engine, Message::Confirm), Action::Run(_) | Action::Many(_)));
}

#[test]
fn a_folder_is_marked_to_be_told_of_at_once() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![]);
    let folder = |message| Message::Folder(message);
    // the sent folder can be neither renamed nor deleted, but watched
    mailbox.update(&engine, Message::OpenFolder(FolderId(2)));
    mailbox.update(&engine, folder(FolderMessage::Manage(FolderId(2))));
    assert!(!shows(&mailbox, "Renommer"));
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click("Être averti tout de suite").unwrap();
    let asked: Vec<_> = ui.into_messages().collect();
    assert!(matches!(asked.as_slice(), [Message::Folder(FolderMessage::Watch(true))]), "{asked:?}");
    assert!(matches!(mailbox.update(&engine, asked[0].clone()), Action::Run(_)));
    // the mark is on the folder from now on: the next click takes it away
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click("Être averti tout de suite").unwrap();
    assert!(ui.into_messages().any(|m| matches!(m, Message::Folder(FolderMessage::Watch(false)))));
    // not kept: said in the form
    let full = estafette::engine::Error::new(estafette::engine::ErrorKind::NeedsUser, "disk-full");
    let sentence = wording.error(&full);
    mailbox.update(&engine, folder(FolderMessage::Watched(FolderId(2), Err(full))));
    assert!(shows(&mailbox, &format!("{} {}", sentence.what, sentence.advice)));
}

#[test]
fn a_body_told_by_its_folder_only_is_read_again() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![]);
    mailbox.update(&engine, Message::Search("consultation".into()));
    let found = Found {
        near: 0,
        total: 1,
        seconds: 0.1,
        complete: true,
        gaps: vec![],
        messages: vec![row(1, "CR de consultation")],
    };
    mailbox.update(&engine, Message::Found { generation: 2, first: 0, result: Ok(found) });
    mailbox.update(&engine, select(0, SelectMode::Replace));
    let mut absent = message(1, "CR de consultation");
    absent.row.downloaded = false;
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(absent)) });
    let told = |mailbox: &mut Mailbox, id| mailbox.on_event(&engine, &Event::MailboxChanged(FolderId(id)));
    assert!(matches!(told(&mut mailbox, 4), Action::None), "another folder");
    assert!(matches!(told(&mut mailbox, 1), Action::Run(_)));
    let here = message(1, "CR de consultation");
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(here)) });
    assert!(shows(&mailbox, "Texte brut"));
    assert!(matches!(told(&mut mailbox, 1), Action::None), "it is here: nothing to read");
}

#[test]
fn a_refusal_is_told_once_with_the_servers_words() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![]);
    let told = mailbox.update(&engine, Message::Refused(Ok(vec!["boîte pleine".into(), "avant".into()])));
    let Action::Tell(Notice::Failed(error)) = told else { panic!("not told") };
    assert_eq!(wording().error(&error).what, "Le serveur a refusé une modification : boîte pleine");
    assert!(matches!(mailbox.update(&engine, Message::Refused(Ok(vec![]))), Action::None));
}

#[test]
fn a_sender_with_the_name_of_a_correspondent_and_another_address_is_an_alarm() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let address = "marie.martin@medecin.mssante.fr";
    let real = person("810000000001", "Marie", "MARTIN", &["m.martin@ch-lyon.mssante.fr"]);
    let told = Message::NamesakeRead { id: MessageId(1), person: Some(Box::new(real.clone())) };
    mailbox.update(&engine, Message::NamesakeRead { id: MessageId(2), person: Some(Box::new(real.clone())) });
    mailbox.update(&engine, Message::PersonRead { address: address.into(), result: Ok(None) });
    assert!(!shows(&mailbox, "Ce n’est peut-être pas Dr Marie MARTIN"), "of another message");
    mailbox.update(&engine, told.clone());
    assert!(shows(&mailbox, "Ce n’est peut-être pas Dr Marie MARTIN"));
    // the annuaire knows the address after all
    mailbox.update(&engine, Message::PersonRead { address: address.into(), result: Ok(Some(real)) });
    assert!(!shows(&mailbox, "Ce n’est peut-être pas Dr Marie MARTIN"));
}
