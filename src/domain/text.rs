//! Text written by strangers.

/// Control characters, and the invisible or bidirectional ones that make `fdp.exe` read as `exe.pdf` or two different
/// addresses look the same.
pub fn is_deceptive(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(
            c,
            '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

/// Running text without deceptive characters; line breaks and tabs stay.
pub fn without_deceptive(text: &str) -> String {
    // nearly every text has none, and is then copied as a whole
    text.split(|c| is_deceptive(c) && !matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_left_out_and_what_is_read_stays() {
        for (written, shown) in [
            ("Fièvre\n\tœdème 38,5 °C\u{A0}!", "Fièvre\n\tœdème 38,5 °C\u{A0}!"),
            ("a\u{202E}fdp.exe", "afdp.exe"),
            ("\u{1B}[2Jeffacé\u{7}", "[2Jeffacé"),
            ("an\u{200B}ne\u{61C}\u{E0041}", "anne"),
        ] {
            assert_eq!(without_deceptive(written), shown);
        }
    }
}
