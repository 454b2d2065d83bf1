//! The log of the programs: to standard error, quiet by default, never with a secret or a patient in it.

use tracing_subscriber::filter::{EnvFilter, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Libraries that write credentials or whole lines of a session into their log: shut, whatever is asked for.
const SHUT: &[&str] = &["lettre", "async_imap", "imap_proto", "cryptoki", "ureq"];

/// Starts the log: warnings, or what `ESTAFETTE_LOG` asks for.
pub fn start() {
    let asked = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var("ESTAFETTE_LOG")
        .from_env_lossy();
    let without_secrets = filter_fn(|metadata| !SHUT.iter().any(|name| metadata.target().starts_with(name)));
    let less_chatter = Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_target("cosmic_text", LevelFilter::ERROR)
        .with_target("iced_winit", LevelFilter::ERROR);
    let written = fmt::layer().with_writer(std::io::stderr);
    let filtered = written.with_filter(asked).with_filter(without_secrets).with_filter(less_chatter);
    // a second start, as in tests, changes nothing
    let _ = tracing_subscriber::registry().with(filtered).try_init();
}
