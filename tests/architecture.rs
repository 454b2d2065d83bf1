//! The import table of the house, checked against the sources: which module may name which.

#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a source that cannot be read or cut as expected fails the test"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Each module of `src` with the modules it may name. A module may always name itself and `domain`.
const TABLE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("health", &[]),
    ("net", &[]),
    ("auth", &[]),
    ("card", &[]),
    ("vault", &[]),
    ("deposit", &[]),
    ("instance", &[]),
    ("store", &[]),
    ("mime", &["health"]),
    ("imap", &["net", "auth"]),
    ("smtp", &["net", "auth"]),
    ("annuaire", &["net"]),
    ("practice", &["mime", "health"]),
    ("typeface", &[]),
    ("print", &["typeface"]),
    ("export", &[]),
    ("archive", &[]),
    (
        "engine",
        &[
            "net", "auth", "card", "vault", "store", "deposit", "instance", "mime", "imap", "smtp",
            "annuaire", "practice", "print", "export", "archive", "health",
        ],
    ),
    ("wording", &["engine"]),
    ("gui", &["engine", "wording", "typeface"]),
    ("log", &[]),
    ("manual", &[]),
    ("main", &["engine", "wording", "gui", "log"]),
    ("bin", &["engine", "wording", "log"]),
];

/// Modules that must stay free of async, clock and I/O.
const PURE: &[&str] = &["domain", "health"];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Top-level modules of the house named in `text` by paths that start at `roots`, `use crate::{a, b}` included.
fn named(text: &str, roots: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    for root in roots {
        for (at, _) in text.match_indices(*root) {
            let line_start = text[..at].rfind('\n').map_or(0, |i| i + 1);
            if text[line_start..at].trim_start().starts_with("//") {
                continue;
            }
            let rest = &text[at + root.len()..];
            let word =
                |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            if let Some(group) = rest.strip_prefix('{') {
                let mut depth = 1;
                let mut start = true;
                for (i, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 1 => start = true,
                        c if start && !c.is_whitespace() => {
                            names.push(word(&group[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            } else {
                names.push(word(rest));
            }
        }
    }
    names
}

#[test]
fn every_module_names_only_those_it_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let known: Vec<&str> = TABLE.iter().map(|(m, _)| *m).collect();
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&src).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        if module == "lib" {
            continue;
        }
        let Some((_, allowed)) = TABLE.iter().find(|(m, _)| *m == module) else {
            wrong.push(format!("{}: module not in the table", relative.display()));
            continue;
        };
        // in a program `crate` is the program itself; the house is `estafette`
        let roots: &[&str] = if module == "bin" { &["estafette::"] } else { &["crate::", "estafette::"] };
        for name in named(&fs::read_to_string(&file).unwrap(), roots) {
            let of_the_house = known.contains(&name.as_str());
            if of_the_house && name != module && name != "domain" && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{}: names `{name}`", relative.display()));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "imports outside the table:\n{}", wrong.join("\n"));
}

#[test]
fn pure_modules_do_no_input_or_output() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for module in PURE {
        let mut files = vec![src.join(format!("{module}.rs"))];
        if src.join(module).is_dir() {
            sources(&src.join(module), &mut files);
        }
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for forbidden in
                ["tokio::", "std::fs", "std::net", "SystemTime", "Instant::now", "async fn", "rusqlite"]
            {
                assert!(!text.contains(forbidden), "{} uses {forbidden}", file.display());
            }
        }
    }
}

#[test]
fn windowing_is_named_only_behind_the_gui() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for file in files {
        let relative = file.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        // the log names crates whose chatter it keeps out
        if relative.starts_with("gui") || relative == "main.rs" || relative == "log.rs" {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for forbidden in ["iced::", "iced_", "rfd::", "winit"] {
            assert!(!text.contains(forbidden), "{relative} names {forbidden}");
        }
    }
}

/// Numbers after `attack_` in a text that follows `before`.
fn attacks(text: &str, before: &str) -> std::collections::BTreeSet<String> {
    let mark = format!("{before}attack_");
    text.split(mark.as_str())
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect())
        .filter(|number: &String| !number.is_empty())
        .collect()
}

#[test]
fn every_attack_the_manual_lists_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    let tests: std::collections::BTreeSet<String> =
        files.iter().flat_map(|file| attacks(&fs::read_to_string(file).unwrap(), "fn ")).collect();
    let mut listed = 0;
    for page in fs::read_dir(root.join("src/manual")).unwrap() {
        let page = page.unwrap().path();
        for number in attacks(&fs::read_to_string(&page).unwrap(), "`") {
            listed += 1;
            assert!(tests.contains(&number), "{}: attack {number} has no test", page.display());
        }
    }
    assert!(listed > 20, "{listed} attacks in the manual");
}

#[test]
fn dialogs_of_the_system_are_asked_for_in_one_place() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    // which opens the process to the desktop's portal meanwhile: it refuses a closed one
    let allowed = src.join("gui/platform/dialog.rs");
    let wrong: Vec<_> = files
        .into_iter()
        .filter(|file| *file != allowed && fs::read_to_string(file).unwrap().contains("rfd::"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
