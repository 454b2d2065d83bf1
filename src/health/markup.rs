//! XML from strangers: one flat tree, no document type, no entity of its own, no name looked up anywhere.

use std::borrow::Cow;
use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::charset;

/// Deepest nesting. Real documents stay under 60; walks over the tree may then be written as recursion.
const MAX_DEPTH: usize = 256;
/// Most elements and texts.
const MAX_NODES: usize = 400_000;
/// Most attributes in all, and of one element.
const MAX_ATTRIBUTES: usize = 800_000;
const MAX_ATTRIBUTES_OF_ONE: usize = 64;
/// Most namespace names in one document.
const MAX_SPACES: usize = 200;
/// Longest XML read, in bytes: a level 1 document with a PDF of 30 MB.
pub const MAX_BYTES: usize = 48 << 20;

/// Namespace of CDA.
pub const HL7: &str = "urn:hl7-org:v3";
/// Namespace of style sheets.
pub const XSL: &str = "http://www.w3.org/1999/XSL/Transform";

/// Why XML was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not well formed, or of an entity it declares itself.
    #[error("XML is not well formed")]
    Malformed,
    /// It declares entities or notations: nothing of the field does.
    #[error("XML declares entities of its own")]
    Declarations,
    /// Larger or deeper than anything real.
    #[error("XML is larger or deeper than allowed")]
    TooLarge,
}

/// Decodes XML: byte order mark, then the declaration, then UTF-8; else it is guessed (true).
///
/// # Errors
/// [`Error::TooLarge`].
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, bool), Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLarge);
    }
    let head = bytes.get(..200.min(bytes.len())).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let declared = head.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest.get(1..)?.split(quote).next()
    });
    let decoded = charset::decode(bytes, declared);
    Ok((decoded.text, decoded.guessed))
}

#[derive(Debug)]
enum Content<'s> {
    Element { name: &'s str, space: u16, attributes: std::ops::Range<u32> },
    Text(Cow<'s, str>),
}

#[derive(Debug)]
struct Node<'s> {
    content: Content<'s>,
    first: u32,
    next: u32,
}

const NONE: u32 = u32::MAX;

/// A parsed document.
#[derive(Debug)]
pub struct Tree<'s> {
    nodes: Vec<Node<'s>>,
    attributes: Vec<(&'s str, Cow<'s, str>)>,
    spaces: Vec<String>,
    /// It names a document type, which was left alone.
    pub has_dtd: bool,
    /// It points at a style sheet, which was left alone.
    pub has_stylesheet: bool,
}

/// An element of a [`Tree`].
#[derive(Debug, Clone, Copy)]
pub struct Element<'t> {
    tree: &'t Tree<'t>,
    index: u32,
}

