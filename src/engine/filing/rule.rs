//! Rules on arrival: kept, tried out on the mail that is here, and run once on every message that comes into an inbox.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::write::{self, Manner};
use super::{Outcome, folder_for};
use crate::domain::UnixTime;
use crate::domain::filing::rule::{Rule, Traits};
use crate::domain::filing::{Destination, Mistake};
use crate::domain::folder::FolderRole;
use crate::domain::id::{DestinationId, MessageId, RuleId};
use crate::domain::message::{Keyword, MessageRow};
use crate::domain::triage::Triage;
use crate::engine::change::apply;
use crate::engine::session::OpenSession;
use crate::engine::watchdog::Pulse;
use crate::engine::work::blocking;
use crate::engine::{Engine, Error, ErrorKind, Event, Result, clock, document, fault};
use crate::store::Arrival;

/// How often what failed is looked at again, at least.
const TICK: Duration = Duration::from_secs(30);
/// Bodies come in groups: a moment of quiet before they are looked at.
const QUIET: Duration = Duration::from_millis(200);
/// Longest time for one message: several files to folders that may not answer.
const LONGEST: Duration = Duration::from_secs(600);
/// Messages looked at in one go.
const BATCH: u32 = 50;
/// Pauses after a failure, in seconds: a minute, then longer, at most an hour.
const FIRST_PAUSE: i64 = 60;
const LONGEST_PAUSE: i64 = 3_600;
/// What a preview looks at: messages of each inbox, and for how long.
const PREVIEW_MESSAGES: u32 = 2_000;
const PREVIEW_TIME: Duration = Duration::from_secs(20);
/// Rows a preview shows, and failures told.
const SHOWN: usize = 100;

/// What a rule would have done to the mail that is here.
#[derive(Debug, Clone, Serialize)]
pub struct RulePreview {
    /// Messages it takes.
    pub count: u32,
    /// Messages of the inboxes that were looked at.
    pub looked_at: u32,
    /// False when time or number ended it before the last message.
    pub complete: bool,
    /// Newest of the messages it takes.
    pub messages: Vec<MessageRow>,
    /// All of them.
    #[serde(skip)]
    pub ids: Vec<MessageId>,
}

/// A rule that failed on a message; it is tried again.
#[derive(Debug, Clone)]
pub struct RuleTrouble {
    /// The message.
    pub message: MessageId,
    /// Name of the rule.
    pub rule: String,
    /// Why.
    pub error: Error,
    /// How often.
    pub tries: u32,
    /// When it is tried again.
    pub next_try: UnixTime,
}

/// An error as it is kept in the store.
#[derive(Serialize, Deserialize)]
struct Kept {
    code: String,
    folder: String,
    destination: String,
}

impl Engine {
    /// Rules in their order.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn rules(&self) -> Result<Vec<(RuleId, Rule)>> {
        self.with_store(|s| s.rules()).await
    }

    /// Keeps a rule; `None` makes a new one. It looks at every message that comes from now on and at those of `also`,
    /// which a preview gave.
    ///
    /// # Errors
    /// `filing-name`, `rule-no-condition`, `rule-no-action`, `rule-keyword`, `folder-name`, `destination-gone`.
    pub async fn save_rule(
        &self,
        id: Option<RuleId>,
        mut rule: Rule,
        also: Vec<MessageId>,
    ) -> Result<RuleId> {
        let session = self.opened()?;
        let refused = |code| Error::new(ErrorKind::NeedsUser, code);
        match rule.mistake() {
            None => {}
            Some(Mistake::NoCondition) => return Err(refused("rule-no-condition")),
            Some(Mistake::NoAction) => return Err(refused("rule-no-action")),
            Some(_) => return Err(refused("filing-name")),
        }
        if rule.then.keyword.as_deref().is_some_and(|keyword| Keyword::parse(keyword).is_none()) {
            return Err(refused("rule-keyword"));
        }
        if let Some(folder) = &mut rule.then.folder {
            *folder = super::super::change::folder_name(folder)?;
        }
        self.on_runtime(blocking(move || {
            let known = session.store.destinations()?;
            if rule.then.file.is_some_and(|file| !known.iter().any(|(id, _)| *id == file)) {
                return Err(Error::new(ErrorKind::NeedsUser, "destination-gone"));
            }
            let id = session.store.save_rule(id, &rule)?;
            session.store.add_arrivals(&also)?;
            session.tell(Event::FilingChanged);
            Ok(id)
        }))
        .await
    }

    /// Forgets a rule.
    ///
    /// # Errors
    /// No session; the store cannot be written.
    pub async fn remove_rule(&self, id: RuleId) -> Result<()> {
        self.change_rules(move |s| s.remove_rule(id)).await
    }

    /// Moves a rule before the one above it.
    ///
    /// # Errors
    /// No session; the store cannot be written.
    pub async fn raise_rule(&self, id: RuleId) -> Result<()> {
        self.change_rules(move |s| s.raise_rule(id)).await
    }

    /// Tries what failed again now.
    ///
    /// # Errors
    /// No session; the store cannot be written.
    pub async fn retry_rules(&self) -> Result<()> {
        self.change_rules(crate::store::Store::hasten_arrivals).await?;
        let session = self.opened()?;
        self.on_runtime(async move { pass(&session, &Pulse::default()).await }).await
    }

    async fn change_rules(
        &self,
        work: impl FnOnce(&crate::store::Store) -> std::result::Result<(), crate::store::Error> + Send + 'static,
    ) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            work(&session.store)?;
            session.tell(Event::FilingChanged);
            Ok(())
        }))
        .await
    }

    /// What a rule would take of the mail in the inboxes. Nothing is done.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn preview_rule(&self, rule: Rule) -> Result<RulePreview> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || preview(&session, &rule))).await
    }

    /// What rules failed on.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn rule_troubles(&self) -> Result<Vec<RuleTrouble>> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || troubles(&session))).await
    }
}

