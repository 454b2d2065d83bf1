//! The encrypted archive: made, joined, run, restored.

pub(super) mod view;

use std::path::PathBuf;

use iced::Task;

use super::super::folder_choice::FolderChoice;
use super::super::{Action, Notice};
use super::Message as Outer;
use super::security::write_private;
use crate::domain::id::FolderId;
use crate::domain::recovery::RecoveryCode;
use crate::engine::{ArchiveStatus, Archived, Engine, Error, Imported, Job, RestoreTo, Restored, Rhythm};
use crate::gui::platform;
use crate::gui::screen::welcome::Typed;
use crate::wording::{Language, Wording};

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// The archive, as the engine knows it.
    Read(Result<Option<ArchiveStatus>, Error>),
    /// Make one: asks where.
    Create,
    /// Where.
    Place(Option<PathBuf>),
    /// Join one that is there: asks where.
    Join,
    /// Where it is.
    JoinPlace(Option<PathBuf>),
    /// Its code is being typed.
    Typed(Typed),
    /// The code is typed.
    JoinNow,
    /// Save the page with the new code.
    SaveCode,
    /// Where to.
    SavePlace(Option<PathBuf>),
    /// It was saved, or not.
    Saved(Result<(), Error>),
    /// The user has the code: the archive is made.
    KeptCode,
    /// How often.
    Rhythm(Rhythm),
    /// Days after which the operator deletes messages.
    Retention(u32),
    /// Archive now.
    Run,
    /// A run ended.
    Ran(Result<Archived, Error>),
    /// Read messages out of it: asks as what.
    Restore,
    /// To one file, or to a folder of files: asks where.
    RestoreAs(bool),
    /// Where to.
    RestorePlace(bool, Option<PathBuf>),
    /// Back into a mailbox: asks which folder.
    RestoreBack,
    /// What there is to choose from.
    Folders(Result<FolderChoice, Error>),
    /// Into this one.
    RestoreInto(FolderId),
    /// Look for messages in it.
    Search,
    /// Put files of other programs into it: asks which.
    Import,
    /// Files; or a folder of them.
    ImportFrom(bool),
    /// Which.
    ImportFiles(Vec<PathBuf>),
    /// They are in it, or not.
    Imported(Result<Imported, Error>),
    /// They were read out, or not.
    Restored(Result<Restored, Error>),
    /// Look how far it is.
    Tick,
    /// End what is under way.
    Cancel,
    /// Archive there no more: asks first.
    Forget,
    /// Yes.
    ForgetNow,
    /// It is forgotten.
    Forgotten(Result<(), Error>),
    /// Close what is open.
    Leave,
    /// Something was changed, with the notice that says so, or not.
    Changed(&'static str, Result<ArchiveStatus, Error>),
}

pub(super) enum Dialog {
    /// The new code, shown once.
    Code {
        place: PathBuf,
        code: RecoveryCode,
        is_saved: bool,
        problem: Option<Error>,
    },
    /// The code of an archive that is there.
    Join {
        place: PathBuf,
        typed: Typed,
        problem: Option<Error>,
    },
    Restore,
    /// Which folder of a mailbox.
    RestoreInto(FolderChoice),
    Import,
    Forget,
}

/// What the section knows.
#[derive(Default)]
pub(super) struct Section {
    pub(super) status: Option<Result<Option<ArchiveStatus>, Error>>,
    pub(super) dialog: Option<Dialog>,
    pub(super) running: Option<Job>,
    pub(super) restored: Option<Restored>,
    pub(super) imported: Option<Imported>,
    pub(super) failure: Option<Error>,
    is_changing: bool,
}

impl Section {
    pub(super) fn read(engine: &Engine) -> Task<Outer> {
        let engine = engine.clone();
        Task::perform(async move { engine.archive_status().await }, |read| {
            Outer::Archive(Message::Read(read))
        })
    }

    /// Nothing is under way.
    pub(super) fn is_free(&self) -> bool {
        self.running.is_none() && !self.is_changing
    }

