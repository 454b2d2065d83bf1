//! What bytes are, whatever their name and declared type say.

use crate::domain::document::DocumentKind;

/// Bytes looked at for marks that need not come first.
const HEAD: usize = 1024;

/// The kind of a file by its content first, then by its name and declared type.
pub fn kind(bytes: &[u8], name: &str, declared: &str) -> DocumentKind {
    let by_content = by_content(bytes);
    if let Some(kind) = by_content {
        return kind;
    }
    let ending = ending(name);
    let by_name = match ending.as_str() {
        "hpr" | "hpm" | "hprim" | "lab" | "txt" => Some(DocumentKind::Text),
        "eml" => Some(DocumentKind::Message),
        "apz" => Some(DocumentKind::Apicrypt),
        "dat" if name.eq_ignore_ascii_case("winmail.dat") => Some(DocumentKind::Tnef),
        "p7s" | "p7m" | "p7c" => Some(DocumentKind::Smime),
        e if is_program(e) => Some(DocumentKind::Program),
        "doc" | "xls" | "ppt" | "docm" | "xlsm" | "odt" | "docx" | "xlsx" => Some(DocumentKind::Office),
        "svg" | "html" | "htm" | "xhtml" | "mht" | "hta" => Some(DocumentKind::Active),
        _ => None,
    };
    by_name.or_else(|| by_media_type(declared)).filter(|kind| must_not_be_seen(*kind)).unwrap_or_else(|| {
        if is_text(bytes) { text_kind(bytes, by_name) } else { by_name.unwrap_or(DocumentKind::Other) }
    })
}

/// Kinds a name may claim for bytes without a mark of their own.
fn must_not_be_seen(kind: DocumentKind) -> bool {
    matches!(
        kind,
        DocumentKind::Apicrypt
            | DocumentKind::Smime
            | DocumentKind::Program
            | DocumentKind::Active
            | DocumentKind::Office
    )
}

fn ending(name: &str) -> String {
    name.trim_end_matches(['.', ' '])
        .rsplit_once('.')
        .map(|(_, e)| e.to_ascii_lowercase())
        .unwrap_or_default()
}

/// Endings that systems run when opened.
pub fn is_program(ending: &str) -> bool {
    matches!(
        ending,
        "exe"
            | "com"
            | "bat"
            | "cmd"
            | "msi"
            | "scr"
            | "pif"
            | "cpl"
            | "dll"
            | "js"
            | "jse"
            | "vbs"
            | "vbe"
            | "wsf"
            | "wsh"
            | "ps1"
            | "lnk"
            | "url"
            | "reg"
            | "jar"
            | "hta"
            | "chm"
            | "msc"
            | "inf"
            | "sh"
            | "desktop"
            | "app"
            | "command"
            | "scf"
            | "iso"
            | "img"
            | "appx"
            | "msix"
            | "gadget"
    )
}

fn by_content(bytes: &[u8]) -> Option<DocumentKind> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let starts = |mark: &[u8]| head.starts_with(mark);
    let holds = |mark: &[u8]| head.windows(mark.len()).any(|w| w == mark);
    if starts(b"MZ") || starts(b"\x7FELF") || starts(b"#!") || starts(b"\xCA\xFE\xBA\xBE") {
        return Some(DocumentKind::Program);
    }
    // a shortcut of Windows
    if starts(b"L\0\0\0\x01\x14\x02\0") {
        return Some(DocumentKind::Program);
    }
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        return Some(DocumentKind::Archive);
    }
    if starts(b"\x89PNG\r\n\x1A\n")
        || starts(b"\xFF\xD8\xFF")
        || starts(b"GIF8")
        || starts(b"II*\0")
        || starts(b"MM\0*")
    {
        return Some(DocumentKind::Image);
    }
    if starts(b"BM") && bytes.get(6..10) == Some(&[0; 4]) {
        return Some(DocumentKind::Image);
    }
    if starts(b"\x78\x9F\x3E\x22") {
        return Some(DocumentKind::Tnef);
    }
    if bytes.get(128..132) == Some(b"DICM") {
        return Some(DocumentKind::Dicom);
    }
    if starts(b"\xD0\xCF\x11\xE0") {
        return Some(DocumentKind::Office);
    }
    if starts(b"Rar!")
        || starts(b"7z\xBC\xAF\x27\x1C")
        || starts(b"\x1F\x8B")
        || starts(b"BZh")
        || starts(b"\xFD7zXZ")
    {
        return Some(DocumentKind::Other);
    }
    if starts(b"{\\rtf") {
        return Some(DocumentKind::Rtf);
    }
    // what a browser would run stays so, whatever follows it
    if let Some(kind) = markup(bytes) {
        return Some(kind);
    }
    if holds(b"%PDF-") {
        return Some(DocumentKind::Pdf);
    }
    if is_cms(bytes) {
        return Some(DocumentKind::Smime);
    }
    None
}

