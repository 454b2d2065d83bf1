//! The pages of a PDF, and pictures: how large, which one, what is found and selected.

use iced::widget::{container, image, row, scrollable};
use iced::{Alignment, Color, ContentFit, Length, Padding};

use super::super::Message;
use super::super::documents::{self, Documents};
use super::super::find;
use super::super::reader::Picture;
use super::super::viewer::{self, Sheet, Viewer, Zoom};
use super::document::act;
use crate::domain::document::Document;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::shortcut::Command;
use crate::gui::theme::space;
use crate::gui::widget::{Spot, page};
use crate::gui::{Element, ui};

/// How much of the page shines through a mark.
const VEIL: f32 = 0.38;

fn on_page(message: viewer::Message) -> Message {
    act(documents::Message::Page(message))
}

/// The page shown, under its tools.
pub(super) fn view<'a>(
    viewer: &'a Viewer,
    document: &Document,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let number = viewer.number();
    let count = document.pages.map_or(number + 1, |n| n as usize);
    let go = |to: Option<usize>| to.map(|to| on_page(viewer::Message::Go(to)));
    let label =
        context.with("document-page", &[("page", &(number + 1).to_string()), ("pages", &count.to_string())]);
    let copy = viewer.selection().map(|_| on_page(viewer::Message::Copy));
    let steps = row![
        ui::icon_button(look, Icon::Up, context.text("document-previous"), go(number.checked_sub(1))),
        ui::caption(look, label),
        ui::icon_button(
            look,
            Icon::Down,
            context.text("document-next"),
            go(Some(number + 1).filter(|n| *n < count))
        ),
        iced::widget::space().width(Length::Fill),
        ui::icon_button(look, Icon::Copy, context.text("document-copy"), copy),
        zooming(viewer.zoom(), context, |zoom| on_page(viewer::Message::Zoom(zoom))),
    ]
    .spacing(space::S)
    .align_y(Alignment::Center);
    let shown: Element<'a, Message> = match viewer.sheet() {
        Some(sheet) => drawn(viewer, sheet, context),
        None if viewer.is_missing() => ui::caption(look, context.text("document-page-unreadable")).into(),
        None => ui::caption(look, context.text("document-page-awaited")).into(),
    };
    iced::widget::column![steps, shown].spacing(space::S).into()
}

/// Smaller, as wide as the reader, larger.
fn zooming<'a>(zoom: Zoom, context: Context<'a>, message: impl Fn(Zoom) -> Message) -> Element<'a, Message> {
    let look = context.look;
    let label = match zoom {
        Zoom::Width => context.text("document-zoom-width"),
        Zoom::Percent(percent) => context.with("document-zoom", &[("percent", &percent.to_string())]),
    };
    let key = |name: &str, command: Command| format!("{} ({})", context.text(name), command.key());
    let step = |larger: bool| Some(message(zoom.step(larger))).filter(|_| zoom.step(larger) != zoom);
    row![
        ui::icon_button(look, Icon::ZoomOut, key("document-zoom-out", Command::TextSmaller), step(false)),
        ui::caption(look, label),
        ui::icon_button(look, Icon::ZoomIn, key("document-zoom-in", Command::TextLarger), step(true)),
        ui::icon_button(
            look,
            Icon::FitWidth,
            key("cmd-fit-width", Command::FitWidth),
            (zoom != Zoom::Width).then(|| message(Zoom::Width))
        ),
    ]
    .spacing(space::XS)
    .align_y(Alignment::Center)
    .into()
}

