//! The message being read.

use std::collections::HashMap;
use std::hash::Hash;

use iced::widget::{image, text_editor};

use super::documents::{self, Documents};
use super::find::{self, Finder, Part};
use super::sender::Standing;
use super::viewer;
use crate::domain::filing::Filed;
use crate::domain::id::MessageId;
use crate::domain::message::{Block, MessageRow, MessageView};
use crate::domain::person::Person;
use crate::domain::search::Hits;
use crate::engine::{Error, PdfPlace};

/// Longest text put in a text widget, in characters; the rest is reached by saving the message.
const LONGEST_TEXT: usize = 200_000;
/// Most inline images drawn in one message.
const MOST_IMAGES: usize = 20;

/// One way to look at the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Blocks with their styles.
    Message,
    /// The same as selectable text.
    Text,
    /// The message as it was received.
    Source,
}

/// What the user does in the reader, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows another tab.
    Show(Tab),
    /// Selects or scrolls in the selectable text; edits are dropped.
    Touch(text_editor::Action),
    /// The raw source came.
    SourceRead(MessageId, Result<String, Error>),
    /// An inline image was decoded, `None` when it cannot be.
    ImageRead(MessageId, usize, Option<image::Handle>),
    /// A link was clicked: show where it leads.
    AskLink(String),
    /// Copies the shown link.
    CopyLink,
    /// Hand the link asked about to the browser.
    BrowseLink,
    /// Closes the question about the link.
    LeaveLink,
    /// Something about the documents of the message.
    Document(documents::Message),
    /// Something is looked for in it.
    Find(find::Message),
    /// The conversation of the message came.
    Conversation(MessageId, Vec<MessageRow>),
    /// Shows the messages of the conversation, or how many they are.
    Unfold(bool),
}

/// What the reader does next.
#[derive(Debug, PartialEq)]
pub(super) enum Need {
    /// Nothing.
    Nothing,
    /// Fetch the source of a message.
    Source(MessageId),
    /// Put a text on the clipboard.
    Copy(String),
    /// Show a page of the web in the browser of the system.
    Browse(String),
    /// Bring the place that was found into view.
    ScrollToFound,
    /// Fetch the PDF of a document.
    Pdf(MessageId, usize, PdfPlace),
    /// Draw or read pages of a document.
    Pages(MessageId, usize, viewer::Need),
    /// Decode pictures of a document: its number, theirs, and their bytes, or none where the attachment of this number
    /// is the picture.
    DocumentPictures(MessageId, Option<usize>, Vec<(usize, usize, Option<Vec<u8>>)>),
}

/// An inline image.
#[derive(Debug, Clone)]
pub(super) enum Picture {
    /// Being decoded.
    Awaited,
    /// Ready.
    Ready(image::Handle),
    /// Damaged, too large or of an unknown kind.
    Unreadable,
}

/// The raw source.
#[derive(Debug)]
pub(super) enum Raw {
    /// Not asked for.
    Unasked,
    /// Being read.
    Awaited,
    /// Here.
    Shown(text_editor::Content),
    /// Cannot be read.
    Failed(Error),
}

/// A message on screen.
#[derive(Debug)]
pub(super) struct Shown {
    /// The message.
    pub(super) view: MessageView,
    /// What is known of its sender.
    pub(super) sender: Standing,
    /// A correspondent whose name the sender bears without any of their addresses.
    pub(super) namesake: Option<Box<Person>>,
    /// The tab on top.
    pub(super) tab: Tab,
    /// Selectable text, made when its tab is opened.
    pub(super) text: Option<text_editor::Content>,
    /// Source.
    pub(super) raw: Raw,
    /// Inline images by attachment index.
    pub(super) pictures: HashMap<usize, Picture>,
    /// A link whose target is shown, waiting for the user.
    pub(super) link: Option<String>,
    /// Its content, which is not here, was asked for.
    pub(super) is_asked: bool,
    /// Its health documents.
    pub(super) documents: Documents,
    /// What is looked for in it.
    pub(super) finder: Finder,
    /// What was written out of it, newest first.
    pub(super) filed: Vec<Filed>,
    /// The messages of its conversation, oldest first; none when it is alone.
    pub(super) conversation: Vec<MessageRow>,
    /// They are listed.
    pub(super) is_unfolded: bool,
}

