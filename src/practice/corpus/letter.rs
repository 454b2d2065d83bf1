//! Scenes about one patient.

use super::super::person::{COLLEAGUES, Colleague, Trade, colleague, of_trade};
use super::super::source::{self, Part, encoded_file, file, multipart, text, text_8bit};
use super::super::{biology, pdf, prose};
use super::studio::{Studio, sender, xdm_subject};
use super::{CorpusFolder, CorpusMessage};
use crate::health::document::{Body, Document, DocumentType, LabResult, Patient, Section, Setting};
use crate::health::{hprim, xdm};

#[rustfmt::skip]
pub(super) const CONSULTATION: DocumentType = DocumentType { code: "11488-4", label: "CR de consultation",
    format: "urn:asipSante:modelesHorsProfils:2011", format_label: "Document de santé hors profils" };
#[rustfmt::skip]
pub(super) const LIAISON: DocumentType = DocumentType { code: "11490-0", label: "Lettre de liaison à la sortie",
    format: "urn:asipSante:modelesHorsProfils:2011", format_label: "Document de santé hors profils" };
#[rustfmt::skip]
pub(super) const IMAGING: DocumentType = DocumentType { code: "18748-4", label: "CR d'imagerie médicale",
    format: "urn:asipSante:modelesHorsProfils:2011", format_label: "Document de santé hors profils" };
#[rustfmt::skip]
pub(super) const BIOLOGY: DocumentType = DocumentType { code: "11502-2", label: "CR d'examens biologiques",
    format: "urn:ihe:lab:xd-lab:2008", format_label: "Compte rendu structuré d'examens biologiques" };

/// A file name as ECO.2.1.6 wants it.
pub(super) fn pdf_name(label: &str, patient: &Patient, at: i64) -> String {
    let day = Studio::day(at, "%Y%m%d");
    let label: String = label.chars().take(40).collect();
    format!("{day}_{label}_{}_{}.pdf", patient.birth_name, patient.given_name)
}

/// A document with its PDF twin, as ECO.2.1.1 wants it.
pub(super) struct Package<'p> {
    pub(super) author: usize,
    pub(super) kind: DocumentType,
    pub(super) label: &'p str,
    pub(super) patient: &'p Patient,
    pub(super) body: Body,
    pub(super) replaces: Option<String>,
    pub(super) at: i64,
}

impl Package<'_> {
    /// `IHE_XDM.zip` and the PDF.
    pub(super) fn parts(self, studio: &mut Studio<'_>, pdf: &[u8]) -> Vec<Part> {
        let c = colleague(self.author);
        let name = pdf_name(self.label, self.patient, self.at);
        let document = Document {
            unique_id: studio.document_id(),
            replaces: self.replaces,
            kind: self.kind,
            title: self.label.to_owned(),
            created: self.at - 600,
            act: self.at - 5_400,
            patient: self.patient.clone(),
            author: c.author(self.author),
            setting: if c.trade == Trade::Hospital { Setting::Hospital } else { Setting::Practice },
            body: self.body,
        };
        let archive = xdm::write(std::slice::from_ref(&document), "Logiciel fictif").unwrap_or_default();
        vec![file("IHE_XDM.zip", "application/zip", &archive), file(&name, "application/pdf", pdf)]
    }
}

pub(super) fn xdm_headers(kind: DocumentType) -> Vec<(&'static str, String)> {
    vec![("X-MSS-CODECDA", kind.code.to_owned()), ("X-MSS-INS", "O".to_owned())]
}

pub(super) fn section(title: &str, paragraphs: &[String], results: Vec<LabResult>) -> Body {
    Body::Sections(vec![Section {
        code: if results.is_empty() { "55112-7" } else { "18719-5" }.to_owned(),
        title: title.to_owned(),
        paragraphs: paragraphs.to_vec(),
        results,
    }])
}

