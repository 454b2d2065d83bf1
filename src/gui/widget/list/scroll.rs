//! Where a list is scrolled to. Offsets are in 64-bit floats: a million rows stay exact to the pixel.

use std::ops::Range;

use iced::{Point, Rectangle};

/// Width kept for the scroll bar, in pixels.
pub(super) const BAR: f32 = 12.0;

/// Smallest height of the thumb.
const THUMB: f32 = 32.0;

#[derive(Debug, Default)]
pub(super) struct Scroll {
    offset: f64,
    // the point of the thumb that was grabbed, from its top
    grabbed: Option<f32>,
}

impl Scroll {
    pub(super) fn offset(&self) -> f64 {
        self.offset
    }

    pub(super) fn visible(&self, total: u32, row: f32, height: f32) -> Range<u32> {
        let first = (self.offset / f64::from(row)).floor() as u32;
        let end = ((self.offset + f64::from(height.max(0.0))) / f64::from(row)).ceil() as u32;
        first.min(total)..end.min(total)
    }

    /// Distance from the top of the list to the top of a row.
    pub(super) fn top_of(&self, index: u32, row: f32) -> f32 {
        (f64::from(index) * f64::from(row) - self.offset).round() as f32
    }

    pub(super) fn row_at(&self, row: f32, y: f32) -> Option<u32> {
        (y >= 0.0).then(|| ((self.offset + f64::from(y)) / f64::from(row)).floor() as u32)
    }

    pub(super) fn by(&mut self, pixels: f32, total: u32, row: f32, height: f32) {
        self.offset += f64::from(pixels);
        self.clamp(total, row, height);
    }

    pub(super) fn clamp(&mut self, total: u32, row: f32, height: f32) {
        self.offset = self.offset.min(furthest(total, row, height)).max(0.0);
    }

    pub(super) fn reveal(&mut self, index: u32, row: f32, height: f32) {
        let top = f64::from(index) * f64::from(row);
        let lowest = top + f64::from(row) - f64::from(height);
        self.offset = self.offset.min(top).max(lowest);
    }

    /// The thumb of the bar, when there is something to scroll.
    pub(super) fn thumb(&self, total: u32, row: f32, bounds: Rectangle) -> Option<Rectangle> {
        let furthest = furthest(total, row, bounds.height);
        if furthest <= 0.0 {
            return None;
        }
        let share = f64::from(bounds.height) / (f64::from(total) * f64::from(row));
        let height = (bounds.height * share as f32).max(THUMB).min(bounds.height);
        let y = bounds.y + (bounds.height - height) * (self.offset / furthest) as f32;
        Some(Rectangle { x: bounds.x + bounds.width - 9.0, y, width: 6.0, height })
    }

    /// Takes hold of the bar when `at` is on it, jumping there when beside the thumb.
    pub(super) fn grab(&mut self, total: u32, row: f32, bounds: Rectangle, at: Point) -> bool {
        let on_bar = at.x >= bounds.x + bounds.width - BAR;
        let Some(thumb) = self.thumb(total, row, bounds).filter(|_| on_bar) else { return false };
        let within = (thumb.y..=thumb.y + thumb.height).contains(&at.y);
        self.grabbed = Some(if within { at.y - thumb.y } else { thumb.height / 2.0 });
        self.drag(total, row, bounds, at);
        true
    }

    pub(super) fn drag(&mut self, total: u32, row: f32, bounds: Rectangle, at: Point) {
        let (Some(grabbed), Some(thumb)) = (self.grabbed, self.thumb(total, row, bounds)) else { return };
        let room = f64::from((bounds.height - thumb.height).max(1.0));
        let share = f64::from(at.y - grabbed - bounds.y) / room;
        self.offset = furthest(total, row, bounds.height) * share.clamp(0.0, 1.0);
    }

    pub(super) fn release(&mut self) {
        self.grabbed = None;
    }
}

fn furthest(total: u32, row: f32, height: f32) -> f64 {
    (f64::from(total) * f64::from(row) - f64::from(height)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_million_rows_is_reached_exactly() {
        let mut scroll = Scroll::default();
        scroll.reveal(999_999, 84.0, 600.0);
        scroll.clamp(1_000_000, 84.0, 600.0);
        assert_eq!(scroll.visible(1_000_000, 84.0, 600.0), 999_992..1_000_000);
        assert_eq!(scroll.top_of(999_999, 84.0), 600.0 - 84.0);
    }

    #[test]
    fn a_list_that_shrinks_is_never_scrolled_past_its_end() {
        let mut scroll = Scroll::default();
        scroll.reveal(500, 84.0, 600.0);
        scroll.clamp(3, 84.0, 600.0);
        assert_eq!(scroll.visible(3, 84.0, 600.0), 0..3);
        assert_eq!(scroll.offset(), 0.0);
    }

    #[test]
    fn dragging_the_thumb_to_the_end_shows_the_last_row() {
        let bounds = Rectangle { x: 0.0, y: 50.0, width: 390.0, height: 600.0 };
        let mut scroll = Scroll::default();
        assert!(scroll.grab(100_000, 84.0, bounds, Point::new(385.0, 51.0)));
        scroll.drag(100_000, 84.0, bounds, Point::new(385.0, 5000.0));
        assert_eq!(scroll.visible(100_000, 84.0, 600.0).end, 100_000);
    }
}
