//! The narrative of a CDA, the part its author attests, to readable blocks. About twenty elements, no style sheet.
//! Source: NarrativeBlock.xsd and the census of the digest, §2.3.

use std::collections::HashMap;

use crate::domain::message::{Block, Cell, Grid, Span};
use crate::domain::text::{is_deceptive, link_target, one_line};
use crate::health::markup::{Child, Element};

/// Most blocks, and most bytes of text, of one document.
const MAX_BLOCKS: usize = 20_000;
const MAX_TEXT: usize = 2 << 20;
/// Most bytes of link targets: one target is written to every span inside its element.
const MAX_LINKS: usize = 4 << 20;
/// Most columns or rows a cell may cover; more is an error of the producer.
const MAX_COVER: u16 = 100;
/// Most rows of one table, and most cells of one row.
const MAX_ROWS: usize = 5_000;
const MAX_CELLS: usize = 100;

#[derive(Clone, Default)]
struct Style {
    bold: bool,
    italic: bool,
    underline: bool,
    struck: bool,
    link: Option<String>,
}

/// Collects the blocks of one document.
pub(super) struct Writer<'m> {
    /// Number of each media by its ID in the document.
    media: &'m HashMap<&'m str, usize>,
    blocks: Vec<Block>,
    line: Line,
    left: usize,
    links_left: usize,
    /// Footnotes by ID, numbered in the order they are met.
    notes: HashMap<String, usize>,
    pub(super) truncated: bool,
    /// Captions of media by number.
    pub(super) captions: HashMap<usize, String>,
}

/// Running text being written.
#[derive(Default)]
struct Line {
    spans: Vec<Span>,
    space: bool,
    images: Vec<usize>,
}

impl Line {
    fn at_start(&self) -> bool {
        self.spans.last().is_none_or(|s| s.text.ends_with('\n'))
    }
}

impl<'m> Writer<'m> {
    pub(super) fn new(media: &'m HashMap<&'m str, usize>) -> Self {
        Self {
            media,
            blocks: Vec::new(),
            line: Line::default(),
            left: MAX_TEXT,
            links_left: MAX_LINKS,
            notes: HashMap::new(),
            truncated: false,
            captions: HashMap::new(),
        }
    }

    pub(super) fn heading(&mut self, level: u8, text: &str) {
        if !text.is_empty() {
            let spans = vec![Span { text: text.to_owned(), ..Span::default() }];
            self.push(Block::Heading(level.clamp(1, 6), spans));
        }
    }

    /// The `text` of a section.
    pub(super) fn text(&mut self, element: Element<'_>) {
        self.flow(element, &Style::default());
        self.flush();
    }

    pub(super) fn finish(mut self) -> Vec<Block> {
        self.flush();
        self.blocks
    }

    fn push(&mut self, block: Block) {
        if self.blocks.len() < MAX_BLOCKS {
            self.blocks.push(block);
        } else {
            self.truncated = true;
        }
    }

    fn flush(&mut self) {
        let (spans, images) = self.take();
        if !spans.is_empty() {
            self.push(Block::Paragraph(spans));
        }
        for image in images {
            self.push(Block::Image(image));
        }
    }

    fn take(&mut self) -> (Vec<Span>, Vec<usize>) {
        let mut line = std::mem::take(&mut self.line);
        while let Some(last) = line.spans.last_mut() {
            let kept = last.text.trim_end().len();
            last.text.truncate(kept);
            if kept > 0 {
                break;
            }
            line.spans.pop();
        }
        (line.spans, line.images)
    }

    fn flow(&mut self, element: Element<'_>, style: &Style) {
        for child in element.nodes() {
            match child {
                Child::Text(text) => self.words(text, style),
                Child::Element(child) if child.space() == element.space() => self.element(child, style),
                // XHTML inside a narrative is met; styles, scripts and drawings of any kind are not text
                Child::Element(child) if !matches!(child.name(), "script" | "style" | "svg" | "object") => {
                    self.flow(child, style);
                }
                Child::Element(_) => {}
            }
        }
    }

