//! Whose the message is: the patients its documents name, what is to be done where that is not certain, and what its
//! documents replace.

use iced::widget::column;

use super::super::Message;
use super::super::reader::Shown;
use super::document::traits;
use crate::domain::moment::day;
use crate::domain::patient::{Mention, PatientRow, Replacement, Standing};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::Tone;
use crate::gui::widget::Badge;
use crate::gui::{Element, ui};

/// Most patients of one message that are shown.
const MOST_PATIENTS: usize = 6;

/// A strip a patient: who, and the way to the page, or to whom it may be. The second is the button.
pub(super) fn strips<'a>(
    shown: &'a Shown,
    context: Context<'a>,
) -> Vec<(Element<'a, Message>, Option<Element<'a, Message>>)> {
    let mentions = shown.documents.known.mentions.iter().take(MOST_PATIENTS);
    mentions.map(|(mention, patient)| strip(mention, patient.as_ref(), context)).collect()
}

fn strip<'a>(
    mention: &'a Mention,
    patient: Option<&'a PatientRow>,
    context: Context<'a>,
) -> (Element<'a, Message>, Option<Element<'a, Message>>) {
    let look = context.look;
    let mut words = column![traits(&mention.traits, context)].spacing(2.0);
    if let Some(patient) = patient {
        // a name chosen by a person may be another one than the message gives
        if mention.standing == Standing::Chosen {
            let note = format!("{} : {}", context.text("patient-by-hand"), patient.traits.name);
            words = words.push(ui::caption(look, note));
        }
        let page = ui::secondary(look, context.text("patient-page"))
            .icon(Icon::Person)
            .id("patient-page")
            .on_press(Message::ShowPatient(patient.id));
        return (words.into(), Some(page.into()));
    }
    let attach = ui::primary(look, context.text("patient-attach"))
        .id("patient-attach")
        .on_press(Message::Attach(mention.id));
    if mention.standing == Standing::Left {
        words = words.push(ui::caption(look, context.text("patient-left")));
    }
    if mention.conflict {
        let badge = Badge::new(Tone::Alarm, context.text("patient-contradiction")).icon(Icon::Warning);
        words = words.push(ui::badge(look, &badge));
    }
    (words.into(), Some(attach.into()))
}

/// What documents of the message replace or are replaced by, and what a person says to it.
pub(super) fn banners<'a>(shown: &'a Shown, context: Context<'a>) -> Vec<Element<'a, Message>> {
    let id = shown.view.row.id;
    let mut found = Vec::new();
    for replacement in &shown.documents.known.replacements {
        let is_newer = replacement.new.message.id == id;
        if replacement.accepted == Some(false) {
            continue;
        }
        found.push(banner(replacement, is_newer, context));
    }
    found
}

fn banner<'a>(replacement: &'a Replacement, is_newer: bool, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let other = if is_newer { &replacement.old } else { &replacement.new };
    let is_done = replacement.accepted == Some(true);
    let key = match (is_newer, is_done) {
        (true, false) => "patient-replaces",
        (false, false) => "patient-replaced-by",
        (true, true) => "patient-replaces-done",
        (false, true) => "patient-replaced-done",
    };
    let date = other.document.date.as_deref().map(day).unwrap_or_default();
    let title = context.with(key, &[("title", &other.document.title), ("date", &date)]);
    let mut detail = Vec::new();
    if replacement.is_of_another_sender() {
        detail.push(context.text("patient-replace-other-sender"));
    }
    if replacement.is_of_another_patient() {
        detail.push(context.text("patient-replace-other-patient"));
    }
    let is_suspect = !detail.is_empty();
    if !is_done {
        detail.push(context.text("patient-replace-detail"));
    }
    let say = |accepted| {
        Message::JudgeReplacement(replacement.old_id.clone(), replacement.new_id.clone(), accepted)
    };
    let open = ui::link(look, context.text("patient-replace-open"))
        .on_press(Message::ShowMessage(other.message.folder, other.message.id));
    let actions: Vec<Element<'a, Message>> = if is_done {
        let undo = ui::quiet(look, context.text("patient-replace-undo")).icon(Icon::Undo).on_press(say(None));
        vec![undo.into(), open.into()]
    } else {
        let yes = ui::secondary(look, context.text("patient-replace-yes")).id("patient-replace-yes");
        let no = ui::quiet(look, context.text("patient-replace-no"));
        vec![yes.on_press(say(Some(true))).into(), no.on_press(say(Some(false))).into(), open.into()]
    };
    let tone = match (is_done, is_newer, is_suspect) {
        (false, _, true) => Tone::Alarm,
        // an outdated result must not be taken for the valid one
        (true, false, _) | (false, _, false) => Tone::Warning,
        (true, true, _) => Tone::Neutral,
    };
    ui::banner(look, tone, title, detail.join(" "), actions)
}
