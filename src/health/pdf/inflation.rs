//! Streams of a PDF that swell: a few bytes that unpack to more than a machine has. The library unpacks a stream whole
//! before anything can stop it, so each is unpacked here first, counted and thrown away.

use std::io::{self, Read, Write};

use flate2::read::{DeflateDecoder, ZlibDecoder};
use memchr::memmem;
use weezl::decode::Configuration;
use weezl::{BitOrder, LzwStatus};

use super::Patience;

/// Most bytes of one stream: a page scanned in colour at 300 dots an inch, or in grey at 600, is smaller.
pub(super) const MOST: u64 = 48 << 20;
/// Most bytes of a packed stream that is encrypted: a thousand times as much comes out of it at worst.
const MOST_ENCRYPTED: usize = 512 << 10;
/// Packings in one another that are looked through where a stream hides which they are.
const DEPTH: usize = 3;
/// Of what came out of one packing, the bytes that are tried for the next; of the last, those that are looked through.
const KEPT: usize = 8 << 20;
const LOOKED_AT: usize = 256 << 10;
/// Before its body a stream has this word and the end of a line (ISO 32000-1 §7.3.8.1).
const MARK: &[u8] = b"stream";
/// Bytes before the word in which its dictionary is looked for.
const HEAD: usize = 2_000;
/// Digits of the number of columns or colours of a row that nobody has: the library makes room for one row at once.
const TOO_WIDE: usize = 7;

/// One of its streams unpacks to more than `most` bytes, or they are more than there is patience to count.
pub(super) fn swells(pdf: &[u8], most: u64, patience: Patience<'_>) -> bool {
    if is_too_wide(pdf) {
        return true;
    }
    let is_encrypted = is_encrypted(pdf);
    let mut at = 0;
    while let Some(found) = pdf.get(at..).and_then(|rest| memmem::find(rest, MARK)) {
        let head = pdf.get((at + found).saturating_sub(HEAD)..at + found).unwrap_or_default();
        at += found + MARK.len();
        // not its end, nor a part of another word
        if !head.last().is_some_and(|b| *b == b'>' || b.is_ascii_whitespace() || *b == 0) {
            continue;
        }
        let Some(body) = pdf.get(at..) else { break };
        let body = match body {
            [b'\r', b'\n', rest @ ..] => rest,
            [b'\n' | b'\r', rest @ ..] => rest,
            _ => continue,
        };
        let known = packings(head);
        let counted = match &known {
            Some(known) => unpacked(body, most, known),
            None => unpacked(body, most, &[ANY.as_slice(); DEPTH]),
        };
        let swells = counted > most || (is_encrypted && may_swell(known.as_deref(), dictionary(head), body));
        if swells || patience.is_over() {
            return true;
        }
    }
    false
}

/// The file is encrypted, if only with the password that is none.
fn is_encrypted(pdf: &[u8]) -> bool {
    const NAME: &[u8] = b"Encrypt";
    // letters of a name may be written as numbers
    let longest = 1 + 3 * NAME.len();
    memmem::find_iter(pdf, b"/").any(|at| {
        let name = pdf.get(at + 1..).unwrap_or_default();
        let mut rest = name.get(..longest.min(name.len())).unwrap_or_default();
        NAME.iter().all(|letter| {
            let (read, length) = match rest {
                [b'#', high, low, ..] => {
                    let digit = |b: &u8| char::from(*b).to_digit(16).unwrap_or(16);
                    (digit(high) * 16 + digit(low), 3)
                }
                [byte, ..] => (u32::from(*byte), 1),
                [] => return false,
            };
            rest = rest.get(length..).unwrap_or_default();
            read == u32::from(*letter)
        })
    })
}

/// What an encrypted stream unpacks to cannot be counted before the library has it: one that is long for a page or a
/// font, is packed twice, or does not say how, is not unpacked at all.
fn may_swell(packings: Option<&[&[Way]]>, dictionary: Option<&[u8]>, body: &[u8]) -> bool {
    const KEY: &[u8] = b"/Length";
    const END: &[u8] = b"endstream";
    let (Some(packings), Some(dictionary)) = (packings, dictionary) else { return true };
    // not the longer names of fonts, such as Length1
    let is_whole = |at: &usize| dictionary.get(at + KEY.len()).is_some_and(|b| !b.is_ascii_alphanumeric());
    let mut keys = memmem::find_iter(dictionary, KEY).filter(is_whole);
    let told = keys.next().filter(|_| keys.next().is_none()).and_then(|at| {
        let value = dictionary.get(at + KEY.len()..)?.trim_ascii_start();
        let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
        // not the number of another object, in which the length stands
        let is_direct = value.get(digits..)?.trim_ascii_start().first().is_none_or(|b| !b.is_ascii_digit());
        let length: usize = std::str::from_utf8(value.get(..digits)?).ok()?.parse().ok()?;
        is_direct.then_some(length)
    });
    let length = told.unwrap_or(body.len()).max(memmem::find(body, END).unwrap_or(body.len()));
    packings.len() > 1 || (packings.len() == 1 && length > MOST_ENCRYPTED)
}