    pub(super) fn update(&mut self, engine: &Engine, language: Language, message: Message) -> Action<Outer> {
        match message {
            Message::Read(result) => self.status = Some(result),
            Message::Create => return pick(Message::Place),
            Message::Place(place) => self.show_code(engine, place),
            Message::Join => return pick(Message::JoinPlace),
            Message::JoinPlace(place) => self.ask_code(place),
            Message::Typed(typed) => self.typed(typed),
            Message::JoinNow => return self.join(engine),
            Message::SaveCode => return save(language),
            Message::SavePlace(path) => return self.write(language, path),
            Message::Saved(result) => self.saved(result),
            Message::KeptCode => return self.create(engine),
            Message::Rhythm(rhythm) => return self.set(engine, |s| s.rhythm = rhythm),
            Message::Retention(days) => return self.set(engine, |s| s.retention = days),
            Message::Run => return self.run(engine),
            Message::Ran(result) => return self.ran(engine, result),
            Message::Restore => self.dialog = Some(Dialog::Restore),
            Message::RestoreAs(is_file) => return self.ask_restore(language, is_file),
            Message::RestorePlace(_, None) => {}
            Message::RestorePlace(true, Some(path)) => return self.restore(engine, RestoreTo::Mbox(path)),
            Message::RestorePlace(false, Some(path)) => return self.restore(engine, RestoreTo::Folder(path)),
            Message::RestoreBack => {
                let engine = engine.clone();
                return Action::run(FolderChoice::read(engine), |read| {
                    Outer::Archive(Message::Folders(read))
                });
            }
            Message::Folders(Ok(choice)) => self.dialog = Some(Dialog::RestoreInto(choice)),
            Message::Folders(Err(error)) => (self.dialog, self.failure) = (None, Some(error)),
            Message::RestoreInto(folder) => return self.restore(engine, RestoreTo::Mailbox(folder)),
            Message::Search => return Action::SearchArchive(String::new()),
            Message::Import => self.dialog = Some(Dialog::Import),
            Message::ImportFrom(is_folder) => return pick_files(is_folder),
            Message::ImportFiles(files) => return self.import(engine, files),
            Message::Imported(result) => return self.was_imported(engine, result),
            Message::Restored(result) => self.was_restored(result),
            Message::Tick => {}
            Message::Cancel => self.running.iter().for_each(Job::cancel),
            Message::Forget => self.dialog = Some(Dialog::Forget),
            Message::ForgetNow => return self.forget(engine),
            Message::Forgotten(result) => return self.forgotten(engine, result),
            Message::Leave => self.dialog = None,
            Message::Changed(notice, result) => return self.changed(engine, notice, result),
        }
        Action::None
    }

    fn show_code(&mut self, engine: &Engine, place: Option<PathBuf>) {
        let Some(place) = place else { return };
        match engine.new_recovery_code() {
            Ok(code) => self.dialog = Some(Dialog::Code { place, code, is_saved: false, problem: None }),
            Err(error) => self.failure = Some(error),
        }
    }

    fn ask_code(&mut self, place: Option<PathBuf>) {
        if let Some(place) = place {
            self.dialog = Some(Dialog::Join { place, typed: Typed::default(), problem: None });
        }
    }

    fn typed(&mut self, text: Typed) {
        if let Some(Dialog::Join { typed, problem, .. }) = &mut self.dialog {
            (*typed, *problem) = (text, None);
        }
    }

    fn join(&mut self, engine: &Engine) -> Action<Outer> {
        let Some(Dialog::Join { place, typed, problem }) = &mut self.dialog else { return Action::None };
        match typed.code() {
            Ok(Some(code)) if !self.is_changing => {
                let (engine, place) = (engine.clone(), place.clone());
                self.is_changing = true;
                let work = async move { engine.join_archive(place, code).await };
                Action::run(work, |result| Outer::Archive(Message::Changed("notice-archive-joined", result)))
            }
            Ok(_) => Action::None,
            Err(error) => {
                *problem = Some(error);
                Action::None
            }
        }
    }

    fn write(&mut self, language: Language, path: Option<PathBuf>) -> Action<Outer> {
        let (Some(Dialog::Code { place, code, .. }), Some(path)) = (&self.dialog, path) else {
            return Action::None;
        };
        let now = jiff::Timestamp::now().as_second();
        let page = Wording::new(language).archive_page(code, &place.display().to_string(), now);
        let work = async move { tokio::task::spawn_blocking(move || write_private(&path, &page)).await };
        Action::run(work, |done| {
            let result = done.map_err(std::io::Error::other).and_then(|written| written);
            Outer::Archive(Message::Saved(result.map_err(Error::from)))
        })
    }

    fn saved(&mut self, result: Result<(), Error>) {
        if let Some(Dialog::Code { is_saved, problem, .. }) = &mut self.dialog {
            (*is_saved, *problem) = (result.is_ok(), result.err());
        }
    }

    fn create(&mut self, engine: &Engine) -> Action<Outer> {
        let Some(Dialog::Code { place, code, .. }) = &self.dialog else { return Action::None };
        if self.is_changing {
            return Action::None;
        }
        self.is_changing = true;
        let (engine, place, code) = (engine.clone(), place.clone(), code.clone());
        let work = async move { engine.create_archive(place, code).await };
        Action::run(work, |result| Outer::Archive(Message::Changed("notice-archive-made", result)))
    }

    fn set(&mut self, engine: &Engine, change: impl FnOnce(&mut ArchiveStatus)) -> Action<Outer> {
        let Some(Ok(Some(status))) = &mut self.status else { return Action::None };
        change(status);
        let (engine, rhythm, retention) = (engine.clone(), status.rhythm, status.retention);
        let work = async move { engine.set_archive_rhythm(rhythm, retention).await.map(Some) };
        Action::run(work, |result| Outer::Archive(Message::Read(result)))
    }

