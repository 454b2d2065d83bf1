//! Reading and sorting mail: sync, folders, list, show, search, flag, move, copy, delete.

use estafette::domain::folder::{Folder, FolderRole};
use estafette::domain::id::MessageId;
use estafette::domain::message::{Flag, Keyword, MessageRow};
use estafette::domain::search::Facets;
use estafette::domain::triage::Triage;
use estafette::engine::{Error, ErrorKind, Found, Scope};
use serde_json::json;

use crate::args::{Command, FolderCommand};
use crate::output::{Failure, Output, say};
use crate::session::Context;

pub(crate) async fn run(context: &Context, command: Command, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Sync { account, folder, all } => sync(context, account, folder, all, output).await,
        Command::Folders { change: None } => folders(context, output).await,
        Command::Folders { change: Some(change) } => change_folder(context, change, output).await,
        Command::Watch { folder, off } => watch(context, &folder, !off, output).await,
        Command::List { folder, limit } => list(context, folder, limit, output).await,
        Command::Show { id, part, raw } => show(context, MessageId(id), part, raw, output).await,
        Command::Search { query, facets, limit } => search(context, &query, facets, limit, output).await,
        Command::Flag { what } => flag(context, &what, output).await,
        Command::Move { what } => transfer(context, &what, false, output).await,
        Command::Copy { what } => transfer(context, &what, true, output).await,
        Command::Delete { ids } => delete(context, &ids, output).await,
        Command::State { what } => state(context, &what, output).await,
        // the other commands have their own modules
        _ => Ok(()),
    }
}

async fn sync(
    context: &Context,
    account: Option<String>,
    folder: Option<String>,
    all: bool,
    output: &Output,
) -> Result<(), Failure> {
    context.online_for(account.as_deref()).await?;
    let account = match account {
        Some(address) => Some(context.account(Some(&address)).await?.id),
        None => None,
    };
    if context.engine.accounts().await?.is_empty() {
        return Err(Error::new(ErrorKind::NeedsUser, "no-account").into());
    }
    let mut report = context.engine.sync(account).await?;
    // only now every message is known
    if all && context.engine.download_all(account.map_or(Scope::Everything, Scope::Account)).await? > 0 {
        let more = context.engine.sync(account).await?;
        report.bytes += more.bytes;
        report.seconds += more.seconds;
    }
    context.engine.flush().await?;
    output.answer(&report, || {
        let (new, changed, removed) =
            (report.new.to_string(), report.changed.to_string(), report.removed.to_string());
        let values = [("new", new.as_str()), ("changed", &changed), ("removed", &removed)];
        say!("{} · {:.2} s", output.wording.with("cli-synced", &values), report.seconds);
    });
    if let Some(path) = folder
        && !output.is_json()
    {
        let folder = find_folder(context, Some(&path)).await?;
        say!("{}  {} / {}", folder.path, folder.unread, folder.total);
    }
    Ok(())
}

async fn folders(context: &Context, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let folders = context.engine.folders().await?;
    output.answer(&folders, || {
        for folder in &folders {
            let mark = if folder.watched { " *" } else { "" };
            let rights = if folder.rights.is_read_only() { "cli-folder-read-only" } else { "" };
            let note =
                if rights.is_empty() { String::new() } else { format!(" ({})", output.wording.text(rights)) };
            say!("{:>6} / {:<6} {}{mark}{note}", folder.unread, folder.total, folder.path);
        }
    });
    Ok(())
}

async fn watch(context: &Context, path: &str, on: bool, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let folder = find_folder(context, Some(path)).await?;
    context.engine.watch_folder(folder.id, on).await?;
    output.answer(&json!({"folder": folder.path, "watched": on}), || say!("{}", folder.path));
    Ok(())
}

pub(crate) async fn find_folder(context: &Context, path: Option<&str>) -> Result<Folder, Failure> {
    if context.engine.accounts().await?.is_empty() {
        return Err(Error::new(ErrorKind::NeedsUser, "no-account").into());
    }
    let folders = context.engine.folders().await?;
    let found = folders.into_iter().find(|f| match path {
        Some(path) => f.path == path || f.name() == path,
        None => f.role == FolderRole::Inbox,
    });
    let unknown = || Error::new(ErrorKind::NeedsUser, "no-folder").with("folder", path.unwrap_or("INBOX"));
    Ok(found.ok_or_else(unknown)?)
}

