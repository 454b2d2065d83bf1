//! Several readers, several cards, and cards that were revoked.

use estafette::domain::card::CardState;

use crate::desk::{Desk, LEROY, MARTIN, mailbox, operator, until};

fn name(state: &CardState) -> &str {
    state.holder().map_or("", |holder| holder.family_name.as_str())
}

fn waits_for(family: &str) -> impl Fn(&CardState) -> bool {
    move |state| matches!(state, CardState::Locked { .. }) && name(state) == family
}

/// Reader of the card of this holder.
fn reader(desk: &Desk, family: &str) -> String {
    let cards = desk.engine.cards();
    let found = cards.into_iter().find(|card| card.holder.as_ref().is_some_and(|h| h.family_name == family));
    found.unwrap().reader
}

#[tokio::test]
async fn a_reader_that_is_unplugged_and_plugged_in_again_is_told_and_its_card_read() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    operator().card_service(false);
    operator().card_service_without_readers();
    desk.card("no reader", |state| *state == CardState::NoReader).await;
    assert!(desk.engine.session().is_none());
    assert_eq!(desk.engine.holder().unwrap_err().code(), "no-reader");
    operator().card_service(false);
    operator().card_service(true);
    desk.card("the card is read again", waits_for("LEROY")).await;
    desk.unlock().await;
    desk.close().await;
}

#[tokio::test]
async fn with_two_cards_in_the_user_chooses_once_and_may_change() {
    let mut desk = Desk::open().await;
    operator().card_insert("leroy");
    operator().card_insert_second("martin");
    // one may be read before the other is seen: then it is the one in use, and stays so
    desk.card("both are known", |_| desk.engine.cards().len() == 2).await;
    operator().card_service(false);
    desk.card("no service", |state| *state == CardState::NoService).await;
    operator().card_service(true);
    desk.card("a choice", |state| *state == CardState::Choosing).await;
    assert_eq!(desk.engine.my_mailboxes().await.unwrap_err().code(), "card-choice");
    desk.engine.choose_card(&reader(&desk, "MARTIN")).await.unwrap();
    desk.card("the chosen one waits for its PIN", waits_for("MARTIN")).await;
    desk.unlock().await;
    let accounts = desk.engine.accounts().await.unwrap();
    assert_eq!(accounts[0].config.address.as_str(), MARTIN);

    // the choice is remembered by the card, wherever it is put in
    desk.restart().await;
    desk.card("the remembered one", waits_for("MARTIN")).await;
    desk.unlock().await;

    // another choice closes the session of the first
    desk.engine.choose_card(&reader_of_other(&desk)).await.unwrap();
    desk.card("the other one", waits_for("LEROY")).await;
    assert!(desk.engine.session().is_none());
    until("no connection", || async { (mailbox(MARTIN).connections() == 0).then_some(()) }).await;
    desk.unlock().await;
    assert_eq!(desk.engine.accounts().await.unwrap()[0].config.address.as_str(), LEROY);

    // the card in the other reader comes and goes: the session stays
    operator().card_remove_second();
    desk.card("one card", |_| desk.engine.cards().len() == 1).await;
    operator().card_insert_second("vitale");
    operator().card_remove_second();
    assert!(desk.engine.session().is_some_and(|session| session.online));
    assert!(matches!(desk.engine.card(), CardState::Unlocked { .. }));
    desk.close().await;
}

fn reader_of_other(desk: &Desk) -> String {
    desk.engine.cards().into_iter().find(|card| !card.is_selected).unwrap().reader
}

#[tokio::test]
async fn a_revoked_card_is_told_before_its_pin_where_the_list_is_at_hand() {
    let desk = Desk::with_anchors(&[operator().text("cards_ca"), operator().text("cards_crl")]).await;
    operator().card_insert("revoked");
    desk.card("revoked", |state| matches!(state, CardState::Revoked { .. })).await;
    assert_eq!(name(&desk.engine.card()), "FAURE");
    let error = desk.engine.unlock(estafette::domain::secret::Secret::new("1234".to_owned())).await;
    assert_eq!(error.unwrap_err().code(), "card-revoked");
    assert_eq!(
        operator().card_status()["pin_tries_left"],
        3,
        "no PIN is shown to a card that cannot be used"
    );
    operator().card_insert("leroy");
    desk.card("a card in good standing", waits_for("LEROY")).await;
    desk.close().await;
    // without the list and without the authority's answer nobody knows yet: the server will
    let desk = Desk::open().await;
    operator().card_insert("revoked");
    desk.card("not known to be revoked", waits_for("FAURE")).await;
    desk.close().await;
}

#[tokio::test]
async fn a_card_that_its_issuer_revokes_is_refused_once_the_issuer_has_answered_and_from_then_on() {
    let mut desk = Desk::open().await;
    let network = operator().text("profile_network");
    std::fs::copy(network, desk.profile.path().join("network.json")).unwrap();
    desk.restart().await;
    for time in ["asked", "kept"] {
        operator().card_insert("revoked");
        desk.card("revoked by its issuer", |state| matches!(state, CardState::Revoked { .. })).await;
        assert_eq!(name(&desk.engine.card()), "FAURE");
        let error = desk.engine.unlock(estafette::domain::secret::Secret::new("1234".to_owned())).await;
        assert_eq!(error.unwrap_err().code(), "card-revoked", "{time}");
        desk.remove().await;
    }
    let kept = std::fs::read_dir(desk.profile.path().join("trust/revocation")).unwrap().flatten();
    assert!(kept.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().ends_with(".crl")));
    // the same issuer vouches for another card by the same list
    desk.insert("leroy").await;
    desk.unlock().await;
    desk.close().await;
}
