//! Archives whole, cut, altered, and written to by two.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

fn key(byte: u8) -> StoreKey {
    StoreKey::new([byte; 32])
}

fn source(number: usize) -> Vec<u8> {
    // not all of it shrinks
    let noise: String = (0..4_000).map(|n| char::from(b'a' + ((n * n * (number + 7)) % 23) as u8)).collect();
    format!("Message-ID: <{number}@example.fr>\r\nSubject: {number}\r\n\r\n{noise}\r\n").into_bytes()
}

fn entry(number: usize, raw: &[u8]) -> Entry {
    Entry {
        digest: hex(&digest_of(raw)),
        account: "anne.leroy@example.mssante.fr".to_owned(),
        folder: "INBOX".to_owned(),
        date: 1_790_000_000 + number as i64,
        flags: Flags { seen: true, ..Flags::default() },
        from: "Dr Marie MARTIN".to_owned(),
        subject: format!("Compte rendu {number}"),
    }
}

/// Adds messages as one run does; answers what is in the archive then.
fn add(archive: &Archive, numbers: std::ops::Range<usize>) -> Summary {
    let before = archive.read::<Error>(|_| Ok(())).unwrap();
    let mut writer = archive.writer(&before).unwrap();
    for number in numbers {
        let raw = source(number);
        writer.add(&entry(number, &raw), &raw).unwrap();
    }
    writer.finish().unwrap();
    archive.verify_after::<Error>(before, |_| Ok(())).unwrap()
}

fn all(archive: &Archive) -> Result<Vec<(Entry, Vec<u8>)>> {
    let mut found = Vec::new();
    archive.read(|stored| {
        found.push((stored.entry, stored.raw));
        Ok::<(), Error>(())
    })?;
    Ok(found)
}

fn salvaged(archive: &Archive) -> (usize, Vec<Error>) {
    let mut count = 0;
    let counted = archive.salvage(|_| {
        count += 1;
        Ok::<(), Error>(())
    });
    (count, counted.unwrap().1)
}

#[test]
fn messages_come_back_as_they_were_from_several_runs() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::new(dir.path(), key(1));
    assert!(all(&archive).unwrap().is_empty(), "an empty folder is an empty archive");
    assert_eq!(add(&archive, 0..300).messages, 300);
    let first = std::fs::read(archive.path(1)).unwrap();
    let second = add(&archive, 300..320);
    assert_eq!((second.messages, second.segments), (320, 2));
    assert_eq!(std::fs::read(archive.path(1)).unwrap(), first, "what was written is never changed");
    let found = all(&archive).unwrap();
    assert_eq!(found.len(), 320);
    for (number, (described, raw)) in found.iter().enumerate() {
        assert_eq!((described, raw.as_slice()), (&entry(number, raw), source(number).as_slice()));
    }
    for number in [0, 299, 310] {
        let (raw, segment) = (source(number), if number < 300 { 1 } else { 2 });
        assert_eq!(archive.source(segment, &digest_of(&raw)).unwrap().as_ref(), Some(&raw));
        assert_eq!(archive.source(3 - segment, &digest_of(&raw)).unwrap(), None);
    }
    assert!(matches!(archive.source(3, &[0; 32]), Err(Error::Missing { segment: 3 })));
    // nothing to add makes no segment
    assert_eq!(add(&archive, 0..0).segments, 2);
    let text = std::fs::read(archive.path(2)).unwrap();
    for secret in ["Subject", "MARTIN", "leroy", "INBOX"] {
        assert!(!text.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret} can be read");
    }
}

#[test]
fn another_key_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    add(&Archive::new(dir.path(), key(1)), 0..3);
    assert!(matches!(all(&Archive::new(dir.path(), key(2))), Err(Error::Altered { segment: 1 })));
}

