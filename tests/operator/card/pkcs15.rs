//! DER writers for the PKCS#15 directory files of the card.

pub fn tlv(tag: &[u8], value: &[u8]) -> Vec<u8> {
    let mut out = tag.to_vec();
    let length = value.len().to_be_bytes();
    match value.len() {
        0..0x80 => out.push(length[7]),
        0x80..0x100 => out.extend([0x81, length[7]]),
        _ => out.extend([0x82, length[6], length[7]]),
    }
    out.extend_from_slice(value);
    out
}

pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(&[0x30], &parts.concat())
}

/// Constructed context tag.
pub fn context(number: u8, value: &[u8]) -> Vec<u8> {
    tlv(&[0xA0 | number], value)
}

fn text(s: &str) -> Vec<u8> {
    tlv(&[0x0C], s.as_bytes())
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(&[0x04], bytes)
}

fn integer(tag: u8, value: u32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let skip = bytes.iter().take(3).take_while(|b| **b == 0).count();
    let mut bytes = bytes[skip..].to_vec();
    if bytes[0] & 0x80 != 0 {
        bytes.insert(0, 0);
    }
    tlv(&[tag], &bytes)
}

/// BIT STRING from bit numbers (bit 0 is the most significant), trailing zero bits dropped.
fn bits(set: &[u8]) -> Vec<u8> {
    let Some(max) = set.iter().max() else { return tlv(&[3], &[0]) };
    let mut bytes = vec![0u8; usize::from(*max) / 8 + 2];
    bytes[0] = 7 - max % 8;
    for bit in set {
        bytes[1 + usize::from(*bit) / 8] |= 0x80 >> (bit % 8);
    }
    tlv(&[3], &bytes)
}

fn path(bytes: &[u8]) -> Vec<u8> {
    sequence(&[octets(bytes)])
}

/// CommonObjectAttributes: label, flags, and the PIN that guards the object.
fn attributes(label: &str, flags: &[u8], pin: Option<u8>) -> Vec<u8> {
    let mut parts = vec![text(label), bits(flags)];
    parts.extend(pin.map(|id| octets(&[id])));
    sequence(&parts)
}

/// EF.ODF: where the directory files are.
pub fn object_directory(app: &[u8]) -> Vec<u8> {
    let file = |number, id: [u8; 2]| context(number, &path(&[app, &id].concat()));
    [file(8, [0x70, 0x05]), file(0, [0x70, 0x01]), file(4, [0x70, 0x02]), file(7, [0x70, 0x03])].concat()
}

pub fn token_info(label: &str, serial: &[u8]) -> Vec<u8> {
    let algorithm = |number, mechanism, operation, oid: &[u8], reference| {
        sequence(&[
            integer(2, number),
            integer(2, mechanism),
            tlv(&[5], &[]),
            bits(&[operation]),
            tlv(&[6], oid),
            integer(2, reference),
        ])
    };
    let rsa = |n: u8| [&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01][..], &[n]].concat();
    let algorithms = [
        algorithm(1, 0x220, 6, &[0x2B, 0x0E, 0x03, 0x02, 0x1A], 0x10), // SHA-1
        algorithm(2, 0x250, 6, &[0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, 1], 0x40), // SHA-256
        algorithm(3, 0x06, 1, &rsa(5), 0x12),
        algorithm(4, 0x40, 1, &rsa(11), 0x42),
        algorithm(5, 0x01, 1, &rsa(1), 0x02), // CKM_RSA_PKCS, client/server authentication
        algorithm(6, 0x01, 5, &rsa(1), 0x1A), // CKM_RSA_PKCS, decipher
    ]
    .concat();
    sequence(&[
        integer(2, 0),
        octets(serial),
        text("ASIP Sante (virtuel)"),
        tlv(&[0x80], label.as_bytes()),
        bits(&[1, 2]), // loginRequired, prnGeneration
        context(2, &algorithms),
    ])
}

pub struct KeyEntry<'a> {
    pub label: &'a str,
    pub certificate_label: &'a str,
    pub id: &'a [u8],
    pub reference: u8,
    pub usage: &'a [u8],
    pub certificate_path: Vec<u8>,
}

pub fn private_keys(app: &[u8], keys: &[KeyEntry<'_>]) -> Vec<u8> {
    let entry = |k: &KeyEntry<'_>| {
        sequence(&[
            attributes(k.label, &[0], Some(1)),
            sequence(&[octets(k.id), bits(k.usage), bits(&[0, 2, 3, 4]), integer(2, k.reference.into())]),
            context(1, &sequence(&[path(app), integer(2, 2048)])),
        ])
    };
    keys.iter().flat_map(entry).collect()
}

pub fn certificates(keys: &[KeyEntry<'_>]) -> Vec<u8> {
    let entry = |k: &KeyEntry<'_>| {
        sequence(&[
            attributes(k.certificate_label, &[], None),
            sequence(&[octets(k.id)]),
            context(1, &sequence(&[path(&k.certificate_path)])),
        ])
    };
    keys.iter().flat_map(entry).collect()
}

/// Data objects: label, path, and whether the PIN guards them.
pub fn data_objects(objects: &[(&str, Vec<u8>, bool)]) -> Vec<u8> {
    let entry = |(label, at, private): &(&str, Vec<u8>, bool)| {
        let common = if *private { attributes(label, &[0], Some(1)) } else { attributes(label, &[], None) };
        sequence(&[common, sequence(&[text("CPS")]), context(1, &path(at))])
    };
    objects.iter().flat_map(entry).collect()
}

/// The PIN, four digits, reference 1 at the MF; and the code of eight that unblocks it where it is listed.
pub fn authentication_objects(lists_unblocking: bool) -> Vec<u8> {
    let object = |label: &str, id: u8, guard: Option<u8>, flags: &[u8], digits: u32| {
        sequence(&[
            attributes(label, &[0, 1], guard),
            sequence(&[octets(&[id])]),
            context(
                1,
                &sequence(&[
                    bits(flags),
                    integer(0x0A, 1), // ascii-numeric
                    integer(2, digits),
                    integer(2, digits),
                    integer(2, digits),
                    integer(0x80, id.into()),
                    path(&[0x3F, 0x00]),
                ]),
            ),
        ])
    };
    // case-sensitive, initialized; unblockingPin
    let pin = object("Code porteur", 1, lists_unblocking.then_some(2), &[0, 4], 4);
    let unblocking = object("Code de déblocage", 2, None, &[0, 4, 6], 8);
    if lists_unblocking { [pin, unblocking].concat() } else { pin }
}
