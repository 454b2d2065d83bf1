//! The life of a connection: networks that change, servers that drop, passwords that are refused.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use estafette::domain::message::Flag;
use estafette::engine::{Connection, Limits};
use estafette::net::{Moment, Senses, SystemSenses};
use estafette::smtp;

use crate::closing::until;
use crate::desk::Desk;
use crate::gate::Gate;
use crate::mailbox::Plan;

/// The senses of this machine, which can be told that it slept or moved.
#[derive(Default)]
struct Fate {
    real: SystemSenses,
    asleep: Mutex<Duration>,
    local: Mutex<Option<Option<IpAddr>>>,
}

impl Fate {
    fn sleep(&self, long: Duration) {
        *self.asleep.lock().unwrap() += long;
    }

    /// `None`: no network.
    fn local(&self, address: Option<[u8; 4]>) {
        *self.local.lock().unwrap() = Some(address.map(IpAddr::from));
    }
}

impl Senses for Fate {
    fn now(&self) -> Moment {
        let now = self.real.now();
        Moment { wall: now.wall + *self.asleep.lock().unwrap(), ..now }
    }

    fn local_address(&self, peer: SocketAddr) -> Option<IpAddr> {
        self.local.lock().unwrap().unwrap_or_else(|| self.real.local_address(peer))
    }
}

/// Loops with a gate before the mailbox, synchronised once.
async fn behind_gate() -> (Desk, Gate, Arc<Fate>) {
    let desk = Desk::prepared().await;
    let gate = Gate::before(desk.imap_port());
    let fate = Arc::new(Fate::default());
    desk.begin(Some(gate.port), Limits::default(), Arc::clone(&fate) as Arc<dyn Senses>).await;
    up_to_date(&desk).await;
    (desk, gate, fate)
}

async fn up_to_date(desk: &Desk) {
    until("up to date", async || {
        let health = desk.engine.health().await.unwrap();
        health.accounts.iter().all(|a| matches!(a.connection, Connection::UpToDate))
    })
    .await;
}

fn logins(desk: &Desk) -> usize {
    desk.mailbox.count("AUTHENTICATE")
}

async fn logins_reach(desk: &Desk, count: usize) {
    until("another login", async || logins(desk) >= count).await;
}

#[tokio::test]
async fn another_network_makes_a_new_connection_within_seconds() {
    let (desk, gate, fate) = behind_gate().await;
    // the old connection is dead, and nothing says so: no packet comes any more
    gate.freeze();
    let start = Instant::now();
    fate.local(Some([10, 0, 0, 7]));
    logins_reach(&desk, 2).await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn after_a_sleep_a_dead_connection_is_replaced_and_a_living_one_is_kept() {
    let (desk, gate, fate) = behind_gate().await;
    fate.sleep(Duration::from_secs(3600));
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(logins(&desk), 1, "it answered");
    up_to_date(&desk).await;
    gate.freeze();
    let start = Instant::now();
    fate.sleep(Duration::from_secs(3600));
    logins_reach(&desk, 2).await;
    assert!(start.elapsed() < Duration::from_secs(11), "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_network_that_comes_back_ends_a_long_pause() {
    let (desk, mut gate, fate) = behind_gate().await;
    fate.local(None);
    gate.close();
    // until the pauses have grown
    tokio::time::sleep(Duration::from_secs(12)).await;
    gate.open();
    let start = Instant::now();
    fate.local(Some([127, 0, 0, 1]));
    logins_reach(&desk, 2).await;
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_message_that_waits_for_the_network_leaves_when_it_is_back() {
    let (desk, _gate, fate) = behind_gate().await;
    desk.post.plan(Plan { message: Some("451 later"), ..Plan::default() });
    let id = desk.queue().await;
    until("one attempt", async || desk.entry(id).await.trouble.is_some()).await;
    desk.post.plan(Plan::default());
    let start = Instant::now();
    fate.sleep(Duration::from_secs(3600));
    until("it is sent", async || desk.post.taken() == 1).await;
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_server_that_takes_the_login_and_drops_is_met_less_and_less_often() {
    let desk = Desk::prepared().await;
    desk.mailbox.state().drops_after = Some("LIST");
    desk.begin(None, Limits::default(), Arc::new(SystemSenses::default())).await;
    logins_reach(&desk, 1).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    // pauses of at least 0.5, 1, 2, 4 seconds
    assert!((2..=6).contains(&logins(&desk)), "{}", logins(&desk));
}

#[tokio::test]
async fn a_refused_password_is_not_tried_again_because_work_waits() {
    let desk = Desk::prepared().await;
    desk.mailbox.add("INBOX", 1, "a");
    desk.begin(None, Limits::default(), Arc::new(SystemSenses::default())).await;
    up_to_date(&desk).await;
    desk.mailbox.state().refuses_login = true;
    desk.mailbox.state().hangs_up = true;
    desk.engine.sync(None).await.unwrap_err();
    logins_reach(&desk, 2).await;
    until("the refusal is told", async || {
        let health = desk.engine.health().await.unwrap();
        matches!(&health.accounts[0].connection, Connection::Waiting(e) if e.code() == "login-refused")
    })
    .await;
    let row = desk.rows("INBOX").await.remove(0);
    for on in [true, false, true] {
        desk.engine.set_flag(&[row.id], Flag::Seen, on).await.unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    assert_eq!(logins(&desk), 2, "a password tried again and again would lock the mailbox");
    // the user may
    desk.mailbox.state().refuses_login = false;
    desk.mailbox.state().hangs_up = false;
    let synced = desk.engine.sync(None).await;
    assert!(synced.is_err() || logins(&desk) == 3);
    logins_reach(&desk, 3).await;
}

#[tokio::test]
async fn a_server_that_falls_silent_in_a_submission_does_not_hold_the_outbox() {
    let desk = Desk::prepared().await;
    let short = Duration::from_millis(500);
    let smtp = smtp::Limits { command: short, transfer: short, answer: short, ..smtp::Limits::default() };
    desk.post.plan(Plan { login: Some(""), ..Plan::default() });
    desk.begin(None, Limits { smtp, ..Limits::default() }, Arc::new(SystemSenses::default())).await;
    let id = desk.queue().await;
    until("it is told", async || desk.entry(id).await.trouble.as_deref() == Some("timeout")).await;
}
