//! What became of sent messages, from notices that arrive; receipts for received ones.

use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Event, Result, clock, mail, outbox};
use crate::domain::account::Account;
use crate::domain::address::EmailAddress;
use crate::domain::draft::{Draft, Recipient};
use crate::domain::id::{MessageId, OutboxId};
use crate::domain::message::Envelope;
use crate::domain::receipt::Notice;
use crate::mime::{self, ReceiptWords};
use crate::store::NewOutbox;

impl Engine {
    /// Answers a request for a read receipt by the user's own decision, at most once for a message: with these words,
    /// or not at all. Answers the receipt's place in the outbox; `None` when nothing is sent, because it was declined,
    /// not asked for, or answered before.
    ///
    /// # Errors
    /// The address asked for cannot be written to, or is known to lie outside the trust space.
    pub async fn answer_receipt(
        &self,
        id: MessageId,
        words: Option<ReceiptWords>,
    ) -> Result<Option<OutboxId>> {
        let (session, annuaire) = (self.opened()?, self.annuaire());
        let queued = self
            .on_runtime(blocking(move || {
                let row = session.store.row(id)?.ok_or_else(mail::not_found)?;
                let original = session.store.envelope(id)?.ok_or_else(mail::not_found)?;
                let accounts = session.store.accounts()?;
                let own = |text: &str| {
                    accounts.iter().any(|a| a.config.address.as_str().eq_ignore_ascii_case(text))
                };
                let asked = original.receipt_to.as_ref().filter(|to| !own(&to.address));
                let account = accounts.iter().find(|a| a.id == row.account);
                let (Some(asked), Some(account)) = (asked, account) else { return Ok(None) };
                let answer = match words {
                    Some(words) => {
                        let to = EmailAddress::parse(&asked.address).map_err(|_| {
                            super::Error::new(super::ErrorKind::NeedsUser, "address-not-carried")
                                .with("address", &asked.address)
                        })?;
                        if annuaire.white_list_contains(to.domain())? == Some(false) {
                            return Err(outbox::outside(&to));
                        }
                        Some(receipt(account, &original, to, words)?)
                    }
                    None => None,
                };
                let queued = session.store.settle_receipt(id, answer)?;
                session.tell(Event::MessageChanged(id));
                session.line(account.id).wake.notify_one();
                if let Some(queued) = queued {
                    session.tell(Event::OutboxChanged(queued));
                    session.outbox_wake.notify_one();
                }
                Ok(queued)
            }))
            .await?;
        Ok(queued)
    }
}

/// The receipt as a message to send, at once. Its Message-ID comes from the original's, so that no second one is sent
/// where the server forgets that the first was.
fn receipt(
    account: &Account,
    original: &Envelope,
    to: EmailAddress,
    words: ReceiptWords,
) -> Result<NewOutbox> {
    let (identity, mut ids) = mail::authorship(account)?;
    if let Some(id) = &original.message_id {
        let text = format!("{}\n{id}", account.config.address);
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        for (to, from) in ids.unique.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
    }
    let built = mime::build_receipt(original, &to, &words, &identity, &ids)?;
    let mut draft = Draft::new(account.id);
    draft.to = vec![Recipient { name: None, address: to }];
    draft.subject = words.subject;
    draft.body = words.text;
    Ok(NewOutbox {
        account: account.id,
        message_id: built.message_id,
        subject: draft.subject.clone(),
        raw: built.raw,
        recipients: draft.to.clone(),
        not_before: ids.date,
        queued_at: ids.date,
        draft,
    })
}

/// Writes down what a notice just fetched tells; blocking. One that cannot be matched or believed stays an ordinary
/// message.
pub(super) fn take_in(session: &OpenSession, id: MessageId, raw: &[u8]) {
    let Some(notice) = mime::notice(raw) else { return };
    // mail must come in whatever becomes of this
    if let Err(error) = note(session, id, &notice) {
        tracing::warn!(code = error.code(), "a notice could not be noted");
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
