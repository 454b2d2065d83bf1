//! The card as a key of the store: with a keyring, without one, alone by the user's choice, and renewed.

use estafette::domain::secret::Secret;
use estafette::engine::KeySlotKind::{self, Keyring, OtherCard, Recovery, ThisCard};
use estafette::engine::Security;

use crate::desk::{Desk, PIN};

fn kinds(security: &Security) -> Vec<KeySlotKind> {
    security.slots.iter().map(|slot| slot.kind).collect()
}

fn pin() -> Secret {
    Secret::new(PIN.to_owned())
}

/// Everything the stand-in for the keyring kept is gone, as after a reset of the computer's session.
fn lose_keyring(desk: &Desk) {
    std::fs::remove_file(desk.profile.path().join("vault.json")).unwrap();
}

#[tokio::test]
async fn the_card_opens_the_store_when_the_keyring_has_lost_its_secret() {
    let mut desk = Desk::open().await;
    desk.enter("leroy").await;
    let rows = desk.inbox().await.len();
    assert!(rows > 0);
    assert_eq!(kinds(&desk.engine.security().await.unwrap()), [Keyring, ThisCard]);
    desk.engine.lock().await;
    lose_keyring(&desk);
    desk.restart().await;
    desk.card("the card is read", |state| state.holder().is_some()).await;
    assert_eq!(desk.engine.open_offline().await.unwrap_err().code(), "key-missing");
    let asked = std::time::Instant::now();
    desk.unlock().await;
    println!("opened by the card's slot {:?} after the PIN", asked.elapsed());
    assert!(desk.inbox().await.len() >= rows);
    desk.close().await;
}

#[tokio::test]
async fn with_the_card_only_nothing_opens_without_it_but_the_recovery_code() {
    let mut desk = Desk::open().await;
    desk.enter("leroy").await;
    assert_eq!(desk.engine.set_offline(false).await.unwrap_err().code(), "recovery-needed");
    let code = desk.engine.new_recovery_code().unwrap();
    desk.engine.set_recovery_code(code.clone()).await.unwrap();
    let security = desk.engine.set_offline(false).await.unwrap();
    assert_eq!(kinds(&security), [ThisCard, Recovery]);
    let kept = std::fs::read_to_string(desk.profile.path().join("vault.json")).unwrap();
    assert!(!kept.contains("key-slot") && !kept.contains("store-key"), "nothing is left in the keyring");
    desk.remove().await;
    desk.restart().await;
    let ways = desk.engine.ways_in().await;
    assert!(!ways.offline && ways.recovery);
    assert_eq!(desk.engine.open_offline().await.unwrap_err().code(), "offline-not-allowed");
    let session = desk.engine.open_with_code(code).await.unwrap();
    assert!(!session.online, "reading only");
    assert!(!desk.inbox().await.is_empty());
    assert_eq!(desk.engine.sync(None).await.unwrap_err().code(), "card-locked");
    // the card again, alone
    desk.insert("leroy").await;
    desk.unlock().await;
    assert!(!desk.inbox().await.is_empty());
    assert_eq!(kinds(&desk.engine.set_offline(true).await.unwrap()), [ThisCard, Recovery, Keyring]);
    desk.remove().await;
    desk.engine.open_offline().await.unwrap();
    desk.close().await;
}

#[tokio::test]
async fn a_renewed_card_is_let_in_by_another_way_and_then_opens_by_itself() {
    let mut desk = Desk::open().await;
    desk.enter("leroy").await;
    let code = desk.engine.new_recovery_code().unwrap();
    desk.engine.set_recovery_code(code.clone()).await.unwrap();
    desk.engine.set_offline(false).await.unwrap();
    let rows = desk.inbox().await.len();
    desk.remove().await;

    desk.insert("renewed").await;
    assert_eq!(desk.engine.unlock(pin()).await.unwrap_err().code(), "card-renewed");
    assert!(desk.engine.session().is_none());
    desk.card("it is locked again", |state| {
        matches!(state, estafette::domain::card::CardState::Locked { .. })
    })
    .await;
    let wrong = desk.engine.new_recovery_code().unwrap();
    let refused = desk.engine.unlock_with(pin(), Some(wrong)).await.unwrap_err();
    assert_eq!(refused.code(), "recovery-code-wrong");
    desk.card("it is locked again", |state| {
        matches!(state, estafette::domain::card::CardState::Locked { .. })
    })
    .await;
    desk.engine.unlock_with(pin(), Some(code)).await.unwrap();
    assert!(desk.inbox().await.len() >= rows);
    let security = desk.engine.security().await.unwrap();
    assert_eq!(kinds(&security), [OtherCard, Recovery, ThisCard]);
    // the old card is taken away, the new one needs nobody
    desk.engine.remove_slot(security.slots[0].id.clone()).await.unwrap();
    desk.restart().await;
    desk.card("the card is read", |state| state.holder().is_some()).await;
    desk.unlock().await;
    assert!(desk.inbox().await.len() >= rows);
    desk.remove().await;
    desk.insert("leroy").await;
    assert_eq!(desk.engine.unlock(pin()).await.unwrap_err().code(), "card-renewed");
    desk.close().await;
}

#[tokio::test]
async fn a_renewed_card_needs_no_code_where_reading_offline_is_allowed() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    desk.remove().await;
    desk.insert("renewed").await;
    desk.unlock().await;
    assert_eq!(kinds(&desk.engine.security().await.unwrap()), [Keyring, OtherCard, ThisCard]);
    // another key: the card that is not here is left out
    let security = desk.engine.rotate_key(None).await.unwrap();
    assert_eq!(kinds(&security), [ThisCard, Keyring]);
    assert!(!desk.inbox().await.is_empty());
    desk.remove().await;
    desk.engine.open_offline().await.unwrap();
    assert_eq!(desk.engine.rotate_key(None).await.unwrap_err().code(), "rotate-needs-card");
    desk.close().await;
}
