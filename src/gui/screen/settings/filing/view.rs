//! How the section of filing and its forms look.

use iced::widget::{column, container, row};
use iced::{Alignment, Length, Padding};

use super::destination::{DestinationForm, Edit as DestinationEdit};
use super::rule::{Edit as RuleEdit, RuleForm, Trial};
use super::{Form, Message, Section};
use crate::domain::filing::name::{Field, PatternError};
use crate::domain::filing::rule::{Rule, Subject};
use crate::domain::filing::{Destination, Format};
use crate::domain::id::{DestinationId, RuleId};
use crate::domain::message::Keyword;
use crate::domain::triage::Triage;
use crate::engine::{Error, RulePreview};
use crate::gui::font::Icon;
use crate::gui::screen::settings::Message as Outer;
use crate::gui::theme::{Tone, space as gap};
use crate::gui::widget::elided;
use crate::gui::{Element, screen::Context, ui};

/// Messages a preview names.
const NAMED: usize = 3;

fn say(message: Message) -> Outer {
    Outer::Filing(message)
}

pub(in super::super) fn section<'a>(section: &'a Section, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let known = &section.known;
    let mut content = column![
        ui::strong(look, context.text("filing-title")),
        ui::caption(look, context.text("filing-detail")),
    ]
    .spacing(gap::S);
    for (id, destination) in &known.destinations {
        content = content.push(destination_line(*id, destination, context));
    }
    let add = ui::secondary(look, context.text("filing-destination-add"))
        .icon(Icon::Plus)
        .id("destination-add")
        .on_press(say(Message::EditDestination(None)));
    let folder = context.text("filing-folder");
    let moved = ui::checkbox(
        look,
        context.with("filing-move", &[("folder", known.folder.as_deref().unwrap_or(&folder))]),
        known.folder.is_some(),
        |on| say(Message::Move(on)),
    );
    content = content.push(row![add]).push(moved).push(ui::divider(look));
    content = content
        .push(ui::strong(look, context.text("rule-title")))
        .push(ui::caption(look, context.text("rule-detail")));
    for (number, (id, rule)) in known.rules.iter().enumerate() {
        content = content.push(rule_line(number, *id, rule, &known.destinations, context));
    }
    let add = ui::secondary(look, context.text("rule-add"))
        .icon(Icon::Plus)
        .id("rule-add")
        .on_press(say(Message::EditRule(None)));
    content.push(row![add]).into()
}

fn destination_line<'a>(
    id: DestinationId,
    destination: &'a Destination,
    context: Context<'a>,
) -> Element<'a, Outer> {
    let look = context.look;
    let formats: Vec<String> =
        destination.formats.iter().map(|format| format_name(*format, context)).collect();
    let mut facts = vec![formats.join(", ")];
    if !destination.usual {
        facts.push(context.text("filing-on-request"));
    }
    let words = column![
        elided(look.body(), destination.name.as_str()).width(Length::Fill),
        elided(look.caption(), destination.folder.as_str()).width(Length::Fill),
        elided(look.caption(), facts.join(" · ")).width(Length::Fill),
    ];
    let edit =
        ui::secondary(look, context.text("filing-edit")).on_press(say(Message::EditDestination(Some(id))));
    let remove =
        ui::danger(look, context.text("filing-remove")).on_press(say(Message::RemoveDestination(id)));
    row![ui::icon(look, Icon::Folder, 16.0, look.palette.soft), words.width(Length::Fill), edit, remove]
        .spacing(gap::S)
        .align_y(Alignment::Center)
        .into()
}

fn rule_line<'a>(
    number: usize,
    id: RuleId,
    rule: &'a Rule,
    destinations: &[(DestinationId, Destination)],
    context: Context<'a>,
) -> Element<'a, Outer> {
    let look = context.look;
    let on = ui::checkbox(look, String::new(), rule.active, move |on| say(Message::Switch(id, on)));
    let words = column![
        elided(look.body(), rule.name.as_str()).width(Length::Fill),
        elided(look.caption(), summary(rule, destinations, context)).width(Length::Fill),
    ];
    let up = (number > 0).then(|| say(Message::Raise(id)));
    row![
        ui::tooltip(look, on, context.text("rule-active")),
        words.width(Length::Fill),
        ui::icon_button(look, Icon::Up, context.text("rule-raise"), up),
        ui::secondary(look, context.text("filing-edit")).on_press(say(Message::EditRule(Some(id)))),
        ui::danger(look, context.text("filing-remove")).on_press(say(Message::RemoveRule(id))),
    ]
    .spacing(gap::S)
    .align_y(Alignment::Center)
    .into()
}

