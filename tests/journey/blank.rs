//! How long a doctor waits for her mail in the window, and how long it stays when the card leaves. By hand:
//! `cargo test --features gui-test --test journey blank -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

use crate::client::Operator;
use crate::display::Display;
use crate::program::{Profile, Program};
use crate::{MESSAGES, sees_the_inbox};

/// Where the mailbox shows rail and folders and the lock screen nothing.
const PLACE: (i16, i16, u16, u16) = (4, 120, 200, 400);

/// The pixels of a part of the screen, as the X server has them.
struct Eye {
    connection: RustConnection,
    root: u32,
}

impl Eye {
    fn on(display: &Display) -> Self {
        let (connection, screen) = x11rb::connect(Some(display.name())).unwrap();
        let root = connection.setup().roots[screen].root;
        Self { connection, root }
    }

    /// One colour only: nothing is drawn there.
    fn is_blank(&self) -> bool {
        let (x, y, width, height) = PLACE;
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, u32::MAX)
            .unwrap()
            .reply()
            .unwrap();
        let mut pixels = image.data.chunks(4).map(|pixel| &pixel[..3]);
        let first = pixels.next().unwrap();
        pixels.all(|pixel| pixel == first)
    }

    fn waits(&self, blank: bool) -> Instant {
        let start = Instant::now();
        while self.is_blank() != blank {
            assert!(start.elapsed() < Duration::from_secs(60), "the screen never becomes blank: {blank}");
            std::thread::sleep(Duration::from_millis(2));
        }
        Instant::now()
    }
}

/// Median, 95th percentile and maximum, in milliseconds.
#[allow(clippy::print_stdout, reason = "a measure tells its figures")]
fn told(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_millis();
    println!("{what}: n {} · p50 {} ms · p95 {} ms · max {} ms", times.len(), at(50), at(95), at(100));
}

#[test]
#[ignore = "a measure"]
fn from_insertion_to_holder_from_pin_to_mail_and_from_removal_to_the_first_picture_without_it() {
    let rounds = std::env::var("CARD_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let operator = Operator::start_with_reader(MESSAGES);
    let display = Display::start();
    let profile = Profile::new(&operator);
    let mut program = Program::start(&display, &operator, &profile, "blank");
    let eye = Eye::on(&display);
    let (mut holder, mut listed, mut blank) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        operator.card_insert("leroy");
        program.shows_when(&["the card is read"], |picture| picture.contains("card=locked"));
        holder.push(start.elapsed());
        display.type_in("1234");
        program.shows(&["typed=4"]);
        let start = Instant::now();
        display.press(&["Return"]);
        sees_the_inbox(&mut program);
        listed.push(start.elapsed());
        eye.waits(false);
        let start = Instant::now();
        operator.card_remove();
        blank.push(eye.waits(true) - start);
        program.shows_when(&["lock"], |picture| picture.starts_with("lock card=no-card"));
    }
    // the program's word is looked for every 30 ms, the screen every 2
    told("insertion to holder shown", holder);
    told("PIN to the list, card's work included", listed);
    told("removal to blank screen", blank);
}
