//! Which kind of health message this is.

use crate::domain::message::MessageKind;

/// IHE marker at the start of a subject (ECO.2.1.3).
const XDM_MARK: &str = "XDM/1.0/DDM";

pub(super) fn by_header(subject: &str, main: &str, sub: &str) -> MessageKind {
    if main == "multipart" && sub == "report" {
        MessageKind::Receipt
    } else if subject.starts_with(XDM_MARK) {
        MessageKind::Xdm
    } else {
        MessageKind::Letter
    }
}

pub(super) fn by_content(subject: &str, is_report: bool, names: &[String], hprim_text: bool) -> MessageKind {
    if is_report {
        MessageKind::Receipt
    } else if hprim_text {
        // results in the body show at once, whatever is attached
        MessageKind::Hprim
    } else if names.iter().any(|n| is_xdm_name(n)) {
        MessageKind::Xdm
    } else if names.iter().any(|n| is_hprim_name(n)) {
        MessageKind::Hprim
    } else if subject.starts_with(XDM_MARK) {
        MessageKind::Xdm
    } else {
        MessageKind::Letter
    }
}

/// `IHE_XDM.ZIP`, `ihe_xdm.zip` and `ihe-xdm.zip` are all met.
fn is_xdm_name(name: &str) -> bool {
    name.to_ascii_lowercase().replace('-', "_") == "ihe_xdm.zip"
}

fn is_hprim_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".hpr", ".hpm", ".hprim"].iter().any(|e| name.ends_with(e))
}

/// HPRIM Médecins (12-line header, `****LAB****`, `****FIN****`) or HPRIM Santé (`H|~^\&`), by its marks or by the
/// shape of its header. Marks with one star missing exist.
pub(super) fn is_hprim(text: &str) -> bool {
    let text = text.trim_start_matches('\u{FEFF}');
    if text.trim_start().starts_with("H|~^\\&") {
        return true;
    }
    let marked = text.lines().map(str::trim).any(|line| {
        line.starts_with("***") && matches!(line.trim_matches('*'), "LAB" | "FIN" | "FINFICHIER")
    });
    marked || has_hprim_header(text)
}

fn has_hprim_header(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().take(13).map(str::trim).collect();
    [0, 1].into_iter().any(|shift| {
        let line = |n: usize| lines.get(n - 1 + shift).copied().unwrap_or_default();
        let digits = |s: &str| s.chars().filter(char::is_ascii_digit).count();
        let score = [
            is_date(line(10)),
            line(6).len() > 5 && line(6).bytes().take(5).all(|b| b.is_ascii_digit()),
            digits(line(8)) >= 13 && line(8).len() <= 20,
            !line(2).is_empty() && !line(2).chars().any(char::is_lowercase),
        ];
        is_date(line(7)) && score.into_iter().filter(|hit| *hit).count() >= 3
    })
}

fn is_date(text: &str) -> bool {
    let shape: String = text.chars().take(10).map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    matches!(shape.as_str(), "99/99/9999" | "9999-99-99")
}
