//! Newtypes for every identifier, so that a folder is never taken for a message.

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

identifier!(/// An account (one mailbox of the user) in the local store.
    AccountId, i64);
identifier!(/// A folder of an account in the local store.
    FolderId, i64);
identifier!(/// A message in the local store; survives moves between folders only when the server reports the new UID.
    MessageId, i64);
identifier!(/// A message to be sent.
    OutboxId, i64);
identifier!(/// A local draft.
    DraftId, i64);
identifier!(/// IMAP unique identifier of a message inside one folder and one UIDVALIDITY (RFC 3501 §2.3.1.1).
    Uid, u32);
identifier!(/// IMAP UIDVALIDITY of a folder.
    UidValidity, u32);
identifier!(/// A group of correspondents.
    GroupId, i64);
identifier!(/// A patient the documents name, in the local store.
    PatientId, i64);
identifier!(/// What one message says of one patient.
    MentionId, i64);
identifier!(/// A folder of the practice software documents are written out to.
    DestinationId, i64);
identifier!(/// A rule on arrival.
    RuleId, i64);
