//! Watches over the network of this machine for the loops of a session: a sleep, another network, none, one again.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::outbox;
use super::session::OpenSession;
use super::watchdog::Pulse;
use crate::domain::id::AccountId;
use crate::net::{Route, Senses, Sign, SleepWatch};

/// How often the machine is looked at.
const TICK: Duration = Duration::from_secs(2);
/// Before the first connection the way is looked at towards an address that nobody has (RFC 5737): the default route.
const ANYWHERE: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 993);

/// Runs until the session ends.
pub(super) async fn run(session: Arc<OpenSession>, senses: Arc<dyn Senses>, pulse: Arc<Pulse>) {
    let mut sleep = SleepWatch::new(TICK, senses.now());
    let mut routes: HashMap<AccountId, (SocketAddr, Route)> = HashMap::new();
    loop {
        pulse.enter("watching", 30 * TICK);
        tokio::select! {
            () = session.cancel.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
        let slept = sleep.slept(senses.now());
        for (account, line) in session.lines() {
            let (local, peer) = line.ends().map_or((None, ANYWHERE), |(own, peer)| (Some(own.ip()), peer));
            let now = senses.local_address(peer);
            let known = routes.remove(&account).filter(|(of, _)| *of == peer);
            let (_, mut route) = known.unwrap_or_else(|| (peer, Route::new(local.or(now))));
            let seen = route.see(now);
            routes.insert(account, (peer, route));
            for sign in slept.then_some(Sign::Slept).into_iter().chain(seen) {
                tracing::info!(?sign, "the network may have changed");
                line.notice(sign);
                if sign != Sign::Gone
                    && let Err(error) = outbox::hurry(&session, account).await
                {
                    tracing::warn!(code = error.code(), "the outbox could not be woken");
                }
            }
        }
    }
}