/// XML, web pages and drawings, by the first thing that is no comment or declaration.
fn markup(bytes: &[u8]) -> Option<DocumentKind> {
    let head = bytes.get(..8 * HEAD).unwrap_or(bytes);
    // UTF-16 has a zero beside every letter
    let plain = head.iter().copied().filter(|b| *b != 0 && b.is_ascii());
    if plain.clone().find(|b| !char::from(*b).is_whitespace()) != Some(b'<') {
        return None;
    }
    let plain: Vec<u8> = plain.collect();
    let text = String::from_utf8(plain).unwrap_or_default().to_ascii_lowercase();
    let mut rest = text.trim_start();
    let mut is_xml = false;
    loop {
        let (skip, end) = if rest.starts_with("<?xml ")
            || rest.starts_with("<?xml\t")
            || rest.starts_with("<?xml\n")
            || rest.starts_with("<?xml\r")
        {
            is_xml = true;
            (2, "?>")
        } else if rest.starts_with("<?") {
            (2, "?>")
        } else if rest.starts_with("<!--") {
            (4, "-->")
        } else if rest.starts_with("<!doctype") {
            if rest.get(9..).unwrap_or_default().trim_start().starts_with("html") {
                return Some(DocumentKind::Active);
            }
            is_xml = true;
            // an internal subset ends with ]>
            let inside = rest.find('[').filter(|at| rest.find('>').is_none_or(|end| *at < end));
            (9, if inside.is_some() { "]>" } else { ">" })
        } else {
            break;
        };
        let Some(at) = rest.get(skip..).and_then(|r| r.find(end)) else {
            return is_xml.then_some(DocumentKind::Xml);
        };
        rest = rest.get(skip + at + end.len()..).unwrap_or_default().trim_start();
    }
    let tag = rest.strip_prefix('<')?;
    let name: String =
        tag.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.')).collect();
    if name.is_empty() {
        return is_xml.then_some(DocumentKind::Xml);
    }
    let local = name.rsplit_once(':').map_or(name.as_str(), |(_, local)| local);
    match local {
        "html" | "svg" | "head" | "body" | "script" | "iframe" | "object" | "embed" | "meta" | "style"
        | "img" | "form" | "table" | "div" | "p" | "a" | "title" | "link" | "base" => {
            Some(DocumentKind::Active)
        }
        "clinicaldocument" => Some(DocumentKind::Cda),
        _ if is_xml || tag.contains("xmlns") => Some(DocumentKind::Xml),
        _ => None,
    }
}

/// A CMS content info (RFC 5652) of signed, enveloped or authenticated data.
fn is_cms(bytes: &[u8]) -> bool {
    let head = bytes.get(..64).unwrap_or(bytes);
    let pkcs7 = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07";
    let smime = b"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01";
    head.first() == Some(&0x30)
        && (head.windows(pkcs7.len()).any(|w| w == pkcs7) || head.windows(smime.len()).any(|w| w == smime))
}

/// No zero and hardly any control character.
pub fn is_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return true;
    }
    let head = bytes.get(..16 * HEAD).unwrap_or(bytes);
    let zeros = head.iter().filter(|b| **b == 0).count();
    // UTF-16 without a mark
    if zeros > 0 && !(zeros * 5 > head.len() * 2 && zeros * 5 < head.len() * 3) {
        return false;
    }
    let odd = head.iter().filter(|b| matches!(b, 1..=8 | 0x0E..=0x1A | 0x1C..=0x1F)).count();
    !head.is_empty() && odd * 50 <= head.len()
}

