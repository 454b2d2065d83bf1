//! `estafettectl file`, `destination` and `rule`.

use estafette::domain::filing::name::NamePattern;
use estafette::domain::filing::rule::{Actions, Conditions, Rule, Subject};
use estafette::domain::filing::{Destination, Filed, Format, Outcome};
use estafette::domain::id::{DestinationId, MessageId, RuleId};
use estafette::engine::{Error, ErrorKind, FilingWish, RuleTrouble};
use serde_json::json;

use crate::args::{DestinationCommand, RuleCommand, RuleConditions, Switch};
use crate::output::{Failure, Output, say};
use crate::session::Context;

/// Files messages. Fails when one of them is not filed; one that was filed before is told, and is no failure.
pub(crate) async fn file(
    context: &Context,
    ids: &[i64],
    to: &[String],
    again: bool,
    output: &Output,
) -> Result<(), Failure> {
    context.offline().await?;
    let known = context.engine.destinations().await?;
    let destinations = to.iter().map(|name| named(&known, name)).collect::<Result<_, _>>()?;
    let ids: Vec<MessageId> = ids.iter().copied().map(MessageId).collect();
    let filing = context.engine.file(&ids, FilingWish { destinations, again }).await?;
    output.answer(&filing, || filing.outcomes.iter().for_each(|outcome| tell(outcome, output)));
    let failed = filing.outcomes.iter().find_map(|outcome| match outcome {
        Outcome::NotFiled { code, facts, .. } => {
            let error = Error::new(ErrorKind::NeedsUser, code);
            Some(facts.iter().fold(error, |error, (name, value)| error.with(name, value)))
        }
        _ => None,
    });
    failed.map_or(Ok(()), |error| Err(error.into()))
}

pub(crate) async fn undo(context: &Context, gesture: i64, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let unfiled = context.engine.undo_filing(gesture, Vec::new()).await?;
    output.answer(&unfiled, || {
        let counts = [
            ("removed", unfiled.removed.to_string()),
            ("gone", unfiled.gone.to_string()),
            ("changed", unfiled.changed.to_string()),
        ];
        let facts: Vec<(&str, &str)> = counts.iter().map(|(name, count)| (*name, count.as_str())).collect();
        say!("{}", output.wording.with("filing-undone", &facts));
    });
    Ok(())
}

fn tell(outcome: &Outcome, output: &Output) {
    match outcome {
        Outcome::Filed { message, files, already, left } => {
            files.iter().for_each(|filed| say!("{message}  {}", filed.path));
            already.iter().for_each(|filed| say!("{message}  {}", before(filed, output)));
            for title in left {
                say!("{message}  {}", output.wording.with("filing-left", &[("title", title)]));
            }
        }
        Outcome::Already { message, already } => {
            already.iter().for_each(|filed| say!("{message}  {}", before(filed, output)));
        }
        Outcome::NotFiled { message, files, .. } => {
            files.iter().for_each(|filed| say!("{message}  {}", filed.path));
        }
    }
}

fn before(filed: &Filed, output: &Output) -> String {
    let when = output.wording.moment(filed.at, jiff::Timestamp::now().as_second());
    output.wording.with("filing-already", &[("date", &when), ("path", &filed.path)])
}

fn named(known: &[(DestinationId, Destination)], name: &str) -> Result<DestinationId, Failure> {
    let found = known.iter().find(|(_, d)| d.name == name).map(|(id, _)| *id);
    Ok(found.ok_or_else(|| Error::new(ErrorKind::NeedsUser, "destination-gone"))?)
}

fn pattern(text: Option<String>) -> Result<NamePattern, Failure> {
    match text {
        None => Ok(NamePattern::default()),
        Some(text) => NamePattern::parse(&text).map_err(|e| Failure::Usage(format!("{text}: {e}"))),
    }
}

pub(crate) async fn destination(
    context: &Context,
    command: DestinationCommand,
    output: &Output,
) -> Result<(), Failure> {
    context.offline().await?;
    let engine = &context.engine;
    let known = engine.destinations().await?;
    match command {
        DestinationCommand::List => {
            let moved = engine.filed_folder().await?;
            let all: Vec<_> = known.iter().map(|(id, d)| json!({"id": id, "destination": d})).collect();
            output.answer(&json!({"destinations": all, "filed_folder": moved}), || {
                for (_, d) in &known {
                    let formats: Vec<&str> = d.formats.iter().map(|f| f.word()).collect();
                    let usual = if d.usual { "*" } else { " " };
                    say!("{usual} {}  {}  {}  {}", d.name, d.folder, d.pattern.as_str(), formats.join(","));
                }
            });
        }
        DestinationCommand::Add { name, folder, pattern: text, format, on_request } => {
            let folder = folder
                .into_os_string()
                .into_string()
                .map_err(|_| Failure::Usage("folder: not UTF-8".into()))?;
            let destination = Destination {
                name,
                folder,
                pattern: pattern(text)?,
                formats: format.iter().filter_map(|word| Format::of_word(word)).collect(),
                usual: !on_request,
            };
            let same = known.iter().find(|(_, d)| d.name == destination.name).map(|(id, _)| *id);
            let id = engine.save_destination(same, destination).await?;
            output.answer(&json!({"id": id}), || {});
        }
        DestinationCommand::Preview { pattern: text, format } => {
            let format = Format::of_word(&format).unwrap_or(Format::Pdf);
            let example = engine.name_example(pattern(text)?, format).await?;
            output.answer(&example, || say!("{}", example.name));
        }
        DestinationCommand::Folder { path } => {
            engine.set_filed_folder(path.clone()).await?;
            output.answer(&json!({"filed_folder": path}), || {});
        }
        DestinationCommand::Remove { name } => {
            let id = named(&known, &name)?;
            engine.remove_destination(id).await?;
            output.answer(&json!({"removed": id}), || {});
        }
    }
    Ok(())
}

