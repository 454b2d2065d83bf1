//! What the operator leaves open to the world, and what it leaves behind.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::client::Operator;

/// The operator's process and everything below it.
fn family(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let status = fs::read_to_string(entry.path().join("status")).ok()?;
            let parent = status.lines().find_map(|l| l.strip_prefix("PPid:"))?.trim().parse().ok()?;
            Some((pid, parent))
        })
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, p)| *p == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    found
}

/// Inodes of the sockets a process holds.
fn sockets(pid: u32) -> HashSet<String> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return HashSet::new() };
    let links = entries.flatten().filter_map(|e| fs::read_link(e.path()).ok());
    links.filter_map(|l| Some(l.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())).collect()
}

/// Local addresses (hexadecimal, as the kernel prints them) of listening sockets with one of these inodes.
fn listening(inodes: &HashSet<String>) -> Vec<String> {
    const LISTEN: &str = "0A";
    let mut found = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let words: Vec<_> = line.split_whitespace().collect();
            if words[3] == LISTEN && inodes.contains(words[9]) {
                found.push(words[1].to_owned());
            }
        }
    }
    found
}

#[test]
fn nothing_listens_outside_the_loopback() {
    let operator = Operator::start(1);
    let inodes = family(operator.id()).into_iter().flat_map(sockets).collect();
    let addresses = listening(&inodes);
    assert!(
        addresses.len() >= 10,
        "only {} listeners found: is this test looking in the right place?",
        addresses.len()
    );
    for address in addresses {
        // 127.0.0.0/8, in the byte order of /proc/net/tcp.
        assert!(address.len() == 13 && address[6..8] == *"7F", "{address}");
    }
}

#[test]
fn stopping_leaves_no_process_and_no_file() {
    let operator = Operator::start(1);
    let dir = operator.text("dir").to_owned();
    let members = family(operator.id());
    assert!(members.len() > 5, "only {} processes", members.len());
    drop(operator);
    assert!(!Path::new(&dir).exists(), "{dir} is still there");
    // A process without a command line is one that ended and waits to be counted.
    let lives = |pid: &u32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty());
    let start = Instant::now();
    while members.iter().any(lives) {
        assert!(start.elapsed() < Duration::from_secs(20), "still running: {members:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
