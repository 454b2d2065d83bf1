//! Read receipts (RFC 8098) and delivery failures (RFC 3464).

use super::super::person::{Trade, of_trade};
use super::super::source::{multipart, plain, text};
use super::studio::Studio;
use super::{CorpusFolder, CorpusMessage};

/// A read receipt for a message of the owner.
pub(super) fn receipt(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (_, c) = of_trade(Trade::Doctor, &mut studio.chance);
    let owner = studio.owner;
    let original = studio.message_id(&owner.address);
    let fields = format!(
        "Reporting-UA: poste.example; Logiciel fictif\nFinal-Recipient: rfc822;{}\nOriginal-Message-ID: <{original}>\n\
         Disposition: manual-action/MDN-sent-manually; displayed\n",
        c.address()
    );
    let said = format!("Votre message a été affiché par {}.\n", c.display());
    let part = multipart(
        "report; report-type=disposition-notification",
        &[text("plain", &said), plain("message/disposition-notification", &fields)],
    );
    let extra = [("In-Reply-To", format!("<{original}>")), ("References", format!("<{original}>"))];
    let (_, raw) = studio.incoming((&c.display(), &c.address()), "Lu : Demande d'avis", at, &extra, &part);
    studio.received(raw, at, CorpusFolder::Archive)
}

/// A delivery failure.
pub(super) fn bounce(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let owner = studio.owner;
    let original = studio.message_id(&owner.address);
    let to = "dr.inconnu@medecin.mssante.example";
    let fields = format!(
        "Reporting-MTA: dns; smtp.mssante.example\n\nFinal-Recipient: rfc822;{to}\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 <{to}>: Recipient address rejected: User unknown\n"
    );
    let parts = [
        text("plain", &format!("The following message to <{to}> was undeliverable.\n")),
        plain("message/delivery-status", &fields),
        plain("text/rfc822-headers", &format!("Message-ID: <{original}>\nTo: <{to}>\n")),
    ];
    let part = multipart("report; report-type=delivery-status", &parts);
    let extra = [("Auto-Submitted", "auto-replied".to_owned())];
    let from = ("Mail Delivery System", "MAILER-DAEMON@smtp.mssante.example");
    let (_, raw) = studio.incoming(from, "Undelivered Mail Returned to Sender", at, &extra, &part);
    studio.received(raw, at, CorpusFolder::Archive)
}
