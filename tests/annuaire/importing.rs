use std::io::{self, Read, Write};

use super::*;
use crate::domain::directory::{BadLine, LineFault};

#[test]
fn an_extraction_is_counted_and_dated() {
    let annuaire = Annuaire::in_memory().unwrap();
    assert_eq!(annuaire.status().unwrap(), Status::default());
    assert_eq!(keys(&annuaire, "martin"), Vec::<String>::new());
    let status = annuaire.import_file(&corpus(NAME), &mut go_on).unwrap();
    assert_eq!((status.people, status.mailboxes, status.bad_lines), (30, 31, 0));
    assert_eq!(status.data_date.as_deref(), Some("21/11/2026 02:13"));
    assert!(status.imported_at.is_some());
    assert_eq!(annuaire.status().unwrap(), status);
}

#[test]
fn bad_lines_are_reported_by_number_and_the_others_kept() {
    let annuaire = Annuaire::in_memory().unwrap();
    let status = annuaire.import_file(&corpus("abime.txt"), &mut go_on).unwrap();
    assert_eq!(status.data_date, None);
    let fields = |found| LineFault::Fields { found, expected: 31 };
    let expected = [
        (3, fields(13)),
        (5, fields(34)),
        (7, LineFault::UnknownKind),
        (8, LineFault::UnknownKind),
        (9, LineFault::NotAnAddress),
        (10, LineFault::NotAnAddress),
        (14, LineFault::TooLong),
        (16, LineFault::UnknownKind),
        (17, LineFault::LongIdentifier),
    ];
    assert_eq!(status.first_bad_lines, expected.map(|(line, fault)| BadLine { line, fault }));
    assert_eq!(status.bad_lines, 9);
    assert_eq!(status.people, 16);
    for text in ["guillemet ouvert", "so phie x", "espaces", "latin-é", "12345"] {
        assert_eq!(keys(&annuaire, text).len(), 1, "{text}");
    }
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let annuaire = Annuaire::in_memory().unwrap();
    let status = annuaire.import_file(&corpus("autres_colonnes.txt"), &mut go_on).unwrap();
    assert_eq!((status.people, status.bad_lines), (30, 0));
    let marie = annuaire.by_rpps("99900000001").unwrap().unwrap();
    assert_eq!((marie.family_name.as_str(), marie.profession.as_str()), ("MARTIN", "Médecin"));
    assert_eq!(marie.mailboxes[1].structure, "CHU DE BORDEAUX");
}

#[test]
fn a_byte_order_mark_windows_line_ends_and_a_last_separator_change_nothing() {
    let plain = loaded();
    let annuaire = Annuaire::in_memory().unwrap();
    let dressed: String = text().lines().map(|line| format!("{line}|\r\n")).collect();
    let status = import(&annuaire, format!("\u{feff}{dressed}").as_bytes()).unwrap();
    assert_eq!((status.people, status.mailboxes, status.bad_lines), (30, 31, 0));
    for number in 1..=30 {
        let key = person(number);
        assert_eq!(annuaire.by_key(&key).unwrap(), plain.by_key(&key).unwrap(), "{key}");
    }
}

/// Everything that must not replace good data, each tried on a directory that holds some.
#[test]
fn a_wrong_or_cut_file_leaves_the_old_data() {
    let folder = tempfile::tempdir().unwrap();
    let annuaire = Annuaire::open(&folder.path().join("annuaire.sqlite")).unwrap();
    let good = annuaire.import_file(&corpus(NAME), &mut go_on).unwrap();
    let whole = text();
    let cut = &whole.as_bytes()[..whole.len() - 40];
    let header = whole.lines().next().unwrap();
    let mostly_bad = format!("{header}\n{}", "PER|x\n".repeat(50));
    let zip = zipped(whole.as_bytes());
    assert!(matches!(import(&annuaire, b""), Err(Error::NotAnExtraction { .. })));
    assert!(matches!(import(&annuaire, header.as_bytes()), Err(Error::Truncated)));
    assert!(matches!(import(&annuaire, cut), Err(Error::Truncated)));
    assert!(matches!(import(&annuaire, mostly_bad.as_bytes()), Err(Error::MostlyBad { bad: 50, .. })));
    assert!(matches!(import(&annuaire, &zip[..zip.len() / 2]), Err(Error::Zip(_))));
    let short = annuaire.import(whole.as_bytes(), NAME, Some(whole.len() as u64 + 1), &mut go_on);
    assert!(matches!(short, Err(Error::Truncated)));
    let other = annuaire.import_file(&corpus("autre_fichier.csv"), &mut go_on);
    assert!(matches!(other, Err(Error::NotAnExtraction { .. })));
    let mut broken = zip;
    let middle = broken.len() / 3;
    broken[middle] ^= 0xff;
    assert!(import(&annuaire, &broken).is_err());
    assert_eq!(annuaire.status().unwrap(), good);
    assert_eq!(keys(&annuaire, "marie martin").len(), 3);
    assert_eq!(data_files(folder.path()), 1, "nothing is left of the failed imports");
}

fn data_files(folder: &Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().contains(".data-"))
        .count()
}

