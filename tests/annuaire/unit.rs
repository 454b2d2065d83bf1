//! The annuaire through its face: imports of good and damaged files, searches, homonyms, downloads.

mod api;
mod archive;
mod download;
mod hostile;
mod importing;
mod refreshing;
mod relevance;
mod searching;

use std::path::{Path, PathBuf};

use super::{Annuaire, Error, Progress, Query, Status};

const NAME: &str = "Extraction_Correspondance_MSSante_202611210213.txt";

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/annuaire").join(name)
}

fn text() -> String {
    std::fs::read_to_string(corpus(NAME)).unwrap()
}

fn go_on(_: Progress) -> bool {
    true
}

fn import(annuaire: &Annuaire, bytes: &[u8]) -> Result<Status, Error> {
    annuaire.import(bytes, NAME, Some(bytes.len() as u64), &mut go_on)
}

fn loaded() -> Annuaire {
    let annuaire = Annuaire::in_memory().unwrap();
    annuaire.import_file(&corpus(NAME), &mut go_on).unwrap();
    annuaire
}

fn query(text: &str) -> Query {
    Query { text: text.to_owned(), ..Query::default() }
}

/// Keys found, best first.
fn keys(annuaire: &Annuaire, text: &str) -> Vec<String> {
    annuaire.search(&query(text)).unwrap().people.into_iter().map(|p| p.key).collect()
}

/// The fictitious national identifier of person `n` of the corpus.
fn person(n: u32) -> String {
    format!("8999{n:08}")
}
