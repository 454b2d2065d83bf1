//! How the first start and the lock screen look.

use iced::widget::{column, container, row, space};
use iced::{Alignment, Border, Length};

use super::{Attempt, Directory, Mailboxes, Message, PIN_LENGTH, STORE_DAMAGED, Step, Unblocking, Welcome};
use crate::domain::card::{CardKind, CardState, Holder, PinTries};
use crate::gui::font::Icon;
use crate::gui::theme::{Look, RADIUS, Tone, space as gap};
use crate::gui::widget::{PinKey, RowContent, list, pin};
use crate::gui::{Element, screen::Context, ui};

pub(super) fn page<'a>(welcome: &'a Welcome, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut inside = column![card_part(welcome, context)].spacing(gap::L);
    if let Some(part) = choice(welcome, context) {
        inside = inside.push(part);
    }
    if let Some(part) = mailboxes(welcome, context) {
        inside = inside.push(part);
    }
    // before the PIN boxes, which take every digit no field takes
    if let Some(part) = welcome.recovery.part(welcome.accepts_pin(), context) {
        inside = inside.push(part);
    }
    let mut parts: Vec<_> = pin_part(welcome, context).into_iter().chain(banners(welcome, context)).collect();
    // why comes before what to do about it
    if welcome.is_blocked() && welcome.unblocking.is_none() {
        parts.rotate_left(1);
    }
    inside = inside.extend(parts);
    let width = look.px(500.0);
    let mut content = column![
        ui::display(look, context.text("app-name")),
        ui::card(look, inside).padding(32.0).width(width)
    ]
    .spacing(gap::XL)
    .align_x(Alignment::Center);
    if let Some(part) = directory(welcome, context) {
        content = content.push(container(part).width(width));
    }
    content = content.push(ways_out(welcome, context));
    let page = container(content).center_x(Length::Fill).padding(gap::XL);
    container(ui::scroll(look, page).width(Length::Fill))
        .center_y(Length::Fill)
        .style(ui::background(look))
        .into()
}

/// The card as a picture, and what it says.
fn card_part<'a>(welcome: &Welcome, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let words: Element<'a, Message> = match (&welcome.card, welcome.card.holder()) {
        (_, Some(holder)) => {
            let kind = welcome.cards.iter().find(|card| card.is_selected).map(|card| card.kind);
            let mut lines = column![ui::title(look, holder.display_name())].spacing(2.0);
            for line in [who(holder, context), about(holder, kind, context)] {
                lines = lines.push(ui::caption(look, line));
            }
            lines.into()
        }
        (CardState::Reading, None) => ui::title(look, context.text("welcome-reading")).into(),
        (card, None) => {
            let sentence = context.wording.card(card);
            column![ui::title(look, sentence.what), ui::body(look, sentence.advice)].spacing(4.0).into()
        }
    };
    let tone = match welcome.card {
        CardState::Locked { .. } | CardState::Unlocked { .. } | CardState::Reading => Tone::Accent,
        CardState::NoCard | CardState::NoReader | CardState::Choosing => Tone::Neutral,
        _ => Tone::Warning,
    };
    row![card_picture(look, &welcome.card, tone), container(words).width(Length::Fill)]
        .spacing(gap::L)
        .align_y(Alignment::Center)
        .into()
}

fn card_picture<'a>(look: Look, card: &CardState, tone: Tone) -> Element<'a, Message> {
    let colours = look.palette.tone(tone);
    let icon = match card {
        CardState::NoReader => Icon::Reader,
        CardState::NoService | CardState::NoModule | CardState::ModuleFaulty { .. } => Icon::Plug,
        CardState::Unreadable
        | CardState::NotUsable { .. }
        | CardState::Expired { .. }
        | CardState::Revoked { .. } => Icon::Warning,
        _ => Icon::Card,
    };
    container(ui::icon(look, icon, 24.0, colours.text))
        .center_x(look.px(72.0))
        .center_y(look.px(48.0))
        .style(move |_| container::Style {
            background: Some(colours.ground.into()),
            border: Border { color: colours.text, width: 1.0, radius: RADIUS.into() },
            ..container::Style::default()
        })
        .into()
}

