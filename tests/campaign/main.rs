//! Nothing is lost and nothing is sent twice: small campaigns of crashes and broken lines. The example `campaign` runs
//! the same ones large.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(unreachable_pub, missing_docs)]

#[path = "../operator/client.rs"]
mod client;
mod crash;
mod dice;
#[allow(dead_code, reason = "it runs in the example, which is what is killed")]
mod driver;
mod fault;
#[path = "../thread/gate.rs"]
mod gate;
mod ledger;
#[path = "../thread/maildir.rs"]
mod maildir;
mod model;
mod place;
mod verdict;

#[tokio::test]
async fn a_program_killed_again_and_again_loses_nothing_and_sends_nothing_twice() {
    let figures = crash::run(10, 1).await.unwrap();
    assert!(figures.complaints.is_empty(), "{figures:#?}");
    assert!(figures.done > 0, "{figures:?}");
}

#[tokio::test]
async fn a_line_that_breaks_anywhere_loses_nothing_and_sends_nothing_twice() {
    let figures = fault::run(30, 1).await.unwrap();
    assert!(figures.complaints.is_empty(), "{figures:#?}");
    assert!(figures.struck > 10 && figures.done > 0, "{figures:?}");
}

#[tokio::test]
async fn two_programs_on_one_mailbox_end_with_what_the_server_has() {
    for seed in 1..=2 {
        let figures = model::run(120, seed).await.unwrap();
        assert!(figures.complaints.is_empty(), "seed {seed}: {figures:#?}");
    }
}
