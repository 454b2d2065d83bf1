//! `estafettectl patient`.

use estafette::domain::id::{MentionId, MessageId, PatientId};
use estafette::domain::patient::{Mention, PatientRow};
use serde_json::json;

use crate::args::PatientCommand;
use crate::output::{Failure, Output, say};
use crate::session::Context;

pub(crate) async fn run(context: &Context, command: PatientCommand, output: &Output) -> Result<(), Failure> {
    context.offline().await?;
    let engine = &context.engine;
    let wording = &output.wording;
    match command {
        PatientCommand::List { query, limit } => {
            let found = engine.patients(&query, 0..limit).await?;
            output.answer(&found, || {
                found.patients.iter().for_each(|patient| say!("{}", line(patient, output)));
                if found.unattached > 0 {
                    let count = found.unattached.to_string();
                    say!("{}", wording.with("patient-waiting", &[("count", &count)]));
                }
            });
        }
        PatientCommand::Show { id } => {
            let file = engine.patient(PatientId(id)).await?;
            output.answer(&file, || {
                say!("{}", line(&file.patient, output));
                file.merged.iter().for_each(|merged| say!("  = {}", line(merged, output)));
                for entry in &file.entries {
                    let when = output.when(entry.message.date);
                    say!("{:>6}  {when:>10}  {}", entry.message.id.0, entry.message.subject);
                    documents(&entry.mention);
                }
            });
        }
        PatientCommand::Biology { id } => {
            let trends = engine.biology(PatientId(id)).await?;
            output.answer(&trends, || {
                for trend in &trends {
                    let values: Vec<String> = trend
                        .values
                        .iter()
                        .map(|v| format!("{} ({})", v.value, v.date.get(..10).unwrap_or(&v.date)))
                        .collect();
                    say!("{} [{}]  {}", trend.label, trend.unit, values.join("  "));
                }
            });
        }
        PatientCommand::Of { message } => {
            let mentions = engine.mentions(MessageId(message)).await?;
            let replacements = engine.replacements(MessageId(message)).await?;
            let answer = json!({
                "mentions": mentions.iter().map(|(mention, patient)| json!({"mention": mention, "patient": patient}))
                    .collect::<Vec<_>>(),
                "replacements": replacements,
            });
            output.answer(&answer, || {
                for (mention, patient) in &mentions {
                    let patient = patient.as_ref().map(|p| line(p, output));
                    let patient = patient.unwrap_or_else(|| wording.text("patient-none"));
                    say!("{:>6}  {}  → {patient}", mention.id.0, mention.traits.name);
                    documents(mention);
                }
                replacements.iter().for_each(|r| say!("  {} → {}", r.old_id, r.new_id));
            });
        }
        PatientCommand::Waiting { limit } => {
            let found = engine.unattached(0..limit).await?;
            output.answer(&found, || {
                for waiting in &found.mentions {
                    let traits = &waiting.mention.traits;
                    let born = traits.birth_date.as_deref().unwrap_or("?");
                    say!("{:>6}  {}  {born}  {}", waiting.mention.id.0, traits.name, waiting.message.subject);
                    for candidate in &waiting.candidates {
                        let why = wording.likeness(candidate.likeness);
                        say!("        ? {}  ({why})", line(&candidate.patient, output));
                    }
                }
            });
        }
        PatientCommand::Attach { mention, patient, alike } => {
            engine.attach(MentionId(mention), PatientId(patient), alike).await?;
            output.answer(&json!({"patient": patient}), || {});
        }
        PatientCommand::New { mention, alike } => {
            let patient = engine.new_patient(MentionId(mention), alike).await?;
            output.answer(&json!({"patient": patient}), || {
                if let Some(patient) = patient {
                    say!("{patient}");
                }
            });
        }
        PatientCommand::Leave { mention } => {
            engine.leave_mention(MentionId(mention)).await?;
            output.answer(&json!({}), || {});
        }
        PatientCommand::Detach { mention } => {
            engine.detach(MentionId(mention)).await?;
            output.answer(&json!({}), || {});
        }
        PatientCommand::Merge { from, into } => {
            engine.merge_patients(PatientId(from), PatientId(into)).await?;
            output.answer(&json!({"patient": into}), || {});
        }
        PatientCommand::Part { id } => {
            engine.part_patients(PatientId(id)).await?;
            output.answer(&json!({"patient": id}), || {});
        }
        PatientCommand::Replace { old, new, refuse, undo } => {
            let accepted = (!undo).then_some(!refuse);
            engine.judge_replacement(&old, &new, accepted).await?;
            output.answer(&json!({"accepted": accepted}), || {});
        }
        PatientCommand::Reopen => {
            let opened = engine.reopen_documents().await?;
            output.answer(&json!({"messages": opened}), || say!("{opened}"));
        }
    }
    Ok(())
}

fn line(patient: &PatientRow, output: &Output) -> String {
    let traits = &patient.traits;
    let born = traits.birth_date.as_deref().unwrap_or("?");
    let ins = traits.ins.as_ref().map_or(String::new(), |ins| format!("  INS {}", ins.matricule));
    let last = patient.last.map(|at| output.when(at)).unwrap_or_default();
    let mark = if patient.conflict { "  ⚠" } else { "" };
    format!("{:>6}  {}  {born}{ins}  {} × {last}{mark}", patient.id.0, traits.name, patient.messages)
}

fn documents(mention: &Mention) {
    for document in &mention.documents {
        let replaced = if document.replaced_by.is_some() { " (×)" } else { "" };
        say!("          · {}{replaced}", document.title);
    }
}
