//! The reader: who wrote, about which patient, what is wrong with the message, and its text.

use iced::widget::{column, container, row, text_editor};
use iced::{Alignment, Length, Padding};

use super::super::find;
use super::super::reader::{Raw, Reader, Shown, Tab};
use super::super::{Deed, Mailbox, Message, Outcome, SaveError, Standing, name_differs, reader, shown_name};
use super::rows::{subject, trade};
use super::{blocks, conversation, document, drafts, identity};
use crate::domain::address::Mailbox as Correspondent;
use crate::domain::document::Warning;
use crate::domain::filing::Filed;
use crate::domain::id::MessageId;
use crate::domain::message::{Attachment, MDN_SENT};
use crate::domain::patient::PatientHint;
use crate::domain::person::Person;
use crate::domain::text::web_host;
use crate::domain::triage::Triage;
use crate::gui::font::{Icon, MONO, TEXT};
use crate::gui::screen::Context;
use crate::gui::shortcut::Command;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::{Badge, part, scrolled, whole};
use crate::gui::{Element, ui};

/// Most recipients named in the header.
const MOST_NAMES: usize = 6;

pub(super) fn view<'a>(mailbox: &'a Mailbox, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let draft = mailbox.shown_drafts().into_iter().find(|draft| Some(draft.id) == mailbox.draft);
    let content = match (&mailbox.reader, draft) {
        (Reader::Empty, Some(draft)) => drafts::chosen(draft, context),
        (Reader::Empty, _) => ui::empty(
            look,
            Icon::Mail,
            context.text("mailbox-reader-empty"),
            context.text("mailbox-reader-empty-detail"),
        ),
        (Reader::Loading(id), _) => loading(mailbox, *id, context),
        (Reader::Failed(_, error), _) => {
            let sentence = context.wording.error(error);
            container(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, Vec::new()))
                .padding(space::L)
                .into()
        }
        (Reader::Several(count), _) => several(mailbox, *count, context),
        (Reader::Shown(shown), _) => message(mailbox, shown, context),
    };
    let pane = container(content).width(Length::Fill).height(Length::Fill).style(ui::background(look));
    whole(mailbox.reader.face(), pane.into())
}

/// Nothing for the moment a message takes to be read from the store; one that has to be fetched first says so.
fn loading<'a>(mailbox: &Mailbox, id: MessageId, context: Context<'a>) -> Element<'a, Message> {
    match mailbox.listing.find(id).filter(|row| !row.downloaded) {
        Some(row) => {
            let size = context.wording.size(row.size);
            let title = context.with("mailbox-loading", &[("size", &size)]);
            ui::empty(context.look, Icon::Download, title, context.text("mailbox-loading-detail"))
        }
        None => iced::widget::space().into(),
    }
}

fn several<'a>(mailbox: &'a Mailbox, count: usize, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let title = context.with("mailbox-several", &[("count", &count.to_string())]);
    let buttons = DEEDS.iter().filter(|(_, _, _, deed)| !matches!(deed, Deed::ReplyAll | Deed::Print)).map(
        |(icon, _, key, deed)| {
            let press = mailbox.may(*deed).then_some(Message::Do(*deed));
            let is_refused = press.is_none();
            let button = ui::secondary(look, context.text(key)).icon(*icon).on_press_maybe(press);
            if is_refused {
                ui::tooltip(look, button, context.text("mailbox-folder-read-only"))
            } else {
                button.into()
            }
        },
    );
    let buttons = row(buttons).spacing(space::S).wrap().vertical_spacing(space::S);
    let mut content = column![ui::title(look, title), buttons].spacing(space::M);
    if mailbox.choosing_folder {
        content = content.push(folder_menu(mailbox, context));
    }
    if mailbox.choosing_state {
        content = content.push(state_menu(None, context));
    }
    container(content).padding(space::XL).into()
}