#[test]
fn a_cut_segment_is_told_wherever_it_was_cut_and_its_beginning_saved() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::new(dir.path(), key(1));
    // pieces of a megabyte: three of them
    add(&archive, 0..600);
    add(&archive, 600..601);
    let whole = std::fs::read(archive.path(1)).unwrap();
    let mut saved = Vec::new();
    for length in (0..whole.len()).step_by(whole.len() / 40) {
        std::fs::write(archive.path(1), &whole[..length]).unwrap();
        assert!(matches!(all(&archive), Err(Error::Truncated { segment: 1 })), "cut at {length}");
        let (count, wrong) = salvaged(&archive);
        assert!(wrong.iter().any(|e| matches!(e, Error::Truncated { segment: 1 })), "{wrong:?}");
        saved.push(count);
    }
    assert_eq!(saved.first(), Some(&1), "the segment after it is whole");
    assert!(saved.is_sorted() && saved.last().unwrap() > &250, "{saved:?}");
    // cut where a piece ends, before the end mark
    std::fs::write(archive.path(1), &whole[..whole.len() - 36]).unwrap();
    assert!(matches!(all(&archive), Err(Error::Truncated { segment: 1 })));
    std::fs::write(archive.path(1), [whole.as_slice(), b"x"].concat()).unwrap();
    assert!(matches!(all(&archive), Err(Error::Altered { segment: 1 })));
}

#[test]
fn every_altered_byte_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::new(dir.path(), key(1));
    add(&archive, 0..2);
    let whole = std::fs::read(archive.path(1)).unwrap();
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1 << (at % 8);
        std::fs::write(archive.path(1), &altered).unwrap();
        let told = all(&archive);
        assert!(
            matches!(told, Err(Error::Altered { .. } | Error::Truncated { .. } | Error::Newer { .. })),
            "byte {at}"
        );
    }
}

#[test]
fn segments_that_vanish_change_places_or_come_from_elsewhere_are_told() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let archive = Archive::new(dir.path(), key(1));
    let another = Archive::new(other.path(), key(1));
    for run in 0..3 {
        add(&archive, run * 3..run * 3 + 3);
        add(&another, run * 3..run * 3 + 3);
    }
    let second = std::fs::read(archive.path(2)).unwrap();
    std::fs::remove_file(archive.path(2)).unwrap();
    assert!(matches!(all(&archive), Err(Error::Missing { segment: 2 })));
    let (count, wrong) = salvaged(&archive);
    assert_eq!(count, 6);
    assert!(matches!(wrong.first(), Some(Error::Missing { segment: 2 })));
    // one of the same key, but of another history
    std::fs::copy(another.path(2), archive.path(2)).unwrap();
    assert!(matches!(all(&archive), Err(Error::Altered { segment: 2 })));
    std::fs::write(archive.path(2), &second).unwrap();
    assert_eq!(all(&archive).unwrap().len(), 9);
    std::fs::copy(archive.path(2), archive.path(3)).unwrap();
    assert!(matches!(all(&archive), Err(Error::Altered { segment: 3 })));
}

#[test]
fn a_run_that_is_cut_short_leaves_the_archive_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::new(dir.path(), key(1));
    add(&archive, 0..5);
    let before = archive.read::<Error>(|_| Ok(())).unwrap();
    let mut writer = archive.writer(&before).unwrap();
    let raw = source(9);
    writer.add(&entry(9, &raw), &raw).unwrap();
    // as a killed program leaves it
    std::mem::forget(writer);
    std::fs::write(dir.path().join(format!("{PART}left")), b"half").unwrap();
    assert_eq!(all(&archive).unwrap().len(), 5);
    assert_eq!(add(&archive, 5..6).messages, 6);
    let parts = std::fs::read_dir(dir.path()).unwrap();
    let names: Vec<String> = parts.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert!(names.iter().all(|name| !name.starts_with(PART)), "{names:?}");
}

#[test]
fn two_who_write_at_once_do_not_overwrite_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::new(dir.path(), key(1));
    let before = archive.read::<Error>(|_| Ok(())).unwrap();
    let raw = source(1);
    let mut one = archive.writer(&before).unwrap();
    let mut other = archive.writer(&before).unwrap();
    one.add(&entry(1, &raw), &raw).unwrap();
    // the second takes the first's unfinished file for one that was left behind: it may not finish either
    let done = [other.add(&entry(1, &raw), &raw).and_then(|()| other.finish()), one.finish()];
    assert!(done.iter().any(Result::is_ok) && done.iter().any(Result::is_err), "{done:?}");
    assert_eq!(all(&archive).unwrap().len(), 1);
    assert!(matches!(archive.writer(&before), Err(Error::Busy)));
}