pub(super) fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    zip.start_file(NAME, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_is_known_by_its_content_and_dated_by_its_entry() {
    let annuaire = Annuaire::in_memory().unwrap();
    let zip = zipped(text().as_bytes());
    let status = annuaire.import(zip.as_slice(), "download", None, &mut go_on).unwrap();
    assert_eq!(status.people, 30);
    assert_eq!(status.data_date.as_deref(), Some("21/11/2026 02:13"));
}

/// Gives many good lines, looks into the directory on the way, then fails.
struct Failing<'a> {
    annuaire: &'a Annuaire,
    sent: io::Cursor<Vec<u8>>,
}

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert_eq!(keys(self.annuaire, "marie martin").len(), 3, "the old data answer during an import");
        match self.sent.read(buffer)? {
            0 => Err(io::Error::new(io::ErrorKind::ConnectionReset, "gone")),
            n => Ok(n),
        }
    }
}

#[test]
fn a_reader_that_fails_in_the_middle_leaves_the_old_data() {
    let annuaire = loaded();
    let good = annuaire.status().unwrap();
    let sent = io::Cursor::new(text().into_bytes());
    let failed = annuaire.import(Failing { annuaire: &annuaire, sent }, NAME, None, &mut go_on);
    assert!(matches!(failed, Err(Error::Io(_))));
    assert_eq!(annuaire.status().unwrap(), good);
}

#[test]
fn cancelling_while_reading_or_indexing_leaves_the_old_data() {
    let folder = tempfile::tempdir().unwrap();
    let annuaire = Annuaire::open(&folder.path().join("annuaire.sqlite")).unwrap();
    let good = annuaire.import_file(&corpus(NAME), &mut go_on).unwrap();
    let whole = text();
    let line = whole.lines().nth(1).unwrap();
    let mut many = format!("{}\n", whole.lines().next().unwrap());
    for n in 0..9000 {
        many.push_str(
            &line.replace("99900000001", &format!("998{n:08}")).replace("marie.martin@", &format!("m{n}@")),
        );
        many.push('\n');
    }
    for phase in [super::super::Phase::Reading, super::super::Phase::Indexing] {
        let cancelled = annuaire.import(many.as_bytes(), NAME, None, &mut |p| {
            assert_eq!(keys(&annuaire, "marie martin").len(), 3);
            p.phase != phase
        });
        assert!(matches!(cancelled, Err(Error::Cancelled)), "{phase:?}");
        assert_eq!(annuaire.status().unwrap(), good);
        assert_eq!(data_files(folder.path()), 1);
    }
    let nested = annuaire.import(many.as_bytes(), NAME, None, &mut |_| {
        assert!(matches!(import(&annuaire, whole.as_bytes()), Err(Error::Busy)));
        true
    });
    assert_eq!(nested.unwrap().people, 9000);
    assert_eq!(data_files(folder.path()), 1, "the replaced data are removed");
}

#[test]
fn data_stay_after_closing_and_other_handles_follow_an_import() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("annuaire.sqlite");
    let first = Annuaire::open(&path).unwrap();
    let second = Annuaire::open(&path).unwrap();
    first.import_file(&corpus(NAME), &mut go_on).unwrap();
    assert_eq!(keys(&second, "marie martin").len(), 3);
    drop((first, second));
    // What an import that was killed leaves.
    std::fs::write(folder.path().join("annuaire.sqlite.data-1"), "half").unwrap();
    let again = Annuaire::open(&path).unwrap();
    assert_eq!(keys(&again, "marie martin").len(), 3);
    assert_eq!(data_files(folder.path()), 1);
}

#[test]
fn damaged_files_are_set_aside_and_the_directory_starts_empty() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("annuaire.sqlite");
    let annuaire = Annuaire::open(&path).unwrap();
    annuaire.import_file(&corpus(NAME), &mut go_on).unwrap();
    drop(annuaire);
    let data = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.to_string_lossy().contains(".data-"))
        .unwrap();
    let length = std::fs::metadata(&data).unwrap().len();
    std::fs::File::options().write(true).open(&data).unwrap().set_len(length / 2).unwrap();
    let annuaire = Annuaire::open(&path).unwrap();
    assert_eq!(annuaire.status().unwrap(), Status::default());
    annuaire.import_file(&corpus(NAME), &mut go_on).unwrap();
    drop(annuaire);
    std::fs::write(&path, vec![b'x'; 8192]).unwrap();
    let annuaire = Annuaire::open(&path).unwrap();
    assert_eq!(annuaire.status().unwrap(), Status::default());
    assert_eq!(annuaire.import_file(&corpus(NAME), &mut go_on).unwrap().people, 30);
}

#[test]
fn the_generators_damaged_sample_is_imported_when_it_is_there() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/annuaire/samples/Extraction_Correspondance_MSSante_synthetique_abime.txt");
    if !sample.exists() {
        return;
    }
    let status = Annuaire::in_memory().unwrap().import_file(&sample, &mut go_on).unwrap();
    assert!(status.mailboxes >= 60, "{status:?}");
    assert!(status.bad_lines > 0);
}