fn message<'a>(mailbox: &'a Mailbox, shown: &'a Shown, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut fixed = column![header(mailbox, shown, context)].spacing(space::M);
    if mailbox.choosing_folder {
        fixed = fixed.push(folder_menu(mailbox, context));
    }
    if mailbox.choosing_state {
        fixed = fixed.push(state_menu(Triage::of(&shown.view.row.flags), context));
    }
    if let Some(typed) = shown.finder.typed() {
        fixed = fixed.push(find_bar(shown, typed, context));
    }
    let mut parts = column![].spacing(space::M);
    let hint = || shown.view.row.patient.as_ref().map(|patient| hinted(patient, context));
    let strips = identity::strips(shown, context);
    if strips.is_empty()
        && let Some(words) = document::patient(shown, context).or_else(hint)
    {
        parts = parts.push(patient_strip(words, None, context));
    }
    for (words, action) in strips {
        parts = parts.push(patient_strip(words, action, context));
    }
    for banner in identity::banners(shown, context) {
        parts = parts.push(banner);
    }
    // what a colleague found comes before what the program has to say
    for banner in document::banners(shown, context) {
        parts = parts.push(banner);
    }
    for banner in banners(mailbox, shown, context) {
        parts = parts.push(banner);
    }
    if let Some(strip) = conversation::strip(mailbox, shown, context) {
        parts = parts.push(strip);
    }
    if !shown.view.attachments.is_empty() {
        parts = parts.push(attachments(&shown.view.attachments, context));
    }
    if let Some(cards) = document::cards(shown, context).filter(|_| shown.tab == Tab::Message) {
        parts = parts.push(cards);
    }
    let parts = parts.push(body(shown, context));
    // the text scrolls with what stands above it, so that warnings never leave it a slit; a text widget scrolls itself
    let rest: Element<'a, Message> = match shown.tab {
        Tab::Message => {
            let scroll = ui::scroll(look, scrolled(parts)).id(find::SCROLL).spacing(space::S);
            scroll.width(Length::Fill).height(Length::Fill).into()
        }
        Tab::Text | Tab::Source => parts.height(Length::Fill).into(),
    };
    let padding = Padding::from([space::L, space::L + space::XS]);
    // the part that scrolls is a layer, too
    let padding = padding.bottom(space::L + part(shown.face()));
    column![fixed, rest].spacing(space::M).padding(padding).height(Length::Fill).into()
}

/// The field that looks in the message, and the way from place to place.
fn find_bar<'a>(shown: &'a Shown, typed: &'a str, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let act = |message| Message::Reader(reader::Message::Find(message));
    let field = ui::field(look, &context.text("find-hint"), typed)
        .id(find::FIELD)
        .on_input(move |text| act(find::Message::Typed(text)))
        .on_submit(act(find::Message::Next));
    let (at, count) = shown.position();
    let position = match (typed.trim().is_empty(), count) {
        (true, _) => String::new(),
        (false, 0) => context.text("find-none"),
        _ => context.with("find-position", &[("at", &at.to_string()), ("count", &count.to_string())]),
    };
    let step = |message| (count > 0).then(|| act(message));
    let previous = context.text("cmd-find-previous");
    let next = context.text("cmd-find-next");
    row![
        container(field).width(look.px(280.0)),
        ui::caption(look, position),
        ui::icon_button(look, Icon::Up, previous, step(find::Message::Previous)),
        ui::icon_button(look, Icon::Down, next, step(find::Message::Next)),
        ui::icon_button(look, Icon::Close, context.text("mailbox-close"), Some(act(find::Message::Close))),
    ]
    .spacing(space::S)
    .align_y(Alignment::Center)
    .into()
}

