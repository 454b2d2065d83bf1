//! A small PDF writer: pages of text in Helvetica, and a page that is one grey scan.

use std::fmt::Write;

/// Lines of text on a page and points between them.
const LINES: usize = 52;
const LEADING: usize = 14;

/// A4 pages with a bold title and wrapped text.
pub(super) fn text(title: &str, body: &str) -> Vec<u8> {
    let lines = wrapped(body);
    let mut pages: Vec<Vec<u8>> = Vec::new();
    for (number, chunk) in lines.chunks(LINES).enumerate() {
        let mut content = b"BT\n".to_vec();
        if number == 0 {
            content.extend_from_slice(b"/F2 15 Tf\n60 790 Td\n(");
            content.extend(literal(title));
            content.extend_from_slice(b") Tj\n/F1 10 Tf\n0 -28 Td\n");
        } else {
            content.extend_from_slice(b"/F1 10 Tf\n60 790 Td\n");
        }
        content.extend_from_slice(format!("{LEADING} TL\n").as_bytes());
        for line in chunk {
            content.push(b'(');
            content.extend(literal(line));
            content.extend_from_slice(b") Tj T*\n");
        }
        content.extend_from_slice(b"ET\n");
        pages.push(content);
    }
    document(&pages, None)
}

/// One A4 page at 300 dpi, 8-bit grey, uncompressed: about 8.7 MB, as careless scanners send.
pub(super) fn scan() -> Vec<u8> {
    const WIDTH: usize = 2480;
    const HEIGHT: usize = 3508;
    let mut pixels = vec![0xF2_u8; WIDTH * HEIGHT];
    let mut line = vec![0xF2_u8; WIDTH];
    for (x, pixel) in line.iter_mut().enumerate() {
        if (200..2280).contains(&x) && (x / 9) % 3 != 0 {
            *pixel = 0x40;
        }
    }
    for (y, row) in pixels.chunks_mut(WIDTH).enumerate() {
        if (300..3200).contains(&y) && y % 60 < 22 {
            row.copy_from_slice(&line);
        }
    }
    let content = b"q 595 0 0 842 0 0 cm /Im1 Do Q\n".to_vec();
    document(&[content], Some((WIDTH, HEIGHT, pixels)))
}

fn wrapped(body: &str) -> Vec<String> {
    const WIDTH: usize = 92;
    let mut lines = Vec::new();
    for paragraph in body.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// A string in WinAnsi with its delimiters escaped.
fn literal(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        let byte = super::source::windows_1252(c);
        if matches!(byte, b'(' | b')' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}

struct Writer {
    out: Vec<u8>,
    offsets: Vec<usize>,
}

impl Writer {
    /// Writes object `number`; objects are written in order from 1.
    fn object(&mut self, head: &str, stream: Option<&[u8]>) {
        self.offsets.push(self.out.len());
        self.out.extend_from_slice(format!("{} 0 obj\n", self.offsets.len()).as_bytes());
        match stream {
            None => self.out.extend_from_slice(head.as_bytes()),
            Some(bytes) => {
                let dictionary = format!("<< {head} /Length {} >>\nstream\n", bytes.len());
                self.out.extend_from_slice(dictionary.as_bytes());
                self.out.extend_from_slice(bytes);
                self.out.extend_from_slice(b"\nendstream");
            }
        }
        self.out.extend_from_slice(b"\nendobj\n");
    }
}

fn document(pages: &[Vec<u8>], image: Option<(usize, usize, Vec<u8>)>) -> Vec<u8> {
    let mut w = Writer { out: b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec(), offsets: Vec::new() };
    let kids = (0..pages.len()).fold(String::new(), |mut kids, n| {
        let _ = write!(kids, "{} 0 R ", 6 + 2 * n);
        kids
    });
    w.object("<< /Type /Catalog /Pages 2 0 R >>", None);
    w.object(&format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len()), None);
    w.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>", None);
    w.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>", None);
    match &image {
        Some((width, height, pixels)) => w.object(
            &format!(
                "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8"
            ),
            Some(pixels),
        ),
        None => w.object("<< >>", None),
    }
    let images = if image.is_some() { "/XObject << /Im1 5 0 R >>" } else { "" };
    for (n, page) in pages.iter().enumerate() {
        w.object(
            &format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R \
                 /Resources << /Font << /F1 3 0 R /F2 4 0 R >> {images} >> >>",
                7 + 2 * n
            ),
            None,
        );
        w.object("", Some(page));
    }
    let start = w.out.len();
    let mut tail = format!("xref\n0 {}\n0000000000 65535 f \n", w.offsets.len() + 1);
    for offset in &w.offsets {
        let _ = writeln!(tail, "{offset:010} 00000 n ");
    }
    let _ =
        write!(tail, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", w.offsets.len() + 1);
    w.out.extend_from_slice(tail.as_bytes());
    w.out
}