/// A rule in one line: what it takes, and what it does.
fn summary(rule: &Rule, destinations: &[(DestinationId, Destination)], context: Context<'_>) -> String {
    let mut when = Vec::new();
    if !rule.when.sender.is_empty() {
        when.push(context.with("rule-when-sender", &[("sender", &rule.when.sender)]));
    }
    if !rule.when.subjects.is_empty() {
        let names: Vec<String> = rule.when.subjects.iter().map(|s| subject_name(*s, context)).collect();
        when.push(names.join(", "));
    }
    match rule.when.has_patient {
        Some(true) => when.push(context.text("rule-patient-with")),
        Some(false) => when.push(context.text("rule-patient-without")),
        None => {}
    }
    let mut then = Vec::new();
    if let Some(file) = rule.then.file {
        let name = destinations.iter().find(|(id, _)| *id == file).map_or("?", |(_, d)| d.name.as_str());
        then.push(context.with("rule-then-file", &[("folder", name)]));
    }
    if let Some(keyword) = &rule.then.keyword {
        let triage = Keyword::parse(keyword).as_ref().and_then(Triage::of_keyword);
        let name = triage.map_or_else(|| keyword.clone(), |triage| context.wording.triage(triage));
        then.push(context.with("rule-then-keyword", &[("keyword", &name)]));
    }
    if let Some(folder) = &rule.then.folder {
        then.push(context.with("rule-then-move", &[("folder", folder)]));
    }
    format!("{} → {}", when.join(" · "), then.join(" · "))
}

fn format_name(format: Format, context: Context<'_>) -> String {
    context.text(&format!("filing-format-{}", format.word()))
}

fn subject_name(subject: Subject, context: Context<'_>) -> String {
    context.text(&format!("rule-subject-{}", subject.word()))
}

/// The form above the page.
pub(in super::super) fn form<'a>(
    section: &'a Section,
    form: &'a Form,
    context: Context<'a>,
) -> Element<'a, Outer> {
    let (title, content, foot) = match form {
        Form::Destination(form) => destination_form(form, context),
        Form::Rule(form) => rule_form(form, &section.known.destinations, context),
    };
    let look = context.look;
    // what is asked scrolls in a low window; what it leads to, and the buttons, stay in sight
    let content = container(content).padding(Padding::ZERO.right(gap::L));
    let below = match form {
        Form::Destination(_) => 220.0,
        // what the rule would take is listed under it
        Form::Rule(_) => 340.0,
    };
    let tall = (context.window.height - look.px(below)).max(look.px(120.0));
    column![
        ui::title(look, context.text(title)),
        container(ui::scroll(look, content)).max_height(tall),
        foot,
    ]
    .spacing(gap::M)
    .into()
}

/// Title, what is asked, and what stands below it.
type Parts<'a> = (&'static str, Element<'a, Outer>, Element<'a, Outer>);

fn failure<'a>(error: Option<&Error>, context: Context<'a>) -> Option<Element<'a, Outer>> {
    let sentence = context.wording.error(error?);
    Some(ui::banner(context.look, Tone::Warning, sentence.what, sentence.advice, vec![]))
}

