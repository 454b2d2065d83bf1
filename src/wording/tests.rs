//! What keeps texts whole.

#![allow(clippy::string_slice, reason = "a source that cannot be cut as expected fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::*;

/// Variables of every message of a language, by key.
fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for source in language.sources() {
        let resource = FluentResource::try_new((*source).to_owned())
            .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.name()));
        drop(resource);
        let mut key = String::new();
        for line in source.lines() {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                key = line.split('=').next().unwrap_or_default().trim().to_owned();
                assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} is there twice");
            }
            for (at, _) in line.match_indices('$').filter(|_| !line.starts_with('#')) {
                let name: String =
                    line[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                found.get_mut(&key).unwrap().insert(name);
            }
        }
    }
    found
}

fn sources(dir: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("wording/tests.rs") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// String literals given as the first argument of a call named in `calls`.
fn literals(text: &str, calls: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in calls {
        for (at, _) in text.match_indices(call) {
            let rest = text[at + call.len()..].trim_start();
            if let Some(literal) = rest.strip_prefix('"') {
                found.insert(literal.split('"').next().unwrap_or_default().to_owned());
            }
        }
    }
    found
}

#[test]
fn both_languages_have_the_same_keys_and_variables() {
    let (french, english) = (keys(Language::French), keys(Language::English));
    for (key, variables) in &french {
        assert_eq!(Some(variables), english.get(key), "{key}");
    }
    for key in english.keys() {
        assert!(french.contains_key(key), "{key} is only in English");
    }
}

#[test]
fn every_key_used_in_the_sources_has_a_text() {
    let known = keys(Language::French);
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src.join("gui"), &mut files);
    sources(&src.join("wording"), &mut files);
    sources(&src.join("bin"), &mut files);
    files.push(fs::read_to_string(src.join("wording.rs")).unwrap());
    let prefixes: BTreeSet<&str> = known.keys().filter_map(|k| k.split('-').next()).collect();
    let mut missing = BTreeSet::new();
    for text in &files {
        for key in literals(text, &["context.text(", "context.with(", "wording.text(", "wording.with("]) {
            if !known.contains_key(&key) {
                missing.insert(key);
            }
        }
        // keys kept in tables: any literal that looks like one of our keys
        for literal in text.split('"').skip(1).step_by(2) {
            let looks_like_a_key = literal.split_once('-').is_some_and(|(head, tail)| {
                ["cmd", "err", "rec", "notice", "folder", "date", "size"].contains(&head)
                    && prefixes.contains(head)
                    && !tail.is_empty()
                    && tail.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            });
            if looks_like_a_key && !known.contains_key(literal) {
                missing.insert(literal.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "no text for {missing:?}");
}

#[test]
fn every_error_of_the_engine_has_its_two_texts() {
    let known = keys(Language::French);
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![fs::read_to_string(src.join("engine.rs")).unwrap()];
    sources(&src.join("engine"), &mut files);
    let mut codes = BTreeSet::new();
    for text in &files {
        for kind in ["Offline", "NeedsCard", "NeedsUser", "Refused", "Corrupt", "Bug"] {
            for opening in [format!("ErrorKind::{kind},"), format!("Kind::{kind},"), format!("({kind},")] {
                codes.extend(literals(text, &[&opening]));
            }
        }
    }
    assert!(!codes.is_empty());
    for code in codes {
        assert!(known.contains_key(&format!("err-{code}")), "no err-{code}");
        assert!(known.contains_key(&format!("rec-{code}")), "no rec-{code}");
    }
}

#[test]
fn a_failure_of_which_the_code_alone_is_kept_is_told_in_general() {
    for language in [Language::French, Language::English] {
        let wording = Wording::new(language);
        for key in keys(language).into_keys() {
            let Some(code) = key.strip_prefix("err-") else { continue };
            let told = wording.code(code, &[]);
            assert!(!told.what.contains("{$") && !told.advice.contains("{$"), "{told:?}");
        }
        let whole = wording.code("not-trusted", &[("host", "imap.example"), ("issuer", "Pare-feu")]);
        assert!(whole.what.contains("imap.example") && whole.what.contains("Pare-feu"), "{whole:?}");
        assert_eq!(wording.code("not-trusted", &[]).what, wording.text("gen-not-trusted"));
    }
}

#[test]
fn values_appear_without_invisible_marks_and_choose_plurals() {
    let wording = Wording::in_zone(Language::French, TimeZone::UTC);
    let one = wording.with("err-pin-wrong", &[("tries", "1")]);
    let two = wording.with("err-pin-wrong", &[("tries", "2")]);
    assert_ne!(one.replace('1', "2"), two);
    assert!(two.contains('2'));
    assert!(!two.contains(['\u{2068}', '\u{2069}']));
}

#[test]
fn a_time_is_said_as_briefly_as_it_can_be() {
    let wording = Wording::in_zone(Language::French, TimeZone::UTC);
    let now = 1_795_254_120; // 21/11/2026 9:42
    for (time, short, long) in [
        (now - 240, "9:38", "aujourd’hui à 9:38"),
        (now - 86_400, "hier", "hier à 9:42"),
        (now - 2 * 86_400, "19/11", "le 19/11/2026 à 9:42"),
        (now - 400 * 86_400, "17/10/2025", "le 17/10/2025 à 9:42"),
    ] {
        assert_eq!(wording.when(time, now), short);
        assert_eq!(wording.moment(time, now), long);
    }
}

#[test]
fn sizes_are_written_as_each_language_does() {
    let french = Wording::in_zone(Language::French, TimeZone::UTC);
    let english = Wording::in_zone(Language::English, TimeZone::UTC);
    assert_eq!(french.size(900), "900\u{a0}octets");
    assert_eq!(french.size(411_400), "412\u{a0}Ko");
    assert_eq!(french.size(10_000_000), "10,0\u{a0}Mo");
    assert_eq!(english.size(10_000_000), "10.0\u{a0}MB");
    assert_eq!(french.count(318_204), "318\u{202f}204");
}
