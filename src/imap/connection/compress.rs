//! COMPRESS (RFC 4978): switched on in mid-session.

use super::Connection;
use crate::imap::Result;

impl Connection {
    /// Answers came in slower than [`crate::imap::Limits::slow_line`].
    pub(in crate::imap) fn is_slow(&self) -> bool {
        self.client.get_ref().is_slow()
    }

    /// Asks the server to compress from here on, and does the same.
    ///
    /// # Errors
    /// [`crate::imap::Error::Refused`] leaves everything as it was; those of the connection.
    pub(in crate::imap) async fn compress(&mut self) -> Result<()> {
        self.run("COMPRESS", "COMPRESS DEFLATE").await?;
        self.client.get_mut().compress();
        Ok(())
    }
}
