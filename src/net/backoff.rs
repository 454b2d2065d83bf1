//! How long to wait before trying again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Exponential back-off with jitter: each delay lies between half and the whole of a span that doubles up to a limit,
/// so that the clients of a server that went down do not come back all at once.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    span: Duration,
    random: u64,
}

impl Backoff {
    /// Spans from `first` to `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self::with_seed(first, longest, RandomState::new().hash_one(()))
    }

    /// The same with jitter that can be told in advance.
    pub fn with_seed(first: Duration, longest: Duration, seed: u64) -> Self {
        let first = first.min(longest);
        Self { first, longest, span: first, random: seed }
    }

    /// The next delay; the span doubles. No clock is read, nothing sleeps.
    #[allow(clippy::should_implement_trait)] // an endless sequence, not something to iterate over
    pub fn next(&mut self) -> Duration {
        // SplitMix64
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        let half = self.span / 2;
        let permille = u32::try_from(mixed % 1001).unwrap_or(0);
        let delay = half + half * permille / 1000;
        self.span = self.span.saturating_mul(2).min(self.longest);
        delay
    }

    /// Starts again from the first span: after a success, or when the network or the card came back.
    pub fn reset(&mut self) {
        self.span = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_within_their_bounds_and_start_again() {
        let (first, longest) = (Duration::from_secs(2), Duration::from_secs(300));
        for seed in 0..200 {
            let mut backoff = Backoff::with_seed(first, longest, seed);
            for span in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300] {
                let delay = backoff.next();
                let span = Duration::from_secs(span);
                assert!(delay >= span / 2 && delay <= span, "{delay:?} for {span:?}");
            }
            backoff.reset();
            assert!(backoff.next() <= first);
        }
    }

    #[test]
    fn clients_do_not_come_back_together() {
        let delay = |seed| Backoff::with_seed(Duration::from_secs(60), Duration::from_secs(60), seed).next();
        let different: std::collections::HashSet<_> = (0..100).map(delay).collect();
        assert!(different.len() > 80);
    }

    #[test]
    fn extreme_bounds_do_not_overflow() {
        let mut backoff = Backoff::new(Duration::ZERO, Duration::from_secs(1));
        assert_eq!(backoff.next(), Duration::ZERO);
        let mut backoff = Backoff::new(Duration::from_secs(9), Duration::from_secs(1));
        assert!(backoff.next() <= Duration::from_secs(1));
    }
}
