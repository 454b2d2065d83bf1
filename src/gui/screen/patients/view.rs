//! The lists: patients, and what waits to be attached.

use iced::widget::{column, container, row};
use iced::{Length, Padding};

use super::{List, Message, Page, Patients, Tab, page};
use crate::domain::patient::{PatientRow, UnattachedMention};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::{Badge, RowContent, list};
use crate::gui::{Element, ui};

/// Name of the search field.
pub const FIELD: &str = "patients-search";
/// Width of the list, in pixels before text size.
const LIST: f32 = 392.0;

impl Patients {
    /// The whole screen.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let width = look.px(LIST).min(context.window.width * 0.36);
        let pane = container(self.pane(context)).width(width).height(Length::Fill).style(ui::panel(look));
        let detail = match self.tab {
            Tab::All => self.page_view(context),
            Tab::Waiting => self.waiting_view(context),
        };
        let detail = container(detail).width(Length::Fill).height(Length::Fill).style(ui::background(look));
        row![pane, ui::vertical_divider(look), detail].height(Length::Fill).into()
    }

    fn pane<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let search =
            ui::search_field(look, FIELD, &context.text("patient-search-hint"), &self.query, Message::Typed);
        let count = self.waiting().to_string();
        let tabs = [
            (Tab::All, context.text("patient-all")),
            (Tab::Waiting, context.with("patient-to-attach", &[("count", &count)])),
        ];
        let tabs = ui::tabs(look, tabs, self.tab, Message::Show);
        let mut top =
            column![container(search).padding(Padding::from([10.0, space::M]).bottom(space::XS)), tabs];
        if let (Tab::All, Some(words)) = (self.tab, self.count(context)) {
            top = top.push(container(ui::caption(look, words)).padding([space::XS, space::M]));
        }
        let rows = match self.tab {
            Tab::All => self.patients_list(context),
            Tab::Waiting => self.waiting_list(context),
        };
        column![top, ui::divider(look), rows].height(Length::Fill).into()
    }

    fn count(&self, context: Context<'_>) -> Option<String> {
        let List::Loaded(found) = &self.list else { return None };
        let shown = found.patients.len();
        let total = found.total.to_string();
        (found.total > 0).then(|| {
            if shown < found.total as usize {
                context.with("patient-shown-of", &[("shown", &shown.to_string()), ("total", &total)])
            } else {
                context.with("patient-count", &[("count", &total)])
            }
        })
    }

    fn patients_list<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let found = match &self.list {
            List::Loading => return iced::widget::space().height(Length::Fill).into(),
            List::Failed(error) => {
                let sentence = context.wording.error(error);
                let banner = ui::banner(look, Tone::Warning, sentence.what, sentence.advice, Vec::new());
                return container(banner).padding(space::M).height(Length::Fill).into();
            }
            List::Loaded(found) => found,
        };
        if found.patients.is_empty() {
            let (title, detail) = if self.query.trim().is_empty() {
                ("patient-empty", "patient-empty-detail")
            } else {
                ("patient-not-found", "patient-not-found-detail")
            };
            return ui::empty(look, Icon::People, context.text(title), context.text(detail));
        }
        let shown = self.partner.or(self.shown());
        let total = u32::try_from(found.patients.len()).unwrap_or(u32::MAX);
        let content = move |index: u32| found.patients.get(index as usize).map(|p| patient_row(p, context));
        list(look, total, content, Message::List)
            .selected(move |index| found.patients.get(index as usize).is_some_and(|p| Some(p.id) == shown))
            .cursor(self.cursor)
            .key(self.epoch)
            .follows_keys(context.follows_keys)
            .id("patients-list")
            .into()
    }

    fn waiting_list<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let Some(waiting) = &self.waiting else { return iced::widget::space().height(Length::Fill).into() };
        if waiting.mentions.is_empty() {
            let title = context.text("patient-nothing-waits");
            return ui::empty(look, Icon::Check, title, context.text("patient-nothing-waits-detail"));
        }
        let total = u32::try_from(waiting.mentions.len()).unwrap_or(u32::MAX);
        let content = move |index: u32| waiting.mentions.get(index as usize).map(|w| waiting_row(w, context));
        let chosen = self.mention;
        list(look, total, content, Message::List)
            .selected(move |index| {
                waiting.mentions.get(index as usize).is_some_and(|w| Some(w.mention.id) == chosen)
            })
            .cursor(self.cursor)
            .key(self.epoch)
            .follows_keys(context.follows_keys)
            .id("waiting-list")
            .into()
    }

    fn page_view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        match &self.page {
            Page::Nothing => ui::empty(
                look,
                Icon::Person,
                context.text("patient-choose"),
                context.text("patient-choose-detail"),
            ),
            Page::Loading(_) => iced::widget::space().into(),
            Page::Failed(error) => {
                let sentence = context.wording.error(error);
                let banner = ui::banner(look, Tone::Warning, sentence.what, sentence.advice, Vec::new());
                container(banner).padding(space::L).into()
            }
            Page::Shown(file) => page::view(self, file, context),
        }
    }
}

fn patient_row(patient: &PatientRow, context: Context<'_>) -> RowContent {
    let traits = &patient.traits;
    let mut badges = Vec::new();
    if patient.alarm {
        badges.push(Badge::new(Tone::Alarm, context.text("mailbox-alarm")).icon(Icon::Alarm));
    }
    if patient.conflict {
        badges.push(Badge::new(Tone::Warning, context.text("patient-conflict")).icon(Icon::Warning));
    }
    let mut detail = vec![context.with("patient-messages", &[("count", &patient.messages.to_string())])];
    if traits.ins.is_none() {
        detail.push(context.text("patient-no-ins"));
    }
    RowContent {
        is_strong: true,
        title: traits.name.clone(),
        corner: patient.last.map(|at| context.wording.when(at, context.now)).unwrap_or_default(),
        line: page::born(traits, context),
        detail: detail.join(" · "),
        badges,
        ..RowContent::default()
    }
}

fn waiting_row(waiting: &UnattachedMention, context: Context<'_>) -> RowContent {
    let mut badges = Vec::new();
    if waiting.mention.conflict {
        badges.push(Badge::new(Tone::Alarm, context.text("patient-contradiction")).icon(Icon::Warning));
    }
    if let Some(best) = waiting.candidates.first() {
        badges.push(Badge::new(Tone::Neutral, context.wording.likeness(best.likeness)));
    }
    RowContent {
        is_strong: true,
        title: waiting.mention.traits.name.clone(),
        corner: context.wording.when(waiting.message.date, context.now),
        line: page::born(&waiting.mention.traits, context),
        detail: waiting.message.from.label().to_owned(),
        badges,
        ..RowContent::default()
    }
}
