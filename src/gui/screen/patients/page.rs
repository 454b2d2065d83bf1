//! The page of a patient: who it is, and every message and document in time.

use iced::widget::text::Span;
use iced::widget::{column, container, rich_text, row, span};
use iced::{Alignment, Font, Length};

use super::{Deed, Filter, Message, Patients};
use crate::domain::biology::Trend;
use crate::domain::document::DocumentKind;
use crate::domain::id::PatientId;
use crate::domain::moment::day;
use crate::domain::patient::{InsNature, NamedDocument, Patient, PatientEntry, PatientFile, Sex, Standing};
use crate::domain::triage::Triage;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::{Badge, elided, trend};
use crate::gui::{Element, ui};

/// Most messages drawn: each is a card of widgets.
const MOST_CARDS: usize = 200;
/// Most analyses drawn.
const MOST_TRENDS: usize = 200;
/// Documents named on one card.
const MOST_DOCUMENTS: usize = 6;

pub(super) fn view<'a>(
    patients: &'a Patients,
    file: &'a PatientFile,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![header(patients, file, context)].spacing(space::M);
    if let Some(from) = patients.joining {
        content = content.push(joining(patients, from, file, context));
    }
    if file.patient.conflict {
        let (title, detail) = (context.text("patient-conflict"), context.text("patient-conflict-detail"));
        content = content.push(ui::banner(look, Tone::Warning, title, detail, Vec::new()));
    }
    content = content.push(filters(patients, file, context));
    let list = match patients.filter {
        Filter::Values => values(patients, context),
        filter => entries(patients, file, filter, context),
    };
    content = content.push(list);
    let content = container(content).max_width(look.px(900.0)).padding([space::L, space::XL]);
    ui::scroll(look, content).width(Length::Fill).height(Length::Fill).into()
}

fn header<'a>(patients: &'a Patients, file: &'a PatientFile, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let traits = &file.patient.traits;
    let merge = ui::quiet(look, context.text("patient-merge"))
        .icon(Icon::People)
        .id("patient-merge")
        .on_press_maybe((!patients.busy && patients.joining.is_none()).then_some(Message::Joining(true)));
    let export = ui::quiet(look, context.text("patient-export"))
        .icon(Icon::Download)
        .id("patient-export")
        .on_press(Message::Export(file.patient.id, traits.name.clone()));
    let title = row![ui::title(look, traits.name.as_str()).width(Length::Fill), export, merge]
        .spacing(space::M)
        .align_y(Alignment::Center);
    let mut content =
        column![title, ui::body(look, facts(traits, context)), identity(traits, context)].spacing(space::XS);
    for merged in &file.merged {
        let name = format!("{} ({})", merged.traits.name, born(&merged.traits, context));
        let part = ui::link(look, context.text("patient-part"))
            .on_press_maybe((!patients.busy).then_some(Message::Do(Deed::Part(merged.id))));
        let line = row![ui::caption(look, context.with("patient-merged", &[("name", &name)])), part];
        content = content.push(line.spacing(space::S).align_y(Alignment::Center));
    }
    ui::card(look, content).width(Length::Fill).into()
}

/// The other patient is chosen in the list, then confirmed here, both identities side by side.
fn joining<'a>(
    patients: &'a Patients,
    from: PatientId,
    file: &'a PatientFile,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let stop = ui::quiet(look, context.text("patient-merge-stop")).on_press(Message::Joining(false));
    let partner = patients.partner.and_then(|id| patients.rows().iter().find(|p| p.id == id));
    let name = file.patient.traits.name.as_str();
    let Some(partner) = partner else {
        let (title, detail) =
            (context.text("patient-merge-title"), context.with("patient-merge-detail", &[("name", name)]));
        return ui::banner(look, Tone::Accent, title, detail, vec![stop.into()]);
    };
    let into = format!("{}, {}", partner.traits.name, born(&partner.traits, context));
    let title = context.with("patient-merge-into", &[("from", name), ("into", &into)]);
    let yes = ui::primary(look, context.text("patient-merge-yes"))
        .id("patient-merge-yes")
        .on_press_maybe((!patients.busy).then_some(Message::Do(Deed::Merge(from, partner.id))));
    ui::banner(look, Tone::Warning, title, ins_line(&partner.traits, context), vec![yes.into(), stop.into()])
}

