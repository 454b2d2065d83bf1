//! Filing in one gesture, its settings, and what rules failed on.

use estafette::domain::card::CardState;
use estafette::domain::filing::name::NamePattern;
use estafette::domain::filing::rule::Conditions;
use estafette::domain::filing::{Destination, Filed, Format, Outcome};
use estafette::domain::id::{DestinationId, MessageId};
use estafette::engine::{Error, ErrorKind, Filing, Health, NameExample, RulePreview, RuleTrouble};
use estafette::gui::preferences::Preferences;
use estafette::gui::screen::mailbox::{Deed, FilingMessage, Message};
use estafette::gui::screen::settings::filing::{DestinationEdit, Known, Message as Section, RuleEdit};
use estafette::gui::screen::settings::{Message as Outer, Settings};
use estafette::gui::screen::trouble::{Message as TroubleMessage, Trouble};
use estafette::gui::screen::{Action, Notice};
use estafette::gui::shortcut::Command;

use crate::desk::{NOW, context, engine, row, window, wording};
use crate::mailbox::{opened, shows};

fn filed() -> Filed {
    Filed {
        gesture: 1,
        message: Some(MessageId(1)),
        at: NOW - 86_400,
        destination: DestinationId(1),
        destination_name: "Logiciel".to_owned(),
        format: Format::Pdf,
        path: "/srv/depot/CR.pdf".to_owned(),
        rule: None,
    }
}

fn filing(outcome: Outcome) -> Message {
    let filing = Filing { gesture: 1, outcomes: vec![outcome], moved: None, marked: Vec::new() };
    Message::Filing(FilingMessage::Filed(Ok(filing)))
}

fn notices<M>(action: Action<M>) -> Vec<Notice> {
    match action {
        Action::Tell(notice) => vec![notice],
        Action::Many(actions) => actions.into_iter().flat_map(notices).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn one_button_or_key_files_what_is_shown() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let wording = wording();
    {
        let mut ui = window(mailbox.view(context(&wording)));
        ui.click("Classer").unwrap();
        assert!(ui.into_messages().any(|m| matches!(m, Message::Do(Deed::File))));
    }
    assert!(matches!(mailbox.on_command(&engine, Command::File), Action::Run(_)));
    let (message, files) = (MessageId(1), vec![filed()]);
    let outcome = Outcome::Filed { message, files, already: Vec::new(), left: Vec::new() };
    let told = notices(mailbox.update(&engine, filing(outcome)));
    assert!(
        matches!(&told[..], [Notice::Filed(n)] if n.messages == 1 && n.folder.as_deref() == Some("Logiciel"))
    );
    let known = FilingMessage::Known(message, Ok(vec![filed()]));
    mailbox.update(&engine, Message::Filing(known));
    let moment = wording.moment(NOW - 86_400, NOW);
    assert!(shows(&mailbox, &format!("classé {moment} · Logiciel")));
}

#[test]
fn what_was_filed_before_is_asked_about_with_when_and_where() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let outcome = Outcome::Already { message: MessageId(1), already: vec![filed()] };
    let told = notices(mailbox.update(&engine, filing(outcome)));
    assert!(told.is_empty(), "a question is enough: {told:?}");
    assert!(shows(&mailbox, "Déjà classé"));
    assert!(matches!(mailbox.update(&engine, Message::Confirm), Action::Run(_)));
    assert!(!shows(&mailbox, "Déjà classé"));
}

#[test]
fn a_message_that_could_not_be_filed_says_why_and_one_filed_in_part_says_what_is_left() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let message = MessageId(1);
    let facts = vec![("folder", "/srv/depot".to_owned())];
    let outcome = Outcome::NotFiled { message, files: Vec::new(), code: "deposit-missing", facts };
    let told = notices(mailbox.update(&engine, filing(outcome)));
    let [Notice::Failed(error)] = &told[..] else { panic!("{told:?}") };
    let sentence = wording().error(error);
    assert!(
        sentence.what.contains("/srv/depot") && sentence.advice.contains("reste à classer"),
        "{sentence:?}"
    );
    let (files, left) = (vec![filed()], vec!["photo".to_owned()]);
    let outcome = Outcome::Filed { message, files, already: Vec::new(), left };
    let told = notices(mailbox.update(&engine, filing(outcome)));
    assert!(matches!(&told[..], [Notice::Filed(n)] if n.messages == 0 && n.left == ["photo"]));
}

fn section(message: Section) -> Outer {
    Outer::Filing(message)
}

