//! How long an empty profile takes to show the newest messages.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use estafette::engine::{Engine, KeySource, Options};

/// Rows that fill a screen.
const SCREEN: u32 = 50;
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn run(profile: &Path) {
    tokio::runtime::Runtime::new().unwrap().block_on(wait(profile));
}

async fn wait(profile: &Path) {
    let options = Options {
        profile: PathBuf::from(profile),
        keys: KeySource::File(profile.join("vault.key")),
        module: None,
        send_delay: 0,
        background: true,
    };
    let engine = Engine::open(options).unwrap();
    let start = Instant::now();
    // the loops start with the session: connection, TLS and login are in the time
    engine.open_offline().await.unwrap();
    while start.elapsed() < LIMIT {
        let inbox = engine.folders().await.unwrap().into_iter().find(|f| f.path == "INBOX");
        if let Some(inbox) = inbox
            && engine.list(inbox.id, 0..SCREEN).await.unwrap().rows.len() == SCREEN as usize
        {
            let took = start.elapsed().as_secs_f64();
            println!(
                "the newest {SCREEN} messages in the list: {took:.2} s after the session began, login included"
            );
            engine.shutdown().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!("no {SCREEN} messages within {} s", LIMIT.as_secs());
    std::process::exit(1);
}
