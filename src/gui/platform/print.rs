//! The system's print dialog.
//!
//! Linux: the desktop portal (`org.freedesktop.portal.Print`), which is handed an open file in memory and no path. Other
//! systems, and desktops without a portal, have no dialog for a program like this: their program for PDFs prints.

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    /// The dialog took it.
    Sent,
    /// The user thought better of it.
    Cancelled,
    /// This system has no dialog.
    NoDialog,
}

/// Shows the dialog for a PDF; returns when the user has answered.
pub async fn print(title: String, pdf: Vec<u8>) -> Printed {
    #[cfg(target_os = "linux")]
    let _visit = crate::engine::open_to_others();
    #[cfg(target_os = "linux")]
    return match linux::print(&title, &pdf).await {
        Ok(printed) => printed,
        Err(error) => {
            tracing::info!(%error, "no print dialog");
            Printed::NoDialog
        }
    };
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (title, pdf);
        Printed::NoDialog
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::fs::File;
    use std::io::{Seek, Write};
    use std::time::Duration;

    use futures::StreamExt as _;
    use zbus::zvariant::{Fd, OwnedObjectPath, OwnedValue, Value};
    use zbus::{Connection, MatchRule, MessageStream, Proxy};

    use super::Printed;

    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    const PORTAL_PATH: &str = "/org/freedesktop/portal/desktop";
    const PRINT: &str = "org.freedesktop.portal.Print";
    const REQUEST: &str = "org.freedesktop.portal.Request";
    /// Until the portal has taken the request; the dialog itself may stay open as long as it likes.
    const PATIENCE: Duration = Duration::from_secs(20);

    pub(super) async fn print(title: &str, pdf: &[u8]) -> zbus::Result<Printed> {
        print_by(&Connection::session().await?, title, pdf).await
    }

    pub(super) async fn print_by(bus: &Connection, title: &str, pdf: &[u8]) -> zbus::Result<Printed> {
        let file = in_memory(pdf)?;
        // every answer to us: the portal may name the request otherwise than we would
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .interface(REQUEST)?
            .member("Response")?
            .build();
        let mut answers = MessageStream::for_match_rule(rule, bus, Some(16)).await?;
        let portal = Proxy::new(bus, PORTAL, PORTAL_PATH, PRINT).await?;
        let options: HashMap<&str, Value<'_>> =
            HashMap::from([("handle_token", Value::from("estafette")), ("modal", Value::from(true))]);
        let arguments = ("", title, Fd::from(&file), options);
        let asked = portal.call::<_, _, OwnedObjectPath>("Print", &arguments);
        let handle = tokio::time::timeout(PATIENCE, asked)
            .await
            .map_err(|_| zbus::Error::Failure("the portal does not answer".to_owned()))??;
        while let Some(answer) = answers.next().await {
            let answer = answer?;
            if answer.header().path().is_some_and(|path| *path == *handle) {
                let (code, _) = answer.body().deserialize::<(u32, HashMap<String, OwnedValue>)>()?;
                return Ok(match code {
                    0 => Printed::Sent,
                    1 => Printed::Cancelled,
                    // the dialog could not be shown
                    _ => Printed::NoDialog,
                });
            }
        }
        Err(zbus::Error::Failure("the bus has ended".to_owned()))
    }

    /// A file that lies on no disk.
    fn in_memory(bytes: &[u8]) -> std::io::Result<File> {
        let descriptor = rustix::fs::memfd_create("estafette-print", rustix::fs::MemfdFlags::CLOEXEC)?;
        let mut file = File::from(descriptor);
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file)
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::HashMap;
    use std::io::Read;
    use std::sync::{Arc, Mutex};

    use zbus::object_server::SignalEmitter;
    use zbus::zvariant::{ObjectPath, OwnedFd, OwnedObjectPath, OwnedValue};

    use super::super::lock::linux::bus::Bus;
    use super::{Printed, linux};

    /// As much of the portal as is asked; answers after it has handed out the request, with this code.
    struct Portal {
        code: u32,
        printed: Arc<Mutex<Jobs>>,
    }

    /// Titles and pages of what was printed.
    type Jobs = Vec<(String, Vec<u8>)>;

    #[zbus::interface(name = "org.freedesktop.portal.Print")]
    impl Portal {
        async fn print(
            &self,
            _parent: String,
            title: String,
            fd: OwnedFd,
            options: HashMap<String, OwnedValue>,
            #[zbus(connection)] bus: &zbus::Connection,
        ) -> OwnedObjectPath {
            assert!(options.contains_key("handle_token"));
            let mut bytes = Vec::new();
            std::fs::File::from(std::os::fd::OwnedFd::from(fd)).read_to_end(&mut bytes).unwrap();
            self.printed.lock().unwrap().push((title, bytes));
            let path = ObjectPath::try_from("/org/freedesktop/portal/desktop/request/1_1/estafette").unwrap();
            let (bus, answered, code) = (bus.clone(), path.clone().into_owned(), self.code);
            tokio::spawn(async move {
                let nothing = HashMap::<String, OwnedValue>::new();
                for path in ["/org/freedesktop/portal/desktop/request/9_9/other", answered.as_str()] {
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    let emitter = SignalEmitter::new(&bus, path).unwrap();
                    let code = if path == answered.as_str() { code } else { 0 };
                    emitter
                        .emit("org.freedesktop.portal.Request", "Response", &(code, &nothing))
                        .await
                        .unwrap();
                }
            });
            path.into()
        }
    }

    async fn printed_with(code: u32) -> (Printed, Jobs) {
        let bus = Bus::start();
        let printed = Arc::<Mutex<Jobs>>::default();
        let portal = Portal { code, printed: Arc::clone(&printed) };
        let _desktop = zbus::connection::Builder::address(bus.address.as_str())
            .unwrap()
            .name("org.freedesktop.portal.Desktop")
            .unwrap()
            .serve_at("/org/freedesktop/portal/desktop", portal)
            .unwrap()
            .build()
            .await
            .unwrap();
        let ours = bus.connect().await;
        let answer = linux::print_by(&ours, "Compte rendu", b"%PDF-1.7 whole").await.unwrap();
        let got = printed.lock().unwrap().clone();
        (answer, got)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_portal_gets_the_whole_pdf_and_its_answer_counts() {
        for (code, meant) in [(0, Printed::Sent), (1, Printed::Cancelled), (2, Printed::NoDialog)] {
            let (answer, got) = printed_with(code).await;
            assert_eq!(answer, meant);
            assert_eq!(got, [("Compte rendu".to_owned(), b"%PDF-1.7 whole".to_vec())]);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_desktop_without_a_portal_is_told_at_once() {
        let bus = Bus::start();
        assert!(linux::print_by(&bus.connect().await, "x", b"%PDF-1.7").await.is_err());
    }
}
