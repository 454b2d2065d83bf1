//! Widgets the toolkit does not have: a press area that takes the keyboard focus, text cut with an ellipsis, a page
//! whose letters can be selected, a list of any length of which only the visible rows exist, a column that is laid out
//! step by step, and a part that is painted as a whole.

mod around;
mod elided;
pub mod list;
mod page;
mod pin;
mod press;
mod trend;
mod unrolled;
mod untaken;
mod whole;

pub use elided::{Elided, elided};
pub use list::{Badge, List, ListEvent, RowContent, SelectMode, list};
pub use page::{Page, Spot, page};
pub use pin::{Pin, PinKey, pin};
pub use press::{Press, PressStatus, PressStyle, press};
pub use trend::{Trend, trend};
pub use unrolled::{Unrolled, unrolled};
pub use untaken::untaken;
pub use whole::{part, scrolled, whole};
