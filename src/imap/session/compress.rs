//! Compression where it pays.

use super::Session;
use crate::imap::Result;

impl Session {
    /// Switches compression on (COMPRESS=DEFLATE, RFC 4978) when the server offers it and its answers came in slower than
    /// [`crate::imap::Limits::slow_line`]: on a fast line it costs both sides more than it gains. Asked at most once a
    /// session; a refusal is no error. Answers whether it was switched on by this call. To be called between two
    /// commands, as often as is convenient.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn compress_if_slow(&mut self) -> Result<bool> {
        if self.compression_asked || !self.has("COMPRESS=DEFLATE") || !self.connection.is_slow() {
            return Ok(false);
        }
        self.compression_asked = true;
        match self.connection.compress().await {
            Ok(()) => Ok(true),
            Err(error) if error.leaves_session_usable() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
