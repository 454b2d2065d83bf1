//! Measures an import and 1,000 searches of the annuaire, next to a plain SQLite import of the same file.
//!
//! `annuaire_bench EXTRACTION.txt [NEXT_DAY.txt [FOLDER]]` prints seconds, peak memory, database size and query times,
//! and what the refresh by the next day's file costs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Instant;

use estafette::annuaire::{Annuaire, Query};

fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

fn folder_megabytes(folder: &Path) -> f64 {
    let bytes: u64 = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.file_name().to_string_lossy().starts_with("annuaire"))
        .map(|e| e.metadata().unwrap().len())
        .sum();
    bytes as f64 / 1e6
}

/// The floor: every field of every line into one table with an index on the name.
fn plain_import(extraction: &Path, folder: &Path) -> f64 {
    let start = Instant::now();
    let path = folder.join("plain.sqlite");
    let _ = std::fs::remove_file(&path);
    let db = rusqlite::Connection::open(path).unwrap();
    let columns: Vec<String> = (0..31).map(|i| format!("c{i}")).collect();
    db.execute_batch(&format!("PRAGMA synchronous=OFF; CREATE TABLE t({}); BEGIN", columns.join(",")))
        .unwrap();
    let marks = vec!["?"; 31].join(",");
    let mut insert = db.prepare(&format!("INSERT INTO t VALUES({marks})")).unwrap();
    for line in BufReader::new(File::open(extraction).unwrap()).lines().skip(1) {
        let line = line.unwrap();
        let fields: Vec<&str> = line.split('|').take(31).collect();
        if fields.len() == 31 {
            insert.execute(rusqlite::params_from_iter(fields)).unwrap();
        }
    }
    db.execute_batch("COMMIT; CREATE INDEX name ON t(c9, c10); CREATE INDEX address ON t(c1)").unwrap();
    start.elapsed().as_secs_f64()
}

/// What a plain table answers: every word somewhere in the name, profession, know-how, structure or town.
fn plain_searches(folder: &Path, queries: &[String]) -> Vec<f64> {
    let db = rusqlite::Connection::open(folder.join("plain.sqlite")).unwrap();
    let one = "(c9||' '||c10||' '||c14||' '||c16||' '||c18||' '||c27||' '||c28) LIKE ?";
    let search = |text: &String| {
        let words: Vec<String> = text.split_whitespace().map(|w| format!("%{w}%")).collect();
        let clause = vec![one; words.len()].join(" AND ");
        let start = Instant::now();
        let mut found = db.prepare(&format!("SELECT * FROM t WHERE {clause} LIMIT 50")).unwrap();
        let mut rows = found.query(rusqlite::params_from_iter(words)).unwrap();
        while rows.next().unwrap().is_some() {}
        start.elapsed().as_secs_f64() * 1e3
    };
    let mut times: Vec<f64> = queries.iter().map(search).collect();
    times.sort_by(f64::total_cmp);
    times
}

/// A thousand queries made of the file's own words: 1 letter to 4 words.
fn queries(extraction: &Path) -> Vec<String> {
    let lines: Vec<Vec<String>> = BufReader::new(File::open(extraction).unwrap())
        .lines()
        .skip(1)
        .map_while(Result::ok)
        .enumerate()
        .filter(|(i, _)| i % 53 == 0)
        .map(|(_, l)| l.split('|').map(str::to_owned).collect())
        .take(4000)
        .collect();
    let mut out = Vec::new();
    for (i, fields) in lines.iter().cycle().enumerate().take(20_000) {
        let word = |n: usize, letters: usize| -> String {
            fields.get(n).map(|f| f.chars().take(letters).collect()).unwrap_or_default()
        };
        let text = match i % 12 {
            0 => word(9, 1),
            1 => word(9, 2),
            2 => word(9, 3),
            3 => word(9, 5),
            4 => word(9, 40),
            5 => format!("{} {}", word(9, 40), word(10, 2)),
            6 => format!("{} {}", word(9, 4), word(16, 6)),
            7 => format!("{} {}", word(16, 40), word(27, 40)),
            8 => format!("{} {}", word(14, 6), word(28, 2)),
            9 => format!("{} {} {}", word(10, 3), word(9, 4), word(14, 4)),
            10 => format!("{} {}", word(18, 40), word(7, 5)),
            _ => format!("{} {} {} {}", word(10, 40), word(9, 40), word(14, 7), word(18, 3)),
        };
        if !text.trim().is_empty() {
            out.push(text);
        }
        if out.len() == 1000 {
            break;
        }
    }
    out
}

