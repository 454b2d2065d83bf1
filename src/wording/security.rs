//! The recovery code as a page to print.

use zeroize::Zeroizing;

use super::Wording;
use crate::domain::UnixTime;
use crate::domain::recovery::RecoveryCode;

impl Wording {
    /// The page: plain text that every program prints as it is. The code stands alone on its line, so that the file can
    /// also be read back.
    pub fn recovery_page(&self, code: &RecoveryCode, now: UnixTime) -> Zeroizing<String> {
        let words = ["recovery-page-use", "recovery-page-keep", "recovery-page-type"];
        self.code_page(code, self.with("recovery-page-title", &[("day", &self.day(now))]), words)
    }

    /// The code of an archive as a page to print, as [`Wording::recovery_page`].
    pub fn archive_page(&self, code: &RecoveryCode, place: &str, now: UnixTime) -> Zeroizing<String> {
        let values = [("day", &*self.day(now)), ("place", place)];
        let words = ["archive-page-use", "archive-page-keep", "archive-page-type"];
        self.code_page(code, self.with("archive-page-title", &values), words)
    }

    fn code_page(&self, code: &RecoveryCode, title: String, words: [&str; 3]) -> Zeroizing<String> {
        let code = code.grouped();
        let heading = [self.text("app-name").to_uppercase(), title];
        let words = words.map(|key| self.text(key));
        // room for everything at once: growing would leave copies behind
        let length = heading.iter().chain(&words).map(|text| 2 * text.len() + 8).sum::<usize>();
        let mut page = Zeroizing::new(String::with_capacity(length + code.len() + 32));
        for line in heading.iter().flat_map(|text| folded(text)) {
            page.push_str(&line);
            page.push_str("\r\n");
        }
        page.push_str("\r\n\r\n        ");
        page.push_str(&code);
        page.push_str("\r\n\r\n");
        for text in &words {
            page.push_str("\r\n");
            for line in folded(text) {
                page.push_str(&line);
                page.push_str("\r\n");
            }
        }
        page
    }
}

/// Lines of at most 76 characters, as a printer takes them.
fn folded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= 76 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recovery::RANDOM_BYTES;
    use crate::wording::Language;

    #[test]
    fn the_page_holds_the_code_on_a_line_of_its_own_and_fits_the_paper() {
        let code = RecoveryCode::from_random(&[11; RANDOM_BYTES]);
        for language in Language::ALL {
            let page = Wording::new(language).recovery_page(&code, 1_795_254_120);
            let found = page.lines().filter_map(|line| RecoveryCode::parse(line).ok()).count();
            assert_eq!(found, 1, "{}", page.as_str());
            assert!(page.lines().all(|line| line.chars().count() <= 76), "{}", page.as_str());
        }
    }
}
