//! The design system: the only parts a screen is built from. Every function takes the [`Look`](super::theme::Look).

mod badge;
mod button;
mod choice;
mod field;
mod state;
mod surface;
mod text;

pub use badge::{badge, chip, status_dot};
pub use button::{Button, ButtonKind, button, danger, icon_button, link, primary, quiet, secondary};
pub use choice::{checkbox, nav_item, segmented, tabs};
pub use field::{editor_style, field, input_style, labelled, search_field};
pub use state::{empty, empty_with, key_cap, keys, progress};
pub use surface::{
    answers, background, banner, card, divider, modal, panel, scroll, scroll_style, sunk, tooltip,
    vertical_divider,
};
pub use text::{body, caption, display, icon, mono, strong, text, title, toned};
