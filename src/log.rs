//! The log of the programs: to standard error, quiet by default, never with a secret or a patient in it.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Libraries that write credentials or whole lines of a session into their log: shut whatever is asked for.
const SHUT: &[&str] =
    &["lettre=off", "async_imap=off", "imap_proto=off", "cryptoki=off", "rustls=warn", "ureq=warn"];

/// Starts the log at the level `ESTAFETTE_LOG` asks for (`warn` without it).
pub fn start() {
    let mut filter = EnvFilter::try_from_env("ESTAFETTE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    for directive in SHUT {
        if let Ok(directive) = directive.parse() {
            filter = filter.add_directive(directive);
        }
    }
    let written = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // a second start, as in tests, changes nothing
    let _ = tracing_subscriber::registry().with(filter).with(written).try_init();
}
