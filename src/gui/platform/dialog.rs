//! Dialogs of files: the system's, or, where it has none, a question the program's own window asks.
//!
//! Linux has a dialog where a desktop portal chooses files or where zenity is installed; a bare window manager has
//! neither, and a click that opens nothing would say nothing.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures::Stream;
use futures::channel::{mpsc, oneshot};

use crate::engine::open_to_others;

/// What is to be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A file to read.
    File,
    /// A folder.
    Folder,
    /// Where to write a new file of this name.
    Place(String),
}

/// A question for the user. It counts as given up when the last copy of it is dropped.
#[derive(Clone)]
pub struct Question {
    /// What it is for; may be empty.
    pub title: String,
    /// What is to be chosen.
    pub wanted: Wanted,
    answer: Arc<Mutex<Option<oneshot::Sender<PathBuf>>>>,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Question")
    }
}

impl Question {
    /// A question, and what waits for its answer.
    pub fn new(title: String, wanted: Wanted) -> (Self, oneshot::Receiver<PathBuf>) {
        let (sender, receiver) = oneshot::channel();
        (Self { title, wanted, answer: Arc::new(Mutex::new(Some(sender))) }, receiver)
    }

    /// The user has chosen.
    pub fn answer(&self, path: PathBuf) {
        let sender = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // nobody waits any more when what asked has ended
        let _ = sender.map(|sender| sender.send(path));
    }
}

/// Who shows the questions.
static LISTENER: Mutex<Option<mpsc::UnboundedSender<Question>>> = Mutex::new(None);

/// The questions from now on, for the window that shows them.
pub fn questions() -> impl Stream<Item = Question> {
    let (sender, receiver) = mpsc::unbounded();
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
    receiver
}

async fn ask(title: String, wanted: Wanted) -> Option<PathBuf> {
    let (question, answer) = Question::new(title, wanted);
    let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner).clone();
    listener?.unbounded_send(question).ok()?;
    answer.await.ok()
}

/// Lets the user choose one file to read.
pub async fn pick_file(title: String) -> Option<PathBuf> {
    if !has_dialogs().await {
        return ask(title, Wanted::File).await;
    }
    let _visit = open_to_others();
    let dialog = rfd::AsyncFileDialog::new().set_title(title);
    dialog.pick_file().await.map(|file| file.path().to_owned())
}

/// Lets the user choose files to read.
pub async fn pick_files(title: String) -> Vec<PathBuf> {
    if !has_dialogs().await {
        return ask(title, Wanted::File).await.into_iter().collect();
    }
    let _visit = open_to_others();
    let dialog = rfd::AsyncFileDialog::new().set_title(title);
    let files = dialog.pick_files().await.unwrap_or_default();
    files.iter().map(|file| file.path().to_owned()).collect()
}

/// Lets the user choose a folder.
pub async fn pick_folder(title: String) -> Option<PathBuf> {
    if !has_dialogs().await {
        return ask(title, Wanted::Folder).await;
    }
    let _visit = open_to_others();
    let dialog = rfd::AsyncFileDialog::new().set_title(title);
    dialog.pick_folder().await.map(|folder| folder.path().to_owned())
}

/// Lets the user choose where to write a file.
pub async fn save_file(title: String, name: String) -> Option<PathBuf> {
    if !has_dialogs().await {
        return ask(title, Wanted::Place(name)).await;
    }
    let _visit = open_to_others();
    let dialog = rfd::AsyncFileDialog::new().set_title(title).set_file_name(name);
    dialog.save_file().await.map(|file| file.path().to_owned())
}

/// The system has a dialog of files.
async fn has_dialogs() -> bool {
    #[cfg(target_os = "linux")]
    {
        let _visit = open_to_others();
        linux::has_zenity() || linux::has_portal().await
    }
    #[cfg(not(target_os = "linux"))]
    true
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::Duration;

    use zbus::{Connection, Proxy};

    const CHOOSER: &str = "org.freedesktop.portal.FileChooser";
    /// Until the bus has started the portal.
    const PATIENCE: Duration = Duration::from_secs(10);

    pub(super) fn has_zenity() -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join("zenity").is_file())
    }

    pub(super) async fn has_portal() -> bool {
        match Connection::session().await {
            Ok(bus) => has_portal_on(&bus).await,
            Err(_) => false,
        }
    }

    /// The portal has the part that chooses files: one without is there on desktops that ship none.
    pub(super) async fn has_portal_on(bus: &Connection) -> bool {
        let asked = async {
            let portal = "org.freedesktop.portal.Desktop";
            let chooser = Proxy::new(bus, portal, "/org/freedesktop/portal/desktop", CHOOSER).await?;
            chooser.get_property::<u32>("version").await
        };
        matches!(tokio::time::timeout(PATIENCE, asked).await, Ok(Ok(_)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn a_question_is_shown_answered_once_or_given_up() {
        let mut shown = std::pin::pin!(questions());
        let asked = tokio::spawn(ask("Imprimer".to_owned(), Wanted::Place("cr.pdf".to_owned())));
        let question = shown.next().await.unwrap();
        assert_eq!(
            (question.title.as_str(), &question.wanted),
            ("Imprimer", &Wanted::Place("cr.pdf".into()))
        );
        question.answer("/tmp/cr.pdf".into());
        question.answer("/tmp/other.pdf".into());
        assert_eq!(asked.await.unwrap(), Some("/tmp/cr.pdf".into()));
        let asked = tokio::spawn(ask(String::new(), Wanted::Folder));
        drop(shown.next().await.unwrap());
        assert_eq!(asked.await.unwrap(), None);
    }

    #[cfg(target_os = "linux")]
    struct Chooser;

    #[cfg(target_os = "linux")]
    #[zbus::interface(name = "org.freedesktop.portal.FileChooser")]
    impl Chooser {
        #[zbus(property, name = "version")]
        async fn version(&self) -> u32 {
            4
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread")]
    async fn a_portal_counts_when_it_chooses_files() {
        use super::super::lock::linux::bus::Bus;
        let bus = Bus::start();
        let ours = bus.connect().await;
        assert!(!linux::has_portal_on(&ours).await, "no portal at all");
        let desktop = zbus::connection::Builder::address(bus.address.as_str())
            .unwrap()
            .name("org.freedesktop.portal.Desktop")
            .unwrap()
            .build()
            .await
            .unwrap();
        assert!(!linux::has_portal_on(&ours).await, "a portal without that part");
        desktop.object_server().at("/org/freedesktop/portal/desktop", Chooser).await.unwrap();
        assert!(linux::has_portal_on(&ours).await);
    }
}
