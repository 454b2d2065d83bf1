//! Every command once: its key, its label, its name. The help page, the menus and the tests read this table.

use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};

/// A command of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Write a new message.
    New,
    /// Answer the sender.
    Reply,
    /// Answer everyone.
    ReplyAll,
    /// Forward.
    Forward,
    /// File what is selected.
    File,
    /// Delete what is selected.
    Delete,
    /// Take the last move or deletion back.
    Undo,
    /// Mark read or unread.
    ToggleSeen,
    /// Flag or unflag.
    ToggleFlag,
    /// Somebody must act on it.
    MarkToDo,
    /// It is to be filed.
    MarkToFile,
    /// Somebody must read it.
    MarkToRead,
    /// It is filed.
    MarkFiled,
    /// Print what is shown.
    Print,
    /// Write what is selected to files.
    Export,
    /// Show the message as it was received.
    Source,
    /// Look for a message.
    Search,
    /// Look for text in the message on screen.
    Find,
    /// To the next place found.
    FindNext,
    /// To the place found before.
    FindPrevious,
    /// Show the annuaire.
    Annuaire,
    /// Send what is written.
    Send,
    /// Attach a file.
    Attach,
    /// Write to another mailbox of the recipient.
    OtherMailbox,
    /// Take back the last sending.
    CancelSending,
    /// Fetch now.
    Sync,
    /// Go to the mailbox.
    GoMailbox,
    /// Go to the patients.
    GoPatients,
    /// Go to the annuaire.
    GoAnnuaire,
    /// Go to the sendings.
    GoSendings,
    /// Go to the diagnosis.
    GoTrouble,
    /// Go to the settings.
    GoSettings,
    /// Larger text.
    TextLarger,
    /// Smaller text.
    TextSmaller,
    /// The page or picture as wide as the reader.
    FitWidth,
    /// Lock now.
    Lock,
    /// List the keys.
    Help,
    /// Close what is open, go back.
    Back,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Shortcut {
    /// The command.
    pub command: Command,
    /// The key, as it is written: `Ctrl+Shift+R`.
    pub key: &'static str,
    /// Key of its label in the texts.
    pub label: &'static str,
}

const fn row(command: Command, key: &'static str, label: &'static str) -> Shortcut {
    Shortcut { command, key, label }
}

/// Every command, in the order of the help page.
pub const TABLE: &[Shortcut] = &[
    row(Command::New, "Ctrl+N", "cmd-new"),
    row(Command::Reply, "Ctrl+R", "cmd-reply"),
    row(Command::ReplyAll, "Ctrl+Shift+R", "cmd-reply-all"),
    row(Command::Forward, "Ctrl+L", "cmd-forward"),
    row(Command::File, "Ctrl+G", "cmd-file"),
    row(Command::Delete, "Delete", "cmd-delete"),
    row(Command::Undo, "Ctrl+Z", "cmd-undo"),
    row(Command::ToggleSeen, "Ctrl+U", "cmd-toggle-seen"),
    row(Command::ToggleFlag, "Ctrl+D", "cmd-toggle-flag"),
    row(Command::MarkToDo, "Ctrl+T", "triage-set-to-do"),
    row(Command::MarkToFile, "Ctrl+E", "triage-set-to-file"),
    row(Command::MarkToRead, "Ctrl+Shift+T", "triage-set-to-read"),
    row(Command::MarkFiled, "Ctrl+Shift+E", "triage-set-filed"),
    row(Command::Print, "Ctrl+P", "cmd-print"),
    row(Command::Export, "Ctrl+Shift+S", "cmd-export"),
    row(Command::Source, "Ctrl+Shift+U", "cmd-source"),
    row(Command::Search, "Ctrl+Shift+F", "cmd-search"),
    row(Command::Find, "Ctrl+F", "cmd-find"),
    row(Command::FindNext, "F3", "cmd-find-next"),
    row(Command::FindPrevious, "Shift+F3", "cmd-find-previous"),
    row(Command::Annuaire, "Ctrl+K", "cmd-annuaire"),
    row(Command::Send, "Ctrl+Enter", "cmd-send"),
    row(Command::Attach, "Ctrl+J", "cmd-attach"),
    row(Command::OtherMailbox, "Ctrl+M", "cmd-other-mailbox"),
    row(Command::CancelSending, "Ctrl+Shift+Z", "cmd-cancel-sending"),
    row(Command::Sync, "F5", "cmd-sync"),
    row(Command::GoMailbox, "Ctrl+1", "cmd-go-mailbox"),
    row(Command::GoAnnuaire, "Ctrl+2", "cmd-go-annuaire"),
    row(Command::GoSendings, "Ctrl+3", "cmd-go-sendings"),
    row(Command::GoTrouble, "Ctrl+4", "cmd-go-trouble"),
    row(Command::GoPatients, "Ctrl+5", "cmd-go-patients"),
    row(Command::GoSettings, "Ctrl+,", "cmd-go-settings"),
    row(Command::TextLarger, "Ctrl++", "cmd-text-larger"),
    row(Command::TextSmaller, "Ctrl+-", "cmd-text-smaller"),
    row(Command::FitWidth, "Ctrl+0", "cmd-fit-width"),
    row(Command::Lock, "Ctrl+Shift+L", "cmd-lock"),
    row(Command::Help, "F1", "cmd-help"),
    row(Command::Back, "Escape", "cmd-back"),
];

