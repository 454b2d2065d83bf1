//! Random input for the framer and every reader: whatever comes, an answer or a typed refusal, never a panic.

use super::{fetch, line, list, my_rights, namespaces, quota, search, status, status_line};
use crate::imap::UidRange;
use crate::imap::guard::{Bounds, Framer, Response};
use crate::imap::mailbox::{decode_name, encode_name};

/// xorshift: the same bytes in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

pub(crate) const PIECES: &[&[u8]] = &[
    b"* ",
    b"1 ",
    b"FETCH ",
    b"(",
    b")",
    b"\"",
    b"\\",
    b"{3}\r\n",
    b"{0}\r\n",
    b"{99999}\r\n",
    b"\r\n",
    b"UID 5",
    b"FLAGS ",
    b"\\Seen",
    b"BODY[] ",
    b"BODY[HEADER",
    b"]",
    b"<0>",
    b"INTERNALDATE ",
    b"\"1-Jan-2020 10:00:00 +0100\"",
    b"NIL",
    b"MODSEQ (7)",
    b"SEARCH ",
    b"ESEARCH ",
    b"ALL 1:3,",
    b"4294967295",
    b":*",
    b"LIST ",
    b"STATUS ",
    b"QUOTA ",
    b"NAMESPACE ",
    b"VANISHED ",
    b"OK [",
    b"A1 ",
    b"+ ",
    b"&AOk-",
    b"&",
    b"-",
    b"\xe9",
    b"\xf0\x9f",
    b"\0",
    b"~{2}\r\n",
    b"abc",
    b" ",
    b"((((((",
    b"STORAGE 1 2",
];

fn read_all(response: &Response) {
    let copy = || Response { text: response.text.clone(), literals: response.literals.clone() };
    let _ = line(&response.text);
    let _ = status_line(&response.text);
    let _ = fetch(&mut copy());
    let _ = list(&mut copy());
    let _ = namespaces(&mut copy());
    let _ = my_rights(&mut copy());
    let _ = status(&mut copy());
    let _ = quota(&mut copy());
    let _ = search(&mut copy(), 1000, &mut Vec::new());
    let _ = UidRange::parse_set(&response.text);
    let _ = decode_name(&response.text, Some(b'/'));
}

#[test]
fn random_pieces_of_protocol_never_panic() {
    let mut random = Random(0x5eed_0001);
    for _ in 0..20_000 {
        let count = 1 + random.below(24);
        let input: Vec<u8> =
            (0..count).flat_map(|_| PIECES[random.below(PIECES.len())].iter().copied()).collect();
        let mut framer = Framer::new(Bounds { line: 400, literal: 64, depth: 8 });
        let mut rest = input.as_slice();
        while !rest.is_empty() {
            let step = 1 + random.below(rest.len());
            let Ok((used, response)) = framer.push(&rest[..step]) else { break };
            assert!(used > 0 && used <= step);
            if let Some(response) = response {
                read_all(&response);
            }
            rest = &rest[used..];
        }
        read_all(&Response { text: input, literals: vec![b"abc".to_vec()] });
    }
}

#[test]
fn random_bytes_never_panic() {
    let mut random = Random(0x5eed_0002);
    for _ in 0..5_000 {
        let text: Vec<u8> = (0..random.below(200)).map(|_| random.next() as u8).collect();
        read_all(&Response { text, literals: vec![] });
    }
}

#[test]
fn every_folder_name_survives_encoding() {
    let mut random = Random(0x5eed_0003);
    for _ in 0..5_000 {
        let name: String = (0..random.below(12))
            .map(|_| match random.below(4) {
                0 => char::from(b' ' + random.below(95) as u8),
                1 => ['é', 'É', 'œ', '&', '–'][random.below(5)],
                2 => char::from_u32(0x1F300 + random.below(500) as u32).unwrap_or('x'),
                _ => char::from(b'a' + random.below(26) as u8),
            })
            .filter(|c| *c != '/')
            .collect();
        assert_eq!(decode_name(&encode_name(&name), Some(b'/')), name);
    }
}
