//! `estafettectl document show`.

use std::io::Read;

use serde_json::json;

use estafette::domain::message::Defect;

use crate::args::DocumentCommand;
use crate::output::{Failure, Output, say};

/// Larger than any operator takes.
const LIMIT: u64 = 100 << 20;

pub(crate) fn run(command: &DocumentCommand, output: &Output) -> Result<(), Failure> {
    let DocumentCommand::Show { file } = command;
    let failed = |e: std::io::Error| Failure::Usage(format!("{}: {e}", file.display()));
    let mut raw = Vec::new();
    std::fs::File::open(file).map_err(failed)?.take(LIMIT + 1).read_to_end(&mut raw).map_err(failed)?;
    if raw.len() as u64 > LIMIT {
        return Err(Failure::Input("input-too-large"));
    }
    let document = estafette::engine::read_document(&raw).ok_or(Failure::Input("input-unreadable"))?;
    let warnings = &document.warnings;
    let value = json!({
        "kind": document.kind,
        "title": document.title,
        "patient": document.patient,
        "author": document.author,
        "documents": document.documents,
        "text": document.text,
        "warnings": warnings,
    });
    output.answer(&value, || {
        say!("{}\n{}\n", document.title, document.author.label());
        say!("{}", document.text);
        for attachment in &document.documents {
            say!("[{}] {} ({})", attachment.index, attachment.name, output.wording.size(attachment.size));
        }
        for warning in warnings {
            say!("! {}", output.wording.text(&format!("cli-defect-{}", defect_word(*warning))));
        }
    });
    Ok(())
}

/// A defect as the end of a key.
fn defect_word(defect: Defect) -> &'static str {
    match defect {
        Defect::Unreadable => "unreadable",
        Defect::Truncated => "truncated",
        Defect::GuessedCharset => "guessed-charset",
        Defect::ActiveContentRemoved => "active-content-removed",
        Defect::BadDate => "bad-date",
    }
}
