//! Tokens to blocks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::element::{Role, is_active, role};
use super::run::Run;
use super::style::{Css, Style, attribute};
use super::table::Tables;
use super::{MAX_BLOCKS, Safe};
use crate::domain::message::Block;
use crate::domain::text::{Marks, is_deceptive, link_target, without_deceptive};

/// Deepest nesting told apart; deeper elements keep the style of the last one.
const MAX_DEPTH: usize = 500;
/// Deepest quote and list.
const MAX_LEVEL: u8 = 9;

pub(super) struct Sink<'c>(RefCell<Writer<'c>>);

impl<'c> Sink<'c> {
    pub(super) fn new(content_ids: &'c HashMap<String, usize>) -> Self {
        Self(RefCell::new(Writer::new(content_ids)))
    }

    pub(super) fn finish(self) -> Safe {
        let mut writer = self.0.into_inner();
        while !writer.open.is_empty() {
            writer.pop();
        }
        writer.flush();
        writer.safe
    }
}

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut writer = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => writer.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return writer.start(&tag),
            Token::TagToken(tag) => writer.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

struct Open {
    name: String,
    style: Style,
}

struct Writer<'c> {
    content_ids: &'c HashMap<String, usize>,
    open: Vec<Open>,
    /// Elements open beyond [`MAX_DEPTH`].
    beyond: usize,
    /// Next number of each open list; `None` for bullets.
    lists: Vec<Option<u32>>,
    marker: Option<(u8, String)>,
    run: Run,
    space: bool,
    marks: Marks,
    tables: Tables,
    safe: Safe,
}

impl<'c> Writer<'c> {
    fn new(content_ids: &'c HashMap<String, usize>) -> Self {
        Self {
            content_ids,
            open: Vec::new(),
            beyond: 0,
            lists: Vec::new(),
            marker: None,
            run: Run::default(),
            space: false,
            marks: Marks::default(),
            tables: Tables::default(),
            safe: Safe::default(),
        }
    }

    fn style(&self) -> Style {
        self.open.last().map(|o| o.style.clone()).unwrap_or_default()
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let role = role(name);
        self.note_active(tag, name);
        match role {
            Role::Raw(kind) => {
                self.push(tag, Style { hidden: true, ..Style::default() });
                return TokenSinkResult::RawData(kind);
            }
            Role::Dropped => self.push(tag, Style { hidden: true, ..Style::default() }),
            Role::Void => self.void(tag, name),
            Role::Block => {
                self.close_implied(name);
                self.flush();
                let style = self.inside(tag, name);
                self.push(tag, style);
            }
            Role::Table => self.start_table(tag, name),
            Role::Inline => {
                let style = self.inside(tag, name);
                self.push(tag, style);
            }
        }
        TokenSinkResult::Continue
    }

    fn note_active(&mut self, tag: &Tag, name: &str) {
        self.safe.removed |= is_active(name) || tag.attrs.iter().any(|a| a.name.local.starts_with("on"));
    }

