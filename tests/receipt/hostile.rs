//! Notices nobody honest would write.

use estafette::mime;

use crate::notice::source;

const ALL: &[&str] =
    &["mdn-displayed", "mdn-ko-902", "mdn-error-field", "bounce-dsn", "dsn-relayed-and-failed"];

#[test]
fn a_notice_cut_or_damaged_anywhere_is_read_or_passed_over() {
    for name in ALL {
        let raw = source(name);
        for end in 0..raw.len().min(6_000) {
            mime::notice(&raw[..end]);
        }
        let mut seed = 7_u32;
        for _ in 0..2_000 {
            let mut damaged = raw.clone();
            for _ in 0..4 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = seed as usize % damaged.len();
                damaged[at] = (seed >> 24) as u8;
            }
            mime::notice(&damaged);
        }
    }
}

#[test]
fn an_ordinary_message_is_no_notice() {
    let text = String::from_utf8(source("mdn-displayed")).unwrap();
    let mixed = text.replace("multipart/report; report-type=disposition-notification;", "multipart/mixed;");
    assert!(mime::notice(mixed.as_bytes()).is_none());
    assert!(mime::notice(b"").is_none());
    assert!(mime::notice(b"Subject: Accus\xE9\r\n\r\nLu").is_none());
    assert!(mime::notice(b"Content-Type: multipart/report\r\n\r\nno boundary").is_none());
}

#[test]
fn a_notice_about_no_message_is_none() {
    let text = String::from_utf8(source("bounce-dsn")).unwrap();
    assert!(mime::notice(text.replace("Message-ID: <pat-1@test.mssante.fr>", "X: y").as_bytes()).is_none());
}

fn delivery_report(status: &str) -> Vec<u8> {
    format!(
        "From: x@y.fr\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: \
         message/delivery-status\r\n\r\n{status}\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: \
         <1@y.fr>\r\n\r\n--b--\r\n"
    )
    .into_bytes()
}

#[test]
fn a_flood_of_recipients_fields_and_text_is_bounded() {
    let many = "Final-Recipient: rfc822; a@b.fr\r\nAction: failed\r\n\r\n".repeat(100_000);
    assert!(mime::notice(&delivery_report(&many)).unwrap().statuses.len() <= 501);
    let fields = "X: y\r\n".repeat(100_000);
    assert!(mime::notice(&delivery_report(&fields)).is_none());
    let words = format!(
        "Final-Recipient: rfc822; a@b.fr\r\nAction: failed\r\nDiagnostic-Code: smtp; {}\r\n",
        " folded\r\n text".repeat(5_000)
    );
    let reason = &mime::notice(&delivery_report(&words)).unwrap().statuses[0].reason;
    assert!(reason.chars().count() <= 500 && reason.starts_with("folded text"), "{reason}");
    let nested = "--b\r\nContent-Type: message/rfc822\r\n\r\n".repeat(20_000);
    mime::notice(&delivery_report(&nested));
}

#[test]
fn the_words_of_a_stranger_are_one_line_of_plain_text() {
    let status = "Final-Recipient: rfc822; a@b.fr\r\nAction: failed\r\nStatus: 5.1.1\u{202E}\r\n\
                  Diagnostic-Code: smtp; 550 \u{1b}[31mno\u{202E}\tsuch\r\n\tuser\r\n";
    let notice = mime::notice(&delivery_report(status)).unwrap();
    assert_eq!(notice.statuses[0].reason, "550 [31mno such user");
    assert_eq!(notice.statuses[0].code, "5.1.1");
}
