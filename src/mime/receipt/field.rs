//! Groups of header-like fields, as reports hold them.

use super::super::charset;
use crate::domain::text::is_deceptive;

/// Longest value kept, in bytes.
const MAX_VALUE: usize = 4_000;
/// Most fields kept of one group.
const MAX_FIELDS: usize = 100;

/// Fields up to an empty line; names in lower case, values unfolded.
#[derive(Default)]
pub(super) struct Group(Vec<(String, String)>);

impl Group {
    /// The first field of this name, which is in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// At most `max` groups; lines that are no field are passed over.
pub(super) fn groups(content: &[u8], max: usize) -> Vec<Group> {
    let mut found = Vec::new();
    let mut group = Group::default();
    for line in content.split(|b| *b == b'\n') {
        let (line, _) = charset::guess(line);
        let line = line.trim_end();
        if line.is_empty() {
            if !group.0.is_empty() {
                found.push(std::mem::take(&mut group));
            }
            if found.len() >= max {
                return found;
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.0.last_mut().filter(|(_, value)| value.len() < MAX_VALUE) {
                value.push(' ');
                value.push_str(charset::prefix(line.trim(), MAX_VALUE));
            }
        } else if let Some((name, value)) = line.split_once(':').filter(|_| group.0.len() < MAX_FIELDS) {
            let value = charset::prefix(value.trim(), MAX_VALUE).to_owned();
            group.0.push((name.trim_end().to_ascii_lowercase(), value));
        }
    }
    if !group.0.is_empty() && found.len() < max {
        found.push(group);
    }
    found
}

/// An identifier or address without angle brackets and comments.
pub(super) fn identifier(value: &str) -> String {
    let value = value.trim();
    let inner = value.split_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or_default());
    one_line(inner, 998)
}

/// One line without control or deceptive characters, at most `max` characters.
pub(super) fn one_line(text: &str, max: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !is_deceptive(*c)).take(max).collect()
}