/// A consultation letter: in the body, as a PDF, or as an XDM archive.
pub(super) fn consultation(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (index, c) = of_trade(Trade::Doctor, &mut studio.chance);
    let patient = studio.patient();
    let specialty = prose::specialty(c.code);
    let title = studio.chance.line(specialty.titles);
    let owner = studio.owner;
    let paragraphs = prose::letter(specialty, &patient, &owner.name, Studio::year(at), &mut studio.chance);
    let full = format!("{}\n\n{}\n", paragraphs.join("\n\n"), c.signature());
    let underscored = studio.chance.percent(30);
    let (name, address) = sender(&c, underscored);
    let who = format!("{} {} {}", patient.birth_name, patient.given_name, patient.birth_date());
    let cover = format!("Bonjour,\n\nVeuillez trouver ci-joint : {title}, {who}.\n\n{}\n", c.signature());
    let (subject, extra, part) = match studio.chance.below(10) {
        0..=2 => (format!("{title} - {who}"), Vec::new(), text("plain", &full)),
        3 => (format!("{title} {who}"), Vec::new(), text_8bit(&full, "iso-8859-1")),
        4..=7 => {
            let attached = file(&pdf_name(title, &patient, at), "application/pdf", &pdf::text(title, &full));
            (format!("{title} {who}"), Vec::new(), multipart("mixed", &[text("plain", &cover), attached]))
        }
        _ => {
            let kind = if c.code == "SM44" { IMAGING } else { CONSULTATION };
            let twin = pdf::text(title, &full);
            let body = if studio.chance.percent(50) {
                Body::Pdf(twin.clone())
            } else {
                section(title, &paragraphs, Vec::new())
            };
            let package =
                Package { author: index, kind, label: title, patient: &patient, body, replaces: None, at };
            let mut parts = vec![text("plain", &cover)];
            parts.extend(package.parts(studio, &twin));
            (xdm_subject(title, &patient), xdm_headers(kind), multipart("mixed", &parts))
        }
    };
    let (_, raw) = studio.incoming((&name, &address), &subject, at, &extra, &part);
    studio.received(raw, at, CorpusFolder::Archive)
}

/// A hospital discharge letter as an XDM archive, one in ten replacing an earlier one.
pub(super) fn discharge(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (index, c) = of_trade(Trade::Hospital, &mut studio.chance);
    let patient = studio.patient();
    let replaces = studio.chance.percent(10).then(|| studio.document_id());
    let raw = discharge_source(studio, (index, c), &patient, replaces, at);
    studio.received(raw, at, CorpusFolder::Archive)
}

pub(super) fn discharge_source(
    studio: &mut Studio<'_>,
    (index, c): (usize, Colleague),
    patient: &Patient,
    replaces: Option<String>,
    at: i64,
) -> Vec<u8> {
    let label =
        if replaces.is_some() { "Lettre de liaison · annule et remplace" } else { "Lettre de liaison" };
    let paragraphs = prose::discharge(patient, &mut studio.chance);
    let twin = pdf::text(LIAISON.label, &format!("{}\n\n{}", paragraphs.join("\n\n"), c.signature()));
    let notice = if replaces.is_some() { "Ce document annule et remplace le précédent.\n\n" } else { "" };
    let body = section("Synthèse du séjour", &paragraphs, Vec::new());
    let package = Package { author: index, kind: LIAISON, label, patient, body, replaces, at };
    let cover = format!(
        "Bonjour,\n\n{notice}Veuillez trouver la lettre de liaison de votre patient(e).\n\n{}\n",
        c.signature()
    );
    let mut parts = vec![text("plain", &cover)];
    parts.extend(package.parts(studio, &twin));
    let mut extra = xdm_headers(LIAISON);
    if studio.chance.percent(40) {
        extra.push(("Disposition-Notification-To", format!("<{}>", c.address())));
    }
    let subject = xdm_subject(label, patient);
    studio.incoming((&c.display(), &c.address()), &subject, at, &extra, &multipart("mixed", &parts)).1
}

fn drawn_report(studio: &mut Studio<'_>, at: i64) -> hprim::Report {
    let patient = studio.patient();
    let (title, results) = biology::panel(&mut studio.chance);
    let file = studio.next_serial() + 26_000_000;
    biology::report(patient, title, results, file, at)
}

/// HPRIM in the body, in one of the character sets of the field.
pub(super) fn laboratory_body(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (_, c) = of_trade(Trade::Laboratory, &mut studio.chance);
    let report = drawn_report(studio, at);
    let content = hprim::write(&report);
    let part = match studio.chance.below(4) {
        0 => text("plain", &content),
        1 => text_8bit(&content, "windows-1252"),
        2 => text_8bit(&content, "iso-8859-1"),
        _ => text_8bit(&content, ""),
    };
    let subject = format!("{} {}", report.patient.birth_name, report.patient.given_name);
    let (_, raw) = studio.incoming((&c.display(), &c.address()), &subject, at, &[], &part);
    studio.received(raw, at, CorpusFolder::Biology)
}

