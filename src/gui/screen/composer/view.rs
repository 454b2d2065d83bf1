//! The picture of the composer: header fields, body, files, what stands in the way, and sending.

mod arrows;
mod header;
mod preference;

use iced::keyboard::Key;
use iced::widget::text::Wrapping;
use iced::widget::text_editor::{Binding, KeyPress};
use iced::widget::{column, container, row};
use iced::{Alignment, Border, Length};

use super::{AttachError, Composer, Kept, Message, Obstacle, Phase, attaching, xdm};
use crate::gui::font::{Icon, TEXT};
use crate::gui::screen::Context;
use crate::gui::shortcut::Command;
use crate::gui::theme::{RADIUS_CARD, Tone, space};
use crate::gui::widget::Badge;
use crate::gui::{Element, ui};

impl Composer {
    /// The whole window.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let mut page = column![self.heading(context), header::view(self, context), self.body_card(context)]
            .spacing(space::M)
            .padding([space::L, space::L + space::XS]);
        page = page.push(self.files(context)).extend(xdm::part(self, context));
        for banner in self.banners(context) {
            page = page.push(banner);
        }
        page = page.push(self.foot(context));
        container(page).width(Length::Fill).height(Length::Fill).style(ui::background(look)).into()
    }

    fn heading<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let title = match self.origin {
            crate::domain::draft::Origin::New => "composer-title-new",
            crate::domain::draft::Origin::Reply(_) => "composer-title-reply",
            crate::domain::draft::Origin::Forward(_) => "composer-title-forward",
        };
        let kept = match &self.kept {
            Kept::Never => String::new(),
            Kept::At(time) => context.with("composer-kept", &[("hour", &context.wording.hour(*time))]),
            Kept::Failed(_) => context.text("composer-not-kept"),
        };
        row![ui::title(look, context.text(title)).width(Length::Fill), ui::caption(look, kept)]
            .align_y(Alignment::Center)
            .into()
    }

    fn body_card<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let face = look.body();
        let style = ui::editor_style(look);
        let editor = iced::widget::text_editor(self.body.content())
            .id("composer-body")
            .on_action(Message::Edit)
            .key_binding(binding)
            .font(TEXT)
            .size(face.pixels())
            .line_height(face.line_height())
            .padding(space::L)
            .height(Length::Fill)
            .style(move |theme, status| iced::widget::text_editor::Style {
                border: Border { radius: RADIUS_CARD.into(), ..Border::default() },
                ..style(theme, status)
            });
        ui::card(look, editor).padding(1.0).width(Length::Fill).height(Length::Fill).into()
    }

    fn files<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let chips = self.attachments.iter().enumerate().map(|(index, file)| {
            let size = context.wording.size(file.content.len() as u64);
            let badge = Badge::new(Tone::Neutral, format!("{} · {size}", file.name)).icon(Icon::File);
            let remove = context.with("composer-detach", &[("name", &file.name)]);
            ui::chip(look, &badge, None, Some((remove, Message::Detach(index))))
        });
        let mut names = row(chips).spacing(space::S);
        if self.attachments.is_empty() {
            names = names.push(ui::caption(look, context.text("composer-no-file")));
        }
        let attach = ui::secondary(look, context.text("composer-attach"))
            .icon(Icon::Paperclip)
            .key(Command::Attach.key())
            .on_press(Message::PickFiles);
        let content = row![container(names.wrap().vertical_spacing(space::S)).width(Length::Fill)]
            .extend(xdm::button(self, context))
            .push(attach);
        ui::card(look, content.spacing(space::M).align_y(Alignment::Center))
            .padding([space::S, space::M])
            .width(Length::Fill)
            .into()
    }

    fn foot<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let obstacles = self.obstacles();
        let ready = obstacles.is_empty() && self.phase == Phase::Writing;
        let label =
            context.text(if self.phase == Phase::Sending { "composer-sending" } else { "composer-send" });
        let send = ui::primary(look, label).on_press_maybe(ready.then_some(Message::Send));
        let reason = obstacles.first().map(|obstacle| reason(obstacle, context)).unwrap_or_default();
        let sizes =
            [("size", context.wording.size(self.size())), ("limit", context.wording.size(attaching::LIMIT))];
        let sizes: Vec<(&str, &str)> = sizes.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let deeds = row![
            send,
            ui::keys(look, &context.text("composer-send-keys")),
            ui::checkbox(look, context.text("composer-receipt"), self.receipt, |_| Message::ToggleReceipt),
        ];
        let size = ui::caption(look, context.with("composer-size", &sizes)).wrapping(Wrapping::None);
        let states = column![size, ui::caption(look, reason).align_x(Alignment::End)];
        row![
            container(deeds.spacing(space::M).align_y(Alignment::Center).wrap()).width(Length::Fill),
            states.align_x(Alignment::End).max_width(look.px(330.0)),
        ]
        .spacing(space::M)
        .align_y(Alignment::Center)
        .into()
    }

    /// Each problem with its cure beside it.
    fn banners<'a>(&'a self, context: Context<'a>) -> Vec<Element<'a, Message>> {
        let look = context.look;
        let mut banners: Vec<Element<'a, Message>> = Vec::new();
        if let Some(error) = &self.failed {
            let sentence = context.wording.error(error);
            banners.push(ui::banner(look, Tone::Alarm, sentence.what, sentence.advice, Vec::new()));
        }
        if let Kept::Failed(error) = &self.kept {
            let sentence = context.wording.error(error);
            let anyway =
                ui::danger(look, context.text("composer-close-anyway")).on_press(Message::CloseAnyway);
            banners.push(ui::banner(
                look,
                Tone::Alarm,
                context.text("composer-not-kept"),
                sentence.what,
                vec![anyway.into()],
            ));
        }
        for error in &self.not_attached {
            let (key, path) = match error {
                AttachError::Unreadable(path) => ("composer-file-unreadable", path),
                AttachError::TooLarge(path) => ("composer-file-too-large", path),
                AttachError::NotOffered(path) => ("composer-file-not-offered", path),
            };
            banners.push(ui::banner(
                look,
                Tone::Warning,
                context.text(key),
                path.display().to_string(),
                Vec::new(),
            ));
        }
        // an empty subject is worth a banner only once nothing else is missing
        let obstacles = self.obstacles();
        let shown = |o: &&Obstacle| **o != Obstacle::NoSubject || obstacles.len() == 1;
        banners.extend(obstacles.iter().filter(shown).filter_map(|obstacle| cure(obstacle, context)));
        banners
    }
}