fn filters<'a>(patients: &'a Patients, file: &'a PatientFile, context: Context<'a>) -> Element<'a, Message> {
    let kinds = [
        (Filter::All, "patient-filter-all"),
        (Filter::Biology, "patient-filter-biology"),
        (Filter::Reports, "patient-filter-reports"),
        (Filter::Prescriptions, "patient-filter-prescriptions"),
        (Filter::Imaging, "patient-filter-imaging"),
        (Filter::Others, "patient-filter-others"),
    ];
    let count = |filter| file.entries.iter().filter(|e| is_of(e, filter)).count();
    let mut choices: Vec<(Filter, String)> = kinds
        .into_iter()
        .map(|(filter, key)| (filter, count(filter), key))
        .filter(|(filter, count, _)| *count > 0 || *filter == Filter::All)
        .map(|(filter, count, key)| (filter, format!("{} ({count})", context.text(key))))
        .collect();
    if count(Filter::Biology) > 0 {
        choices.push((Filter::Values, context.text("patient-filter-values")));
    }
    let buttons = choices.into_iter().map(|(filter, label)| {
        let chosen = filter == patients.filter;
        ui::secondary(context.look, label).chosen(chosen).on_press(Message::Filter(filter)).into()
    });
    row(buttons).spacing(space::XS).wrap().vertical_spacing(space::XS).into()
}

/// Whether a message is of a type. Codes: LOINC and TRE, digest of the formats §2.4.
fn is_of(entry: &PatientEntry, filter: Filter) -> bool {
    let kind = |document: &NamedDocument| match (document.code.as_str(), document.kind) {
        _ if document.biology => Filter::Biology,
        ("11502-2", _) => Filter::Biology,
        ("57833-6" | "60593-1", _) => Filter::Prescriptions,
        ("18748-4" | "55115-0" | "IMG-KOS", _) | (_, DocumentKind::Dicom | DocumentKind::Image) => {
            Filter::Imaging
        }
        (code, _) if !code.is_empty() => Filter::Reports,
        (_, DocumentKind::Cda | DocumentKind::Hprim) => Filter::Reports,
        _ => Filter::Others,
    };
    match filter {
        Filter::All => true,
        Filter::Others if entry.mention.documents.is_empty() => true,
        _ => entry.mention.documents.iter().any(|d| kind(d) == filter),
    }
}

fn entries<'a>(
    patients: &'a Patients,
    file: &'a PatientFile,
    filter: Filter,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let mut shown = file.entries.iter().filter(|e| is_of(e, filter)).peekable();
    if shown.peek().is_none() {
        return ui::caption(look, context.text("patient-entries-none")).into();
    }
    let cards = shown.take(MOST_CARDS).map(|entry| card(patients, entry, context));
    let mut content = column(cards).spacing(space::S).width(Length::Fill);
    if file.more || file.entries.len() > MOST_CARDS {
        content = content.push(ui::caption(look, context.text("patient-entries-more")));
    }
    content.into()
}

fn card<'a>(patients: &'a Patients, entry: &'a PatientEntry, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let (message, mention) = (&entry.message, &entry.mention);
    let subject =
        if message.subject.is_empty() { context.text("mailbox-no-subject") } else { message.subject.clone() };
    let mut head =
        row![elided(look.strong(), subject).width(Length::Fill)].spacing(space::S).align_y(Alignment::Center);
    if message.alarm {
        head = head
            .push(ui::badge(look, &Badge::new(Tone::Alarm, context.text("mailbox-alarm")).icon(Icon::Alarm)));
    }
    if let Some(state) = Triage::of(&message.flags) {
        head = head.push(ui::badge(look, &Badge::new(Tone::Accent, context.wording.triage(state))));
    }
    if mention.standing == Standing::Chosen {
        head = head.push(ui::badge(look, &Badge::new(Tone::Neutral, context.text("patient-by-hand"))));
    }
    head = head.push(ui::caption(look, context.wording.when(message.date, context.now)));
    let mut content = column![head, ui::caption(look, message.from.label().to_owned())].spacing(2.0);
    for document in mention.documents.iter().take(MOST_DOCUMENTS) {
        content = content.push(document_line(document, context));
    }
    let open = ui::secondary(look, context.text("patient-open"))
        .icon(Icon::Mail)
        .on_press(Message::OpenMessage(message.folder, message.id));
    let detach = ui::quiet(look, context.text("patient-detach"))
        .on_press_maybe((!patients.busy).then_some(Message::Do(Deed::Detach(mention.id))));
    content = content.push(container(row![open, detach].spacing(space::S)).padding([space::XS, 0.0]));
    ui::card(look, content).padding(space::M).width(Length::Fill).into()
}

fn document_line<'a>(document: &'a NamedDocument, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let date = document.date.as_deref().map(day);
    let words = [Some(document.title.clone()), date, Some(document.author.clone())];
    let words = words.into_iter().flatten().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" · ");
    let icon = if document.biology { Icon::Laboratory } else { Icon::HealthDocument };
    let face = look.caption().coloured(look.palette.text);
    let mut line =
        row![ui::icon(look, icon, 14.0, look.palette.soft)].spacing(space::XS).align_y(Alignment::Center);
    if document.replaced_by.is_some() {
        let piece: Span<'a, (), Font> = span(words).strikethrough(true).color(look.palette.soft);
        let struck = rich_text([piece]).size(face.pixels()).line_height(face.line_height()).font(face.font);
        line = line
            .push(struck)
            .push(ui::badge(look, &Badge::new(Tone::Warning, context.text("patient-replaced"))));
    } else {
        line = line.push(elided(face, words).width(Length::Fill));
    }
    line.into()
}

