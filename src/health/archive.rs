//! ZIP archives from strangers, read in memory: names are labels, sizes are counted, nothing is written.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use zip::ZipArchive;

/// Most entries, and most central records a file may hold before it is opened.
pub(super) const MAX_ENTRIES: usize = 2_000;
/// Most bytes of one entry and of all together, by what comes out of them.
const MAX_ENTRY: u64 = 48 << 20;
pub(super) const MAX_TOTAL: u64 = 96 << 20;
/// Longest name kept, in bytes.
const MAX_NAME: usize = 300;

/// A file of an archive.
pub(super) struct Entry {
    /// Its name with folders, separated by `/`, as written.
    pub(super) name: String,
    /// Content; `None` where it is encrypted, damaged or beyond the limits.
    pub(super) bytes: Option<Vec<u8>>,
}

/// What an archive holds.
#[derive(Default)]
pub(super) struct Archive {
    pub(super) entries: Vec<Entry>,
    /// There was more than the limits allow, or something could not be unpacked.
    pub(super) truncated: bool,
    pub(super) encrypted: bool,
    /// A name leads out of the archive, or an entry is a link.
    pub(super) unsafe_name: bool,
    pub(super) duplicate: bool,
}

/// Names of an archive; the content of those `wanted`, in the order of their names.
pub(super) fn read(bytes: &[u8], wanted: impl Fn(&str) -> bool) -> Option<Archive> {
    // the directory is read whole before its length can be asked for
    let records = bytes.windows(4).filter(|w| *w == b"PK\x01\x02").count();
    if records > 4 * MAX_ENTRIES {
        return None;
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let duplicate = has_duplicates(bytes, usize::try_from(zip.central_directory_start()).ok()?);
    let mut archive = Archive { truncated: zip.len() > MAX_ENTRIES, duplicate, ..Archive::default() };
    let mut left = MAX_TOTAL;
    for index in 0..zip.len().min(MAX_ENTRIES) {
        // an entry whose method is unknown or that needs a password still has a name
        let Ok(raw) = zip.by_index_raw(index) else {
            archive.truncated = true;
            continue;
        };
        let name = raw.name().map(|n| n.replace('\\', "/")).unwrap_or_default();
        let name = name.get(..name.floor_char_boundary(MAX_NAME)).unwrap_or(&name).to_owned();
        archive.encrypted |= raw.encrypted();
        archive.unsafe_name |= leads_out(&name) || raw.is_symlink();
        let (is_dir, usable) = (raw.is_dir(), !raw.encrypted() && !raw.is_symlink());
        let too_long = raw.size() > MAX_ENTRY.min(left);
        drop(raw);
        if is_dir {
            continue;
        }
        let bytes = if usable && wanted(&name) {
            // what says itself that it is too long costs nothing; what is damaged costs all that comes out of it
            let file = if too_long { None } else { zip.by_index(index).ok() };
            let (taken, content) = file.map_or((0, None), |file| unpack(file, MAX_ENTRY.min(left)));
            archive.truncated |= content.is_none();
            left = left.saturating_sub(taken);
            content
        } else {
            None
        };
        archive.entries.push(Entry { name, bytes });
    }
    Some(archive)
}

/// Two records of the central directory have one name: the reader below keeps only one of them.
fn has_duplicates(bytes: &[u8], start: usize) -> bool {
    let mut names = HashSet::new();
    let mut at = start;
    while let Some(record) = bytes.get(at..).filter(|r| r.starts_with(b"PK\x01\x02")) {
        let length = |from: usize| match record.get(from..from + 2) {
            Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
            _ => 0,
        };
        let (name, extra, comment) = (length(28), length(30), length(32));
        if record.get(46..46 + name).is_some_and(|name| !names.insert(name.to_ascii_lowercase())) {
            return true;
        }
        at += 46 + name + extra + comment;
    }
    false
}

/// How many bytes came out, and the whole content; `None` when it is damaged or longer than `most`.
fn unpack(file: impl Read, most: u64) -> (u64, Option<Vec<u8>>) {
    let mut content = Vec::new();
    // a declared size is the sender's word: only what comes out counts
    let whole = file.take(most + 1).read_to_end(&mut content).is_ok();
    let taken = content.len() as u64;
    (taken, (whole && taken <= most).then_some(content))
}

fn leads_out(name: &str) -> bool {
    name.starts_with('/')
        || name.split('/').any(|part| part == "..")
        || name.as_bytes().get(1) == Some(&b':')
        || name.contains('\0')
}