fn drawn<'a>(viewer: &'a Viewer, sheet: &'a Sheet, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let Some((picture, aspect)) = &sheet.picture else {
        return ui::caption(look, context.text("document-page-unreadable")).into();
    };
    let spots: Vec<Spot> = sheet
        .text
        .letters
        .iter()
        .map(|l| Spot { left: l.left, right: l.right, top: l.top, bottom: l.bottom })
        .collect();
    // pages are white in every theme
    let (found, here) = (Color::from_rgb8(0xff, 0xc8, 0x00), Color::from_rgb8(0xff, 0x7a, 0x00));
    let chosen = Color::from_rgb8(0x0b, 0x6e, 0x75);
    let mut marks = Vec::new();
    let mut mark = |letters: std::ops::Range<usize>, colour: Color| {
        let of = spots.get(letters.start..letters.end.min(spots.len())).unwrap_or_default();
        marks.extend(of.iter().map(|spot| (*spot, colour.scale_alpha(VEIL))));
    };
    let mut current = None;
    for (letters, is_current) in viewer.found() {
        if is_current {
            current = spots.get(letters.start).copied();
        }
        mark(letters, if is_current { here } else { found });
    }
    if let Some(letters) = viewer.selection() {
        mark(letters, chosen);
    }
    let sheet_view = page(picture.clone(), *aspect).marks(marks).current(current, find::CURRENT).letters(
        spots,
        viewer.selected(),
        |letters| on_page(viewer::Message::Select(letters)),
    );
    match viewer.zoom() {
        Zoom::Width => framed(sheet_view, context),
        Zoom::Percent(percent) => {
            let width = sheet.width * f32::from(percent) / 100.0;
            sideways(framed(sheet_view.width(width), context), context)
        }
    }
}

/// A picture that is a document of its own, with its tools.
pub(super) fn picture<'a>(
    documents: &'a Documents,
    number: usize,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let turn = |clockwise| Some(act(documents::Message::Turn(0, clockwise)));
    let tools = row![
        ui::icon_button(look, Icon::TurnLeft, context.text("document-turn-left"), turn(false)),
        ui::icon_button(look, Icon::TurnRight, context.text("document-turn-right"), turn(true)),
        iced::widget::space().width(Length::Fill),
        zooming(documents.enlarged, context, |zoom| act(documents::Message::Enlarge(zoom))),
    ]
    .spacing(space::S)
    .align_y(Alignment::Center);
    let shown: Element<'a, Message> = match documents.pictures.get(&(number, 0)) {
        Some(Picture::Ready(handle)) => match documents.enlarged {
            Zoom::Width => {
                framed(image(handle.clone()).content_fit(ContentFit::Contain).width(Length::Fill), context)
            }
            Zoom::Percent(percent) => {
                // both sides: with its width alone a picture grows no higher than it is
                let (width, height) = size(handle);
                let scale = f32::from(percent) / 100.0;
                let enlarged = image(handle.clone())
                    .content_fit(ContentFit::Fill)
                    .width(width * scale)
                    .height(height * scale);
                sideways(framed(enlarged, context), context)
            }
        },
        Some(Picture::Awaited) => ui::caption(look, context.text("mailbox-image-awaited")).into(),
        Some(Picture::Unreadable) | None => {
            ui::caption(look, context.text("mailbox-image-unreadable")).into()
        }
    };
    iced::widget::column![tools, shown].spacing(space::S).into()
}

/// Width and height of a picture in its own pixels.
fn size(handle: &image::Handle) -> (f32, f32) {
    match handle {
        image::Handle::Rgba { width, height, .. } => (*width as f32, *height as f32),
        _ => (0.0, 0.0),
    }
}

fn framed<'a>(inner: impl Into<Element<'a, Message>>, context: Context<'a>) -> Element<'a, Message> {
    container(inner).style(ui::sunk(context.look)).padding(1.0).into()
}

/// What may be wider than the reader.
fn sideways<'a>(inner: Element<'a, Message>, context: Context<'a>) -> Element<'a, Message> {
    let bar = scrollable::Scrollbar::new().width(8.0).scroller_width(6.0);
    scrollable(container(inner).padding(Padding::ZERO.bottom(space::M)))
        .direction(scrollable::Direction::Horizontal(bar))
        .style(ui::scroll_style(context.look))
        .width(Length::Fill)
        .into()
}