async fn list(context: &Context, folder: Option<String>, limit: u32, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let folder = find_folder(context, folder.as_deref()).await?;
    let page = context.engine.list(folder.id, 0..limit).await?;
    output.answer(&page, || page.rows.iter().for_each(|row| row_line(row, output)));
    Ok(())
}

fn row_line(row: &MessageRow, output: &Output) {
    let mark = if row.flags.seen { ' ' } else { '●' };
    let patient = row.patient.as_ref().map_or(String::new(), |p| format!(" · {}", p.name));
    say!(
        "{:>6} {mark} {:>10}  {}  {}{patient}",
        row.id.0,
        output.when(row.date),
        row.from.label(),
        row.subject
    );
}

async fn show(
    context: &Context,
    id: MessageId,
    part: Option<usize>,
    raw: bool,
    output: &Output,
) -> Result<(), Failure> {
    context.online().await?;
    if raw {
        return output.bytes(&context.engine.source(id).await?);
    }
    let view = context.engine.message(id).await?;
    if let Some(index) = part {
        return output.bytes(&context.engine.attachment(id, index).await?.bytes);
    }
    output.answer(&view, || {
        say!("{}\n{}  {}\n", view.row.subject, view.row.from.label(), output.wording.day(view.row.date));
        say!("{}", view.text);
        for attachment in &view.attachments {
            say!("[{}] {} ({})", attachment.index, attachment.name, output.wording.size(attachment.size));
        }
    });
    Ok(())
}

/// A search with its counts.
#[derive(serde::Serialize)]
struct Answer {
    #[serde(flatten)]
    found: Found,
    #[serde(skip_serializing_if = "Option::is_none")]
    facets: Option<Facets>,
}

async fn search(
    context: &Context,
    query: &str,
    facets: bool,
    limit: u32,
    output: &Output,
) -> Result<(), Failure> {
    context.offline().await?;
    let found = context.engine.search(query, 0..limit).await?;
    let facets = if facets { Some(context.engine.facets(query).await?) } else { None };
    let several = context.engine.accounts().await?.len() > 1;
    let answer = Answer { found, facets };
    output.answer(&answer, || {
        let found = &answer.found;
        found.messages.iter().for_each(|row| row_line(row, output));
        if found.messages.is_empty() {
            say!("{}", output.wording.text("cli-nothing-found"));
        }
        if found.near > 0 {
            say!("{}", output.wording.with("found-near", &[("count", &found.near.to_string())]));
        }
        for group in answer.facets.iter().flat_map(|facets| output.wording.facets(facets)) {
            say!("\n{}", group.title);
            for count in group.counts {
                say!("{:>6}  {}  {}", count.count, count.label, count.operator);
            }
        }
        output.wording.gaps(&found.gaps, several).iter().for_each(|line| say!("{line}"));
    });
    Ok(())
}

/// A flag or a keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mark {
    Flag(Flag),
    Keyword(Keyword),
}

/// A mark and whether it is set.
type MarkChange = (Mark, bool);

/// Splits `1 2 +seen -flagged` into identifiers and changes.
fn flag_words(what: &[String]) -> Result<(Vec<MessageId>, Vec<MarkChange>), Failure> {
    let (mut ids, mut changes) = (Vec::new(), Vec::new());
    for word in what {
        let change =
            word.strip_prefix('+').map(|f| (f, true)).or_else(|| word.strip_prefix('-').map(|f| (f, false)));
        match change {
            Some((name, on)) => {
                let mark = match name {
                    "seen" => Mark::Flag(Flag::Seen),
                    "flagged" => Mark::Flag(Flag::Flagged),
                    "answered" => Mark::Flag(Flag::Answered),
                    // a keyword that looks like a word of ours is more likely a slip
                    name if !name.starts_with('$') => {
                        return Err(Failure::Usage(format!(
                            "{word}: seen, flagged, answered or $Keyword expected"
                        )));
                    }
                    name => Mark::Keyword(
                        Keyword::parse(name)
                            .ok_or_else(|| Failure::Usage(format!("{word}: not a keyword")))?,
                    ),
                };
                changes.push((mark, on));
            }
            None => ids
                .push(MessageId(word.parse().map_err(|_| Failure::Usage(format!("{word}: not a number")))?)),
        }
    }
    if ids.is_empty() || changes.is_empty() {
        return Err(Failure::Usage("expected: ID… +seen -flagged".to_owned()));
    }
    Ok((ids, changes))
}

async fn flag(context: &Context, what: &[String], output: &Output) -> Result<(), Failure> {
    let (ids, changes) = flag_words(what)?;
    context.online().await?;
    for (mark, on) in changes {
        match mark {
            Mark::Flag(flag) => context.engine.set_flag(&ids, flag, on).await?,
            Mark::Keyword(keyword) => context.engine.set_keyword(&ids, keyword, on).await?,
        }
    }
    replayed(context, output).await
}

