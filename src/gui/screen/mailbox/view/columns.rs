//! How wide the columns of a table are: by what stands in them. A word that is broken in its middle, a vaccine or a
//! dose, is a word that is misread; where the columns have no room for their longest words the table is moved sideways.

use iced::Length;

use crate::domain::message::Span;
use crate::gui::screen::Context;

/// Room of a letter and between two columns, in pixels before text size.
const LETTER: f32 = 7.6;
const GAP: f32 = 14.0;
/// A word longer than this is folded.
const LONGEST_WORD: usize = 20;
/// A column is made no wider for more text than this, in letters.
const WIDEST: usize = 36;
/// What is beside the reader in a window that shows everything: rail, folders, frames; and the list.
const BESIDE: f32 = 350.0;
const LIST: f32 = 392.0;
/// Share of a narrow window that the reader has.
const SHARE: f32 = 0.5;
const NARROW: f32 = 980.0;

/// Columns of a table, in letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    /// Longest word.
    least: Vec<usize>,
    /// Longest text, within bounds.
    wanted: Vec<usize>,
}

impl Columns {
    /// Of texts, each with the number of its column.
    pub(super) fn of<'t>(count: usize, cells: impl Iterator<Item = (usize, &'t [Span])>) -> Self {
        let mut columns = Self { least: vec![2; count], wanted: vec![3; count] };
        for (column, spans) in cells {
            let text: String = spans.iter().map(|span| span.text.as_str()).collect();
            let word = text.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
            let line = text.lines().map(|line| line.trim().chars().count()).max().unwrap_or(0);
            if let (Some(least), Some(wanted)) =
                (columns.least.get_mut(column), columns.wanted.get_mut(column))
            {
                *least = (*least).max(word.min(LONGEST_WORD));
                *wanted = (*wanted).max(line.min(WIDEST)).max(*least);
            }
        }
        columns
    }

    /// Width of the whole table where it has to be moved sideways, in pixels; `None` where it fits into the reader.
    pub(super) fn sideways(&self, context: Context<'_>) -> Option<f32> {
        let look = context.look;
        let letters = |of: &[usize]| of.iter().sum::<usize>() as f32;
        let gaps = GAP * self.least.len() as f32;
        let room = if context.window.width < look.px(NARROW) {
            context.window.width * SHARE
        } else {
            context.window.width - look.px(BESIDE) - look.px(LIST).min(context.window.width * 0.36)
        };
        (look.px(letters(&self.least) * LETTER + gaps) > room)
            .then(|| look.px(letters(&self.wanted).min(letters(&self.least) * 1.6) * LETTER + gaps))
    }

    /// Share of `count` columns from `first` on.
    pub(super) fn portion(&self, first: usize, count: usize) -> Length {
        // what is left after the longest words goes to those with more text
        let of = |(least, wanted): (&usize, &usize)| 2 * least + wanted;
        let share: usize = self.least.iter().zip(&self.wanted).skip(first).take(count).map(of).sum();
        Length::FillPortion(u16::try_from(share.max(1)).unwrap_or(u16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> Vec<Span> {
        vec![Span { text: text.to_owned(), ..Span::default() }]
    }

    #[test]
    fn columns_have_room_for_their_longest_words_and_more_for_more_text() {
        let rows = [
            [cell("Date"), cell("Vaccin"), cell("Rang")],
            [cell("28/09/2009"), cell("VACCIN TETANIQUE PASTEUR, suspension injectable"), cell("2")],
        ];
        let cells =
            rows.iter().flat_map(|row| row.iter().enumerate().map(|(n, spans)| (n, spans.as_slice())));
        let columns = Columns::of(3, cells);
        assert_eq!(columns.least, [10, 10, 4]);
        assert_eq!(columns.wanted, [10, WIDEST, 4]);
        let share = |first, count| match columns.portion(first, count) {
            Length::FillPortion(share) => share,
            other => panic!("{other:?}"),
        };
        assert!(share(1, 1) > share(0, 1) && share(0, 1) > share(2, 1));
        assert_eq!(share(0, 3), share(0, 1) + share(1, 1) + share(2, 1));
        // a column nobody knows takes no part
        assert_eq!(share(7, 1), 1);
    }
}
