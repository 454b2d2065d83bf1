//! A thousand searches in the encrypted store, beside notmuch on the same messages.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use estafette::domain::search::Query;
use estafette::mime;
use estafette::store::Store;

use crate::profile::{corpus, open};
use crate::table::{Times, head};

const QUERIES: usize = 1_000;
/// Rows a screen asks for.
const PAGE: u32 = 100;
/// Each of these starts a process.
const STARTED: usize = 100;

pub(crate) fn run(profile: &Path, files: &Path) {
    let words = queries();
    let store = open(profile);
    let mut found = 0_u64;
    let mut nothing = 0;
    let mut slowest = (Duration::ZERO, String::new(), 0);
    let times: Vec<Duration> = words
        .iter()
        .map(|query| {
            let start = Instant::now();
            let total = store.search(&Query::of_words(query), 0..PAGE).unwrap().total;
            let took = start.elapsed();
            found += u64::from(total);
            nothing += usize::from(total == 0);
            if took > slowest.0 {
                slowest = (took, query.clone(), total);
            }
            took
        })
        .collect();
    let ours = Times::of(&times);
    let common = common(&store);
    store.close();
    let (counted, peers_found) = notmuch_counts(files, &words);
    let counted = Times::of(&counted);
    let started = Times::of(&notmuch_pages(files, &words[..STARTED]));
    println!("{QUERIES} queries of 1 to 3 words, each a prefix; {PAGE} newest rows and the exact total");
    head("search");
    ours.row("estafette, encrypted store");
    common.row("estafette, words of most messages only");
    counted.row("notmuch count --batch (total only, warm)");
    started.row("notmuch search --limit (with process start)");
    println!(
        "ratio of p95 to notmuch: count {:.2}, search {:.2}",
        ours.p95 / counted.p95,
        ours.p95 / started.p95
    );
    println!("found {found} (notmuch {peers_found}); without a result {nothing}");
    println!("slowest: {:.2} ms, {} found, {:?}", slowest.0.as_secs_f64() * 1e3, slowest.2, slowest.1);
}

/// Words of the corpus itself, 1 to 3 of one message, every other one cut to a prefix.
fn queries() -> Vec<String> {
    let texts: Vec<Vec<String>> = corpus(1_500)
        .iter()
        .map(|message| {
            let subject = mime::parse_header(&message.raw).envelope.subject;
            let text = format!("{subject} {}", mime::parse(&message.raw).search_text);
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() >= 3);
            words.map(str::to_lowercase).take(400).collect()
        })
        .collect();
    let texts: Vec<_> = texts.into_iter().filter(|words| words.len() > 10).collect();
    let mut at = 7_usize;
    let mut next = |below: usize| {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (at >> 33) % below
    };
    (0..QUERIES)
        .map(|n| {
            let words = &texts[next(texts.len())];
            let chosen: Vec<String> = (0..=n % 3)
                .map(|_| {
                    let word = &words[next(words.len())];
                    let length = if next(2) == 0 { 3 + next(3) } else { usize::MAX };
                    let word: String = word.chars().take(length).collect();
                    // an operator of notmuch
                    if word == "not" { "note".to_owned() } else { word }
                })
                .collect();
            chosen.join(" ")
        })
        .collect()
}

/// The worst case of counting exactly: words and pairs of words that most messages have.
fn common(store: &Store) -> Times {
    let mut times = Vec::new();
    let words =
        ["dr", "le", "de", "patient", "bonjour", "cordialement", "mssante", "medecin", "docteur", "pour"];
    for first in words {
        for second in words {
            let start = Instant::now();
            store.search(&Query::of_words(&format!("{first} {second}")), 0..PAGE).unwrap();
            times.push(start.elapsed());
        }
    }
    Times::of(&times)
}

/// The same query in notmuch's words.
fn notmuch_query(query: &str) -> String {
    query.split(' ').map(|word| format!("{word}*")).collect::<Vec<_>>().join(" and ")
}

fn notmuch(files: &Path) -> Command {
    // into a pipe notmuch would keep its answers until the end
    let mut command = Command::new("stdbuf");
    command.args(["-oL", "notmuch"]).env("NOTMUCH_CONFIG", files.join("notmuch.config"));
    command
}

/// A notmuch that counts one query a line.
struct Counting {
    child: Child,
    asking: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Counting {
    fn start(files: &Path) -> Self {
        let mut child = notmuch(files)
            .args(["count", "--exclude=false", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("notmuch");
        let asking = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, asking, answers }
    }

    fn end(mut self) {
        drop(self.asking);
        self.child.wait().unwrap();
    }
}

/// Times of the queries it answers: a beginning of too many words ends it.
fn notmuch_counts(files: &Path, queries: &[String]) -> (Vec<Duration>, u64) {
    let mut counting = Counting::start(files);
    let (mut found, mut times) = (0, Vec::new());
    for query in queries {
        let start = Instant::now();
        writeln!(counting.asking, "{}", notmuch_query(query)).unwrap();
        match counting.answers.next() {
            Some(answer) => {
                found += answer.unwrap().trim().parse::<u64>().unwrap_or(0);
                times.push(start.elapsed());
            }
            None => std::mem::replace(&mut counting, Counting::start(files)).end(),
        }
    }
    counting.end();
    (times, found)
}

fn notmuch_pages(files: &Path, queries: &[String]) -> Vec<Duration> {
    let time = |query: &String| {
        let start = Instant::now();
        let output = notmuch(files)
            .args(["search", "--exclude=false", "--output=messages", &format!("--limit={PAGE}")])
            .arg(notmuch_query(query))
            .output()
            .unwrap();
        output.status.success().then(|| start.elapsed())
    };
    queries.iter().filter_map(time).collect()
}