/// The same queries with one error in their longest word: two letters exchanged, one left out or one doubled.
fn misspelt(queries: &[String]) -> Vec<String> {
    let slip = |(n, text): (usize, &String)| {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let longest = words.iter_mut().max_by_key(|w| w.chars().count())?;
        let mut letters: Vec<char> = longest.chars().collect();
        let at = (letters.len() / 2).max(1);
        if letters.len() < 5 {
            return None;
        }
        match n % 3 {
            0 => letters.swap(at, at - 1),
            1 => drop(letters.remove(at)),
            _ => letters.insert(at, letters[at]),
        }
        *longest = letters.into_iter().collect();
        Some(words.join(" "))
    };
    queries.iter().enumerate().filter_map(slip).collect()
}

/// Searches and prints their times.
fn measure(annuaire: &Annuaire, name: &str, queries: &[String]) -> Vec<f64> {
    let mut times: Vec<(f64, &String, usize, usize)> = queries
        .iter()
        .map(|text| {
            let start = Instant::now();
            let answer = annuaire.search(&Query { text: text.clone(), ..Query::default() }).unwrap();
            (start.elapsed().as_secs_f64() * 1e3, text, answer.people.len(), answer.near.len())
        })
        .collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].0;
    let empty = times.iter().filter(|t| t.2 == 0).count();
    let nothing = times.iter().filter(|t| t.2 + t.3 == 0).count();
    println!(
        "{} {name}: p50 {:.2} ms, p95 {:.2} ms, max {:.2} ms; {empty} without an exact match, {nothing} without any",
        times.len(),
        at(0.5),
        at(0.95),
        at(1.0)
    );
    for (ms, text, found, near) in times.iter().rev().take(5) {
        println!("  slowest: {ms:.2} ms {found}+{near} {text:?}");
    }
    for (_, text, ..) in times.iter().filter(|t| t.2 + t.3 == 0).take(10) {
        println!("  nothing: {text:?}");
    }
    times.into_iter().map(|t| t.0).collect()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let extraction = PathBuf::from(arguments.next().expect("the extraction's path"));
    let next_day = arguments.next().map(PathBuf::from);
    let scratch = tempfile::tempdir().unwrap();
    let folder = arguments.next().map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    let annuaire = Annuaire::open(&folder.join("annuaire.sqlite")).unwrap();
    let start = Instant::now();
    let mut reading = 0.0;
    let status = annuaire
        .import_file(&extraction, &mut |p| {
            if p.phase == estafette::annuaire::Phase::Reading {
                reading = start.elapsed().as_secs_f64();
            }
            true
        })
        .unwrap();
    let seconds = start.elapsed().as_secs_f64();
    println!("people {} mailboxes {} bad {}", status.people, status.mailboxes, status.bad_lines);
    println!("import {seconds:.2} s (reading {reading:.2} s)");
    println!("peak memory {:?} MB, database {:.1} MB", peak_megabytes(), folder_megabytes(&folder));
    let plain = plain_import(&extraction, &folder);
    println!("plain SQLite import {plain:.2} s, ratio {:.2}", seconds / plain);

    let queries = queries(&extraction);
    let likes = plain_searches(&folder, &queries[..200]);
    let like = |part: f64| likes[((likes.len() - 1) as f64 * part) as usize];
    let exact = measure(&annuaire, "queries", &queries);
    let p95 = exact[((exact.len() - 1) as f64 * 0.95) as usize];
    measure(&annuaire, "misspelt queries", &misspelt(&queries));
    println!(
        "plain SQLite LIKE, {} queries: p50 {:.2} ms, p95 {:.2} ms; ratio of p95 {:.3}",
        likes.len(),
        like(0.5),
        like(0.95),
        p95 / like(0.95)
    );
    if let Some(next_day) = next_day {
        let start = Instant::now();
        let status = annuaire.import_file(&next_day, &mut |_| true).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        println!("refresh {seconds:.2} s: new {:?}, gone {:?}", status.new, status.gone);
        println!("peak memory {:?} MB, database {:.1} MB", peak_megabytes(), folder_megabytes(&folder));
        measure(&annuaire, "queries after it", &queries);
    }
}
