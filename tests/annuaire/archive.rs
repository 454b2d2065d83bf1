//! Archives that lie about what is in them.

/// An archive of one entry whose table declares this many bytes, in the long form (ZIP64).
pub(crate) fn declaring(name: &str, size: u64, packed: &[u8]) -> Vec<u8> {
    let name = name.as_bytes();
    let (name_length, length) = (name.len() as u16, packed.len() as u64);
    let mut sizes = vec![1, 0, 16, 0];
    sizes.extend(size.to_le_bytes());
    sizes.extend(length.to_le_bytes());
    let entry = |at: &[u8]| {
        let mut out = at.to_vec();
        // version, flags, deflate, time, date, checksum, both sizes in the long form
        out.extend([45, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        out.extend([0xff; 8]);
        out.extend(name_length.to_le_bytes());
        out.extend((sizes.len() as u16).to_le_bytes());
        out
    };
    let mut zip = entry(b"PK\x03\x04");
    zip.extend(name);
    zip.extend(&sizes);
    zip.extend(packed);
    let table = zip.len() as u32;
    zip.extend(entry(b"PK\x01\x02\x2d\x00"));
    zip.extend([0; 14]);
    zip.extend(name);
    zip.extend(&sizes);
    let length = zip.len() as u32 - table;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend(length.to_le_bytes());
    zip.extend(table.to_le_bytes());
    zip.extend([0, 0]);
    zip
}
