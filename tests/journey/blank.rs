//! How long mail stays on the screen when the card leaves. By hand:
//! `cargo test --features gui-test --test journey blank -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

use crate::client::Operator;
use crate::display::Display;
use crate::program::{Profile, Program};
use crate::{MESSAGES, sees_the_inbox, unlock};

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

#[test]
#[ignore = "a measure"]
#[allow(clippy::print_stdout, reason = "a measure tells its figures")]
fn from_removal_to_the_first_picture_without_mail() {
    let rounds = std::env::var("CARD_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let operator = Operator::start_with_reader(MESSAGES);
    let display = Display::start();
    let profile = Profile::new(&operator);
    let mut program = Program::start(&display, &operator, &profile, "blank");
    let eye = Eye::on(&display);
    let mut times = Vec::new();
    for _ in 0..rounds {
        operator.card_insert("leroy");
        program.shows_when(&["the card is read"], |picture| picture.contains("card=locked"));
        unlock(&display, &mut program, "1234");
        sees_the_inbox(&mut program);
        eye.waits(false);
        let start = Instant::now();
        operator.card_remove();
        times.push(eye.waits(true) - start);
        program.shows_when(&["lock"], |picture| picture.starts_with("lock card=no-card"));
    }
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_millis();
    println!(
        "removal to blank screen: n {} · p50 {} ms · p95 {} ms · max {} ms",
        times.len(),
        at(50),
        at(95),
        at(100)
    );
}
