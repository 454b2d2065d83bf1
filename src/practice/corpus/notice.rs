//! Messages about no patient, and the odd ones every mailbox holds.

use super::super::person::{Trade, colleague, of_trade};
use super::super::prose;
use super::super::source::{encoded_file, inline_image, multipart, text};
use super::studio::Studio;
use super::{CorpusFolder, CorpusMessage};

/// A notice of an authority to everybody.
pub(super) fn notice(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (_, c) = of_trade(Trade::Authority, &mut studio.chance);
    let (subject, body) = prose::notice(&mut studio.chance);
    let body = format!("Mesdames, Messieurs,\n\n{body}\n\n{}\n", c.signature());
    let extra = [("Auto-Submitted", "auto-generated".to_owned()), ("Precedence", "bulk".to_owned())];
    let (_, raw) = studio.incoming((&c.display(), &c.address()), subject, at, &extra, &text("plain", &body));
    studio.received(raw, at, CorpusFolder::Archive)
}

/// HTML with a table, an inline logo, and a remote picture that tells the sender when it is read.
pub(super) fn newsletter(studio: &mut Studio<'_>, at: i64) -> CorpusMessage {
    let (_, c) = of_trade(Trade::Authority, &mut studio.chance);
    let (title, body) = prose::notice(&mut studio.chance);
    let token = studio.chance.next();
    let html = format!(
        "<html><head><title>{title}</title><style>td{{padding:4px}}</style></head><body onload=\"suivi()\">\
         <div style=\"display:none\">Aperçu caché</div><p><img src=\"cid:logo@{domain}\" alt=\"logo\"></p>\
         <h1>{title}</h1><p>{body}</p><table border=\"1\"><tr><th>Date</th><th>Lieu</th></tr>\
         <tr><td>12 janvier, 20 h</td><td>Vienne</td></tr><tr><td>19 janvier, 20 h</td><td>Givors</td></tr></table>\
         <p>Inscription : <a href=\"https://inscription.example/seance\">le formulaire</a></p>\
         <script>suivi()</script><img src=\"https://suivi.example/p.gif?u={token:x}\" width=\"1\" height=\"1\"></body></html>",
        domain = c.domain,
    );
    let alternative =
        multipart("alternative", &[text("plain", &format!("{title}\n\n{body}\n")), text("html", &html)]);
    let image = inline_image("logo.jpg", &format!("logo@{}", c.domain), &studio.logo);
    let part = multipart("related", &[alternative, image]);
    let subject = format!("Lettre d'information : {title}");
    let (_, raw) = studio.incoming((&c.display(), &c.address()), &subject, at, &[], &part);
    studio.received(raw, at, CorpusFolder::Archive)
}

/// One each: a 12 MB scan, a malformed message, a stranger under a colleague's name, and two drafts.
pub(super) fn rarities(studio: &mut Studio<'_>) -> Vec<CorpusMessage> {
    let mut out = Vec::new();
    let day = 86_400;
    let c = colleague(17);

    let at = studio.now - 6 * day;
    let scan = encoded_file("Scan_20261115.pdf", "application/pdf", &Studio::scan());
    let part = multipart("mixed", &[text("plain", "Bonjour,\n\nLe dossier numérisé demandé.\n"), scan]);
    let (_, raw) = studio.incoming((&c.display(), &c.address()), "Dossier numérisé", at, &[], &part);
    out.push(Studio::filed(CorpusFolder::Inbox, raw, at));

    let at = studio.now - 7 * day;
    out.push(Studio::filed(CorpusFolder::Inbox, malformed(), at));

    let at = studio.now - 8 * day;
    let known = colleague(1);
    let stranger = (known.display(), "dr.marie.martin@medecin-mssante.example".to_owned());
    let body = "Bonjour,\n\nMon adresse change, merci d'envoyer désormais les dossiers à celle-ci.\n\nDr Marie MARTIN\n";
    let (_, raw) =
        studio.incoming((&stranger.0, &stranger.1), "Changement d'adresse", at, &[], &text("plain", body));
    out.push(CorpusMessage { seen: false, ..Studio::filed(CorpusFolder::Inbox, raw, at) });

    for (ago, subject) in [(1, "Demande d'avis cardiologique"), (9, "Courrier à terminer")] {
        let at = studio.now - ago * day - 600;
        let body = text("plain", "Chère consœur,\n\nJe vous adresse\n");
        let (_, raw) = studio.outgoing((&known.display(), &known.address()), subject, at, &[], &body);
        out.push(Studio::filed(CorpusFolder::Drafts, raw, at));
    }
    out
}

/// No date, raw 8-bit in the header, a boundary that never comes back, base64 cut short.
fn malformed() -> Vec<u8> {
    let mut raw = b"From: R\xE9seau p\xE9rinatal <contact@reseau.mssante.example>\r\nSubject: Compte rendu de r\xE9union\r\n".to_vec();
    raw.extend_from_slice(b"Content-Type: multipart/mixed; boundary=absente\r\n\r\n--absente\r\nContent-Type: text/plain\r\n\r\n");
    raw.extend_from_slice(b"Le compte rendu est joint. D\xE9sol\xE9 pour le retard.\r\n--absente\r\n");
    raw.extend_from_slice(b"Content-Type: application/pdf; name=\"reunion.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQKJ");
    raw
}
