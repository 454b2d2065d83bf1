//! Linux: logind's `Lock` and `PrepareForSleep` on the system bus, and the screen savers' `ActiveChanged` on the session
//! bus.

use std::sync::Arc;
use std::time::Duration;

use futures::channel::mpsc;
use futures::{SinkExt as _, Stream, StreamExt as _};
use zbus::zvariant::{OwnedFd, OwnedObjectPath};
use zbus::{Connection, MatchRule, MessageStream, Proxy};

use super::{Delay, SystemLock};

const LOGIN: &str = "org.freedesktop.login1";
const LOGIN_PATH: &str = "/org/freedesktop/login1";
const LOGIN_MANAGER: &str = "org.freedesktop.login1.Manager";
const LOGIN_SESSION: &str = "org.freedesktop.login1.Session";
/// Screen savers that tell when they cover the screen.
const SAVERS: [&str; 4] = [
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
];
/// Until a bus that is not there, or went away, is looked for again.
const PAUSE: Duration = Duration::from_secs(60);

pub(super) fn system_locks() -> impl Stream<Item = SystemLock> {
    iced::stream::channel(8, async |told: mpsc::Sender<SystemLock>| {
        let (mut to_login, mut to_saver) = (told.clone(), told);
        let login = async {
            loop {
                if let Ok(bus) = Connection::system().await {
                    ended("logind", login(&bus, &mut to_login).await);
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let saver = async {
            loop {
                if let Ok(bus) = Connection::session().await {
                    ended("screen saver", saver(&bus, &mut to_saver).await);
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        futures::join!(login, saver);
    })
}

fn ended(whom: &str, result: zbus::Result<()>) {
    if let Err(error) = result {
        tracing::info!(whom, %error, "the system's lock is not heard");
    }
}

/// Follows logind until its bus ends.
async fn login(bus: &Connection, told: &mut mpsc::Sender<SystemLock>) -> zbus::Result<()> {
    let manager = Proxy::new(bus, LOGIN, LOGIN_PATH, LOGIN_MANAGER).await?;
    let mut sleeps = manager.receive_signal("PrepareForSleep").await?;
    let mut rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender(LOGIN)?
        .interface(LOGIN_SESSION)?
        .member("Lock")?;
    // a session that cannot be told from others: one lock too many harms nobody
    let session = session(&manager).await;
    if let Some(path) = &session {
        rule = rule.path(path.as_ref())?;
    }
    let mut locks = MessageStream::for_match_rule(rule.build(), bus, Some(8)).await?;
    let mut delay = inhibit(&manager).await;
    loop {
        let lock = tokio::select! {
            sleep = sleeps.next() => match sleep.map(|signal| signal.body().deserialize::<bool>()) {
                None => return Ok(()),
                Some(Ok(true)) => SystemLock::Sleeping(std::mem::take(&mut delay)),
                Some(Ok(false)) => {
                    delay = inhibit(&manager).await;
                    continue;
                }
                Some(Err(_)) => continue,
            },
            lock = locks.next() => match lock {
                None => return Ok(()),
                Some(_) => SystemLock::Locked,
            },
        };
        if told.send(lock).await.is_err() {
            return Ok(());
        }
    }
}

async fn session(manager: &Proxy<'_>) -> Option<OwnedObjectPath> {
    if let Ok(id) = std::env::var("XDG_SESSION_ID")
        && let Ok(path) = manager.call("GetSession", &(id,)).await
    {
        return Some(path);
    }
    manager.call("GetSessionByPID", &(std::process::id(),)).await.ok()
}

/// Asks logind to wait for us before it sleeps; without its leave the sleep is not held up.
async fn inhibit(manager: &Proxy<'_>) -> Delay {
    let words = ("sleep", "Estafette", "Verrouillage / Locking", "delay");
    match manager.call::<_, _, OwnedFd>("Inhibit", &words).await {
        Ok(descriptor) => Delay(Some(Arc::new(descriptor))),
        Err(error) => {
            tracing::info!(%error, "a sleep will not wait for the lock");
            Delay::default()
        }
    }
}

/// Follows the screen savers until their bus ends.
async fn saver(bus: &Connection, told: &mut mpsc::Sender<SystemLock>) -> zbus::Result<()> {
    let mut streams = Vec::new();
    for interface in SAVERS {
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .interface(interface)?
            .member("ActiveChanged")?;
        streams.push(MessageStream::for_match_rule(rule.build(), bus, Some(8)).await?);
    }
    let mut changes = futures::stream::select_all(streams);
    while let Some(change) = changes.next().await {
        let covers = change.is_ok_and(|signal| signal.body().deserialize::<bool>().unwrap_or(false));
        if covers && told.send(SystemLock::Locked).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// A message bus of its own for a test, ended with it.
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
pub(in crate::gui::platform) mod bus {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    pub(in crate::gui::platform) struct Bus {
        daemon: Child,
        pub(in crate::gui::platform) address: String,
        _dir: tempfile::TempDir,
    }

    impl Bus {
        pub(in crate::gui::platform) fn start() -> Self {
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
                .expect("dbus-daemon is installed");
            let mut address = String::new();
            BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
            Self { daemon, address: address.trim().to_owned(), _dir: dir }
        }

        pub(in crate::gui::platform) async fn connect(&self) -> zbus::Connection {
            zbus::connection::Builder::address(self.address.as_str()).unwrap().build().await.unwrap()
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.daemon.kill();
            let _ = self.daemon.wait();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use std::io::Read;
    use std::os::fd::OwnedFd as StdFd;
    use std::os::unix::net::UnixStream;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use futures::StreamExt as _;
    use futures::channel::mpsc;
    use zbus::zvariant::{ObjectPath, OwnedFd, OwnedObjectPath};

    use super::bus::Bus;
    use super::{SystemLock, login, saver};

    /// As much of logind as is asked; keeps our end of what holds the sleep up.
    struct Login(Arc<Mutex<Vec<UnixStream>>>);

    #[zbus::interface(name = "org.freedesktop.login1.Manager")]
    impl Login {
        fn get_session(&self, _id: String) -> OwnedObjectPath {
            ObjectPath::try_from("/org/freedesktop/login1/session/own").unwrap().into()
        }

        #[zbus(name = "GetSessionByPID")]
        fn get_session_by_pid(&self, _pid: u32) -> OwnedObjectPath {
            ObjectPath::try_from("/org/freedesktop/login1/session/own").unwrap().into()
        }

        fn inhibit(&self, what: String, _who: String, _why: String, mode: String) -> OwnedFd {
            assert_eq!((what.as_str(), mode.as_str()), ("sleep", "delay"));
            let (ours, theirs) = UnixStream::pair().unwrap();
            self.0.lock().unwrap().push(ours);
            StdFd::from(theirs).into()
        }
    }

    async fn next(heard: &mut mpsc::Receiver<SystemLock>) -> Option<SystemLock> {
        tokio::time::timeout(Duration::from_secs(20), heard.next()).await.expect("never told")
    }

    async fn silent(heard: &mut mpsc::Receiver<SystemLock>) -> bool {
        tokio::time::timeout(Duration::from_millis(300), heard.next()).await.is_err()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_locked_session_and_a_sleep_are_heard_and_the_sleep_waits_for_us() {
        let bus = Bus::start();
        let held = Arc::new(Mutex::new(Vec::new()));
        let logind = zbus::connection::Builder::address(bus.address.as_str())
            .unwrap()
            .name("org.freedesktop.login1")
            .unwrap()
            .serve_at("/org/freedesktop/login1", Login(Arc::clone(&held)))
            .unwrap()
            .build()
            .await
            .unwrap();
        let (mut told, mut heard) = mpsc::channel(8);
        let ours = bus.connect().await;
        tokio::spawn(async move { login(&ours, &mut told).await });
        while held.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let emit = async |path: &str, interface: &str, member: &str, body: Option<bool>| {
            let destination = None::<zbus::names::BusName<'_>>;
            match body {
                Some(body) => logind.emit_signal(destination, path, interface, member, &body).await,
                None => logind.emit_signal(destination, path, interface, member, &()).await,
            }
            .unwrap();
        };
        let (manager, session) = ("org.freedesktop.login1.Manager", "org.freedesktop.login1.Session");
        emit("/org/freedesktop/login1/session/other", session, "Lock", None).await;
        assert!(silent(&mut heard).await, "another session's lock is not ours");
        emit("/org/freedesktop/login1/session/own", session, "Lock", None).await;
        assert!(matches!(next(&mut heard).await, Some(SystemLock::Locked)));

        emit("/org/freedesktop/login1", manager, "PrepareForSleep", Some(true)).await;
        let Some(SystemLock::Sleeping(delay)) = next(&mut heard).await else { panic!("no sleep") };
        let mut end = held.lock().unwrap().remove(0);
        end.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        assert!(end.read(&mut [0]).is_err(), "the sleep is held up while we lock");
        drop(delay);
        end.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        assert_eq!(end.read(&mut [0]).unwrap(), 0, "and no longer");

        emit("/org/freedesktop/login1", manager, "PrepareForSleep", Some(false)).await;
        while held.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(silent(&mut heard).await, "waking locks nothing, and the next sleep waits again");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_screen_saver_that_covers_the_screen_is_heard() {
        let bus = Bus::start();
        let (mut told, mut heard) = mpsc::channel(8);
        let (ours, desktop) = (bus.connect().await, bus.connect().await);
        tokio::spawn(async move { saver(&ours, &mut told).await });
        for interface in ["org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"] {
            // until the other side listens
            let mut tries = 0;
            loop {
                let nobody = None::<zbus::names::BusName<'_>>;
                desktop.emit_signal(nobody, "/a", interface, "ActiveChanged", &true).await.unwrap();
                if !silent(&mut heard).await {
                    break;
                }
                tries += 1;
                assert!(tries < 60, "{interface} was never heard");
            }
            let nobody = None::<zbus::names::BusName<'_>>;
            desktop.emit_signal(nobody, "/a", interface, "ActiveChanged", &false).await.unwrap();
            while !silent(&mut heard).await {}
        }
    }
}