/// `Médecin · RPPS 10003456789`; for staff its structure and its own number.
fn who(holder: &Holder, context: Context<'_>) -> String {
    let number = match holder.rpps() {
        Some(rpps) => context.with("welcome-rpps", &[("number", rpps)]),
        None => context.with("welcome-staff-id", &[("number", &holder.national_id)]),
    };
    joined([Some(holder.title.clone()), holder.structure.clone(), Some(number)])
}

/// `CPS3 · carte …3626 · expire le 14/03/2028`.
fn about(holder: &Holder, kind: Option<CardKind>, context: Context<'_>) -> String {
    let end = holder.card_number.as_deref().map(|number| {
        let from = number.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        context.with("welcome-card-number", &[("end", number.get(from..).unwrap_or(number))])
    });
    let is_over = holder.not_after < context.now;
    let expiry = if is_over { "welcome-expired" } else { "welcome-expires" };
    let expiry = context.with(expiry, &[("day", &context.wording.day(holder.not_after))]);
    let generation = kind.map_or("", CardKind::generation);
    // the generation of a plain CPS says both
    let card_type =
        if holder.card_type() == "CPS" && !generation.is_empty() { "" } else { holder.card_type() };
    joined([Some(card_type.to_owned()), Some(generation.to_owned()), end, Some(expiry)])
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Several cards: which one, or that there is another one.
fn choice<'a>(welcome: &'a Welcome, context: Context<'a>) -> Option<Element<'a, Message>> {
    const ROW: f32 = 64.0;
    let look = context.look;
    if welcome.card == CardState::Choosing {
        let row = move |index: u32| {
            let card = welcome.cards.get(index as usize)?;
            let name = card.holder.as_ref().map_or(context.text("welcome-card-unread"), Holder::display_name);
            let holder = card.holder.as_ref().map(|holder| holder.title.clone());
            let detail = joined([holder, Some(card.kind.generation().to_owned()), Some(card.reader.clone())]);
            Some(RowContent { title: name, detail, ..RowContent::default() })
        };
        let count = u32::try_from(welcome.cards.len()).unwrap_or(u32::MAX);
        let cards = list(look, count, row, Message::Choose)
            .cursor(Some(welcome.cursor))
            .selected(|row| row == welcome.cursor)
            .row_height(ROW)
            .follows_keys(true);
        let height = look.px(ROW) * (welcome.cards.len().min(4) as f32);
        return Some(container(cards).height(height).into());
    }
    let other = welcome.cards.iter().find(|card| !card.is_selected)?;
    welcome.cards.iter().find(|card| card.is_selected)?;
    let words = context.with("welcome-other-card", &[("reader", &other.reader)]);
    let change =
        ui::link(look, context.text("welcome-use-other")).on_press(Message::UseCard(other.reader.clone()));
    let line = row![ui::caption(look, words).width(Length::Fill), change];
    Some(line.spacing(gap::S).align_y(Alignment::Center).into())
}

/// The codes that unblock a card, one after the other.
fn unblocking<'a>(unblocking: &Unblocking, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let label = match unblocking.step {
        Step::Puk => "welcome-unblock-puk",
        Step::Pin => "welcome-unblock-pin",
        Step::Again => "welcome-unblock-again",
    };
    let (typed, length) = (unblocking.typed(), unblocking.length());
    let boxes = pin(look, typed, length, Some(Box::new(Message::Key)));
    let next = (typed == length).then_some(Message::Key(PinKey::Enter));
    let buttons = row![
        ui::secondary(look, context.text("welcome-unblock-cancel")).on_press(Message::LeaveUnblocking),
        space().width(Length::Fill),
        ui::primary(look, context.text("welcome-unblock-next")).on_press_maybe(next),
    ];
    let mut lines = column![ui::caption(look, context.text(label)), boxes].spacing(gap::S);
    if unblocking.differs {
        let differs = context.text("welcome-unblock-differs");
        lines = lines.push(ui::banner(look, Tone::Warning, differs, String::new(), vec![]));
    }
    if unblocking.step == Step::Puk {
        lines = lines.push(ui::caption(look, context.text("welcome-unblock-warning")));
    }
    column![lines, buttons.align_y(Alignment::Center)].spacing(gap::M).into()
}