fn header<'a>(mailbox: &'a Mailbox, shown: &'a Shown, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let main = row![
        ui::secondary(look, context.text("cmd-file")).icon(Icon::Archive).on_press(Message::Do(Deed::File)),
        ui::secondary(look, context.text("cmd-reply")).on_press(Message::Do(Deed::Reply)),
        ui::secondary(look, context.text("cmd-forward")).on_press(Message::Do(Deed::Forward)),
    ]
    .spacing(space::S);
    let title = ui::title(look, subject(&shown.view.row.subject, context)).width(Length::Fill);
    let first =
        row![title].extend(state(shown, context)).push(main).spacing(space::L).align_y(Alignment::Center);
    let tools = row(deeds(mailbox, context)).spacing(space::XS);
    let second = row![sender_lines(mailbox, shown, context), tools].spacing(space::L);
    column![first, second].spacing(space::XS).into()
}

/// Where the message stands; where only this station knows, it says so.
fn state<'a>(shown: &'a Shown, context: Context<'a>) -> Option<Element<'a, Message>> {
    let look = context.look;
    let badge = ui::badge(look, &super::rows::state_badge(Triage::of(&shown.view.row.flags)?, context));
    if !shown.view.row.state_is_local {
        return Some(badge);
    }
    let words =
        column![badge, ui::caption(look, context.text("triage-here-only"))].align_x(Alignment::Center);
    Some(ui::tooltip(look, words, context.text("triage-here-only-detail")))
}

fn sender_lines<'a>(mailbox: &'a Mailbox, shown: &'a Shown, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let fallback = &shown.view.row.from;
    let from = shown.view.envelope.from.first().unwrap_or(fallback);
    let person = shown.sender.person();
    let name = person.map_or_else(|| shown_name(from), Person::display_name);
    let mut who = row![ui::strong(look, name)].spacing(space::S).align_y(Alignment::Center);
    if let Some(person) = person {
        who = who.push(ui::caption(look, trade(person, &from.address, context)));
    }
    if let Some(badge) = standing_badge(&shown.sender, context) {
        who = who.push(ui::badge(look, &badge));
    }
    let filed = shown.filed.first().map(|filed| filed_line(filed, context));
    column![
        who.wrap(),
        ui::caption(look, from.address.as_str()),
        ui::caption(look, arrival(mailbox, shown, context))
    ]
    .extend(filed)
    .spacing(2.0)
    .width(Length::Fill)
    .into()
}

/// When and where the message was last filed.
fn filed_line<'a>(filed: &'a Filed, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let moment = context.wording.moment(filed.at, context.now);
    let key = if filed.rule.is_some() { "mailbox-filed-by-rule" } else { "mailbox-filed" };
    let values = [("moment", moment.as_str()), ("folder", &filed.destination_name)];
    let words = row![
        ui::icon(look, Icon::CheckCircle, 13.0, look.palette.good.text),
        ui::caption(look, context.with(key, &values)),
    ];
    let line = words.spacing(space::XS).align_y(Alignment::Center);
    ui::tooltip(look, line, filed.path.clone())
}

/// What the annuaire says of the sender, in a word and an icon.
fn standing_badge(standing: &Standing, context: Context<'_>) -> Option<Badge> {
    let badge = |tone, key, icon| Some(Badge::new(tone, context.text(key)).icon(icon));
    match standing {
        Standing::Asked => None,
        Standing::Verified(_) => badge(Tone::Accent, "mailbox-sender-verified", Icon::Verified),
        Standing::Patient => badge(Tone::Accent, "mailbox-sender-patient", Icon::Person),
        Standing::Unlisted => badge(Tone::Neutral, "mailbox-sender-unlisted", Icon::Help),
        Standing::Outside => badge(Tone::Warning, "mailbox-sender-outside", Icon::Warning),
    }
}

/// When it came, to whom, whether an answer of reading is asked for.
fn arrival(mailbox: &Mailbox, shown: &Shown, context: Context<'_>) -> String {
    let envelope = &shown.view.envelope;
    let moment = context.wording.moment(shown.view.row.date, context.now);
    let key = if mailbox.is_own(&shown.view.row) { "mailbox-sent" } else { "mailbox-received" };
    let mut parts = vec![context.with(key, &[("moment", &moment)])];
    if !envelope.to.is_empty() {
        parts.push(context.with("mailbox-to", &[("names", &names(&envelope.to, context))]));
    }
    if !envelope.cc.is_empty() {
        parts.push(context.with("mailbox-cc", &[("names", &names(&envelope.cc, context))]));
    }
    if envelope.receipt_to.is_some() {
        parts.push(context.text("mailbox-receipt-asked"));
    }
    parts.join(" · ")
}