fn conditions(when: RuleConditions) -> Conditions {
    Conditions {
        sender: when.sender,
        subjects: when.kind.iter().filter_map(|word| Subject::of_word(word)).collect(),
        has_patient: when.patient,
    }
}

pub(crate) async fn rule(context: &Context, command: RuleCommand, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let engine = &context.engine;
    match command {
        RuleCommand::List => list(context, output).await?,
        RuleCommand::Add { name, when, file, keyword, folder, also_existing } => {
            let known = engine.destinations().await?;
            let file = file.map(|name| named(&known, &name)).transpose()?;
            let rule =
                Rule { name, active: true, when: conditions(when), then: Actions { file, keyword, folder } };
            let also = if also_existing { engine.preview_rule(rule.clone()).await?.ids } else { Vec::new() };
            let id = engine.save_rule(None, rule, also.clone()).await?;
            if !also.is_empty() {
                engine.retry_rules().await?;
            }
            output.answer(&json!({"id": id, "also": also.len()}), || say!("{id}"));
        }
        RuleCommand::Preview { when } => {
            let rule =
                Rule { name: "-".to_owned(), active: true, when: conditions(when), then: Actions::default() };
            let preview = engine.preview_rule(rule).await?;
            output.answer(&preview, || {
                let counts =
                    [("count", preview.count.to_string()), ("looked", preview.looked_at.to_string())];
                let facts: Vec<(&str, &str)> = counts.iter().map(|(n, c)| (*n, c.as_str())).collect();
                say!("{}", output.wording.with("rule-preview", &facts));
                for row in &preview.messages {
                    say!("{:>6}  {}  {}  {}", row.id, output.when(row.date), row.from.label(), row.subject);
                }
            });
        }
        RuleCommand::Switch { id, switch } => {
            let known = engine.rules().await?.into_iter().find(|(known, _)| known.0 == id);
            let (id, mut rule) = known.ok_or_else(gone)?;
            rule.active = switch == Switch::On;
            engine.save_rule(Some(id), rule, Vec::new()).await?;
            output.answer(&json!({"id": id}), || {});
        }
        RuleCommand::Raise { id } => {
            engine.raise_rule(RuleId(id)).await?;
            output.answer(&json!({"id": id}), || {});
        }
        RuleCommand::Retry => {
            engine.retry_rules().await?;
            list(context, output).await?;
        }
        RuleCommand::Remove { id } => {
            engine.remove_rule(RuleId(id)).await?;
            output.answer(&json!({"removed": id}), || {});
        }
    }
    Ok(())
}

fn gone() -> Failure {
    Error::new(ErrorKind::NeedsUser, "rule-gone").into()
}

async fn list(context: &Context, output: &Output) -> Result<(), Failure> {
    let rules = context.engine.rules().await?;
    let troubles = context.engine.rule_troubles().await?;
    let all: Vec<_> = rules.iter().map(|(id, rule)| json!({"id": id, "rule": rule})).collect();
    let failed: Vec<_> = troubles
        .iter()
        .map(|t| {
            json!({"message": t.message, "rule": t.rule, "code": t.error.code(), "tries": t.tries,
                "next_try": t.next_try})
        })
        .collect();
    output.answer(&json!({"rules": all, "failed": failed}), || {
        for (id, rule) in &rules {
            let mark = if rule.active { "*" } else { " " };
            let kinds: Vec<&str> = rule.when.subjects.iter().map(|s| s.word()).collect();
            say!("{id:>4} {mark} {}  {}  {}", rule.name, rule.when.sender, kinds.join(","));
        }
        troubles.iter().for_each(|trouble| trouble_line(trouble, output));
    });
    Ok(())
}

fn trouble_line(trouble: &RuleTrouble, output: &Output) {
    let sentence = output.wording.error(&trouble.error);
    say!("! {}  {}  {} {}", trouble.message, trouble.rule, sentence.what, sentence.advice);
}
