//! `estafettectl annuaire contact`.

use std::io::Read;

use estafette::domain::address::EmailAddress;
use estafette::domain::contact::exchange::MAX_FILE;
use estafette::domain::contact::{Contact, Group, unlisted};
use estafette::domain::person::Person;
use estafette::engine::{Error, ErrorKind};
use serde_json::json;

use crate::args::ContactCommand;
use crate::directory::person_lines;
use crate::output::{Failure, Output, say};
use crate::session::Context;

pub(crate) async fn run(context: &Context, command: ContactCommand, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let engine = &context.engine;
    match command {
        ContactCommand::List => {
            let contacts = engine.contacts().await?;
            output.answer(&contacts, || contacts.iter().for_each(contact_lines));
            return Ok(());
        }
        ContactCommand::Favourite { address, off } => {
            let (person, _) = somebody(context, &address).await?;
            engine.set_favourite(person, !off).await?;
        }
        ContactCommand::Note { address, text } => {
            let (person, _) = somebody(context, &address).await?;
            engine.set_note(person, text).await?;
        }
        ContactCommand::Prefer { address, off } => {
            let (person, address) = somebody(context, &address).await?;
            engine.set_preferred(person, (!off).then_some(address)).await?;
        }
        ContactCommand::Groups => {
            let groups = engine.groups().await?;
            output.answer(&groups, || groups.iter().for_each(group_lines));
            return Ok(());
        }
        ContactCommand::Join { group, address } => {
            let (person, address) = somebody(context, &address).await?;
            let id = engine.make_group(&group).await?;
            engine.set_member(id, person, address, true).await?;
        }
        ContactCommand::Leave { group, address } => {
            let (person, address) = somebody(context, &address).await?;
            engine.set_member(named(context, &group).await?.id, person, address, false).await?;
        }
        ContactCommand::Rename { group, to } => {
            engine.rename_group(named(context, &group).await?.id, &to).await?;
        }
        ContactCommand::Disband { group } => engine.remove_group(named(context, &group).await?.id).await?,
        ContactCommand::Export { file } => {
            let is_table = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
            let text = engine.export_contacts(!is_table).await?;
            std::fs::write(&file, text).map_err(Error::from)?;
        }
        ContactCommand::Take { file } => {
            let mut bytes = Vec::new();
            let file = std::fs::File::open(&file).map_err(Error::from)?;
            file.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes).map_err(Error::from)?;
            let report = engine.import_contacts(bytes).await?;
            let counts = [
                ("contacts", report.contacts.to_string()),
                ("listed", report.listed.to_string()),
                ("without", report.without_address.to_string()),
            ];
            let counts: Vec<(&str, &str)> = counts.iter().map(|(name, n)| (*name, n.as_str())).collect();
            output.answer(&report, || say!("{}", output.wording.with("cli-contacts-taken", &counts)));
            return Ok(());
        }
    }
    output.answer(&json!({}), || {});
    Ok(())
}

/// The person of an address, unlisted when the annuaire does not know it.
async fn somebody(context: &Context, address: &str) -> Result<(Person, EmailAddress), Failure> {
    let parsed = EmailAddress::parse(address)
        .map_err(|_| Error::new(ErrorKind::NeedsUser, "bad-address").with("address", address))?;
    let person = context.engine.person_by_address(address).await?;
    let person = person.unwrap_or_else(|| unlisted(parsed.clone(), None));
    let address = person.mailbox(address).map_or(parsed, |mailbox| mailbox.address.clone());
    Ok((person, address))
}

async fn named(context: &Context, name: &str) -> Result<Group, Failure> {
    let found = context.engine.groups().await?.into_iter().find(|group| group.name == name);
    Ok(found.ok_or_else(|| Error::new(ErrorKind::NeedsUser, "no-group").with("name", name))?)
}

fn contact_lines(contact: &Contact) {
    person_lines(&contact.person);
    if contact.favourite {
        say!("    ★");
    }
    contact.groups.iter().for_each(|group| say!("    # {group}"));
    contact.gone.iter().for_each(|(address, _)| say!("    ✗ {address}"));
    if !contact.note.is_empty() {
        say!("    « {} »", contact.note);
    }
}

fn group_lines(group: &Group) {
    say!("# {}", group.name);
    for member in &group.members {
        say!("    {}  {}", member.person.display_name(), member.address);
    }
}
