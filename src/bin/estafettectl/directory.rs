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
            output.answer(&status, || status_lines(&status, output));
        }
        AnnuaireCommand::WhiteList { source } => {
            let domains = context.engine.import_white_list(&source).await?;
            output.answer(&json!({"domains": domains}), || {
                say!("{}", output.wording.with("cli-white-list", &[("domains", &domains.to_string())]));
            });
        }
        AnnuaireCommand::Status => {
            let status = context.engine.annuaire_status().await?;
            output.answer(&status, || status_lines(&status, output));
        }
        AnnuaireCommand::Search { query, profession, specialty, place, limit } => {
            loaded(context).await?;
            let query = PeopleQuery { text: query, profession, specialty, place, limit };
            let found = context.engine.people(query).await?;
            output.answer(&found, || {
                found.people.iter().for_each(person_lines);
                if found.people.is_empty() {
                    say!("{}", output.wording.text("cli-nothing-found"));
                }
                // a near name is another person: never in the same list
                if !found.near.is_empty() {
                    say!("{}", output.wording.text("cli-near-names"));
                    found.near.iter().for_each(person_lines);
                }
            });
        }
        AnnuaireCommand::Show { address } => {
            loaded(context).await?;
            let found = context.engine.person_by_address(&address).await?;
            let person = found.ok_or_else(|| {
                Error::new(ErrorKind::NeedsUser, "address-not-listed").with("address", &address)
            })?;
            output.answer(&person, || person_lines(&person));
        }
    }
    Ok(())
}

/// An annuaire that was never imported finds nobody: that is no answer about a person.
async fn loaded(context: &Context) -> Result<(), Failure> {
    match context.engine.annuaire_status().await?.mailboxes {
        0 => Err(Error::new(ErrorKind::NeedsUser, "annuaire-empty").into()),
        _ => Ok(()),
    }
}

fn status_lines(status: &estafette::engine::AnnuaireStatus, output: &Output) {
    let (people, mailboxes) = (status.people.to_string(), status.mailboxes.to_string());
    let date = status.data_date.as_deref().unwrap_or("-");
    let values = [("people", people.as_str()), ("mailboxes", &mailboxes), ("date", date)];
    say!("{}", output.wording.with("cli-annuaire", &values));
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
