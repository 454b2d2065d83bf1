//! `estafettectl send`, `outbox` and `receipt`.

use std::io::Read;
use std::path::Path;

use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, DraftAttachment, Recipient};
use estafette::domain::id::{MessageId, OutboxId};
use estafette::domain::outbox::{OutboxEntry, OutboxState, RecipientState, Stage};
use estafette::engine::{Error, ErrorKind};
use serde_json::json;

use crate::args::{OutboxCommand, SendArgs};
use crate::output::{Failure, Output, say};
use crate::session::Context;

/// Larger than any operator takes.
const FILE_LIMIT: u64 = 100 << 20;

pub(crate) async fn send(context: &Context, args: SendArgs, output: &Output) -> Result<(), Failure> {
    let body = String::from_utf8(read(&args.body_file)?)
        .map_err(|_| Failure::Usage(format!("{}: not UTF-8", args.body_file.display())))?;
    let attachments = args.attach.iter().map(|path| attachment(path)).collect::<Result<_, _>>()?;
    let (to, cc, bcc) = (recipients(&args.to)?, recipients(&args.cc)?, recipients(&args.bcc)?);
    let about = args.patient.as_deref().map(crate::document::subject).transpose()?;
    if args.later {
        context.offline().await?;
    } else {
        context.online().await?;
    }
    let account = context.account(args.from.as_deref()).await?;
    let mut draft = Draft {
        to,
        cc,
        bcc,
        subject: args.subject,
        body,
        attachments,
        read_receipt: args.receipt,
        ..Draft::new(account.id)
    };
    if let Some((patient, author)) = about {
        let address = account.config.address.to_string();
        let author = match author {
            Some(author) => Some(author),
            None => context.engine.document_author(&address).await?,
        };
        draft = estafette::engine::xdm_draft(draft, &patient, author.as_ref(), args.kind.as_deref())
            .map_err(|e| Failure::Input(e.code()))?;
    }
    let id = context.engine.queue(draft).await?;
    let flushed = if args.later { Ok(()) } else { context.engine.flush().await };
    outcome(context, id, flushed, output).await
}

/// What became of a sending. A copy that could not be filed is no failure: the message has left, and the next
/// synchronisation files it.
async fn outcome(
    context: &Context,
    id: OutboxId,
    flushed: Result<(), Error>,
    output: &Output,
) -> Result<(), Failure> {
    let entry = entry(context, id).await?;
    if let Some(error) = failure(&entry) {
        return Err(error.into());
    }
    if !matches!(entry.state, OutboxState::Done | OutboxState::SentUnfiled) {
        flushed?;
    }
    output.answer(&Shown::of(&entry), || entry_line(&entry, output));
    Ok(())
}

/// Answers or declines a request for a read receipt.
pub(crate) async fn receipt(
    context: &Context,
    id: i64,
    decline: bool,
    output: &Output,
) -> Result<(), Failure> {
    context.online().await?;
    let id = MessageId(id);
    let row = context.engine.message(id).await?.row;
    let words = (!decline).then(|| output.wording.receipt(&row.subject, row.date));
    match context.engine.answer_receipt(id, words).await? {
        Some(queued) => {
            let flushed = context.engine.flush().await;
            outcome(context, queued, flushed, output).await
        }
        None => {
            let key = if decline { "receipt-declined" } else { "receipt-none" };
            output.answer(&json!({"sent": false}), || say!("{}", output.wording.text(key)));
            Ok(())
        }
    }
}

async fn entry(context: &Context, id: OutboxId) -> Result<OutboxEntry, Failure> {
    let entries = context.engine.outbox().await?;
    Ok(entries
        .into_iter()
        .find(|e| e.id == id)
        .ok_or_else(|| Error::new(ErrorKind::NeedsUser, "not-found"))?)
}

