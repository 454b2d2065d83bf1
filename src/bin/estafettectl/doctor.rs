//! `estafettectl doctor`: everything a doctor needs, checked in order.

use estafette::domain::card::CardState;
use serde_json::json;

use crate::output::{Failure, Output, say};
use crate::session::Context;

struct Check {
    name: &'static str,
    good: bool,
    words: String,
}

pub(crate) async fn run(context: &Context, output: &Output) -> Result<(), Failure> {
    let mut checks = Vec::new();
    let state = context.card().await;
    let good = matches!(state, CardState::Locked { .. } | CardState::Unlocked { .. });
    checks.push(Check { name: "card", good, words: crate::card::sentence(&state, output) });
    let health = context.engine.health().await?;
    checks.push(Check {
        name: "readers",
        good: !health.readers.is_empty(),
        words: health.readers.join(", "),
    });
    let module = health.module.clone().unwrap_or_default();
    checks.push(Check { name: "module", good: health.module.is_some(), words: module });
    let annuaire = context.engine.annuaire_status().await?;
    let words = format!("{} · {}", annuaire.mailboxes, annuaire.data_date.as_deref().unwrap_or("-"));
    checks.push(Check { name: "annuaire", good: annuaire.mailboxes > 0, words });
    let mut first_failure = None;
    match context.online().await {
        Ok(()) => {
            checks.push(Check { name: "store", good: true, words: String::new() });
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
                });
            }
        }
        Err(failure) => {
            checks.push(Check { name: "store", good: false, words: String::new() });
            first_failure = Some(failure);
        }
    }
    let listed: Vec<_> =
        checks.iter().map(|c| json!({"check": c.name, "good": c.good, "words": c.words})).collect();
    output.answer(&listed, || {
        for check in &checks {
            say!("{} {:9} {}", if check.good { "✓" } else { "✗" }, check.name, check.words);
        }
    });
    first_failure.map_or(Ok(()), Err)
}
