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
async fn a_wrong_pin_costs_one_try_and_the_third_blocks_the_card() {
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

    let answers = [wrong(&desk).await, wrong(&desk).await, wrong(&desk).await];
    assert_eq!(answers.map(|e| e.code()), ["pin-wrong", "pin-wrong", "pin-blocked"]);
    assert_eq!(tries_on_the_card(), 0);
    let right = desk.engine.unlock(Secret::new(PIN.to_owned())).await.unwrap_err();
    assert_eq!(right.code(), "pin-blocked");
    desk.close().await;
}