fn text_kind(bytes: &[u8], by_name: Option<DocumentKind>) -> DocumentKind {
    let head = bytes.get(..64 * HEAD).unwrap_or(bytes);
    let text = super::charset::decode(head, None).text;
    let text = text.trim_start();
    // the text of a message may be any of those below
    if is_message(text) {
        return DocumentKind::Message;
    }
    if text.starts_with("H|") || text.starts_with("****H|") {
        return DocumentKind::HprimSante;
    }
    if is_apicrypt(text) {
        return DocumentKind::Apicrypt;
    }
    if super::hprim::is_hprim(text) {
        return DocumentKind::Hprim;
    }
    let begins = |mark: &str| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    if begins("BEGIN:VCALENDAR") {
        return DocumentKind::Calendar;
    }
    if begins("BEGIN:VCARD") {
        return DocumentKind::Contact;
    }
    if text.contains("-----BEGIN PKCS7-----") || text.contains("-----BEGIN CMS-----") {
        return DocumentKind::Smime;
    }
    if by_name == Some(DocumentKind::Message) {
        return DocumentKind::Message;
    }
    DocumentKind::Text
}

/// A block encrypted for Apicrypt v1. Sources: Mediboard and MedShakeEHR (digest §4).
pub fn is_apicrypt(text: &str) -> bool {
    const MARK: &[u8] = b"$APICRYPT";
    let is_mark = |line: &str| {
        line.trim_start().as_bytes().get(..MARK.len()).is_some_and(|start| start.eq_ignore_ascii_case(MARK))
    };
    text.as_bytes().contains(&b'$') && text.lines().take(400).any(is_mark)
}

/// Header fields of a message: three of those every message has, before the first empty line.
fn is_message(text: &str) -> bool {
    let mut known = 0;
    for (n, line) in text.lines().take(200).enumerate() {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) || (n == 0 && line.starts_with("From ")) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        if !name.trim_end().bytes().all(|b| b.is_ascii_graphic()) {
            return false;
        }
        let name = name.trim_end().to_ascii_lowercase();
        known += usize::from(matches!(
            name.as_str(),
            "from"
                | "to"
                | "subject"
                | "date"
                | "message-id"
                | "received"
                | "mime-version"
                | "content-type"
                | "return-path"
        ));
    }
    known >= 2
}

/// The kind a declared media type names, for those that are read.
pub fn by_media_type(declared: &str) -> Option<DocumentKind> {
    let declared = declared.split(';').next().unwrap_or(declared).trim();
    Some(match declared {
        "application/pdf" => DocumentKind::Pdf,
        "text/rtf" | "application/rtf" => DocumentKind::Rtf,
        "text/calendar" => DocumentKind::Calendar,
        "text/vcard" | "text/x-vcard" | "text/directory" => DocumentKind::Contact,
        "text/html" | "application/xhtml+xml" | "image/svg+xml" => DocumentKind::Active,
        "application/ms-tnef" | "application/vnd.ms-tnef" => DocumentKind::Tnef,
        "application/pkcs7-mime"
        | "application/x-pkcs7-mime"
        | "application/pkcs7-signature"
        | "application/x-pkcs7-signature" => DocumentKind::Smime,
        "application/dicom" => DocumentKind::Dicom,
        "message/rfc822" | "message/global" => DocumentKind::Message,
        "application/zip" | "application/x-zip-compressed" => DocumentKind::Archive,
        "image/jpeg" | "image/jpg" | "image/png" | "image/tiff" | "image/gif" | "image/bmp" => {
            DocumentKind::Image
        }
        _ => return None,
    })
}

/// The media type of bytes that have a mark, else the declared one.
pub fn media_type(bytes: &[u8], declared: &str) -> String {
    let starts = |mark: &[u8]| bytes.starts_with(mark);
    let known = if starts(b"\x89PNG") {
        "image/png"
    } else if starts(b"\xFF\xD8\xFF") {
        "image/jpeg"
    } else if starts(b"GIF8") {
        "image/gif"
    } else if starts(b"II*\0") || starts(b"MM\0*") {
        "image/tiff"
    } else if starts(b"{\\rtf") {
        "application/rtf"
    } else if starts(b"PK\x03\x04") {
        "application/zip"
    } else {
        match by_content(bytes) {
            Some(DocumentKind::Pdf) => "application/pdf",
            Some(DocumentKind::Cda | DocumentKind::Xml) => "text/xml",
            Some(DocumentKind::Dicom) => "application/dicom",
            Some(DocumentKind::Active) => "text/html",
            Some(DocumentKind::Image) => "image/bmp",
            Some(DocumentKind::Tnef) => "application/ms-tnef",
            Some(DocumentKind::Smime) => "application/pkcs7-mime",
            Some(DocumentKind::Program) => "application/octet-stream",
            _ => declared,
        }
    };
    known.to_owned()
}