async fn transfer(context: &Context, what: &[String], copies: bool, output: &Output) -> Result<(), Failure> {
    let Some((path, ids)) = what.split_last() else { return Ok(()) };
    let ids: Result<Vec<MessageId>, _> = ids.iter().map(|id| id.parse().map(MessageId)).collect();
    let ids = ids.map_err(|_| Failure::Usage("expected: ID… FOLDER".to_owned()))?;
    context.online().await?;
    let folder = find_folder(context, Some(path)).await?;
    if copies {
        context.engine.copy_to(&ids, folder.id).await?;
    } else {
        context.engine.move_to(&ids, folder.id).await?;
    }
    replayed(context, output).await
}

async fn state(context: &Context, what: &[String], output: &Output) -> Result<(), Failure> {
    let Some((word, ids)) = what.split_last() else { return Ok(()) };
    let triage = match word.as_str() {
        "to-do" => Some(Triage::ToDo),
        "to-file" => Some(Triage::ToFile),
        "to-read" => Some(Triage::ToRead),
        "filed" => Some(Triage::Filed),
        "none" => None,
        _ => return Err(Failure::Usage("expected: ID… to-do|to-file|to-read|filed|none".to_owned())),
    };
    let ids: Result<Vec<MessageId>, _> = ids.iter().map(|id| id.parse().map(MessageId)).collect();
    let ids = ids.map_err(|_| Failure::Usage("expected: ID… STATE".to_owned()))?;
    context.online().await?;
    context.engine.set_triage(&ids, triage).await?;
    replayed(context, output).await
}

async fn change_folder(context: &Context, change: FolderCommand, output: &Output) -> Result<(), Failure> {
    context.online().await?;
    match change {
        FolderCommand::Create { path, account } => {
            let account = context.account(account.as_deref()).await?.id;
            context.engine.create_folder(account, &path).await?;
        }
        FolderCommand::Rename { path, to } => {
            let folder = find_folder(context, Some(&path)).await?;
            context.engine.rename_folder(folder.id, &to).await?;
        }
        FolderCommand::Delete { path } => {
            let folder = find_folder(context, Some(&path)).await?;
            context.engine.delete_folder(folder.id).await?;
        }
    }
    replayed(context, output).await
}

async fn delete(context: &Context, ids: &[i64], output: &Output) -> Result<(), Failure> {
    let ids: Vec<MessageId> = ids.iter().copied().map(MessageId).collect();
    context.online().await?;
    context.engine.delete(&ids).await?;
    replayed(context, output).await
}

async fn replayed(context: &Context, output: &Output) -> Result<(), Failure> {
    let done = handed_over(context).await?;
    output.answer(&json!({"on_server": done}), || {});
    Ok(())
}

/// Takes changes to the server when it can be reached, and answers whether it could; they are kept for later otherwise.
/// What the server refused is an error, in its words.
pub(crate) async fn handed_over(context: &Context) -> Result<bool, Failure> {
    let start = jiff::Timestamp::now().as_second();
    let done = match context.engine.sync(None).await {
        Ok(_) => true,
        Err(error) if matches!(error.kind(), ErrorKind::Offline | ErrorKind::NeedsCard) => false,
        Err(error) => return Err(error.into()),
    };
    if let Some(reason) = context.engine.refusals(start).await?.into_iter().next() {
        return Err(Error::new(ErrorKind::Refused, "change-refused").with("reason", reason).into());
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_identifiers_are_told_apart() {
        let words: Vec<String> = ["4", "7", "+seen", "-flagged", "+$Label1"].map(str::to_owned).to_vec();
        let Ok((ids, changes)) = flag_words(&words) else { panic!("refused") };
        assert_eq!(ids, [MessageId(4), MessageId(7)]);
        let label = Keyword::parse("$Label1").map(Mark::Keyword);
        let flag = |flag| Some(Mark::Flag(flag));
        let changes: Vec<_> = changes.into_iter().map(|(mark, on)| (Some(mark), on)).collect();
        assert_eq!(changes, [(flag(Flag::Seen), true), (flag(Flag::Flagged), false), (label, true)]);
        assert!(flag_words(&["4".to_owned(), "+nothing".to_owned()]).is_err());
        assert!(flag_words(&["+seen".to_owned(), "-seen".to_owned()]).is_err());
    }
}
