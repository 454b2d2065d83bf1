//! What servers say of messages and recipients, in our words.

use super::{Sentence, Wording};
use crate::domain::contact::Flaw;
use crate::domain::directory::{BadLine, LineFault};
use crate::domain::outbox::Stage;

impl Wording {
    /// Where a message stands.
    pub fn stage(&self, stage: Stage) -> String {
        self.text(&format!("sendings-state-{}", stage.word()))
    }

    /// What is wrong in one's own entry of the annuaire, and where it is corrected.
    pub fn flaw(&self, flaw: &Flaw) -> Sentence {
        let (key, facts) = match flaw {
            Flaw::NotListed => ("annuaire-flaw-not-listed", vec![]),
            Flaw::MailboxNotListed { address } => {
                ("annuaire-flaw-mailbox", vec![("address", address.as_str())])
            }
            Flaw::NameDiffers { card } => ("annuaire-flaw-name", vec![("card", card.as_str())]),
            Flaw::NoSpecialty => ("annuaire-flaw-specialty", vec![]),
            Flaw::NoTown => ("annuaire-flaw-town", vec![]),
        };
        Sentence { what: self.with(key, &facts), advice: self.text(&format!("{key}-advice")) }
    }

    /// Which line of an extraction could not be used, and why.
    pub fn bad_line(&self, bad: &BadLine) -> String {
        let line = bad.line.to_string();
        let key = match bad.fault {
            LineFault::Fields { found, expected } => {
                let (found, expected) = (found.to_string(), expected.to_string());
                let facts = [("line", line.as_str()), ("found", &found), ("expected", &expected)];
                return self.with("annuaire-bad-fields", &facts);
            }
            LineFault::TooLong => "annuaire-bad-too-long",
            LineFault::UnknownKind => "annuaire-bad-kind",
            LineFault::NotAnAddress => "annuaire-bad-address",
            LineFault::LongIdentifier => "annuaire-bad-identifier",
            LineFault::Nameless => "annuaire-bad-nameless",
        };
        self.with(key, &[("line", &line)])
    }

    /// What a reply of a mail server means, when its codes tell: an enhanced status code (RFC 3463), alone or after the
    /// code of the reply, else that code; or the number of a hospital platform. `None` when they tell nothing.
    pub fn reason(&self, reply: &str) -> Option<String> {
        let mut words = reply.split_whitespace();
        let first = words.next()?;
        let second = words.next().filter(|word| word.contains('.'));
        let key = second.and_then(sentence_of).or_else(|| sentence_of(first))?;
        Some(self.text(key))
    }
}

/// Codes of RFC 3463 and its registry, of RFC 5321, and of hospital platforms (CI-SIS, volet "Transmission au LPS de
/// documents CDA provenant d'un courriel MSSanté").
fn sentence_of(code: &str) -> Option<&'static str> {
    if let Some((class, rest)) = code.split_once('.') {
        return matches!(class, "4" | "5").then(|| enhanced(class, rest))?;
    }
    Some(match code {
        "421" => "sendings-why-closing",
        "450" => "sendings-why-mailbox-busy",
        "452" => "sendings-why-server-full",
        "552" => "sendings-why-too-large",
        "553" => "sendings-why-malformed",
        "900" => "sendings-why-900",
        "901" => "sendings-why-901",
        "902" => "sendings-why-902",
        "903" => "sendings-why-903",
        "904" => "sendings-why-904",
        "905" => "sendings-why-905",
        _ => return None,
    })
}

/// Subject and detail of an enhanced code; `4` passes, `5` does not.
fn enhanced(class: &str, rest: &str) -> Option<&'static str> {
    Some(match (class, rest) {
        (_, "1.1" | "1.10") => "sendings-why-unknown-address",
        // not "null MX", which has its own number
        (_, "1.2") | ("5", "4.4") => "sendings-why-unknown-domain",
        (_, "1.3" | "1.4") => "sendings-why-malformed",
        (_, "1.6") => "sendings-why-moved",
        (_, "1.7" | "1.8") => "sendings-why-sender",
        (_, "2.1") => "sendings-why-mailbox-closed",
        (_, "2.2") => "sendings-why-mailbox-full",
        (_, "2.3" | "3.4") => "sendings-why-too-large",
        (_, "2.4" | "7.2") => "sendings-why-list",
        (_, "3.1") => "sendings-why-server-full",
        ("4", "3.0" | "3.2" | "3.5") => "sendings-why-closing",
        (_, "3.2" | "3.3" | "3.5") => "sendings-why-server-unable",
        (_, "4.1" | "4.2" | "4.3" | "4.4" | "4.7") => "sendings-why-unreachable",
        (_, "4.5" | "7.28") => "sendings-why-busy",
        (_, "4.6") => "sendings-why-loop",
        (_, "5.3") => "sendings-why-too-many",
        (_, "6.0" | "6.1" | "6.2" | "6.3" | "6.6" | "7.7") => "sendings-why-content",
        (_, "7.8" | "7.9" | "7.11" | "7.12" | "7.13") => "sendings-why-login",
        (_, "7.20" | "7.21" | "7.22" | "7.23" | "7.24" | "7.25" | "7.26" | "7.27" | "7.29") => {
            "sendings-why-sender-unproved"
        }
        (_, "7.0" | "7.1") => "sendings-why-not-allowed",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Language;

    #[test]
    fn the_most_exact_code_of_a_reply_is_explained() {
        let wording = Wording::new(Language::French);
        let said = |reply: &str| wording.reason(reply);
        let unknown = Some("Cette adresse n’existe pas.".to_owned());
        for reply in ["5.1.1", "550 5.1.1 no such user", "5.1.1 550 unknown", "550 5.1.10"] {
            assert_eq!(said(reply), unknown, "{reply}");
        }
        assert_eq!(said("552 5.2.2 full"), Some("La boîte du destinataire est pleine.".into()));
        assert_eq!(said("552 too big"), Some("Le message est trop gros pour cette boîte.".into()));
        assert_eq!(said("902 inconnu"), Some("Le patient n’est pas connu du destinataire.".into()));
        for silent in ["", "550 no", "2.1.5", "5.9.9", "9.1.1", "5.", "5"] {
            assert_eq!(said(silent), None, "{silent}");
        }
        for class in ["4", "5"] {
            for (subject, detail) in (0..8).flat_map(|s| (0..31).map(move |d| (s, d))) {
                if let Some(key) = enhanced(class, &format!("{subject}.{detail}")) {
                    assert!(wording.has(key), "{key}");
                }
            }
        }
    }

    #[test]
    fn every_stage_has_its_word() {
        let wording = Wording::new(Language::English);
        for stage in [
            Stage::Held,
            Stage::Queued,
            Stage::WaitingCard,
            Stage::WaitingNetwork,
            Stage::WaitingServer,
            Stage::WaitingOther,
            Stage::Sending,
            Stage::Unknown,
            Stage::Refused,
            Stage::Sent,
            Stage::Filed,
            Stage::Delivered,
            Stage::Read,
            Stage::Undelivered,
        ] {
            assert!(wording.has(&format!("sendings-state-{}", stage.word())), "{stage:?}");
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.word());
        }
    }
}
