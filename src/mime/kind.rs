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