fn destination_form<'a>(form: &'a DestinationForm, context: Context<'a>) -> Parts<'a> {
    let look = context.look;
    let edit = |edit| say(Message::Destination(edit));
    let title = if form.id.is_some() { "filing-destination-change" } else { "filing-destination-new" };
    let name = ui::field(look, &context.text("filing-name-hint"), &form.name)
        .id("destination-name")
        .on_input(move |text| edit(DestinationEdit::Name(text)));
    let folder = ui::field(look, "", &form.folder)
        .id("destination-folder")
        .on_input(move |text| edit(DestinationEdit::Folder(text)));
    let browse = ui::secondary(look, context.text("filing-browse"))
        .icon(Icon::Folder)
        .on_press(edit(DestinationEdit::Browse));
    let folder = row![container(folder).width(Length::Fill), browse].spacing(gap::S);
    let pattern = ui::field(look, "{date}_{type}_{nom}_{prenom}", &form.pattern)
        .id("destination-pattern")
        .on_input(move |text| edit(DestinationEdit::Pattern(text)));
    let problem = form.mistake().map(|mistake| pattern_problem(&mistake, context));
    let example = form.example.as_ref().filter(|_| problem.is_none()).map(|example| {
        let from = match &example.subject {
            Some(subject) => context.with("filing-example-of", &[("subject", subject)]),
            None => context.text("filing-example-invented"),
        };
        let words = column![ui::mono(look, example.name.clone()), ui::caption(look, from)].spacing(gap::XS);
        container(words).padding(gap::S).width(Length::Fill).style(ui::sunk(look)).into()
    });
    let fields: Vec<String> = Field::ALL.iter().map(|(word, _)| format!("{{{word}}}")).collect();
    let formats = Format::ALL.map(|format| {
        let is_on = form.formats.contains(&format);
        ui::checkbox(look, format_name(format, context), is_on, move |on| {
            edit(DestinationEdit::Format(format, on))
        })
    });
    let usual = ui::checkbox(look, context.text("filing-usual"), form.usual, move |on| {
        edit(DestinationEdit::Usual(on))
    });
    let buttons = [
        ui::secondary(look, context.text("settings-cancel")).on_press(say(Message::Leave)).into(),
        ui::primary(look, context.text("filing-save"))
            .id("destination-save")
            .on_press_maybe(form.can_save().then(|| edit(DestinationEdit::Save)))
            .into(),
    ];
    let content = column![
        ui::labelled(look, context.text("filing-name"), name, None),
        ui::labelled(look, context.text("filing-folder-of"), folder, None),
        ui::labelled(look, context.text("filing-pattern"), pattern, problem),
    ]
    .extend(example)
    .push(ui::caption(look, context.with("filing-pattern-fields", &[("fields", &fields.join(" "))])))
    .push(ui::caption(look, context.text("filing-formats")))
    .push(row(formats).spacing(gap::M).wrap().vertical_spacing(gap::XS))
    .push(usual)
    .spacing(gap::M);
    let foot = column![].extend(failure(form.error.as_ref(), context)).push(ui::answers(buttons));
    (title, content.into(), foot.spacing(gap::M).into())
}

fn pattern_problem(mistake: &PatternError, context: Context<'_>) -> String {
    match mistake {
        PatternError::Length => context.text("filing-pattern-length"),
        PatternError::Brace => context.text("filing-pattern-brace"),
        PatternError::Unknown(word) => context.with("filing-pattern-unknown", &[("word", word)]),
        PatternError::Character(c) => context.with("filing-pattern-character", &[("c", &c.to_string())]),
        PatternError::Fixed => context.text("filing-pattern-fixed"),
    }
}

