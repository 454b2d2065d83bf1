//! Free loopback ports for the programs that cannot choose their own.

use std::net::TcpListener;

use anyhow::{Context, Result};

use crate::dovecot::addresses;

/// First port tried: below the range from which systems take ports for outgoing connections.
const FIRST: u16 = 20_000;
const LAST: u16 = 30_000;

/// Ports of the programs of one instance; the operator's own listeners bind port 0 instead. The first three are
/// Dovecot's, behind the forwarders that clients connect to.
pub struct Ports {
    pub imap: u16,
    pub imaps: u16,
    pub smtp: u16,
    /// Postfix behind the submission service.
    pub relay: u16,
    /// Postfix with TLS for clients, which asks Dovecot who they are.
    pub submission: u16,
    /// Slot of the first card reader.
    pub reader: u16,
    /// Slot of the second one.
    pub second_reader: u16,
    pub cyrus: u16,
}

impl Ports {
    /// Chooses ports; the process id spreads instances that start at the same moment.
    pub fn choose() -> Result<Self> {
        let spread = u16::try_from(std::process::id() % 400).unwrap_or(0) * 24;
        let mut candidates = (FIRST + spread..LAST).chain(FIRST..FIRST + spread);
        let hosts: Vec<&str> = addresses().collect();
        let free = |port: &u16| hosts.iter().all(|host| TcpListener::bind((*host, *port)).is_ok());
        let mut next = || candidates.find(free).context("no free port");
        Ok(Self {
            imap: next()?,
            imaps: next()?,
            smtp: next()?,
            relay: next()?,
            submission: next()?,
            reader: next()?,
            second_reader: next()?,
            cyrus: next()?,
        })
    }
}
