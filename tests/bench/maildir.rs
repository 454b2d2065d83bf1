//! A full mailbox as a Maildir: sizes as practices have them, a third of the messages with a PDF, every tenth a result in
//! HPRIM.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette::domain::message::MessageKind;
use estafette::mime;

use crate::pdf::written;
use crate::profile::{NOW, corpus};

/// Folders with their share in percent; names as on disk (Maildir++).
const FOLDERS: &[(&str, u64)] = &[("", 60), (".Archives", 30), (".Envoyés", 10)];
/// Bytes of a message without a file, and of a file.
const LETTER: (f64, f64) = (2_500.0, 16_000.0);
const FILE: (f64, f64) = (20_000.0, 400_000.0);

/// Xorshift.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 11) as usize % bound
    }

    /// Each factor between the ends has the same chance.
    fn size(&mut self, (least, most): (f64, f64)) -> usize {
        let part = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (least * (most / least).powf(part)) as usize
    }
}

/// Adds messages numbered from `first` on. The newest has the highest number.
pub(crate) fn fill(dir: &Path, first: u32, count: u32) {
    let (results, letters): (Vec<_>, Vec<_>) =
        corpus(800).iter().map(|m| mime::parse(&m.raw)).partition(|m| m.kind == MessageKind::Hprim);
    let results: Vec<String> = results.into_iter().map(|m| m.text).collect();
    let paragraphs: Vec<String> = letters
        .iter()
        .flat_map(|m| m.text.split("\n\n"))
        .filter(|p| p.len() > 60 && p.len() < 2000)
        .map(str::to_owned)
        .collect();
    for (folder, _) in FOLDERS {
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(dir.join(folder).join(part)).unwrap();
        }
        if !folder.is_empty() {
            fs::File::create(dir.join(folder).join("maildirfolder")).unwrap();
        }
    }
    let mut total = 0;
    for number in first..first + count {
        let mut dice = Dice(u64::from(number) * 0x9E37_79B9 + 1);
        (0..8).for_each(|_| {
            dice.next();
        });
        let date = NOW - 3600 * 24 * 365 + i64::from(number) * 60;
        let raw = message(&mut dice, number, date, &paragraphs, &results);
        total += raw.len();
        let mut share = dice.next() % 100;
        // new mail comes into the inbox
        let folder = if first > 0 { "" } else { folder(&mut share) };
        let path = dir.join(folder).join("cur").join(format!("{date}.M{number}P1.bench:2,S"));
        fs::write(&path, raw).unwrap();
        let received = UNIX_EPOCH + Duration::from_secs(date.unsigned_abs());
        fs::File::options().write(true).open(&path).unwrap().set_modified(received).unwrap();
    }
    println!("{count} messages, {:.2} GB", total as f64 / 1e9);
}

fn folder(share: &mut u64) -> &'static str {
    for (name, part) in FOLDERS {
        if *share < *part {
            return name;
        }
        *share -= part;
    }
    ""
}

fn message(dice: &mut Dice, number: u32, date: i64, paragraphs: &[String], results: &[String]) -> Vec<u8> {
    let date = jiff::Timestamp::from_second(date).unwrap().strftime("%a, %d %b %Y %H:%M:%S +0000");
    let wanted = dice.size(LETTER);
    let mut text = String::new();
    while text.len() < wanted {
        text.push_str(&paragraphs[dice.below(paragraphs.len())]);
        text.push_str("\n\n");
    }
    if number % 10 == 1 {
        text.clone_from(&results[dice.below(results.len())]);
    }
    let text = text.replace('\n', "\r\n");
    let head = format!(
        "Return-Path: <confrere{sender}@medecin.mssante.example>\r\n\
         Received: from smtp.mssante.example by imap.mssante.example with LMTP id {number:08x}; {date}\r\n\
         From: Dr Confrere {sender} <confrere{sender}@medecin.mssante.example>\r\n\
         To: <urgences@ch-vienne.mssante.example>\r\nSubject: Compte rendu {number}\r\nDate: {date}\r\n\
         Message-ID: <{number}.bench@mssante.example>\r\nMIME-Version: 1.0\r\n",
        sender = number % 400,
    );
    let plain = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    if !number.is_multiple_of(3) {
        return format!("{head}{plain}{text}").into_bytes();
    }
    let content = scan(dice, number);
    let encoded = STANDARD.encode(&content);
    let mut raw = format!(
        "{head}Content-Type: multipart/mixed; boundary=\"=-{number}\"\r\n\r\n--=-{number}\r\n{plain}{text}\r\n\
         --=-{number}\r\nContent-Type: application/pdf; name=\"cr-{number}.pdf\"\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"cr-{number}.pdf\"\r\n\r\n"
    )
    .into_bytes();
    for line in encoded.as_bytes().chunks(76) {
        raw.extend_from_slice(line);
        raw.extend_from_slice(b"\r\n");
    }
    raw.extend_from_slice(format!("--=-{number}--\r\n").as_bytes());
    raw
}

/// A PDF of one page: a line of text over a picture that fills the file.
fn scan(dice: &mut Dice, number: u32) -> Vec<u8> {
    let length = dice.size(FILE);
    let mut picture = Vec::with_capacity(length + 8);
    while picture.len() < length {
        picture.extend_from_slice(&dice.next().wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes());
    }
    let line = format!("BT /F 12 Tf 72 760 Td (Compte rendu {number} numerise) Tj ET");
    let stream = |entries: &str, bytes: &[u8]| {
        let mut object = format!("<<{entries}/Length {}>> stream\n", bytes.len()).into_bytes();
        object.extend_from_slice(bytes);
        object.extend_from_slice(b"\nendstream");
        object
    };
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>\
          /XObject<</P 6 0 R>>>>>>"
            .to_vec(),
        stream("", line.as_bytes()),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
        stream(
            "/Type/XObject/Subtype/Image/Width 1654/Height 2339/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/DCTDecode",
            &picture,
        ),
    ];
    written(&objects)
}
