//! Words on the desktop about new mail.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use crate::client::Operator;
use crate::display::Display;
use crate::program::{Profile, Program, becomes_true};
use crate::{MESSAGES, opens_the_mail, rows, writes_from_laboratory};

/// The desktop's service, and what it was asked: `show WORDS` and `close`.
#[derive(Clone, Default)]
struct Notifications(Arc<Mutex<Vec<String>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[allow(clippy::too_many_arguments, reason = "the desktop's own interface")]
    fn notify(
        &self,
        _name: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: std::collections::HashMap<String, OwnedValue>,
        _time: i32,
    ) -> u32 {
        self.0.lock().unwrap().push(format!("show {summary}{body}"));
        replaces.max(3)
    }

    async fn close_notification(&self, number: u32, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) {
        self.0.lock().unwrap().push("close".to_owned());
        Self::notification_closed(&emitter, number, 3).await.unwrap();
    }

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;
}

/// A message bus with that service on it. It ends when dropped.
struct Desktop {
    daemon: Child,
    address: String,
    service: Notifications,
    connection: zbus::Connection,
    runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

const PLACE: &str = "/org/freedesktop/Notifications";

impl Desktop {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("bus.conf");
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>
             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
            dir.path().join("bus").display()
        );
        std::fs::write(&config, text).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon starts");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let (address, service) = (address.trim().to_owned(), Notifications::default());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let connection = runtime.block_on(async {
            let builder = zbus::connection::Builder::address(address.as_str()).unwrap();
            let builder = builder.name("org.freedesktop.Notifications").unwrap();
            builder.serve_at(PLACE, service.clone()).unwrap().build().await.unwrap()
        });
        Self { daemon, address, service, connection, runtime, _dir: dir }
    }

    fn asked(&self) -> Vec<String> {
        self.service.0.lock().unwrap().clone()
    }

    /// The user presses on the words.
    fn press(&self) {
        let emitter = SignalEmitter::new(&self.connection, PLACE).unwrap();
        self.runtime.block_on(Notifications::action_invoked(&emitter, 3, "default")).unwrap();
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

#[test]
fn new_mail_is_told_without_a_name_while_nobody_looks_and_the_lock_takes_that_back() {
    let operator = Operator::start_with_reader(MESSAGES);
    let desktop = Desktop::start();
    let display = Display::start().with_bus(&desktop.address);
    let profile = Profile::new(&operator);
    let mut program = Program::start(&display, &operator, &profile, "notification");
    opens_the_mail(&operator, &display, &mut program, "leroy");
    let comes = |subject: &str| {
        let doctor = "anne.leroy@medecin.mssante.example";
        becomes_true("the letter is taken", || writes_from_laboratory(&operator, doctor, subject));
    };

    // she looks at the window: nothing to tell
    let before = rows(&program.shows(&["mailbox"]));
    comes("Bilan lipidique");
    program.shows_when(&["one row more"], |picture| rows(picture) > before);
    assert!(desktop.asked().is_empty(), "{:?}", desktop.asked());

    // the window is put away
    display.put_away("Estafette");
    comes("Bilan hepatique");
    let told = |words: &[&str]| desktop.asked() == words;
    becomes_true("the desktop tells it", || told(&["show Nouveau message MSSanté"]));
    desktop.press();
    becomes_true("the window is there again", || display.focused().contains("Estafette"));
    becomes_true("the words are taken back", || told(&["show Nouveau message MSSanté", "close"]));

    display.put_away("Estafette");
    comes("Bilan renal");
    becomes_true("the desktop tells it", || desktop.asked().len() == 3);
    operator.card_remove();
    program.shows(&["lock", "card=no-card"]);
    becomes_true("the words are taken back", || desktop.asked().len() == 4);
    let asked = desktop.asked();
    assert_eq!(asked[2..], ["show Nouveau message MSSanté", "close"]);
}
