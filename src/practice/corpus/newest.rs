//! The newest messages of a general practitioner: always the same, so that screenshots and lessons agree.

use super::super::patient::patient;
use super::super::person::{Trade, colleague};
use super::super::source::{file, multipart, text};
use super::super::{biology, pdf, prose};
use super::letter::{
    CONSULTATION, IMAGING, Package, discharge_source, laboratory_source, nurse_source, patient_source,
    section, xdm_headers,
};
use super::studio::{Studio, xdm_subject};
use super::{CorpusFolder, CorpusMessage};
use crate::health::document::{Body, DocumentType, Patient};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Eight messages, newest first, and what came before some of them: two earlier results of a patient, and the letter that
/// is replaced.
pub(super) fn messages(studio: &mut Studio<'_>) -> Vec<CorpusMessage> {
    let now = studio.now;
    let [lea, paul, ines, louis, camille] = [0, 1, 2, 3, 4].map(patient);
    let unread = |raw, date| CorpusMessage { seen: false, ..Studio::filed(CorpusFolder::Inbox, raw, date) };
    let read = |raw, date| Studio::filed(CorpusFolder::Inbox, raw, date);

    let at = now - 4 * MINUTE;
    let panel = "NFS, ionogramme, CRP";
    let report = biology::report(lea.clone(), panel, biology::critical(), 26_112_101, at);
    let laboratory = unread(laboratory_source(studio, colleague(0), &report, true, at), at);

    let at = now - 30 * MINUTE;
    let cardiologist = unread(document(studio, 1, CONSULTATION, "CR de consultation", &paul, at), at);

    let at = now - 51 * MINUTE;
    let replaced = studio.next_document_id();
    let before = at - DAY - HOUR;
    let first_letter = discharge_source(studio, (2, colleague(2)), &ines, None, before);
    let first_letter = Studio::filed(CorpusFolder::Archive, first_letter, before);
    let hospital = unread(discharge_source(studio, (2, colleague(2)), &ines, Some(replaced), at), at);

    let at = now - DAY - 90 * MINUTE;
    let mut pharmacy = read(intervention(studio, &louis, at), at);
    pharmacy.answered = true;

    let at = now - DAY - 3 * HOUR;
    let question = unread(patient_source(studio, &paul, "Question après la consultation", at), at);

    let at = now - DAY - 5 * HOUR;
    let radiologist = read(document(studio, 4, IMAGING, "IRM du genou gauche", &camille, at), at);

    let at = now - 2 * DAY - 2 * HOUR;
    let paediatrician = read(document(studio, 5, CONSULTATION, "Avis demandé", &ines, at), at);

    let at = now - 3 * DAY - HOUR;
    let nurse = read(nurse_source(studio, &colleague(6), &louis, "Suivi de plaie, photos", 3, at), at);
    let mut messages = vec![
        laboratory,
        cardiologist,
        hospital,
        pharmacy,
        question,
        radiologist,
        paediatrician,
        nurse,
        first_letter,
    ];
    for (n, (days, results)) in (0..).zip([118, 41].into_iter().zip(biology::before())) {
        let at = now - days * DAY;
        let report = biology::report(lea.clone(), panel, results, 26_070_001 + n, at);
        let raw = laboratory_source(studio, colleague(0), &report, false, at);
        messages.push(Studio::filed(CorpusFolder::Biology, raw, at));
    }
    messages
}

/// A letter of colleague `index` as an XDM archive with its PDF.
fn document(
    studio: &mut Studio<'_>,
    index: usize,
    kind: DocumentType,
    label: &str,
    patient: &Patient,
    at: i64,
) -> Vec<u8> {
    let c = colleague(index);
    debug_assert!(c.trade == Trade::Doctor);
    let owner = studio.owner;
    let specialty = prose::specialty(c.code);
    let paragraphs = prose::letter(specialty, patient, &owner.name, Studio::year(at), &mut studio.chance);
    let full = format!("{}\n\n{}\n", paragraphs.join("\n\n"), c.signature());
    let twin = pdf::text(label, &full);
    let body = if index == 1 { section(label, &paragraphs, Vec::new()) } else { Body::Pdf(twin.clone()) };
    let package = Package { author: index, kind, label, patient, body, replaces: None, at };
    let mut parts = vec![text("plain", &full)];
    parts.extend(package.parts(studio, &twin));
    let subject = xdm_subject(label, patient);
    studio
        .incoming((&c.display(), &c.address()), &subject, at, &xdm_headers(kind), &multipart("mixed", &parts))
        .1
}

fn intervention(studio: &mut Studio<'_>, patient: &Patient, at: i64) -> Vec<u8> {
    let c = colleague(3);
    let body = format!("{}\n\n{}\n", prose::intervention(patient, &mut studio.chance), c.signature());
    let form =
        file("fiche-intervention.pdf", "application/pdf", &pdf::text("Intervention pharmaceutique", &body));
    let subject = format!(
        "Intervention pharmaceutique : posologie - {} {} {}",
        patient.birth_name,
        patient.given_name,
        patient.birth_date()
    );
    studio
        .incoming(
            (&c.display(), &c.address()),
            &subject,
            at,
            &[],
            &multipart("mixed", &[text("plain", &body), form]),
        )
        .1
}