fn rule_form<'a>(
    form: &'a RuleForm,
    destinations: &'a [(DestinationId, Destination)],
    context: Context<'a>,
) -> Parts<'a> {
    let look = context.look;
    let edit = |edit| say(Message::Rule(Box::new(edit)));
    let title = if form.id.is_some() { "rule-change" } else { "rule-new" };
    let name = ui::field(look, &context.text("rule-name-hint"), &form.rule.name)
        .id("rule-name")
        .on_input(move |text| edit(RuleEdit::Name(text)));
    let sender = ui::field(look, &context.text("rule-sender-hint"), &form.rule.when.sender)
        .id("rule-sender")
        .on_input(move |text| edit(RuleEdit::Sender(text)));
    let subjects = Subject::ALL.map(|subject| {
        let is_on = form.rule.when.subjects.contains(&subject);
        ui::checkbox(look, subject_name(subject, context), is_on, move |on| {
            edit(RuleEdit::Subject(subject, on))
        })
    });
    let patient = [
        (None, context.text("rule-patient-any")),
        (Some(true), context.text("rule-patient-with")),
        (Some(false), context.text("rule-patient-without")),
    ];
    let patient =
        ui::segmented(look, patient, form.rule.when.has_patient, move |has| edit(RuleEdit::Patient(has)));
    let file = destinations.iter().map(|(id, destination)| (Some(*id), destination.name.clone()));
    let file: Vec<_> = std::iter::once((None, context.text("rule-file-nowhere"))).chain(file).collect();
    let file = ui::segmented(look, file, form.rule.then.file, move |id| edit(RuleEdit::File(id)));
    let marks = [
        (None, context.text("rule-mark-none")),
        (Some(Triage::ToRead), context.text("triage-to-read")),
        (Some(Triage::ToFile), context.text("triage-to-file")),
        (Some(Triage::ToDo), context.text("triage-to-do")),
    ];
    let mark = ui::segmented(look, marks, form.mark(), move |mark| edit(RuleEdit::Mark(mark)));
    let folder = ui::field(look, &context.text("rule-folder-hint"), &form.folder)
        .id("rule-folder")
        .on_input(move |text| edit(RuleEdit::Folder(text)));
    let try_out = ui::secondary(look, context.text("rule-try"))
        .icon(Icon::Eye)
        .id("rule-try")
        .on_press_maybe(form.can_try().then(|| edit(RuleEdit::Preview)));
    let mut offers = row![try_out].spacing(gap::S);
    let can_save = form.can_save();
    if let Trial::Done(preview) = &form.trial
        && preview.count > 0
    {
        let label = context.with("rule-save-also", &[("count", &preview.count.to_string())]);
        let also =
            ui::secondary(look, label).on_press_maybe(can_save.then(|| edit(RuleEdit::Save { also: true })));
        offers = offers.push(also);
    }
    let buttons = [
        ui::secondary(look, context.text("settings-cancel")).on_press(say(Message::Leave)).into(),
        ui::primary(look, context.text("filing-save"))
            .id("rule-save")
            .on_press_maybe(can_save.then(|| edit(RuleEdit::Save { also: false })))
            .into(),
    ];
    let content = column![
        ui::labelled(look, context.text("filing-name"), name, None),
        ui::strong(look, context.text("rule-when")),
        ui::labelled(look, context.text("rule-sender"), sender, None),
        row(subjects).spacing(gap::M).wrap().vertical_spacing(gap::XS),
        ui::labelled(look, context.text("rule-patient"), patient, None),
        ui::strong(look, context.text("rule-then")),
        ui::labelled(look, context.text("rule-file"), file, None),
        ui::labelled(look, context.text("rule-mark"), mark, None),
        ui::labelled(look, context.text("rule-folder"), folder, None),
        ui::caption(look, context.text("rule-alarm")),
    ]
    .spacing(gap::M);
    let foot = column![]
        .extend(trial(&form.trial, context))
        .extend(failure(form.error.as_ref(), context))
        .push(offers.wrap().vertical_spacing(gap::S))
        .push(ui::answers(buttons));
    (title, content.into(), foot.spacing(gap::M).into())
}

fn trial<'a>(trial: &Trial, context: Context<'a>) -> Option<Element<'a, Outer>> {
    let look = context.look;
    match trial {
        Trial::Not => None,
        Trial::Running => Some(ui::caption(look, context.text("rule-trying")).into()),
        Trial::Done(preview) => Some(taken(preview, context)),
    }
}

fn taken<'a>(preview: &RulePreview, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let values = [("count", preview.count.to_string()), ("looked", preview.looked_at.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let mut content = column![ui::body(look, context.with("rule-preview", &values))].spacing(gap::XS);
    if !preview.complete {
        content = content.push(ui::caption(look, context.text("rule-preview-part")));
    }
    for message in preview.messages.iter().take(NAMED) {
        let patient = message.patient.as_ref().map(|p| p.name.clone()).unwrap_or_default();
        let day = context.wording.day(message.date);
        let facts = [message.from.label(), &message.subject, &patient, &day];
        let facts: Vec<&str> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
        content = content.push(elided(look.caption(), facts.join(" · ")).width(Length::Fill));
    }
    container(content).padding(gap::S).width(Length::Fill).style(ui::sunk(look)).into()
}
