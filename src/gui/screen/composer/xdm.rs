//! Attached PDFs become an archive about a patient, as MSSanté asks: found by name, made before the message is sent, so that
//! what leaves is what is seen.

use iced::widget::{column, row};
use iced::{Alignment, Length, Task};

use super::{Composer, Message as Outer};
use crate::domain::draft::Draft;
use crate::domain::patient::{Patient, PatientRow, Patients};
use crate::engine::{DOCUMENT_TYPES, Engine, Error};
use crate::gui::font::Icon;
use crate::gui::screen::{Action, Context};
use crate::gui::theme::{Tone, space};
use crate::gui::{Element, ui};

/// Fewest characters that start a search, and patients shown.
const SHORTEST_QUERY: usize = 2;
const SHOWN: u32 = 5;

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows or hides the choice.
    Toggle,
    /// The patient's name, birth date or INS is typed.
    Type(String),
    /// Patients came for what was typed.
    Found(String, Result<Patients, Error>),
    /// Another type of document.
    Kind(usize),
    /// This patient.
    Choose(Box<Patient>),
    /// The archive is made, or not.
    Packed(String, Result<Box<Draft>, Error>),
}

/// The choice, while it is shown.
#[derive(Debug, Default)]
pub(super) struct Choice {
    query: String,
    found: Vec<PatientRow>,
    kind: usize,
    busy: bool,
    error: Option<Error>,
}

impl Composer {
    /// Only PDFs can be packed, and only once.
    pub(super) fn can_pack(&self) -> bool {
        !self.attachments.is_empty()
            && self.attachments.iter().all(|file| file.media_type == "application/pdf")
    }

    pub(super) fn xdm(&mut self, engine: &Engine, message: Message) -> Action<Outer> {
        match message {
            Message::Toggle => {
                self.choice = if self.choice.is_some() { None } else { Some(Choice::default()) };
                Action::None
            }
            Message::Type(query) => self.type_patient(engine, query),
            Message::Found(query, result) => {
                if let Some(choice) = self.choice.as_mut().filter(|choice| choice.query == query) {
                    match result {
                        Ok(found) => (choice.found, choice.error) = (found.patients, None),
                        Err(error) => choice.error = Some(error),
                    }
                }
                Action::None
            }
            Message::Kind(kind) => {
                if let Some(choice) = &mut self.choice {
                    choice.kind = kind;
                }
                Action::None
            }
            Message::Choose(patient) => self.pack(engine, *patient),
            Message::Packed(name, result) => self.packed(engine, name, result),
        }
    }

    fn type_patient(&mut self, engine: &Engine, query: String) -> Action<Outer> {
        let Some(choice) = &mut self.choice else { return Action::None };
        choice.query.clone_from(&query);
        if query.trim().chars().count() < SHORTEST_QUERY {
            choice.found.clear();
            return Action::None;
        }
        let (engine, asked) = (engine.clone(), query.clone());
        Action::run(async move { engine.patients(asked.trim(), 0..SHOWN).await }, move |result| {
            Outer::Xdm(Message::Found(query.clone(), result))
        })
    }

    fn pack(&mut self, engine: &Engine, patient: Patient) -> Action<Outer> {
        let draft = self.to_draft();
        let Some(choice) = &mut self.choice else { return Action::None };
        (choice.busy, choice.error) = (true, None);
        let kind = DOCUMENT_TYPES.get(choice.kind).map(|kind| kind.code);
        let (engine, name) = (engine.clone(), patient.name.clone());
        let work = async move { engine.xdm_draft_of(draft, patient, kind).await.map(Box::new) };
        Action::run(work, move |result| Outer::Xdm(Message::Packed(name.clone(), result)))
    }