    fn element(&mut self, element: Element<'_>, style: &Style) {
        match element.name() {
            "br" => self.line_break(),
            "paragraph" => {
                self.flush();
                self.flow(element, &styled(element, style));
                self.flush();
            }
            "list" => self.list(element, style, 1),
            "table" => self.table(element, style),
            "caption" => {
                self.flush();
                self.flow(element, &Style { bold: true, ..styled(element, style) });
                self.flush();
            }
            "footnote" => self.note(element, style),
            "footnoteRef" => {
                let number = element.attribute("IDREF").map(|id| self.note_number(id));
                if let Some(number) = number {
                    self.append(&format!("[{number}]"), style);
                }
            }
            "sup" => self.raised(element, style, raise),
            "sub" => self.raised(element, style, lower),
            "renderMultiMedia" => self.media(element),
            "linkHtml" => {
                // WADO links hold spaces and line breaks
                let href = element.attribute("href").map(|h| h.split_whitespace().collect::<String>());
                let link = href.and_then(|h| link_target(&h));
                self.flow(element, &Style { link, ..styled(element, style) });
            }
            "thead" | "tbody" | "tfoot" | "tr" | "td" | "th" | "item" => {
                // out of its table or list
                self.flow(element, &styled(element, style));
                self.flush();
            }
            "col" | "colgroup" => {}
            _ => self.flow(element, &styled(element, style)),
        }
    }

    fn list(&mut self, list: Element<'_>, style: &Style, depth: u8) {
        self.flush();
        let ordered = list.attribute("listType").is_some_and(|t| t.eq_ignore_ascii_case("ordered"));
        let style = styled(list, style);
        let marks = Marks::of(list);
        let mut number = 0;
        for child in list.elements() {
            if child.name() != "item" {
                self.element(child, &style);
                self.flush();
                continue;
            }
            number += 1;
            let mut marker = Some(if ordered { marks.number(number) } else { "•".to_owned() });
            let inner = styled(child, &style);
            for part in child.nodes() {
                match part {
                    Child::Text(text) => self.words(text, &inner),
                    Child::Element(nested) if nested.name() == "list" => {
                        self.item(&mut marker, depth);
                        self.list(nested, &inner, (depth + 1).min(9));
                    }
                    Child::Element(nested) if nested.name() == "table" => {
                        self.item(&mut marker, depth);
                        self.table(nested, &inner);
                    }
                    Child::Element(nested) if nested.name() == "paragraph" => {
                        if !self.line.at_start() {
                            self.line_break();
                        }
                        self.flow(nested, &styled(nested, &inner));
                    }
                    Child::Element(nested) => self.element(nested, &inner),
                }
            }
            self.item(&mut marker, depth);
        }
    }

    fn item(&mut self, marker: &mut Option<String>, depth: u8) {
        let (spans, images) = self.take();
        if !spans.is_empty() {
            self.push(Block::Item(depth, marker.take().unwrap_or_default(), spans));
        }
        for image in images {
            self.push(Block::Image(image));
        }
    }

    fn table(&mut self, table: Element<'_>, style: &Style) {
        self.flush();
        let style = styled(table, style);
        let mut grid = Grid::default();
        for part in table.elements() {
            match part.name() {
                "caption" => {
                    self.flow(part, &styled(part, &style));
                    grid.caption = self.take().0;
                }
                "tr" => self.row(part, &style, &mut grid),
                "thead" | "tbody" | "tfoot" => {
                    let style = styled(part, &style);
                    for row in part.elements().filter(|r| r.name() == "tr") {
                        self.row(row, &style, &mut grid);
                    }
                }
                _ => {}
            }
        }
        if !grid.rows.is_empty() || !grid.caption.is_empty() {
            self.push(Block::Grid(grid));
        }
    }

    fn row(&mut self, row: Element<'_>, style: &Style, grid: &mut Grid) {
        if grid.rows.len() >= MAX_ROWS {
            self.truncated = true;
            return;
        }
        let style = styled(row, style);
        let mut cells = Vec::new();
        for cell in row.elements().filter(|c| matches!(c.name(), "td" | "th")) {
            if cells.len() >= MAX_CELLS {
                self.truncated = true;
                break;
            }
            cells.push(self.cell(cell, &style));
        }
        grid.rows.push(cells);
    }

