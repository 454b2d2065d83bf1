//! What opens the data on this computer: reading offline, the recovery code, cards, another key.

pub(super) mod view;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use iced::Task;
use zeroize::Zeroizing;

use super::super::{Action, Notice};
use super::Message as Outer;
use crate::domain::recovery::RecoveryCode;
use crate::engine::{Engine, Error, KeySlot, Security};
use crate::gui::platform;
use crate::wording::{Language, Wording};

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// The ways in, as the engine knows them.
    Read(Result<Security, Error>),
    /// Reading without the card is allowed or not.
    Offline(bool),
    /// Make a recovery code and show it.
    MakeCode,
    /// Save the page with the code.
    SaveCode,
    /// Where to.
    Place(Option<PathBuf>),
    /// It was saved, or not.
    Saved(Result<(), Error>),
    /// The user has the code: it opens the store from now on.
    KeptCode,
    /// Take a way in away: asks first.
    Remove(KeySlot),
    /// Change the key: asks first.
    Rotate,
    /// Yes, do what was asked.
    Confirm,
    /// No, leave it.
    Leave,
    /// Something was changed, with the notice that says so, or not.
    Changed(&'static str, Result<Security, Error>),
}

/// What a recovery code is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be a way in.
    WayIn,
    /// To be one to the new key.
    NewKey,
}

pub(super) enum Dialog {
    Code { code: RecoveryCode, purpose: Purpose, saving: Saving },
    Remove(KeySlot),
    Rotate,
}

/// The page with the code.
pub(super) enum Saving {
    Not,
    Running,
    Done,
    Failed(Error),
}

/// What the section knows.
#[derive(Default)]
pub(super) struct Section {
    pub(super) security: Option<Result<Security, Error>>,
    pub(super) dialog: Option<Dialog>,
    /// A change is under way; true for the long one.
    pub(super) busy: Option<bool>,
    pub(super) failure: Option<Error>,
}

impl Section {
    pub(super) fn read(engine: &Engine) -> Task<Outer> {
        let engine = engine.clone();
        Task::perform(async move { engine.security().await }, |read| Outer::Security(Message::Read(read)))
    }

    pub(super) fn update(&mut self, engine: &Engine, language: Language, message: Message) -> Action<Outer> {
        match message {
            Message::Read(result) => self.security = Some(result),
            Message::Offline(allowed) => return self.offline(engine, allowed),
            Message::MakeCode => return self.show_code(engine, Purpose::WayIn),
            Message::SaveCode => return self.save(language),
            Message::Place(path) => return self.write(language, path),
            Message::Saved(result) => self.saved(result),
            Message::KeptCode => return self.kept(engine),
            Message::Remove(slot) => self.dialog = Some(Dialog::Remove(slot)),
            Message::Rotate => self.dialog = Some(Dialog::Rotate),
            Message::Confirm => return self.confirmed(engine),
            Message::Leave => self.dialog = None,
            Message::Changed(notice, result) => return self.changed(engine, notice, result),
        }
        Action::None
    }

    fn has_recovery(&self) -> bool {
        matches!(&self.security, Some(Ok(security)) if security.recovery)
    }

    fn change(
        &mut self,
        is_long: bool,
        notice: &'static str,
        work: impl Future<Output = Result<Security, Error>> + Send + 'static,
    ) -> Action<Outer> {
        (self.busy, self.failure, self.dialog) = (Some(is_long), None, None);
        Action::run(work, move |result| Outer::Security(Message::Changed(notice, result)))
    }

    fn offline(&mut self, engine: &Engine, allowed: bool) -> Action<Outer> {
        if self.busy.is_some() {
            return Action::None;
        }
        let notice = if allowed { "notice-security-offline-on" } else { "notice-security-offline-off" };
        let engine = engine.clone();
        self.change(false, notice, async move { engine.set_offline(allowed).await })
    }

    fn show_code(&mut self, engine: &Engine, purpose: Purpose) -> Action<Outer> {
        match engine.new_recovery_code() {
            Ok(code) => self.dialog = Some(Dialog::Code { code, purpose, saving: Saving::Not }),
            Err(error) => self.failure = Some(error),
        }
        Action::None
    }

    fn save(&self, language: Language) -> Action<Outer> {
        let name = Wording::new(language).text("security-recovery-file");
        Action::run(platform::save_file(String::new(), name), |path| Outer::Security(Message::Place(path)))
    }

    fn write(&mut self, language: Language, path: Option<PathBuf>) -> Action<Outer> {
        let (Some(Dialog::Code { code, saving, .. }), Some(path)) = (&mut self.dialog, path) else {
            return Action::None;
        };
        *saving = Saving::Running;
        let page = Wording::new(language).recovery_page(code, jiff::Timestamp::now().as_second());
        let work = async move { tokio::task::spawn_blocking(move || write_private(&path, &page)).await };
        Action::run(work, |done| {
            let failed = |e: std::io::Error| Error::from(e);
            let result = done.map_err(std::io::Error::other).and_then(|written| written).map_err(failed);
            Outer::Security(Message::Saved(result))
        })
    }

    fn saved(&mut self, result: Result<(), Error>) {
        if let Some(Dialog::Code { saving, .. }) = &mut self.dialog {
            *saving = result.map_or_else(Saving::Failed, |()| Saving::Done);
        }
    }

    fn kept(&mut self, engine: &Engine) -> Action<Outer> {
        let Some(Dialog::Code { code, purpose, .. }) = self.dialog.take() else { return Action::None };
        let engine = engine.clone();
        match purpose {
            Purpose::WayIn => {
                self.change(
                    false,
                    "notice-security-recovery",
                    async move { engine.set_recovery_code(code).await },
                )
            }
            Purpose::NewKey => self
                .change(true, "notice-security-rotated", async move { engine.rotate_key(Some(code)).await }),
        }
    }

    fn confirmed(&mut self, engine: &Engine) -> Action<Outer> {
        let owner = engine.clone();
        match self.dialog.take() {
            Some(Dialog::Remove(slot)) => {
                self.change(false, "notice-security-removed", async move { owner.remove_slot(slot.id).await })
            }
            // the old code goes with the old key: the new one first
            Some(Dialog::Rotate) if self.has_recovery() => self.show_code(engine, Purpose::NewKey),
            Some(Dialog::Rotate) => {
                self.change(true, "notice-security-rotated", async move { owner.rotate_key(None).await })
            }
            other => {
                self.dialog = other;
                Action::None
            }
        }
    }

    fn changed(
        &mut self,
        engine: &Engine,
        notice: &'static str,
        result: Result<Security, Error>,
    ) -> Action<Outer> {
        self.busy = None;
        match result {
            Ok(security) => {
                self.security = Some(Ok(security));
                Action::Tell(Notice::Done(notice))
            }
            Err(error) => {
                self.failure = Some(error);
                Action::Run(Self::read(engine))
            }
        }
    }
}

/// A file for its owner's eyes, on the disk.
pub(super) fn write_private(path: &Path, page: &Zeroizing<String>) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(page.as_bytes())?;
    file.sync_all()
}
