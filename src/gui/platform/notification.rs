//! A word on the desktop, outside the program's windows. It names nobody: desktops keep what they showed, and show it on
//! their lock screens.
//!
//! Linux: `org.freedesktop.Notifications` on the session bus. Other systems ask for an installed and registered program
//! (an AppUserModelID, a signed bundle) before they show one; there, and on desktops without that service, the answer is
//! [`Told::Nowhere`].

use futures::Stream;

/// What is said.
#[derive(Debug, Clone)]
pub struct Words {
    /// The one line.
    pub summary: String,
    /// What a press on it does.
    pub open: String,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is shown under this number, which is never 0.
    Shown(u32),
    /// The user pressed on that one.
    Pressed(u32),
    /// That one is no longer there.
    Gone(u32),
    /// Nothing here shows such words.
    Nowhere,
}

/// The desktop, over one connection for the life of the program: many desktops take back what was shown over a
/// connection that ends.
#[derive(Clone, Default)]
pub struct Desktop {
    #[cfg(target_os = "linux")]
    bus: std::sync::Arc<tokio::sync::Mutex<Option<zbus::Connection>>>,
}

#[cfg(target_os = "linux")]
impl Desktop {
    /// Shows these words, in the place of those of the number `replaces` unless that is 0.
    pub fn show(&self, words: Words, replaces: u32) -> impl Stream<Item = Told> + Send + use<> {
        use futures::SinkExt as _;
        let desktop = self.clone();
        iced::stream::channel(4, async move |mut told| {
            let shown = match desktop.connected().await {
                Ok(bus) => linux::show(&bus, &words, replaces, &mut told).await,
                Err(error) => Err(error),
            };
            if let Err(error) = shown {
                tracing::info!(%error, "the desktop shows no notification");
                *desktop.bus.lock().await = None;
                let _ = told.send(Told::Nowhere).await;
            }
        })
    }

    /// Takes the words of this number back.
    pub async fn withdraw(self, number: u32) {
        let Some(bus) = self.bus.lock().await.clone() else { return };
        if let Err(error) = linux::withdraw(&bus, number).await {
            tracing::info!(%error, "a notification is not taken back");
        }
    }

    async fn connected(&self) -> zbus::Result<zbus::Connection> {
        let mut kept = self.bus.lock().await;
        if let Some(bus) = kept.as_ref() {
            return Ok(bus.clone());
        }
        let bus = zbus::Connection::session().await?;
        Ok(kept.insert(bus).clone())
    }
}

#[cfg(not(target_os = "linux"))]
impl Desktop {
    /// Nothing is shown here.
    pub fn show(&self, _words: Words, _replaces: u32) -> impl Stream<Item = Told> + Send + use<> {
        futures::stream::once(async { Told::Nowhere })
    }

    /// There is nothing to take back.
    pub async fn withdraw(self, _number: u32) {}
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::time::Duration;

    use futures::channel::mpsc;
    use futures::{SinkExt as _, StreamExt as _};
    use zbus::zvariant::Value;
    use zbus::{Connection, Proxy};

    use super::{Told, Words};
    use crate::gui::platform::APPLICATION;

    const SERVICE: &str = "org.freedesktop.Notifications";
    const SERVICE_PATH: &str = "/org/freedesktop/Notifications";
    /// The action a press on the words themselves means.
    const PRESS: &str = "default";
    /// As long as the desktop thinks right.
    const USUAL_TIME: i32 = -1;
    /// Until the service has answered; it may have to be started for it.
    const PATIENCE: Duration = Duration::from_secs(20);

