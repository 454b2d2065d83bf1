//! What the benchmarks of the interface have in common: the engine on a profile, and what a view is told.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use estafette::domain::document::Reading;
use estafette::engine::{Engine, KeySource, Options, read_document};
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

/// A moment, and how long this thread has waited for a processor so far: what other programs take from it is not ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    at: Instant,
    waited: Duration,
}

impl Moment {
    /// Now, on this thread.
    pub(crate) fn now() -> Self {
        // "time on a processor, time waiting for one", in nanoseconds (proc(5)); without it waiting counts
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let waited = text.split_whitespace().nth(1).and_then(|field| field.parse().ok()).unwrap_or(0);
        Self { at: Instant::now(), waited: Duration::from_nanos(waited) }
    }

    /// From an earlier moment of the same thread to this one.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        (self.at - earlier.at).saturating_sub(self.waited.saturating_sub(earlier.waited))
    }
}

/// A document of a laboratory with so many results.
#[allow(dead_code, reason = "not every benchmark opens it")]
pub(crate) fn table_of(results: usize) -> Reading {
    let reading = read_document(letter(results).as_bytes(), "resultats.hpr").expect("results");
    assert_eq!(reading.documents.first().map_or(0, |document| document.results.len()), results);
    reading
}

/// HPRIM Médecins with so many results.
fn letter(results: usize) -> String {
    let mut text = String::from(
        "P123\r\nDURAND\r\nPAUL\r\n1 rue des Tilleuls\r\n\r\n69003 LYON\r\n26/11/1978\r\n\r\n12345\r\n02/11/2026\r\n\
         LABO      LABORATOIRE FICTIF\r\nLEROY     DR LEROY ANNE\r\n\r\n****LAB****\r\n",
    );
    for number in 0..results {
        let flag = ["N", "H", "L", "HH"][number % 4];
        let _ = write!(text, "RES|Analyse {number}|C{number}|N|{number}.5|mmol/L|1|100|{flag}|F\r\n");
    }
    text.push_str("****FIN****\r\n****FINFICHIER****\r\n");
    text
}

/// What a widget around one `child` hands on to it as it is: all but events and drawing.
macro_rules! hand_on {
    () => {
        fn children(&self) -> Vec<Tree> {
            vec![Tree::new(&self.child)]
        }
        fn diff(&self, tree: &mut Tree) {
            tree.diff_children(std::slice::from_ref(&self.child));
        }
        fn size(&self) -> iced::Size<iced::Length> {
            self.child.as_widget().size()
        }
        fn layout(
            &mut self,
            tree: &mut Tree,
            renderer: &Renderer,
            limits: &iced::advanced::layout::Limits,
        ) -> iced::advanced::layout::Node {
            self.child.as_widget_mut().layout(&mut tree.children[0], renderer, limits)
        }
        fn operate(
            &mut self,
            tree: &mut Tree,
            layout: Layout<'_>,
            renderer: &Renderer,
            asked: &mut dyn iced::advanced::widget::Operation,
        ) {
            self.child.as_widget_mut().operate(&mut tree.children[0], layout, renderer, asked);
        }
        fn overlay<'b>(
            &'b mut self,
            tree: &'b mut Tree,
            layout: Layout<'b>,
            renderer: &Renderer,
            viewport: &Rectangle,
            translation: iced::Vector,
        ) -> Option<iced::advanced::overlay::Element<'b, Message, Theme, Renderer>> {
            self.child.as_widget_mut().overlay(&mut tree.children[0], layout, renderer, viewport, translation)
        }
    };
}
pub(crate) use hand_on;