fn names(people: &[Correspondent], context: Context<'_>) -> String {
    let mut names: Vec<String> = people.iter().take(MOST_NAMES).map(shown_name).collect();
    let more = people.len().saturating_sub(MOST_NAMES);
    if more > 0 {
        names.push(context.with("mailbox-and-more", &[("count", &more.to_string())]));
    }
    names.join(", ")
}

/// What can be done with the selection, beside answering one: icon, command with a key, text, deed.
const DEEDS: [(Icon, Option<Command>, &str, Deed); 9] = [
    (Icon::Archive, Some(Command::File), "cmd-file", Deed::File),
    (Icon::ReplyAll, Some(Command::ReplyAll), "cmd-reply-all", Deed::ReplyAll),
    (Icon::Star, Some(Command::ToggleFlag), "cmd-toggle-flag", Deed::ToggleStar),
    (Icon::Mail, Some(Command::ToggleSeen), "cmd-toggle-seen", Deed::ToggleRead),
    (Icon::Flag, None, "triage-menu", Deed::ChooseState),
    (Icon::MoveTo, None, "mailbox-move", Deed::ChooseFolder),
    (Icon::Print, Some(Command::Print), "cmd-print", Deed::Print),
    (Icon::Download, Some(Command::Export), "cmd-export", Deed::Export),
    (Icon::Trash, Some(Command::Delete), "cmd-delete", Deed::Delete),
];

fn deeds<'a>(mailbox: &Mailbox, context: Context<'a>) -> Vec<Element<'a, Message>> {
    let button = |(icon, command, key, deed): (Icon, Option<Command>, &str, Deed)| {
        let label = context.text(key);
        if !mailbox.may(deed) {
            let reason = format!("{label} — {}", context.text("mailbox-folder-read-only"));
            return ui::icon_button(context.look, icon, reason, None);
        }
        let label = command.map_or(label.clone(), |command| format!("{label} ({})", command.key()));
        ui::icon_button(context.look, icon, label, Some(Message::Do(deed)))
    };
    // filing one has a button with its name
    DEEDS.into_iter().filter(|(_, _, _, deed)| *deed != Deed::File).map(button).collect()
}

fn folder_menu<'a>(mailbox: &'a Mailbox, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let targets = mailbox.targets();
    if targets.is_empty() {
        return ui::card(look, ui::caption(look, context.text("mailbox-move-nowhere")))
            .width(Length::Fill)
            .into();
    }
    let buttons = targets.into_iter().map(|folder| {
        let deed = if mailbox.copies { Deed::Copy(folder.id) } else { Deed::Move(folder.id) };
        let go = Message::Do(deed);
        ui::secondary(look, context.wording.folder(folder)).icon(Icon::Folder).on_press(go).into()
    });
    let choices = [(false, context.text("mailbox-move")), (true, context.text("mailbox-copy"))];
    // what cannot leave its folder can only be copied
    let can_move = mailbox.may(Deed::Move(crate::domain::id::FolderId(0)));
    let choices = choices.into_iter().filter(|(copies, _)| *copies || can_move);
    let content = column![
        ui::segmented(look, choices, mailbox.copies, Message::Copies),
        row(buttons).spacing(space::S).wrap().vertical_spacing(space::S),
    ];
    ui::card(look, content.spacing(space::S)).padding(space::M).width(Length::Fill).into()
}

/// The patient a subject names.
fn hinted<'a>(patient: &'a PatientHint, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let birth = patient.birth_date.as_ref().map(|date| context.with("mailbox-born", &[("date", date)]));
    let name = row![ui::strong(look, patient.name.as_str()), ui::caption(look, birth.unwrap_or_default())]
        .spacing(space::S)
        .align_y(Alignment::Center);
    column![name, ui::caption(look, context.text("mailbox-patient-hint"))].into()
}

