//! Keeps drafts and the Drafts folder of the server the same, other machines and other programs included.
//!
//! Each draft has an identity, which its copies bear in a header, and revisions, which are digests of its content. A
//! copy says on which revision it is based: so every machine can tell a newer version from a second one. When both were
//! changed, both are kept. Everything is decided anew from what the folder holds, so that it may end at any instant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ring::{digest, rand};

use super::outbox::come_back;
use super::session::OpenSession;
use super::sync::remote;
use super::work::{blocking, with_store};
use super::{Error, ErrorKind, Event, Result, clock, mail};
use crate::domain::UnixTime;
use crate::domain::draft::{Draft, Origin};
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, DraftId, Uid, UidValidity};
use crate::domain::message::Flags;
use crate::imap::{self, RemoteName, UidRange};
use crate::mime::{self, DraftTag};
use crate::store::{CopyPlace, DraftFolder, DraftHead, GoneDraft, IncomingDraft, revision};

/// A draft travels when nothing was saved for this long, in seconds: a large one after a longer time.
const QUIET: i64 = 8;
const QUIET_LARGE: i64 = 45;
/// A draft of more bytes is large.
const LARGE: u64 = 256 << 10;
/// Newest messages of a Drafts folder that are looked at.
const MOST: usize = 1000;
/// Messages and bytes asked for in one command.
const BATCH: usize = 60;
const BATCH_BYTES: u64 = 8 << 20;

/// Seconds without a save after which a draft of this size travels.
fn quiet(size: u64) -> i64 {
    if size > LARGE { QUIET_LARGE } else { QUIET }
}