fn values<'a>(patients: &'a Patients, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let Some(trends) = &patients.values else { return iced::widget::space().into() };
    if trends.is_empty() {
        let title = context.text("patient-values-none");
        return ui::empty(look, Icon::Laboratory, title, context.text("patient-values-none-detail"));
    }
    let mut rows = column![];
    let mut chapter = "";
    for shown in trends.iter().take(MOST_TRENDS) {
        if shown.chapter != chapter && !shown.chapter.is_empty() {
            chapter = &shown.chapter;
            rows = rows
                .push(container(ui::strong(look, chapter)).padding([space::S, 10.0]))
                .push(ui::divider(look));
        }
        rows = rows.push(analysis(shown, context)).push(ui::divider(look));
    }
    ui::card(look, rows).padding(1.0).width(Length::Fill).into()
}

fn analysis<'a>(shown: &'a Trend, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let Some(last) = shown.values.last() else { return iced::widget::space().into() };
    let first = shown.values.first().map_or("", |v| v.date.as_str());
    let count = shown.values.len().to_string();
    let period = if shown.values.len() > 1 {
        context.with(
            "patient-trend-range",
            &[("count", &count), ("first", &day(first)), ("last", &day(&last.date))],
        )
    } else {
        day(&last.date)
    };
    let colour = if last.abnormal { look.palette.warning.text } else { look.palette.text };
    let value = format!("{} {}", last.value, shown.unit);
    let bounds = match (last.low, last.high) {
        (Some(low), Some(high)) => format!("{low} – {high}"),
        (Some(low), None) => format!("≥ {low}"),
        (None, Some(high)) => format!("≤ {high}"),
        (None, None) => String::new(),
    };
    row![
        column![ui::body(look, shown.label.as_str()), ui::caption(look, period)]
            .width(Length::FillPortion(5)),
        column![ui::text(look.strong().coloured(colour), value), ui::caption(look, bounds)]
            .width(Length::FillPortion(3)),
        trend(look, &shown.values).size(160.0, 36.0),
    ]
    .spacing(space::M)
    .padding([6.0, 10.0])
    .align_y(Alignment::Center)
    .into()
}

/// `née le 26/11/1978`.
pub(super) fn born(traits: &Patient, context: Context<'_>) -> String {
    match &traits.birth_date {
        Some(date) => context.wording.born(&day(date), traits.sex),
        None => context.text("patient-born-unknown"),
    }
}

/// Birth, sex, used name, given names and birth place, on one line.
fn facts(traits: &Patient, context: Context<'_>) -> String {
    let mut facts = vec![born(traits, context)];
    match traits.sex {
        Some(Sex::F) => facts.push(context.text("document-sex-f")),
        Some(Sex::M) => facts.push(context.text("document-sex-m")),
        Some(Sex::U) | None => {}
    }
    if !traits.used_name.is_empty() && traits.used_name != traits.birth_name {
        facts.push(context.with("document-used-name", &[("name", &traits.used_name)]));
    }
    if !traits.given_names.is_empty() && traits.given_names != traits.first_name {
        facts.push(context.with("document-given-names", &[("names", &traits.given_names)]));
    }
    if !traits.birth_place.is_empty() {
        facts.push(context.with("patient-birth-place", &[("code", &traits.birth_place)]));
    }
    facts.join(" · ")
}

/// The INS as received, never called qualified.
pub(super) fn identity<'a>(traits: &Patient, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let colour = if traits.ins.is_some() { look.palette.soft } else { look.palette.warning.text };
    ui::text(look.caption().coloured(colour), ins_line(traits, context)).into()
}

pub(super) fn ins_line(traits: &Patient, context: Context<'_>) -> String {
    let Some(ins) = &traits.ins else { return context.text("patient-no-ins") };
    let kind = match ins.nature {
        InsNature::Test | InsNature::Demo => format!(" ({})", context.text("document-ins-test")),
        _ => String::new(),
    };
    context.with("patient-ins", &[("ins", &format!("{}{kind}", grouped(&ins.matricule)))])
}

/// `2 85 04 13 055 017 86`.
pub(in crate::gui::screen) fn grouped(matricule: &str) -> String {
    const CUTS: [usize; 6] = [1, 3, 5, 7, 10, 13];
    matricule
        .chars()
        .enumerate()
        .flat_map(|(n, c)| CUTS.contains(&n).then_some(' ').into_iter().chain(std::iter::once(c)))
        .collect()
}
