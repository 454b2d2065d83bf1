//! A password that changed is typed again, for the account that is there.

use estafette::domain::account::AuthMethod;
use estafette::domain::secret::Secret;
use estafette::engine::Means;

use crate::desk::{Desk, LABORATORY, operator};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_is_typed_again_in_place() {
    let desk = Desk::open(operator()).await;
    let config = desk.config(LABORATORY, AuthMethod::Password).await;
    let password = |text: &str| Means::Password(Secret::new(text.to_owned()));
    let wrong = desk.engine.try_account(config.clone(), password("ancien")).await.unwrap_err();
    assert_eq!(wrong.code(), "login-refused");
    let account = desk.engine.add_account_with(config, password("ancien")).await.unwrap();
    assert_eq!(desk.engine.sync(Some(account)).await.unwrap_err().code(), "login-refused");
    desk.engine.set_means(account, password("resultats-bioval")).await.unwrap();
    desk.engine.sync(Some(account)).await.unwrap();
    assert_eq!(desk.engine.accounts().await.unwrap().len(), 1);
    let card = desk.engine.set_means(account, Means::Nothing).await.unwrap_err();
    assert_eq!(card.code(), "no-password");
}