    async fn service(bus: &Connection) -> zbus::Result<Proxy<'static>> {
        Proxy::new(bus, SERVICE, SERVICE_PATH, SERVICE).await
    }

    async fn in_time<T>(answer: impl Future<Output = zbus::Result<T>>) -> zbus::Result<T> {
        let silent = |_| zbus::Error::Failure("the desktop does not answer".to_owned());
        tokio::time::timeout(PATIENCE, answer).await.map_err(silent)?
    }

    /// Shows the words and follows them until they are gone.
    ///
    /// # Errors
    /// They are not shown.
    pub(super) async fn show(
        bus: &Connection,
        words: &Words,
        replaces: u32,
        told: &mut mpsc::Sender<Told>,
    ) -> zbus::Result<()> {
        let service = service(bus).await?;
        let mut presses = service.receive_signal("ActionInvoked").await?;
        let mut ends = service.receive_signal("NotificationClosed").await?;
        let hints: HashMap<&str, Value<'_>> = HashMap::from([
            ("desktop-entry", Value::from(APPLICATION)),
            ("category", Value::from("email.arrived")),
        ]);
        // a list: an array of fixed size would go as a structure
        let actions = vec![PRESS, words.open.as_str()];
        let (name, body) = ("Estafette", "");
        let said = (name, replaces, APPLICATION, words.summary.as_str(), body, actions, hints, USUAL_TIME);
        let number: u32 = in_time(service.call("Notify", &said)).await?;
        let mut next = told.send(Told::Shown(number)).await;
        while next.is_ok() {
            let fact = tokio::select! {
                press = presses.next() => match press {
                    None => Told::Gone(number),
                    Some(press) => match press.body().deserialize::<(u32, String)>() {
                        Ok((of, action)) if of == number && action == PRESS => Told::Pressed(number),
                        _ => continue,
                    },
                },
                end = ends.next() => match end {
                    None => Told::Gone(number),
                    Some(end) => match end.body().deserialize::<(u32, u32)>() {
                        Ok((of, _)) if of == number => Told::Gone(number),
                        _ => continue,
                    },
                },
            };
            next = told.send(fact).await;
            if fact == Told::Gone(number) {
                break;
            }
        }
        Ok(())
    }

    pub(super) async fn withdraw(bus: &Connection, number: u32) -> zbus::Result<()> {
        let service = service(bus).await?;
        in_time(service.call("CloseNotification", &(number,))).await
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex};

    use futures::StreamExt as _;
    use futures::channel::mpsc;
    use zbus::object_server::SignalEmitter;
    use zbus::zvariant::OwnedValue;

    use super::super::lock::linux::bus::Bus;
    use super::{Told, Words, linux};

    /// As much of the desktop's service as is asked, and what it was asked.
    #[derive(Clone, Default)]
    struct Service(Arc<Mutex<Vec<String>>>);

    #[zbus::interface(name = "org.freedesktop.Notifications")]
    impl Service {
        #[allow(clippy::too_many_arguments, reason = "the desktop's own interface")]
        fn notify(
            &self,
            name: String,
            replaces: u32,
            _icon: String,
            summary: String,
            body: String,
            actions: Vec<String>,
            hints: HashMap<String, OwnedValue>,
            _time: i32,
        ) -> u32 {
            assert!(hints.contains_key("desktop-entry"));
            self.0.lock().unwrap().push(format!("{name}|{summary}|{body}|{}|{replaces}", actions.join(",")));
            if replaces == 0 { 7 } else { replaces }
        }

        async fn close_notification(&self, number: u32, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) {
            self.0.lock().unwrap().push(format!("close {number}"));
            Self::notification_closed(&emitter, number, 3).await.unwrap();
        }

        #[zbus(signal)]
        async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;

        #[zbus(signal)]
        async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;
    }

    const PATH: &str = "/org/freedesktop/Notifications";

    async fn next(told: &mut mpsc::Receiver<Told>) -> Told {
        tokio::time::timeout(std::time::Duration::from_secs(20), told.next()).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn words_are_shown_replaced_pressed_on_and_taken_back() {
        let (bus, service) = (Bus::start(), Service::default());
        let desktop = zbus::connection::Builder::address(bus.address.as_str())
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .serve_at(PATH, service.clone())
            .unwrap()
            .build()
            .await
            .unwrap();
        let ours = bus.connect().await;
        let words = Words { summary: "Nouveau message".to_owned(), open: "Afficher".to_owned() };
        for replaces in [0, 7] {
            let (mut tell, mut told) = mpsc::channel(4);
            let (connection, words) = (ours.clone(), words.clone());
            let shown =
                tokio::spawn(async move { linux::show(&connection, &words, replaces, &mut tell).await });
            assert_eq!(next(&mut told).await, Told::Shown(7));
            let emitter = SignalEmitter::new(&desktop, PATH).unwrap();
            Service::action_invoked(&emitter, 6, "default").await.unwrap();
            Service::notification_closed(&emitter, 6, 2).await.unwrap();
            Service::action_invoked(&emitter, 7, "default").await.unwrap();
            assert_eq!(next(&mut told).await, Told::Pressed(7), "another program's are not ours");
            linux::withdraw(&ours, 7).await.unwrap();
            assert_eq!(next(&mut told).await, Told::Gone(7));
            shown.await.unwrap().unwrap();
        }
        let asked = service.0.lock().unwrap().clone();
        let said = |replaces| format!("Estafette|Nouveau message||default,Afficher|{replaces}");
        assert_eq!(asked, [said(0), "close 7".to_owned(), said(7), "close 7".to_owned()]);
    }

    #[tokio::test]
    async fn a_desktop_without_such_a_service_is_told_at_once() {
        let bus = Bus::start();
        let words = Words { summary: String::new(), open: String::new() };
        let (mut tell, _told) = mpsc::channel(4);
        assert!(linux::show(&bus.connect().await, &words, 0, &mut tell).await.is_err());
    }
}
