//! What a message that was read says of patients.

use crate::domain::document::{Document, DocumentKind, Reading, Warning};
use crate::domain::patient::{NamedDocument, Patient};
use crate::health::identity::{Comparison, compare};
use crate::health::matching::{fingerprint, keys};
use crate::store::NewMention;

/// Most patients of one message, most documents and results of one of them.
const MOST_MENTIONS: usize = 50;
const MOST_DOCUMENTS: usize = 200;
const MOST_RESULTS: usize = 2_000;
/// Longest title or name that is kept, in bytes.
const LONGEST: usize = 300;

/// One mention a patient. Documents that name the same patient, each as completely as it can, are one mention with the
/// most complete naming; those that name nobody belong to the only patient of the message, if it is one.
pub(super) fn mentions(reading: &Reading) -> Vec<NewMention> {
    let conflict = reading
        .warnings
        .iter()
        .any(|w| matches!(w, Warning::PatientDiffersFromMetadata | Warning::PatientDiffersFromSubject))
        || reading.documents.iter().any(|d| d.warnings.contains(&Warning::PatientDiffersFromMetadata));
    let mut groups: Vec<(Patient, Vec<(usize, &Document)>)> = Vec::new();
    // a notice repeats the subject of what it answers, which is not about the patient once more
    let is_notice = reading.kind == DocumentKind::Receipt && reading.refusal.is_none();
    let is_named = |p: &&Patient| is_somebody(p) && !(is_notice && p.birth_name.is_empty());
    let named = reading.patient.iter().filter(is_named);
    groups.extend(named.map(|patient| (patient.clone(), Vec::new())));
    let mut nameless = Vec::new();
    for (number, document) in reading.documents.iter().enumerate() {
        let Some(patient) = document.patient.as_ref().filter(|p| is_somebody(p)) else {
            nameless.push((number, document));
            continue;
        };
        let is_full = groups.len() >= MOST_MENTIONS;
        match groups.iter_mut().find(|(known, _)| is_one(known, patient)) {
            Some((known, documents)) => {
                if !known.has_full_traits() && (patient.has_full_traits() || weight(patient) > weight(known))
                {
                    known.clone_from(patient);
                }
                documents.push((number, document));
            }
            None if is_full => {}
            None => groups.push((patient.clone(), vec![(number, document)])),
        }
    }
    // the patient of a subject whom no document names, beside one whom documents do
    if groups.len() > 1 {
        groups.retain(|(_, documents)| !documents.is_empty());
    }
    if let [(_, documents)] = groups.as_mut_slice() {
        documents.extend(nameless);
        documents.sort_by_key(|(number, _)| *number);
    }
    let mut found: Vec<NewMention> =
        groups.into_iter().map(|(traits, documents)| mention(traits, conflict, &documents)).collect();
    if reading.refusal.is_some() {
        found.iter_mut().for_each(came_back);
    }
    found
}

/// What a platform sends back with its refusal is the document it was sent, not another one: it replaces nothing, nothing
/// replaces it, and its values count no second time.
fn came_back(mention: &mut NewMention) {
    mention.results.clear();
    for document in &mut mention.documents {
        document.unique_id = None;
        document.change = None;
        document.related.clear();
    }
}

fn is_somebody(patient: &Patient) -> bool {
    patient.ins.is_some() || !keys(patient).words.is_empty()
}

/// Nothing contradicts, and they share a name or an INS. One of a subject has its name in one text.
fn is_one(one: &Patient, other: &Patient) -> bool {
    if one.birth_name.is_empty() || other.birth_name.is_empty() {
        let (bare, full) = if one.birth_name.is_empty() { (one, other) } else { (other, one) };
        let both_bare = full.birth_name.is_empty();
        return if both_bare {
            fingerprint(bare) == fingerprint(full)
        } else {
            crate::health::identity::fits_subject(full, bare) == Comparison::Same
        };
    }
    compare(one, other) == Comparison::Same
}

/// How many traits it gives.
fn weight(patient: &Patient) -> usize {
    let texts = [&patient.birth_name, &patient.first_name, &patient.used_name, &patient.birth_place];
    texts.iter().filter(|t| !t.is_empty()).count()
        + usize::from(patient.birth_date.is_some())
        + usize::from(patient.sex.is_some())
        + 3 * usize::from(patient.ins.is_some())
}

/// Traits come from strangers: no longer than people's are.
fn bounded(mut traits: Patient) -> Patient {
    let texts = [
        &mut traits.name,
        &mut traits.birth_name,
        &mut traits.used_name,
        &mut traits.first_name,
        &mut traits.given_names,
        &mut traits.used_first_name,
        &mut traits.birth_place,
        &mut traits.social_number,
        &mut traits.address,
    ];
    texts.into_iter().for_each(|text| *text = short(text));
    traits.birth_date = traits.birth_date.as_deref().map(short);
    traits.local_ids.retain(|id| id.root.len() <= LONGEST && id.value.len() <= LONGEST);
    traits.local_ids.truncate(20);
    traits
}