/// What can be said of the state of messages: one of four, or none.
fn state_menu<'a>(now: Option<Triage>, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let commands = [
        (Triage::ToRead, Command::MarkToRead),
        (Triage::ToFile, Command::MarkToFile),
        (Triage::Filed, Command::MarkFiled),
        (Triage::ToDo, Command::MarkToDo),
    ];
    let mut buttons = row![].spacing(space::S);
    for (state, command) in commands {
        let button =
            ui::secondary(look, context.wording.triage(state)).key(command.key()).chosen(now == Some(state));
        buttons = buttons.push(button.on_press(Message::Do(Deed::State(Some(state)))));
    }
    buttons =
        buttons.push(ui::quiet(look, context.text("triage-none")).on_press(Message::Do(Deed::State(None))));
    ui::card(look, buttons.wrap().vertical_spacing(space::S)).padding(space::M).width(Length::Fill).into()
}

fn patient_strip<'a>(
    words: Element<'a, Message>,
    action: Option<Element<'a, Message>>,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let accent = look.palette.accent;
    let bar = container(iced::widget::space())
        .width(3.0)
        .height(Length::Fill)
        .style(move |_| container::Style { background: Some(accent.into()), ..container::Style::default() });
    let words = row![container(words).width(Length::Fill)]
        .extend(action)
        .spacing(space::M)
        .align_y(Alignment::Center);
    let words = container(words).padding([space::S, space::M]).width(Length::Fill);
    ui::card(look, row![bar, words].height(Length::Shrink)).padding(1.0).width(Length::Fill).into()
}

fn banners<'a>(mailbox: &'a Mailbox, shown: &'a Shown, context: Context<'a>) -> Vec<Element<'a, Message>> {
    let look = context.look;
    let mut banners = Vec::new();
    let from = shown.view.envelope.from.first().unwrap_or(&shown.view.row.from);
    if name_differs(from, &shown.sender) {
        let real = shown.sender.person().map_or_else(|| from.address.clone(), Person::display_name);
        let detail =
            context.with("mailbox-name-differs-detail", &[("shown", &shown_name(from)), ("real", &real)]);
        banners.push(ui::banner(look, Tone::Alarm, context.text("mailbox-name-differs"), detail, Vec::new()));
    }
    let is_unknown = matches!(shown.sender, Standing::Unlisted | Standing::Outside | Standing::Patient);
    if let Some(person) = shown.namesake.as_deref().filter(|_| is_unknown) {
        let (name, address) = (person.display_name(), from.address.as_str());
        let title = context.with("mailbox-namesake", &[("name", &name)]);
        let detail = context.with("mailbox-namesake-detail", &[("name", &name), ("address", address)]);
        banners.push(ui::banner(look, Tone::Alarm, title, detail, Vec::new()));
    }
    if let Some(elsewhere) = answers_elsewhere(shown) {
        let detail = context.with(
            "mailbox-reply-elsewhere-detail",
            &[("from", &from.address), ("reply", &names(&elsewhere, context))],
        );
        let title = context.text("mailbox-reply-elsewhere");
        banners.push(ui::banner(look, Tone::Warning, title, detail, Vec::new()));
    }
    banners.extend(receipt_request(mailbox, shown, context));
    for defect in &shown.view.defects {
        let sentence = context.wording.warning(*defect);
        banners.push(ui::banner(look, tone(*defect), sentence.what, sentence.advice, Vec::new()));
    }
    if let Some(target) = &shown.link {
        let say = Message::Reader;
        let copy = ui::secondary(look, context.text("mailbox-link-copy"));
        let close = ui::quiet(look, context.text("mailbox-close"));
        let mut buttons = vec![copy.on_press(say(reader::Message::CopyLink)).into()];
        let title = match web_host(target) {
            Some(host) => {
                let browse = ui::secondary(look, context.text("mailbox-link-browse")).icon(Icon::External);
                buttons.push(browse.on_press(say(reader::Message::BrowseLink)).into());
                context.with("mailbox-link-host", &[("host", host)])
            }
            None => context.text("mailbox-link-title"),
        };
        buttons.push(close.on_press(say(reader::Message::LeaveLink)).into());
        banners.push(ui::banner(look, Tone::Warning, title, target.as_str(), buttons));
    }
    if let Some(outcome) = &mailbox.outcome {
        banners.push(outcome_banner(outcome, context));
    }
    banners
}

