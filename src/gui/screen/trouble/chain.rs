//! The chain from the card to the mailbox, a line a link.

use iced::widget::{column, row};
use iced::{Alignment, Length};

use super::{Message, Trouble};
use crate::domain::id::AccountId;
use crate::engine::{Finding, Verdict, Way};
use crate::gui::font::Icon;
use crate::gui::theme::{Tone, space as gap};
use crate::gui::{Element, screen::Context, ui};

/// Width of the column of names, in pixels before text size.
const NAMES: f32 = 210.0;

pub(super) fn chain_part<'a>(trouble: &'a Trouble, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let running = trouble.is_diagnosing;
    let label = context.text(if running { "diagnosis-running" } else { "diagnosis-run" });
    let start = ui::secondary(look, label)
        .icon(Icon::Stethoscope)
        .id("diagnose")
        .on_press_maybe((!running).then_some(Message::Diagnose));
    let head = row![ui::strong(look, context.text("diagnosis-title")).width(Length::Fill), start];
    let mut content = column![
        head.spacing(gap::S).align_y(Alignment::Center),
        ui::caption(look, context.text("diagnosis-detail"))
    ]
    .spacing(gap::S);
    let mut of = None;
    for finding in &trouble.findings {
        if finding.of != of {
            of = finding.of;
            content = content.push(ui::divider(look)).push(ui::strong(look, title(trouble, of, context)));
        }
        content = content.push(line(finding, context));
        if let Verdict::Failed(_) | Verdict::Doubtful(_) = finding.verdict {
            let sentence = context.wording.finding(finding);
            content = content.push(ui::banner(
                look,
                tone(&finding.verdict),
                sentence.what,
                sentence.advice,
                vec![],
            ));
        }
    }
    let holds = |found: &Finding| matches!(found.verdict, Verdict::Good | Verdict::Skipped);
    if !running && trouble.findings.iter().all(holds) && !trouble.findings.is_empty() {
        content = content.push(ui::banner(look, Tone::Good, context.text("diagnosis-all-good"), "", vec![]));
    }
    ui::card(look, content).width(Length::Fill).into()
}

fn title(trouble: &Trouble, of: Option<(AccountId, Way)>, context: Context<'_>) -> String {
    let Some((id, way)) = of else { return String::new() };
    let accounts = trouble.health.as_ref().and_then(|health| health.as_ref().ok());
    let account = accounts.and_then(|health| health.accounts.iter().find(|account| account.id == id));
    let address = account.map_or("", |account| account.address.as_str());
    format!("{} · {address}", context.wording.way(way))
}

fn tone(verdict: &Verdict) -> Tone {
    match verdict {
        Verdict::Good => Tone::Good,
        Verdict::Doubtful(_) => Tone::Warning,
        Verdict::Failed(_) => Tone::Alarm,
        Verdict::Skipped => Tone::Neutral,
    }
}

/// A link that breaks is explained by a banner under its line.
fn line<'a>(finding: &Finding, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let words = match finding.verdict {
        Verdict::Failed(_) | Verdict::Doubtful(_) => String::new(),
        Verdict::Good | Verdict::Skipped => context.wording.finding(finding).what,
    };
    row![
        ui::status_dot(look, tone(&finding.verdict)),
        ui::body(look, context.wording.link(finding.step)).width(look.px(NAMES)),
        ui::caption(look, words).width(Length::Fill),
    ]
    .spacing(gap::S)
    .align_y(Alignment::Center)
    .into()
}
