//! A search as an FTS5 expression, and the same for what the index does not hold yet.

use super::{Columns, start};
use crate::domain::fold::words;
use crate::domain::search::{Place, Query, Word, forms};

/// Which words count as found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those typed, as the start of a word.
    Typed,
    /// Their other forms too.
    Forms,
}

/// The expression; `None` when no word has to be there.
pub(super) fn wanted(query: &Query, reach: Reach) -> Option<String> {
    let parts: Vec<String> =
        query.words.iter().filter(|w| !w.is_excluded).map(|word| one(word, reach)).collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

/// Messages that hold one of the words that must not be there; `None` without such a word.
pub(super) fn unwanted(query: &Query) -> Option<String> {
    let parts: Vec<String> = query
        .words
        .iter()
        .filter(|w| w.is_excluded)
        // the whole word only: what is hidden by mistake is not missed
        .map(|word| format!("{}\"{}\"", column(word.place), quotable(&word.text)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" OR "))
}

/// Some word has a form that does not begin like it: the others are found anyway.
pub(super) fn has_forms(query: &Query) -> bool {
    query.words.iter().any(|word| !other_forms(word).is_empty())
}

/// What holds another form of some word, and every word in one form or another; `None` when no word has another form.
pub(super) fn near(query: &Query) -> Option<String> {
    let wanted_words = query.words.iter().filter(|word| !word.is_excluded);
    let some: Vec<String> = wanted_words
        .clone()
        .filter_map(|word| Some(format!("{}({})", column(word.place), alternatives(&other_forms(word))?)))
        .collect();
    let some = (!some.is_empty()).then(|| some.join(" OR "))?;
    match wanted(query, Reach::Forms) {
        Some(all) if wanted_words.count() > 1 => Some(format!("({some}) AND {all}")),
        _ => Some(some),
    }
}

/// `"a" OR "b"`; `None` of nothing.
fn alternatives(forms: &[String]) -> Option<String> {
    let quoted: Vec<String> = forms.iter().map(|form| format!("\"{form}\"")).collect();
    (!quoted.is_empty()).then(|| quoted.join(" OR "))
}

fn other_forms(word: &Word) -> Vec<String> {
    if word.is_phrase || word.is_excluded {
        return Vec::new();
    }
    let mut found = forms(&word.text);
    found.retain(|form| !form.starts_with(&word.text));
    found
}

fn one(word: &Word, reach: Reach) -> String {
    let (column, text) = (column(word.place), quotable(&word.text));
    let typed = match start::asked(word) {
        Some(start) => format!("\"{start}\""),
        None if word.is_phrase => format!("{column}\"{text}\""),
        None => format!("{column}\"{text}\" *"),
    };
    let forms = if reach == Reach::Forms { other_forms(word) } else { Vec::new() };
    match alternatives(&forms) {
        Some(forms) => format!("({typed} OR {column}({forms}))"),
        None => typed,
    }
}

fn column(place: Place) -> &'static str {
    match place {
        Place::Anywhere => "",
        Place::Sender => "sender : ",
        Place::Recipient => "recipients : ",
        Place::Subject => "subject : ",
        Place::Patient => "patient : ",
    }
}

/// Inside an FTS5 string nothing has a meaning but the double quote and the zero byte that ends it.
fn quotable(text: &str) -> String {
    text.replace(['"', '\0'], " ")
}

/// Whether headers that are not indexed hold every word, as FTS5 would find them.
pub(super) fn holds(query: &Query, columns: &Columns, reach: Reach) -> bool {
    query.words.iter().all(|word| {
        let found = match word.place {
            Place::Anywhere => columns.all().into_iter().any(|text| is_in(word, text, reach)),
            Place::Sender => is_in(word, &columns.sender, reach),
            Place::Recipient => is_in(word, &columns.recipients, reach),
            Place::Subject => is_in(word, &columns.subject, reach),
            Place::Patient => is_in(word, &columns.patient, reach),
        };
        found != word.is_excluded
    })
}

fn is_in(word: &Word, text: &str, reach: Reach) -> bool {
    let wanted: Vec<&str> = words(&word.text).collect();
    let Some((last, before)) = wanted.split_last() else { return true };
    let whole = word.is_phrase || word.is_excluded;
    let forms = if reach == Reach::Forms { other_forms(word) } else { Vec::new() };
    let there: Vec<&str> = words(text).collect();
    there.windows(wanted.len()).any(|found| {
        let Some((end, start)) = found.split_last() else { return false };
        let ends = end == last
            || (!whole && end.starts_with(last))
            || (before.is_empty() && forms.iter().any(|form| form == end));
        ends && start == before
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_text_never_becomes_query_syntax() {
        let of = |text: &str| wanted(&Query::of_words(text), Reach::Typed);
        assert_eq!(of("food OR barn*").unwrap(), "\"food\" * AND \"zqaor\" AND \"barn*\" *");
        assert_eq!(of("x\"y a\0b").unwrap(), "\"x y\" * AND \"a b\" *");
        assert_eq!(of("\" ( ) ^ --"), None);
    }

    #[test]
    fn only_forms_that_begin_otherwise_are_asked_for() {
        assert!(!has_forms(&Query::of_words("bilan")));
        assert!(has_forms(&Query::of_words("bilans")));
        let near = wanted(&Query::of_words("anormaux"), Reach::Forms).unwrap();
        assert!(near.contains("OR \"anormale\"") && !near.contains("\"anormaux\" OR \"anormaux"), "{near}");
    }
}
