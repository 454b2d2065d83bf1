//! The CPS card: kinds, holder and the states the rest of the program reacts to. Facts: ANS Cryptolib sources and a
//! published test certificate.

mod state;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use state::{CardInReader, Contents, Facts, ReadFailure, Reading, Slot, cards, selected, state};

use super::UnixTime;

/// What an ATR says a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardKind {
    /// CPS3 in contact mode: usable.
    Cps3,
    /// CPS3 in contactless mode: carries no PIN-protected key, useless for login.
    Cps3Contactless,
    /// CPS4 (NXP ChipDoc).
    Cps4,
    /// Carte Vitale of a patient.
    Vitale,
    /// Anything else.
    Unknown,
}

impl CardKind {
    /// Recognises a card by its historical bytes rather than by its whole ATR (ANS registers the pattern
    /// `3B00000000001225006480000000009000` under mask `FF00000000FFFFFFFFFFFF000000FFFFFF`).
    pub fn from_atr(atr: &[u8]) -> Self {
        const CPS_MARK: [u8; 6] = [0x00, 0x12, 0x25, 0x00, 0x64, 0x80];
        const CONTACTLESS: [u8; 6] = [0x3B, 0x8F, 0x80, 0x01, 0x00, 0x31];
        if atr.starts_with(&CONTACTLESS) {
            return Self::Cps3Contactless;
        }
        if atr.starts_with(&[0x3B, 0x75, 0x13]) {
            return Self::Vitale;
        }
        if atr.first() != Some(&0x3B) || !atr.windows(CPS_MARK.len()).any(|w| w == CPS_MARK) {
            return Self::Unknown;
        }
        // CPS3 contact: T0 = AC; every CPS4 seen has 9B (or DC for the pre-series)
        if atr.get(1) == Some(&0xAC) { Self::Cps3 } else { Self::Cps4 }
    }

    /// `CPS3`, `CPS4`; empty for what is no CPS.
    pub fn generation(self) -> &'static str {
        match self {
            Self::Cps3 | Self::Cps3Contactless => "CPS3",
            Self::Cps4 => "CPS4",
            Self::Vitale | Self::Unknown => "",
        }
    }
}

/// Whom a card belongs to, read from the authentication certificate before any PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Certificate CN: the national identifier (`8`+RPPS, `0`+ADELI, structure/staff number). Connections, store and
    /// windows are bound to this value.
    pub national_id: String,
    /// Family name; empty on cards of staff that bear none.
    pub family_name: String,
    /// Given name; may be empty.
    pub given_name: String,
    /// Certificate title, such as "Médecin" or "Carte de service santé ou social"; may be empty.
    pub title: String,
    /// Profession code (TRE_G15: 10 physician, 21 pharmacist, 40 dentist, 50 midwife, 60 nurse, 70 physiotherapist).
    pub profession: Option<u8>,
    /// Structure (O) on staff cards.
    pub structure: Option<String>,
    /// Card number, the part after the issuer.
    pub card_number: Option<String>,
    /// Product type (TRE_G02: 0 CPS, 1 CPF, 2 CPE, 3 CPA).
    pub product: Option<u8>,
    /// End of validity of the authentication certificate.
    pub not_after: UnixTime,
}

impl Holder {
    /// The RPPS: the CN without its leading 8 when it has 12 digits. Staff cards have none: a normal case.
    pub fn rpps(&self) -> Option<&str> {
        let all_digits = self.national_id.len() == 12 && self.national_id.bytes().all(|b| b.is_ascii_digit());
        all_digits.then(|| self.national_id.strip_prefix('8')).flatten()
    }

    /// Whole days until the card's certificate runs out, when that is soon enough to act: 30 days or fewer.
    pub fn days_left(&self, now: UnixTime) -> Option<i64> {
        const DAY: i64 = 86_400;
        const SOON: i64 = 30;
        let days = (self.not_after - now).div_euclid(DAY);
        (0..=SOON).contains(&days).then_some(days)
    }

    /// What kind of card the nomenclature TRE_G02 says it is: `CPS`, `CPF` (in training), `CPE` (staff of an
    /// establishment), `CPA` (authorised staff); empty when the certificate does not tell.
    pub fn card_type(&self) -> &'static str {
        match self.product {
            Some(0) => "CPS",
            Some(1) => "CPF",
            Some(2) => "CPE",
            Some(3) => "CPA",
            _ => "",
        }
    }

    /// `Dr Anne LEROY` for physicians, pharmacists, dentists; the bare name otherwise; the identifier where there is
    /// no name.
    pub fn display_name(&self) -> String {
        let title = if matches!(self.profession, Some(10 | 21 | 40)) { "Dr" } else { "" };
        let given = super::person::capitalised(&self.given_name);
        let name: Vec<&str> =
            [title, &given, &self.family_name].into_iter().filter(|s| !s.is_empty()).collect();
        if self.family_name.is_empty() { self.national_id.clone() } else { name.join(" ") }
    }
}

/// Tries left before the PIN blocks, as far as the card tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinTries {
    /// No wrong try recorded.
    Full,
    /// At least one wrong try.
    Low,
    /// One more wrong PIN blocks the card.
    Last,
    /// Blocked: only the unblocking code helps.
    Blocked,
}

