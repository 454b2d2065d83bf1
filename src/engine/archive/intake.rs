//! Files of messages straight into the archive: old mail of another program, which no server has room for or should see.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::run::{Filling, extended};
use crate::archive::{Entry, digest_of, hex};
use crate::engine::import::source::{self, Coming};
use crate::engine::import::{Imported, content_digest};
use crate::engine::job::Job;
use crate::engine::work::blocking;
use crate::engine::{Engine, Error, ErrorKind, Result, clock};
use crate::mime;

impl Engine {
    /// Puts the messages of files into the archive, not into a mailbox: no server gets them, and they are found as
    /// archived ones are. What the archive has already is passed over. All of the archive is verified first and what was
    /// written is read back.
    ///
    /// # Errors
    /// Those of [`Engine::archive_now`]; `import-format` for a file that holds no messages: nothing is added then.
    pub async fn import_into_archive(&self, files: Vec<PathBuf>, job: Job) -> Result<Imported> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let mut imported = Imported::default();
            extended(&session, &job, |filling| {
                let mut seen = HashSet::new();
                for file in &files {
                    let folder = name(file);
                    let left_out = source::each(file, |coming| {
                        filling.check()?;
                        take(filling, &mut seen, &mut imported, &folder, coming)
                    })?;
                    imported.unreadable += left_out.unreadable;
                    imported.too_large += left_out.too_large;
                }
                if imported == Imported::default() {
                    return Err(Error::new(ErrorKind::Corrupt, "import-format"));
                }
                Ok(())
            })?;
            session.store.add_trace(clock::now(), "imported", None, None)?;
            Ok(imported)
        }))
        .await
    }
}

fn take(
    filling: &mut Filling<'_>,
    seen: &mut HashSet<[u8; 32]>,
    imported: &mut Imported,
    folder: &str,
    coming: Coming,
) -> Result<()> {
    let envelope = mime::parse_header(&coming.raw).envelope;
    if envelope.from.is_empty() && envelope.date.is_none() && envelope.message_id.is_none() {
        imported.unreadable += 1;
        return Ok(());
    }
    let date = coming.date.or(envelope.date).unwrap_or_else(clock::now);
    let is_known = match &envelope.message_id {
        Some(id) => filling.session.store.is_in_archive(id, envelope.date.unwrap_or(date))?,
        None => false,
    };
    if is_known || !seen.insert(content_digest(envelope.message_id.as_deref(), &coming.raw)) {
        imported.duplicates += 1;
        return Ok(());
    }
    let digest = digest_of(&coming.raw);
    let entry = Entry {
        digest: hex(&digest),
        account: String::new(),
        folder: folder.to_owned(),
        date: envelope.date.unwrap_or(date),
        flags: coming.flags,
        from: envelope.from.first().map(|from| from.label().to_owned()).unwrap_or_default(),
        subject: envelope.subject,
    };
    if filling.put(&entry, digest, &coming.raw)? {
        imported.added += 1;
    } else {
        imported.duplicates += 1;
    }
    Ok(())
}

/// What its messages are found under, in place of a folder.
fn name(file: &Path) -> String {
    let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    mime::safe_name(&name).chars().take(80).collect()
}