impl Shown {
    /// `words` are those of the search it was opened from.
    pub(super) fn new(view: MessageView, sender: Standing, words: Hits) -> Self {
        let pictures = inline_images(&view).map(|index| (index, Picture::Awaited)).collect();
        Self {
            view,
            sender,
            namesake: None,
            tab: Tab::Message,
            text: None,
            raw: Raw::Unasked,
            pictures,
            link: None,
            is_asked: false,
            documents: Documents::default(),
            finder: Finder::of_words(words),
            filed: Vec::new(),
            conversation: Vec::new(),
            is_unfolded: false,
        }
    }

    /// What is shown of it: another value where most of the reader changes.
    pub(super) fn face(&self) -> impl Hash + use<> {
        let documents = &self.documents;
        let parts = (documents.reading.is_some(), documents.open, documents.viewer.is_some());
        let around = (self.conversation.len(), self.is_unfolded, self.filed.len(), self.link.is_some());
        (self.view.row.id, self.tab as u8, documents.known.mentions.len(), parts, around)
    }

    /// Attachment indexes of the images to decode.
    pub(super) fn awaited_pictures(&self) -> Vec<usize> {
        self.pictures.keys().copied().collect()
    }

    /// A newer reading of the same message; what the user did to the picture stays.
    pub(super) fn renew(&mut self, view: MessageView) {
        if view.text != self.view.text {
            self.text = None;
            self.tab = Tab::Message;
        }
        self.view = view;
    }

    pub(super) fn update(&mut self, message: Message) -> Need {
        match message {
            Message::Show(tab) => self.show(tab),
            Message::Touch(action) => self.touch(action),
            Message::SourceRead(id, result) => self.source_read(id, result),
            Message::ImageRead(id, index, handle) => self.image_read(id, index, handle),
            Message::AskLink(target) => self.ask_link(Some(target)),
            Message::CopyLink => self.link.take().map_or(Need::Nothing, Need::Copy),
            Message::BrowseLink => self.link.take().map_or(Need::Nothing, Need::Browse),
            Message::LeaveLink => self.ask_link(None),
            Message::Document(event) => {
                let need = self.documents.update(self.view.row.id, event);
                self.count_places();
                need
            }
            Message::Find(event) => self.find(event),
            Message::Conversation(id, rows) => {
                if id == self.view.row.id {
                    self.conversation = rows;
                }
                Need::Nothing
            }
            Message::Unfold(on) => {
                self.is_unfolded = on;
                Need::Nothing
            }
        }
    }

    fn find(&mut self, event: find::Message) -> Need {
        match event {
            find::Message::Typed(text) if self.documents.viewer.is_some() => {
                let need = self.documents.look_for(self.view.row.id, &text).unwrap_or(Need::Nothing);
                self.finder.type_only(text);
                return need;
            }
            find::Message::Next | find::Message::Previous if self.documents.viewer.is_some() => {
                let forward = matches!(event, find::Message::Next);
                return self.documents.step(self.view.row.id, forward).unwrap_or(Need::Nothing);
            }
            find::Message::Typed(text) => {
                // what is marked must be on screen
                self.tab = Tab::Message;
                let texts = texts(&self.view, &self.documents);
                self.finder.look_for(text, &texts);
            }
            find::Message::Next => self.finder.go(true),
            find::Message::Previous => self.finder.go(false),
            find::Message::Close => {
                self.leave_find();
                return Need::Nothing;
            }
        }
        Need::ScrollToFound
    }

    /// Ends looking for something; false when nothing was looked for.
    pub(super) fn leave_find(&mut self) -> bool {
        if let Some(viewer) = &mut self.documents.viewer {
            viewer.leave_search();
        }
        let was_open = self.finder.close();
        self.count_places();
        was_open
    }

    /// Which place, from 1, of how many.
    pub(super) fn position(&self) -> (usize, usize) {
        match &self.documents.viewer {
            Some(viewer) => viewer.position(),
            None => self.finder.position(),
        }
    }

