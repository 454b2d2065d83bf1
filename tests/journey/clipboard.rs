//! What was copied from a letter, and what another program copied.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::client::Operator;
use crate::display::Display;
use crate::program::{Profile, Program, becomes_true};
use crate::{MESSAGES, opens_the_mail};

/// What the header of every message has.
const HEADER: &str = "Message-ID";

/// Another program puts a text on the clipboard, and stays its owner.
fn copies_elsewhere(display: &Display, text: &str) {
    let mut xclip =
        display.command("xclip").args(["-selection", "clipboard", "-in"]).stdin(Stdio::piped()).spawn();
    let xclip = xclip.as_mut().expect("xclip starts");
    xclip.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(xclip.wait().unwrap().success());
}

/// The newest letter as it was received, all of it, on the clipboard.
fn copies_the_source(display: &Display, program: &mut Program<'_>) {
    display.press(&["Down"]);
    program.shows(&["reading=yes"]);
    // once more when it came too early: a letter that is opened shows itself first
    becomes_true("its source is on the clipboard", || {
        display.press(&["ctrl+shift+u"]);
        std::thread::sleep(Duration::from_secs(1));
        display.click(1000, 600);
        display.press(&["ctrl+a", "ctrl+c"]);
        std::thread::sleep(Duration::from_secs(2));
        display.clipboard().contains(HEADER)
    });
}

#[test]
fn what_was_copied_leaves_the_clipboard_with_the_card_and_what_another_program_copied_stays() {
    let operator = Operator::start_with_reader(MESSAGES);
    let display = Display::start();
    let profile = Profile::new(&operator);
    let mut program = Program::start(&display, &operator, &profile, "clipboard");
    opens_the_mail(&operator, &display, &mut program, "leroy");
    copies_the_source(&display, &mut program);

    let removed = Instant::now();
    operator.card_remove();
    becomes_true("the clipboard is empty", || display.clipboard().is_empty());
    eprintln!("removal to empty clipboard: at most {} ms", removed.elapsed().as_millis());
    program.shows(&["lock", "card=no-card"]);

    // locked by the key: the same
    opens_the_mail(&operator, &display, &mut program, "leroy");
    copies_the_source(&display, &mut program);
    display.press(&["ctrl+shift+l"]);
    becomes_true("the clipboard is empty", || display.clipboard().is_empty());

    // what was copied elsewhere after it is not ours to take away
    operator.card_remove();
    program.shows(&["lock", "card=no-card"]);
    opens_the_mail(&operator, &display, &mut program, "leroy");
    copies_the_source(&display, &mut program);
    copies_elsewhere(&display, "Rue des Lilas");
    assert_eq!(display.clipboard(), "Rue des Lilas");
    operator.card_remove();
    program.shows(&["lock", "card=no-card"]);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(display.clipboard(), "Rue des Lilas");
    assert!(program.close(), "the program did not end well");
    assert_eq!(display.clipboard(), "Rue des Lilas");
}
