//! Small campaigns of the example `campaign`, which runs them large by hand.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::process::Command;

/// Runs a campaign; a complaint makes it fail, and its figures are shown.
#[track_caller]
fn campaign(kind: &str, server: &str, rounds: usize, seed: usize) {
    let here = std::env::current_exe().unwrap();
    let path = here.ancestors().nth(2).unwrap().join("examples/campaign");
    assert!(path.exists(), "{} is missing: cargo build --examples", path.display());
    let size = [rounds, seed].map(|number| number.to_string());
    let output = Command::new(path)
        .args([kind, "--server", server, "--rounds", &size[0], "--seed", &size[1]])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("complaints: []"), "{told}");
}

#[test]
fn a_program_killed_again_and_again_loses_nothing_and_sends_nothing_twice() {
    campaign("crash", "dovecot", 10, 1);
}

#[test]
fn a_disk_that_fills_up_while_the_program_is_killed_loses_nothing() {
    campaign("disk", "dovecot", 6, 1);
}

#[test]
fn a_line_that_breaks_anywhere_loses_nothing_and_sends_nothing_twice() {
    campaign("fault", "dovecot", 24, 1);
}

#[test]
fn a_step_that_is_cut_garbled_doubled_or_swallowed_loses_nothing_and_sends_nothing_twice() {
    campaign("steps", "dovecot", 24, 1);
    campaign("steps", "cyrus", 12, 2);
}

#[test]
fn three_programs_on_one_mailbox_end_with_what_the_server_has() {
    for server in ["dovecot", "no-qresync", "no-condstore", "bare", "cyrus", "courier"] {
        campaign("model", server, 20, 1);
        campaign("model", server, 20, 2);
    }
}