    fn count_places(&mut self) {
        self.finder.count(&texts(&self.view, &self.documents));
    }

    fn show(&mut self, tab: Tab) -> Need {
        self.tab = tab;
        match tab {
            Tab::Text => {
                self.text.get_or_insert_with(|| text_editor::Content::with_text(&bounded(&self.view.text)));
                Need::Nothing
            }
            Tab::Source if matches!(self.raw, Raw::Unasked | Raw::Failed(_)) => {
                self.raw = Raw::Awaited;
                Need::Source(self.view.row.id)
            }
            _ => Need::Nothing,
        }
    }

    fn touch(&mut self, action: text_editor::Action) -> Need {
        if action.is_edit() {
            return Need::Nothing;
        }
        match (self.tab, &mut self.text, &mut self.raw) {
            (Tab::Text, Some(content), _) | (Tab::Source, _, Raw::Shown(content)) => content.perform(action),
            _ => {}
        }
        Need::Nothing
    }

    fn source_read(&mut self, id: MessageId, result: Result<String, Error>) -> Need {
        if id == self.view.row.id {
            self.raw = match result {
                Ok(text) => Raw::Shown(text_editor::Content::with_text(&bounded(&text))),
                Err(error) => Raw::Failed(error),
            };
        }
        Need::Nothing
    }

    fn image_read(&mut self, id: MessageId, index: usize, handle: Option<image::Handle>) -> Need {
        if id == self.view.row.id {
            self.pictures.insert(index, handle.map_or(Picture::Unreadable, Picture::Ready));
        }
        Need::Nothing
    }

    fn ask_link(&mut self, target: Option<String>) -> Need {
        self.link = target;
        Need::Nothing
    }
}

/// What the reader pane shows.
#[derive(Debug, Default)]
pub(super) enum Reader {
    /// Nothing is selected.
    #[default]
    Empty,
    /// A message is being read from the store or fetched.
    Loading(MessageId),
    /// A message.
    Shown(Box<Shown>),
    /// The message cannot be opened.
    Failed(MessageId, Error),
    /// Several messages are selected.
    Several(usize),
}

impl Reader {
    /// The message shown or awaited.
    pub(super) fn id(&self) -> Option<MessageId> {
        match self {
            Self::Loading(id) | Self::Failed(id, _) => Some(*id),
            Self::Shown(shown) => Some(shown.view.row.id),
            Self::Empty | Self::Several(_) => None,
        }
    }

    /// As [`Shown::face`], of whatever is shown.
    pub(super) fn face(&self) -> impl Hash + use<> {
        (self.id(), self.shown().map(Shown::face))
    }

    /// The message shown.
    pub(super) fn shown(&self) -> Option<&Shown> {
        match self {
            Self::Shown(shown) => Some(shown),
            _ => None,
        }
    }

    pub(super) fn shown_mut(&mut self) -> Option<&mut Shown> {
        match self {
            Self::Shown(shown) => Some(shown),
            _ => None,
        }
    }
}

/// Says whose a text on screen is: of a message, or of one of its documents.
pub(super) fn key(id: MessageId, document: Option<usize>) -> u64 {
    let document = document.map_or(0, |number| number as u64 + 1);
    id.0.cast_unsigned().wrapping_mul(1 << 12).wrapping_add(document)
}

/// The texts shown, in the order of the screen.
fn texts<'a>(view: &'a MessageView, documents: &'a Documents) -> Vec<(Part, &'a [Block])> {
    let open =
        documents.open.filter(|_| documents.viewer.is_none()).and_then(|number| documents.document(number));
    let open = open.map(|document| (Part::Document, document.blocks.as_slice()));
    open.into_iter().chain([(Part::Body, view.blocks.as_slice())]).collect()
}

fn inline_images(view: &MessageView) -> impl Iterator<Item = usize> {
    view.blocks
        .iter()
        .filter_map(|block| if let Block::Image(index) = block { Some(*index) } else { None })
        .take(MOST_IMAGES)
}

fn bounded(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}