    /// A cell holds text; what stands in it as paragraphs, lists or tables becomes lines.
    fn cell(&mut self, cell: Element<'_>, style: &Style) -> Cell {
        let heads = cell.name() == "th";
        let style = styled(cell, style);
        let outer = std::mem::take(&mut self.blocks);
        self.flow(cell, &Style { bold: style.bold || heads, ..style });
        let (mut rest, mut images) = self.take();
        let inside = std::mem::replace(&mut self.blocks, outer);
        let mut spans = Vec::new();
        for block in inside {
            if !spans.is_empty() && !matches!(block, Block::Image(_)) {
                spans.push(Span { text: "\n".to_owned(), ..Span::default() });
            }
            lines(block, &mut spans, &mut images);
        }
        if !spans.is_empty() && !rest.is_empty() {
            spans.push(Span { text: "\n".to_owned(), ..Span::default() });
        }
        spans.append(&mut rest);
        let cover = |name: &str| {
            cell.attribute(name).and_then(|n| n.parse::<u16>().ok()).unwrap_or(1).clamp(1, MAX_COVER)
        };
        Cell {
            spans,
            columns: cover("colspan"),
            rows: cover("rowspan"),
            heads,
            right: cell.attribute("align").is_some_and(|a| a.eq_ignore_ascii_case("right")),
            images,
        }
    }

    fn media(&mut self, element: Element<'_>) {
        let caption = element.first("caption").map(|c| one_line(&c.text(500))).unwrap_or_default();
        let mut found = false;
        for id in element.attribute("referencedObject").unwrap_or_default().split_whitespace().take(50) {
            if let Some(number) = self.media.get(id) {
                found = true;
                self.line.images.push(*number);
                if !caption.is_empty() {
                    self.captions.insert(*number, caption.clone());
                }
            }
        }
        if !caption.is_empty() {
            // printed whether or not the object is there
            let style = Style { italic: true, ..Style::default() };
            if found {
                self.flush();
            }
            self.append(&caption, &style);
            self.flush();
        }
    }

    fn note(&mut self, element: Element<'_>, style: &Style) {
        self.flush();
        let number = self.note_number(element.attribute("ID").unwrap_or_default());
        self.append(&format!("[{number}] "), style);
        self.flow(element, &styled(element, style));
        self.flush();
    }

    fn note_number(&mut self, id: &str) -> usize {
        let next = self.notes.len() + 1;
        *self.notes.entry(id.to_owned()).or_insert(next)
    }

    /// Raised or lowered characters where Unicode has all of them, else a mark in front.
    fn raised(&mut self, element: Element<'_>, style: &Style, to: fn(char) -> Option<char>) {
        let text = one_line(&element.text(500));
        match text.chars().map(to).collect::<Option<String>>() {
            Some(changed) => self.append(&changed, style),
            None => self.append(&format!("({text})"), style),
        }
    }

    fn line_break(&mut self) {
        self.line.space = false;
        if !self.line.spans.is_empty() {
            self.raw("\n", &Style::default());
        }
    }

