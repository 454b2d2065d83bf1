//! Widgets the toolkit does not have: a press area that takes the keyboard focus, text cut with an ellipsis, a page
//! whose letters can be selected, and a list of any length of which only the visible rows exist.

mod elided;
pub mod list;
mod page;
mod pin;
mod press;
mod trend;
mod untaken;

pub use elided::{Elided, elided};
pub use list::{Badge, List, ListEvent, RowContent, SelectMode, list};
pub use page::{Page, Spot, page};
pub use pin::{Pin, PinKey, pin};
pub use press::{Press, PressStatus, PressStyle, press};
pub use trend::{Trend, trend};
pub use untaken::untaken;
