//! `estafettectl export` and `import`.

use std::path::PathBuf;

use estafette::domain::id::{MessageId, PatientId};
use estafette::engine::{ExportForm, Imported, Job, Selection};
use serde_json::json;

use crate::args::{ExportArgs, Form};
use crate::mail::{find_folder, handed_over};
use crate::output::{Failure, Output, say};
use crate::session::Context;

pub(crate) async fn export(context: &Context, args: ExportArgs, output: &Output) -> Result<(), Failure> {
    context.online().await?;
    let selection = match (&args.folder, args.patient) {
        (Some(path), _) => Selection::Folder(find_folder(context, Some(path)).await?.id),
        (None, Some(patient)) => Selection::Patient(PatientId(patient)),
        (None, None) => Selection::Messages(args.ids.into_iter().map(MessageId).collect()),
    };
    let form = match args.form {
        Form::Eml => ExportForm::Eml,
        Form::Folder => ExportForm::Folder,
        Form::Mbox => ExportForm::Mbox,
        Form::Patients => ExportForm::Patients,
    };
    if form == ExportForm::Eml && !matches!(&selection, Selection::Messages(ids) if ids.len() == 1) {
        return Err(Failure::Usage("eml is one message: --form folder for several".to_owned()));
    }
    let exported = context.engine.export(selection, form, args.out, Job::new()).await?;
    output.answer(&exported, || {
        let (messages, path) = (exported.messages.to_string(), exported.path.display().to_string());
        say!("{}", output.wording.with("cli-exported", &[("messages", &messages), ("path", &path)]));
        if exported.missing > 0 {
            let count = exported.missing.to_string();
            say!("{}", output.wording.with("cli-export-missing", &[("count", &count)]));
        }
    });
    Ok(())
}

pub(crate) async fn import(
    context: &Context,
    files: Vec<PathBuf>,
    folder: Option<String>,
    output: &Output,
) -> Result<(), Failure> {
    context.online().await?;
    let folder = find_folder(context, folder.as_deref()).await?;
    let imported = context.engine.import(files, folder.id, Job::new()).await?;
    let on_server = handed_over(context).await?;
    let mut value = json!(imported);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("on_server".to_owned(), on_server.into());
    }
    told(&imported, &value, output);
    Ok(())
}

pub(crate) async fn import_into_archive(
    context: &Context,
    files: Vec<PathBuf>,
    output: &Output,
) -> Result<(), Failure> {
    context.offline().await?;
    let imported = context.engine.import_into_archive(files, Job::new()).await?;
    told(&imported, &json!(imported), output);
    Ok(())
}

fn told(imported: &Imported, value: &serde_json::Value, output: &Output) {
    output.answer(value, || {
        let numbers = [
            ("added", imported.added.to_string()),
            ("duplicates", imported.duplicates.to_string()),
            ("unreadable", imported.unreadable.to_string()),
            ("too_large", imported.too_large.to_string()),
        ];
        let values: Vec<(&str, &str)> = numbers.iter().map(|(name, n)| (*name, n.as_str())).collect();
        say!("{}", output.wording.with("cli-imported", &values));
    });
}