/// Who would get an answer, where that is not who wrote: by address, whatever the names.
fn answers_elsewhere(shown: &Shown) -> Option<Vec<Correspondent>> {
    let envelope = &shown.view.envelope;
    let wrote = |reply: &Correspondent| {
        envelope.from.iter().any(|from| from.address.eq_ignore_ascii_case(&reply.address))
    };
    let elsewhere = envelope.reply_to.iter().filter(|reply| !wrote(reply));
    let elsewhere: Vec<Correspondent> =
        elsewhere.map(|reply| Correspondent { name: None, address: reply.address.clone() }).collect();
    (!elsewhere.is_empty()).then_some(elsewhere)
}

/// The sender asks to be told that the message was read: answered once, by the reader's own decision (ECO.3.1.6).
fn receipt_request<'a>(
    mailbox: &'a Mailbox,
    shown: &'a Shown,
    context: Context<'a>,
) -> Option<Element<'a, Message>> {
    let (view, look) = (&shown.view, context.look);
    let asked_by = view.envelope.receipt_to.as_ref()?;
    let own = |address: &str| {
        mailbox.accounts.iter().any(|a| a.config.address.as_str().eq_ignore_ascii_case(address))
    };
    let answered = view.row.flags.keywords.iter().any(|k| k.eq_ignore_ascii_case(MDN_SENT));
    if answered || own(&asked_by.address) || own(&view.row.from.address) {
        return None;
    }
    let words = context.wording.receipt(&view.row.subject, view.row.date);
    let answer = |words| Message::AnswerReceipt(view.row.id, words);
    let buttons = vec![
        ui::secondary(look, context.text("mailbox-receipt-send"))
            .on_press(answer(Some(Box::new(words))))
            .into(),
        ui::quiet(look, context.text("mailbox-receipt-decline")).on_press(answer(None)).into(),
    ];
    let who = shown_name(asked_by);
    let detail = context.with("mailbox-receipt-detail", &[("who", &who)]);
    Some(ui::banner(look, Tone::Neutral, context.text("mailbox-receipt-title"), detail, buttons))
}

/// How grave it is to read on without knowing it.
pub(super) fn tone(warning: Warning) -> Tone {
    match warning {
        Warning::GuessedCharset
        | Warning::ActiveContentRemoved
        | Warning::BadDate
        | Warning::SignatureNotVerified
        | Warning::StylesheetIgnored
        | Warning::DtdIgnored
        | Warning::InsMissing
        | Warning::InsTest => Tone::Neutral,
        Warning::PatientDiffersFromMetadata
        | Warning::PatientDiffersFromSubject
        | Warning::SeveralPatients => Tone::Alarm,
        _ => Tone::Warning,
    }
}

fn outcome_banner<'a>(outcome: &'a Outcome, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let close = ui::quiet(look, context.text("mailbox-close")).on_press(Message::Dismiss).into();
    let (tone, title, detail) = match outcome {
        Outcome::Saved(path) => (Tone::Good, context.text("mailbox-saved"), path.display().to_string()),
        Outcome::NotSaved(SaveError::Disk(path) | SaveError::Exists(path)) => {
            (Tone::Warning, context.text("mailbox-not-saved"), path.display().to_string())
        }
        Outcome::NotSaved(SaveError::Unavailable(code)) => {
            let sentence = context.wording.code(code, &[]);
            (Tone::Warning, sentence.what, sentence.advice)
        }
    };
    ui::banner(look, tone, title, detail, vec![close])
}

