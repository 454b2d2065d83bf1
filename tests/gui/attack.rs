//! Mail that deceives its reader, numbered as in the list of attacks: see the manual's page of attacks.

use std::path::PathBuf;

use estafette::domain::address::Mailbox as Correspondent;
use estafette::domain::draft::Draft;
use estafette::domain::id::{AccountId, MessageId};
use estafette::domain::message::Block;
use estafette::gui::screen::Action;
use estafette::gui::screen::composer::{self, Composer};
use estafette::gui::screen::mailbox::{Message, SaveError};
use estafette::gui::widget::{ListEvent, SelectMode};

use crate::desk::{WINDOW, context, engine, message, row, window, wording};
use crate::mailbox::{inbox, opened, select, shows};

#[test]
fn attack_32_a_message_that_imitates_the_program_stays_inside_its_frame() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![row(1, "Carte verrouillée")]);
    mailbox.update(&engine, select(0, SelectMode::Replace));
    let mut view = message(1, "Carte verrouillée");
    let line = |text: &str| Block::Preformatted(text.to_owned());
    view.blocks = vec![line("Carte retirée : saisissez votre code"), line("Valider")];
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view)) });
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    // folders and list are to its left, subject and commands above it
    let fake = ui.find("Carte retirée : saisissez votre code").unwrap().bounds();
    let commands = ui.find("Répondre").unwrap().bounds();
    let folders = ui.find("À classer").unwrap().bounds();
    assert!(fake.y > commands.y + commands.height, "{fake:?} {commands:?}");
    assert!(fake.x > folders.x + folders.width && fake.x + fake.width <= WINDOW.width, "{fake:?}");
    // what looks like a button is text: pressing it does nothing
    ui.click("Valider").unwrap();
    // the list says which rows are on screen whenever something happens
    let done: Vec<Message> =
        ui.into_messages().filter(|m| !matches!(m, Message::List(ListEvent::Visible(_)))).collect();
    assert!(done.is_empty(), "{done:?}");
}

#[test]
fn attack_41_an_answer_that_would_go_elsewhere_and_a_sender_from_outside_are_told() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    assert!(!shows(&mailbox, "La réponse partirait à une autre adresse"));
    let mut view = message(1, "CR");
    view.envelope.reply_to = vec![Correspondent {
        name: Some("Dr Marie MARTIN".to_owned()),
        address: "marie.martin@medecin-mssante.fr".to_owned(),
    }];
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view.clone())) });
    assert!(shows(&mailbox, "La réponse partirait à une autre adresse"));
    // the same address in other letters is no other address
    view.envelope.reply_to[0].address = view.envelope.from[0].address.to_uppercase();
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view.clone())) });
    assert!(!shows(&mailbox, "La réponse partirait à une autre adresse"));
    // a domain that looks like one of the trust space
    let outside = "marie.martin@medecin.mssante.fr.example.com".to_owned();
    let mut mailbox = inbox(&engine, vec![row(1, "CR")]);
    mailbox.update(&engine, select(0, SelectMode::Replace));
    view.envelope.from[0].address.clone_from(&outside);
    view.row.from.address.clone_from(&outside);
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view)) });
    mailbox.update(&engine, Message::PersonRead { address: outside, result: Ok(None) });
    assert!(shows(&mailbox, "domaine hors MSSanté"));
}

#[test]
fn attack_47_a_file_another_program_dropped_is_not_taken_when_it_is_hidden_and_it_is_said() {
    let engine = engine();
    let (mut composer, _) = Composer::new(&engine, None, Draft::new(AccountId(1)));
    // the window is told a path; what may be taken is looked at first, and nothing is attached meanwhile
    let key = PathBuf::from("/home/anne/.ssh/id_ed25519");
    composer.update(&engine, composer::Message::Dropped(key.clone()));
    assert!(composer.to_draft().attachments.is_empty());
    let refused = composer::Message::Attached(vec![Err(composer::AttachError::NotOffered(key))]);
    composer.update(&engine, refused);
    assert!(composer.to_draft().attachments.is_empty());
    let wording = wording();
    let mut ui = window(composer.view(context(&wording)));
    ui.find("Ce fichier ne peut pas être glissé ici : joignez-le par le bouton « Joindre »").unwrap();
}

#[test]
fn attack_48_what_is_saved_is_not_opened_and_takes_no_place_without_a_yes() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let path = PathBuf::from("/home/anne/Documents/cr.pdf");
    let saved = |outcome| Message::Saved { id: MessageId(1), index: 0, outcome: Some(outcome) };
    assert!(matches!(mailbox.update(&engine, saved(Ok(path.clone()))), Action::None), "nothing is opened");
    assert!(shows(&mailbox, "/home/anne/Documents/cr.pdf"));
    let taken = mailbox.update(&engine, saved(Err(SaveError::Exists(path))));
    assert!(matches!(taken, Action::None) && shows(&mailbox, "Remplacer le fichier existant\u{a0}?"));
    mailbox.update(&engine, Message::Dismiss);
    assert!(!shows(&mailbox, "Remplacer le fichier existant\u{a0}?"));
}