    fn words(&mut self, text: &str, style: &Style) {
        let mut out = String::new();
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\r' | '\n') {
                self.line.space = true;
            } else if !is_deceptive(c) {
                if self.line.space && !(out.is_empty() && self.line.at_start()) {
                    out.push(' ');
                }
                self.line.space = false;
                out.push(c);
            }
        }
        if !out.is_empty() {
            self.raw(&out, style);
        }
    }

    /// Text that stands as it is, after a space that was waiting.
    fn append(&mut self, text: &str, style: &Style) {
        let space = std::mem::take(&mut self.line.space) && !self.line.at_start();
        self.raw(&format!("{}{text}", if space { " " } else { "" }), style);
    }

    fn raw(&mut self, text: &str, style: &Style) {
        let text = text.get(..text.floor_char_boundary(self.left)).unwrap_or(text);
        self.left -= text.len();
        let link = style.link.as_ref().filter(|link| link.len() <= self.links_left);
        self.truncated |= self.left == 0 || link != style.link.as_ref();
        if let Some(last) = self.line.spans.last_mut() {
            let same = last.bold == style.bold
                && last.italic == style.italic
                && last.underline == style.underline
                && last.struck == style.struck
                && last.link.as_ref() == link;
            if same {
                last.text.push_str(text);
                return;
            }
        }
        if !text.is_empty() {
            self.links_left -= link.map_or(0, String::len);
            self.line.spans.push(Span {
                text: text.to_owned(),
                bold: style.bold,
                italic: style.italic,
                link: link.cloned(),
                underline: style.underline,
                struck: style.struck,
            });
        }
    }
}

/// Blocks inside a cell as lines.
fn lines(block: Block, spans: &mut Vec<Span>, images: &mut Vec<usize>) {
    match block {
        Block::Paragraph(mut text) | Block::Heading(_, mut text) => spans.append(&mut text),
        Block::Item(depth, marker, mut text) => {
            let indent = "  ".repeat(usize::from(depth.saturating_sub(1)));
            spans.push(Span { text: format!("{indent}{marker} "), ..Span::default() });
            spans.append(&mut text);
        }
        Block::Grid(grid) => {
            let text = crate::domain::plain::text(&[Block::Grid(grid)]);
            spans.push(Span { text, ..Span::default() });
        }
        Block::Image(number) => images.push(number),
        _ => {}
    }
}

/// The style inside an element: `styleCode` is a list of words of any case; `revised` text stays readable.
fn styled(element: Element<'_>, outer: &Style) -> Style {
    let mut style = outer.clone();
    for word in element.attribute("styleCode").unwrap_or_default().split_whitespace() {
        match word.to_ascii_lowercase().as_str() {
            "bold" => style.bold = true,
            "italics" | "emphasis" => style.italic = true,
            "bolditalics" => (style.bold, style.italic) = (true, true),
            "underline" => style.underline = true,
            _ => {}
        }
    }
    match element.attribute("revised") {
        Some("delete") => style.struck = true,
        Some("insert") => style.underline = true,
        _ => {}
    }
    style
}

/// How the items of an ordered list are marked.
enum Marks {
    Numbers,
    Letters(bool),
    Roman(bool),
}

impl Marks {
    fn of(list: Element<'_>) -> Self {
        for word in list.attribute("styleCode").unwrap_or_default().split_whitespace() {
            match word {
                "LittleAlpha" => return Self::Letters(false),
                "BigAlpha" => return Self::Letters(true),
                "LittleRoman" => return Self::Roman(false),
                "BigRoman" => return Self::Roman(true),
                _ => {}
            }
        }
        Self::Numbers
    }

    fn number(&self, n: u32) -> String {
        match self {
            Self::Letters(big) if (1..=26).contains(&n) => {
                let first = if *big { b'A' } else { b'a' };
                format!("{}.", char::from(first + (n - 1) as u8))
            }
            Self::Roman(big) if (1..=39).contains(&n) => {
                let tens = "x".repeat((n / 10) as usize);
                let ones = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
                let text = format!("{tens}{}.", ones.get((n % 10) as usize).copied().unwrap_or_default());
                if *big { text.to_uppercase() } else { text }
            }
            _ => format!("{n}."),
        }
    }
}

fn raise(c: char) -> Option<char> {
    Some(match c {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32('⁴' as u32 + (c as u32 - '4' as u32))?,
        '+' => '⁺',
        '-' => '⁻',
        'n' => 'ⁿ',
        'e' => 'ᵉ',
        'r' => 'ʳ',
        'o' => 'ᵒ',
        _ => return None,
    })
}

fn lower(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => char::from_u32('₀' as u32 + (c as u32 - '0' as u32))?,
        '+' => '₊',
        '-' => '₋',
        _ => return None,
    })
}
