//! What became of sent messages, from notices that arrive; receipts for received ones.

use super::session::OpenSession;
use super::{Event, Result, clock};
use crate::domain::address::EmailAddress;
use crate::domain::id::MessageId;
use crate::domain::message::MessageKind;
use crate::domain::receipt::Notice;
use crate::mime;
use crate::store::NewBody;

/// Looks for notices among bodies just fetched and writes down what they tell; blocking. One that cannot be matched or
/// believed stays an ordinary message.
pub(super) fn take_in(session: &OpenSession, bodies: &[NewBody]) {
    for body in bodies.iter().filter(|body| body.kind == MessageKind::Receipt) {
        let Some(notice) = mime::notice(&body.raw) else { continue };
        // mail must come in whatever becomes of this
        if let Err(error) = note(session, body.id, &notice) {
            tracing::warn!(code = error.code(), "a notice could not be noted");
        }
    }
}

fn note(session: &OpenSession, id: MessageId, notice: &Notice) -> Result<()> {
    let store = &session.store;
    let Some((.., account)) = store.location(id)? else { return Ok(()) };
    let mut sent = None;
    for original in [&notice.message_id, &notice.envelope_id].into_iter().flatten() {
        sent = store.sent_as(account, original)?;
        if sent.is_some() {
            break;
        }
    }
    let Some(entry) = sent.map(|id| store.outbox_entry(id)).transpose()?.flatten() else { return Ok(()) };
    let recipients: Vec<EmailAddress> = entry.recipients.iter().map(|r| r.address.clone()).collect();
    let receipts = notice.receipts(entry.queued_at, clock::now(), &recipients);
    if store.add_receipts(entry.id, &receipts)? {
        session.tell(Event::OutboxChanged(entry.id));
    }
    Ok(())
}
