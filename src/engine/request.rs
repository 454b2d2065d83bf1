//! What other programs of this computer ask for, by links: handed over to the program that runs, and looked up.

use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use super::work::blocking;
use super::{Engine, Error, ErrorKind, Kind, Result, document};
use crate::domain::draft::DraftAttachment;
use crate::domain::id::MessageId;
use crate::domain::link::{LONGEST_LINK, LinkError};
use crate::instance::{self, Handed};

/// Links that wait to be looked at.
const WAITING: usize = 4;
/// Largest file another program may propose, in bytes: larger than any operator takes.
const LARGEST_FILE: u64 = 100 << 20;

/// Links that come in, one after the other.
#[derive(Debug)]
pub struct Links(mpsc::Receiver<String>);

impl Links {
    /// The next one, as it was written: read it by [`Link::parse`](crate::domain::link::Link::parse). `None` when no more can come. Cancel-safe.
    pub async fn next(&mut self) -> Option<String> {
        self.0.recv().await
    }
}

/// A file another program proposes to attach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        let field = match &error {
            LinkError::Field(name) | LinkError::Value(name) => name.clone(),
            LinkError::Missing(name) => (*name).to_owned(),
            LinkError::Length | LinkError::Action => String::new(),
        };
        let code = if field.is_empty() { "link-refused" } else { "link-field-refused" };
        Self::new(ErrorKind::Corrupt, code).with("field", field).caused_by(error)
    }
}

/// Hands a link to the program that runs on a profile; false when none does. One that is refused is handed over too: the
/// program with the window tells, and no second one is started. Needs a tokio runtime.
///
/// # Errors
/// `program-silent` when the program that runs does not take it.
pub async fn hand_over(profile: &Path, link: &str) -> Result<bool> {
    // cut short it could mean something else
    let link = if link.len() > LONGEST_LINK { "" } else { link };
    match instance::hand_over(profile, link).await {
        Ok(Handed::Taken) => Ok(true),
        Ok(Handed::Nobody) => Ok(false),
        Err(error) => Err(Error::new(ErrorKind::NeedsUser, "program-silent").caused_by(error)),
    }
}

impl Engine {
    /// Listens for links that later starts of the program hand over, as long as the answer is kept. In practice mode
    /// none come.
    pub fn links(&self) -> Links {
        let (found, links) = mpsc::channel(WAITING);
        if let Kind::Real { reach, .. } = &self.inner.kind {
            let profile = reach.profile().to_owned();
            self.inner.handle.spawn(async move {
                if let Err(error) = instance::listen(&profile, found).await {
                    tracing::warn!(kind = ?error.kind(), "links of other programs cannot come in");
                }
            });
        }
        Links(links)
    }

    /// The message of a Message-ID, one outside the bin before others.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn message_of(&self, message_id: String) -> Result<MessageId> {
        let found = self.with_store(move |s| s.message_of(&message_id)).await?;
        found.ok_or_else(super::mail::not_found)
    }

    /// Looks at a file another program proposes to attach; nothing is read.
    ///
    /// # Errors
    /// `file-not-offered` for anything but an ordinary file of the user outside hidden folders and the profile;
    /// `input-too-large`.
    pub async fn offered_file(&self, path: PathBuf) -> Result<OfferedFile> {
        let profile = self.profile_folder();
        self.on_runtime(blocking(move || {
            let (_, size) = open_offered(&path, profile.as_deref())?;
            Ok(OfferedFile { path, size })
        }))
        .await
    }

    /// Reads a file the user agreed to attach.
    ///
    /// # Errors
    /// As [`Engine::offered_file`].
    pub async fn take_offered_file(&self, path: PathBuf) -> Result<DraftAttachment> {
        let profile = self.profile_folder();
        self.on_runtime(blocking(move || {
            use std::io::Read;
            let (file, size) = open_offered(&path, profile.as_deref())?;
            let mut content = Vec::new();
            file.take(size + 1).read_to_end(&mut content)?;
            if content.len() as u64 != size {
                // it is still being written
                return Err(not_offered(&path));
            }
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            Ok(DraftAttachment { media_type: document::media_type(&name).to_owned(), name, content })
        }))
        .await
    }

    fn profile_folder(&self) -> Option<PathBuf> {
        match &self.inner.kind {
            Kind::Real { reach, .. } => Some(reach.profile().to_owned()),
            Kind::Practice => None,
        }
    }
}

