//! `estafettectl annuaire`.

use estafette::domain::person::Person;
use estafette::engine::{Error, ErrorKind, PeopleQuery};
use serde_json::json;

use crate::args::AnnuaireCommand;
use crate::output::{Failure, Output, say};
use crate::session::Context;

pub(crate) async fn run(context: &Context, command: AnnuaireCommand, output: &Output) -> Result<(), Failure> {
    match command {
        AnnuaireCommand::Import { source } => {
            let status = context.engine.import_annuaire(&source).await?;
            output.answer(&status, || status_lines(&status));
        }
        AnnuaireCommand::WhiteList { source } => {
            let domains = context.engine.import_white_list(&source).await?;
            output.answer(&json!({"domains": domains}), || say!("{domains}"));
        }
        AnnuaireCommand::Status => {
            let status = context.engine.annuaire_status().await?;
            output.answer(&status, || status_lines(&status));
        }
        AnnuaireCommand::Search { query, profession, specialty, place, limit } => {
            let query = PeopleQuery { text: query, profession, specialty, place, limit };
            let found = context.engine.people(query).await?;
            output.answer(&found, || found.people.iter().chain(&found.near).for_each(person_lines));
        }
        AnnuaireCommand::Show { address } => {
            let found = context.engine.person_by_address(&address).await?;
            let person = found.ok_or_else(|| Error::new(ErrorKind::NeedsUser, "not-found"))?;
            output.answer(&person, || person_lines(&person));
        }
    }
    Ok(())
}

fn status_lines(status: &estafette::engine::AnnuaireStatus) {
    say!("{}  {}  {}", status.people, status.mailboxes, status.data_date.as_deref().unwrap_or("-"));
    for reason in &status.bad_line_reasons {
        say!("  {reason}");
    }
}

fn person_lines(person: &Person) {
    let mut about = vec![person.profession.as_str()];
    about.extend(person.specialties.iter().map(String::as_str));
    about.retain(|s| !s.is_empty());
    let tail =
        person.rpps().map_or(String::new(), |rpps| format!("  RPPS …{}", rpps.get(7..).unwrap_or(rpps)));
    say!("{}  {}{tail}", person.display_name(), about.join(" · "));
    for mailbox in &person.mailboxes {
        let place = [&mailbox.service, &mailbox.structure, &mailbox.city];
        let place: Vec<&str> = place.into_iter().map(String::as_str).filter(|s| !s.is_empty()).collect();
        say!("    {}  {}", mailbox.address, place.join(", "));
    }
}
