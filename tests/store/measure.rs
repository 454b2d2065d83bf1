//! Rates, printed with `--nocapture`; what is asserted are the answers, never the time.

use std::time::Instant;

use estafette::domain::message::MessageKind;
use estafette::store::{NewBody, Store};

use crate::sample::{Dice, key, mailbox, message, search};

const WORDS: [&str; 24] = [
    "patient",
    "consultation",
    "cardiologie",
    "bilan",
    "hémoglobine",
    "traitement",
    "radiographie",
    "œdème",
    "hospitalisation",
    "compte",
    "rendu",
    "cher",
    "confrère",
    "examen",
    "clinique",
    "tension",
    "artérielle",
    "glycémie",
    "ordonnance",
    "pharmacie",
    "sortie",
    "lettre",
    "résultats",
    "contrôle",
];

fn text(dice: &mut Dice, words: usize) -> String {
    (0..words)
        .map(|_| match dice.below(4) {
            0 => format!("{}{}", WORDS[dice.below(24)], dice.below(3_000)),
            _ => WORDS[dice.below(24)].to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn ten_thousand_messages_are_searched_and_a_hundred_thousand_listed() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("mail.db"), &key()).unwrap();
    let (_, folders) = mailbox(&store);
    let mut dice = Dice(42);
    let start = Instant::now();
    let mut ids = Vec::new();
    for batch in (0..10_000u32).step_by(500) {
        let new: Vec<_> = (batch..batch + 500)
            .map(|n| message(20_000 - n, 1_700_000_000 - i64::from(n) * 600, &text(&mut dice, 6)))
            .collect();
        ids.extend(store.insert(folders[0], &new).unwrap());
    }
    println!("headers: {:.0} messages/s", 10_000.0 / start.elapsed().as_secs_f64());
    let mut spent = 0.0;
    let mut bytes = 0;
    for batch in ids.chunks(500) {
        let bodies: Vec<_> = batch
            .iter()
            .map(|id| {
                let text = text(&mut dice, 250);
                let raw = format!("Subject: x\r\n\r\n{text}\r\n{}", text.repeat(3)).into_bytes();
                bytes += raw.len();
                NewBody::new(*id, &raw, &text, MessageKind::Letter, false).unwrap()
            })
            .collect();
        let start = Instant::now();
        store.save_body(bodies).unwrap();
        spent += start.elapsed().as_secs_f64();
    }
    println!("bodies: {:.0} messages/s, {:.1} MB/s", 10_000.0 / spent, bytes as f64 / 1e6 / spent);
    let mut times = Vec::new();
    for n in 0..300 {
        let word = WORDS[dice.below(24)];
        let cut = word.char_indices().nth(1 + n % 5).map_or(word.len(), |(i, _)| i);
        let query = if n % 2 == 0 { word[..cut].to_owned() } else { format!("{} {word}", &word[..cut]) };
        let start = Instant::now();
        let (total, rows) = search(&store, &query, 0..50);
        times.push((start.elapsed().as_secs_f64() * 1e3, query));
        assert!(total > 0 && rows.len() == 50);
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    println!(
        "search: median {:.1} ms, p95 {:.1} ms, worst {:.1} ms {:?}",
        times[150].0, times[285].0, times[299].0, times[299].1
    );
    let mut times = Vec::new();
    for _ in 0..300 {
        let query = format!("{}{} martin", WORDS[dice.below(24)], 10 + dice.below(290));
        let start = Instant::now();
        search(&store, &query, 0..50);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("search, rare word: median {:.1} ms, p95 {:.1} ms", times[150], times[285]);
    for batch in (0..100_000u32).step_by(5_000) {
        let new: Vec<_> =
            (batch..batch + 5_000).map(|n| message(n + 1, 1_600_000_000 + i64::from(n), "x")).collect();
        store.insert(folders[1], &new).unwrap();
    }
    for offset in [0, 10_000, 50_000, 90_000] {
        store.list(folders[1], offset..offset + 50).unwrap();
        let start = Instant::now();
        assert_eq!(store.list(folders[1], offset..offset + 50).unwrap().1.len(), 50);
        println!("list at {offset}: {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    }
}