/// Ctrl+Z and Ctrl+Y, and nothing typed by the window's own commands.
fn binding(press: KeyPress) -> Option<Binding<Message>> {
    if press.modifiers.command()
        && let Key::Character(c) = &press.key
    {
        match (c.to_lowercase().as_str(), press.modifiers.shift()) {
            ("z", false) => return Some(Binding::Custom(Message::Undo)),
            ("y", false) | ("z", true) => return Some(Binding::Custom(Message::Redo)),
            _ => {}
        }
    }
    if press.modifiers.command() && press.key == Key::Named(iced::keyboard::key::Named::Enter) {
        return Some(Binding::Custom(Message::Send));
    }
    Binding::from_key_press(press)
}

/// The obstacle in a few words, beside the button it disables.
fn reason(obstacle: &Obstacle, context: Context<'_>) -> String {
    match obstacle {
        Obstacle::NoRecipient => context.text("composer-why-no-recipient"),
        Obstacle::Unfinished(text) => context.with("composer-why-unfinished", &[("text", text)]),
        Obstacle::Checking => context.text("composer-why-checking"),
        Obstacle::Outside(_) | Obstacle::Barred(_) => context.text("composer-why-outside"),
        Obstacle::NoSubject => context.text("composer-why-no-subject"),
        Obstacle::Empty => context.text("composer-why-empty"),
        Obstacle::TooLarge => context.text("composer-why-too-large"),
    }
}

/// A banner for what can be mended by a press.
fn cure<'a>(obstacle: &Obstacle, context: Context<'a>) -> Option<Element<'a, Message>> {
    let look = context.look;
    match obstacle {
        Obstacle::Outside(address) | Obstacle::Barred(address) => {
            let is_barred = matches!(obstacle, Obstacle::Barred(_));
            let detail = if is_barred { "composer-barred-detail" } else { "composer-outside-detail" };
            let title = context.with("composer-outside", &[("address", address.as_str())]);
            let detail = context.with(detail, &[("domain", address.domain())]);
            let mut buttons: Vec<Element<'a, Message>> = vec![
                ui::secondary(look, context.text("composer-look-up"))
                    .on_press(Message::LookUp(address.clone()))
                    .into(),
                ui::secondary(look, context.text("composer-remove"))
                    .on_press(Message::Remove(address.clone()))
                    .into(),
            ];
            if !is_barred {
                let keep = ui::quiet(look, context.text("composer-keep"));
                buttons.push(keep.on_press(Message::Keep(address.clone())).into());
            }
            Some(ui::banner(look, Tone::Warning, title, detail, buttons))
        }
        Obstacle::TooLarge => {
            let detail = context.text("composer-too-large-detail");
            Some(ui::banner(look, Tone::Warning, context.text("composer-too-large"), detail, Vec::new()))
        }
        Obstacle::NoSubject => {
            let allow =
                ui::quiet(look, context.text("composer-allow-no-subject")).on_press(Message::AllowNoSubject);
            let detail = context.text("composer-no-subject-detail");
            Some(ui::banner(
                look,
                Tone::Neutral,
                context.text("composer-no-subject"),
                detail,
                vec![allow.into()],
            ))
        }
        _ => None,
    }
}
