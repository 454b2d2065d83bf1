//! The first page of a PDF of a hundred pages in a message: from the stored source to pixels, beside poppler.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use estafette::engine::{PdfFile, read_document};

use crate::table::{Times, head};

const PAGES: usize = 100;
const RUNS: usize = 20;
/// Pixels a point: as wide as the reader draws a page.
const SCALE: f32 = 1.7;

pub(crate) fn run() {
    let bytes = report(PAGES);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rapport.pdf");
    std::fs::write(&path, &bytes).unwrap();
    let timed = |work: &dyn Fn()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let file = PdfFile::new(bytes.clone());
    let times = |work: &dyn Fn()| -> Vec<Duration> { (0..RUNS).map(|_| timed(work)).collect() };
    let first = Times::of(&times(&|| {
        // the file is opened anew each time, as by a first click
        assert!(PdfFile::new(bytes.clone()).page(0, SCALE).is_some());
    }));
    let last = Times::of(&times(&|| assert!(file.page(PAGES - 1, SCALE).is_some())));
    let letters = Times::of(&times(&|| assert!(file.text(0).is_some_and(|text| text.letters.len() > 100))));
    let whole = Times::of(&times(&|| assert!(read_document(&bytes, "rapport.pdf").is_ok())));
    let dots = (SCALE * 72.0).round().to_string();
    let peer = Times::of(&times(&|| {
        let drawn = Command::new("pdftoppm")
            .args(["-f", "1", "-l", "1", "-r", &dots, "-singlefile"])
            .arg(&path)
            .output()
            .expect("pdftoppm");
        assert!(drawn.status.success() && !drawn.stdout.is_empty());
    }));
    println!("PDF of {PAGES} pages, {:.1} MB, {SCALE} pixels a point", bytes.len() as f64 / 1e6);
    head("page");
    first.row("estafette, first page");
    last.row("estafette, last page");
    letters.row("estafette, letters of the first page");
    whole.row("estafette, text of every page");
    peer.row("pdftoppm, first page (with process start)");
    println!("ratio of p95 to pdftoppm: {:.2}", first.p95 / peer.p95);
}

/// A report whose pages hold some forty lines each.
fn report(pages: usize) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        String::new(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    let mut kids = String::new();
    for page in 1..=pages {
        let mut content = String::from("BT /F1 11 Tf 56 780 Td 15 TL ");
        for line in 1..=44 {
            let _ = write!(
                content,
                "(Page {page}, ligne {line} : hemoglobine {}.{} g/dL, sans anomalie.) Tj T* ",
                line % 17,
                page % 10
            );
        }
        content.push_str("ET");
        let number = objects.len() + 1;
        let _ = write!(kids, "{number} 0 R ");
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>",
            number + 1
        ));
        objects.push(format!("<</Length {}>>stream\n{content}\nendstream", content.len()));
    }
    objects[1] = format!("<</Type/Pages/Count {pages}/Kids[{kids}]>>");
    let objects: Vec<Vec<u8>> = objects.into_iter().map(String::into_bytes).collect();
    written(&objects)
}

/// A PDF of these objects, numbered from 1, of which the first is the catalogue.
pub(crate) fn written(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(objects) {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let (start, count) = (out.len(), objects.len() + 1);
    let end =
        format!("xref\n0 {count}\n{table}trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    out.extend_from_slice(end.as_bytes());
    out
}
