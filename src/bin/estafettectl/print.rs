//! `estafettectl print`.

use std::io::Write;
use std::path::Path;

use estafette::domain::id::MessageId;
use estafette::engine::Printable;
use serde_json::json;

use crate::output::{Failure, Output, say};
use crate::session::Context;

pub(crate) async fn run(
    context: &Context,
    id: i64,
    document: Option<usize>,
    out: &Path,
    output: &Output,
) -> Result<(), Failure> {
    context.online().await?;
    let number = match document {
        Some(0) => return Err(Failure::Usage("documents are numbered from 1".to_owned())),
        number => number.map(|n| n - 1),
    };
    let (pdf, as_it_is) = match context.engine.printable(MessageId(id), number).await? {
        Printable::Pdf { bytes, .. } => (bytes, true),
        Printable::Paper(paper) => (context.engine.print(output.wording.sheet(&paper)).await?, false),
    };
    let failed = |error: std::io::Error| Failure::Usage(format!("{}: {error}", out.display()));
    // never over another file
    let mut file = std::fs::File::create_new(out).map_err(failed)?;
    file.write_all(&pdf).and_then(|()| file.sync_all()).map_err(failed)?;
    let value = json!({"out": out, "bytes": pdf.len(), "as_it_is": as_it_is});
    output.answer(&value, || say!("{}", out.display()));
    Ok(())
}
