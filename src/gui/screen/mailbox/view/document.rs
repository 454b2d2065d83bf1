//! Cards of the health documents of a message: what each is, of whom and by whom, and its content when open.

use iced::widget::{column, row};
use iced::{Alignment, Length};

use super::super::Message;
use super::super::documents::{self, has_pages, is_readable};
use super::super::find;
use super::super::reader::{self, Shown};
use super::{biology, blocks, pages};
use crate::domain::biology::Flag;
use crate::domain::document::{Change, Document, DocumentKind, Warning};
use crate::domain::moment::day;
use crate::domain::patient::{InsNature, Patient, Sex};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::screen::patients::grouped;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::Badge;
use crate::gui::{Element, ui};

/// Most critical results named above the text.
const MOST_ALARMS: usize = 6;
/// Most documents listed.
const MOST_DOCUMENTS: usize = 60;

pub(super) fn act(message: documents::Message) -> Message {
    Message::Reader(reader::Message::Document(message))
}

/// One card a document; nothing while they are not read.
pub(super) fn cards<'a>(shown: &'a Shown, context: Context<'a>) -> Option<Element<'a, Message>> {
    let documents = &shown.documents;
    let reading = documents.reading.as_ref()?;
    if reading.documents.is_empty() {
        return None;
    }
    let mut content = column![].spacing(space::S).width(Length::Fill);
    for (number, document) in reading.documents.iter().enumerate().take(MOST_DOCUMENTS) {
        content = content.push(card(shown, number, document, context));
    }
    Some(content.into())
}

fn card<'a>(
    shown: &'a Shown,
    number: usize,
    document: &'a Document,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let documents = &shown.documents;
    let is_open = documents.open == Some(number);
    let words =
        column![ui::strong(look, document.title.as_str()), ui::caption(look, facts(document, context)),]
            .spacing(2.0)
            .width(Length::Fill);
    let mut head = row![ui::icon(look, icon(document.kind), 20.0, look.palette.accent), words]
        .spacing(space::M)
        .align_y(Alignment::Center);
    let alarms = document.results.iter().filter(|r| r.is_alarm()).count();
    if alarms > 0 {
        head = head.push(ui::badge(
            look,
            &Badge::new(Tone::Alarm, context.text("document-alarm")).icon(Icon::Alarm),
        ));
    }
    if let Some(change) = document.change {
        let key = match change {
            Change::Replaces => "document-replaces",
            Change::Deletes => "document-deletes",
            Change::Appends => "document-appends",
        };
        head = head.push(ui::badge(look, &Badge::new(Tone::Warning, context.text(key))));
    }
    if let Some(index) = document.attachment.filter(|_| document.inside.is_empty() && is_lent(document.kind))
    {
        let open = Some(Message::OpenOutside(index));
        let tip = context.text("document-open-outside");
        head = head.push(ui::icon_button(look, Icon::External, tip, open));
    }
    if is_readable(document) {
        let key = if is_open { "document-fold" } else { "document-open" };
        let button = ui::secondary(look, context.text(key)).on_press(act(documents::Message::Toggle(number)));
        head = head.push(button);
    }
    let mut content = column![head].spacing(space::M);
    for warning in document.warnings.iter().filter(|w| is_told(**w, is_open)) {
        let sentence = context.wording.warning(*warning);
        content = content.push(ui::banner(
            look,
            super::reading::tone(*warning),
            sentence.what,
            sentence.advice,
            Vec::new(),
        ));
    }
    if is_open {
        if let Some(patient) = &document.patient {
            content = content.push(traits(patient, context));
        }
        content = content.push(inside(shown, number, document, context));
    }
    ui::card(look, content).padding(space::M).width(Length::Fill).into()
}

/// Other programs may be given it.
fn is_lent(kind: DocumentKind) -> bool {
    matches!(
        kind,
        DocumentKind::Pdf
            | DocumentKind::Image
            | DocumentKind::Text
            | DocumentKind::Rtf
            | DocumentKind::Office
            | DocumentKind::Dicom
    )
}

/// What must be told of a folded card, and what only of an open one.
fn is_told(warning: Warning, is_open: bool) -> bool {
    match warning {
        Warning::StylesheetIgnored | Warning::DtdIgnored | Warning::InsMissing | Warning::InsTest => false,
        Warning::GuessedCharset | Warning::Undeclared | Warning::SignatureNotVerified => is_open,
        _ => true,
    }
}

