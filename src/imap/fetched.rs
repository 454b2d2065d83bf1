//! What a server says about messages.

use crate::domain::UnixTime;
use crate::domain::id::Uid;
use crate::domain::message::Flags;

use super::UidRange;

/// Flags of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedFlags {
    /// UID.
    pub uid: Uid,
    /// Flags.
    pub flags: Flags,
    /// Modification sequence, where the folder keeps them.
    pub modseq: Option<u64>,
}

/// Everything but the body of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedHeader {
    /// UID.
    pub uid: Uid,
    /// Flags.
    pub flags: Flags,
    /// When it arrived; `None` when the server gives no readable date.
    pub internal_date: Option<UnixTime>,
    /// Size in bytes.
    pub size: u64,
    /// The header, raw.
    pub header: Vec<u8>,
    /// Modification sequence, where the folder keeps them.
    pub modseq: Option<u64>,
}

/// What changed since a modification sequence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Flags that changed; messages that are new since are among them.
    pub flags: Vec<FetchedFlags>,
    /// Messages that are gone; `None` when the server cannot say (no QRESYNC): compare with the list of UIDs.
    pub vanished: Option<Vec<UidRange>>,
}

/// Something the server said that no command asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsolicited {
    /// The selected folder now holds this many messages.
    Exists(u32),
    /// The message of this position is gone (every later one moves up).
    Expunged(u32),
    /// These messages are gone.
    Vanished(Vec<UidRange>),
    /// Flags of a message changed.
    Flags {
        /// Position of the message.
        seq: u32,
        /// UID, when the server says it.
        uid: Option<Uid>,
        /// The flags now.
        flags: Flags,
        /// Modification sequence.
        modseq: Option<u64>,
    },
    /// A warning people must be shown (RFC 3501 §7.1, ALERT).
    Alert(String),
    /// More happened than was kept: compare the whole folder.
    Overflow,
}
