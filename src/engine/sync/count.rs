//! What the server counts: folders beside ours, and its quota. Gathered during a pass, written down once at its end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::id::AccountId;
use crate::domain::tally::Quota;
use crate::engine::session::OpenSession;
use crate::engine::work::with_store;
use crate::engine::{Event, Result, clock};
use crate::imap::{self, RemoteFolder};
use crate::store::{Counted, FolderState};

/// The quota is asked for at most this often.
const QUOTA_EVERY: Duration = Duration::from_secs(300);

/// What a pass has learnt so far.
#[derive(Default)]
pub(in crate::engine) struct Counts {
    /// Messages and unread ones of each folder, by its remote name, as the last listing gave them along.
    listed: HashMap<Vec<u8>, (u32, u32)>,
    compared: Vec<Counted>,
    quota_asked: Option<Instant>,
}

impl Counts {
    /// A new listing (LIST-STATUS, RFC 5819).
    pub(in crate::engine) fn listed(&mut self, folders: &[RemoteFolder]) {
        let counts = |f: &RemoteFolder| {
            let status = f.status?;
            Some((f.name.as_bytes().to_vec(), (status.messages?, status.unseen?)))
        };
        self.listed = folders.iter().filter_map(counts).collect();
    }

    /// A folder was compared completely; the server said that it holds `total` messages. The unread ones count when
    /// the listing told of the same messages.
    pub(in crate::engine) fn compared(&mut self, folder: &FolderState, total: u32) {
        let listed = self.listed.get(&folder.remote).filter(|(messages, _)| *messages == total);
        let unread = listed.map(|(_, unread)| *unread);
        self.compared.push(Counted { folder: folder.folder.id, total, unread });
    }

    fn is_quota_due(&self) -> bool {
        self.quota_asked.is_none_or(|at| at.elapsed() >= QUOTA_EVERY)
    }
}

/// The end of a pass: writes the counts down and, from time to time, asks for the quota.
pub(super) async fn settle(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<()> {
    let line = session.line(account);
    let compared = std::mem::take(&mut line.counts().compared);
    let now = clock::now();
    let is_due = line.counts().is_quota_due();
    let known = with_store(
        session,
        move |s, id| {
            s.reconciled(&compared, now)?;
            s.quota(id)
        },
        account,
    )
    .await?;
    // the time of the last answer holds across restarts of a program that runs for one command only
    let is_fresh = known.is_some_and(|q| now.saturating_sub(q.at) < QUOTA_EVERY.as_secs() as i64);
    if !is_due || is_fresh {
        return Ok(());
    }
    let told = match imap.quota().await {
        Ok(told) => told.map(|q| Quota { used: q.used, allowed: q.limit, at: now }),
        // some servers announce it and refuse it
        Err(imap::Error::Refused { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    line.counts().quota_asked = Some(Instant::now());
    let before = known.map(|q| q.fullness());
    with_store(session, move |s, id| s.set_quota(id, told), account).await?;
    if before != told.map(|q| q.fullness()) {
        session.tell(Event::ConnectionChanged(account));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::folder::{Folder, FolderRole, Namespace, Rights};
    use crate::domain::id::FolderId;
    use crate::imap::{MailboxStatus, RemoteName};

    #[test]
    fn unread_messages_count_only_where_the_listing_told_of_the_same_messages() {
        let remote = |name: &str, messages| RemoteFolder {
            name: RemoteName::from_bytes(name.into()),
            path: name.to_owned(),
            role: FolderRole::Other,
            selectable: true,
            namespace: Namespace::Personal,
            mailbox_id: None,
            status: Some(MailboxStatus {
                messages: Some(messages),
                unseen: Some(2),
                ..MailboxStatus::default()
            }),
        };
        let known = |id, name: &str| FolderState {
            folder: Folder {
                id: FolderId(id),
                account: AccountId(1),
                path: name.to_owned(),
                role: FolderRole::Other,
                selectable: true,
                total: 0,
                unread: 0,
                watched: false,
                namespace: Namespace::Personal,
                rights: Rights::ALL,
            },
            remote: name.into(),
            uid_validity: None,
            highest_modseq: None,
            highest_uid: None,
            rights_at: None,
        };
        let mut counts = Counts::default();
        counts.listed(&[remote("A", 5), remote("B", 5)]);
        counts.compared(&known(1, "A"), 5);
        // a message came between the listing and the comparison
        counts.compared(&known(2, "B"), 6);
        counts.compared(&known(3, "C"), 7);
        let found: Vec<_> = counts.compared.iter().map(|c| (c.folder.0, c.total, c.unread)).collect();
        assert_eq!(found, [(1, 5, Some(2)), (2, 6, None), (3, 7, None)]);
    }
}
