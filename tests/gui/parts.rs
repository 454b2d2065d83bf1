//! Parts of the design system.

use estafette::gui::theme::{Look, TextSize};
use estafette::gui::ui;
use estafette::gui::widget::{ListEvent, RowContent, SelectMode, list};
use iced::keyboard::key::Named;

use crate::desk::window;

fn look() -> Look {
    Look::new(false, TextSize::Normal)
}

fn row(index: u32) -> Option<RowContent> {
    Some(RowContent { title: format!("row {index}"), ..RowContent::default() })
}

#[test]
fn only_visible_rows_are_asked_for_and_said_to_be_visible() {
    let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let rows = list(
        look(),
        100_000,
        |index| {
            asked.borrow_mut().insert(index);
            row(index)
        },
        |event| event,
    );
    let mut ui = window(rows.into());
    ui.find("row 3").unwrap();
    assert!(ui.find("row 500").is_err());
    ui.point_at(iced::Point::new(10.0, 10.0));
    ui.simulate(iced_test::simulator::click());
    let events: Vec<ListEvent> = ui.into_messages().collect();
    assert!(events.contains(&ListEvent::Visible(0..10)), "{events:?}");
    assert!(events.contains(&ListEvent::Select { row: 0, mode: SelectMode::Replace }));
    assert!(asked.into_inner().last().is_some_and(|last| *last < 12));
}

#[test]
fn the_keyboard_moves_opens_and_skips_headings() {
    let content = |index| if index == 4 { Some(RowContent::heading("near")) } else { row(index) };
    let rows = list(look(), 20, content, |event| event).cursor(Some(3)).follows_keys(true);
    let mut ui = window(rows.into());
    ui.tap_key(Named::ArrowDown);
    ui.tap_key(Named::Enter);
    let events: Vec<ListEvent> =
        ui.into_messages().filter(|event| !matches!(event, ListEvent::Visible(_))).collect();
    assert_eq!(events, [ListEvent::Select { row: 5, mode: SelectMode::Replace }, ListEvent::Activate(3)]);
}

#[test]
fn a_row_chosen_far_away_is_brought_into_view() {
    let rows = list(look(), 100_000, row, |event| event).cursor(Some(70_000));
    let mut ui = window(rows.into());
    ui.find("row 70000").unwrap();
}

#[test]
fn a_button_is_pressed_by_mouse_and_a_disabled_one_is_not() {
    let buttons = iced::widget::column![
        ui::primary(look(), "Envoyer").on_press("sent"),
        ui::secondary::<&str>(look(), "Classer"),
    ];
    let mut ui = window(buttons.into());
    ui.click("Envoyer").unwrap();
    ui.click("Classer").unwrap();
    assert_eq!(ui.into_messages().collect::<Vec<_>>(), ["sent"]);
}

#[test]
fn a_button_pressed_once_is_pressed_again_with_the_keyboard() {
    let button = ui::primary(look(), "Envoyer").on_press("sent");
    let mut ui = window(button.into());
    ui.tap_key(Named::Enter);
    ui.click("Envoyer").unwrap();
    ui.tap_key(Named::Enter);
    ui.tap_key(Named::Space);
    assert_eq!(ui.into_messages().collect::<Vec<_>>(), ["sent"; 3]);
}
