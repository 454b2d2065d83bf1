//! Filing what is selected, in one gesture.

use super::*;
use crate::domain::filing::{Filed, Outcome as FilingOutcome};
use crate::engine::{Error, Filing, FilingWish, Unfiled};
use crate::gui::screen::FilingNotice;

/// What comes back of it.
#[derive(Debug, Clone)]
pub enum Message {
    /// Messages were filed, or not.
    Filed(Result<Filing>),
    /// A filing was taken back, or not.
    Undone(Result<Unfiled>),
    /// What was written out of a message before.
    Known(MessageId, Result<Vec<Filed>>),
}

/// The last filing, while it can be taken back.
#[derive(Debug, Clone)]
pub(super) struct Last {
    filing: Filing,
    /// The newest other deed then: while it still is, the filing is what Ctrl+Z means.
    newest: Option<u64>,
}

/// Asked before something is written again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Again {
    pub(super) ids: Vec<MessageId>,
    pub(super) earlier: Filed,
}

impl Mailbox {
    pub(super) fn file(
        &mut self,
        engine: &Engine,
        ids: Vec<MessageId>,
        again: bool,
    ) -> Action<super::Message> {
        let engine = engine.clone();
        let wish = FilingWish { again, ..FilingWish::default() };
        Action::run(async move { engine.file(&ids, wish).await }, |result| {
            super::Message::Filing(Message::Filed(result))
        })
    }

    pub(super) fn filing(&mut self, engine: &Engine, message: Message) -> Action<super::Message> {
        match message {
            Message::Filed(Ok(filing)) => self.filed(engine, &filing),
            Message::Filed(Err(error)) | Message::Undone(Err(error)) => failed(error),
            Message::Undone(Ok(unfiled)) => {
                self.last_filing = None;
                let told = Action::Tell(Notice::Unfiled(unfiled));
                Action::Many(vec![told, self.read_filed(engine)])
            }
            Message::Known(id, result) => {
                if let Some(shown) = self.reader.shown_mut().filter(|shown| shown.view.row.id == id) {
                    shown.filed = result.unwrap_or_default();
                }
                Action::None
            }
        }
    }

    /// Says what became of a filing; what was filed before is asked about once.
    fn filed(&mut self, engine: &Engine, filing: &Filing) -> Action<super::Message> {
        let (mut notice, mut again, mut error) = (FilingNotice::default(), Vec::new(), None);
        let mut earlier: Option<Filed> = None;
        for outcome in &filing.outcomes {
            notice.files += outcome.files().len();
            match outcome {
                FilingOutcome::Filed { left, files, .. } => {
                    notice.messages += usize::from(left.is_empty());
                    notice.left.extend(left.iter().cloned());
                    if let (None, Some(file)) = (&notice.folder, files.first()) {
                        notice.folder = Some(file.destination_name.clone());
                    }
                }
                FilingOutcome::Already { message, already } => {
                    again.push(*message);
                    earlier = earlier.or_else(|| already.first().cloned());
                }
                FilingOutcome::NotFiled { code, facts, .. } => {
                    let told = Error::new(ErrorKind::NeedsUser, code);
                    error.get_or_insert_with(|| {
                        facts.iter().fold(told, |e, (name, value)| e.with(name, value))
                    });
                }
            }
        }
        if notice.files > 0 || notice.messages > 0 {
            let newest = engine.undoable().map(|deed| deed.id);
            self.last_filing = Some(Last { filing: filing.clone(), newest });
        }
        if let Some(earlier) = earlier {
            self.question = Some(Question::FileAgain(Again { ids: again, earlier }));
        }
        let told = match error {
            // what went wrong is what the user has to know
            Some(error) => failed(error),
            None if notice.files > 0 || notice.messages > 0 || !notice.left.is_empty() => {
                Action::Tell(Notice::Filed(notice))
            }
            None => Action::None,
        };
        Action::Many(vec![told, self.read_filed(engine)])
    }

    /// Takes the last filing back when nothing was done since, else the last other deed.
    pub(super) fn undo(&mut self, engine: &Engine) -> Action<super::Message> {
        let newest = engine.undoable().map(|deed| deed.id);
        let Some(last) = self.last_filing.take_if(|last| last.newest == newest) else {
            return Action::Run(request::undo(engine));
        };
        let engine = engine.clone();
        let work = async move {
            let back = match last.filing.moved {
                Some(moved) => engine.undo(Some(moved)).await.map(drop),
                None => Ok(()),
            };
            let unfiled = engine.undo_filing(last.filing.gesture, last.filing.marked).await;
            unfiled.and_then(|unfiled| back.map(|()| unfiled))
        };
        Action::run(work, |result| super::Message::Filing(Message::Undone(result)))
    }

    /// When and where the shown message was filed.
    pub(super) fn read_filed(&self, engine: &Engine) -> Action<super::Message> {
        let Some(id) = self.reader.shown().map(|shown| shown.view.row.id) else { return Action::None };
        let engine = engine.clone();
        Action::run(async move { engine.filed(id).await }, move |result| {
            super::Message::Filing(Message::Known(id, result))
        })
    }
}