/// HPRIM as a file beside a PDF.
pub(super) fn laboratory_file(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (_, c) = of_trade(Trade::Laboratory, &mut studio.chance);
    let report = drawn_report(studio, at);
    let content = hprim::write(&report);
    let bytes = if studio.chance.percent(50) {
        content.chars().map(source::windows_1252).collect()
    } else {
        content.clone().into_bytes()
    };
    let human = content.split("****LAB****").next().unwrap_or_default().to_owned();
    let parts = [
        text("plain", "Bonjour,\n\nVeuillez trouver ci-joint les résultats de votre patient.\n"),
        file(&format!("{}.hpr", report.number), "application/octet-stream", &bytes),
        file(
            &pdf_name("Resultats", &report.patient, at),
            "application/pdf",
            &pdf::text(&report.title, &human),
        ),
    ];
    let subject = format!("Résultats d'analyses {} {}", report.patient.birth_name, report.patient.given_name);
    let (_, raw) =
        studio.incoming((&c.display(), &c.address()), &subject, at, &[], &multipart("mixed", &parts));
    studio.received(raw, at, CorpusFolder::Biology)
}

/// A structured report in an XDM archive.
pub(super) fn laboratory_xdm(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (_, c) = of_trade(Trade::Laboratory, &mut studio.chance);
    let report = drawn_report(studio, at);
    let raw = laboratory_source(studio, c, &report, false, at);
    studio.received(raw, at, CorpusFolder::Biology)
}

/// A structured report; with `hprim_body` the text of the mail is the HPRIM form of the same results.
pub(super) fn laboratory_source(
    studio: &mut Studio<'_>,
    c: Colleague,
    report: &hprim::Report,
    hprim_body: bool,
    at: i64,
) -> Vec<u8> {
    // the biologist of the table signs
    let author = COLLEAGUES.iter().position(|c| c.code == "SM03").unwrap_or(0);
    let content = hprim::write(report);
    let human = content.split("****LAB****").next().unwrap_or_default();
    let twin = pdf::text(&report.title, human);
    let label = if hprim_body { "Biologie · NFS, CRP, ionogramme" } else { BIOLOGY.label };
    let body = section(&report.title, &[format!("Prélèvement du {}", report.date)], report.results.clone());
    let package =
        Package { author, kind: BIOLOGY, label, patient: &report.patient, body, replaces: None, at };
    let cover = if hprim_body {
        text("plain", &content)
    } else {
        text("plain", "Bonjour,\n\nVeuillez trouver ci-joint les résultats de biologie.\n")
    };
    let mut parts = vec![cover];
    parts.extend(package.parts(studio, &twin));
    let mut extra = xdm_headers(BIOLOGY);
    extra.push(("Disposition-Notification-To", format!("<{}>", c.address())));
    let subject = xdm_subject(label, &report.patient);
    studio.incoming((&c.display(), &c.address()), &subject, at, &extra, &multipart("mixed", &parts)).1
}

/// A question, the owner's answer, and now and then thanks.
pub(super) fn thread(studio: &mut Studio<'_>, at: i64) -> Vec<CorpusMessage> {
    let (_, c) = of_trade(Trade::Doctor, &mut studio.chance);
    let (name, address) = sender(&c, false);
    let patient = studio.patient();
    let subject = format!("{} {} : avis", patient.birth_name, patient.given_name);
    let question = format!("{}\n\n{}", prose::question(&patient, &mut studio.chance), c.display());
    let (first, raw) = studio.incoming((&name, &address), &subject, at, &[], &text("plain", &question));
    let mut asked = studio.received(raw, at, CorpusFolder::Archive);
    asked.answered = true;
    asked.seen = true;
    let mut out = vec![asked];
    let later = at + 3_600 + i64::try_from(studio.chance.below(40_000)).unwrap_or(0);
    let quoted = question.lines().map(|l| format!("> {l}\n")).collect::<String>();
    let owner = studio.owner;
    let answer = format!(
        "Bonjour,\n\nC'est noté, je m'en occupe et vous tiens au courant.\n\n{}\n\n{} a écrit :\n{quoted}",
        owner.name,
        c.display()
    );
    let reply = [("In-Reply-To", format!("<{first}>")), ("References", format!("<{first}>"))];
    let subject = format!("Re: {subject}");
    let (second, raw) = studio.outgoing((&name, &address), &subject, later, &reply, &text("plain", &answer));
    out.push(Studio::filed(CorpusFolder::Sent, raw, later));
    if studio.chance.percent(40) {
        let last = later + 7_200;
        let thanks = format!("Merci beaucoup pour votre retour rapide.\n\n{}", c.display());
        let reply = [("In-Reply-To", format!("<{second}>")), ("References", format!("<{first}> <{second}>"))];
        let (_, raw) = studio.incoming((&name, &address), &subject, last, &reply, &text("plain", &thanks));
        out.push(studio.received(raw, last, CorpusFolder::Archive));
    }
    out
}