fn troubles(session: &OpenSession) -> Result<Vec<RuleTrouble>> {
    let rules = session.store.rules()?;
    let name = |id: RuleId| rules.iter().find(|(known, _)| *known == id).map(|(_, rule)| rule.name.clone());
    let failed = session.store.failed_arrivals(SHOWN as u32)?;
    Ok(failed
        .into_iter()
        .filter_map(|arrival| {
            let kept: Kept = serde_json::from_str(arrival.trouble.as_deref()?).ok()?;
            let error = Error::new(ErrorKind::NeedsUser, fault::known_code(&kept.code));
            Some(RuleTrouble {
                message: arrival.message,
                rule: arrival.rule.and_then(name).unwrap_or_default(),
                error: error.with("folder", kept.folder).with("destination", kept.destination),
                tries: arrival.tries,
                next_try: arrival.next_try,
            })
        })
        .collect())
}

fn preview(session: &OpenSession, rule: &Rule) -> Result<RulePreview> {
    let started = Instant::now();
    let mut seen =
        RulePreview { count: 0, looked_at: 0, complete: true, messages: Vec::new(), ids: Vec::new() };
    for folder in session.store.folders()?.into_iter().filter(|f| f.role == FolderRole::Inbox) {
        let (total, rows) = session.store.list(folder.id, 0..PREVIEW_MESSAGES)?;
        seen.complete &= total as usize <= rows.len();
        for row in rows {
            if started.elapsed() > PREVIEW_TIME {
                seen.complete = false;
                return Ok(seen);
            }
            seen.looked_at += 1;
            if rule.when.excludes_sender(&row.from.address)
                || !rule.when.take(&traits(session, &row, [rule])?)
            {
                continue;
            }
            seen.count += 1;
            seen.ids.push(row.id);
            if seen.messages.len() < SHOWN {
                seen.messages.push(row);
            }
        }
    }
    Ok(seen)
}

/// What these rules look at in a message; its documents are read only where one of them wants it.
fn traits<'r>(
    session: &OpenSession,
    row: &MessageRow,
    rules: impl IntoIterator<Item = &'r Rule>,
) -> Result<Traits> {
    let name = row.from.name.clone().unwrap_or_default();
    let wanted = rules
        .into_iter()
        .any(|rule| rule.when.needs_reading() && !rule.when.excludes_sender(&row.from.address));
    let reading = match wanted.then(|| session.store.raw(row.id)).transpose()?.flatten() {
        Some(raw) => document::of_message(&raw),
        None => None,
    };
    Ok(Traits::of(&row.from.address, &name, reading.as_ref()))
}

