//! Counts beside the results of a search.

use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::super::Result;
use super::super::value::from_json;
use crate::domain::fold::fold;
use crate::domain::message::split_subject;
use crate::domain::patient::Patient;
use crate::domain::search::{Age, Count, Facets, Topic};

/// Names listed of senders and of patients.
const MOST_NAMES: usize = 8;

/// Counts the messages of these keys.
pub(super) fn count(sql: &Connection, keys: &[i64], ages: Vec<Age>) -> Result<Facets> {
    let counted = u32::try_from(keys.len()).unwrap_or(u32::MAX);
    let mut facets = Facets { counted, ages, ..Facets::default() };
    let mut topics: HashMap<String, u32> = HashMap::new();
    let mut senders: HashMap<String, (Option<String>, u32)> = HashMap::new();
    let mut patients: HashMap<String, (String, u32)> = HashMap::new();
    let mut mentions = sql.prepare_cached("SELECT traits FROM mention WHERE message = ?1")?;
    let mut one = sql.prepare_cached(
        "SELECT seen, abnormal, has_attachment, topic, from_address, from_name, subject, date, id
         FROM message WHERE order_key = ?1",
    )?;
    for key in keys {
        let read = one.query_row([key], |row| {
            let unread: bool = row.get(0)?;
            facets.unread += u32::from(!unread);
            facets.abnormal += u32::from(row.get::<_, bool>(1)?);
            facets.attachments += u32::from(row.get::<_, bool>(2)?);
            *topics.entry(row.get(3)?).or_default() += 1;
            let address: String = row.get(4)?;
            let sender = senders.entry(address.to_lowercase()).or_insert((row.get(5)?, 0));
            sender.1 += 1;
            let (_, hint) = split_subject(row.get_ref(6)?.as_str().unwrap_or_default());
            let mut named = named(&mut mentions, row.get(8)?)?;
            if named.is_empty() {
                named.extend(hint.map(|hint| Patient::from(&hint)));
            }
            let mut labels: Vec<String> = named.iter().map(label).collect();
            labels.sort();
            labels.dedup();
            for label in labels {
                patients.entry(fold(&label)).or_insert((label, 0)).1 += 1;
            }
            let date: i64 = row.get(7)?;
            facets.ages.iter_mut().filter(|age| date >= age.since).for_each(|age| age.count += 1);
            Ok(())
        });
        read.optional()?;
    }
    facets.topics = topics.into_iter().filter_map(|(word, n)| Some((Topic::of_word(&word)?, n))).collect();
    facets.topics.sort_by_key(|(topic, n)| (std::cmp::Reverse(*n), *topic));
    facets.senders = most(senders.into_iter().filter(|(address, _)| !address.is_empty()).map(
        |(address, (name, count))| Count {
            operator: format!("de:{address}"),
            label: name.filter(|name| !name.trim().is_empty()).unwrap_or(address),
            count,
        },
    ));
    facets.patients = most(patients.into_values().map(|(name, count)| Count {
        operator: format!("patient:\"{}\"", name.replace('"', " ")),
        label: name,
        count,
    }));
    Ok(facets)
}

/// The patients a message's documents name, as they name them.
fn named(mentions: &mut CachedStatement<'_>, message: i64) -> rusqlite::Result<Vec<Patient>> {
    let traits = mentions.query_map([message], |row| row.get::<_, String>(0))?;
    traits.map(|traits| Ok(from_json(&traits?).unwrap_or_default())).collect()
}

/// `DURAND PAUL 26/11/1978`, as it is found again in the index.
fn label(patient: &Patient) -> String {
    let iso = patient.birth_date.as_deref().unwrap_or_default();
    let birth = match iso.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!(" {day}/{month}/{year}"),
        _ => String::new(),
    };
    format!("{}{birth}", patient.name)
}

/// The most frequent ones, equal ones by name.
fn most(counts: impl Iterator<Item = Count>) -> Vec<Count> {
    let mut counts: Vec<Count> = counts.collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    counts.truncate(MOST_NAMES);
    counts
}