/// A way to unpack: from the bytes into what counts them.
type Way = fn(&[u8], &mut Counter) -> io::Result<()>;

/// Every way there is. What is not packed in one ends it within a few bytes, but for runs of bytes.
const ANY: [Way; 6] = [inflated, lzw_early, lzw_late, from_hexadecimal, from_ascii85, repeated];

/// How the stream says that it is packed, outermost first, each with the ways that may be meant; up to a picture, which
/// is drawn and not unpacked. `None` where its dictionary could be read in another way than as these words.
fn packings(head: &[u8]) -> Option<Vec<&'static [Way]>> {
    const KEY: &[u8] = b"/Filter";
    let dictionary = dictionary(head)?;
    let is_name = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric());
    if !memmem::find_iter(dictionary, b"/F").all(|at| is_name(dictionary.get(at + 2))) {
        // the short name of the key
        return None;
    }
    let mut keys = memmem::find_iter(dictionary, KEY);
    let Some(key) = keys.next() else { return Some(Vec::new()) };
    if keys.next().is_some() {
        return None;
    }
    let value = dictionary.get(key + KEY.len()..)?.trim_ascii_start();
    let names = match value {
        [b'/', ..] => {
            let length = value.iter().skip(1).take_while(|b| b.is_ascii_alphanumeric()).count();
            value.get(1..=length)?
        }
        [b'[', rest @ ..] => rest.get(..memchr::memchr(b']', rest)?)?,
        _ => return None,
    };
    let mut packings: Vec<&[Way]> = Vec::new();
    for name in names.split(|b| *b == b'/').map(<[u8]>::trim_ascii).filter(|name| !name.is_empty()) {
        packings.push(match name {
            b"FlateDecode" | b"Fl" => &[inflated],
            b"LZWDecode" | b"LZW" => &[lzw_early, lzw_late],
            b"ASCIIHexDecode" | b"AHx" => &[from_hexadecimal],
            b"ASCII85Decode" | b"A85" => &[from_ascii85],
            b"RunLengthDecode" | b"RL" => &[repeated],
            b"DCTDecode" | b"DCT" | b"JPXDecode" | b"JBIG2Decode" | b"CCITTFaxDecode" | b"CCF" => break,
            _ => return None,
        });
    }
    (packings.len() <= DEPTH).then_some(packings)
}

/// The dictionary that ends where the stream begins; `None` where it is not certain where it began, because of a text,
/// a comment or a name written in numbers: each can hide brackets or keys.
fn dictionary(head: &[u8]) -> Option<&[u8]> {
    let head = head.trim_ascii_end();
    let (mut depth, mut at) = (0_usize, head.len());
    loop {
        let byte = *head.get(at.checked_sub(1)?)?;
        if matches!(byte, b'(' | b')' | b'%' | b'#') {
            return None;
        }
        if !matches!(byte, b'<' | b'>') {
            at -= 1;
            if depth == 0 {
                return None;
            }
            continue;
        }
        // a single one is of a text in numbers
        let run = head.get(..at)?.iter().rev().take_while(|b| **b == byte).count();
        if run % 2 == 1 {
            return None;
        }
        for _ in 0..run / 2 {
            at -= 2;
            depth = if byte == b'>' { depth + 1 } else { depth.checked_sub(1)? };
            if depth == 0 {
                let before = head.get(..at)?;
                let line = before.get(memchr::memrchr2(b'\r', b'\n', before)?..)?;
                return if line.contains(&b'%') { None } else { head.get(at..) };
            }
        }
    }
}

/// Length of what is packed in these ways, one in another; the longest on the way.
fn unpacked(body: &[u8], most: u64, packings: &[&[Way]]) -> u64 {
    let Some((outermost, inner)) = packings.split_first() else { return 0 };
    let mut longest = 0;
    for way in *outermost {
        let room = if inner.is_empty() { LOOKED_AT } else { KEPT };
        let mut counter = Counter { length: 0, most, kept: Vec::new(), room };
        // what comes out before an error is what the library has in its hands, too
        let _ = way(body, &mut counter);
        longest = longest.max(counter.length);
        if is_too_wide(&counter.kept) {
            return u64::MAX;
        }
        if longest <= most && !counter.kept.is_empty() {
            longest = longest.max(unpacked(&counter.kept, most, inner));
        }
        if longest > most {
            break;
        }
    }
    longest
}