fn pin_part<'a>(welcome: &'a Welcome, context: Context<'a>) -> Option<Element<'a, Message>> {
    let look = context.look;
    let CardState::Locked { pin_pad, .. } = &welcome.card else { return None };
    if let Some(codes) = &welcome.unblocking {
        return Some(unblocking(codes, context));
    }
    if welcome.is_blocked() {
        // nothing unblocks it any more
        if matches!(&welcome.attempt, Attempt::Failed(error) if error.code() == "puk-blocked") {
            return None;
        }
        if matches!(welcome.attempt, Attempt::Running) {
            let words = ui::caption(look, context.text("welcome-unblocking"));
            return Some(column![words, ui::progress(look, None)].spacing(gap::XS).into());
        }
        let start = ui::secondary(look, context.text("welcome-unblock"));
        return Some(start.on_press(Message::Unblock).into());
    }
    let is_running = matches!(welcome.attempt, Attempt::Running);
    let label = if is_running { "welcome-opening" } else { "welcome-open" };
    if *pin_pad {
        let start = ui::primary(look, context.text(if is_running { label } else { "welcome-pin-start" }));
        let words = ui::body(look, context.text("welcome-pin-on-reader")).width(Length::Fill);
        let part = row![words, start.on_press_maybe((!is_running).then_some(Message::Open))];
        return Some(part.spacing(gap::L).align_y(Alignment::Center).into());
    }
    let on_key: Option<Box<dyn Fn(PinKey) -> Message>> =
        if is_running { None } else { Some(Box::new(Message::Key)) };
    let is_complete = welcome.pin.len() == PIN_LENGTH && !is_running;
    let open = ui::primary(look, context.text(label))
        .height(52.0)
        .id("open")
        .on_press_maybe(is_complete.then_some(Message::Open));
    let typed = if is_running { PIN_LENGTH } else { welcome.pin.len() };
    let boxes = row![pin(look, typed, PIN_LENGTH, on_key), space().width(Length::Fill), open];
    let label = if context.is_practice { "welcome-pin-practice" } else { "welcome-pin-label" };
    Some(column![ui::caption(look, context.text(label)), boxes].spacing(gap::S).into())
}

/// Codes of the engine that say what became of a blocked card.
const UNBLOCKING: [&str; 4] = ["pin-blocked", "puk-wrong", "puk-blocked", "unblock-unavailable"];

/// What went wrong, and how many tries are left.
fn banners<'a>(welcome: &Welcome, context: Context<'a>) -> Vec<Element<'a, Message>> {
    let look = context.look;
    let mut banners = Vec::new();
    let mut told = "";
    if let Some(error) = &welcome.trouble {
        let sentence = context.wording.error(error);
        banners.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
    }
    let days = welcome.card.holder().and_then(|holder| holder.days_left(context.now));
    if let Some(days) = days {
        let what = context.with("welcome-expires-soon", &[("days", &days.to_string())]);
        let advice = context.text("welcome-expires-soon-advice");
        banners.push(ui::banner(look, Tone::Warning, what, advice, vec![]));
    }
    if let Attempt::Failed(error) = &welcome.attempt {
        let sentence = context.wording.error(error);
        told = error.code();
        let is_last = matches!(welcome.card, CardState::Locked { tries: PinTries::Last, .. });
        let is_alarm = told == "pin-blocked" || (told == "pin-wrong" && is_last);
        let tone = if is_alarm { Tone::Alarm } else { Tone::Warning };
        let cure = STORE_DAMAGED.contains(&told).then(|| {
            ui::secondary(look, context.text("welcome-set-aside")).on_press(Message::SetAside).into()
        });
        banners.push(ui::banner(look, tone, sentence.what, sentence.advice, cure.into_iter().collect()));
    }
    match &welcome.card {
        state @ (CardState::Expired { .. } | CardState::Revoked { .. }) if told != state.word() => {
            let sentence = context.wording.card(state);
            banners.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
        }
        // what came of an unblocking says more than that the card is blocked
        CardState::Locked { tries: PinTries::Blocked, .. } if !UNBLOCKING.contains(&told) => {
            let sentence = context.wording.code("pin-blocked", &[]);
            banners.push(ui::banner(look, Tone::Alarm, sentence.what, sentence.advice, vec![]));
        }
        CardState::Locked { tries: PinTries::Last, .. } if told != "pin-wrong" => banners.push(ui::banner(
            look,
            Tone::Alarm,
            context.text("welcome-tries-last"),
            context.text("welcome-tries-last-advice"),
            vec![],
        )),
        CardState::Locked { tries: PinTries::Low, .. } if told != "pin-wrong" => banners.push(ui::banner(
            look,
            Tone::Warning,
            context.text("welcome-tries-low"),
            context.text("welcome-tries-low-advice"),
            vec![],
        )),
        _ => {}
    }
    banners
}

