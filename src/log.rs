//! The log of the programs: to standard error, quiet by default, never with a secret or a patient in it.

use tracing_subscriber::filter::{EnvFilter, LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Libraries that handle credentials: shut even for warnings.
const SHUT: &[&str] = &["lettre", "async_imap", "imap_proto", "cryptoki", "ureq"];

/// Starts the log: warnings, or what `ESTAFETTE_LOG` asks for. Libraries stay at warnings whatever is asked: below, they
/// write credentials, whole lines of a session, the text of a message. A panic is told by its place alone, because its
/// words may quote what was being read.
pub fn start() {
    let asked = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var("ESTAFETTE_LOG")
        .from_env_lossy();
    let ours = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("estafette", LevelFilter::TRACE)
        .with_targets(SHUT.iter().map(|name| (*name, LevelFilter::OFF)))
        .with_target("cosmic_text", LevelFilter::ERROR)
        .with_target("iced_winit", LevelFilter::ERROR);
    let written = fmt::layer().with_writer(std::io::stderr).with_filter(asked).with_filter(ours);
    // a second start, as in tests, changes nothing
    if tracing_subscriber::registry().with(written).try_init().is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or_default();
            tracing::error!(place, words, "a part of the program failed");
        }));
    }
}
