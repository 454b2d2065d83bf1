//! Laboratory results as one table: name, value, unit, bounds and flag; what is out of its bounds stands out.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::super::Message;
use super::super::documents;
use super::super::reader;
use crate::domain::biology::{DatedValue, Flag, LabResult, ResultStatus};
use crate::domain::moment::day;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::{Badge, trend, unrolled};
use crate::gui::{Element, ui};

/// Most results drawn: each is some widgets. The rest is in the document's text.
const MOST_RESULTS: usize = 600;
/// Widths of the columns, as shares.
const SHARES: [u16; 4] = [5, 3, 3, 2];
/// Share of the column of earlier values, where there are some.
const EARLIER: u16 = 4;

/// `key` says of which document they are; `earlier` holds the values before each result, in the order of the results; none when the patient is not certain.
pub(super) fn table<'a>(
    key: u64,
    results: &'a [LabResult],
    earlier: &'a [Vec<DatedValue>],
    abnormal_first: bool,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let abnormal = results.iter().filter(|r| r.is_abnormal()).count();
    let mut content = column![].spacing(space::S).width(Length::Fill);
    if abnormal > 0 && abnormal < results.len() {
        let choices = [
            (false, context.text("document-in-order")),
            (true, context.with("document-abnormal-first", &[("count", &abnormal.to_string())])),
        ];
        let choose =
            |first| Message::Reader(reader::Message::Document(documents::Message::AbnormalFirst(first)));
        content = content.push(ui::segmented(look, choices, abnormal_first, choose));
    }
    let heads = ["document-analysis", "document-value", "document-bounds", "document-flag"];
    let cells = heads.iter().zip(SHARES).map(|(key, share)| {
        container(ui::text(look.caption_strong(), context.text(key))).width(Length::FillPortion(share)).into()
    });
    let has_earlier = earlier.iter().any(|values| !values.is_empty());
    let mut heads = row(cells);
    if has_earlier {
        let title = ui::text(look.caption_strong(), context.text("patient-previous"));
        heads = heads.push(container(title).width(Length::FillPortion(EARLIER)));
    }
    let mut rows: Vec<Element<'a, Message>> = vec![heads.spacing(space::M).padding([6.0, 10.0]).into()];
    let none: &[DatedValue] = &[];
    let before = |n: usize| earlier.get(n).map_or(none, Vec::as_slice);
    let mut order: Vec<(&LabResult, &[DatedValue])> =
        results.iter().enumerate().map(|(n, result)| (result, before(n))).collect();
    if abnormal_first {
        // the sort keeps the laboratory's order within each half
        order.sort_by_key(|(r, _)| (!r.is_alarm(), !r.is_abnormal()));
    }
    let mut chapter = "";
    for (result, values) in order.into_iter().take(MOST_RESULTS) {
        if !abnormal_first && result.chapter != chapter && !result.chapter.is_empty() {
            chapter = &result.chapter;
            let title = container(ui::strong(look, chapter)).padding([space::S, 10.0]);
            rows.push(ui::divider(look));
            rows.push(title.into());
        }
        let values = has_earlier.then_some(values);
        rows.push(ui::divider(look));
        rows.push(line(result, values, context));
    }
    content = content.push(ui::card(look, unrolled(key, rows)).padding(1.0).width(Length::Fill));
    if results.len() > MOST_RESULTS {
        content = content.push(ui::caption(look, context.text("mailbox-text-cut")));
    }
    content.into()
}

fn line<'a>(
    result: &'a LabResult,
    earlier: Option<&'a [DatedValue]>,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let [name, value, bounds, flag] = SHARES;
    let colour = match (result.is_alarm(), result.is_abnormal()) {
        (true, _) => look.palette.alarm.text,
        (_, true) => look.palette.warning.text,
        _ => look.palette.text,
    };
    let face = if result.is_abnormal() { look.strong() } else { look.body() };
    let shown = format!("{} {}", result.value, result.unit);
    let mut figures = column![ui::text(face.coloured(colour), shown.trim().to_owned())];
    if let Some(other) = &result.other {
        figures = figures.push(ui::caption(look, format!("{} {}", other.value, other.unit)));
    }
    let mut named = column![ui::body(look, result.label.as_str())];
    if !result.comment.is_empty() {
        named = named.push(ui::caption(look, result.comment.as_str()));
    }
    let state = match result.status {
        Some(ResultStatus::Preliminary) => Some("document-status-preliminary"),
        Some(ResultStatus::Corrected) => Some("document-status-corrected"),
        Some(ResultStatus::Cancelled) => Some("document-status-cancelled"),
        Some(ResultStatus::Final) | None => None,
    };
    if let Some(key) = state {
        named = named.push(ui::text(look.caption().coloured(look.palette.warning.text), context.text(key)));
    }
    let mut line = row![
        container(named).width(Length::FillPortion(name)),
        container(figures).width(Length::FillPortion(value)),
        container(ui::caption(look, range(result))).width(Length::FillPortion(bounds)),
        container(mark(result, context)).width(Length::FillPortion(flag)),
    ];
    if let Some(values) = earlier {
        line = line.push(container(before(result, values, context)).width(Length::FillPortion(EARLIER)));
    }
    line.spacing(space::M).padding([6.0, 10.0]).align_y(Alignment::Center).into()
}

/// The last earlier value with its date, and the line all make with this one.
fn before<'a>(result: &LabResult, values: &'a [DatedValue], context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let Some(last) = values.last() else { return iced::widget::space().into() };
    let words = format!("{} ({})", last.value, day(&last.date));
    let now = DatedValue {
        date: result.date.clone().unwrap_or_else(|| last.date.clone()),
        value: result.value.clone(),
        number: result.number(),
        abnormal: result.is_abnormal(),
        ..last.clone()
    };
    let line = trend(look, values.iter().chain(std::iter::once(&now)));
    let mut content = column![ui::caption(look, words)].spacing(2.0);
    if line.has_line() {
        content = content.push(line);
    }
    content.into()
}

fn range(result: &LabResult) -> String {
    match (result.low.as_str(), result.high.as_str()) {
        ("", "") => result.range.clone(),
        ("", high) => format!("≤ {high}"),
        (low, "") => format!("≥ {low}"),
        (low, high) => format!("{low} – {high}"),
    }
}

fn mark<'a>(result: &LabResult, context: Context<'a>) -> Element<'a, Message> {
    let Some(flag) = result.flag.filter(|f| *f != Flag::N) else { return iced::widget::space().into() };
    let (tone, key) = match flag {
        Flag::LL => (Tone::Alarm, "document-flag-ll"),
        Flag::HH => (Tone::Alarm, "document-flag-hh"),
        Flag::AA => (Tone::Alarm, "document-flag-aa"),
        Flag::L => (Tone::Warning, "document-flag-l"),
        Flag::H => (Tone::Warning, "document-flag-h"),
        Flag::A => (Tone::Warning, "document-flag-a"),
        Flag::S => (Tone::Good, "document-flag-s"),
        Flag::I => (Tone::Neutral, "document-flag-i"),
        Flag::R => (Tone::Warning, "document-flag-r"),
        Flag::N => (Tone::Neutral, "document-flag-n"),
    };
    ui::badge(context.look, &Badge::new(tone, context.text(key)))
}
