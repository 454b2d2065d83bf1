//! Adding a mailbox, and logging in to one again.

use estafette::domain::account::{AccountConfig, AuthMethod, HostSource, Security};
use estafette::engine::{Error, ErrorKind, PscPage};
use estafette::gui::screen::Action;
use estafette::gui::screen::login::server::{self, Field};
use estafette::gui::screen::login::{Login, Message, Purpose, Typed};

use crate::desk::{account, context, engine, window, wording};

fn page() -> PscPage {
    wording().psc_page()
}

#[test]
fn the_address_comes_first_and_only_a_whole_one_goes_on() {
    let (engine, wording) = (engine(), wording());
    let mut login = Login::with(Purpose::New, page());
    {
        let mut ui = window(login.view(context(&wording)));
        ui.find("Ajouter une boîte").unwrap();
        ui.click("Continuer").unwrap();
        assert_eq!(ui.into_messages().count(), 0, "nothing to go on with");
    }
    login.update(&engine, Message::Address("lea@sage-femme".to_owned()));
    assert!(matches!(login.update(&engine, Message::Go), Action::None));
    login.update(&engine, Message::Address(" lea.moreau@sage-femme.mssante.fr ".to_owned()));
    let mut ui = window(login.view(context(&wording)));
    ui.click("Continuer").unwrap();
    assert!(matches!(ui.into_messages().next(), Some(Message::Go)));
}

#[test]
fn each_way_to_log_in_says_what_it_is_and_asks_for_what_it_needs() {
    let (engine, wording) = (engine(), wording());
    let config = AccountConfig { source: HostSource::Table, ..account().config };
    let mut login = Login::with(Purpose::New, page()).at_method(config, AuthMethod::Psc);
    {
        let mut ui = window(login.view(context(&wording)));
        for words in ["Carte CPS", "Pro Santé Connect", "Mot de passe", "Certificat logiciel"] {
            ui.find(words).unwrap();
        }
        ui.find("Votre carte ou e-CPS, dans le navigateur.").unwrap();
        ui.click("Mot de passe").unwrap();
        assert!(matches!(ui.into_messages().next(), Some(Message::Method(AuthMethod::Password))));
    }
    login.update(&engine, Message::Method(AuthMethod::Password));
    assert!(matches!(login.update(&engine, Message::Go), Action::None), "no password yet");
    login.update(&engine, Message::Password(Typed::new("secret".to_owned())));
    {
        let mut ui = window(login.view(context(&wording)));
        assert!(ui.find("secret").is_err(), "a password is not shown");
        ui.click("Vérifier et ajouter").unwrap();
        assert!(matches!(ui.into_messages().next(), Some(Message::Go)));
    }
    assert!(matches!(login.update(&engine, Message::Go), Action::Run(_)));
    login.update(&engine, Message::Method(AuthMethod::Certificate));
    let typed = Message::Password(Typed::new("secret".to_owned()));
    assert!(!format!("{typed:?}").contains("secret"), "no secret in a log");
}

#[test]
fn while_the_browser_has_the_word_one_can_open_it_again_copy_the_address_or_give_up() {
    let (engine, wording) = (engine(), wording());
    let mut login = Login::with(Purpose::Psc, page()).at_browser("https://psc.example/auth?x");
    {
        let mut ui = window(login.view(context(&wording)));
        ui.find("Terminez la connexion dans votre navigateur.").unwrap();
        ui.find("Rouvrir la page").unwrap();
        ui.click("Annuler").unwrap();
        assert!(matches!(ui.into_messages().next(), Some(Message::Leave)));
    }
    let copied = login.update(&engine, Message::CopyAddress);
    assert!(matches!(copied, Action::Copy(url) if url == "https://psc.example/auth?x"));
    assert!(!login.is_idle(), "a press beside the dialog does not end the login");
    {
        let refused = Error::new(ErrorKind::NeedsUser, "psc-untrusted").with("reason", "state");
        let refused = Login::with(Purpose::Psc, page()).after_failure(refused);
        let mut ui = window(refused.view(context(&wording)));
        ui.click("Se reconnecter avec Pro Santé Connect").unwrap();
        assert!(matches!(ui.into_messages().next(), Some(Message::Go)));
    }
    assert!(matches!(login.update(&engine, Message::Back), Action::Close));
}

#[test]
fn what_went_wrong_is_said_where_it_can_be_mended_and_late_answers_are_dropped() {
    let (engine, wording) = (engine(), wording());
    let mut login = Login::with(Purpose::New, page()).at_method(account().config, AuthMethod::Password);
    login.update(&engine, Message::Password(Typed::new("faux".to_owned())));
    login.update(&engine, Message::Go);
    let refused = Error::new(ErrorKind::NeedsCard, "login-refused").with("reason", "non");
    login.update(&engine, Message::Kept(7, Err(refused.clone())));
    {
        let mut ui = window(login.view(context(&wording)));
        assert!(ui.find("Le serveur a refusé l’ouverture de la boîte : non").is_err(), "of another attempt");
    }
    login.update(&engine, Message::Kept(1, Err(refused)));
    let mut ui = window(login.view(context(&wording)));
    ui.find("Le serveur a refusé l’ouverture de la boîte : non").unwrap();
    ui.find("Vérifier et ajouter").unwrap();
}

#[test]
fn servers_can_be_typed_and_such_a_mailbox_is_not_opened_by_pro_sante_connect() {
    let (engine, wording) = (engine(), wording());
    let mut login = Login::with(Purpose::New, page());
    login.update(&engine, Message::Address("anne@cabinet.example".to_owned()));
    {
        let mut ui = window(login.view(context(&wording)));
        assert!(ui.find("Réception (IMAP)").is_err(), "folded at first");
        ui.click("Saisir les serveurs à la main…").unwrap();
        assert!(matches!(ui.into_messages().next(), Some(Message::ByHand)));
    }
    login.update(&engine, Message::ByHand);
    let mut type_in = |field, text: &str| {
        login.update(&engine, Message::Server(server::Message::Typed(field, text.to_owned())));
    };
    type_in(Field::Imap, "https://imap.cabinet.example");
    type_in(Field::Smtp, "smtp.cabinet.example");
    assert!(matches!(login.update(&engine, Message::Go), Action::None), "that is no name of a server");
    assert!(window(login.view(context(&wording))).find("Nom de serveur attendu").is_ok());
    let corrected = server::Message::Typed(Field::Imap, "imap.cabinet.example".to_owned());
    login.update(&engine, Message::Server(corrected));
    login.update(&engine, Message::Server(server::Message::Security(Security::Tls)));
    login.update(&engine, Message::Go);
    {
        let mut ui = window(login.view(context(&wording)));
        ui.find("Serveurs : imap.cabinet.example et smtp.cabinet.example").unwrap();
        ui.find("Mot de passe").unwrap();
        assert!(ui.find("Votre carte ou e-CPS, dans le navigateur.").is_err(), "no token for a typed server");
    }
    login.update(&engine, Message::Back);
    assert!(window(login.view(context(&wording))).find("Réception (IMAP)").is_ok(), "what was typed stays");
}
