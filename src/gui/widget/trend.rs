//! Values of an analysis in time, as a line a few letters high: the band of the reference values, the line, a mark for
//! each value. Drawn with rectangles alone, which the software renderer fills fast.

use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Layout, Renderer as _, Widget, layout, mouse, renderer};
use iced::{Border, Color, Length, Rectangle, Renderer, Size, Theme};

use crate::domain::biology::DatedValue;
use crate::gui::Element;
use crate::gui::theme::Look;

/// Width of a step of the line, in pixels: narrower steps cost more than they show.
const STEP: f32 = 3.0;

/// A value on the line.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mark {
    /// Days, from any beginning.
    at: f32,
    value: f32,
    abnormal: bool,
}

/// See [`trend`].
pub struct Trend {
    look: Look,
    marks: Vec<Mark>,
    bounds: Option<(f32, f32)>,
    size: Size,
}

/// The values that are numbers, oldest first; nothing is drawn of fewer than two.
pub fn trend<'v>(look: Look, values: impl IntoIterator<Item = &'v DatedValue>) -> Trend {
    let mut marks = Vec::new();
    let mut bounds = None;
    for (n, value) in values.into_iter().enumerate() {
        let Some(number) = value.number else { continue };
        let day = value.date.get(..10).and_then(|d| d.parse::<jiff::civil::Date>().ok());
        let at = day.and_then(|d| d.since(jiff::civil::date(1900, 1, 1)).ok()).map(|span| span.get_days());
        // a date as imprecise as a year keeps its place in the order
        let at = at.map_or(n as f32, |days| days as f32);
        marks.push(Mark { at, value: number as f32, abnormal: value.abnormal });
        if let (Some(low), Some(high)) = (value.low, value.high) {
            bounds = Some((low as f32, high as f32)).filter(|(low, high)| low < high);
        }
    }
    Trend { look, marks, bounds, size: Size::new(look.px(96.0), look.px(28.0)) }
}

impl Trend {
    /// Another size, in pixels before text size.
    #[must_use]
    pub fn size(mut self, width: f32, height: f32) -> Self {
        self.size = Size::new(self.look.px(width), self.look.px(height));
        self
    }

    /// There is something to draw.
    pub fn has_line(&self) -> bool {
        self.marks.len() > 1
    }
}

/// Two shares between 0 and 1: from left and from below, or of a lower and an upper bound.
type Shares = (f32, f32);

/// Places of the marks, and of the bounds from below.
fn placed(marks: &[Mark], bounds: Option<(f32, f32)>) -> (Vec<Shares>, Option<Shares>) {
    let mut low = marks.iter().map(|m| m.value).fold(f32::INFINITY, f32::min);
    let mut high = marks.iter().map(|m| m.value).fold(f32::NEG_INFINITY, f32::max);
    if let Some((lower, upper)) = bounds {
        // far bounds would press the line flat
        let room = (high - low).max(f32::EPSILON) * 2.0;
        low = low.min(lower.max(low - room));
        high = high.max(upper.min(high + room));
    }
    let (first, last) = match (marks.first(), marks.last()) {
        (Some(first), Some(last)) => (first.at, last.at),
        _ => return (Vec::new(), None),
    };
    let share = |value: f32| if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
    let count = (marks.len().max(2) - 1) as f32;
    let places = marks.iter().enumerate().map(|(n, mark)| {
        let x = if last > first { (mark.at - first) / (last - first) } else { n as f32 / count };
        (x.clamp(0.0, 1.0), share(mark.value))
    });
    (places.collect(), bounds.map(|(lower, upper)| (share(lower), share(upper))))
}

impl<Message> Widget<Message, Theme, Renderer> for Trend {
    fn size(&self) -> Size<Length> {
        Size::new(self.size.width.into(), self.size.height.into())
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        layout::Node::new(limits.resolve(self.size.width, self.size.height, self.size))
    }

    fn draw(
        &self,
        _tree: &Tree,
        renderer: &mut Renderer,
        _theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let area = layout.bounds();
        if !self.has_line() || area.intersection(viewport).is_none() {
            return;
        }
        let p = self.look.palette;
        let mut fill = |x: f32, y: f32, width: f32, height: f32, radius: f32, colour: Color| {
            let bounds = Rectangle { x, y, width, height };
            let border = Border { radius: radius.into(), ..Border::default() };
            renderer.fill_quad(renderer::Quad { bounds, border, ..renderer::Quad::default() }, colour);
        };
        let mark = self.look.px(4.0);
        let (width, height) = (area.width - mark, area.height - mark);
        let left = |share: f32| area.x + mark / 2.0 + share * width;
        let top = |share: f32| area.y + mark / 2.0 + (1.0 - share) * height;
        let (places, band) = placed(&self.marks, self.bounds);
        if let Some((lower, upper)) = band {
            let tall = (top(lower) - top(upper)).max(1.0);
            fill(area.x, top(upper), area.width, tall, 0.0, p.good.ground);
        }
        for pair in places.windows(2) {
            let [from, to] = pair else { continue };
            let (x0, x1, y0, y1) = (left(from.0), left(to.0), top(from.1), top(to.1));
            let steps = ((x1 - x0) / STEP).ceil().clamp(1.0, 80.0);
            let mut n = 0.0;
            while n < steps {
                let (a, b) = (y0 + (y1 - y0) * n / steps, y0 + (y1 - y0) * (n + 1.0) / steps);
                let x = x0 + (x1 - x0) * n / steps;
                fill(x, a.min(b) - 0.5, (x1 - x0) / steps, (a - b).abs() + 1.5, 0.0, p.soft);
                n += 1.0;
            }
        }
        let last = places.len().saturating_sub(1);
        for (n, (place, value)) in places.iter().zip(&self.marks).enumerate() {
            let colour = match (value.abnormal, n == last) {
                (true, _) => p.warning.text,
                (false, true) => p.accent,
                (false, false) => p.soft,
            };
            fill(left(place.0) - mark / 2.0, top(place.1) - mark / 2.0, mark, mark, mark / 2.0, colour);
        }
    }

    fn operate(
        &mut self,
        _tree: &mut Tree,
        _layout: Layout<'_>,
        _renderer: &Renderer,
        _operation: &mut dyn Operation,
    ) {
    }
}

impl<'a, Message: 'a> From<Trend> for Element<'a, Message> {
    fn from(trend: Trend) -> Self {
        Element::new(trend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_distance_in_time_and_far_bounds_do_not_press_the_line_flat() {
        let mark = |at: f32, value: f32| Mark { at, value, abnormal: false };
        let (places, band) =
            placed(&[mark(0.0, 1.0), mark(10.0, 2.0), mark(100.0, 1.5)], Some((0.0, 1000.0)));
        assert_eq!(places.iter().map(|p| p.0).collect::<Vec<_>>(), [0.0, 0.1, 1.0]);
        assert!(places[1].1 - places[0].1 > 0.2, "{places:?}");
        assert_eq!(band.map(|b| b.1), Some(1.0));
        // one day, one value
        let (places, _) = placed(&[mark(5.0, 1.0), mark(5.0, 1.0)], None);
        assert_eq!(places, [(0.0, 0.5), (1.0, 0.5)]);
    }
}