/// Type, date, author and place, on one line.
fn facts(document: &Document, context: Context<'_>) -> String {
    let label = document.code.as_ref().map(|c| c.label.clone()).filter(|l| *l != document.title);
    let kind = label.unwrap_or_else(|| context.text(kind_key(document.kind)));
    let date = document.act_date.as_deref().or(document.date.as_deref()).map(day);
    let author = document.authors.first();
    let who = author.map(|a| a.name.clone()).filter(|n| !n.is_empty());
    let place = author.map(|a| a.organisation.clone()).filter(|o| !o.is_empty() && Some(o) != who.as_ref());
    let pages = document.pages.map(|n| context.with("document-pages", &[("count", &n.to_string())]));
    let size = (author.is_none()).then(|| context.wording.size(document.size));
    let parts = [Some(kind), date, who, place, pages, size];
    parts.into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Traits of the patient as the document gives them; an INS is received, never called qualified.
pub(super) fn traits<'a>(patient: &'a Patient, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut facts = Vec::new();
    if let Some(date) = &patient.birth_date {
        facts.push(context.wording.born(&day(date), patient.sex));
    }
    match patient.sex {
        Some(Sex::F) => facts.push(context.text("document-sex-f")),
        Some(Sex::M) => facts.push(context.text("document-sex-m")),
        _ => {}
    }
    if !patient.used_name.is_empty() && patient.used_name != patient.birth_name {
        facts.push(context.with("document-used-name", &[("name", &patient.used_name)]));
    }
    if !patient.given_names.is_empty() && patient.given_names != patient.first_name {
        facts.push(context.with("document-given-names", &[("names", &patient.given_names)]));
    }
    let identity = match &patient.ins {
        Some(ins) => {
            let kind = match ins.nature {
                InsNature::Test | InsNature::Demo => format!(" ({})", context.text("document-ins-test")),
                _ => String::new(),
            };
            context.with("document-ins", &[("ins", &format!("{}{kind}", grouped(&ins.matricule)))])
        }
        None => context.text("document-no-ins"),
    };
    let colour = if patient.ins.is_some() { look.palette.soft } else { look.palette.warning.text };
    column![
        row![ui::strong(look, patient.name.as_str()), ui::caption(look, facts.join(" · "))]
            .spacing(space::S)
            .align_y(Alignment::Center)
            .wrap(),
        ui::text(look.caption().coloured(colour), identity),
    ]
    .spacing(2.0)
    .into()
}

/// Whom the message is about, as its documents say it.
pub(super) fn patient<'a>(shown: &'a Shown, context: Context<'a>) -> Option<Element<'a, Message>> {
    let patient = shown.documents.reading.as_ref()?.patient.as_ref()?;
    // a name of the subject alone is shown as the hint it is
    (patient.ins.is_some() || !patient.birth_name.is_empty()).then(|| traits(patient, context))
}

fn inside<'a>(
    shown: &'a Shown,
    number: usize,
    document: &'a Document,
    context: Context<'a>,
) -> Element<'a, Message> {
    let documents = &shown.documents;
    let key = reader::key(shown.view.row.id, Some(number));
    let mut content = column![].spacing(space::M).width(Length::Fill);
    let has_text = !document.blocks.is_empty() || !document.results.is_empty();
    if has_pages(document) && has_text {
        let choices = [(false, context.text("document-text")), (true, context.text("document-pdf"))];
        let choose = |pdf: bool| act(documents::Message::Pages(pdf));
        content = content.push(ui::segmented(context.look, choices, documents.viewer.is_some(), choose));
    }
    if let Some(viewer) = &documents.viewer {
        return content.push(pages::view(viewer, document, context)).into();
    }
    if document.kind == DocumentKind::Image {
        return content.push(pages::picture(documents, number, context)).into();
    }
    if !document.results.is_empty() {
        let earlier = documents.known.earlier.get(&number).map(Vec::as_slice).unwrap_or_default();
        let first = documents.abnormal_first;
        content = content.push(biology::table(key, &document.results, earlier, first, context));
    }
    let picture = move |index: usize| documents.pictures.get(&(number, index));
    let marks = shown.finder.marks(find::Part::Document);
    content.push(blocks::draw(key, &document.blocks, &picture, marks, context).map(Message::Reader)).into()
}

