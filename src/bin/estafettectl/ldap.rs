//! `estafettectl annuaire ldap`.

use estafette::domain::ldap::{LdapAttributes, LdapField, LdapPeople, LdapSettings};
use estafette::engine::PeopleQuery;
use serde_json::json;

use crate::args::{LdapAttribute, LdapCommand};
use crate::directory::person_lines;
use crate::output::{Failure, Output, say};
use crate::session::{Context, read_secret};

pub(crate) async fn run(context: &Context, command: LdapCommand, output: &Output) -> Result<(), Failure> {
    let engine = &context.engine;
    match command {
        LdapCommand::Set { server, base, user, password_file, authority, attributes } => {
            let password = password_file.as_deref().map(read_secret).transpose()?;
            // the program may run elsewhere the next time
            let authority =
                authority.map(std::path::absolute).transpose().map_err(estafette::engine::Error::from)?;
            let attributes = named(attributes)?;
            let settings = LdapSettings { base, user, authority, attributes, ..LdapSettings::new(server) };
            engine.set_ldap(Some(settings), password).await?;
            show(context, output).await?;
        }
        LdapCommand::Show => show(context, output).await?,
        LdapCommand::Off => {
            engine.set_ldap(None, None).await?;
            show(context, output).await?;
        }
        LdapCommand::Search { query } => {
            let found = engine.ldap_people(PeopleQuery { text: query, ..PeopleQuery::default() }).await?;
            output.answer(&found, || people_lines(&found, output));
        }
    }
    Ok(())
}

fn named(wanted: Vec<LdapAttribute>) -> Result<LdapAttributes, Failure> {
    let mut attributes = LdapAttributes::default();
    for LdapAttribute(field, name) in wanted {
        attributes.set(field, &name).map_err(|error| Failure::Usage(error.to_string()))?;
    }
    Ok(attributes)
}

async fn show(context: &Context, output: &Output) -> Result<(), Failure> {
    let settings = context.engine.ldap().await?;
    let Some(settings) = settings else {
        output.answer(&json!({"server": null}), || say!("{}", output.wording.text("cli-ldap-off")));
        return Ok(());
    };
    let attribute = |field: LdapField| settings.attributes.get(field).unwrap_or_default();
    let attributes: serde_json::Map<String, serde_json::Value> =
        LdapField::ALL.into_iter().map(|field| (field.code().to_owned(), attribute(field).into())).collect();
    let answer = json!({
        "server": settings.server, "base": settings.base, "user": settings.user, "authority": settings.authority,
        "attributes": attributes,
    });
    output.answer(&answer, || {
        say!("{}  {}", settings.server, settings.base);
        settings.user.iter().for_each(|user| say!("    user {user}"));
        settings.authority.iter().for_each(|file| say!("    authority {}", file.display()));
        for field in LdapField::ALL {
            say!("    {}={}", field.code(), attribute(field));
        }
    });
    Ok(())
}

fn people_lines(found: &LdapPeople, output: &Output) {
    let wording = &output.wording;
    if found.people.is_empty() {
        say!("{}", wording.text("cli-nothing-found"));
    }
    for person in &found.people {
        person_lines(person);
        let is_confirmed = |address: &str| found.confirmed.iter().any(|known| known == address);
        let word = match person.mailboxes.iter().all(|mailbox| is_confirmed(mailbox.address.as_str())) {
            true => wording.text("cli-ldap-confirmed"),
            false => wording.with("cli-ldap-unconfirmed", &[("server", &found.server)]),
        };
        say!("    ({word})");
    }
    if found.more {
        say!("{}", wording.text("cli-ldap-more"));
    }
}