/// What an element holds.
#[derive(Debug, Clone, Copy)]
pub enum Child<'t> {
    /// An element.
    Element(Element<'t>),
    /// Text, white space as written.
    Text(&'t str),
}

/// An element being read.
struct Open {
    index: u32,
    last: u32,
    /// Namespace prefixes it binds begin here.
    bindings: usize,
}

struct Builder<'s> {
    tree: Tree<'s>,
    open: Vec<Open>,
    bindings: Vec<(&'s str, u16)>,
    known: HashMap<String, u16>,
    last_of_root: u32,
}

impl<'s> Tree<'s> {
    /// Parses decoded XML.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn parse(text: &'s str) -> Result<Self, Error> {
        if text.len() > 2 * MAX_BYTES {
            return Err(Error::TooLarge);
        }
        // some producers leave blank lines before the declaration
        let text = text.trim_start_matches(['\u{FEFF}', ' ', '\r', '\n', '\t', '\0']);
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = true;
        config.check_comments = false;
        let tree = Tree {
            nodes: Vec::new(),
            attributes: Vec::new(),
            spaces: vec![String::new()],
            has_dtd: false,
            has_stylesheet: false,
        };
        let known = HashMap::from([(String::new(), 0)]);
        let mut builder = Builder { tree, open: Vec::new(), bindings: Vec::new(), known, last_of_root: NONE };
        loop {
            match reader.read_event().map_err(|_| Error::Malformed)? {
                Event::Start(start) => builder.start(&start, text, false)?,
                Event::Empty(start) => builder.start(&start, text, true)?,
                Event::End(_) => builder.end(),
                Event::Text(t) => builder.text(t.into_inner())?,
                Event::CData(t) => builder.text(t.into_inner())?,
                Event::GeneralRef(r) => {
                    let resolved = resolve(&r.into_inner()).ok_or(Error::Malformed)?;
                    builder.text(Cow::Owned(resolved.to_string()))?;
                }
                Event::DocType(t) => {
                    builder.tree.has_dtd = true;
                    if t.into_inner().contains('[') {
                        return Err(Error::Declarations);
                    }
                }
                Event::PI(pi) => builder.tree.has_stylesheet |= pi.target() == "xml-stylesheet",
                Event::Comment(_) | Event::Decl(_) => {}
                Event::Eof => break,
            }
        }
        if builder.tree.nodes.is_empty() || !builder.open.is_empty() {
            return Err(Error::Malformed);
        }
        Ok(builder.tree)
    }

    /// The outermost element.
    pub fn root(&'s self) -> Element<'s> {
        Element { tree: self, index: 0 }
    }
}

/// A character or one of the five entities every XML has.
fn resolve(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        // HTML's, met in hand-made narratives
        "nbsp" => Some('\u{A0}'),
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')
        }
    }
}

/// An attribute's value without references.
fn unescaped(value: Cow<'_, str>) -> Result<Cow<'_, str>, Error> {
    if !value.contains('&') {
        return Ok(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = &*value;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = after.split_once(';').ok_or(Error::Malformed)?;
        out.push(resolve(name).ok_or(Error::Malformed)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// The same characters with the lifetime of the whole text: the reader lends them for as long as an event.
fn within<'s>(text: &'s str, part: &str) -> Option<&'s str> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    text.get(start..start.checked_add(part.len())?)
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

impl<'s> Builder<'s> {
    fn push(&mut self, content: Content<'s>) -> Result<u32, Error> {
        let index = u32::try_from(self.tree.nodes.len()).map_err(|_| Error::TooLarge)?;
        if self.tree.nodes.len() >= MAX_NODES {
            return Err(Error::TooLarge);
        }
        self.tree.nodes.push(Node { content, first: NONE, next: NONE });
        let (before, parent) = match self.open.last_mut() {
            Some(open) => (std::mem::replace(&mut open.last, index), Some(open.index)),
            None => (std::mem::replace(&mut self.last_of_root, index), None),
        };
        if let Some(before) = self.tree.nodes.get_mut(before as usize) {
            before.next = index;
        } else if let Some(parent) = parent.and_then(|p| self.tree.nodes.get_mut(p as usize)) {
            parent.first = index;
        }
        Ok(index)
    }

    fn space(&mut self, name: &str) -> Result<u16, Error> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        let index = u16::try_from(self.tree.spaces.len()).map_err(|_| Error::TooLarge)?;
        if self.tree.spaces.len() >= MAX_SPACES {
            return Err(Error::TooLarge);
        }
        self.tree.spaces.push(name.to_owned());
        self.known.insert(name.to_owned(), index);
        Ok(index)
    }

    fn start(&mut self, start: &BytesStart<'_>, text: &'s str, is_empty: bool) -> Result<(), Error> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::TooLarge);
        }
        // one outermost element
        if self.open.is_empty() && !self.tree.nodes.is_empty() {
            return Err(Error::Malformed);
        }
        let bindings = self.bindings.len();
        let first = self.tree.attributes.len();
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| Error::Malformed)?;
            let key = within(text, attribute.key.as_ref()).ok_or(Error::Malformed)?;
            let value: Cow<'s, str> = match within(text, &attribute.value) {
                Some(raw) => unescaped(Cow::Borrowed(raw))?,
                None => unescaped(Cow::Owned(attribute.value.into_owned()))?,
            };
            if key == "xmlns" || key.starts_with("xmlns:") {
                let space = self.space(&value)?;
                self.bindings.push((key.strip_prefix("xmlns:").unwrap_or_default(), space));
                if self.bindings.len() - bindings > MAX_ATTRIBUTES_OF_ONE || self.bindings.len() > 2_000 {
                    return Err(Error::TooLarge);
                }
            } else {
                self.tree.attributes.push((key, value));
            }
            let count = self.tree.attributes.len();
            if count > MAX_ATTRIBUTES || count - first > MAX_ATTRIBUTES_OF_ONE {
                return Err(Error::TooLarge);
            }
        }
        let name = within(text, start.name().into_inner()).ok_or(Error::Malformed)?;
        let prefix = name.rsplit_once(':').map_or("", |(prefix, _)| prefix);
        let space = self.bindings.iter().rev().find(|(p, _)| *p == prefix).map_or(0, |(_, space)| *space);
        let attributes = first as u32..self.tree.attributes.len() as u32;
        let index = self.push(Content::Element { name: local(name), space, attributes })?;
        if is_empty {
            self.bindings.truncate(bindings);
        } else {
            self.open.push(Open { index, last: NONE, bindings });
        }
        Ok(())
    }

    fn end(&mut self) {
        if let Some(open) = self.open.pop() {
            self.bindings.truncate(open.bindings);
        }
    }

    /// Text beside a text goes on in it: references cut it into pieces.
    fn text(&mut self, more: Cow<'s, str>) -> Result<(), Error> {
        let Some(open) = self.open.last() else { return Ok(()) };
        if let Some(Node { content: Content::Text(text), .. }) = self.tree.nodes.get_mut(open.last as usize) {
            text.to_mut().push_str(&more);
            return Ok(());
        }
        self.push(Content::Text(more)).map(|_| ())
    }
}

