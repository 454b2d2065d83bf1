//! The chain from the card reader to the mailbox, walked link by link: what holds, what breaks, and why.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;

use super::card::{Port, unusable};
use super::link::Link;
use super::permit::Use;
use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, clock};
use crate::domain::UnixTime;
use crate::domain::account::{Account, AuthMethod};
use crate::domain::card::{CardState, Holder, PinTries};
use crate::domain::id::AccountId;

/// A link of the chain, in the order in which one depends on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The PC/SC service of the system.
    Service,
    /// A card reader.
    Reader,
    /// A CPS in it.
    Card,
    /// The card's PKCS#11 module.
    Module,
    /// The holder's certificate.
    Certificate,
    /// The PIN.
    Pin,
    /// The keyring, where it opens the local store.
    Keyring,
    /// The local store.
    Store,
    /// The national directory on this machine.
    Annuaire,
    /// The mailboxes that are set up.
    Account,
    /// The server's name in the DNS.
    Name,
    /// The server answers.
    Server,
    /// It is the right server, and the line is encrypted.
    Tls,
    /// It lets us in.
    Login,
}

impl Step {
    /// Those of one server.
    const SERVER: [Self; 4] = [Self::Name, Self::Server, Self::Tls, Self::Login];

    /// The word it is written with, in texts' keys and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Reader => "reader",
            Self::Card => "card",
            Self::Module => "module",
            Self::Certificate => "certificate",
            Self::Pin => "pin",
            Self::Keyring => "keyring",
            Self::Store => "store",
            Self::Annuaire => "annuaire",
            Self::Account => "account",
            Self::Name => "name",
            Self::Server => "server",
            Self::Tls => "tls",
            Self::Login => "login",
        }
    }
}

/// Which of an account's servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// IMAP.
    Incoming,
    /// SMTP.
    Outgoing,
}

/// How a link holds.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It holds.
    Good,
    /// It holds, and will not for long or not for everything.
    Doubtful(Error),
    /// It does not hold.
    Failed(Error),
    /// Not looked at: an earlier link does not hold, or it is not needed.
    Skipped,
}

/// What was found of one link.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The link.
    pub step: Step,
    /// The account and the server, for links that belong to one.
    pub of: Option<(AccountId, Way)>,
    /// How it holds.
    pub verdict: Verdict,
    /// Values for the texts, as of [`Error::facts`]: `names`, `path`, `until`, `seconds`, `count`, `date`.
    pub facts: Vec<(&'static str, String)>,
}

