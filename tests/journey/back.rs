//! The card leaves and comes back, with another one between; and what stays on the disk.

use std::path::Path;

use crate::client::Operator;
use crate::display::Display;
use crate::program::{Profile, Program, becomes_true};
use crate::{MESSAGES, count, mailbox, reads, rows, sees_the_inbox, unlock};

const SUBJECT: &str = "Brouillon clavicule";
const TEXT: &str = "Chere consoeur, je finis";
/// Folder of drafts on the server.
const DRAFTS: &str = "Brouillons";

/// The value of a word of the trace.
fn word<'p>(picture: &'p str, name: &str) -> &'p str {
    picture.split(' ').find_map(|word| word.strip_prefix(name)).unwrap_or_default()
}

/// Opens another folder with messages in it, by the mouse.
fn opens_another_folder(display: &Display, program: &mut Program<'_>) -> String {
    let before = program.shows(&["reading=no"]);
    let inbox = word(&before, "folder=").to_owned();
    for y in (150..460).step_by(24) {
        display.click(150, y);
        std::thread::sleep(std::time::Duration::from_millis(700));
        let now = program.pictures().pop().unwrap_or_default();
        if now.starts_with("mailbox") && word(&now, "folder=") != inbox && rows(&now) > 1 {
            return now;
        }
    }
    panic!("no other folder with messages was found: {:?}", program.pictures().pop())
}

fn enters(operator: &Operator, display: &Display, program: &mut Program<'_>, card: &str) {
    operator.card_insert(card);
    program.shows_when(&["the card is read"], |picture| picture.contains("card=locked"));
    unlock(display, program, "1234");
}

fn leaves(operator: &Operator, program: &mut Program<'_>) {
    operator.card_remove();
    program.shows(&["lock", "card=no-card"]);
}

#[test]
fn the_same_card_puts_the_doctor_back_where_she_was_and_another_sees_nothing_of_it() {
    let operator = Operator::start_with_reader(MESSAGES);
    let display = Display::start();
    let profile = Profile::new(&operator);
    let mut leroy = mailbox(&operator, "leroy");
    let mut program = Program::start(&display, &operator, &profile, "back");
    enters(&operator, &display, &mut program, "leroy");
    sees_the_inbox(&mut program);

    // another folder, a message of it, and a letter half written
    let folder = opens_another_folder(&display, &mut program);
    let folder = format!("folder={}", word(&folder, "folder="));
    display.press(&["Down"]);
    program.shows(&[&folder, "reading=yes"]);
    display.press(&["ctrl+n"]);
    becomes_true("the composer has the keyboard", || display.focused().contains("Nouveau message"));
    display.next_field();
    display.next_field();
    display.type_in(SUBJECT);
    program.shows(&[&format!("subject={}", SUBJECT.len())]);
    display.next_field();
    display.type_in(TEXT);
    let letter = [format!("subject={}", SUBJECT.len()), format!("text={})", TEXT.len())];
    program.shows(&[&letter[0], &letter[1]]);

    // the card leaves at once: nothing of it stays, not even the window of the letter
    leaves(&operator, &mut program);
    becomes_true("the letter's window is closed", || display.windows("Nouveau message") == 0);
    becomes_true("no letter is on the screen", || {
        let words = display.words();
        words.contains("estafette") && !words.contains("clavicule") && !words.contains("consoeur")
    });

    // another card: its own inbox, and never a picture of the first one's place or letter
    let seen = program.pictures().len();
    enters(&operator, &display, &mut program, "martin");
    sees_the_inbox(&mut program);
    let words = reads(&display, &["marie.martin"]);
    assert!(!words.contains("clavicule") && !words.contains("consoeur"), "{words}");
    assert_eq!(display.windows("Nouveau message"), 0);
    leaves(&operator, &mut program);
    let others = program.pictures().split_off(seen);
    let hers = |picture: &&String| picture.contains("letter(") || picture.contains("reading=yes");
    assert_eq!(others.iter().find(hers), None, "a picture of the first doctor's work");

    // the first card again: folder, message and letter are there, and the letter is in the drafts on the server
    enters(&operator, &display, &mut program, "leroy");
    program.shows(&[&folder, "reading=yes", "chosen=1", &letter[0], &letter[1]]);
    reads(&display, &["clavicule"]);
    becomes_true("the draft is on the server", || {
        count(&mut leroy, DRAFTS, &format!("SUBJECT \"{SUBJECT}\"")) == 1
    });
    leaves(&operator, &mut program);
    assert!(program.close(), "the program did not end well");
    assert!(profile.path().join("settings.json").exists(), "the window kept its settings");
    attack_57_what_the_window_leaves_says_nothing(profile.path());
}

/// Every byte of the profile but the public directory: no subject, no text, no address, no name of a holder.
fn attack_57_what_the_window_leaves_says_nothing(profile: &Path) {
    let mut folders = vec![profile.to_owned()];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
                continue;
            }
            // the directory is public, and the trace is this test's own
            if name.starts_with("annuaire") || name == "trace" {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            read += 1;
            for private in [SUBJECT, TEXT, "anne.leroy", "marie.martin", "LEROY", "MARTIN", "99900000011"] {
                let wide: Vec<u8> = private.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let says = |words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
                assert!(!says(private.as_bytes()) && !says(&wide), "{private} in {}", path.display());
            }
        }
    }
    assert!(read > 4, "{read} files were read");
}
