//! What a fictitious colleague answers in practice mode.

use super::chance::Chance;
use super::person::Persona;
use super::source::{date, mailbox, message, text, words};
use crate::domain::message::Envelope;

/// A plausible reply of `from` to the message `to`, dated `now`. Same arguments, same bytes.
pub fn answer(to: &Envelope, from: &Persona, now: i64) -> Vec<u8> {
    let original = to.message_id.clone().unwrap_or_default();
    let seed = original
        .bytes()
        .fold(u64::from_ne_bytes(now.to_ne_bytes()), |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    let mut chance = Chance::new(seed);
    let body = chance.line(&[
        "Bonjour,\n\nBien reçu, merci. Je convoque le patient cette semaine et vous adresse mon compte rendu.",
        "Bonjour,\n\nMerci pour ces éléments. Je suis d'accord avec votre proposition.",
        "Cher confrère, chère consœur,\n\nJe peux recevoir votre patient jeudi à 14 h. Merci de lui transmettre.",
        "Bonjour,\n\nPourriez-vous me joindre le dernier bilan biologique ? Je vous réponds dans la foulée.",
    ]);
    let recipient = to.reply_to.first().or(to.from.first()).cloned().unwrap_or_default();
    let subject = if to.subject.to_lowercase().starts_with("re:") {
        to.subject.clone()
    } else {
        format!("Re: {}", to.subject)
    };
    let mut references: Vec<String> = to.references.iter().map(|id| format!("<{id}>")).collect();
    if !original.is_empty() {
        references.push(format!("<{original}>"));
    }
    let domain = from.address.rsplit_once('@').map_or("mssante.example", |(_, d)| d);
    let headers = [
        ("Date", date(now)),
        ("From", mailbox(&from.name, &from.address)),
        ("To", mailbox(recipient.name.as_deref().unwrap_or_default(), &recipient.address)),
        ("Subject", words(&subject)),
        ("Message-ID", format!("<{:016x}@{domain}>", chance.next())),
        ("In-Reply-To", if original.is_empty() { String::new() } else { format!("<{original}>") }),
        ("References", references.join("\r\n ")),
        ("X-MSS-NIL", "PRATIQUE01".to_owned()),
    ];
    message(&headers, &text("plain", &format!("{body}\n\n{}\n", from.name)))
}