fn mailboxes<'a>(welcome: &Welcome, context: Context<'a>) -> Option<Element<'a, Message>> {
    let look = context.look;
    match &welcome.mailboxes {
        Mailboxes::Unknown => None,
        Mailboxes::Searching => Some(ui::caption(look, context.text("welcome-mailbox-search")).into()),
        Mailboxes::Missing(error) => {
            let sentence = context.wording.error(error);
            Some(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]))
        }
        Mailboxes::Found(found) => match found.as_slice() {
            // what is not loaded yet says nothing
            [] if matches!(welcome.directory, Directory::Empty(_) | Directory::Loading) => None,
            [] => {
                let sentence = context.wording.code("mailbox-not-found", &[]);
                Some(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]))
            }
            [(only, _)] => {
                let address = context.with("welcome-mailbox-one", &[("address", only.address.as_str())]);
                let mut lines = column![ui::body(look, address)];
                if !only.place.is_empty() {
                    lines = lines.push(ui::caption(look, only.place.clone()));
                }
                if only.config.is_none() && !context.is_practice {
                    lines = lines.push(ui::caption(look, context.text("welcome-mailbox-no-servers")));
                }
                Some(lines.into())
            }
            several => {
                let mut lines = column![ui::caption(look, context.text("welcome-mailbox-several"))];
                for (index, (proposal, keep)) in several.iter().enumerate() {
                    let label = [proposal.address.as_str(), proposal.place.as_str()];
                    let label = label.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" · ");
                    let choose = move |on| Message::Keep(index, on);
                    lines = lines.push(ui::checkbox(look, label, *keep, choose));
                }
                Some(lines.spacing(2.0).into())
            }
        },
    }
}

fn directory<'a>(welcome: &Welcome, context: Context<'a>) -> Option<Element<'a, Message>> {
    let look = context.look;
    match &welcome.directory {
        Directory::Unknown | Directory::Ready => None,
        Directory::Loading => {
            let words = ui::caption(look, context.text("welcome-annuaire-loading"));
            Some(column![words, ui::progress(look, None)].spacing(gap::XS).into())
        }
        Directory::Empty(error) => {
            let (what, advice) = match error {
                Some(error) => {
                    let sentence = context.wording.error(error);
                    (sentence.what, sentence.advice)
                }
                None => {
                    (context.text("welcome-annuaire-empty"), context.text("welcome-annuaire-empty-detail"))
                }
            };
            let load =
                ui::secondary(look, context.text("welcome-annuaire-file")).on_press(Message::ChooseFile);
            Some(ui::banner(look, Tone::Accent, what, advice, vec![load.into()]))
        }
    }
}

fn ways_out<'a>(welcome: &Welcome, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let point = || ui::caption(look, "·");
    let mut line = row![].spacing(2.0).align_y(Alignment::Center);
    if matches!(welcome.card, CardState::Locked { .. }) {
        // as far from its point as a link is
        let hint = container(ui::caption(look, context.text("welcome-lock-hint"))).padding([0.0, 4.0]);
        line = line.push(hint).push(point());
    }
    let words = if welcome.recovery.ways.without_card { "welcome-without-card" } else { "welcome-offline" };
    let offline = ui::link(look, context.text(words)).on_press(Message::ReadOffline);
    let practice = ui::link(look, context.text("welcome-practice")).on_press(Message::Practise);
    let trouble = ui::link(look, context.text("welcome-trouble")).on_press(Message::SeeTrouble);
    let mut links: Vec<Element<'a, Message>> = Vec::new();
    if welcome.is_first && !context.is_practice {
        // a card being read may be one whose mailboxes it would join
        if welcome.card.holder().is_none() && welcome.card != CardState::Reading {
            let add = ui::link(look, context.text("welcome-add")).id("add-mailbox");
            links.push(add.on_press(Message::AddMailbox).into());
        }
        links.push(practice.into());
    } else if welcome.recovery.ways.offline {
        links.push(offline.into());
    }
    links.extend(welcome.recovery.link(context));
    links.push(trouble.into());
    let count = links.len();
    for (link, at) in links.into_iter().zip(1..) {
        line = line.push(link);
        if at < count {
            line = line.push(point());
        }
    }
    line.into()
}
