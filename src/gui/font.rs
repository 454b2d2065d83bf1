//! The faces and icons the program carries: the same on every system, and loaded before anything is drawn, because the
//! text engine panics on a machine without any font.

use std::borrow::Cow;

use iced::Font;
use iced::font::{Family, Style, Weight};

use crate::typeface;

/// Text face.
pub const TEXT: Font = Font { family: Family::Name("Inter"), ..Font::DEFAULT };
/// Text face for emphasis.
pub const STRONG: Font = Font { weight: Weight::Semibold, ..TEXT };
/// Text face for quotations.
pub const ITALIC: Font = Font { style: Style::Italic, ..TEXT };
/// Fixed-width face: message source, keys, figures in columns.
pub const MONO: Font = Font { family: Family::Name("JetBrains Mono"), ..Font::DEFAULT };
/// Icon face.
pub const ICON: Font = iced_fonts::LUCIDE_FONT;

/// Every face, to be loaded before the first window.
pub fn all() -> Vec<Cow<'static, [u8]>> {
    vec![
        Cow::Borrowed(typeface::REGULAR),
        Cow::Borrowed(typeface::STRONG),
        Cow::Borrowed(typeface::ITALIC),
        Cow::Borrowed(typeface::MONO),
        Cow::Borrowed(iced_fonts::LUCIDE_FONT_BYTES),
    ]
}

/// Loads the faces into the process-wide font system, for tests that shape text without a window.
#[cfg(test)]
pub(crate) fn load_for_tests() {
    if let Ok(mut system) = iced::advanced::graphics::text::font_system().write() {
        for face in all() {
            system.load_font(face);
        }
    }
}

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// An icon of the Lucide face, by what it stands for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Icon { $($(#[$doc])* $name,)* }

        impl Icon {
            /// The character that draws it in [`ICON`].
            pub const fn glyph(self) -> char {
                match self { $(Self::$name => $code,)* }
            }
            /// Every icon.
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

icons! {
    /// Mailbox.
    Inbox = '\u{e0fb}',
    /// Patient or person.
    Person = '\u{e19f}',
    /// Several people.
    People = '\u{e1a4}',
    /// Directory.
    Directory = '\u{e552}',
    /// Send.
    Send = '\u{e156}',
    /// Settings.
    Settings = '\u{e29a}',
    /// Search.
    Search = '\u{e155}',
    /// Message.
    Mail = '\u{e113}',
    /// Write a message.
    Compose = '\u{e176}',
    /// Reply.
    Reply = '\u{e22a}',
    /// Reply to all.
    ReplyAll = '\u{e22b}',
    /// Forward.
    Forward = '\u{e229}',
    /// Delete.
    Trash = '\u{e18e}',
    /// Folder.
    Folder = '\u{e0db}',
    /// Move into a folder.
    MoveTo = '\u{e338}',
    /// Archive.
    Archive = '\u{e045}',
    /// Flag.
    Flag = '\u{e0d5}',
    /// Favourite.
    Star = '\u{e17a}',
    /// Attachment.
    Paperclip = '\u{e131}',
    /// Text document.
    Document = '\u{e0d0}',
    /// Any file.
    File = '\u{e0c4}',
    /// Picture.
    Picture = '\u{e0fa}',
    /// Health document.
    HealthDocument = '\u{e31c}',
    /// Done.
    Check = '\u{e070}',
    /// Read by the recipient.
    CheckTwice = '\u{e392}',
    /// Accepted.
    CheckCircle = '\u{e226}',
    /// Close or remove.
    Close = '\u{e1b2}',
    /// Refused.
    CloseCircle = '\u{e088}',
    /// Warning.
    Warning = '\u{e193}',
    /// Alarm.
    Alarm = '\u{e12b}',
    /// Information.
    Info = '\u{e0ff}',
    /// Locked.
    Lock = '\u{e10f}',
    /// Smart card.
    Card = '\u{e0ae}',
    /// Card reader.
    Reader = '\u{e35a}',
    /// Service or module.
    Plug = '\u{e383}',
    /// Synchronise.
    Sync = '\u{e149}',
    /// Save to a file.
    Download = '\u{e0b6}',
    /// Load from a file.
    Upload = '\u{e19e}',
    /// Waiting.
    History = '\u{e1f5}',
    /// Undo.
    Undo = '\u{e2a1}',
    /// Open a choice.
    ChevronDown = '\u{e071}',
    /// Go in.
    ChevronRight = '\u{e073}',
    /// Go back.
    Back = '\u{e04c}',
    /// Up.
    Up = '\u{e04e}',
    /// Down.
    Down = '\u{e046}',
    /// Add.
    Plus = '\u{e141}',
    /// Take away.
    Minus = '\u{e120}',
    /// Edit.
    Pencil = '\u{e1f9}',
    /// Copy.
    Copy = '\u{e0a2}',
    /// Print.
    Print = '\u{e145}',
    /// Save.
    Save = '\u{e151}',
    /// Show.
    Eye = '\u{e0be}',
    /// Hide.
    EyeOff = '\u{e0bf}',
    /// Keyboard.
    Keyboard = '\u{e284}',
    /// Connected.
    Online = '\u{e1ae}',
    /// Not connected.
    Offline = '\u{e1af}',
    /// Verified.
    Verified = '\u{e1ff}',
    /// Not verified.
    Unverified = '\u{e1fe}',
    /// Practitioner.
    Stethoscope = '\u{e2f1}',
    /// Health of the program.
    Activity = '\u{e038}',
    /// Biology.
    Laboratory = '\u{e0d9}',
    /// Pharmacy.
    Pill = '\u{e3c1}',
    /// Organisation.
    Building = '\u{e290}',
    /// Server.
    Server = '\u{e157}',
    /// Help and diagnosis.
    Help = '\u{e107}',
    /// More.
    More = '\u{e0ba}',
    /// Messages that answer each other.
    Conversation = '\u{e412}',
    /// Open elsewhere.
    External = '\u{e0bd}',
    /// Larger.
    ZoomIn = '\u{e1b6}',
    /// Smaller.
    ZoomOut = '\u{e1b7}',
    /// As wide as there is room.
    FitWidth = '\u{e1c6}',
    /// A quarter back.
    TurnLeft = '\u{e5d5}',
    /// A quarter on.
    TurnRight = '\u{e5d6}',
    /// Calendar date.
    Calendar = '\u{e067}',
    /// Language.
    Language = '\u{e104}',
    /// Message text.
    Text = '\u{e11b}',
    /// Forbidden.
    Forbidden = '\u{e055}',
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_icons_share_a_glyph() {
        let mut glyphs: Vec<char> = Icon::ALL.iter().map(|i| i.glyph()).collect();
        glyphs.sort_unstable();
        let all = glyphs.len();
        glyphs.dedup();
        assert_eq!(glyphs.len(), all);
    }
}