/// Counts what is written, keeps its begin, and ends what writes too much.
struct Counter {
    length: u64,
    most: u64,
    kept: Vec<u8>,
    room: usize,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.length += bytes.len() as u64;
        let kept = bytes.len().min(self.room - self.kept.len());
        self.kept.extend_from_slice(bytes.get(..kept).unwrap_or_default());
        if self.length > self.most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn inflated(body: &[u8], out: &mut Counter) -> io::Result<()> {
    let mut decoder: Box<dyn Read + '_> =
        if is_zlib(body) { Box::new(ZlibDecoder::new(body)) } else { Box::new(DeflateDecoder::new(body)) };
    io::copy(&mut decoder, out).map(|_| ())
}

fn lzw_early(body: &[u8], out: &mut Counter) -> io::Result<()> {
    lzw(&Configuration::with_tiff_size_switch(BitOrder::Msb, 8), body, out)
}

fn lzw_late(body: &[u8], out: &mut Counter) -> io::Result<()> {
    lzw(&Configuration::new(BitOrder::Msb, 8), body, out)
}

/// Codes grow a bit one code early or not (§7.4.4.3, EarlyChange).
fn lzw(how: &Configuration, body: &[u8], out: &mut Counter) -> io::Result<()> {
    let mut decoder = how.clone().build();
    let (mut rest, mut block) = (body, [0; 8192]);
    loop {
        let done = decoder.decode_bytes(rest, &mut block);
        out.write_all(block.get(..done.consumed_out).unwrap_or_default())?;
        rest = rest.get(done.consumed_in..).unwrap_or_default();
        match done.status {
            Ok(LzwStatus::Ok) if done.consumed_in + done.consumed_out > 0 => {}
            _ => return Ok(()),
        }
    }
}

/// §7.4.5: a length, then the bytes, or one byte to repeat.
fn repeated(mut body: &[u8], out: &mut Counter) -> io::Result<()> {
    while let [length @ (..=127 | 129..), first, rest @ ..] = body {
        if *length < 128 {
            let run = body.get(1..).unwrap_or_default();
            let run = run.get(..usize::from(*length) + 1).unwrap_or(run);
            out.write_all(run)?;
            body = body.get(1 + run.len()..).unwrap_or_default();
        } else {
            out.write_all([*first; 128].get(..257 - usize::from(*length)).unwrap_or_default())?;
            body = rest;
        }
    }
    Ok(())
}

/// §7.4.2: digits in pairs up to `>`.
fn from_hexadecimal(body: &[u8], out: &mut Counter) -> io::Result<()> {
    let mut before = None;
    for letter in body.iter().filter(|b| !b.is_ascii_whitespace()) {
        let Some(digit) = char::from(*letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok()) else {
            break;
        };
        match before.take() {
            Some(high) => out.write_all(&[high << 4 | digit])?,
            None => before = Some(digit),
        }
    }
    Ok(())
}

/// §7.4.3: four bytes in five letters, or four zeros in a `z`, up to `~>`.
fn from_ascii85(body: &[u8], out: &mut Counter) -> io::Result<()> {
    let (mut group, mut value) = (0, 0_u32);
    for letter in body.iter().filter(|b| !b.is_ascii_whitespace()) {
        match letter {
            b'z' if group == 0 => out.write_all(&[0; 4])?,
            b'!'..=b'u' => {
                value = value.wrapping_mul(85).wrapping_add(u32::from(letter - b'!'));
                group += 1;
            }
            _ => break,
        }
        if group == 5 {
            out.write_all(&value.to_be_bytes())?;
            (group, value) = (0, 0);
        }
    }
    // what is left of a group is filled up
    let rest = (group..5).fold(value, |value, _| value.wrapping_mul(85).wrapping_add(84)).to_be_bytes();
    out.write_all(rest.get(..usize::saturating_sub(group, 1)).unwrap_or_default())
}

/// Says that a row has more columns or colours than fit any paper (§7.4.4.4).
fn is_too_wide(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"/Col").any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(rest) = rest.strip_prefix(b"/Columns").or_else(|| rest.strip_prefix(b"/Colors")) else {
            return false;
        };
        let rest = rest.iter().take(HEAD);
        let number = rest.skip_while(|b| matches!(b, b'+' | b'0') || b.is_ascii_whitespace());
        number.take_while(|b| b.is_ascii_digit()).count() >= TOO_WIDE
    })
}

