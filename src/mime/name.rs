//! File names of attachments, made safe to show and to write on any system.

use crate::domain::text::is_deceptive;

/// Longest name in characters, extension included.
const MAX_NAME: usize = 120;
/// Longest extension kept whole when a name is cut.
const MAX_EXTENSION: usize = 12;

/// A name without path, control or reserved characters, bounded, never empty; its extension is kept.
pub(super) fn safe(given: Option<&str>, media_type: &str, index: usize) -> String {
    let last = given.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_deceptive(*c))
        .map(|c| if "<>:\"|?*".contains(c) || c == char::REPLACEMENT_CHARACTER { '_' } else { c })
        .collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    // Windows drops trailing dots and spaces, and a leading dot hides the file elsewhere
    let kept = kept.trim_matches(['.', ' ']);
    if kept.is_empty() {
        return format!("document-{}.{}", index + 1, extension_of(media_type));
    }
    let kept = bounded(kept);
    if is_reserved(&kept) { format!("_{kept}") } else { kept }
}

fn bounded(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension)
        .filter(|e| !e.is_empty() && e.chars().count() <= MAX_EXTENSION);
    match extension {
        Some(extension) => {
            let stem: String = name.chars().take(MAX_NAME - 1 - extension.chars().count()).collect();
            format!("{}.{extension}", stem.trim_end_matches(['.', ' ']))
        }
        None => name.chars().take(MAX_NAME).collect::<String>().trim_end_matches(['.', ' ']).to_owned(),
    }
}

/// Device names Windows reserves whatever the extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.ends_with(|c: char| c.is_ascii_digit()))
}

fn extension_of(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/dicom" => "dcm",
        "application/pkcs7-signature" => "p7s",
        "application/pkcs7-mime" => "p7m",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/tiff" => "tif",
        "message/rfc822" | "message/global" => "eml",
        "text/calendar" => "ics",
        "text/html" => "html",
        "text/vcard" | "text/x-vcard" => "vcf",
        "text/xml" | "application/xml" => "xml",
        t if t.starts_with("text/") || t.starts_with("message/") => "txt",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_paths_and_traps_and_keep_their_extension() {
        for (given, safe_name) in [
            ("compte rendu.pdf", "compte rendu.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\radio.jpg", "radio.jpg"),
            ("a\u{202E}fdp.exe", "afdp.exe"),
            ("line\r\nbreak.txt", "line break.txt"),
            ("a<b>:c?.txt", "a_b__c_.txt"),
            ("CON.pdf", "_CON.pdf"),
            ("com1", "_com1"),
            ("..", "document-3.pdf"),
            ("", "document-3.pdf"),
            ("résultat é.PDF", "résultat é.PDF"),
        ] {
            assert_eq!(safe(Some(given), "application/pdf", 2), safe_name, "{given:?}");
        }
        assert_eq!(safe(None, "message/rfc822", 0), "document-1.eml");
    }

    #[test]
    fn a_long_name_is_cut_before_its_extension() {
        let name = safe(Some(&format!("{}.pdf", "é".repeat(500))), "application/pdf", 0);
        assert_eq!(name.chars().count(), MAX_NAME);
        assert!(name.ends_with("é.pdf"));
    }
}
