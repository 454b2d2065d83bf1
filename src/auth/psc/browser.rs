//! The user's own browser: the program never sees what is typed there.

/// Opens an address with the browser of the system, which goes on when the program ends.
///
/// # Errors
/// When no browser can be started.
pub fn open_browser(url: &str) -> std::io::Result<()> {
    open::that_detached(url)
}
