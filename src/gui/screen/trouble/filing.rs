//! What rules failed on, and trying it again.

use iced::widget::{column, row};
use iced::{Alignment, Length};

use super::{Message, Trouble};
use crate::engine::{Engine, Error, RuleTrouble};
use crate::gui::font::Icon;
use crate::gui::screen::{Action, Context, Notice};
use crate::gui::theme::{Tone, space as gap};
use crate::gui::{Element, ui};

/// Failures told one by one.
const NAMED: usize = 10;

impl Trouble {
    pub(super) fn read_rules(engine: &Engine) -> Action<Message> {
        let engine = engine.clone();
        Action::run(async move { engine.rule_troubles().await }, Message::RulesRead)
    }

    pub(super) fn rules_read(&mut self, result: Result<Vec<RuleTrouble>, Error>) -> Action<Message> {
        // without a session there is nothing to tell, and the page says so already
        self.rules = result.unwrap_or_default();
        Action::None
    }

    pub(super) fn retry_rules(engine: &Engine) -> Action<Message> {
        let engine = engine.clone();
        Action::run(async move { engine.retry_rules().await }, Message::RulesRetried)
    }

    pub(super) fn rules_retried(engine: &Engine, result: Result<(), Error>) -> Action<Message> {
        let read = Self::read_rules(engine);
        match result {
            Ok(()) => read,
            Err(error) => Action::Many(vec![Action::Tell(Notice::Failed(error)), read]),
        }
    }
}

/// Nothing when all went well.
pub(super) fn filing_part<'a>(trouble: &'a Trouble, context: Context<'a>) -> Option<Element<'a, Message>> {
    let look = context.look;
    if trouble.rules.is_empty() {
        return None;
    }
    let again = ui::secondary(look, context.text("trouble-rules-retry"))
        .icon(Icon::Sync)
        .on_press(Message::RetryRules);
    let count = context.with("trouble-rules-failed", &[("count", &trouble.rules.len().to_string())]);
    let head = row![ui::status_dot(look, Tone::Alarm), ui::body(look, count).width(Length::Fill), again];
    let mut content = column![
        ui::strong(look, context.text("trouble-rules")),
        head.spacing(gap::S).align_y(Alignment::Center)
    ]
    .spacing(gap::S);
    // the same folder fails for every message: each reason once
    let mut told: Vec<(&str, String)> = Vec::new();
    for failed in &trouble.rules {
        let sentence = context.wording.error(&failed.error);
        let line = (failed.rule.as_str(), format!("{} {}", sentence.what, sentence.advice));
        if !told.contains(&line) && told.len() < NAMED {
            told.push(line);
        }
    }
    for (rule, why) in told {
        content =
            content.push(ui::caption(look, context.with("trouble-rule", &[("rule", rule), ("why", &why)])));
    }
    Some(ui::card(look, content).width(Length::Fill).into())
}
