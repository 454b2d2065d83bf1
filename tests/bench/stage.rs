//! What the benchmarks of the interface have in common: the engine on a profile, and what a view is told.

use std::path::Path;

use estafette::engine::{Engine, KeySource, Options};
use estafette::gui::screen::Context;
use estafette::gui::theme::{Look, TextSize};
use estafette::wording::Wording;
use iced::Size;

/// Size of the window in logical pixels.
pub(crate) const WINDOW: Size = Size::new(1280.0, 800.0);

/// The engine on a profile whose key lies in it, with nothing running in the background.
pub(crate) fn engine(profile: &Path) -> Engine {
    Engine::open(Options {
        profile: profile.to_owned(),
        keys: KeySource::File(profile.join("vault.key")),
        module: None,
        send_delay: 0,
        background: false,
    })
    .expect("a profile")
}

/// A view in a light window at normal text size.
pub(crate) fn context(wording: &Wording) -> Context<'_> {
    Context {
        look: Look::new(false, TextSize::Normal),
        wording,
        now: 1_795_254_120,
        is_practice: false,
        is_online: true,
        window: WINDOW,
        follows_keys: true,
    }
}
