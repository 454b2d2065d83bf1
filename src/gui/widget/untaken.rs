//! What lies beside something else and gets only the keys that nothing before it took.
//!
//! The toolkit asks the parts of a row one after the other, and a part whose messages are mapped does not see that an
//! earlier one took the key: one arrow would move two lists.

use iced::Event;

use super::around::{Around, Manner};
use crate::gui::Element;

struct Untaken;

impl Manner for Untaken {
    fn lets_in(&self, event: &Event, is_taken: bool) -> bool {
        !(is_taken && matches!(event, Event::Keyboard(_)))
    }
}

/// Keeps keys from `content` that something before it took.
pub fn untaken<'a, Message: 'a>(content: Element<'a, Message>) -> Element<'a, Message> {
    Element::new(Around { content, manner: Untaken })
}
