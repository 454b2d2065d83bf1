//! Free loopback ports for the programs that cannot choose their own.

use std::net::TcpListener;

use anyhow::{Context, Result};

/// First port tried: below the range from which systems take ports for outgoing connections.
const FIRST: u16 = 20_000;
const LAST: u16 = 30_000;

/// Ports of the programs of one instance; the operator's own listeners bind port 0 instead.
pub struct Ports {
    pub imap: u16,
    pub imaps: u16,
    pub smtp: u16,
    /// Postfix behind the submission service.
    pub relay: u16,
    /// First slot of the card reader; the driver also looks at the next port.
    pub reader: u16,
}

impl Ports {
    /// Chooses ports; the process id spreads instances that start at the same moment.
    pub fn choose() -> Result<Self> {
        let spread = u16::try_from(std::process::id() % 400).unwrap_or(0) * 24;
        let mut from = FIRST + spread;
        let mut next = |count: u16| -> Result<u16> {
            let mut tried = 0;
            loop {
                let free = (from..from + count).all(|p| TcpListener::bind(("127.0.0.1", p)).is_ok());
                let found = from;
                from = if from + count >= LAST { FIRST } else { from + count };
                tried += count;
                if free {
                    return Ok(found);
                }
                (tried < LAST - FIRST).then_some(()).context("no free port")?;
            }
        };
        Ok(Self { imap: next(1)?, imaps: next(1)?, smtp: next(1)?, relay: next(1)?, reader: next(2)? })
    }
}
