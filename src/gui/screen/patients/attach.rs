//! Whom a waiting message may be about: the traits it gives beside those of each patient it may mean, for a person to
//! choose.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::{Deed, Message, Patients, page};
use crate::domain::moment;
use crate::domain::patient::{Candidate, Patient, Sex, Trait, UnattachedMention};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::Badge;
use crate::gui::{Element, ui};

/// Traits in the order they are compared in.
const TRAITS: [Trait; 7] = [
    Trait::BirthName,
    Trait::UsedName,
    Trait::FirstName,
    Trait::BirthDate,
    Trait::Sex,
    Trait::BirthPlace,
    Trait::Ins,
];
/// Height of a button, in pixels before text size.
const BUTTON: f32 = 32.0;
/// Patients beside each other; the others come below.
const BESIDE: usize = 2;

impl Patients {
    pub(super) fn waiting_view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let chosen = self
            .waiting
            .as_ref()
            .and_then(|waiting| waiting.mentions.iter().find(|w| Some(w.mention.id) == self.mention));
        match chosen {
            Some(chosen) => {
                let content = container(self.question(chosen, context))
                    .max_width(look.px(980.0))
                    .padding([space::L, space::XL]);
                ui::scroll(look, content).width(Length::Fill).height(Length::Fill).into()
            }
            None => ui::empty(
                look,
                Icon::Check,
                context.text("patient-nothing-waits"),
                context.text("patient-nothing-waits-detail"),
            ),
        }
    }

    fn question<'a>(&'a self, waiting: &'a UnattachedMention, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let (message, mention) = (&waiting.message, &waiting.mention);
        let open = ui::secondary(look, context.text("patient-open"))
            .icon(Icon::Mail)
            .on_press(Message::OpenMessage(message.folder, message.id));
        let moment = context.wording.moment(message.date, context.now);
        let from = format!("{} · {moment}", message.from.label());
        let subject = if message.subject.is_empty() {
            context.text("mailbox-no-subject")
        } else {
            message.subject.clone()
        };
        let head = row![
            column![ui::title(look, subject), ui::caption(look, from)].spacing(2.0).width(Length::Fill),
            open
        ]
        .spacing(space::M)
        .align_y(Alignment::Center);
        let mut content = column![head].spacing(space::M);
        if mention.conflict {
            content = content.push(ui::banner(
                look,
                Tone::Alarm,
                context.text("patient-mention-conflict"),
                context.text("patient-mention-conflict-detail"),
                Vec::new(),
            ));
        }
        content = content.push(self.choices(waiting, context));
        let mut candidates = waiting.candidates.iter();
        let first: Vec<&Candidate> = candidates.by_ref().take(BESIDE).collect();
        if first.is_empty() {
            let named = self.side(waiting, None, context);
            content = content.push(row![named].width(Length::Fill));
            content = content.push(ui::caption(look, context.text("patient-candidates-none")));
        } else {
            let mut sides = row![self.side(waiting, None, context)].spacing(space::M);
            for candidate in first {
                sides = sides.push(self.side(waiting, Some(candidate), context));
            }
            content = content.push(sides);
        }
        let rest: Vec<&Candidate> = candidates.collect();
        for pair in rest.chunks(BESIDE + 1) {
            let sides = pair.iter().map(|candidate| self.side(waiting, Some(*candidate), context));
            content = content.push(row(sides).spacing(space::M));
        }
        content.into()
    }

    /// What can be done without a known patient, and whether it holds for identical ones.
    fn choices<'a>(&'a self, waiting: &'a UnattachedMention, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let id = waiting.mention.id;
        let free = |deed| (!self.busy).then_some(Message::Do(deed));
        let is_first = waiting.candidates.is_empty();
        let label = context.text("patient-new");
        let new = if is_first { ui::primary(look, label) } else { ui::secondary(look, label) };
        let buttons = row![
            new.icon(Icon::Plus).id("patient-new").on_press_maybe(free(Deed::New(id))),
            ui::quiet(look, context.text("patient-leave"))
                .id("patient-leave")
                .on_press_maybe(free(Deed::Leave(id))),
        ]
        .spacing(space::S)
        .align_y(Alignment::Center);
        let mut content = column![buttons].spacing(space::S);
        if waiting.alike > 0 {
            let count = waiting.alike.to_string();
            let label = context.with("patient-attach-alike", &[("count", &count)]);
            content = content.push(ui::checkbox(look, label, self.alike, Message::Alike));
        }
        content.into()
    }

    /// One identity: that of the message, or a known patient's with what differs marked.
    fn side<'a>(
        &'a self,
        waiting: &'a UnattachedMention,
        candidate: Option<&'a Candidate>,
        context: Context<'a>,
    ) -> Element<'a, Message> {
        let look = context.look;
        let (traits, differences): (&Patient, &[Trait]) = match candidate {
            Some(candidate) => (&candidate.patient.traits, &candidate.differences),
            None => (&waiting.mention.traits, &[]),
        };
        let title = match candidate {
            Some(candidate) => context.wording.likeness(candidate.likeness),
            None => context.text("patient-named"),
        };
        let tone = if candidate.is_some() { Tone::Neutral } else { Tone::Accent };
        let mut content =
            column![ui::badge(look, &Badge::new(tone, title)), ui::strong(look, traits.name.as_str()),]
                .spacing(space::S);
        // above the traits: on a small screen their end is not seen
        if let Some(candidate) = candidate {
            let deed = Message::Do(Deed::Attach(waiting.mention.id, candidate.patient.id));
            let here = ui::primary(look, context.text("patient-attach-here"))
                .id(format!("patient-attach-{}", candidate.patient.id))
                .width(Length::Fill)
                .on_press_maybe((!self.busy).then_some(deed));
            content = content.push(here);
        } else if !waiting.candidates.is_empty() {
            // the same traits stand at the same height
            content = content.push(iced::widget::space().height(look.px(BUTTON)));
        }
        for which in TRAITS {
            let differs = differences.contains(&which);
            let shown = shown(traits, which, context);
            let shown = if shown.is_empty() { "—".to_owned() } else { shown };
            let colour = if differs { look.palette.warning.text } else { look.palette.text };
            let face = if differs { look.strong().coloured(colour) } else { look.body() };
            let mut name = row![ui::caption(look, context.wording.of_trait(which))].spacing(space::XS);
            if differs {
                let mark = look.caption_strong().coloured(look.palette.warning.text);
                name = name.push(ui::text(mark, context.text("patient-trait-differs")));
            }
            content = content.push(column![name, ui::text(face, shown)]);
        }
        if let Some(candidate) = candidate {
            let count = candidate.patient.messages.to_string();
            content = content.push(ui::caption(look, context.with("patient-messages", &[("count", &count)])));
            content = content.push(
                ui::link(look, context.text("patient-page")).on_press(Message::Open(candidate.patient.id)),
            );
        }
        ui::card(look, content).padding(space::M).width(Length::FillPortion(1)).into()
    }
}

/// A trait as it is read.
fn shown(traits: &Patient, which: Trait, context: Context<'_>) -> String {
    match which {
        Trait::BirthName if traits.birth_name.is_empty() => traits.name.clone(),
        Trait::BirthName => traits.birth_name.clone(),
        Trait::UsedName => traits.used_name.clone(),
        Trait::FirstName if traits.given_names.is_empty() => traits.first_name.clone(),
        Trait::FirstName => traits.given_names.clone(),
        Trait::BirthDate => traits.birth_date.as_deref().map(moment::day).unwrap_or_default(),
        Trait::Sex => match traits.sex {
            Some(Sex::F) => context.text("document-sex-f"),
            Some(Sex::M) => context.text("document-sex-m"),
            Some(Sex::U) | None => String::new(),
        },
        Trait::BirthPlace => traits.birth_place.clone(),
        Trait::Ins => traits.ins.as_ref().map(|ins| page::grouped(&ins.matricule)).unwrap_or_default(),
    }
}