fn icon(kind: DocumentKind) -> Icon {
    match kind {
        DocumentKind::Cda | DocumentKind::Xdm | DocumentKind::Hprim | DocumentKind::HprimSante => {
            Icon::HealthDocument
        }
        DocumentKind::Image => Icon::Picture,
        DocumentKind::Message | DocumentKind::Letter | DocumentKind::Receipt => Icon::Mail,
        DocumentKind::Contact => Icon::Person,
        DocumentKind::Program | DocumentKind::Active => Icon::Warning,
        DocumentKind::Pdf | DocumentKind::Rtf | DocumentKind::Text | DocumentKind::Office => Icon::Document,
        _ => Icon::File,
    }
}

fn kind_key(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Cda => "document-kind-cda",
        DocumentKind::Xdm => "document-kind-xdm",
        DocumentKind::Hprim => "document-kind-hprim",
        DocumentKind::HprimSante => "document-kind-hprim-sante",
        DocumentKind::Pdf => "document-kind-pdf",
        DocumentKind::Image => "document-kind-image",
        DocumentKind::Text => "document-kind-text",
        DocumentKind::Rtf => "document-kind-rtf",
        DocumentKind::Xml => "document-kind-xml",
        DocumentKind::Letter | DocumentKind::Message | DocumentKind::Receipt => "document-kind-message",
        DocumentKind::Dicom => "document-kind-dicom",
        DocumentKind::Archive => "document-kind-archive",
        DocumentKind::Tnef => "document-kind-tnef",
        DocumentKind::Smime => "document-kind-smime",
        DocumentKind::Apicrypt => "document-kind-apicrypt",
        DocumentKind::Calendar => "document-kind-calendar",
        DocumentKind::Contact => "document-kind-contact",
        DocumentKind::Active => "document-kind-active",
        DocumentKind::Program => "document-kind-program",
        DocumentKind::Office => "document-kind-office",
        DocumentKind::Other => "document-kind-other",
    }
}

/// What the message as a whole has to say: whom it is about, and what a platform answered.
pub(super) fn banners<'a>(shown: &'a Shown, context: Context<'a>) -> Vec<Element<'a, Message>> {
    let look = context.look;
    let Some(reading) = &shown.documents.reading else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(refusal) = &reading.refusal {
        let known = context.wording.reason(&refusal.code);
        let why = known.unwrap_or_else(|| refusal.reason.clone());
        let detail = if refusal.code.is_empty() { why } else { format!("{} — {why}", refusal.code) };
        found.push(ui::banner(look, Tone::Warning, context.text("document-refused"), detail, Vec::new()));
    }
    let mut alarms: Vec<String> = Vec::new();
    for result in reading.documents.iter().flat_map(|d| &d.results).filter(|r| r.is_alarm()) {
        let flag = result.flag.map(Flag::letters).unwrap_or_default();
        let line = format!("{} {} {} ({flag})", result.label, result.value, result.unit);
        // the same result comes in the text and in the archive
        if !alarms.contains(&line) && alarms.len() < MOST_ALARMS {
            alarms.push(line);
        }
    }
    if shown.view.row.alarm && !alarms.is_empty() {
        let id = shown.view.row.id;
        let seen =
            ui::primary(look, context.text("document-alarm-seen")).on_press(Message::AcknowledgeAlarm(id));
        let title = context.text("document-alarm-title");
        found.push(ui::banner(look, Tone::Alarm, title, alarms.join(" · "), vec![seen.into()]));
    }
    for warning in reading.warnings.iter().filter(|w| !shown.view.defects.contains(w)) {
        let of_document = reading.documents.iter().any(|d| d.warnings.contains(warning));
        let grave = super::reading::tone(*warning) == Tone::Alarm;
        if !is_told(*warning, true) || (of_document && !grave) {
            continue;
        }
        let sentence = context.wording.warning(*warning);
        found.push(ui::banner(
            look,
            super::reading::tone(*warning),
            sentence.what,
            sentence.advice,
            Vec::new(),
        ));
    }
    found
}
