//! `estafettectl archive`.

use std::path::{Path, PathBuf};

use estafette::domain::recovery::RecoveryCode;
use estafette::engine::{ArchiveStatus, Job, RestoreTo, Rhythm};
use serde_json::json;

use crate::args::{ArchiveCommand, RestoreArgs, Times};
use crate::mail::{find_folder, handed_over};
use crate::output::{Failure, Output, say};
use crate::session::{Context, read_code};
use crate::vault::write_private;

pub(crate) async fn run(context: &Context, command: ArchiveCommand, output: &Output) -> Result<(), Failure> {
    let engine = &context.engine;
    match command {
        ArchiveCommand::Create { place, code_file, out } => {
            context.online().await?;
            let place = absolute(&place)?;
            let code = match (code_file, out) {
                (Some(file), _) => read_code(&file)?,
                (None, Some(out)) => {
                    let code = engine.new_recovery_code()?;
                    // given out before anything depends on it
                    let (shown, now) = (place.display().to_string(), jiff::Timestamp::now().as_second());
                    write_private(&output.wording.archive_page(&code, &shown, now), &out)?;
                    code
                }
                (None, None) => {
                    return Err(Failure::Usage("--out FILE for a new code, or --code-file FILE".to_owned()));
                }
            };
            told(&engine.create_archive(place, code).await?, output);
        }
        ArchiveCommand::Join { place, code_file } => {
            context.online().await?;
            told(&engine.join_archive(absolute(&place)?, read_code(&code_file)?).await?, output);
        }
        ArchiveCommand::Status => {
            context.offline().await?;
            match engine.archive_status().await? {
                Some(status) => told(&status, output),
                None => output.answer(&json!(null), || say!("{}", output.wording.text("cli-archive-none"))),
            }
        }
        ArchiveCommand::Rhythm { times, retention } => {
            context.offline().await?;
            let rhythm = match times {
                Times::Never => Rhythm::Never,
                Times::Daily => Rhythm::Daily,
                Times::Weekly => Rhythm::Weekly,
            };
            told(&engine.set_archive_rhythm(rhythm, retention).await?, output);
        }
        ArchiveCommand::Run => {
            context.online().await?;
            let archived = engine.archive_now(Job::new()).await?;
            output.answer(&archived, || {
                let numbers = [archived.added, archived.messages].map(|n| n.to_string());
                let [added, messages] = &numbers;
                let values = [("added", added.as_str()), ("messages", messages)];
                say!("{}", output.wording.with("cli-archived", &values));
            });
        }
        ArchiveCommand::Forget => {
            context.offline().await?;
            engine.forget_archive().await?;
            output.answer(&json!({"forgotten": true}), || {});
        }
        ArchiveCommand::List { place, code_file, words } => {
            let (place, code) = source(context, place, code_file).await?;
            let found = engine.archive_contents(place, code, words.join(" ")).await?;
            output.answer(&found, || {
                for entry in &found {
                    let digest = entry.digest.get(..12).unwrap_or_default();
                    say!("{digest}  {}  {}  {}", output.when(entry.date), entry.from, entry.subject);
                }
            });
        }
        ArchiveCommand::Search { query, limit } => {
            context.offline().await?;
            let found = context.engine.search_archive(&query.join(" "), 0..limit).await?;
            output.answer(&found, || {
                for row in &found.rows {
                    say!("{}  {}  {}", output.when(row.date), row.from.label(), row.subject);
                }
                if found.rows.is_empty() {
                    say!("{}", output.wording.text("cli-nothing-found"));
                }
            });
        }
        ArchiveCommand::Show { digest, place, code_file } => {
            let (place, code) = source(context, place, code_file).await?;
            output.bytes(&engine.archive_source(place, code, digest).await?)?;
        }
        ArchiveCommand::Restore(args) => restore(context, args, output).await?,
    }
    Ok(())
}

async fn restore(context: &Context, args: RestoreArgs, output: &Output) -> Result<(), Failure> {
    let into_mailbox = args.folder.is_some();
    if into_mailbox {
        context.online().await?;
    }
    let (place, code) = source(context, args.place, args.code_file).await?;
    let to = match (args.mbox, args.eml, args.folder) {
        (Some(path), _, _) => RestoreTo::Mbox(path),
        (_, Some(path), _) => RestoreTo::Folder(path),
        (_, _, Some(path)) => RestoreTo::Mailbox(find_folder(context, Some(&path)).await?.id),
        _ => RestoreTo::Nothing,
    };
    let restored = context.engine.restore_archive(place, code, to, args.salvage, Job::new()).await?;
    if into_mailbox {
        handed_over(context).await?;
    }
    output.answer(&restored, || {
        let numbers = [restored.messages, restored.written, restored.duplicates].map(|n| n.to_string());
        let [messages, written, duplicates] = &numbers;
        let values = [("messages", messages.as_str()), ("written", written), ("duplicates", duplicates)];
        say!("{}", output.wording.with("cli-restored", &values));
        for (code, segment) in &restored.damage {
            say!("{}", output.wording.code(code, &[("segment", &segment.to_string())]).what);
        }
    });
    Ok(())
}

/// The archive that is meant: of a folder with its code, else the session's own.
async fn source(
    context: &Context,
    place: Option<PathBuf>,
    code_file: Option<PathBuf>,
) -> Result<(PathBuf, Option<RecoveryCode>), Failure> {
    if let (Some(place), Some(file)) = (&place, &code_file) {
        return Ok((absolute(place)?, Some(read_code(file)?)));
    }
    context.offline().await?;
    let status = context.engine.archive_status().await?;
    let own = status.map(|status| status.place);
    let place = match place {
        Some(place) => Some(absolute(&place)?),
        None => own,
    };
    let none = || estafette::engine::Error::new(estafette::engine::ErrorKind::NeedsUser, "archive-none");
    Ok((place.ok_or_else(none)?, None))
}

/// As it is kept: the program may run from another folder next time.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))
}

fn told(status: &ArchiveStatus, output: &Output) {
    output.answer(status, || {
        output
            .wording
            .archive(status, jiff::Timestamp::now().as_second())
            .iter()
            .for_each(|line| say!("{line}"));
    });
}