/// Runs until the session ends: looks whenever something came.
pub(in crate::engine) async fn run(session: Arc<OpenSession>, pulse: Arc<Pulse>) {
    let mut events = session.events.subscribe();
    loop {
        if let Err(error) = pass(&session, &pulse).await {
            tracing::warn!(code = error.code(), "rules could not be run");
        }
        pulse.enter("waiting", 10 * TICK);
        tokio::select! {
            () = session.cancel.cancelled() => return,
            () = something_came(&mut events) => tokio::time::sleep(QUIET).await,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

async fn something_came(events: &mut Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(
                Event::NewMail(_)
                | Event::MessageChanged(_)
                | Event::MailboxChanged(_)
                | Event::FilingChanged,
            )
            | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// Looks at every message whose time has come.
///
/// # Errors
/// The store cannot be read or written. What goes wrong with one message is kept with it.
pub(in crate::engine) async fn pass(session: &Arc<OpenSession>, pulse: &Pulse) -> Result<()> {
    loop {
        pulse.enter("filing", LONGEST);
        let owner = Arc::clone(session);
        let (rules, destinations, due) = blocking(move || {
            let rules: Vec<_> = owner.store.rules()?.into_iter().filter(|(_, rule)| rule.active).collect();
            if rules.is_empty() {
                owner.store.settle_arrivals()?;
            }
            Ok((rules, owner.store.destinations()?, owner.store.due_arrivals(clock::now(), BATCH)?))
        })
        .await?;
        if due.is_empty() {
            return Ok(());
        }
        for arrival in due {
            let message = arrival.message;
            let failed = run_on(session, message, &rules, &destinations).await;
            let (owner, told) = (Arc::clone(session), failed.is_err());
            blocking(move || match failed {
                Ok(()) => Ok(owner.store.settle_arrival(message)?),
                Err((rule, error)) => Ok(owner.store.postpone_arrival(&postponed(arrival, rule, &error))?),
            })
            .await?;
            if told {
                session.tell(Event::FilingChanged);
                session.tell(Event::Trouble);
            }
            pulse.beat();
        }
    }
}

fn postponed(arrival: Arrival, rule: Option<RuleId>, error: &Error) -> Arrival {
    let fact = |name: &str| {
        error
            .facts()
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let kept =
        Kept { code: error.code().to_owned(), folder: fact("folder"), destination: fact("destination") };
    let pause = FIRST_PAUSE.saturating_mul(1 << arrival.tries.min(10)).min(LONGEST_PAUSE);
    Arrival {
        tries: arrival.tries.saturating_add(1),
        next_try: clock::now() + pause,
        rule,
        trouble: serde_json::to_string(&kept).ok(),
        ..arrival
    }
}

/// Runs every rule that takes a message, in order.
async fn run_on(
    session: &Arc<OpenSession>,
    message: MessageId,
    rules: &[(RuleId, Rule)],
    destinations: &[(DestinationId, Destination)],
) -> std::result::Result<(), (Option<RuleId>, Error)> {
    let (owner, all) = (Arc::clone(session), rules.to_vec());
    let taken = blocking(move || {
        let Some(row) = owner.store.row(message)? else { return Ok(None) };
        // somebody was faster
        if owner.store.folder(row.folder)?.folder.role != FolderRole::Inbox {
            return Ok(None);
        }
        let traits = traits(&owner, &row, all.iter().map(|(_, rule)| rule))?;
        let taken: Vec<_> = all.into_iter().filter(|(_, rule)| rule.when.take(&traits)).collect();
        Ok(Some((row, taken)))
    })
    .await
    .map_err(|error| (None, error))?;
    let Some((row, taken)) = taken else { return Ok(()) };
    let mut moved = false;
    for (id, rule) in taken {
        let done = act(session, &row, id, &rule, destinations, &mut moved).await;
        done.map_err(|error| (Some(id), error))?;
    }
    Ok(())
}

async fn act(
    session: &Arc<OpenSession>,
    row: &MessageRow,
    id: RuleId,
    rule: &Rule,
    destinations: &[(DestinationId, Destination)],
    moved: &mut bool,
) -> Result<()> {
    let message = row.id;
    let keyword = rule.then.keyword.as_deref().and_then(Keyword::parse);
    let mut triage = keyword.as_ref().and_then(Triage::of_keyword);
    let keyword = keyword.filter(|_| triage.is_none());
    if let Some(wanted) = rule.then.file {
        let meant: Vec<_> = destinations.iter().filter(|(known, _)| *known == wanted).cloned().collect();
        if meant.is_empty() {
            return Err(Error::new(ErrorKind::NeedsUser, "destination-gone"));
        }
        let owner = Arc::clone(session);
        let gesture = blocking(move || Ok(owner.store.next_gesture()?)).await?;
        let manner = Manner { gesture, again: false, rule: Some(id) };
        match write::file(session, message, &meant, manner).await? {
            Outcome::Filed { left, .. } if !left.is_empty() => return Ok(()),
            // what the rule says itself about its state goes first
            Outcome::Filed { .. } | Outcome::Already { .. } => triage = triage.or(Some(Triage::Filed)),
            // it brings nothing in these forms: it stays where a person sees it
            Outcome::NotFiled { code: "nothing-to-file", .. } => return Ok(()),
            Outcome::NotFiled { code, facts, .. } => {
                let error = Error::new(ErrorKind::NeedsUser, code);
                return Err(facts.into_iter().fold(error, |error, (name, value)| error.with(name, value)));
            }
        }
    }
    // a critical result is not taken out of sight before somebody has seen it
    let folder = rule.then.folder.clone().filter(|_| !*moved && !row.alarm);
    *moved |= folder.is_some();
    let owner = Arc::clone(session);
    blocking(move || {
        if triage.is_some() {
            apply(&owner, &[message], Vec::new(), |s, ids| s.change_triage(ids, triage).map(|()| None))?;
        }
        if let Some(keyword) = keyword {
            apply(&owner, &[message], Vec::new(), |s, ids| {
                s.change_keyword(ids, &keyword, true).map(|()| None)
            })?;
        }
        if let Some(path) = folder
            && let Some(target) = folder_for(&owner, message, &path)?
        {
            apply(&owner, &[message], Vec::new(), |s, ids| s.move_local(ids, target).map(|()| None))?;
        }
        Ok(())
    })
    .await
}
