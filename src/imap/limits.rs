//! Bounds on what a server may send and how long it may take.

use std::time::Duration;

/// Limits of a session.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Time for the TCP connection.
    pub connect: Duration,
    /// Time for the TLS handshake; a card signs in it, which takes seconds.
    pub handshake: Duration,
    /// Longest time without a single byte while an answer is due.
    pub silence: Duration,
    /// Longest time for a command that moves no messages.
    pub command: Duration,
    /// Longest time for a command that moves messages.
    pub transfer: Duration,
    /// Time between two questions for news where the server has no IDLE.
    pub poll: Duration,
    /// Longest line in bytes, literals not counted.
    pub line: usize,
    /// Largest literal in bytes.
    pub literal: usize,
    /// Most responses to one command.
    pub responses: usize,
    /// Most bytes of responses to one command, literals not counted.
    pub text: usize,
    /// Most folders of a mailbox.
    pub folders: usize,
    /// Deepest nesting of parentheses.
    pub depth: usize,
    /// Most unsolicited responses kept; beyond, they become one [`super::Unsolicited::Overflow`].
    pub unsolicited: usize,
    /// Bytes per second below which the server is asked to compress, where it can; 0: never.
    pub slow_line: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            handshake: Duration::from_secs(60),
            silence: Duration::from_secs(60),
            command: Duration::from_secs(120),
            transfer: Duration::from_secs(3600),
            poll: Duration::from_secs(60),
            // a SEARCH answer without ESEARCH is one line: room for a million UIDs
            line: 8 << 20,
            literal: 100 << 20,
            responses: 2_000_000,
            // flags of a million messages take some 70 MB
            text: 128 << 20,
            folders: 20_000,
            depth: 64,
            unsolicited: 10_000,
            slow_line: 2_000_000,
        }
    }
}