pub(super) fn pharmacy(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (_, c) = of_trade(Trade::Pharmacist, &mut studio.chance);
    let patient = studio.patient();
    let body = format!("{}\n\n{}\n", prose::intervention(&patient, &mut studio.chance), c.signature());
    let subject = format!("Intervention pharmaceutique - {} {}", patient.birth_name, patient.given_name);
    let (_, raw) = studio.incoming((&c.display(), &c.address()), &subject, at, &[], &text("plain", &body));
    studio.received(raw, at, CorpusFolder::Archive)
}

/// A follow-up with up to three photographs.
pub(super) fn nurse(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (_, c) = of_trade(Trade::Nurse, &mut studio.chance);
    let patient = studio.patient();
    // most carry a single picture: photographs are the bulk of a real mailbox too
    let pictures = match studio.chance.below(10) {
        0..=4 => 0,
        5..=8 => 1,
        _ => 3,
    };
    let raw = nurse_source(studio, &c, &patient, "Suivi infirmier", pictures, at);
    studio.received(raw, at, CorpusFolder::Archive)
}

pub(super) fn nurse_source(
    studio: &mut Studio<'_>,
    c: &Colleague,
    patient: &Patient,
    title: &str,
    pictures: usize,
    at: i64,
) -> Vec<u8> {
    let body = format!("{}\n\n{}\n", prose::follow_up(patient, &mut studio.chance), c.signature());
    let mut parts = vec![text("plain", &body)];
    for (n, picture) in studio.wounds.iter().enumerate().take(pictures) {
        parts.push(encoded_file(&format!("plaie-{}.jpg", n + 1), "image/jpeg", picture));
    }
    let part = if pictures == 0 { parts.swap_remove(0) } else { multipart("mixed", &parts) };
    let subject = format!("{title} - {} {} {}", patient.birth_name, patient.given_name, patient.birth_date());
    studio.incoming((&c.display(), &c.address()), &subject, at, &[], &part).1
}

/// A patient writes from the citizen mailbox.
pub(super) fn from_patient(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let patient = studio.patient();
    let raw = patient_source(studio, &patient, "Question", at);
    studio.received(raw, at, CorpusFolder::Archive)
}

pub(super) fn patient_source(studio: &mut Studio<'_>, patient: &Patient, subject: &str, at: i64) -> Vec<u8> {
    let name = format!("{} {}", patient.given_name, patient.birth_name);
    let address = format!("{}@patient.mssante.example", patient.matricule);
    let body = format!("{}\n\n{name}\n", prose::patient_message(&mut studio.chance));
    studio.incoming((&name, &address), subject, at, &[], &text("plain", &body)).1
}

/// A letter of the owner, with a PDF half of the time.
pub(super) fn sent(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (_, c) = of_trade(Trade::Doctor, &mut studio.chance);
    let patient = studio.patient();
    let owner = studio.owner;
    let body = format!("{}\n\n{}\n", prose::question(&patient, &mut studio.chance), owner.name);
    let subject =
        format!("Demande d'avis - {} {} {}", patient.birth_name, patient.given_name, patient.birth_date());
    let part = if studio.chance.percent(50) {
        let attached =
            file(&pdf_name("Courrier", &patient, at), "application/pdf", &pdf::text("Courrier", &body));
        multipart("mixed", &[text("plain", &body), attached])
    } else {
        text("plain", &body)
    };
    let receipt =
        studio.chance.percent(25).then(|| ("Disposition-Notification-To", format!("<{}>", owner.address)));
    let extra: Vec<_> = receipt.into_iter().collect();
    let (_, raw) = studio.outgoing((&c.display(), &c.address()), &subject, at, &extra, &part);
    Studio::filed(CorpusFolder::Sent, raw, at)
}
