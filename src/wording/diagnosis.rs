//! The diagnosis in words for who reads it, and without a name for who helps.

use super::{Language, Sentence, Wording};
use crate::domain::card::CardState;
use crate::domain::id::AccountId;
use crate::engine::{Connection, Error, Finding, Health, Step, Verdict, Way};

impl Wording {
    /// What was found of a link, and what to do where it does not hold.
    pub fn finding(&self, finding: &Finding) -> Sentence {
        match &finding.verdict {
            Verdict::Failed(error) | Verdict::Doubtful(error) => self.error(error),
            Verdict::Skipped => Sentence { what: self.text("diagnosis-skipped"), advice: String::new() },
            Verdict::Good => {
                let facts: Vec<(&str, String)> =
                    finding.facts.iter().map(|(name, value)| (*name, self.found(name, value))).collect();
                let facts: Vec<(&str, &str)> = facts.iter().map(|(n, v)| (*n, v.as_str())).collect();
                let key = format!("diagnosis-{}-good", finding.step.word());
                Sentence { what: self.with(&key, &facts), advice: String::new() }
            }
        }
    }

    /// The name of a link.
    pub fn link(&self, step: Step) -> String {
        self.text(&format!("diagnosis-{}", step.word()))
    }

    /// Which of an account's servers.
    pub fn way(&self, way: Way) -> String {
        self.text(match way {
            Way::Incoming => "diagnosis-incoming",
            Way::Outgoing => "diagnosis-outgoing",
        })
    }

    fn found(&self, name: &str, value: &str) -> String {
        match (name, value.parse::<i64>()) {
            ("until", Ok(time)) => self.day(time),
            ("count", Ok(count)) => self.count(count.unsigned_abs()),
            ("seconds", _) if self.language() == Language::French => value.replace('.', ","),
            _ => value.to_owned(),
        }
    }
}

/// What a person can send to who helps them: codes and counts; no name, no address, no subject. Accounts are named by
/// their number; the names of readers and modules are their makers'.
pub fn anonymous(card: &CardState, health: Option<&Result<Health, Error>>, findings: &[Finding]) -> String {
    let mut lines = vec![
        format!("estafette {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS),
        format!("card {}", card.word()),
    ];
    match health {
        None => lines.push("health not read".to_owned()),
        Some(Err(error)) => lines.push(format!("health {}", error.code())),
        Some(Ok(health)) => describe(health, &mut lines),
    }
    let mut accounts = Vec::new();
    lines.extend(findings.iter().map(|finding| link_line(finding, &mut accounts)));
    lines.push(String::new());
    lines.join("\n")
}

/// One link: its verdict, its code and how long it took. `accounts` numbers the accounts as they come.
fn link_line(finding: &Finding, accounts: &mut Vec<AccountId>) -> String {
    let of = finding.of.map(|(id, way)| {
        let number = accounts.iter().position(|known| *known == id).unwrap_or_else(|| {
            accounts.push(id);
            accounts.len() - 1
        });
        format!(" account {} {way:?}", number + 1)
    });
    let verdict = match &finding.verdict {
        Verdict::Good => "good",
        Verdict::Skipped => "skipped",
        Verdict::Doubtful(error) | Verdict::Failed(error) => error.code(),
    };
    let seconds = finding.facts.iter().find(|(name, _)| *name == "seconds");
    let seconds = seconds.map(|(_, seconds)| format!(" {seconds} s")).unwrap_or_default();
    format!("link{} {} {verdict}{seconds}", of.unwrap_or_default(), finding.step.word())
}

fn describe(health: &Health, lines: &mut Vec<String>) {
    lines.push(format!(
        "outbox waiting {} refused {} undelivered {}",
        health.waiting, health.refused, health.undelivered
    ));
    for group in &health.sendings {
        lines.push(format!(
            "  {:?} {} {}",
            group.state,
            group.trouble.as_deref().unwrap_or("-"),
            group.count
        ));
    }
    let checked = health.checked_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let found = if health.check_failed { "damaged" } else { "sound" };
    lines.push(format!("store {} bytes checked {checked} {found}", health.store_bytes));
    lines.push(format!("readers {}", health.readers.len()));
    lines.extend(health.readers.iter().map(|name| format!("  {name}")));
    let module = health.module.as_deref().map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path));
    lines.push(format!("module {}", module.unwrap_or("none")));
    for (number, account) in health.accounts.iter().enumerate() {
        let connection = match &account.connection {
            Connection::Idle => "idle",
            Connection::Working => "working",
            Connection::UpToDate => "up-to-date",
            Connection::Waiting(error) => error.code(),
        };
        lines.push(format!(
            "account {} {connection} messages {} downloaded {} pending {} last-success {}",
            number + 1,
            account.messages,
            account.downloaded,
            account.pending_changes,
            account.last_success.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        ));
        let missing = &account.missing;
        lines.push(format!(
            "  connections {} since {} missing coming {} large {} failed {} too-large {}",
            account.connections,
            account.connected_since.map_or_else(|| "never".to_owned(), |at| at.to_string()),
            missing.coming,
            missing.large,
            missing.failed,
            missing.too_large,
        ));
        if let Some(quota) = &account.quota {
            lines.push(format!("  quota {} of {} at {}", quota.used, quota.allowed, quota.at));
        }
        for (kind, count) in &account.pending {
            lines.push(format!("  pending {kind} {count}"));
        }
        // folders by their number: their names may name a patient
        for (number, folder) in account.folders.iter().enumerate() {
            if let Some(tally) = folder.tally.filter(|tally| !tally.agrees()) {
                lines.push(format!("  folder {} differs {tally:?}", number + 1));
            }
        }
    }
}