    fn run(&mut self, engine: &Engine) -> Action<Outer> {
        if !self.is_free() {
            return Action::None;
        }
        let (engine, job) = (engine.clone(), Job::new());
        self.begin(&job);
        Action::run(async move { engine.archive_now(job).await }, |result| {
            Outer::Archive(Message::Ran(result))
        })
    }

    fn ran(&mut self, engine: &Engine, result: Result<Archived, Error>) -> Action<Outer> {
        self.running = None;
        let read = Action::Run(Self::read(engine));
        match result {
            Ok(_) => Action::Many(vec![read, Action::Tell(Notice::Done("notice-archived"))]),
            Err(error) => {
                self.failure = Some(error).filter(|error| error.code() != "cancelled");
                read
            }
        }
    }

    fn ask_restore(&mut self, language: Language, is_file: bool) -> Action<Outer> {
        self.dialog = None;
        let name = Wording::new(language).text("archive-restore-name");
        let name = if is_file { format!("{name}.mbox") } else { name };
        Action::run(platform::save_file(String::new(), name), move |path| {
            Outer::Archive(Message::RestorePlace(is_file, path))
        })
    }

    fn restore(&mut self, engine: &Engine, to: RestoreTo) -> Action<Outer> {
        self.dialog = None;
        let (Some(Ok(Some(status))), true) = (&self.status, self.is_free()) else { return Action::None };
        let (engine, place, job) = (engine.clone(), status.place.clone(), Job::new());
        self.begin(&job);
        let work = async move { engine.restore_archive(place, None, to, false, job).await };
        Action::run(work, |result| Outer::Archive(Message::Restored(result)))
    }

    /// Something is under way; what was told before is over.
    fn begin(&mut self, job: &Job) {
        self.running = Some(job.clone());
        (self.failure, self.restored, self.imported) = (None, None, None);
    }

    fn import(&mut self, engine: &Engine, files: Vec<PathBuf>) -> Action<Outer> {
        if files.is_empty() || !self.is_free() {
            return Action::None;
        }
        self.dialog = None;
        let (engine, job) = (engine.clone(), Job::new());
        self.begin(&job);
        let work = async move { engine.import_into_archive(files, job).await };
        Action::run(work, |result| Outer::Archive(Message::Imported(result)))
    }

    fn was_imported(&mut self, engine: &Engine, result: Result<Imported, Error>) -> Action<Outer> {
        self.running = None;
        match result {
            Ok(imported) => self.imported = Some(imported),
            Err(error) => self.failure = Some(error).filter(|error| error.code() != "cancelled"),
        }
        Action::Run(Self::read(engine))
    }

    fn was_restored(&mut self, result: Result<Restored, Error>) {
        self.running = None;
        match result {
            Ok(restored) => self.restored = Some(restored),
            Err(error) => self.failure = Some(error).filter(|error| error.code() != "cancelled"),
        }
    }

    fn forget(&mut self, engine: &Engine) -> Action<Outer> {
        self.dialog = None;
        let engine = engine.clone();
        Action::run(async move { engine.forget_archive().await }, |result| {
            Outer::Archive(Message::Forgotten(result))
        })
    }

    fn forgotten(&mut self, engine: &Engine, result: Result<(), Error>) -> Action<Outer> {
        self.failure = result.err();
        Action::Run(Self::read(engine))
    }

    fn changed(
        &mut self,
        engine: &Engine,
        notice: &'static str,
        result: Result<ArchiveStatus, Error>,
    ) -> Action<Outer> {
        self.is_changing = false;
        match (result, &mut self.dialog) {
            (Ok(status), _) => {
                self.status = Some(Ok(Some(status)));
                self.dialog = None;
                // what is there is worth archiving at once
                Action::Many(vec![Action::Tell(Notice::Done(notice)), self.run(engine)])
            }
            (Err(error), Some(Dialog::Code { problem, .. } | Dialog::Join { problem, .. })) => {
                *problem = Some(error);
                Action::None
            }
            (Err(error), _) => {
                self.failure = Some(error);
                Action::None
            }
        }
    }
}

fn pick_files(is_folder: bool) -> Action<Outer> {
    let files = async move {
        if is_folder {
            platform::pick_folder(String::new()).await.into_iter().collect()
        } else {
            platform::pick_files(String::new()).await
        }
    };
    Action::run(files, |files| Outer::Archive(Message::ImportFiles(files)))
}

fn pick(wrap: fn(Option<PathBuf>) -> Message) -> Action<Outer> {
    Action::run(platform::pick_folder(String::new()), move |place| Outer::Archive(wrap(place)))
}

fn save(language: Language) -> Action<Outer> {
    let name = Wording::new(language).text("archive-code-file");
    Action::run(platform::save_file(String::new(), name), |path| Outer::Archive(Message::SavePlace(path)))
}
