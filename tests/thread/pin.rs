//! The PIN is presented when the holder types it, and never again by the program.

use estafette::domain::card::{CardState, PinTries};
use estafette::domain::secret::Secret;

use crate::desk::{Desk, PIN, operator};

fn tries_on_the_card() -> u64 {
    operator().card_status()["pin_tries_left"].as_u64().unwrap()
}

async fn wrong(desk: &Desk) -> estafette::engine::Error {
    desk.engine.unlock(Secret::new("9876".to_owned())).await.unwrap_err()
}

/// On the one card that no other test opens: it is blocked at the end.
#[tokio::test]
async fn attack_52_a_wrong_pin_costs_one_try_and_the_third_blocks_the_card() {
    let desk = Desk::open().await;
    desk.insert("benali").await;
    let full = tries_on_the_card();
    let error = wrong(&desk).await;
    assert_eq!((error.code(), error.facts()), ("pin-wrong", &[("tries", "2".to_owned())][..]));
    assert_eq!(tries_on_the_card(), full - 1, "one attempt, one try");
    assert!(matches!(desk.engine.card(), CardState::Locked { tries: PinTries::Low, .. }));
    assert!(desk.engine.session().is_none());

    let short = desk.engine.unlock(Secret::new("12".to_owned())).await.unwrap_err();
    assert_eq!(short.code(), "pin-length");
    assert_eq!(tries_on_the_card(), full - 1, "a PIN of impossible length is not presented");

    // the right one gives the tries back
    desk.engine.unlock(Secret::new(PIN.to_owned())).await.unwrap();
    assert_eq!(tries_on_the_card(), full);
    desk.engine.lock().await;

    let answers = [wrong(&desk).await, wrong(&desk).await];
    assert_eq!(answers.map(|e| e.code()), ["pin-wrong", "pin-wrong"]);
    // one try left is known before typing, also of a card just put in
    desk.remove().await;
    desk.insert("benali").await;
    assert!(matches!(desk.engine.card(), CardState::Locked { tries: PinTries::Last, .. }));
    assert_eq!(wrong(&desk).await.code(), "pin-blocked");
    assert_eq!(tries_on_the_card(), 0);
    let right = desk.engine.unlock(Secret::new(PIN.to_owned())).await.unwrap_err();
    assert_eq!(right.code(), "pin-blocked");

    // OpenSC cannot unblock a card that does not list its code: said plainly, and nothing is changed
    let secret = |text: &str| Secret::new(text.to_owned());
    let refused = desk.engine.unblock_card(secret("12345678"), secret("5678")).await.unwrap_err();
    assert_eq!(refused.code(), "unblock-unavailable");
    assert!(matches!(desk.engine.card(), CardState::Locked { tries: PinTries::Blocked, .. }));
    assert_eq!(tries_on_the_card(), 0);
    desk.close().await;
}

/// On another card that no other test opens, which lists its unblocking code: three wrong, blocked, unblocked with a new
/// PIN, which opens; and an unblocking code is not tried without end either.
#[tokio::test]
async fn three_wrong_pins_block_the_card_and_its_unblocking_code_gives_it_a_new_one() {
    let secret = |text: &str| Secret::new(text.to_owned());
    let desk = Desk::open().await;
    desk.insert("roux").await;
    for code in ["pin-wrong", "pin-wrong", "pin-blocked"] {
        assert_eq!(wrong(&desk).await.code(), code);
    }
    assert_eq!(tries_on_the_card(), 0);
    let refused = desk.engine.unblock_card(secret("00000000"), secret("5678")).await.unwrap_err();
    assert_eq!(refused.code(), "puk-wrong");
    assert!(matches!(desk.engine.card(), CardState::Locked { tries: PinTries::Blocked, .. }));
    assert_eq!(
        desk.engine.unlock(secret("5678")).await.unwrap_err().code(),
        "pin-blocked",
        "nothing changed"
    );

    desk.engine.unblock_card(secret("12345678"), secret("5678")).await.unwrap();
    assert!(matches!(desk.engine.card(), CardState::Locked { tries: PinTries::Full, .. }));
    assert_eq!(tries_on_the_card(), 3);
    assert_eq!(desk.engine.unlock(secret(PIN)).await.unwrap_err().code(), "pin-wrong", "the old PIN is over");
    desk.engine.unlock(secret("5678")).await.unwrap();
    assert!(desk.engine.session().is_some());
    desk.engine.lock().await;

    for code in ["pin-wrong", "pin-wrong", "pin-blocked"] {
        assert_eq!(wrong(&desk).await.code(), code);
    }
    for code in ["puk-wrong", "puk-wrong", "puk-blocked", "puk-blocked"] {
        let refused = desk.engine.unblock_card(secret("00000000"), secret("5678")).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
    let refused = desk.engine.unblock_card(secret("12345678"), secret("5678")).await.unwrap_err();
    assert_eq!(refused.code(), "puk-blocked", "the right code comes too late");
    desk.close().await;
}
