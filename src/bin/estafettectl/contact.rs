//! `estafettectl annuaire contact`.

use std::io::Read;
use std::path::PathBuf;

use estafette::domain::address::EmailAddress;
use estafette::domain::contact::exchange::MAX_FILE;
use estafette::domain::contact::{Choice, Contact, Group, unlisted};
use estafette::domain::filing::rule::Subject;
use estafette::domain::person::Person;
use estafette::engine::{Error, ErrorKind};
use serde_json::json;

use crate::args::ContactCommand;
use crate::directory::person_lines;
use crate::output::{Failure, Output, say};
use crate::send::attachment;
use crate::session::Context;

pub(crate) async fn run(context: &Context, command: ContactCommand, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let engine = &context.engine;
    match command {
        ContactCommand::List => {
            let contacts = engine.contacts().await?;
            output.answer(&contacts, || contacts.iter().for_each(|contact| contact_lines(contact, output)));
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
        ContactCommand::Prefer { address, kind, off } => {
            let (person, address) = somebody(context, &address).await?;
            let kind = kind.as_deref().and_then(Subject::of_word);
            engine.set_preferred(person, kind, (!off).then_some(address)).await?;
        }
        ContactCommand::Mailbox { address, files } => {
            return mailbox(context, &address, &files, output).await;
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

/// The mailbox preferences choose; none that vanished is replaced by another.
async fn mailbox(
    context: &Context,
    address: &str,
    files: &[PathBuf],
    output: &Output,
) -> Result<(), Failure> {
    let (person, _) = somebody(context, address).await?;
    let files = files.iter().map(|path| attachment(path)).collect::<Result<Vec<_>, _>>()?;
    let kinds = context.engine.document_kinds(files).await?;
    let contact = context.engine.contact(person).await?;
    match contact.mailbox_for(&kinds) {
        Choice::Mailbox { address, kind } => {
            output.answer(&json!({"address": address, "kind": kind, "kinds": kinds}), || {
                say!("{address}  {}", preferred_for(kind, output));
            });
        }
        Choice::Open => {
            let address: Option<&str> = None;
            output.answer(&json!({"address": address, "kinds": kinds}), || {
                say!("{}", output.wording.text("cli-mailbox-open"));
            });
        }
        Choice::Gone { address, kind } => {
            let error = Error::new(ErrorKind::NeedsUser, "preferred-gone").with("address", address);
            return Err(match kind {
                Some(kind) => error.with("kind", kind.word()),
                None => error,
            }
            .into());
        }
    }
    Ok(())
}

fn preferred_for(kind: Option<Subject>, output: &Output) -> String {
    match kind {
        Some(kind) => {
            let kind = output.wording.text(&format!("rule-subject-{}", kind.word()));
            output.wording.with("annuaire-preferred-for", &[("kind", &kind)])
        }
        None => output.wording.text("annuaire-preferred"),
    }
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

fn contact_lines(contact: &Contact, output: &Output) {
    person_lines(&contact.person);
    if contact.favourite {
        say!("    ★");
    }
    for (kind, address) in contact.preferred.each() {
        say!("    → {address}  {}", preferred_for(kind, output));
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
