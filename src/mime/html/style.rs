//! What an element means for the text inside it.

use std::rc::Rc;

use html5ever::tokenizer::Tag;

/// Inherited state of the text inside an element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) italic: bool,
    /// White space is kept.
    pub(super) pre: bool,
    /// Not shown, and nothing inside is.
    pub(super) hidden: bool,
    /// Font of size zero: not shown, but an element inside may set a size again, as newsletters do.
    pub(super) sizeless: bool,
    pub(super) heading: Option<u8>,
    pub(super) quote: u8,
    pub(super) list: u8,
    /// Shared: a style is copied for each piece of text.
    pub(super) link: Option<Rc<str>>,
}

/// The value of an attribute.
pub(super) fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs.iter().find(|a| &*a.name.local == name).map(|a| &*a.value)
}

/// How the CSS of one element changes the text inside it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Css {
    pub(super) hidden: bool,
    /// `Some(true)` for a font of size zero, `Some(false)` for any other size.
    pub(super) sizeless: Option<bool>,
    pub(super) bold: Option<bool>,
    pub(super) italic: Option<bool>,
    pub(super) remote: bool,
}

impl Css {
    pub(super) fn of(tag: &Tag) -> Self {
        let mut css = Self { hidden: attribute(tag, "hidden").is_some(), ..Self::default() };
        for declaration in declarations(attribute(tag, "style").unwrap_or_default()) {
            css.apply(&declaration);
        }
        css
    }

    fn apply(&mut self, declaration: &str) {
        self.remote |= declaration.contains("url(") && declaration.contains("//");
        let Some((property, value)) = declaration.split_once(':') else { return };
        let value = value.trim_end_matches("!important");
        match property {
            "display" => self.hidden |= value == "none",
            "visibility" => self.hidden |= matches!(value, "hidden" | "collapse"),
            "mso-hide" => self.hidden |= value == "all",
            "opacity" => self.hidden |= is_zero(value),
            "font-size" => self.sizeless = Some(is_zero(value)),
            "font-weight" => {
                self.bold = Some(matches!(value, "bold" | "bolder" | "600" | "700" | "800" | "900"));
            }
            "font-style" => self.italic = Some(matches!(value, "italic" | "oblique")),
            _ => {}
        }
    }
}

/// Declarations of a style attribute without comments, white space or escapes, in lower case.
fn declarations(style: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
        .split(';')
        .map(|d| d.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect::<String>().to_lowercase())
        .filter(|d| !d.is_empty())
        .collect()
}

/// `0`, `0px`, `0.0em`: a number that is zero, whatever its unit.
fn is_zero(value: &str) -> bool {
    let number: String = value.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    number.parse::<f64>().is_ok_and(|n| n == 0.0)
}
