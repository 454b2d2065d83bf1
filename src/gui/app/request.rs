//! What practice software asks for by links: nothing happens but what the user sees, and nothing is ever sent.

use std::hash::{Hash, Hasher};
use std::path::PathBuf;

use iced::widget::{column, container, row};
use iced::{Length, Subscription, Task};

use super::{App, Message as Outer, Stage, desk};
use crate::domain::draft::{Draft, Recipient};
use crate::domain::link::{Letter, Link, PatientQuery};
use crate::domain::patient::Patient;
use crate::engine::{Engine, Error, OfferedFile};
use crate::gui::font::Icon;
use crate::gui::screen::{Context, Notice, Place, Target, patients};
use crate::gui::theme::{Tone, space as gap};
use crate::gui::{Element, ui};

/// What comes in, and what the user says to it.
#[derive(Debug, Clone)]
pub(super) enum Message {
    /// A link, as it was written.
    Came(String),
    /// The message or patient a link means.
    Found(Result<Target, Error>),
    /// The link means nobody known, or more than one: the user looks.
    Namesakes(String),
    /// The files a link proposes were looked at.
    Looked(Box<Letter>, Vec<Offer>),
    /// Write, with the files or without.
    Write {
        /// Attach what was proposed and can be.
        attach: bool,
    },
    /// Do not.
    Leave,
    /// A draft to write on, or why there is none.
    Drafted(Result<Box<Draft>, Error>),
}

/// A file a link proposes, or why it cannot be attached.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    path: PathBuf,
    found: Result<OfferedFile, Error>,
}

/// Shown until the user has said what to do with the files.
#[derive(Debug)]
pub(super) struct Question {
    letter: Letter,
    offers: Vec<Offer>,
}

struct Feed {
    number: u64,
    engine: Engine,
}

impl Hash for Feed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

/// Links handed over by later starts.
pub(super) fn links(number: u64, engine: &Engine) -> Subscription<Outer> {
    let feed = Feed { number, engine: engine.clone() };
    let links = Subscription::run_with(feed, |feed| {
        futures::stream::unfold(feed.engine.links(), |mut links| async move {
            let link = links.next().await?;
            Some((link, links))
        })
    });
    links.map(|link| Outer::Request(Message::Came(link)))
}

impl App {
    pub(super) fn request(&mut self, message: Message) -> Task<Outer> {
        match message {
            Message::Came(text) => self.link_came(&text),
            Message::Found(Ok(target)) => self.show(target),
            Message::Namesakes(query) => self.look_for(query),
            Message::Found(Err(error)) | Message::Drafted(Err(error)) => self.tell(Notice::Failed(error)),
            Message::Looked(letter, offers) => {
                self.question = Some(Question { letter: *letter, offers });
                Task::none()
            }
            Message::Write { attach } => self.write_asked(attach),
            Message::Leave => {
                self.question = None;
                Task::none()
            }
            Message::Drafted(Ok(draft)) => self.compose(None, *draft),
        }
    }

    fn link_came(&mut self, text: &str) -> Task<Outer> {
        let shown = iced::window::gain_focus(self.main);
        let followed = match Link::parse(text) {
            Err(error) => self.tell(Notice::Failed(error.into())),
            Ok(link) if matches!(self.stage, Stage::Gate(_)) => {
                self.asked = Some(link);
                self.tell(Notice::Done("notice-link-waits"))
            }
            Ok(link) => self.follow(link),
        };
        Task::batch([shown, followed])
    }

    /// What was asked for before the mail was open.
    pub(super) fn follow_asked(&mut self) -> Task<Outer> {
        self.asked.take().map_or_else(Task::none, |link| self.follow(link))
    }

    fn follow(&mut self, link: Link) -> Task<Outer> {
        let engine = self.engine.clone();
        match link {
            Link::Patient(query) => {
                let words = words_of(&query);
                let find = async move {
                    match engine.patients(&words, 0..2).await {
                        Ok(found) => match found.patients.as_slice() {
                            // only one whose known traits contradict nothing is shown at once
                            [one] if is_meant(&query, &one.traits) => {
                                Message::Found(Ok(Target::Patient(one.id)))
                            }
                            _ => Message::Namesakes(words),
                        },
                        Err(error) => Message::Found(Err(error)),
                    }
                };
                self.of_session(Task::perform(find, Outer::Request))
            }
            Link::Message(id) => {
                let find = async move {
                    let id = engine.message_of(id).await?;
                    Ok(Target::Message(engine.message(id).await?.row.folder, id))
                };
                self.of_session(Task::perform(find, |found| Outer::Request(Message::Found(found))))
            }
            Link::Write(letter) => {
                let look = async move {
                    let mut offers = Vec::new();
                    for path in letter.documents.clone() {
                        offers.push(Offer { found: engine.offered_file(path.clone()).await, path });
                    }
                    Message::Looked(letter, offers)
                };
                self.of_session(Task::perform(look, Outer::Request))
            }
        }
    }