    /// The style inside an element that opens here.
    fn inside(&mut self, tag: &Tag, name: &str) -> Style {
        let mut style = self.style();
        let css = Css::of(tag);
        self.safe.removed |= css.remote;
        style.hidden |= css.hidden;
        style.sizeless = css.sizeless.unwrap_or(style.sizeless);
        match name {
            "b" | "strong" | "th" => style.bold = true,
            "i" | "em" | "cite" | "dfn" | "var" => style.italic = true,
            "pre" | "listing" => style.pre = true,
            "blockquote" => style.quote = (style.quote + 1).min(MAX_LEVEL),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                style.heading = name.get(1..).and_then(|n| n.parse().ok());
            }
            "ul" | "ol" | "menu" => {
                style.list = (style.list + 1).min(MAX_LEVEL);
                self.lists.push((name == "ol").then_some(1));
            }
            "li" => self.marker = Some((style.list.max(1), self.next_marker())),
            "a" => {
                let href = attribute(tag, "href");
                style.link = href.and_then(link_target).map(Rc::from);
                self.safe.removed |= style.link.is_none() && href.is_some_and(|h| h.contains("script:"));
            }
            _ => {}
        }
        style.bold = css.bold.unwrap_or(style.bold);
        style.italic = css.italic.unwrap_or(style.italic);
        style
    }

    fn next_marker(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}.");
                *number = number.saturating_add(1);
                marker
            }
            _ => "•".to_owned(),
        }
    }

    fn void(&mut self, tag: &Tag, name: &str) {
        let style = self.style();
        if style.hidden {
            return;
        }
        match name {
            "br" => self.line_break(),
            "hr" => {
                self.flush();
                self.emit(Block::Rule);
            }
            "img" => self.image(tag),
            "link" => self.safe.removed = true,
            _ => {}
        }
    }

    fn image(&mut self, tag: &Tag) {
        let source = attribute(tag, "src").unwrap_or_default().trim();
        let inline = source
            .split_once(':')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("cid"))
            .and_then(|(_, id)| self.content_ids.get(id.trim_matches(['<', '>'])));
        match inline {
            Some(index) => {
                let index = *index;
                self.flush();
                self.tables.become_layout(&mut self.safe);
                self.emit(Block::Image(index));
            }
            None => {
                self.safe.removed |= !source.is_empty();
                let alt = attribute(tag, "alt").unwrap_or_default().trim().to_owned();
                if !alt.is_empty() && !Css::of(tag).hidden {
                    self.text(&format!(" {alt} "));
                }
            }
        }
    }

    fn start_table(&mut self, tag: &Tag, name: &str) {
        self.close_implied(name);
        self.flush();
        let style = self.inside(tag, name);
        if !style.hidden {
            match name {
                "table" => self.tables.open(&mut self.safe),
                "tr" => self.tables.row(),
                "td" | "th" => self.tables.cell(),
                _ => {}
            }
        }
        self.push(tag, style);
    }

    fn push(&mut self, tag: &Tag, style: Style) {
        // only foreign content (svg, math) may close itself; elsewhere HTML ignores the slash
        if tag.self_closing && matches!(role(&tag.name), Role::Dropped) {
            return;
        }
        if self.open.len() >= MAX_DEPTH {
            self.beyond += 1;
        } else {
            self.open.push(Open { name: tag.name.to_string(), style });
        }
    }

    /// Ends the elements HTML lets one leave open: a paragraph before a block, an item before an item, a cell before
    /// a cell.
    fn close_implied(&mut self, name: &str) {
        let (ended, fence): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "menu"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            "td" | "th" => (&["td", "th"], &["table", "tr"]),
            "tr" => (&["tr", "td", "th"], &["table"]),
            "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot", "tr", "td", "th"], &["table"]),
            _ => (&["p"], &["table", "td", "th", "li", "blockquote", "div", "button"]),
        };
        let mut outermost = None;
        for (at, open) in self.open.iter().enumerate().rev() {
            if fence.contains(&open.name.as_str()) {
                break;
            }
            if ended.contains(&open.name.as_str()) {
                outermost = Some(at);
            }
        }
        if let Some(at) = outermost {
            self.close_to(at);
        }
    }

    fn end(&mut self, name: &str) {
        if name == "br" {
            self.line_break();
            return;
        }
        if self.beyond > 0 && !matches!(role(name), Role::Void) {
            self.beyond -= 1;
            return;
        }
        // an end tag never reaches out of the table cell it stands in, unless it ends a table, row or cell
        let fenced = !matches!(role(name), Role::Table);
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.name == name {
                self.close_to(at);
                return;
            }
            if fenced && matches!(open.name.as_str(), "td" | "th") {
                return;
            }
        }
    }

    fn close_to(&mut self, at: usize) {
        while self.open.len() > at {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(open) = self.open.last() else { return };
        let (name, hidden) = (open.name.clone(), open.style.hidden);
        if matches!(role(&name), Role::Block | Role::Table) {
            self.flush();
        }
        match name.as_str() {
            "ul" | "ol" | "menu" => {
                self.lists.pop();
                self.marker = None;
            }
            "li" => self.marker = None,
            "table" if !hidden => self.tables.close(&mut self.safe),
            _ => {}
        }
        self.open.pop();
    }

    fn line_break(&mut self) {
        self.space = false;
        let style = self.style();
        if !style.hidden && !self.run.is_empty() {
            self.append("\n", &style);
        }
    }

    fn text(&mut self, text: &str) {
        let style = self.style();
        if style.hidden || style.sizeless {
            return;
        }
        // over the borders of elements, which are none for what is drawn
        let text: String = text.chars().filter(|c| self.marks.admit(*c)).collect();
        if style.pre {
            self.append(&without_deceptive(&text), &style);
            return;
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{C}') {
                self.space = true;
            } else if !is_deceptive(c) && c != '\u{AD}' {
                let at_start = out.is_empty() && self.run.is_empty();
                let after_break = out.is_empty() && self.run.is_at_line_start();
                if self.space && !at_start && !after_break {
                    out.push(' ');
                }
                self.space = false;
                out.push(if c == '\u{A0}' { ' ' } else { c });
            }
        }
        if !out.is_empty() {
            self.append(&out, &style);
        }
    }

    fn append(&mut self, text: &str, style: &Style) {
        self.safe.truncated |= !self.run.append(text, style);
    }

    /// Ends the block being written.
    fn flush(&mut self) {
        self.space = false;
        let spans = self.run.take();
        if spans.is_empty() {
            return;
        }
        let Some(spans) = self.tables.take(spans) else { return };
        let style = self.style();
        let block = if style.pre {
            Block::Preformatted(spans.into_iter().map(|s| s.text).collect())
        } else if let Some((depth, marker)) = self.marker.take() {
            Block::Item(depth, marker, spans)
        } else if style.quote > 0 {
            Block::Quote(style.quote, spans)
        } else if let Some(level) = style.heading {
            Block::Heading(level, spans)
        } else if style.list > 0 {
            Block::Item(style.list, String::new(), spans)
        } else {
            Block::Paragraph(spans)
        };
        self.emit(block);
    }

    fn emit(&mut self, block: Block) {
        emit(&mut self.safe, block);
    }
}

pub(super) fn emit(safe: &mut Safe, block: Block) {
    if safe.blocks.len() < MAX_BLOCKS {
        safe.blocks.push(block);
    } else {
        safe.truncated = true;
    }
}
