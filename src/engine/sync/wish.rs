//! Large messages that somebody asked for, after everything that comes by itself.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use super::body::{BREATH, catch_up, fetch_one, fetch_wanted};
use super::{MOST_FAILURES, Passed};
use crate::domain::id::AccountId;
use crate::engine::Result;
use crate::engine::session::OpenSession;
use crate::engine::work::with_store;
use crate::imap;

/// Wishes looked at together.
const BATCH: u32 = 20;

/// Grants every wish, one message a command: each may be as large as all the others of a pass together.
pub(super) async fn fetch_wished(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    passed: &mut Passed,
) -> Result<()> {
    let line = session.line(account);
    let mut tried: HashSet<_> = line.given_up(MOST_FAILURES);
    let mut breath = Instant::now();
    loop {
        let most = BATCH + u32::try_from(tried.len()).unwrap_or(u32::MAX - BATCH);
        let wished = with_store(session, move |s, id| s.wished(id, most), account).await?;
        let Some(id) = wished.into_iter().find(|id| !tried.contains(id)) else { return Ok(()) };
        tried.insert(id);
        fetch_wanted(session, imap, account).await?;
        imap.compress_if_slow().await?;
        if breath.elapsed() >= BREATH {
            catch_up(session, imap, account, passed).await?;
            breath = Instant::now();
        }
        match fetch_one(session, imap, account, id).await {
            // gone meanwhile
            Err(error) if error.code() == "not-found" => {}
            result => passed.bear(result)?,
        }
    }
}
