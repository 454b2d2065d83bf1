//! `estafettectl annuaire`.

use estafette::domain::directory::{ANS, MIRROR};
use estafette::domain::person::{MailboxKind, Person};
use estafette::engine::{Error, ErrorKind, PeopleQuery};
use serde_json::json;

use crate::args::AnnuaireCommand;
use crate::contact;
use crate::ldap;
use crate::output::{Failure, Output, say};
use crate::session::Context;

pub(crate) async fn run(context: &Context, command: AnnuaireCommand, output: &Output) -> Result<(), Failure> {
    match command {
        AnnuaireCommand::Import { source, smaller } => {
            let source = match source.as_str() {
                "mirror" => MIRROR.to_owned(),
                "ans" => ANS.to_owned(),
                _ => source,
            };
            let status = if smaller {
                context.engine.import_smaller_annuaire(&source).await?
            } else {
                context.engine.import_annuaire(&source).await?
            };
            output.answer(&status, || status_lines(&status, output));
        }
        AnnuaireCommand::Activities { source } => {
            let status = context.engine.import_activities(&source).await?;
            output.answer(&status, || status_lines(&status, output));
        }
        AnnuaireCommand::Refresh => {
            let changed = context.engine.refresh_annuaire().await?;
            let status = context.engine.annuaire_status().await?;
            output.answer(&json!({"changed": changed, "status": status}), || status_lines(&status, output));
        }
        AnnuaireCommand::Changes { limit } => {
            let status = context.engine.annuaire_status().await?;
            let (new, gone) = context.engine.annuaire_changes(limit).await?;
            let counts =
                json!({"new": status.new, "gone": status.gone, "new_addresses": new, "gone_addresses": gone});
            output.answer(&counts, || {
                new.iter().for_each(|address| say!("+ {address}"));
                gone.iter().for_each(|address| say!("- {address}"));
            });
        }
        AnnuaireCommand::ApiKey { file, base } => {
            context.engine.set_api_key(crate::session::read_secret(&file)?, base).await?;
            output.answer(&json!({}), || {});
        }
        AnnuaireCommand::Api { address } => {
            let person = context.engine.person_by_address(&address).await?.ok_or_else(|| {
                Error::new(ErrorKind::NeedsUser, "address-not-listed").with("address", &address)
            })?;
            let detail = context.engine.ask_api(&person).await?;
            output.answer(&detail, || match &detail {
                Some(detail) => {
                    say!("{}  {}", person.display_name(), detail.updated);
                    detail.mailboxes.iter().for_each(|m| say!("    {}  {}", m.address, m.service));
                    detail
                        .places
                        .iter()
                        .for_each(|p| say!("    · {}, {} {}", p.structure, p.postal_code, p.city));
                }
                None => say!("{}", output.wording.text("cli-nothing-found")),
            });
        }
        AnnuaireCommand::Ldap(command) => ldap::run(context, command, output).await?,
        AnnuaireCommand::Me => me(context, output).await?,
        AnnuaireCommand::Contact(command) => contact::run(context, command, output).await?,
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
        AnnuaireCommand::Search { query, profession, specialty, place, kind, near, mine, limit } => {
            loaded(context).await?;
            if mine {
                context.offline().await?;
            }
            let kind = kind.as_deref().and_then(kind_of);
            let query = PeopleQuery { text: query, profession, specialty, place, kind, near, limit };
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

fn kind_of(code: &str) -> Option<MailboxKind> {
    use MailboxKind::{App, Cab, Org, Per};
    [Per, Org, App, Cab].into_iter().find(|kind| kind.code().eq_ignore_ascii_case(code))
}

async fn me(context: &Context, output: &Output) -> Result<(), Failure> {
    loaded(context).await?;
    context.card().await;
    context.offline().await?;
    let entry = context.engine.own_entry().await?;
    output.answer(&entry, || {
        entry.person.iter().for_each(person_lines);
        for flaw in &entry.flaws {
            let flaw = output.wording.flaw(flaw);
            say!("! {}\n  {}", flaw.what, flaw.advice);
        }
    });
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
    if let (Some(new), Some(gone)) = (status.new, status.gone) {
        let values = [("new", new.to_string()), ("gone", gone.to_string())];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        say!("{}", output.wording.with("cli-annuaire-changes", &values));
    }
    if status.places_people > 0 {
        let people = status.places_people.to_string();
        let date = status.places_date.as_deref().unwrap_or("-");
        say!("{}", output.wording.with("cli-annuaire-places", &[("people", &people), ("date", date)]));
    }
    if status.bad_lines > 0 {
        say!("{}", output.wording.with("cli-annuaire-bad", &[("count", &status.bad_lines.to_string())]));
    }
    for bad in &status.first_bad_lines {
        say!("  {}", output.wording.bad_line(bad));
    }
}

pub(crate) fn person_lines(person: &Person) {
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
    for place in &person.places {
        let parts = [&place.structure, &place.street, &place.postal_code, &place.city, &place.phone];
        let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|s| !s.is_empty()).collect();
        say!("    · {}", parts.join(", "));
    }
}
