//! HTML keeps its text and loses everything else.

use std::collections::HashMap;

use estafette::domain::message::{Block, Span};
use estafette::mime::html;

fn read(source: &str) -> html::Safe {
    html::blocks(source, &HashMap::from([("logo@x".to_owned(), 3)]))
}

fn text(source: &str) -> String {
    format!("{:?}", read(source).blocks)
}

fn plain(text: &str) -> Vec<Span> {
    vec![Span { text: text.into(), ..Span::default() }]
}

#[test]
fn structure_is_kept() {
    let safe = read(
        "<h2>Titre</h2><p>Un <b>gras</b> et\n <i>italique</i><br>ligne</p><ul><li>a<li>b</ul><ol><li>c</ol>\
         <blockquote>cité<blockquote>deux</blockquote></blockquote><hr><pre>x\n  y</pre>\
         <table><tr><th>Date<td>1<tr><td>K<td>6,4</table><img src='CID:logo@x'>",
    );
    let bold = |t: &str| Span { text: t.into(), bold: true, ..Span::default() };
    let expected = vec![
        Block::Heading(2, plain("Titre")),
        Block::Paragraph(vec![
            plain("Un ").remove(0),
            bold("gras"),
            plain(" et ").remove(0),
            Span { text: "italique".into(), italic: true, ..Span::default() },
            plain("\nligne").remove(0),
        ]),
        Block::Item(1, "•".into(), plain("a")),
        Block::Item(1, "•".into(), plain("b")),
        Block::Item(1, "1.".into(), plain("c")),
        Block::Quote(1, plain("cité")),
        Block::Quote(2, plain("deux")),
        Block::Rule,
        Block::Preformatted("x\n  y".into()),
        Block::Table(vec![
            vec![vec![bold("Date")], plain("1").into_iter().map(|s| vec![s]).next().unwrap()],
            vec![plain("K"), plain("6,4")],
        ]),
        Block::Image(3),
    ];
    let shape = |b: &Block| format!("{b:?}").replace("text: \" ", "text: \"");
    for (got, want) in safe.blocks.iter().zip(&expected) {
        let flat = |b: &Block| shape(b).replace(' ', "");
        assert_eq!(flat(got), flat(want));
    }
    assert_eq!(safe.blocks.len(), expected.len());
    assert!(!safe.removed && !safe.truncated);
}

#[test]
fn nothing_active_hidden_or_remote_gets_through() {
    for source in [
        "ok<script>SECRET</script>",
        "ok<SCRIPT\n>if(a<b){SECRET}</SCRIPT >",
        "ok<style>SECRET{}</style>",
        "ok<!-- SECRET -->",
        "ok<iframe src=x>SECRET</iframe>",
        "ok<object><p>SECRET</p></object>",
        "ok<svg><text>SECRET</text></svg>",
        "ok<select><option>SECRET</select>",
        "ok<textarea>SECRET</textarea>",
        "ok<title>SECRET</title>",
        "ok<div style='display:none'>SECRET<p>SECRET</p></div>",
        "ok<div style='DISPLAY : n\\one'>SECRET</div>",
        "ok<span style='visibility:hidden'>SECRET</span>",
        "ok<span style='font-size:0'>SECRET</span>",
        "ok<span style='font-size: 0.0px !important'>SECRET</span>",
        "ok<p hidden>SECRET</p>",
        "ok<img src='https://x.example/SECRET.gif'>",
        "ok<img src='data:image/png;base64,SECRET'>",
        "ok<a href='javascript:SECRET'>lien</a>",
        "ok<a href='java\nscript:SECRET'>lien</a>",
        "ok<a href='file:///SECRET'>lien</a>",
        "ok<input value=SECRET>",
        "ok<p onclick='SECRET()'>b</p>",
        "ok<div style='background:url(https://x.example/SECRET)'>b</div>",
    ] {
        let out = text(source);
        assert!(out.contains("ok") && !out.contains("SECRET"), "{source} -> {out}");
    }
    for source in
        ["<script>a</script>", "<img src='http://x.example/a'>", "<p onclick=a>b</p>", "<form>b</form>"]
    {
        assert!(read(source).removed, "{source}");
    }
    assert!(!read("<p>b</p><style>a</style>").removed);
}

#[test]
fn text_after_a_hidden_part_is_not_lost() {
    for source in [
        "<p style='display:none'>a<p>VISIBLE",
        "<div style='font-size:0'><p style='font-size:12px'>VISIBLE</p></div>",
        "<table><tr><td style='display:none'>a<td>b</table>VISIBLE",
        "<ul><li style='display:none'>a<li>VISIBLE</ul>",
        "<script>a</script>VISIBLE",
        "</div></p></td>VISIBLE",
        "<svg/>VISIBLE",
        "<b><i>VISIBLE</b></i>",
    ] {
        assert!(text(source).contains("VISIBLE"), "{source} -> {}", text(source));
    }
}

#[test]
fn links_keep_their_real_target() {
    let out = read(
        "<a href='https://a.example/?x=1&amp;y=2'>https://b.example</a> <a href='mailto:a@b.example'>m</a>",
    );
    let Block::Paragraph(spans) = &out.blocks[0] else { panic!() };
    assert_eq!(spans[0].link.as_deref(), Some("https://a.example/?x=1&y=2"));
    assert!(spans.iter().any(|s| s.link.as_deref() == Some("mailto:a@b.example")));
}

#[test]
fn one_link_does_not_fill_the_memory() {
    let source = format!("<a href='https://x.example/{}'>{}", "y".repeat(3_900), "<b>a</b>b".repeat(20_000));
    let out = read(&source);
    let Block::Paragraph(spans) = &out.blocks[0] else { panic!("{:?}", out.blocks.len()) };
    let kept: usize = spans.iter().filter_map(|s| s.link.as_ref()).map(String::len).sum();
    assert!(kept <= 4 << 20 && out.truncated);
    assert_eq!(spans.iter().map(|s| s.text.len()).sum::<usize>(), 40_000);
}

#[test]
fn layout_tables_become_running_text() {
    let out = read(
        "<table><tr><td>un</td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr><tr><td>deux</td></tr></table>",
    );
    assert_eq!(out.blocks.len(), 3, "{:?}", out.blocks);
    assert!(matches!(&out.blocks[1], Block::Table(rows) if rows[0].len() == 2));
}

#[test]
fn any_nesting_is_read_and_bounded() {
    for (open, close) in [
        ("<div>", "</div>"),
        ("<blockquote>", ""),
        ("<table><tr><td>", ""),
        ("<b>", "</i>"),
        ("<ul><li>", ""),
        ("<p>", "</q>"),
    ] {
        let source = format!("{}x{}", open.repeat(20_000), close.repeat(20_000));
        assert!(text(&source).contains('x'), "{open}");
    }
    let many = read(&"<p>a</p>".repeat(30_000));
    assert!(many.truncated && many.blocks.len() == 20_000);
    let cells = read(&format!("<table><tr>{}</tr></table>", "<td>a</td>".repeat(500)));
    assert!(cells.truncated);
}

#[test]
fn towers_of_marks_are_cut_also_over_the_borders_of_elements() {
    let marks = "\u{301}".repeat(20);
    let shown = text(&format!("<p>e<b>{marks}</b><i>{marks}</i>{marks}t</p>"));
    assert_eq!(shown.matches("\\u{301}").count() + shown.matches('\u{301}').count(), 4, "{shown}");
}
