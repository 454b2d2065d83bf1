//! The files of a CPS3 in contact mode.
//!
//! Made up, because the document is not public: identifiers of the directories and data files, the contents of
//! `CPS_INFO_PS` and `CPS_ACTIVITY_01_PS`, the exact access rules.

use std::collections::BTreeMap;

use super::pkcs15::{self, KeyEntry, tlv};

/// Application identifier of the CPS3, contact mode.
pub const AID: [u8; 13] = [0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x10];
/// Path of the root.
pub const MF: [u8; 2] = [0x3F, 0x00];
/// Path of the application.
pub const APP: [u8; 4] = [0x3F, 0x00, 0x00, 0x01];

/// A file: a folder, or bytes.
pub struct File {
    pub folder: bool,
    /// Short file identifier, 0 for none.
    pub short: u8,
    /// Readable only after the PIN.
    pub private: bool,
    pub data: Vec<u8>,
}

/// Files by absolute path.
pub type Files = BTreeMap<Vec<u8>, File>;

fn app(id: [u8; 2]) -> Vec<u8> {
    [&APP[..], &id].concat()
}

fn root(id: [u8; 2]) -> Vec<u8> {
    [&MF[..], &id].concat()
}

/// All files of a card with these certificates (DER) and this number.
pub fn build(
    auth_certificate: Vec<u8>,
    sign_certificate: Vec<u8>,
    serial: [u8; 5],
    lists_unblocking: bool,
) -> Files {
    let mut files = Files::new();
    let mut put = |path: Vec<u8>, short, private, data| {
        files.insert(path, File { folder: false, short, private, data });
    };
    let digits: String = serial.iter().map(|b| format!("{b:02X}")).collect();
    let keys = keys();
    let directory = [tlv(&[0x4F], &AID), tlv(&[0x50], b"CPS IAS"), tlv(&[0x51], &APP)].concat();
    put(root([0x2F, 0x00]), 0x1E, false, tlv(&[0x61], &directory));
    put(root([0x2F, 0x01]), 0x1D, false, card_features());
    put(root([0xD0, 0x03]), 0x1C, false, tlv(&[0x5A], &[&[0x80, 0x25, 0, 0, 1][..], &serial].concat()));
    put(app([0x50, 0x31]), 0, false, pkcs15::object_directory(&APP));
    put(app([0x50, 0x32]), 0, false, pkcs15::token_info(&format!("CPS3v3-{digits}"), &serial));
    put(app([0x70, 0x01]), 0, false, pkcs15::private_keys(&APP, &keys));
    put(app([0x70, 0x02]), 0, false, pkcs15::certificates(&keys));
    let objects =
        [("CPS_INFO_PS", app([0xD1, 0x06]), false), ("CPS_ACTIVITY_01_PS", app([0xD1, 0x20]), true)];
    put(app([0x70, 0x03]), 0, false, pkcs15::data_objects(&objects));
    put(app([0x70, 0x05]), 0, false, pkcs15::authentication_objects(lists_unblocking));
    put(app([0xD1, 0x06]), 0, false, tlv(&[0xEE], &tlv(&[0x84], b"SM26")));
    let activity =
        [tlv(&[0x84], b"CABINET TEST"), tlv(&[0x85], b"499700000000001"), tlv(&[0x86], b"SA07")].concat();
    put(app([0xD1, 0x20]), 0, true, tlv(&[0xEE], &activity));
    put(app([0xB0, 0x01]), 0, false, sign_certificate);
    put(app([0xB0, 0x02]), 0, false, auth_certificate);
    for path in [&MF[..], &APP] {
        files.insert(path.to_vec(), File { folder: true, short: 0, private: false, data: vec![] });
    }
    files
}

/// EF.ATR of the root.
fn card_features() -> Vec<u8> {
    let features = [
        tlv(&[0x43], &[0xB8]),
        tlv(&[0x46], &[0x04, 0xB0, 0xEC, 0xC1]),
        tlv(&[0x47], &[0x94, 0x01, 0x80]),
        tlv(&[0xE0], &[2, 2, 1, 4, 2, 2, 0, 0xE6, 2, 2, 1, 0, 2, 2, 0, 0xE6]),
        tlv(&[0x82], &[0x90, 0x00]),
    ];
    [vec![0x80], features.concat()].concat()
}

fn keys() -> [KeyEntry<'static>; 2] {
    [
        KeyEntry {
            label: "CPS_PRIV_SIG",
            certificate_label: "Certificat de Signature CPS",
            id: &[0xE8, 0x28, 0x10, 0x10],
            reference: 0x81,
            usage: &[2, 9], // sign, nonRepudiation
            certificate_path: app([0xB0, 0x01]),
        },
        KeyEntry {
            label: "CPS_PRIV_AUT",
            certificate_label: "Certificat d'Authentification CPS",
            id: &[0xE8, 0x28, 0x10, 0x20],
            reference: 0x82,
            usage: &[1, 2, 5], // decrypt, sign, unwrap
            certificate_path: app([0xB0, 0x02]),
        },
    ]
}