impl Command {
    /// How its key is written, for hints on buttons.
    pub fn key(self) -> &'static str {
        TABLE.iter().find(|row| row.command == self).map_or("", |row| row.key)
    }
}

/// The command of a key, if it has one.
pub fn command_of(key: &Key, modifiers: Modifiers) -> Option<Command> {
    TABLE.iter().find(|row| matches(row.key, key, modifiers)).map(|row| row.command)
}

fn matches(written: &str, key: &Key, modifiers: Modifiers) -> bool {
    let (wants_command, rest) = match written.strip_prefix("Ctrl+") {
        Some(rest) => (true, rest),
        None => (false, written),
    };
    let (wants_shift, name) = match rest.strip_prefix("Shift+") {
        Some(name) => (true, name),
        None => (false, rest),
    };
    // a sign such as + or a French digit needs Shift on some keyboards: Shift is then no part of the command
    let is_letter = name.len() == 1 && name.bytes().all(|b| b.is_ascii_alphabetic());
    let shift_agrees = modifiers.shift() == wants_shift || (name.len() == 1 && !is_letter);
    modifiers.command() == wants_command && !modifiers.alt() && shift_agrees && is_named(name, key)
}

fn is_named(name: &str, key: &Key) -> bool {
    match key {
        Key::Named(Named::Enter) => name == "Enter",
        Key::Named(Named::Delete) => name == "Delete",
        Key::Named(Named::Escape) => name == "Escape",
        Key::Named(Named::F1) => name == "F1",
        Key::Named(Named::F3) => name == "F3",
        Key::Named(Named::F5) => name == "F5",
        // the unshifted row of a French keyboard
        Key::Character(c) => {
            let c = match c.as_str() {
                "&" => "1",
                "à" => "0",
                "é" => "2",
                "\"" => "3",
                "'" => "4",
                "(" => "5",
                "=" => "+",
                other => other,
            };
            c.eq_ignore_ascii_case(name)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_one_command() {
        let mut keys: Vec<&str> = TABLE.iter().map(|row| row.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), TABLE.len());
    }

    #[test]
    fn keys_find_their_commands_on_french_keyboards_too() {
        let key = |c: &str| Key::Character(c.into());
        let ctrl = Modifiers::COMMAND;
        assert_eq!(command_of(&key("r"), ctrl), Some(Command::Reply));
        assert_eq!(command_of(&key("R"), ctrl | Modifiers::SHIFT), Some(Command::ReplyAll));
        assert_eq!(command_of(&key("&"), ctrl), Some(Command::GoMailbox));
        assert_eq!(command_of(&key("1"), ctrl | Modifiers::SHIFT), Some(Command::GoMailbox));
        assert_eq!(command_of(&key("r"), Modifiers::empty()), None);
        assert_eq!(command_of(&Key::Named(Named::Delete), Modifiers::empty()), Some(Command::Delete));
    }
}
