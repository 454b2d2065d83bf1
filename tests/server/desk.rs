//! An engine, another mail program, and an emptied mailbox with the usual folders.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use estafette::domain::folder::Folder;
use estafette::domain::message::MessageRow;
use estafette::engine::Engine;

use crate::client::Operator;
use crate::compare::{Figures, mailboxes};
use crate::other::Other;
use crate::place::{OWN, Place, Server};

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) other: Other,
    pub(crate) place: Place,
    _turn: tokio::sync::MutexGuard<'static, ()>,
}

/// All tests use one mailbox.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Of the whole program; it ends with it.
static OPERATOR: OnceLock<Arc<Operator>> = OnceLock::new();

impl Desk {
    /// An engine without loops.
    pub(crate) async fn open(server: Server) -> Self {
        let turn = TURN.lock().await;
        let operator = OPERATOR.get_or_init(|| Arc::new(Operator::start_with_others()));
        let place = Place::on(Arc::clone(operator), server);
        place.other(OWN).clear();
        // the usual folders again
        let place = Place::on(Arc::clone(&place.operator), server);
        let engine = place.servers("profile").engine(false).await.unwrap();
        let other = place.other(OWN);
        Self { engine, other, place, _turn: turn }
    }

    /// The same profile with its loops.
    pub(crate) async fn go_online(&mut self) {
        self.engine.shutdown().await;
        self.engine = self.place.servers("profile").engine(true).await.unwrap();
    }

    pub(crate) async fn sync(&self) {
        self.engine.sync(None).await.unwrap();
    }

    pub(crate) async fn find(&self, name: &str) -> Option<Folder> {
        self.engine.folders().await.unwrap().into_iter().find(|f| f.name() == name)
    }

    pub(crate) async fn folder(&self, name: &str) -> Folder {
        self.find(name).await.unwrap_or_else(|| panic!("no folder {name}"))
    }

    pub(crate) async fn rows(&self, name: &str) -> Vec<MessageRow> {
        let folder = self.folder(name).await;
        self.engine.list(folder.id, 0..1000).await.unwrap().rows
    }

    pub(crate) async fn row(&self, name: &str, number: usize) -> MessageRow {
        let rows = self.rows(name).await;
        rows.into_iter()
            .find(|r| r.subject == subject(number))
            .unwrap_or_else(|| panic!("no {number} in {name}"))
    }

    /// Number of a message on the server.
    pub(crate) fn uid(&mut self, name: &str, number: usize) -> u32 {
        let path = self.other.own(name);
        let wanted = format!("Subject: {}\r\n", subject(number));
        let found = self.other.messages(&path);
        let mine = found.iter().find(|m| String::from_utf8_lossy(&m.raw).contains(&wanted));
        mine.unwrap_or_else(|| panic!("no {number} in {name} on the server")).uid
    }

    /// Another look finds nothing, and both sides have the same.
    #[track_caller]
    pub(crate) fn agrees(&mut self) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let report = self.engine.sync(None).await.unwrap();
            assert_eq!((report.new, report.changed, report.removed), (0, 0, 0), "{place}");
            let mut figures = Figures::default();
            mailboxes(&mut self.other, &self.engine, &mut figures).await.unwrap();
            assert!(figures.complaints.is_empty(), "{place}: {:#?}", figures.complaints);
            self.engine.check_store().await.unwrap();
        }
    }
}

pub(crate) fn subject(number: usize) -> String {
    format!("Dossier {number:05}")
}

/// Waits for what happens by itself.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut seen: impl FnMut() -> F) {
    let start = Instant::now();
    while !seen().await {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