/// A draft was saved: wakes the loop of its account when nothing more is saved for a moment.
pub(super) fn saved(session: &Arc<OpenSession>, account: AccountId, id: DraftId) {
    let line = session.line(account);
    if !line.has_loop() {
        return;
    }
    let session = Arc::clone(session);
    tokio::spawn(async move {
        let owner = Arc::clone(&session);
        let saved = blocking(move || Ok(owner.store.draft_saved(id)?)).await;
        let Ok(Some((at, size))) = saved else { return };
        let wait = Duration::from_secs(quiet(size).unsigned_abs());
        tokio::select! {
            () = line.cancel.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let owner = Arc::clone(&session);
        let again = blocking(move || Ok(owner.store.draft_saved(id)?)).await;
        // a later save has a wait of its own
        if matches!(again, Ok(Some((later, _))) if later == at) {
            line.wake.notify_one();
        }
    });
}

/// One exchange with the Drafts folder. Part of every synchronisation pass.
///
/// # Errors
/// Those that end the connection, the store's, and what the server refused.
pub(super) async fn sync(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<()> {
    let folder = with_store(session, |s, a| s.folder_by_role(a, FolderRole::Drafts), account).await?;
    let name = match folder {
        Some(folder) => remote(&folder),
        None => {
            let known = with_store(session, |s, a| s.draft_folder(a, None), account).await?;
            if known.heads.iter().all(|head| head.is_blank) {
                return Ok(());
            }
            imap.create("Drafts").await?
        }
    };
    let selected = match imap.select(&name).await {
        Ok(selected) => selected,
        // closed to us: the drafts stay here
        Err(imap::Error::Refused { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let folder = Folder { account, name, validity: selected.uid_validity };
    let mut live = folder.live(imap, selected.exists).await?;
    let mut changed = folder.take_in(session, imap, &live).await?;
    changed |= folder.notice_gone(session, &live).await?;
    if changed {
        session.tell(Event::DraftsChanged);
    }
    if selected.read_only {
        return Ok(());
    }
    folder.remove_doomed(session, imap, &mut live).await?;
    if folder.upload(session, imap, &mut live).await? {
        session.tell(Event::DraftsChanged);
        folder.remove_doomed(session, imap, &mut live).await?;
    }
    Ok(())
}

/// The Drafts folder, selected.
struct Folder {
    account: AccountId,
    name: RemoteName,
    validity: UidValidity,
}

impl Folder {
    fn place(&self, uid: Uid) -> CopyPlace {
        CopyPlace { account: self.account, validity: self.validity, uid }
    }

    async fn known(&self, session: &Arc<OpenSession>) -> Result<DraftFolder> {
        let validity = self.validity;
        with_store(session, move |s, a| s.draft_folder(a, Some(validity)), self.account).await
    }

    /// Messages not marked as deleted.
    async fn live(&self, imap: &mut imap::Session, exists: u32) -> Result<BTreeSet<Uid>> {
        if exists == 0 {
            return Ok(BTreeSet::new());
        }
        let flags = imap.flags(UidRange::ALL, None).await?;
        Ok(flags.into_iter().filter(|f| !f.flags.deleted).map(|f| f.uid).collect())
    }

    /// Takes in what was not there before, oldest first; true when drafts changed.
    async fn take_in(
        &self,
        session: &Arc<OpenSession>,
        imap: &mut imap::Session,
        live: &BTreeSet<Uid>,
    ) -> Result<bool> {
        let known: BTreeSet<Uid> = self.known(session).await?.copies.iter().map(|c| c.uid).collect();
        let mut new: Vec<Uid> = live.difference(&known).copied().collect();
        new.drain(..new.len().saturating_sub(MOST));
        let mut changed = false;
        for batch in new.chunks(BATCH) {
            let mut sizes = BTreeMap::new();
            for header in imap.headers(batch).await? {
                sizes.insert(header.uid, (header.size, header.internal_date.unwrap_or_else(clock::now)));
            }
            let largest = Draft::MOST_TRAVELLING.min(session.limits.imap.literal as u64);
            for group in groups(&sizes, largest) {
                changed |= self.take_group(session, imap, &group, &sizes, live).await?;
            }
            for uid in sizes.into_iter().filter(|(_, (size, _))| *size > largest).map(|(uid, _)| uid) {
                let place = self.place(uid);
                with_store(session, move |s, _| s.note_copy(place, false), self.account).await?;
            }
        }
        Ok(changed)
    }

    async fn take_group(
        &self,
        session: &Arc<OpenSession>,
        imap: &mut imap::Session,
        group: &[Uid],
        sizes: &BTreeMap<Uid, (u64, UnixTime)>,
        live: &BTreeSet<Uid>,
    ) -> Result<bool> {
        let mut bodies = Vec::new();
        imap.bodies(group, |uid, raw| bodies.push((uid, raw))).await?;
        bodies.sort_unstable_by_key(|(uid, _)| *uid);
        let places: Vec<_> = bodies
            .into_iter()
            .filter_map(|(uid, raw)| Some((self.place(uid), sizes.get(&uid)?.1, raw)))
            .collect();
        let (owner, live) = (Arc::clone(session), live.clone());
        blocking(move || {
            let mut changed = false;
            for (place, at, raw) in places {
                changed |= take(&owner, place, at, &raw, &live)?;
            }
            Ok(changed)
        })
        .await
    }

    /// What is no longer there; true when drafts went with it.
    async fn notice_gone(&self, session: &Arc<OpenSession>, live: &BTreeSet<Uid>) -> Result<bool> {
        let copies = self.known(session).await?.copies;
        let gone: Vec<Uid> = copies.iter().map(|c| c.uid).filter(|uid| !live.contains(uid)).collect();
        if gone.is_empty() {
            return Ok(false);
        }
        with_store(session, move |s, a| s.copies_gone(a, &gone), self.account).await
    }

    /// Deletes copies that were replaced, and those of drafts that were sent or thrown away.
    async fn remove_doomed(
        &self,
        session: &Arc<OpenSession>,
        imap: &mut imap::Session,
        live: &mut BTreeSet<Uid>,
    ) -> Result<()> {
        let copies = self.known(session).await?.copies;
        let doomed: Vec<Uid> =
            copies.iter().filter(|c| c.is_doomed && live.contains(&c.uid)).map(|c| c.uid).collect();
        if doomed.is_empty() {
            return Ok(());
        }
        imap.delete(&doomed).await?;
        live.retain(|uid| !doomed.contains(uid));
        with_store(session, move |s, a| s.copies_gone(a, &doomed), self.account).await?;
        Ok(())
    }

    /// Puts changed drafts into the folder; true when there were any.
    async fn upload(
        &self,
        session: &Arc<OpenSession>,
        imap: &mut imap::Session,
        live: &mut BTreeSet<Uid>,
    ) -> Result<bool> {
        let has_loop = session.line(self.account).has_loop();
        let heads = self.known(session).await?.heads;
        // one that was emptied replaces its copy; one that never held anything makes none
        let is_worth = |h: &DraftHead| !h.is_blank || h.base.is_some();
        let changed = heads.into_iter().filter(|h| is_worth(h) && h.base.as_ref() != Some(&h.revision));
        let mut uploaded = false;
        for head in changed.filter(|head| head.size <= Draft::MOST_TRAVELLING) {
            let left = head.saved_at + quiet(head.size) - clock::now();
            if has_loop && left > 0 {
                come_back(session, self.account, Duration::from_secs(left.unsigned_abs()));
                continue;
            }
            uploaded |= self.upload_one(session, imap, head.id, live).await?;
        }
        Ok(uploaded)
    }

    async fn upload_one(
        &self,
        session: &Arc<OpenSession>,
        imap: &mut imap::Session,
        id: DraftId,
        live: &mut BTreeSet<Uid>,
    ) -> Result<bool> {
        let (owner, account) = (Arc::clone(session), self.account);
        let Some((raw, message_id, revision)) = blocking(move || write(&owner, account, id)).await? else {
            return Ok(false);
        };
        let flags = Flags { seen: true, draft: true, ..Flags::default() };
        let went = imap.append(&self.name, &flags, Some(clock::now()), &raw).await?;
        let uid = match went {
            Some((validity, uid)) => (validity == self.validity).then_some(uid),
            // without UIDPLUS: the one that was not there
            None => imap.find_message_id(&message_id).await?.into_iter().rfind(|uid| !live.contains(uid)),
        };
        // a copy that is not found now is recognised by its header in the next pass
        if let Some(uid) = uid {
            live.insert(uid);
            let place = self.place(uid);
            with_store(session, move |s, _| s.agree_on_copy(place, id, &revision), account).await?;
        }
        Ok(true)
    }
}

/// Messages asked for together.
fn groups(sizes: &BTreeMap<Uid, (u64, UnixTime)>, largest: u64) -> Vec<Vec<Uid>> {
    let mut groups: Vec<Vec<Uid>> = Vec::new();
    let mut bytes = BATCH_BYTES;
    for (uid, (size, _)) in sizes.iter().filter(|(_, (size, _))| *size <= largest) {
        if bytes.saturating_add(*size) > BATCH_BYTES {
            groups.push(Vec::new());
            bytes = 0;
        }
        bytes = bytes.saturating_add(*size);
        groups.last_mut().into_iter().for_each(|group| group.push(*uid));
    }
    groups
}

/// The message for a draft, with its Message-ID and revision; `None` when the draft is gone or cannot be written as a
/// message. Blocking.
fn write(
    session: &OpenSession,
    account: AccountId,
    id: DraftId,
) -> Result<Option<(Vec<u8>, String, String)>> {
    let Some(found) = session.store.accounts()?.into_iter().find(|a| a.id == account) else {
        return Ok(None);
    };
    let mut fresh = [0; 16];
    rand::SecureRandom::fill(&rand::SystemRandom::new(), &mut fresh)
        .map_err(|_| Error::new(ErrorKind::Bug, "bug"))?;
    let Some(upload) = session.store.begin_upload(id, &hex(&fresh))? else { return Ok(None) };
    let (identity, ids) = mail::authorship(&found)?;
    let original = mail::original(&session.store, &upload.draft)?;
    let tag = DraftTag {
        identity: upload.identity,
        revision: upload.revision,
        base: upload.base,
        conflict: upload.conflict,
    };
    match mime::build_draft(&upload.draft, &identity, original.as_ref(), &ids, &tag) {
        Ok(raw) => {
            let message_id = mime::draft_message_id(&tag.identity, identity.address.domain());
            Ok(Some((raw, message_id, tag.revision)))
        }
        // an address no header can carry: the draft stays here
        Err(mime::Error::Address(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A copy as it presents itself.
struct Seen {
    identity: String,
    revision: String,
    base: Option<String>,
    uid: Uid,
}

/// What a copy that was not known is.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The version here, or one it is based on.
    Agreed,
    /// A draft not known here.
    New,
    /// The next version of the draft here, which was not changed.
    Successor,
    /// Both were changed: the draft here goes on beside it.
    Conflict,
    /// A second version beside one that lies in the folder too; the other of the two, by number, keeps the identity.
    Second {
        /// The one that was known here came first.
        is_later: bool,
    },
    /// To be deleted: a double, or of a draft that was sent or thrown away here.
    Doomed,
}

/// `own` is the copy of `head` that lies in the folder.
fn judge(seen: &Seen, head: Option<&DraftHead>, own: Option<Uid>, gone: Option<&GoneDraft>) -> Verdict {
    let Some(head) = head else {
        let is_gone = gone.is_some_and(|gone| gone.revisions.contains(&seen.revision));
        return if is_gone { Verdict::Doomed } else { Verdict::New };
    };
    let is = |revision: &Option<String>| revision.as_ref() == Some(&seen.revision);
    if seen.revision == head.revision || is(&head.pending) {
        return Verdict::Agreed;
    }
    if is(&head.base) {
        return if own.is_some() { Verdict::Doomed } else { Verdict::Agreed };
    }
    match own {
        Some(own) if seen.base != head.base => Verdict::Second { is_later: seen.uid > own },
        _ if head.base.as_ref() == Some(&head.revision) => Verdict::Successor,
        _ => Verdict::Conflict,
    }
}

/// Takes one copy in; true when drafts changed. Blocking.
fn take(
    session: &OpenSession,
    place: CopyPlace,
    at: UnixTime,
    raw: &[u8],
    live: &BTreeSet<Uid>,
) -> Result<bool> {
    let store = &session.store;
    let (seen, mut incoming) = read(session, place, at, raw)?;
    let folder = store.draft_folder(place.account, None)?;
    let head = folder.heads.iter().find(|h| h.identity.as_ref() == Some(&seen.identity));
    let gone = folder.gone.iter().find(|g| g.identity == seen.identity);
    let of_head = |id: DraftId| {
        folder.copies.iter().rfind(|c| c.draft == Some(id) && !c.is_doomed && live.contains(&c.uid))
    };
    let own = head.and_then(|h| of_head(h.id)).map(|c| c.uid);
    match (judge(&seen, head, own, gone), head) {
        (Verdict::Agreed, Some(head)) => {
            store.agree_on_copy(place, head.id, &seen.revision)?;
            Ok(false)
        }
        (Verdict::Doomed, _) => {
            store.note_copy(place, true)?;
            Ok(false)
        }
        (Verdict::Successor, Some(head)) => {
            Ok(store.take_draft(place, &incoming, Some((head.id, &head.revision)))?.is_some())
        }
        (verdict, head) => {
            match (verdict, head) {
                (Verdict::Conflict, Some(head)) => store.set_draft_apart(head.id)?,
                (Verdict::Second { is_later: true }, _) => {
                    incoming.identity = name(&[&seen.identity, &seen.revision]);
                    incoming.conflict = true;
                }
                (Verdict::Second { is_later: false }, Some(head)) => {
                    let base = head.base.as_deref().unwrap_or_default();
                    store.rename_draft(head.id, &name(&[&seen.identity, base]))?;
                }
                _ => {}
            }
            store.take_draft(place, &incoming, None)?;
            Ok(true)
        }
    }
}

/// Reads a copy. One of another program is named by its Message-ID; what another program changed in one of ours is a
/// version based on it.
fn read(session: &OpenSession, place: CopyPlace, at: UnixTime, raw: &[u8]) -> Result<(Seen, IncomingDraft)> {
    let copy = mime::read_draft(raw, place.account);
    let mut draft = copy.draft;
    draft.origin = match (&copy.forwards, draft.answers.last()) {
        (Some(id), _) => session.store.message_named(place.account, id)?.map(Origin::Forward),
        (None, Some(id)) => session.store.message_named(place.account, id)?.map(Origin::Reply),
        (None, None) => None,
    }
    .unwrap_or(Origin::New);
    let (identity, revision, base, conflict) = match copy.tag {
        Some(tag) if copy.is_untouched => (tag.identity, tag.revision, tag.base, tag.conflict),
        Some(tag) => (tag.identity, revision(&draft)?, Some(tag.revision), tag.conflict),
        None => {
            let number = format!("{}.{}", place.validity.0, place.uid.0);
            let id = copy.message_id.unwrap_or(number);
            (name(&["other", &id]), revision(&draft)?, None, false)
        }
    };
    let seen = Seen { identity: identity.clone(), revision: revision.clone(), base, uid: place.uid };
    Ok((seen, IncomingDraft { identity, revision, conflict, saved_at: at, draft }))
}

/// A name every machine makes of the same facts.
fn name(facts: &[&str]) -> String {
    let digest = digest::digest(&digest::SHA256, facts.join("\n").as_bytes());
    hex(digest.as_ref().get(..16).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(revision: &str, base: Option<&str>, pending: Option<&str>) -> DraftHead {
        DraftHead {
            id: DraftId(1),
            identity: Some("x".into()),
            revision: revision.into(),
            base: base.map(str::to_owned),
            pending: pending.map(str::to_owned),
            saved_at: 0,
            size: 0,
            is_blank: false,
        }
    }

    fn verdict(seen: (&str, Option<&str>, u32), head: Option<&DraftHead>, own: Option<u32>) -> Verdict {
        let (revision, base, uid) = seen;
        let seen = Seen {
            identity: "x".into(),
            revision: revision.into(),
            base: base.map(str::to_owned),
            uid: Uid(uid),
        };
        judge(&seen, head, own.map(Uid), None)
    }

    #[test]
    fn a_copy_of_a_draft_that_was_not_changed_here_replaces_it() {
        let here = head("r1", Some("r1"), None);
        assert_eq!(verdict(("r2", Some("r1"), 6), Some(&here), None), Verdict::Successor);
        assert_eq!(verdict(("r2", Some("r1"), 6), Some(&here), Some(5)), Verdict::Successor);
        // several versions further on, ours is gone
        assert_eq!(verdict(("r4", Some("r3"), 8), Some(&here), None), Verdict::Successor);
    }

    #[test]
    fn a_draft_changed_on_both_sides_is_kept_twice() {
        let here = head("r2", Some("r1"), None);
        assert_eq!(verdict(("r3", Some("r1"), 6), Some(&here), None), Verdict::Conflict);
        assert_eq!(verdict(("r3", Some("r1"), 6), Some(&here), Some(5)), Verdict::Conflict);
        let both_there = head("r2", Some("r2"), None);
        assert_eq!(
            verdict(("r3", Some("r1"), 6), Some(&both_there), Some(7)),
            Verdict::Second { is_later: false }
        );
        assert_eq!(
            verdict(("r3", Some("r1"), 8), Some(&both_there), Some(7)),
            Verdict::Second { is_later: true }
        );
    }

    #[test]
    fn a_copy_made_just_before_the_program_ended_is_recognised() {
        assert_eq!(verdict(("r2", None, 6), Some(&head("r2", None, Some("r2"))), None), Verdict::Agreed);
        let written_on = head("r3", Some("r1"), Some("r2"));
        assert_eq!(verdict(("r2", Some("r1"), 6), Some(&written_on), Some(5)), Verdict::Agreed);
        assert_eq!(verdict(("r1", None, 6), Some(&head("r1", Some("r1"), None)), Some(5)), Verdict::Agreed);
        assert_eq!(verdict(("r1", None, 6), Some(&head("r2", Some("r1"), None)), Some(5)), Verdict::Doomed);
    }

    #[test]
    fn a_late_copy_of_a_draft_that_was_sent_is_deleted_and_a_changed_one_comes_back() {
        let gone = GoneDraft { identity: "x".into(), revisions: vec!["r1".into(), "r2".into()] };
        let judged = |revision: &str| {
            let seen = Seen { identity: "x".into(), revision: revision.into(), base: None, uid: Uid(1) };
            judge(&seen, None, None, Some(&gone))
        };
        assert_eq!((judged("r2"), judged("r3")), (Verdict::Doomed, Verdict::New));
        assert_eq!(verdict(("r1", None, 1), None, None), Verdict::New);
    }

    #[test]
    fn what_is_asked_for_together_is_bounded() {
        let sizes: BTreeMap<Uid, (u64, UnixTime)> =
            [(1, 5 << 20), (2, 4 << 20), (3, 100), (4, 50 << 20), (5, 9 << 20)]
                .map(|(uid, size)| (Uid(uid), (size, 0)))
                .into();
        let groups = groups(&sizes, Draft::MOST_TRAVELLING);
        assert_eq!(groups, [vec![Uid(1)], vec![Uid(2), Uid(3)], vec![Uid(5)]]);
    }
}
