//! Messages read on one core, beside bare mail-parser on the same bytes in the same run.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use estafette::mime;
use mail_parser::MessageParser;

use crate::profile::corpus;

/// Rounds; each goes through both readers by turns, so that a busy machine slows both.
const ROUNDS: usize = 7;

/// Messages of the fictitious mailbox and, where a folder is given, every file in it.
pub(crate) fn run(folder: Option<&Path>, messages: usize) {
    let mut raw: Vec<Vec<u8>> = corpus(messages).into_iter().map(|message| message.raw).collect();
    let mut found = Vec::new();
    if let Some(folder) = folder {
        files(folder, &mut found);
    }
    raw.extend(found.iter().filter_map(|path| std::fs::read(path).ok()));
    let bytes: usize = raw.iter().map(Vec::len).sum();
    let (mut ours, mut bare, mut header) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(timed(&raw, |message| {
            black_box(mime::parse(message).text.len());
        }));
        bare.push(timed(&raw, |message| {
            let parsed = MessageParser::default().parse(message);
            // the texts are asked for: without them nothing would have been shown
            let text = parsed.as_ref().and_then(|m| m.body_text(0)).map_or(0, |text| text.len());
            black_box(text + parsed.map_or(0, |m| m.parts.len()));
        }));
        header.push(timed(&raw, |message| {
            black_box(mime::parse_header(message).envelope.subject.len());
        }));
    }
    let best = |times: &[Duration]| times.iter().min().copied().unwrap_or_default().as_secs_f64();
    println!("{} messages, {:.1} MB, best of {ROUNDS} rounds, one core", raw.len(), bytes as f64 / 1e6);
    println!("{:<52} {:>10} {:>8}", "reading", "msg/s", "MB/s");
    for (name, times) in [
        ("estafette: safe blocks, text, attachments, warnings", &ours),
        ("mail-parser alone, with the text of the body", &bare),
        ("estafette: headers only", &header),
    ] {
        let seconds = best(times);
        println!("{name:<52} {:>10.0} {:>8.1}", raw.len() as f64 / seconds, bytes as f64 / 1e6 / seconds);
    }
    println!("ratio of rates to mail-parser: {:.2}", best(&bare) / best(&ours));
}

fn timed(raw: &[Vec<u8>], read: impl Fn(&[u8])) -> Duration {
    let start = Instant::now();
    raw.iter().for_each(|message| read(message));
    start.elapsed()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "eml") {
            found.push(path);
        }
    }
}
