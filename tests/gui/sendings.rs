//! The outbox on screen.

use estafette::domain::draft::Draft;
use estafette::domain::id::{AccountId, DraftId, OutboxId};
use estafette::domain::outbox::{OutboxEntry, OutboxRecipient, OutboxState, RecipientState};
use estafette::domain::receipt::FollowUp;
use estafette::engine::Engine;
use estafette::gui::screen::Action;
use estafette::gui::screen::sendings::{Message, Sendings};

use crate::desk::{NOW, address, context, engine, window, wording};

fn entry(state: OutboxState, recipient: RecipientState) -> OutboxEntry {
    OutboxEntry {
        id: OutboxId(1),
        account: AccountId(1),
        message_id: "1@estafette".to_owned(),
        subject: "Avis cardiologique".to_owned(),
        queued_at: NOW - 60,
        not_before: NOW - 50,
        state,
        recipients: vec![OutboxRecipient {
            address: address("marie.martin@medecin.mssante.fr"),
            name: Some("Dr Marie MARTIN".to_owned()),
            state: recipient,
            follow_up: FollowUp::default(),
        }],
        trouble: None,
        server_reply: None,
        size: 2000,
    }
}

fn screen(engine: &Engine, entry: OutboxEntry) -> Sendings {
    let (mut sendings, _) = Sendings::new(engine);
    sendings.update(engine, Message::Loaded { generation: 1, result: Ok(vec![entry]) });
    sendings
}

fn shows(sendings: &Sendings, text: &str) -> bool {
    let wording = wording();
    window(sendings.view(context(&wording))).find(text).is_ok()
}

#[test]
fn each_state_is_said_in_plain_words() {
    let engine = engine();
    for (state, words) in [
        (OutboxState::Queued, "en attente"),
        (OutboxState::Sending, "envoi en cours"),
        (OutboxState::SentUnfiled, "envoyé, copie à classer"),
        (OutboxState::Done, "envoyé"),
        (OutboxState::Refused, "refusé"),
        (OutboxState::NeedsUser, "à vérifier"),
    ] {
        assert!(shows(&screen(&engine, entry(state, RecipientState::Waiting)), words), "{words}");
    }
}

#[test]
fn a_refused_recipient_shows_the_servers_reason_even_when_the_message_left() {
    let engine = engine();
    let refused = RecipientState::Refused { code: 550, reason: "unknown user".to_owned() };
    let sendings = screen(&engine, entry(OutboxState::Done, refused));
    assert!(shows(&sendings, "envoyé, un destinataire refusé"));
    assert!(shows(&sendings, "Réponse du serveur (550) : unknown user"));
    assert_eq!(sendings.needing_attention(), 1);
}

#[test]
fn an_unknown_outcome_explains_itself_and_offers_every_way_out() {
    let engine = engine();
    let sendings = screen(&engine, entry(OutboxState::NeedsUser, RecipientState::Waiting));
    let wording = wording();
    let mut ui = window(sendings.view(context(&wording)));
    ui.click("Renvoyer").unwrap();
    ui.click("Il est arrivé, le classer").unwrap();
    ui.click("Modifier").unwrap();
    let messages: Vec<Message> = ui.into_messages().collect();
    let [Message::Retry(_), Message::Settle(OutboxId(1)), Message::EditAgain(_)] = messages.as_slice() else {
        panic!("{messages:?}")
    };
}

#[test]
fn a_command_is_given_once_until_it_is_answered() {
    let engine = engine();
    let mut sendings = screen(&engine, entry(OutboxState::Refused, RecipientState::Waiting));
    assert!(matches!(sendings.update(&engine, Message::Retry(OutboxId(1))), Action::Run(_)));
    assert!(matches!(sendings.update(&engine, Message::Retry(OutboxId(1))), Action::None));
    assert!(matches!(sendings.update(&engine, Message::Cancel(OutboxId(1))), Action::None));
}

#[test]
fn what_is_being_sent_can_be_neither_cancelled_nor_sent_again() {
    let engine = engine();
    let mut sendings = screen(&engine, entry(OutboxState::Sending, RecipientState::Waiting));
    assert!(matches!(sendings.update(&engine, Message::Cancel(OutboxId(1))), Action::None));
    assert!(matches!(sendings.update(&engine, Message::Retry(OutboxId(1))), Action::None));
}

#[test]
fn editing_again_opens_the_draft_that_came_back() {
    let engine = engine();
    let mut sendings = screen(&engine, entry(OutboxState::Refused, RecipientState::Waiting));
    let draft = || Ok(Some((DraftId(7), Box::new(Draft::new(AccountId(1))))));
    let action = sendings.update(&engine, Message::Cancelled { edit: true, result: draft() });
    assert!(matches!(action, Action::Compose(_, Some(DraftId(7)))));
    let action = sendings.update(&engine, Message::Cancelled { edit: false, result: draft() });
    assert!(matches!(action, Action::Tell(_)));
}

#[test]
fn a_reading_overtaken_by_another_is_dropped() {
    let engine = engine();
    let mut sendings = screen(&engine, entry(OutboxState::Done, RecipientState::Accepted));
    sendings.on_event(&engine, &estafette::engine::Event::OutboxChanged(OutboxId(1)));
    sendings.update(&engine, Message::Loaded { generation: 1, result: Ok(vec![]) });
    assert!(shows(&sendings, "Avis cardiologique"));
    sendings.update(&engine, Message::Loaded { generation: 2, result: Ok(vec![]) });
    assert!(shows(&sendings, "Aucun envoi"));
}

#[test]
fn what_notices_told_of_a_recipient_is_shown_with_the_reason() {
    use estafette::domain::receipt::ReceiptKind;
    let engine = engine();
    let with = |facts: &[(ReceiptKind, &str, &str)]| {
        let mut entry = entry(OutboxState::Done, RecipientState::Accepted);
        for (kind, code, reason) in facts {
            entry.recipients[0].follow_up.add(*kind, NOW - 30, (*code).to_owned(), (*reason).to_owned());
        }
        entry
    };
    let when = wording().moment(NOW - 30, NOW);
    let both = with(&[(ReceiptKind::Delivered, "", ""), (ReceiptKind::Read, "", "")]);
    let mut sendings = screen(&engine, both);
    assert_eq!(sendings.needing_attention(), 0);
    sendings.update(&engine, Message::Toggle(OutboxId(1)));
    assert!(shows(&sendings, &format!("remis {when}")) && shows(&sendings, &format!("lu {when}")));

    let failed = with(&[(ReceiptKind::Failed, "5.1.1", "550 5.1.1 unknown user")]);
    let sendings = screen(&engine, failed);
    assert_eq!(sendings.needing_attention(), 1);
    assert!(shows(&sendings, "envoyé, non remis à un destinataire"));
    assert!(shows(&sendings, "non remis"));
    let why = "Cette adresse n’existe pas. Raison donnée : 5.1.1 550 5.1.1 unknown user";
    assert!(shows(&sendings, why));

    let rejected = with(&[(ReceiptKind::Rejected, "902", "Identifiant patient inconnu")]);
    let sendings = screen(&engine, rejected);
    assert!(shows(&sendings, "reçu, mais non intégré"));
    assert!(shows(
        &sendings,
        "Le patient n’est pas connu du destinataire. Raison donnée : 902 Identifiant patient inconnu"
    ));
}
