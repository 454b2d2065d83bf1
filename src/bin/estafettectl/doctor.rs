//! `estafettectl doctor`: everything a doctor needs, checked in order.

use std::collections::BTreeMap;

use estafette::domain::tally::Fullness;
use estafette::engine::{AccountHealth, Finding, Health, Verdict};
use estafette::wording;
use serde_json::{Value, json};

use crate::output::{Failure, Output, say};
use crate::session::Context;

struct Check {
    name: &'static str,
    /// The name for people.
    label: String,
    good: bool,
    /// It holds, and will not for long or not for everything.
    is_doubtful: bool,
    /// Not looked at.
    is_skipped: bool,
    words: String,
    /// Figures behind the words, for programs.
    figures: Option<Value>,
}

impl Check {
    fn listed(&self) -> Value {
        let mut listed = json!({"check": self.name, "good": self.good, "doubtful": self.is_doubtful, "skipped": self.is_skipped, "words": self.words});
        if let (Some(figures), Some(fields)) = (&self.figures, listed.as_object_mut()) {
            fields.insert("figures".to_owned(), figures.clone());
        }
        listed
    }

    fn mark(&self) -> char {
        match self {
            Self { is_skipped: true, .. } => '–',
            Self { good: false, .. } => '✗',
            Self { is_doubtful: true, .. } => '!',
            _ => '✓',
        }
    }
}

/// What there is to know of an account beside its connection: the same as on the health page.
fn of_account(account: &AccountHealth, attachments: u64, output: &Output) -> Vec<Check> {
    let (wording, now) = (&output.wording, jiff::Timestamp::now().as_second());
    let of = |words: Vec<String>| {
        let words: Vec<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
        format!("{} · {}", account.address, words.join(" · "))
    };
    let check = |name: &'static str, good, words, figures| Check {
        name,
        label: wording.text(&format!("diagnosis-{name}")),
        good,
        is_doubtful: false,
        is_skipped: false,
        words: of(words),
        figures: Some(figures),
    };
    let disagreeing = account.disagreeing();
    let compared = match disagreeing {
        0 => String::new(),
        n => wording.with("trouble-differs", &[("count", &n.to_string())]),
    };
    let success = match account.last_success {
        Some(at) => wording.with("trouble-last-success", &[("moment", &wording.moment(at, now))]),
        None => wording.text("trouble-never"),
    };
    let kinds = account.pending.iter().map(|(kind, count)| {
        wording.with(&format!("trouble-change-{kind}"), &[("count", &count.to_string())])
    });
    let pending = match account.pending_changes {
        0 => vec![wording.with("trouble-pending", &[("count", "0")])],
        _ => kinds.collect(),
    };
    let (here, all) = (wording.count(account.downloaded), wording.count(account.messages));
    let searched = wording.with("trouble-searched", &[("searched", &here), ("messages", &all)]);
    let names_only = match attachments {
        0 => String::new(),
        n => wording.with("trouble-attachments", &[("count", &n.to_string())]),
    };
    let mut checks = vec![
        check("counts", disagreeing == 0, vec![success, compared], json!(account.folders)),
        check("changes", account.pending_changes == 0, pending, json!(account.pending)),
        check(
            "search",
            account.missing.at_fault() == 0,
            vec![searched, wording.missing(&account.missing), names_only],
            json!({"messages": account.messages, "downloaded": account.downloaded,
                   "missing": account.missing, "attachments_by_name": attachments}),
        ),
    ];
    if let Some(quota) = &account.quota {
        let warning = wording.quota_warning(quota);
        let words = warning.map(|sentence| format!("{} {}", sentence.what, sentence.advice));
        checks.push(check(
            "quota",
            quota.fullness() == Fullness::Roomy,
            vec![wording.quota(quota), words.unwrap_or_default()],
            json!(quota),
        ));
    }
    checks
}

fn sendings(health: &Health, output: &Output) -> Check {
    let count = |key, n: u32| output.wording.with(key, &[("count", &n.to_string())]);
    let mut words = vec![count("trouble-waiting", health.waiting), count("trouble-refused", health.refused)];
    if health.undelivered > 0 {
        words.push(count("trouble-undelivered", health.undelivered));
    }
    Check {
        name: "sendings",
        label: output.wording.text("diagnosis-sendings"),
        good: health.refused == 0,
        is_doubtful: false,
        is_skipped: false,
        words: words.join(" · "),
        figures: Some(json!(health.sendings)),
    }
}

/// Walks the chain, and tells of each account what the health page tells.
pub(crate) async fn run(context: &Context, anonymous: bool, output: &Output) -> Result<(), Failure> {
    // whose store it is hangs on the card
    context.card().await;
    let opened = context.online().await;
    let mut findings = Vec::new();
    let mut walk = context.engine.diagnose();
    while let Some(finding) = walk.next().await {
        findings.push(finding);
    }
    let health = context.engine.health().await;
    if anonymous {
        say!("{}", wording::anonymous(&context.engine.card(), Some(&health), &findings));
        return Ok(());
    }
    let health = health?;
    let mut checks: Vec<Check> = findings.iter().map(|found| of_link(found, &health, output)).collect();
    let mut failure = opened.err();
    for finding in findings {
        if let Verdict::Failed(error) = finding.verdict {
            failure.get_or_insert(Failure::Engine(error));
        }
    }
    for account in &health.accounts {
        let attachments = context.engine.unsearched_attachments(account.id).await?;
        checks.extend(of_account(account, attachments, output));
    }
    checks.push(sendings(&health, output));
    let listed: Vec<_> = checks.iter().map(Check::listed).collect();
    output.answer(&listed, || {
        for check in &checks {
            say!("{} {:27} {}", check.mark(), check.label, check.words);
        }
    });
    failure.map_or(Ok(()), Err)
}

fn of_link(finding: &Finding, health: &Health, output: &Output) -> Check {
    let sentence = output.wording.finding(finding);
    let account = finding.of.and_then(|(id, way)| {
        let account = health.accounts.iter().find(|account| account.id == id)?;
        Some((account.address.to_string(), output.wording.way(way)))
    });
    let said = [sentence.what, sentence.advice].join(" ");
    let words = match &account {
        Some((address, way)) => format!("{address} · {way} · {said}"),
        None => said,
    };
    let code = match &finding.verdict {
        Verdict::Failed(error) | Verdict::Doubtful(error) => Some(error.code()),
        _ => None,
    };
    let figures = json!({"code": code, "account": account.map(|(address, _)| address),
        "facts": finding.facts.iter().map(|(name, value)| (*name, value.as_str())).collect::<BTreeMap<_, _>>()});
    Check {
        name: finding.step.word(),
        label: output.wording.link(finding.step),
        good: !matches!(finding.verdict, Verdict::Failed(_)),
        is_doubtful: matches!(finding.verdict, Verdict::Doubtful(_)),
        is_skipped: matches!(finding.verdict, Verdict::Skipped),
        words: words.trim_end().to_owned(),
        figures: Some(figures),
    }
}
