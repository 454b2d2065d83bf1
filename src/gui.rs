//! The interface: one daemon with several windows, screens that return actions, and a small design system.
//!
//! A screen uses [`ui`] and [`widget`] only: no raw colour, size or text. It asks the engine for everything and never
//! waits in a view. `screen` says what a screen is made of.

pub mod app;
pub mod font;
pub mod platform;
pub mod preferences;
pub mod screen;
pub mod shortcut;
pub mod theme;
pub mod ui;
pub mod widget;

/// An element with the program's theme and renderer.
pub type Element<'a, Message> = iced::Element<'a, Message>;