impl<'t> Element<'t> {
    fn node(self) -> Option<&'t Node<'t>> {
        self.tree.nodes.get(self.index as usize)
    }

    /// Local name.
    pub fn name(self) -> &'t str {
        match self.node().map(|n| &n.content) {
            Some(Content::Element { name, .. }) => name,
            _ => "",
        }
    }

    /// Namespace.
    pub fn space(self) -> &'t str {
        match self.node().map(|n| &n.content) {
            Some(Content::Element { space, .. }) => {
                self.tree.spaces.get(usize::from(*space)).map_or("", String::as_str)
            }
            _ => "",
        }
    }

    /// An attribute by its local name, trimmed; `None` when it is missing or empty.
    pub fn attribute(self, wanted: &str) -> Option<&'t str> {
        let Some(Content::Element { attributes, .. }) = self.node().map(|n| &n.content) else { return None };
        let attributes = self.tree.attributes.get(attributes.start as usize..attributes.end as usize)?;
        let value = attributes.iter().find(|(key, _)| local(key) == wanted).map(|(_, value)| value.trim())?;
        (!value.is_empty()).then_some(value)
    }

    /// Elements and texts it holds.
    pub fn nodes(self) -> impl Iterator<Item = Child<'t>> {
        let mut at = self.node().map_or(NONE, |n| n.first);
        let tree = self.tree;
        std::iter::from_fn(move || {
            let node = tree.nodes.get(at as usize)?;
            let child = match &node.content {
                Content::Element { .. } => Child::Element(Element { tree, index: at }),
                Content::Text(text) => Child::Text(text),
            };
            at = node.next;
            Some(child)
        })
    }

    /// Elements it holds, of any namespace.
    pub fn elements(self) -> impl Iterator<Item = Element<'t>> {
        self.nodes().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }

    /// Elements it holds of this local name and its own namespace.
    pub fn all(self, name: &'t str) -> impl Iterator<Item = Element<'t>> {
        self.elements().filter(move |e| e.name() == name && e.space() == self.space())
    }

    /// The first of [`Element::all`].
    pub fn first(self, name: &'t str) -> Option<Element<'t>> {
        self.all(name).next()
    }

    /// Follows first elements of these names.
    pub fn path(self, names: &[&'t str]) -> Option<Element<'t>> {
        names.iter().try_fold(self, |at, name| at.first(name))
    }

    /// Every element below it, in document order, itself first.
    pub fn descendants(self) -> impl Iterator<Item = Element<'t>> {
        let mut waiting = vec![self];
        std::iter::from_fn(move || {
            let element = waiting.pop()?;
            let at = waiting.len();
            waiting.extend(element.elements());
            if let Some(new) = waiting.get_mut(at..) {
                new.reverse();
            }
            Some(element)
        })
    }

    /// All text below it, white space collapsed, at most `most` bytes.
    pub fn text(self, most: usize) -> String {
        let mut raw = String::new();
        let mut waiting = vec![self.node().map_or(NONE, |n| n.first)];
        // one element may be asked for its text again and again: it is not walked through to find nothing
        let mut left = 4 * most;
        while let Some(node) = waiting.pop() {
            let Some(node) = self.tree.nodes.get(node as usize) else { continue };
            waiting.push(node.next);
            match &node.content {
                Content::Text(text) => {
                    raw.push_str(text.get(..text.floor_char_boundary(most)).unwrap_or(text))
                }
                Content::Element { .. } => waiting.push(node.first),
            }
            left = left.saturating_sub(1);
            if raw.len() > most || left == 0 {
                break;
            }
        }
        let mut text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        text.truncate(text.floor_char_boundary(most));
        text
    }

    /// The text directly in it, whole; `None` when it holds none.
    pub fn own_text(self) -> Option<&'t str> {
        self.nodes().find_map(|child| match child {
            Child::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_texts_and_namespaces_are_read() {
        let tree = Tree::parse(
            "\n<?xml version='1.0'?><?xml-stylesheet href='http://x.example/a.xsl'?><!DOCTYPE a SYSTEM 'http://x.example/'>\
             <c:a xmlns:c='urn:hl7-org:v3' xmlns='urn:o' k=' 1 &lt; 2 '>x &amp; <![CDATA[<y>]]>&#233;<b/><c:b n='2'>z</c:b></c:a>",
        )
        .unwrap();
        let root = tree.root();
        assert_eq!((root.name(), root.space(), root.attribute("k")), ("a", HL7, Some("1 < 2")));
        assert_eq!(root.own_text(), Some("x & <y>é"));
        assert_eq!(root.first("b").and_then(|b| b.attribute("n")), Some("2"));
        assert_eq!(root.text(100), "x & <y>éz");
        assert!(tree.has_dtd && tree.has_stylesheet);
    }

    #[test]
    fn attack_21_entities_are_refused_and_never_expanded_or_fetched() {
        for (text, error) in [
            ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", Error::Declarations),
            ("<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><l>&b;</l>", Error::Declarations),
            ("<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://x.example/e.dtd'> %p;]><a/>", Error::Declarations),
            ("<a>&unknown;</a>", Error::Malformed),
            ("<a b='&unknown;'/>", Error::Malformed),
            ("<a>Dupont & fils</a>", Error::Malformed),
            ("<a>", Error::Malformed),
            ("<a></b>", Error::Malformed),
            ("<a/><b/>", Error::Malformed),
            ("", Error::Malformed),
        ] {
            assert_eq!(Tree::parse(text).unwrap_err(), error, "{text}");
        }
        // XInclude is an element like another
        let tree =
            Tree::parse("<a xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='/etc/passwd'/></a>");
        assert_eq!(tree.unwrap().root().text(100), "");
    }

    #[test]
    fn attack_21_depth_width_and_attributes_are_bounded() {
        let deep = format!("{}{}", "<a>".repeat(60_000), "</a>".repeat(60_000));
        let wide = format!("<a>{}</a>", "<b/>".repeat(MAX_NODES + 1));
        let attributes = format!("<a {}/>", "x='1' ".repeat(100));
        let spaces = (0..300).fold(String::new(), |s, n| s + &format!("<b xmlns='u{n}'/>"));
        for text in [&deep, &wide, &attributes, &format!("<a>{spaces}</a>")] {
            assert_eq!(Tree::parse(text).unwrap_err(), Error::TooLarge);
        }
    }
}
