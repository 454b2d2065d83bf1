//! How long a submission server may take.

use std::time::Duration;

/// Deadlines of a submission (RFC 5321 §4.5.3.2 asks for generous ones after the final dot).
#[derive(Debug, Clone)]
pub struct Limits {
    /// Time for the TCP connection.
    pub connect: Duration,
    /// Time for the TLS handshake; a card signs in it, which takes seconds.
    pub handshake: Duration,
    /// Time for the answer to one command.
    pub command: Duration,
    /// Time to hand the message over.
    pub transfer: Duration,
    /// Time in which at least some of the message must go.
    pub silence: Duration,
    /// Time for the answer to the final dot.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            handshake: Duration::from_secs(60),
            command: Duration::from_secs(120),
            transfer: Duration::from_secs(1800),
            silence: Duration::from_secs(120),
            answer: Duration::from_secs(600),
        }
    }
}