fn mention(traits: Patient, conflict: bool, documents: &[(usize, &Document)]) -> NewMention {
    let traits = bounded(traits);
    let results = documents.iter().flat_map(|(number, document)| {
        document.results.iter().map(|result| {
            let mut result = result.clone();
            if result.date.is_none() {
                result.date = document.act_date.clone().or_else(|| document.date.clone());
            }
            // remarks may be long, and are read in the document
            result.comment.clear();
            (*number, result)
        })
    });
    NewMention {
        fingerprint: fingerprint(&traits),
        traits,
        conflict,
        results: results.take(MOST_RESULTS).collect(),
        documents: documents.iter().take(MOST_DOCUMENTS).map(|(number, d)| named(*number, d)).collect(),
    }
}

fn named(number: usize, document: &Document) -> NamedDocument {
    let author = document.authors.first();
    NamedDocument {
        number,
        kind: document.kind,
        code: document.code.as_ref().map(|code| short(&code.code)).unwrap_or_default(),
        title: short(&document.title),
        date: document.act_date.clone().or_else(|| document.date.clone()),
        author: author
            .map(|a| short(if a.name.is_empty() { &a.organisation } else { &a.name }))
            .unwrap_or_default(),
        unique_id: document.unique_id.clone().filter(|id| id.len() <= LONGEST),
        change: document.change,
        related: document.related.iter().filter(|id| id.len() <= LONGEST).take(20).cloned().collect(),
        biology: !document.results.is_empty(),
        replaced_by: None,
    }
}

fn short(text: &str) -> String {
    text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::Refusal;
    use crate::domain::patient::Sex;
    use crate::health::ins;

    fn lea() -> Patient {
        Patient {
            name: "DUPONT LEA".into(),
            birth_name: "DUPONT".into(),
            first_name: "LEA".into(),
            birth_date: Some("1985-04-12".into()),
            sex: Some(Sex::F),
            ins: ins::received("285041305501786", "1.2.250.1.213.1.4.8"),
            ..Patient::default()
        }
    }

    fn document(patient: Option<Patient>) -> Document {
        Document { patient, ..Document::new(DocumentKind::Cda, "text/xml") }
    }

    fn reading(patient: Option<Patient>, documents: Vec<Document>) -> Reading {
        Reading { patient, documents, ..Reading::new(DocumentKind::Xdm, String::new()) }
    }

    #[test]
    fn documents_of_one_patient_are_one_mention_with_the_most_complete_naming() {
        let bare = Patient { ins: None, sex: None, ..lea() };
        let read =
            reading(Some(bare.clone()), vec![document(Some(bare)), document(Some(lea())), document(None)]);
        let found = mentions(&read);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].traits, lea());
        assert_eq!(found[0].documents.iter().map(|d| d.number).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(!found[0].conflict);
    }

    #[test]
    fn two_patients_are_two_mentions_and_a_nameless_document_is_neither_s() {
        let paul = Patient { birth_name: "VIAL".into(), first_name: "PAUL".into(), ins: None, ..lea() };
        let found =
            mentions(&reading(None, vec![document(Some(lea())), document(Some(paul)), document(None)]));
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|m| m.documents.len() == 1));
    }

    #[test]
    fn a_message_that_contradicts_itself_is_in_conflict() {
        let mut read = reading(Some(lea()), vec![document(Some(lea()))]);
        read.warnings.push(Warning::PatientDiffersFromSubject);
        assert!(mentions(&read)[0].conflict);
    }

    #[test]
    fn a_name_without_end_is_cut() {
        let long = Patient { birth_name: "É".repeat(100_000), ..lea() };
        let found = mentions(&reading(None, vec![document(Some(long))]));
        assert_eq!(found[0].traits.birth_name.len(), LONGEST);
    }

    #[test]
    fn a_subject_alone_names_somebody_and_nobody_is_nobody() {
        let subject = Patient { name: "VIAL Paul".into(), ..Patient::default() };
        assert_eq!(mentions(&reading(Some(subject), vec![document(None)]))[0].documents.len(), 1);
        assert!(mentions(&reading(None, vec![document(None)])).is_empty());
    }

    #[test]
    fn a_document_that_came_back_with_a_refusal_replaces_nothing_and_counts_no_values() {
        let mut new = document(Some(lea()));
        new.unique_id = Some("1.2.3".into());
        new.related = vec!["1.2.2".into()];
        let mut read = reading(Some(lea()), vec![new]);
        assert_eq!(mentions(&read)[0].documents[0].related, ["1.2.2"]);
        read.refusal = Some(Refusal { code: "902".into(), reason: String::new(), original: None });
        let back = mentions(&read).remove(0);
        assert_eq!((back.documents[0].unique_id.as_ref(), back.documents[0].related.len()), (None, 0));
        assert!(back.results.is_empty() && back.traits == lea());
    }

    #[test]
    fn a_letter_without_documents_is_about_whom_its_subject_names_and_a_notice_is_not() {
        let subject = Patient { name: "VIAL Paul".into(), ..Patient::default() };
        let of = |kind| Reading { patient: Some(subject.clone()), ..Reading::new(kind, String::new()) };
        assert_eq!(mentions(&of(DocumentKind::Letter)).len(), 1);
        assert!(mentions(&of(DocumentKind::Receipt)).is_empty());
    }
}