/// The two bytes before packed data (RFC 1950 §2.2).
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..]
        if method & 0x0F == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, ZlibEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn pdf(end_of_line: &[u8], stream: &[u8]) -> Vec<u8> {
        let head = b"%PDF-1.4\n1 0 obj<</Filter/FlateDecode>>stream";
        [head, end_of_line, stream, b"\nendstream endobj\ntrailer<<>>"].concat()
    }

    #[test]
    fn a_stream_that_unpacks_to_too_much_is_found_however_it_is_packed() {
        let is_over = || false;
        let swells = |pdf: &[u8]| swells(pdf, 200_000, Patience::new(&is_over));
        let small = vec![b'q'; 200_000];
        let large = vec![0; 200_001];
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
        raw.write_all(&large).unwrap();
        let raw = raw.finish().unwrap();
        for end_of_line in [b"\n".as_slice(), b"\r\n", b"\r"] {
            assert!(!swells(&pdf(end_of_line, &packed(&small))));
            assert!(swells(&pdf(end_of_line, &packed(&large))));
        }
        assert!(swells(&pdf(b"\n", &raw)), "without the two bytes before");
        let twice = pdf(b"\n", &packed(&packed(&large)));
        assert!(!swells(&twice), "its content is not unpacked");
        let told_twice =
            String::from_utf8_lossy(&twice[..40]).replace("/FlateDecode", "[/Fl/Fl]").into_bytes();
        assert!(swells(&[&told_twice, &twice[40..]].concat()), "packed twice");
        assert!(swells(&[pdf(b"\n", &packed(&small)), pdf(b"\n", &packed(&large))].concat()));
        assert!(!swells(b"%PDF-1.4\nstream") && !swells(b"") && !swells(&pdf(b"\n", b"q 1 0 0 1 0 0 cm")));
        assert!(super::swells(&pdf(b"\n", b"q"), 200_000, Patience::new(&|| true)), "no patience left");
    }

    fn lzw(bytes: &[u8], early: bool) -> Vec<u8> {
        let mut encoder = if early {
            weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
        } else {
            weezl::encode::Encoder::new(BitOrder::Msb, 8)
        };
        encoder.encode(bytes).unwrap()
    }

    fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
        bytes.iter().flat_map(|b| format!("{b:02x}").into_bytes()).chain(*b">").collect()
    }

    fn ascii85(bytes: &[u8]) -> Vec<u8> {
        let digits = |four: &[u8]| {
            let mut whole = [0; 4];
            whole[..four.len()].copy_from_slice(four);
            let mut value = u32::from_be_bytes(whole);
            let mut digits = [0; 5];
            for digit in digits.iter_mut().rev() {
                *digit = u8::try_from(value % 85).unwrap() + b'!';
                value /= 85;
            }
            digits[..=four.len()].to_vec()
        };
        bytes.chunks(4).flat_map(digits).chain(*b"~>").collect()
    }

    #[test]
    fn every_way_of_packing_is_counted_alone_and_one_in_another() {
        let is_over = || false;
        let with = |dictionary: &str, stream: &[u8]| {
            let head = format!("%PDF-1.4\n1 0 obj 1 endobj 2 0 obj<<{dictionary}>>stream\n");
            swells(&[head.as_bytes(), stream].concat(), 200_000, Patience::new(&is_over))
        };
        let is_refused = |filters: &str, stream: &[u8]| {
            let told = with(&format!("/Filter[{filters}]"), stream);
            // hidden in a comment, all is tried
            assert!(
                with(&format!("/Filter[{filters}]%\n"), stream) || !told || filters.is_empty(),
                "{filters}"
            );
            told
        };
        let (small, large) = (vec![b'q'; 200_000], vec![b'q'; 200_001]);
        for early in [true, false] {
            assert!(!is_refused("/LZWDecode", &lzw(&small, early)));
            assert!(is_refused("/LZWDecode", &lzw(&large, early)));
            assert!(is_refused("/FlateDecode/LZWDecode", &packed(&lzw(&large, early))));
        }
        type Written = fn(&[u8]) -> Vec<u8>;
        for (name, ascii) in [("AHx", hexadecimal as Written), ("ASCII85Decode", ascii85)] {
            assert!(!is_refused(&format!("/{name} /Fl"), &ascii(&packed(&small))));
            assert!(is_refused(&format!("/{name} /Fl"), &ascii(&packed(&large))));
            assert!(is_refused(&format!("/{name}/LZW"), &ascii(&lzw(&large, true))));
        }
        assert!(is_refused("/A85", &[b'z'; 50_001]), "four zeros in a letter");
        let runs = [[129, b'q'].repeat(1_575), vec![128]].concat();
        assert!(
            is_refused("/RunLengthDecode", &runs)
                && is_refused("/RL", &runs)
                && is_refused("/Run#4cengthDecode", &runs)
        );
        assert!(!is_refused("/DCTDecode", &runs), "runs of bytes by chance");
        let bomb = packed(&large);
        for dictionary in [
            "/Filter/FlateDecode",
            "/Filter /Fl /Length 5",
            "/Filter 5 0 R",
            "/F/FlateDecode",
            "/Filter/DCTDecode/F/FlateDecode",
            "/Filter/DCTDecode/Filter/FlateDecode",
            "/Filter/Flate#44ecode",
            "/Filter/FlateDecode/X(/Filter/DCTDecode)",
            "/Filter/New",
            "/Filter/FlateDecode/X(endobj 2 0 obj<<)",
            "/Filter/FlateDecode/X(endobj 2 0 obj<<)/Y<<>>",
            "/Filter/FlateDecode %endobj 2 0 obj<<\n",
            "/Filter/FlateDecode/X<41>",
            "/Filter/FlateDecode/X<<>",
            "/Filter/FlateDecode/X<</Y<</Z 1>>/W 2>>",
        ] {
            assert!(with(dictionary, &bomb), "{dictionary}");
        }
        assert!(!with("/Filter/DCTDecode/Font 1/FontFile 2", &bomb), "a picture");
        assert!(!with("/DecodeParms<</Columns 5>>/Length 3", &bomb), "not packed");
        let text = b"BT /F1 12 Tf 72 700 Td (Compte rendu de consultation du 3 mars) Tj ET\n".repeat(2_000);
        assert!(!is_refused("", &text));
    }

    #[test]
    fn streams_of_an_encrypted_file_are_bounded_by_their_length() {
        let is_refused = |dictionary: &str, length: usize, trailer: &str| {
            let head = format!("%PDF-1.4\n1 0 obj<<{dictionary}>>stream\n");
            let body = vec![0xA5; length];
            let pdf =
                [head.as_bytes(), &body, format!("\nendstream\ntrailer<<{trailer}>>").as_bytes()].concat();
            swells(&pdf, 200_000, Patience::endless())
        };
        let (short, long) = (MOST_ENCRYPTED - 1, MOST_ENCRYPTED + 1);
        assert!(!is_refused("/Filter/FlateDecode/Length 9", short, "/Encrypt 4 0 R"));
        for trailer in ["/Encrypt 4 0 R", "/#45ncrypt 4 0 R", "/Encr#79p#74 4 0 R"] {
            assert!(is_refused("/Filter/FlateDecode/Length 9", long, trailer), "{trailer}");
        }
        assert!(is_refused("/Filter/FlateDecode/Length 600000", short, "/Encrypt 4 0 R"), "as it says");
        assert!(is_refused("/Filter/Fl/Length 9/Length 600000", short, "/Encrypt 4 0 R"), "or says twice");
        assert!(!is_refused("/Filter/Fl/Length1 600000/Length 9", short, "/Encrypt 4 0 R"), "of a font");
        assert!(is_refused("/Filter[/Fl/Fl]/Length 9", 9, "/Encrypt 4 0 R"), "packed twice");
        assert!(is_refused("/Filter 5 0 R/Length 9", 9, "/Encrypt 4 0 R"), "nobody knows how");
        assert!(!is_refused("/Filter/DCTDecode/Length 9", long, "/Encrypt 4 0 R"), "a picture");
        assert!(!is_refused("/Length 9", long, "/Encrypt 4 0 R"), "not packed");
    }

    #[test]
    fn a_row_wider_than_any_paper_is_refused_before_room_is_made_for_it() {
        let is_refused = |pdf: &[u8]| swells(pdf, 200_000, Patience::endless());
        assert!(is_refused(b"%PDF-1.4 1 0 obj<</Predictor 12/Columns 4000000000000>>"));
        assert!(is_refused(b"%PDF-1.4 1 0 obj<</Predictor 12/Colors\n0009999999>>"));
        assert!(is_refused(&pdf(b"\n", &packed(b"<</Columns 99999999>>"))), "in a packed object");
        assert!(!is_refused(b"%PDF-1.4 1 0 obj<</Predictor 12/Columns 2480/Colors 3>>"));
    }
}
