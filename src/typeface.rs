//! The faces the program carries, as files: on screen and on paper the same.

/// Inter, regular.
pub(crate) const REGULAR: &[u8] = include_bytes!("../assets/fonts/Inter-Regular.ttf");
/// Inter, semi-bold.
pub(crate) const STRONG: &[u8] = include_bytes!("../assets/fonts/Inter-SemiBold.ttf");
/// Inter, italic.
pub(crate) const ITALIC: &[u8] = include_bytes!("../assets/fonts/Inter-Italic.ttf");
/// JetBrains Mono, regular.
pub(crate) const MONO: &[u8] = include_bytes!("../assets/fonts/JetBrainsMono-Regular.ttf");
