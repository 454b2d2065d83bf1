//! The two palettes.

use iced::Color;
use iced::color;

/// Text and background that belong together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToneColours {
    /// Text and icon.
    pub text: Color,
    /// Background.
    pub ground: Color,
}

/// Named colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// Name for the toolkit.
    pub name: &'static str,
    /// Dark palette.
    pub is_dark: bool,
    /// Window.
    pub background: Color,
    /// Panels, cards, lists.
    pub panel: Color,
    /// Rail, status bar, neutral badges.
    pub sunk: Color,
    /// Borders and dividers.
    pub line: Color,
    /// Text.
    pub text: Color,
    /// Captions and secondary text.
    pub soft: Color,
    /// The one accent.
    pub accent: Color,
    /// Accent under the pointer.
    pub accent_hover: Color,
    /// Text on the accent.
    pub on_accent: Color,
    /// Selected row.
    pub selection: Color,
    /// Under the pointer.
    pub hover: Color,
    /// Behind words that were found.
    pub mark: Color,
    /// Alarms, and alarms only.
    pub alarm: ToneColours,
    /// Warnings.
    pub warning: ToneColours,
    /// Success.
    pub good: ToneColours,
}

/// What a coloured part means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Plain.
    #[default]
    Neutral,
    /// Active, chosen, verified.
    Accent,
    /// To look at.
    Warning,
    /// To act on now.
    Alarm,
    /// Done, all well.
    Good,
}

/// Light.
pub static LIGHT: Palette = Palette {
    name: "Estafette light",
    is_dark: false,
    background: color!(0xf4f6f8),
    panel: color!(0xffffff),
    sunk: color!(0xeceff3),
    line: color!(0xdbe1e8),
    text: color!(0x17212b),
    soft: color!(0x5a6877),
    accent: color!(0x0b6e75),
    accent_hover: color!(0x095c62),
    on_accent: color!(0xffffff),
    selection: color!(0xe2f1f1),
    hover: color!(0xf4f6f8),
    mark: color!(0xffe58a),
    alarm: ToneColours { text: color!(0xb3261e), ground: color!(0xfbe9e7) },
    warning: ToneColours { text: color!(0x8a5a00), ground: color!(0xfff3da) },
    good: ToneColours { text: color!(0x1d7a43), ground: color!(0xe3f4ea) },
};

/// Dark.
pub static DARK: Palette = Palette {
    name: "Estafette dark",
    is_dark: true,
    background: color!(0x12181e),
    panel: color!(0x182028),
    sunk: color!(0x1f2933),
    line: color!(0x2b3742),
    text: color!(0xe6ecf2),
    soft: color!(0xa4b1be),
    accent: color!(0x4fc0c4),
    accent_hover: color!(0x76d2d5),
    on_accent: color!(0x0c1a1c),
    selection: color!(0x1b3437),
    hover: color!(0x1f2933),
    mark: color!(0x4a3d10),
    alarm: ToneColours { text: color!(0xff8f86), ground: color!(0x3a1f1d) },
    warning: ToneColours { text: color!(0xf2c46b), ground: color!(0x362b14) },
    good: ToneColours { text: color!(0x6fd196), ground: color!(0x17301f) },
};

impl Palette {
    /// Colours of a badge, chip or banner.
    pub fn tone(&self, tone: Tone) -> ToneColours {
        match tone {
            Tone::Neutral => ToneColours { text: self.soft, ground: self.sunk },
            Tone::Accent => ToneColours { text: self.accent, ground: self.selection },
            Tone::Warning => self.warning,
            Tone::Alarm => self.alarm,
            Tone::Good => self.good,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast ratio of WCAG 2.1.
    fn contrast(a: Color, b: Color) -> f32 {
        let (a, b) = (a.relative_luminance() + 0.05, b.relative_luminance() + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn every_text_is_readable_on_every_ground_it_is_drawn_on() {
        for p in [&LIGHT, &DARK] {
            let grounds = [p.background, p.panel, p.sunk, p.selection, p.hover, p.mark];
            let mut pairs: Vec<(Color, Color)> =
                grounds.iter().flat_map(|g| [(p.text, *g), (p.soft, *g), (p.accent, *g)]).collect();
            for tone in [Tone::Neutral, Tone::Accent, Tone::Warning, Tone::Alarm, Tone::Good] {
                let colours = p.tone(tone);
                pairs.push((colours.text, colours.ground));
                pairs.push((p.text, colours.ground));
                pairs.push((colours.text, p.panel));
                pairs.push((colours.text, p.sunk));
                pairs.push((colours.text, p.selection));
            }
            pairs.push((p.on_accent, p.accent));
            pairs.push((p.on_accent, p.accent_hover));
            for (text, ground) in pairs {
                let ratio = contrast(text, ground);
                assert!(ratio >= 4.5, "{}: {text} on {ground} is {ratio:.2}", p.name);
            }
        }
    }
}