fn not_offered(path: &Path) -> Error {
    Error::new(ErrorKind::NeedsUser, "file-not-offered").with("path", path.display())
}

/// Opens an ordinary file of the user. A web page can propose any path: what is hidden, what only points elsewhere and
/// what belongs to others is not for sending.
fn open_offered(path: &Path, profile: Option<&Path>) -> Result<(std::fs::File, u64)> {
    let refused = || not_offered(path);
    // the whole way, so that no link of a folder leads into a hidden one
    let real = std::fs::canonicalize(path).map_err(|_| refused())?;
    let hidden = |p: &Path| p.components().any(|c| c.as_os_str().as_encoded_bytes().starts_with(b"."));
    let in_profile = profile.and_then(|p| std::fs::canonicalize(p).ok()).is_some_and(|p| real.starts_with(p));
    if !path.is_absolute() || hidden(&real) || in_profile {
        return Err(refused());
    }
    let metadata = std::fs::symlink_metadata(&real).map_err(|_| refused())?;
    if !metadata.is_file() || !platform::is_own(&metadata) {
        return Err(refused());
    }
    let file = platform::open(&real).map_err(|_| refused())?;
    // what was opened is what was looked at
    let opened = file.metadata().map_err(|_| refused())?;
    if !opened.is_file() || !platform::is_own(&opened) {
        return Err(refused());
    }
    // what the system makes up as it is read has no size
    if opened.len() == 0 {
        return Err(refused());
    }
    if opened.len() > LARGEST_FILE {
        return Err(Error::new(ErrorKind::Corrupt, "input-too-large"));
    }
    Ok((file, opened.len()))
}

#[cfg(unix)]
mod platform {
    use std::fs::{File, Metadata, OpenOptions};
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    use std::path::Path;

    use rustix::fs::OFlags;

    pub(super) fn is_own(metadata: &Metadata) -> bool {
        metadata.uid() == rustix::process::geteuid().as_raw()
    }

    /// Neither a link nor a pipe that would wait for ever, whatever took the file's place meanwhile.
    pub(super) fn open(path: &Path) -> std::io::Result<File> {
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        OpenOptions::new().read(true).custom_flags(flags).open(path)
    }
}

#[cfg(not(unix))]
mod platform {
    use std::fs::{File, Metadata};
    use std::path::Path;

    /// What the user cannot read cannot be opened.
    pub(super) fn is_own(_metadata: &Metadata) -> bool {
        true
    }

    pub(super) fn open(path: &Path) -> std::io::Result<File> {
        File::open(path)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn attack_47_only_ordinary_files_of_the_user_are_taken_from_other_programs() {
        // a folder that is not hidden, whatever the system's temporary one is
        let dir = tempfile::Builder::new().prefix("offre").tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("cr.pdf"), "%PDF-").unwrap();
        assert_eq!(open_offered(&at("cr.pdf"), None).unwrap().1, 5);
        std::fs::create_dir(at(".ssh")).unwrap();
        std::fs::write(at(".ssh/id"), "x").unwrap();
        std::fs::write(at(".netrc"), "x").unwrap();
        std::os::unix::fs::symlink(at(".ssh/id"), at("lien.pdf")).unwrap();
        std::os::unix::fs::symlink(at(".ssh"), at("dossier")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("pipe.pdf")).unwrap();
        for name in [".ssh/id", ".netrc", "lien.pdf", "dossier/id", "pipe.pdf", "absent.pdf", ""] {
            assert_eq!(open_offered(&at(name), None).unwrap_err().code(), "file-not-offered", "{name}");
        }
        for path in ["cr.pdf", "/dev/zero", "/proc/self/environ"] {
            assert_eq!(open_offered(Path::new(path), None).unwrap_err().code(), "file-not-offered", "{path}");
        }
        assert_eq!(open_offered(&at("cr.pdf"), Some(dir.path())).unwrap_err().code(), "file-not-offered");
    }
}
