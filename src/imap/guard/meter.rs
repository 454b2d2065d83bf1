//! How fast a server's words come in. Pure.

use std::time::Duration;

/// Bytes over which the speed is taken.
const WINDOW: u64 = 256 << 10;
/// Slow windows in a row after which the line is slow: a connection that has just opened its TCP window, or a server that
/// paused once, has one.
const SLOW_WINDOWS: u32 = 2;

/// Adds up bytes and the time they were waited for. Time in which the program did something else does not count, nor
/// does the first wait after a command, in which the server thinks and the command travels.
#[derive(Default)]
pub(super) struct Meter {
    bytes: u64,
    waited: Duration,
    slow: u32,
    asked: bool,
}

impl Meter {
    /// A command left.
    pub(super) fn asked(&mut self) {
        self.asked = true;
    }

    /// `bytes` came after a wait; below `limit` bytes per second is slow.
    pub(super) fn received(&mut self, bytes: usize, waited: Duration, limit: u64) {
        if std::mem::take(&mut self.asked) {
            return;
        }
        self.bytes += bytes as u64;
        self.waited += waited;
        if self.bytes >= WINDOW {
            let is_slow = u128::from(self.bytes) * 1_000_000 < u128::from(limit) * self.waited.as_micros();
            self.slow = if is_slow { self.slow + 1 } else { 0 };
            (self.bytes, self.waited) = (0, Duration::ZERO);
        }
    }

    /// The latest words came slowly, and there were many.
    pub(super) fn is_slow(&self) -> bool {
        self.slow >= SLOW_WINDOWS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 2_000_000;

    /// `total` bytes in records of 16 KiB at `rate` bytes per second.
    fn feed(meter: &mut Meter, total: usize, rate: u32) {
        for _ in 0..total / 16_384 {
            meter.received(16_384, Duration::from_secs(16_384) / rate, LIMIT);
        }
    }

    #[test]
    fn only_a_large_transfer_below_the_limit_is_slow() {
        let mut meter = Meter::default();
        feed(&mut meter, 300_000, 1_000_000);
        assert!(!meter.is_slow(), "too little to tell");
        feed(&mut meter, 300_000, 1_000_000);
        assert!(meter.is_slow());
        let mut fast = Meter::default();
        feed(&mut fast, 50_000_000, 2_100_000);
        assert!(!fast.is_slow());
    }

    #[test]
    fn one_pause_makes_no_slow_line_and_a_slow_line_may_become_fast() {
        let mut meter = Meter::default();
        feed(&mut meter, 300_000, 50_000_000);
        meter.received(16_384, Duration::from_secs(2), LIMIT);
        feed(&mut meter, 600_000, 50_000_000);
        assert!(!meter.is_slow());
        feed(&mut meter, 600_000, 500_000);
        assert!(meter.is_slow());
        feed(&mut meter, 600_000, 50_000_000);
        assert!(!meter.is_slow());
    }

    #[test]
    fn the_wait_for_an_answer_to_begin_is_no_slowness() {
        let mut meter = Meter::default();
        for _ in 0..2_000 {
            meter.asked();
            meter.received(500, Duration::from_millis(300), LIMIT);
            meter.received(1_000, Duration::from_micros(20), LIMIT);
        }
        assert!(!meter.is_slow());
    }

    #[test]
    fn with_a_limit_of_nothing_no_line_is_slow() {
        let mut meter = Meter::default();
        for _ in 0..100 {
            meter.received(16_384, Duration::from_secs(5), 0);
        }
        assert!(!meter.is_slow());
    }
}
