//! Signs that the connections of this machine may be dead: it slept, or it reaches the network another way.
//!
//! Nothing here sends a packet or asks for a name: clocks are compared, and the system is asked which of its own
//! addresses it would use towards a server it was connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Difference between the two clocks that is no correction of the hour but a sleep.
const DRIFT: Duration = Duration::from_secs(5);
/// A tick later than this was not late because the machine is busy.
const LATE: Duration = Duration::from_secs(10);

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Time since 1970, which goes on while the machine sleeps.
    pub wall: Duration,
    /// Time since some start, which on most systems stands still while the machine sleeps.
    pub steady: Duration,
}

/// What is looked at; another one than [`SystemSenses`] only in tests.
pub trait Senses: Send + Sync {
    /// The clocks now.
    fn now(&self) -> Moment;
    /// The own address the system would use towards `peer`; `None` when no way leads there. Must not block.
    fn local_address(&self, peer: SocketAddr) -> Option<IpAddr>;
}

/// The clocks and routes of this machine.
#[derive(Debug)]
pub struct SystemSenses(Instant);

impl Default for SystemSenses {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Senses for SystemSenses {
    fn now(&self) -> Moment {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { wall, steady: self.0.elapsed() }
    }

    fn local_address(&self, peer: SocketAddr) -> Option<IpAddr> {
        let any: IpAddr = match peer {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0)).ok()?;
        // connecting a datagram socket only chooses the route
        socket.connect(peer).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    }
}

/// What was noticed about the way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The machine slept, or the program stood still: connections may be dead.
    Slept,
    /// No way leads to the server any more: connections may be dead.
    Gone,
    /// The way is back as it was: connections may be dead, new ones may succeed.
    Back,
    /// The way is another one: connections made before are dead, new ones may succeed.
    Moved,
}

/// Notices that the machine slept, asked at every tick.
#[derive(Debug)]
pub struct SleepWatch {
    tick: Duration,
    last: Moment,
}

impl SleepWatch {
    /// Will be asked every `tick`.
    pub fn new(tick: Duration, now: Moment) -> Self {
        Self { tick, last: now }
    }

    /// True when the machine slept, or the program was held up, since the last call.
    pub fn slept(&mut self, now: Moment) -> bool {
        let wall = now.wall.saturating_sub(self.last.wall);
        let steady = now.steady.saturating_sub(self.last.steady);
        self.last = now;
        // a clock that stands still during sleep shows it by the difference, another one by the late tick
        wall > steady + DRIFT || steady > self.tick + LATE
    }
}

/// Notices that the way to one server changed.
#[derive(Debug)]
pub struct Route {
    /// The own address of the last way there was.
    last: Option<IpAddr>,
    open: bool,
}

impl Route {
    /// `local` is the own address of the connection, or of the way now.
    pub fn new(local: Option<IpAddr>) -> Self {
        Self { last: local, open: local.is_some() }
    }

    /// What the way now tells.
    pub fn see(&mut self, local: Option<IpAddr>) -> Option<Sign> {
        let was_open = std::mem::replace(&mut self.open, local.is_some());
        let Some(local) = local else { return was_open.then_some(Sign::Gone) };
        let last = self.last.replace(local);
        match (last == Some(local), was_open) {
            (true, true) => None,
            (true, false) => Some(Sign::Back),
            (false, _) => Some(Sign::Moved),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_secs(2);

    fn at(wall: u64, steady: u64) -> Moment {
        Moment { wall: Duration::from_secs(1_000_000 + wall), steady: Duration::from_secs(steady) }
    }

    #[test]
    fn a_sleep_is_seen_whether_the_steady_clock_stood_still_or_went_on() {
        let mut watch = SleepWatch::new(TICK, at(0, 0));
        assert!(!watch.slept(at(2, 2)));
        assert!(watch.slept(at(604, 4)), "the steady clock stood still");
        assert!(!watch.slept(at(606, 6)), "told once");
        assert!(watch.slept(at(1206, 606)), "it went on");
        assert!(!watch.slept(at(1213, 613)), "a busy machine is late too");
    }

    #[test]
    fn a_clock_put_right_is_no_sleep_unless_it_looks_like_one() {
        let mut watch = SleepWatch::new(TICK, at(100, 0));
        assert!(!watch.slept(at(50, 2)), "put back");
        assert!(!watch.slept(at(55, 4)), "a little forward");
        assert!(watch.slept(at(7_257, 6)), "an hour forward cannot be told from a sleep");
    }

    #[test]
    fn a_way_that_goes_comes_back_or_changes_is_told_once() {
        let (home, away) = (Some(IpAddr::from([192, 168, 1, 5])), Some(IpAddr::from([10, 0, 0, 7])));
        let mut route = Route::new(home);
        let seen: Vec<_> = [home, None, None, home, home, away, None, home]
            .into_iter()
            .map(|local| route.see(local))
            .collect();
        assert_eq!(
            seen,
            [
                None,
                Some(Sign::Gone),
                None,
                Some(Sign::Back),
                None,
                Some(Sign::Moved),
                Some(Sign::Gone),
                Some(Sign::Moved)
            ]
        );
        assert_eq!(Route::new(None).see(home), Some(Sign::Moved), "the first way there is");
    }

    #[test]
    fn this_machine_answers_with_the_address_of_its_loopback() {
        let senses = SystemSenses::default();
        let peer = SocketAddr::from(([127, 0, 0, 1], 993));
        assert_eq!(senses.local_address(peer), Some(IpAddr::from([127, 0, 0, 1])));
        let mut watch = SleepWatch::new(TICK, senses.now());
        assert!(!watch.slept(senses.now()));
    }
}
