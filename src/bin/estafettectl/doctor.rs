//! `estafettectl doctor`: everything a doctor needs, checked in order.

use estafette::domain::card::CardState;
use estafette::domain::tally::Fullness;
use estafette::engine::{AccountHealth, Health};
use serde_json::{Value, json};

use crate::output::{Failure, Output, say};
use crate::session::Context;

struct Check {
    name: &'static str,
    good: bool,
    words: String,
    /// Figures behind the words, for programs.
    figures: Option<Value>,
}

impl Check {
    fn listed(&self) -> Value {
        let mut listed = json!({"check": self.name, "good": self.good, "words": self.words});
        if let (Some(figures), Some(fields)) = (&self.figures, listed.as_object_mut()) {
            fields.insert("figures".to_owned(), figures.clone());
        }
        listed
    }
}

/// What there is to know of an account beside its connection: the same as on the health page.
fn of_account(account: &AccountHealth, attachments: u64, output: &Output) -> Vec<Check> {
    let (wording, now) = (&output.wording, jiff::Timestamp::now().as_second());
    let of = |words: Vec<String>| {
        let words: Vec<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
        format!("{} · {}", account.address, words.join(" · "))
    };
    let check = |name, good, words, figures| Check { name, good, words: of(words), figures: Some(figures) };
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
    let words = [count("trouble-waiting", health.waiting), count("trouble-refused", health.refused)];
    Check {
        name: "sendings",
        good: health.refused == 0,
        words: words.join(" · "),
        figures: Some(json!(health.sendings)),
    }
}

pub(crate) async fn run(context: &Context, output: &Output) -> Result<(), Failure> {
    let mut checks = Vec::new();
    let state = context.card().await;
    let good = matches!(state, CardState::Locked { .. } | CardState::Unlocked { .. });
    checks.push(Check { name: "card", good, words: crate::card::sentence(&state, output), figures: None });
    let health = context.engine.health().await?;
    checks.push(Check {
        name: "readers",
        good: !health.readers.is_empty(),
        words: health.readers.join(", "),
        figures: None,
    });
    let module = health.module.clone().unwrap_or_default();
    checks.push(Check { name: "module", good: health.module.is_some(), words: module, figures: None });
    let annuaire = context.engine.annuaire_status().await?;
    let words = format!("{} · {}", annuaire.mailboxes, annuaire.data_date.as_deref().unwrap_or("-"));
    checks.push(Check { name: "annuaire", good: annuaire.mailboxes > 0, words, figures: None });
    let mut first_failure = None;
    match context.online().await {
        Ok(()) => {
            let (good, words) = match context.engine.check_store().await {
                Ok(()) => (true, String::new()),
                Err(error) => {
                    let sentence = output.wording.error(&error);
                    first_failure.get_or_insert(Failure::Engine(error));
                    (false, format!("{} {}", sentence.what, sentence.advice))
                }
            };
            checks.push(Check { name: "store", good, words, figures: None });
            for account in context.engine.accounts().await? {
                let (good, words) = match context.engine.check_account(account.id).await {
                    Ok(check) => (true, format!("{:.2} s · {:.2} s", check.imap_seconds, check.smtp_seconds)),
                    Err(error) => {
                        let sentence = output.wording.error(&error);
                        first_failure.get_or_insert(Failure::Engine(error));
                        (false, format!("{} {}", sentence.what, sentence.advice))
                    }
                };
                checks.push(Check {
                    name: "account",
                    good,
                    words: format!("{} · {words}", account.config.address),
                    figures: None,
                });
            }
            // read again: the checks above have told of the store and of each quota
            let health = context.engine.health().await?;
            for account in &health.accounts {
                let attachments = context.engine.unsearched_attachments(account.id).await?;
                checks.extend(of_account(account, attachments, output));
            }
            checks.push(sendings(&health, output));
        }
        Err(failure) => {
            checks.push(Check { name: "store", good: false, words: String::new(), figures: None });
            first_failure = Some(failure);
        }
    }
    let listed: Vec<_> = checks.iter().map(Check::listed).collect();
    output.answer(&listed, || {
        for check in &checks {
            say!("{} {:9} {}", if check.good { "✓" } else { "✗" }, check.name, check.words);
        }
    });
    first_failure.map_or(Ok(()), Err)
}