    fn packed(&mut self, engine: &Engine, name: String, result: Result<Box<Draft>, Error>) -> Action<Outer> {
        match result {
            Ok(draft) => {
                self.attachments = draft.attachments;
                self.subject = draft.subject;
                self.about = Some(name);
                self.choice = None;
                let (kinds, change) = (self.files_changed(engine), self.changed(engine));
                Action::Run(Task::batch([kinds, change]))
            }
            Err(error) => {
                if let Some(choice) = &mut self.choice {
                    (choice.busy, choice.error) = (false, Some(error));
                }
                Action::None
            }
        }
    }
}

/// The button beside the files.
pub(super) fn button<'a>(composer: &Composer, context: Context<'a>) -> Option<Element<'a, Outer>> {
    composer.can_pack().then(|| {
        ui::secondary(context.look, context.text("composer-xdm"))
            .icon(Icon::HealthDocument)
            .id("composer-xdm")
            .on_press(Outer::Xdm(Message::Toggle))
            .into()
    })
}

/// The choice of the patient, or whom the archive is about.
pub(super) fn part<'a>(composer: &'a Composer, context: Context<'a>) -> Option<Element<'a, Outer>> {
    let look = context.look;
    let Some(choice) = &composer.choice else {
        let about = composer.about.as_ref()?;
        let title = context.with("composer-xdm-about", &[("name", about)]);
        return Some(ui::banner(look, Tone::Good, title, context.text("composer-xdm-about-detail"), vec![]));
    };
    let say = Outer::Xdm;
    let field = ui::field(look, &context.text("composer-xdm-patient-hint"), &choice.query)
        .id("composer-xdm-patient")
        .on_input(move |text| say(Message::Type(text)));
    let kinds = DOCUMENT_TYPES.iter().enumerate().map(|(number, kind)| {
        let is_chosen = number == choice.kind;
        ui::checkbox(look, kind.label, is_chosen, move |_| say(Message::Kind(number)))
    });
    let mut content = column![
        ui::strong(look, context.text("composer-xdm-title")),
        ui::caption(look, context.text("composer-xdm-detail")),
        row(kinds).spacing(space::M).wrap().vertical_spacing(space::XS),
        ui::labelled(look, context.text("composer-xdm-patient"), field, None),
    ]
    .spacing(space::S);
    for patient in &choice.found {
        content = content.push(patient_line(patient, choice.busy, context));
    }
    if choice.found.is_empty() && choice.query.trim().chars().count() >= SHORTEST_QUERY {
        content = content.push(ui::caption(look, context.text("composer-xdm-nobody")));
    }
    if let Some(error) = &choice.error {
        let sentence = context.wording.error(error);
        content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
    }
    Some(ui::card(look, content).padding(space::M).width(Length::Fill).into())
}

/// A patient with what tells namesakes apart; one whose identity is not whole cannot be chosen.
fn patient_line<'a>(row_of: &'a PatientRow, busy: bool, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let patient = &row_of.traits;
    let mut facts = Vec::new();
    if let Some(date) = &patient.birth_date {
        let shown = match date.split('-').collect::<Vec<_>>().as_slice() {
            [year, month, day] => format!("{day}/{month}/{year}"),
            _ => date.clone(),
        };
        facts.push(context.wording.born(&shown, patient.sex));
    }
    // two patients with one INS: one of both is wrong, and nothing leaves before somebody has settled it
    let is_whole = patient.has_full_traits() && !row_of.conflict;
    match &patient.ins {
        Some(ins) if is_whole => facts.push(context.with("document-ins", &[("ins", &ins.matricule)])),
        _ => facts.push(context.text("composer-xdm-incomplete")),
    }
    let words = column![ui::body(look, patient.name.as_str()), ui::caption(look, facts.join(" · "))];
    let choose = ui::secondary(look, context.text("composer-xdm-choose"))
        .on_press_maybe((is_whole && !busy).then(|| Outer::Xdm(Message::Choose(Box::new(patient.clone())))));
    row![words.width(Length::Fill), choose].spacing(space::S).align_y(Alignment::Center).into()
}