fn attachments<'a>(attachments: &'a [Attachment], context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let shown: Vec<&Attachment> = attachments.iter().filter(|attachment| !attachment.inline).collect();
    let chips = shown.iter().map(|attachment| {
        let label = format!("{} · {}", attachment.name, context.wording.size(attachment.size));
        let badge = Badge::new(Tone::Neutral, label).icon(icon_of(&attachment.media_type));
        let tip = context.with("mailbox-save-one", &[("name", &attachment.name)]);
        ui::tooltip(look, ui::chip(look, &badge, Some(Message::Save(attachment.index)), None), tip)
    });
    let mut all: Vec<Element<'a, Message>> = chips.collect();
    if shown.len() > 1 {
        all.push(
            ui::link(look, context.text("mailbox-save-all")).height(28.0).on_press(Message::SaveAll).into(),
        );
    }
    row(all).spacing(space::S).wrap().vertical_spacing(space::S).into()
}

fn icon_of(media_type: &str) -> Icon {
    match media_type {
        "application/pdf" => Icon::Document,
        "application/zip" | "application/x-zip-compressed" => Icon::HealthDocument,
        kind if kind.starts_with("image/") => Icon::Picture,
        _ => Icon::File,
    }
}

fn body<'a>(shown: &'a Shown, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let tabs = [
        (Tab::Message, context.text("mailbox-tab-message")),
        (Tab::Text, context.text("mailbox-tab-text")),
        (Tab::Source, context.text("mailbox-tab-source")),
    ];
    let bar = ui::tabs(look, tabs, shown.tab, |tab| Message::Reader(reader::Message::Show(tab)));
    let content = match shown.tab {
        Tab::Message if shown.view.blocks.is_empty() && !shown.view.row.downloaded => missing(shown, context),
        Tab::Message => {
            let text = blocks::view(shown, context).map(Message::Reader);
            container(text).padding(space::L).max_width(look.px(860.0)).into()
        }
        Tab::Text => selectable(shown.text.as_ref(), false, context),
        Tab::Source => match &shown.raw {
            Raw::Shown(content) => selectable(Some(content), true, context),
            Raw::Failed(error) => ui::caption(look, context.wording.error(error).what).into(),
            Raw::Unasked | Raw::Awaited => iced::widget::space().into(),
        },
    };
    let inner = column![container(bar).padding([0.0, space::XS]), ui::divider(look), content];
    let height = if shown.tab == Tab::Message { Length::Shrink } else { Length::Fill };
    ui::card(look, inner).padding(1.0).width(Length::Fill).height(height).into()
}

/// The content is not here: it can be asked for.
fn missing<'a>(shown: &'a Shown, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let detail = if shown.is_asked { "mailbox-body-asked-detail" } else { "mailbox-body-missing-detail" };
    let empty = ui::empty(look, Icon::Offline, context.text("mailbox-body-missing"), context.text(detail));
    let size = context.wording.size(shown.view.row.size);
    let id = shown.view.row.id;
    let download = ui::primary(look, context.with("mailbox-download", &[("size", &size)]))
        .icon(Icon::Download)
        .on_press_maybe((!shown.is_asked).then_some(Message::Download(id)));
    column![empty, container(download).center_x(Length::Fill).padding(space::L)].into()
}

fn selectable<'a>(
    content: Option<&'a text_editor::Content>,
    mono: bool,
    context: Context<'a>,
) -> Element<'a, Message> {
    let Some(content) = content else { return iced::widget::space().into() };
    let look = context.look;
    let face = if mono { look.mono() } else { look.body() };
    text_editor(content)
        .on_action(|action| Message::Reader(reader::Message::Touch(action)))
        .font(if mono { MONO } else { TEXT })
        .size(face.pixels())
        .line_height(face.line_height())
        .padding(space::L)
        .height(Length::Fill)
        .style(ui::editor_style(look))
        .into()
}