/// How a PKCS#11 module failed the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModuleFault {
    /// It ended its process, with this signal (Unix) or exception (Windows) where the system told.
    Crashed {
        /// Number of the signal or exception.
        signal: Option<i32>,
    },
    /// It did not answer in time.
    Hung,
    /// What it answered makes no sense.
    Garbled,
    /// The system could not load it, or it refused to start.
    NotLoaded,
    /// Others than the administrator could have put it where it is: it is not loaded.
    NotTrusted,
}

/// The card as the program sees it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum CardState {
    /// The PC/SC service does not answer.
    NoService,
    /// No reader is plugged in.
    NoReader,
    /// A reader, no card.
    NoCard,
    /// A card is being read.
    Reading,
    /// No PKCS#11 module was found.
    NoModule,
    /// The module failed.
    ModuleFaulty {
        /// File of the module.
        module: PathBuf,
        /// How it failed.
        fault: ModuleFault,
    },
    /// The card does not answer, or its files cannot be read.
    Unreadable,
    /// A card that is no CPS, or a CPS in a mode without login key.
    NotUsable {
        /// What it is.
        kind: CardKind,
    },
    /// Several cards could be used: the user has to say which. See [`cards`].
    Choosing,
    /// The certificate's validity is over.
    Expired {
        /// Whose card.
        holder: Holder,
    },
    /// The certificate was revoked by its authority: the card was declared lost, or its holder no longer has one.
    Revoked {
        /// Whose card.
        holder: Holder,
    },
    /// Waiting for the PIN.
    Locked {
        /// Whose card.
        holder: Holder,
        /// Tries left.
        tries: PinTries,
        /// The PIN is typed on the reader.
        pin_pad: bool,
    },
    /// PIN verified: the key can sign.
    Unlocked {
        /// Whose card.
        holder: Holder,
    },
}

impl CardState {
    /// The holder, in the states that have one.
    pub fn holder(&self) -> Option<&Holder> {
        match self {
            Self::Expired { holder }
            | Self::Revoked { holder }
            | Self::Locked { holder, .. }
            | Self::Unlocked { holder } => Some(holder),
            _ => None,
        }
    }

    /// The state as a stable word, finer than its variant: the end of a key of texts, a trace.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoService => "no-service",
            Self::NoReader => "no-reader",
            Self::NoCard => "no-card",
            Self::Reading => "reading",
            Self::NoModule => "no-module",
            Self::ModuleFaulty { fault: ModuleFault::Crashed { .. }, .. } => "module-crashed",
            Self::ModuleFaulty { fault: ModuleFault::Hung, .. } => "module-hung",
            Self::ModuleFaulty { fault: ModuleFault::Garbled, .. } => "module-garbled",
            Self::ModuleFaulty { fault: ModuleFault::NotLoaded, .. } => "module-not-loaded",
            Self::ModuleFaulty { fault: ModuleFault::NotTrusted, .. } => "module-not-trusted",
            Self::Unreadable => "card-unreadable",
            Self::NotUsable { kind: CardKind::Vitale } => "vitale",
            Self::NotUsable { kind: CardKind::Cps3Contactless } => "contactless",
            Self::NotUsable { .. } => "not-a-cps",
            Self::Choosing => "choosing",
            Self::Expired { .. } => "card-expired",
            Self::Revoked { .. } => "card-revoked",
            Self::Locked { tries: PinTries::Blocked, .. } => "pin-blocked",
            Self::Locked { tries: PinTries::Last, .. } => "last-try",
            Self::Locked { .. } => "ready",
            Self::Unlocked { .. } => "unlocked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_card_is_told_thirty_days_ahead() {
        let end = 2_000_000_000;
        let holder = Holder {
            national_id: "899900000011".to_owned(),
            family_name: String::new(),
            given_name: String::new(),
            title: String::new(),
            profession: None,
            structure: None,
            card_number: None,
            product: Some(2),
            not_after: end,
        };
        let day = 86_400;
        for (now, told) in [
            (end - 31 * day, None),
            (end - 31 * day + 1, Some(30)),
            (end - day, Some(1)),
            (end - 1, Some(0)),
            (end, Some(0)),
            (end + 1, None),
        ] {
            assert_eq!(holder.days_left(now), told, "{} s before the end", end - now);
        }
        assert_eq!(holder.card_type(), "CPE");
    }

    #[test]
    fn cards_are_told_apart_by_their_atr() {
        let hex = |s: &str| -> Vec<u8> { s.split(' ').map(|b| u8::from_str_radix(b, 16).unwrap()).collect() };
        for (atr, kind) in [
            ("3B AC 00 40 2A 00 12 25 00 64 80 00 03 10 00 90 00", CardKind::Cps3),
            ("3B 8F 80 01 00 31 B8 64 04 B0 EC C1 73 94 01 80 82 90 00 0E", CardKind::Cps3Contactless),
            ("3B 9B 18 80 01 00 12 25 00 64 80 04 01 00 00 90 44", CardKind::Cps4),
            ("3B 9B 18 80 01 00 12 25 00 64 80 00 04 01 00 90 44", CardKind::Cps4),
            ("3B DC 18 FF 00 00 12 25 00 64 80 00 04 01 00 90 00", CardKind::Cps4),
            ("3B 75 13 00 00 47 09 EA 90 00", CardKind::Vitale),
            ("3B 6E 00 00 00 31 C0 65", CardKind::Unknown),
        ] {
            assert_eq!(CardKind::from_atr(&hex(atr)), kind, "{atr}");
        }
        assert_eq!(CardKind::from_atr(&[]), CardKind::Unknown);
    }
}