impl Finding {
    fn new(step: Step, verdict: Verdict) -> Self {
        Self { step, of: None, verdict, facts: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }
}

/// Findings as they come; nothing is looked at any more once this is dropped.
pub struct Findings(mpsc::Receiver<Finding>);

impl Findings {
    /// The next finding; `None` at the end. Cancel-safe.
    pub async fn next(&mut self) -> Option<Finding> {
        self.0.recv().await
    }
}

impl Engine {
    /// Walks the chain with what is in the reader and open now: no PIN is asked for, and a link that needs one is
    /// skipped. Servers are really logged in to, once each.
    pub fn diagnose(&self) -> Findings {
        let (findings, all) = mpsc::channel(4);
        let engine = self.clone();
        let inside = self.inner.handle.clone();
        inside.spawn(async move {
            // an error means that nobody listens any more
            let _ = walk(&engine, &findings).await;
        });
        Findings(all)
    }
}

type Told = Result<(), mpsc::error::SendError<Finding>>;

async fn walk(engine: &Engine, findings: &mpsc::Sender<Finding>) -> Told {
    let session = engine.opened();
    let accounts = match &session {
        Ok(session) => accounts(session).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let needs_card = accounts.is_empty() || accounts.iter().any(|a| a.config.auth == AuthMethod::Card);
    let mut card_holds = true;
    for finding in card_chain(engine, needs_card) {
        card_holds &= !matches!(finding.verdict, Verdict::Failed(_));
        findings.send(finding).await?;
    }
    findings.send(keyring(engine, session.is_ok()).await).await?;
    findings.send(store(engine, session.as_ref().err()).await).await?;
    findings.send(annuaire(engine).await).await?;
    let Ok(session) = session else { return Ok(()) };
    findings.send(mailboxes(accounts.len())).await?;
    if engine.is_practice() {
        return Ok(());
    }
    for account in accounts {
        let is_cut_off = account.config.auth == AuthMethod::Card && !card_holds;
        servers(&session, account, is_cut_off, findings).await?;
    }
    Ok(())
}

async fn accounts(session: &Arc<OpenSession>) -> super::Result<Vec<Account>> {
    let owner = Arc::clone(session);
    blocking(move || Ok(owner.store.accounts()?)).await
}

fn card_chain(engine: &Engine, needed: bool) -> Vec<Finding> {
    let card = &engine.inner.card;
    let module = card.module().map(|path| path.display().to_string());
    let mut chain = chain_of(&engine.card(), &card.readers(), module, clock::now());
    for finding in chain.iter_mut().filter(|finding| finding.step == Step::Module) {
        if let (Verdict::Good, Some(other)) = (&finding.verdict, other_module(card)) {
            finding.verdict = Verdict::Doubtful(other);
        }
    }
    // the fictitious card is in no reader
    let in_no_reader =
        |step| engine.is_practice() && matches!(step, Step::Service | Step::Reader | Step::Module);
    for finding in chain.iter_mut().filter(|finding| !needed || in_no_reader(finding.step)) {
        finding.verdict = Verdict::Skipped;
    }
    chain
}

/// The card was read by another module than that of the settings, which does not work.
fn other_module(card: &Port) -> Option<Error> {
    let (chosen, used) = (card.chosen_module()?, card.module()?);
    if chosen == used {
        return None;
    }
    let error = Error::new(ErrorKind::NeedsUser, "module-other");
    Some(error.with("module", chosen.display()).with("used", used.display()))
}

/// The card's part of the chain. `now` tells whether the certificate is about to end.
fn chain_of(card: &CardState, readers: &[String], module: Option<String>, now: UnixTime) -> Vec<Finding> {
    let broken = match card {
        CardState::NoService => Some(Step::Service),
        CardState::NoReader => Some(Step::Reader),
        CardState::NoCard
        | CardState::Reading
        | CardState::Choosing
        | CardState::Unreadable
        | CardState::NotUsable { .. } => Some(Step::Card),
        CardState::NoModule | CardState::ModuleFaulty { .. } => Some(Step::Module),
        CardState::Expired { .. } | CardState::Revoked { .. } => Some(Step::Certificate),
        CardState::Locked { tries: PinTries::Blocked, .. } => Some(Step::Pin),
        CardState::Locked { .. } | CardState::Unlocked { .. } => None,
    };
    let steps =
        [Step::Service, Step::Reader, Step::Card, Step::Module, Step::Certificate, Step::Pin].into_iter();
    steps
        .map(|step| {
            let verdict = match broken {
                Some(at) if step == at => Verdict::Failed(reason(card)),
                Some(at) if step > at => Verdict::Skipped,
                _ => doubt(step, card, now),
            };
            let finding = Finding::new(step, verdict);
            match (step, card.holder(), &module) {
                (Step::Reader, ..) => finding.with("names", readers.join(", ")),
                (Step::Module, _, path) => finding.with("path", path.as_deref().unwrap_or_default()),
                (Step::Certificate, Some(holder), _) => finding.with("until", holder.not_after),
                _ => finding,
            }
        })
        .collect()
}

fn reason(card: &CardState) -> Error {
    match card {
        CardState::Locked { tries: PinTries::Blocked, .. } => Error::new(ErrorKind::NeedsCard, "pin-blocked"),
        other => unusable(other),
    }
}

/// Days before the end of a certificate from which on it is told.
const DAYS_AHEAD: i64 = 30;

/// What holds may yet deserve a word.
fn doubt(step: Step, card: &CardState, now: UnixTime) -> Verdict {
    let soon = |holder: &Holder| holder.not_after - now < DAYS_AHEAD * 86_400;
    let code = match (step, card) {
        (Step::Certificate, CardState::Locked { holder, .. } | CardState::Unlocked { holder })
            if soon(holder) =>
        {
            "certificate-ends"
        }
        (Step::Pin, CardState::Locked { tries: PinTries::Last, .. }) => "pin-last-try",
        (Step::Pin, CardState::Locked { .. }) => return Verdict::Skipped,
        _ => return Verdict::Good,
    };
    Verdict::Doubtful(Error::new(ErrorKind::NeedsUser, code))
}

/// A keyring that fails is no more than a doubt: card or code open the store too.
async fn keyring(engine: &Engine, is_open: bool) -> Finding {
    let tried = if is_open { engine.try_keyring().await } else { engine.ask_keyring().await };
    let verdict = match tried {
        Ok(true) => Verdict::Good,
        Err(error) if !engine.is_practice() => Verdict::Doubtful(error),
        Ok(false) | Err(_) => Verdict::Skipped,
    };
    Finding::new(Step::Keyring, verdict)
}

async fn store(engine: &Engine, shut: Option<&Error>) -> Finding {
    if let Some(error) = shut {
        return Finding::new(Step::Store, Verdict::Failed(error.clone()));
    }
    let start = Instant::now();
    match engine.check_store().await {
        Ok(()) => Finding::new(Step::Store, Verdict::Good).with("seconds", seconds(start)),
        Err(error) => Finding::new(Step::Store, Verdict::Failed(error)),
    }
}

async fn annuaire(engine: &Engine) -> Finding {
    match engine.annuaire_status().await {
        Ok(status) if status.mailboxes > 0 => Finding::new(Step::Annuaire, Verdict::Good)
            .with("count", status.mailboxes)
            .with("date", status.data_date.unwrap_or_default()),
        Ok(_) => {
            let empty = Error::new(ErrorKind::NeedsUser, "annuaire-empty");
            Finding::new(Step::Annuaire, Verdict::Doubtful(empty))
        }
        Err(error) => Finding::new(Step::Annuaire, Verdict::Failed(error)),
    }
}

fn mailboxes(count: usize) -> Finding {
    let verdict = match count {
        0 => Verdict::Failed(Error::new(ErrorKind::NeedsUser, "no-account")),
        _ => Verdict::Good,
    };
    Finding::new(Step::Account, verdict).with("count", count)
}

/// Both servers of an account, each by one real login, unless what it logs in with does not hold.
async fn servers(
    session: &Arc<OpenSession>,
    account: Account,
    is_cut_off: bool,
    findings: &mpsc::Sender<Finding>,
) -> Told {
    let id = account.id;
    let owner = Arc::clone(session);
    let hosts = [account.config.imap.host.clone(), account.config.smtp.host.clone()];
    let link = blocking(move || Link::prepare(&owner, &account.config)).await;
    for (way, host) in [Way::Incoming, Way::Outgoing].into_iter().zip(hosts) {
        let start = Instant::now();
        let found = match &link {
            _ if is_cut_off => Step::SERVER.map(|step| Finding::new(step, Verdict::Skipped)),
            Ok(link) => {
                links(reach(session, id, link, way).await.map_err(|e| named(e, &host)), Verdict::Good)
            }
            Err(error) => links(Err(error.clone()), Verdict::Skipped),
        };
        let took = seconds(start);
        for mut finding in found {
            finding.of = Some((id, way));
            if finding.step == Step::Login && !is_cut_off {
                finding = finding.with("seconds", &took);
            }
            findings.send(finding).await?;
        }
    }
    Ok(())
}

/// A server that does not answer is named: the other one may.
fn named(error: Error, host: &str) -> Error {
    match error.code() {
        "offline" => Error::new(error.kind(), "server-silent").with("host", host),
        _ => error,
    }
}

async fn reach(session: &Arc<OpenSession>, id: AccountId, link: &Link, way: Way) -> super::Result<()> {
    let work = async {
        match way {
            Way::Incoming => {
                let _permit = session.line(id).permits.take(Use::Once).await?;
                link.imap().await?.logout().await;
            }
            Way::Outgoing => drop(link.check_smtp().await?),
        }
        Ok(())
    };
    session.while_open(work).await
}

/// What one attempt to log in says of each link on the way; `before` is the verdict of those before the one that broke.
fn links(reached: super::Result<()>, before: Verdict) -> [Finding; 4] {
    let broken = reached.err().map(|error| (broken_at(&error), error));
    Step::SERVER.map(|step| {
        let verdict = match &broken {
            Some((at, error)) if *at == step => Verdict::Failed(error.clone()),
            Some((at, _)) if *at < step => Verdict::Skipped,
            Some(_) => before.clone(),
            None => Verdict::Good,
        };
        Finding::new(step, verdict)
    })
}

/// The link of a connection that an error means.
fn broken_at(error: &Error) -> Step {
    match error.code() {
        "name-not-found" => Step::Name,
        "starttls-missing"
        | "not-trusted"
        | "not-trusted-unnamed"
        | "tls-intercepted"
        | "wrong-host"
        | "certificate-expired"
        | "certificate-revoked"
        | "revocation-unknown"
        | "anchors-missing"
        | "anchors-refused" => Step::Tls,
        "proxy-address" | "proxy-password-needed" | "proxy-password-refused" | "network-settings" => {
            Step::Server
        }
        _ if error.kind() == ErrorKind::Offline => Step::Server,
        _ => Step::Login,
    }
}

fn seconds(start: Instant) -> String {
    format!("{:.2}", start.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::card::CardKind;
    use crate::practice;

    const NOW: i64 = 1_800_000_000;

    fn words(chain: &[Finding]) -> Vec<String> {
        chain
            .iter()
            .map(|finding| match &finding.verdict {
                Verdict::Good => "good".to_owned(),
                Verdict::Skipped => "-".to_owned(),
                Verdict::Doubtful(error) => format!("?{}", error.code()),
                Verdict::Failed(error) => format!("!{}", error.code()),
            })
            .collect()
    }

    #[test]
    fn the_first_link_that_breaks_is_named_and_those_behind_it_are_left() {
        let holder = |not_after| Holder { not_after, ..practice::holder() };
        let locked = |tries| CardState::Locked { holder: holder(NOW + 90 * 86_400), tries, pin_pad: false };
        let rows: [(CardState, [&str; 6]); 11] = [
            (CardState::NoService, ["!no-service", "-", "-", "-", "-", "-"]),
            (CardState::NoReader, ["good", "!no-reader", "-", "-", "-", "-"]),
            (CardState::NoCard, ["good", "good", "!no-card", "-", "-", "-"]),
            (CardState::Unreadable, ["good", "good", "!card-unreadable", "-", "-", "-"]),
            (CardState::NotUsable { kind: CardKind::Vitale }, ["good", "good", "!vitale", "-", "-", "-"]),
            (CardState::NoModule, ["good", "good", "good", "!no-module", "-", "-"]),
            (
                CardState::Expired { holder: holder(NOW - 1) },
                ["good", "good", "good", "good", "!card-expired", "-"],
            ),
            (locked(PinTries::Blocked), ["good", "good", "good", "good", "good", "!pin-blocked"]),
            (locked(PinTries::Last), ["good", "good", "good", "good", "good", "?pin-last-try"]),
            (locked(PinTries::Full), ["good", "good", "good", "good", "good", "-"]),
            (
                CardState::Unlocked { holder: holder(NOW + 29 * 86_400) },
                ["good", "good", "good", "good", "?certificate-ends", "good"],
            ),
        ];
        for (card, expected) in rows {
            let chain = chain_of(&card, &["r".to_owned()], Some("m".to_owned()), NOW);
            assert_eq!(words(&chain), expected, "{card:?}");
        }
    }

    #[test]
    fn an_error_of_a_login_names_the_link_that_broke() {
        for (kind, code, expected) in [
            (ErrorKind::Offline, "name-not-found", ["!", "-", "-", "-"]),
            (ErrorKind::Offline, "timeout", ["good", "!", "-", "-"]),
            (ErrorKind::NeedsUser, "proxy-password-needed", ["good", "!", "-", "-"]),
            (ErrorKind::Refused, "wrong-host", ["good", "good", "!", "-"]),
            (ErrorKind::NeedsCard, "login-refused", ["good", "good", "good", "!"]),
        ] {
            let found = words(&links(Err(Error::new(kind, code)), Verdict::Good));
            let found: Vec<_> = found.iter().map(|w| if w.starts_with('!') { "!" } else { w }).collect();
            assert_eq!(found, expected, "{code}");
        }
        assert_eq!(words(&links(Ok(()), Verdict::Good)), ["good"; 4]);
        let not_tried = links(Err(Error::new(ErrorKind::NeedsCard, "card-locked")), Verdict::Skipped);
        assert_eq!(words(&not_tried), ["-", "-", "-", "!card-locked"]);
    }
}
