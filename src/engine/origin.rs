//! The mark systems put on files that came from elsewhere, so that what opens them later is careful: Word opens them in
//! protected view, and a program asks before it runs.

use std::path::Path;

/// Marks a file as one that came from elsewhere. Where the disk keeps no marks, as on most sticks, the file stays as it
/// is: that is no reason not to save it. On Linux nothing reads such a mark, and the attributes browsers write there
/// (`user.xdg.origin.url`) would tell a stick's next reader who sent the file: none is written.
pub fn mark_foreign(path: &Path) {
    if let Err(error) = platform::mark(path) {
        tracing::debug!(kind = ?error.kind(), "a file got no mark of where it came from");
    }
}

#[cfg(windows)]
mod platform {
    use std::path::Path;

    /// Zone 3 is the internet. Source: Microsoft, `Zone.Identifier` stream (MS-FSCC 5.6.1).
    const ZONE: &str = "[ZoneTransfer]\r\nZoneId=3\r\n";

    pub(super) fn mark(path: &Path) -> std::io::Result<()> {
        let mut stream = path.as_os_str().to_owned();
        stream.push(":Zone.Identifier");
        std::fs::write(stream, ZONE)
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn attack_48_a_saved_file_carries_the_mark_of_the_web() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("compte rendu.docx");
            std::fs::write(&path, b"PK").unwrap();
            super::super::mark_foreign(&path);
            let mut stream = path.as_os_str().to_owned();
            stream.push(":Zone.Identifier");
            assert_eq!(std::fs::read_to_string(stream).unwrap(), super::ZONE);
            assert_eq!(std::fs::read(&path).unwrap(), b"PK");
        }
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use std::path::Path;
    use std::time::{SystemTime, UNIX_EPOCH};

    /// Flags 0081: from a mail or the web, not looked at yet; the hexadecimal time; the program. As Mail writes it.
    pub(super) fn mark(path: &Path) -> std::io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let value = format!("0081;{now:08x};Estafette;");
        let flags = rustix::fs::XattrFlags::empty();
        Ok(rustix::fs::setxattr(path, "com.apple.quarantine", value.as_bytes(), flags)?)
    }
}

#[cfg(not(any(windows, target_os = "macos")))]
mod platform {
    pub(super) fn mark(_path: &std::path::Path) -> std::io::Result<()> {
        Ok(())
    }
}