    fn look_for(&mut self, query: String) -> Task<Outer> {
        let number = self.session_number;
        let went = self.go(Place::Patients);
        let search = desk::Message::Patients(patients::Message::Typed(query));
        Task::batch([went, Task::done(Outer::Desk(number, search))])
    }

    /// The draft a link proposes, with what of its files the user let in.
    fn write_asked(&mut self, attach: bool) -> Task<Outer> {
        let Some(Question { letter, offers }) = self.question.take() else { return Task::none() };
        let Stage::Open(desk) = &self.stage else { return Task::none() };
        let Some(account) = desk.account() else {
            return self.tell(Notice::Failed(Error::new(crate::engine::ErrorKind::NeedsUser, "no-account")));
        };
        let mut draft = Draft::new(account);
        draft.to = letter.to.into_iter().map(|address| Recipient { name: None, address }).collect();
        draft.subject = letter.subject;
        if let Some(patient) = &letter.patient {
            draft.body = self.patient_line(patient);
        }
        let engine = self.engine.clone();
        let paths: Vec<PathBuf> = offers
            .into_iter()
            .filter(|offer| attach && offer.found.is_ok())
            .map(|offer| offer.path)
            .collect();
        let read = async move {
            for path in paths {
                draft.attachments.push(engine.take_offered_file(path).await?);
            }
            Ok(Box::new(draft))
        };
        self.of_session(Task::perform(read, |draft| Outer::Request(Message::Drafted(draft))))
    }

    /// The first line of a letter about a patient.
    fn patient_line(&self, patient: &PatientQuery) -> String {
        let name = format!("{} {}", patient.birth_name, patient.first_name);
        let mut facts = vec![name.trim().to_owned()];
        if let [year, month, day] = patient.birth_date.split('-').collect::<Vec<_>>().as_slice() {
            facts.push(self.wording.with("mailbox-born", &[("date", &format!("{day}/{month}/{year}"))]));
        }
        if !patient.ins.is_empty() {
            facts.push(self.wording.with("request-ins", &[("ins", &patient.ins)]));
        }
        facts.retain(|fact| !fact.is_empty());
        format!("{}\n\n", self.wording.with("request-patient", &[("facts", &facts.join(", "))]))
    }
}

/// What patients are searched by: the INS, else names and birth date.
fn words_of(query: &PatientQuery) -> String {
    if !query.ins.is_empty() {
        return query.ins.clone();
    }
    let mut words = vec![query.birth_name.clone(), query.first_name.clone()];
    if let [year, month, day] = query.birth_date.split('-').collect::<Vec<_>>().as_slice() {
        words.push(format!("{day}/{month}/{year}"));
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// The birth date of the link is that of the patient, where both are known to the day.
fn is_meant(query: &PatientQuery, patient: &Patient) -> bool {
    let known = patient.birth_date.as_deref().unwrap_or_default();
    query.birth_date.is_empty() || known.len() < 10 || query.birth_date == known
}

/// The question about the files, above the page.
pub(super) fn dialog<'a>(question: &'a Question, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let say = Outer::Request;
    let letter = &question.letter;
    let to: Vec<&str> = letter.to.iter().map(|address| address.as_str()).collect();
    let mut content = column![
        ui::title(look, context.text("request-title")),
        ui::body(look, context.text("request-detail")),
    ]
    .spacing(gap::M);
    for (key, value) in [("request-to", to.join(", ")), ("request-subject", letter.subject.clone())] {
        if !value.is_empty() {
            content = content.push(ui::body(look, context.with(key, &[("value", &value)])));
        }
    }
    for offer in &question.offers {
        let path = offer.path.display().to_string();
        let line = match &offer.found {
            Ok(file) => {
                let size = context.wording.size(file.size);
                let words = column![ui::mono(look, path), ui::caption(look, size)];
                let line = row![ui::icon(look, Icon::File, 16.0, look.palette.soft), words];
                container(line.spacing(gap::S))
                    .padding(gap::S)
                    .width(Length::Fill)
                    .style(ui::sunk(look))
                    .into()
            }
            Err(error) => {
                let sentence = context.wording.error(error);
                ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![])
            }
        };
        content = content.push(line);
    }
    let can_attach = question.offers.iter().any(|offer| offer.found.is_ok());
    let mut buttons =
        vec![ui::secondary(look, context.text("settings-cancel")).on_press(say(Message::Leave)).into()];
    if question.offers.is_empty() {
        let write = ui::primary(look, context.text("request-write")).id("request-write");
        buttons.push(write.on_press(say(Message::Write { attach: false })).into());
    } else {
        let without = ui::secondary(look, context.text("request-write-without"));
        let with = ui::primary(look, context.text("request-write-with"))
            .id("request-write")
            .on_press_maybe(can_attach.then(|| say(Message::Write { attach: true })));
        buttons.extend([without.on_press(say(Message::Write { attach: false })).into(), with.into()]);
    }
    content.push(ui::answers(buttons)).into()
}