fn destination() -> Destination {
    Destination {
        name: "Logiciel".to_owned(),
        folder: "/srv/depot".to_owned(),
        pattern: NamePattern::default(),
        formats: vec![Format::Pdf],
        usual: true,
    }
}

#[test]
fn a_destination_is_set_with_the_name_it_would_give_to_the_last_document() {
    let (engine, wording) = (engine(), wording());
    let mut settings = Settings::with(&Preferences::default(), Vec::new(), None);
    settings.update(&engine, section(Section::EditDestination(None)));
    let edit = |edit| section(Section::Destination(edit));
    let shows = |settings: &Settings, text: &str| window(settings.view(context(&wording))).find(text).is_ok();
    settings.update(&engine, edit(DestinationEdit::Pattern("{nom}/{rien}".to_owned())));
    assert!(shows(&settings, "Un nom de fichier ne peut pas contenir « / »."));
    settings.update(&engine, edit(DestinationEdit::Pattern("{rien}".to_owned())));
    assert!(shows(&settings, "Le champ {rien} n’existe pas."));
    settings.update(&engine, edit(DestinationEdit::Pattern("{nom}".to_owned())));
    let example = NameExample { name: "DURAND.pdf".to_owned(), subject: Some("CR".to_owned()) };
    // an answer to what was typed before is dropped
    settings.update(&engine, edit(DestinationEdit::Example("{rien}".to_owned(), Ok(example.clone()))));
    assert!(!shows(&settings, "DURAND.pdf"));
    settings.update(&engine, edit(DestinationEdit::Example("{nom}".to_owned(), Ok(example))));
    assert!(shows(&settings, "DURAND.pdf"));
    let denied = Error::new(ErrorKind::NeedsUser, "deposit-denied").with("folder", "/srv/depot");
    settings.update(&engine, edit(DestinationEdit::Saved(Err(denied))));
    assert!(shows(&settings, "Le dossier « /srv/depot » refuse l’écriture."));
    settings.update(&engine, edit(DestinationEdit::Saved(Ok(()))));
    assert!(!shows(&settings, "DURAND.pdf"), "the form closes when it is kept");
}

#[test]
fn a_rule_says_what_it_would_take_before_it_is_kept() {
    let (engine, wording) = (engine(), wording());
    let mut settings = Settings::with(&Preferences::default(), Vec::new(), None);
    let known = Known { destinations: vec![(DestinationId(1), destination())], ..Known::default() };
    settings.update(&engine, section(Section::Read(Ok(known))));
    settings.update(&engine, section(Section::EditRule(None)));
    let edit = |edit| section(Section::Rule(Box::new(edit)));
    settings.update(&engine, edit(RuleEdit::Name("Biologie".to_owned())));
    settings.update(&engine, edit(RuleEdit::Sender("@bioval.mssante.fr".to_owned())));
    settings.update(&engine, edit(RuleEdit::Preview));
    let when = Conditions { sender: "@bioval.mssante.fr".to_owned(), ..Conditions::default() };
    let preview = RulePreview {
        count: 14,
        looked_at: 300,
        complete: true,
        messages: vec![row(1, "Biologie")],
        ids: (1..=14).map(MessageId).collect(),
    };
    settings.update(&engine, edit(RuleEdit::Previewed(when, Ok(preview))));
    let shows = |settings: &Settings, text: &str| window(settings.view(context(&wording))).find(text).is_ok();
    assert!(shows(&settings, "14 messages seraient concernés, sur 300 examinés."));
    assert!(shows(&settings, "Enregistrer et appliquer à ces 14 messages"));
    settings.update(&engine, edit(RuleEdit::Sender("@autre.fr".to_owned())));
    assert!(!shows(&settings, "14 messages seraient concernés, sur 300 examinés."), "that was another rule");
}

#[test]
fn what_rules_failed_on_is_told_once_with_its_reason() {
    let (engine, wording) = (engine(), wording());
    let mut trouble = Trouble::with(CardState::NoCard, Some(Ok(Health::default())), false);
    let failed = |id| RuleTrouble {
        message: MessageId(id),
        rule: "Biologie".to_owned(),
        error: Error::new(ErrorKind::NeedsUser, "deposit-missing").with("folder", "/srv/depot"),
        tries: 2,
        next_try: NOW + 60,
    };
    trouble.update(&engine, TroubleMessage::RulesRead(Ok(vec![failed(1), failed(2)])));
    let mut ui = window(trouble.view(context(&wording)));
    assert!(ui.find("2 messages n’ont pas pu être classés").is_ok());
    ui.click("Réessayer").unwrap();
    assert!(ui.into_messages().any(|m| matches!(m, TroubleMessage::RetryRules)));
}
