//! Times as a table.

use std::time::Duration;

/// Percentiles of some times, in milliseconds.
pub(crate) struct Times {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Times {
    pub(crate) fn of(times: &[Duration]) -> Self {
        let mut sorted: Vec<f64> = times.iter().map(|t| t.as_secs_f64() * 1e3).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            sorted
                .get(((sorted.len().max(1) - 1) as f64 * share).round() as usize)
                .copied()
                .unwrap_or(f64::NAN)
        };
        Self { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1.0) }
    }

    pub(crate) fn row(&self, name: &str) {
        println!("{name:<44} {:>8.2} {:>8.2} {:>8.2} {:>8.2}", self.p50, self.p95, self.p99, self.max);
    }
}

pub(crate) fn head(title: &str) {
    println!("{title:<44} {:>8} {:>8} {:>8} {:>8}", "p50 ms", "p95 ms", "p99 ms", "max ms");
}