/// Why the message did not leave, when it did not: it stays in the outbox.
fn failure(entry: &OutboxEntry) -> Option<Error> {
    let code = entry.trouble.as_deref()?;
    let kind = match entry.state {
        OutboxState::Done | OutboxState::SentUnfiled => return None,
        OutboxState::Refused => ErrorKind::Refused,
        OutboxState::NeedsUser | OutboxState::Sending => ErrorKind::NeedsUser,
        OutboxState::Queued if needs_credential(code) => ErrorKind::NeedsCard,
        OutboxState::Queued => ErrorKind::Offline,
    };
    Some(estafette::engine::outbox_error(entry, kind))
}

fn needs_credential(code: &str) -> bool {
    matches!(code, "card-locked" | "card-removed" | "card-timeout" | "no-card" | "no-password")
}

pub(crate) async fn outbox(
    context: &Context,
    command: OutboxCommand,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        OutboxCommand::List => {
            context.offline().await?;
            let entries = context.engine.outbox().await?;
            let shown: Vec<Shown<'_>> = entries.iter().map(Shown::of).collect();
            output.answer(&shown, || entries.iter().for_each(|e| entry_line(e, output)));
            Ok(())
        }
        OutboxCommand::Cancel { id } => {
            context.offline().await?;
            let draft = context.engine.cancel(OutboxId(id)).await?;
            output.answer(&json!({"draft": draft}), || {
                say!("{}", output.wording.with("cli-draft", &[("draft", &draft.to_string())]));
            });
            Ok(())
        }
        OutboxCommand::Retry { id } => {
            context.online().await?;
            context.engine.retry(OutboxId(id)).await?;
            let flushed = context.engine.flush().await;
            outcome(context, OutboxId(id), flushed, output).await
        }
        OutboxCommand::Settle { id } => {
            context.online().await?;
            context.engine.settle(OutboxId(id)).await?;
            let flushed = context.engine.flush().await;
            outcome(context, OutboxId(id), flushed, output).await
        }
    }
}

/// An entry with its stage.
#[derive(serde::Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    entry: &'a OutboxEntry,
    stage: Stage,
}

impl<'a> Shown<'a> {
    fn of(entry: &'a OutboxEntry) -> Self {
        Self { entry, stage: entry.stage(now()) }
    }
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn entry_line(entry: &OutboxEntry, output: &Output) {
    let to: Vec<&str> = entry.recipients.iter().map(|r| r.address.as_str()).collect();
    say!(
        "{:>5}  {}  {}  {}",
        entry.id,
        output.wording.stage(entry.stage(now())),
        to.join(", "),
        entry.subject
    );
    for recipient in &entry.recipients {
        let (code, reason) = match &recipient.state {
            RecipientState::Refused { code, reason } | RecipientState::Delayed { code, reason } => {
                (code.to_string(), reason.as_str())
            }
            RecipientState::Waiting | RecipientState::Accepted => continue,
        };
        let said = output.wording.with("sendings-reason", &[("code", &code), ("reason", reason)]);
        let ours = output.wording.reason(&format!("{code} {reason}")).unwrap_or_default();
        say!("       {}  {ours} {said}", recipient.address);
    }
}

fn recipients(words: &[String]) -> Result<Vec<Recipient>, Failure> {
    words
        .iter()
        .map(|word| match EmailAddress::parse(word) {
            Ok(address) => Ok(Recipient { name: None, address }),
            Err(error) => Err(Failure::Usage(format!("{word}: {error}"))),
        })
        .collect()
}

pub(crate) fn attachment(path: &Path) -> Result<DraftAttachment, Failure> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(DraftAttachment {
        media_type: estafette::engine::media_type(&name).to_owned(),
        name,
        content: read(path)?,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure::Usage(format!("{}: {e}", path.display()));
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(FILE_LIMIT).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        std::fs::File::open(path)
            .map_err(failed)?
            .take(FILE_LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(Failure::Input("input-too-large"));
    }
    Ok(bytes)
}
