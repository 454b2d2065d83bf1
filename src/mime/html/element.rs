//! Which elements do what.

use html5ever::tokenizer::states::RawKind;

/// How an element is treated.
pub(super) enum Role {
    /// Dropped with all it holds; its content is raw text to the tokenizer.
    Raw(RawKind),
    /// Dropped with all it holds, because it acts, is filled in, or is no text.
    Dropped,
    /// Has no content.
    Void,
    /// Begins and ends a block.
    Block,
    /// A row, cell or table.
    Table,
    Inline,
}

/// How the element of this name is treated.
pub(super) fn role(name: &str) -> Role {
    match name {
        "script" => Role::Raw(RawKind::ScriptData),
        "style" | "noscript" | "iframe" | "noembed" | "noframes" | "xmp" => Role::Raw(RawKind::Rawtext),
        "title" | "textarea" => Role::Raw(RawKind::Rcdata),
        "object" | "svg" | "math" | "select" | "button" | "audio" | "video" | "canvas" | "template"
        | "applet" | "dialog" | "head" => Role::Dropped,
        "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta" | "param"
        | "source" | "track" | "wbr" | "frame" | "basefont" | "bgsound" | "keygen" => Role::Void,
        "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "li" | "blockquote" | "pre"
        | "section" | "article" | "header" | "footer" | "main" | "aside" | "nav" | "address" | "center"
        | "dl" | "dt" | "dd" | "figure" | "figcaption" | "fieldset" | "form" | "legend" | "details"
        | "summary" | "body" | "html" | "caption" | "menu" | "listing" => Role::Block,
        "table" | "tr" | "td" | "th" | "tbody" | "thead" | "tfoot" => Role::Table,
        _ => Role::Inline,
    }
}

/// True for elements that run, load or ask for something.
pub(super) fn is_active(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "iframe"
            | "object"
            | "embed"
            | "applet"
            | "form"
            | "input"
            | "select"
            | "button"
            | "textarea"
            | "audio"
            | "video"
            | "svg"
            | "math"
            | "canvas"
            | "frame"
    )
}
