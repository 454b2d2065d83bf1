//! One key slot: the store's key, sealed under a secret that one way of opening gives.
//!
//! The whole construction, for auditors, is in `manual::vault`.

use std::num::NonZeroU32;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::{hkdf, pbkdf2};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{Error, Result, hex, random};
use crate::domain::UnixTime;
use crate::domain::recovery::RecoveryCode;
use crate::domain::secret::StoreKey;

/// What the key of every slot is derived for.
const PURPOSE: &[u8] = b"estafette key slot 1";
/// Rounds for a new recovery code (OWASP's figure for PBKDF2-HMAC-SHA256). The code has 140 random bits and would do
/// without; the rounds are for whoever guesses at a code of which a part was seen.
const ROUNDS: u32 = 600_000;
/// Rounds a file may ask for: below, the file was not written by us; above, opening would hang.
const ROUNDS_READ: std::ops::RangeInclusive<u32> = 100_000..=10_000_000;

/// What opens a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Opener {
    /// A random secret in the keyring of the operating system, or in the file that stands in for it.
    Keyring,
    /// A signature by the card with this authentication certificate.
    Card {
        /// SHA-256 of the certificate (DER), in lower-case hexadecimal.
        certificate: String,
    },
    /// The recovery code.
    Recovery {
        /// Rounds of PBKDF2-HMAC-SHA256.
        rounds: u32,
    },
}

impl Opener {
    /// A recovery code, stretched as new codes are.
    pub fn recovery() -> Self {
        Self::Recovery { rounds: ROUNDS }
    }

    /// The card with this authentication certificate (DER).
    pub fn card(certificate: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
        Self::Card { certificate: hex::write(digest.as_ref()) }
    }
}

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    id: String,
    created: UnixTime,
    opener: Opener,
    salt: String,
    sealed: String,
}

/// The secret that one way of opening gives, before it is stretched to a key. Wiped when dropped.
pub(super) struct Secret(Zeroizing<Vec<u8>>);

/// What a slot is before anything is sealed in it: its header is bound to what is sealed.
pub struct Blank {
    store: String,
    id: String,
    created: UnixTime,
    opener: Opener,
}

impl Slot {
    /// Identifier: 16 hexadecimal digits, random.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it was made.
    pub fn created(&self) -> UnixTime {
        self.created
    }

    /// What opens it.
    pub fn opener(&self) -> &Opener {
        &self.opener
    }

    /// The fields have the shapes we write: asked of every slot read from a file.
    pub(super) fn is_sound(&self) -> bool {
        let opener = match &self.opener {
            Opener::Keyring => true,
            Opener::Card { certificate } => hex::is(certificate, 32),
            Opener::Recovery { rounds } => ROUNDS_READ.contains(rounds),
        };
        opener && hex::is(&self.id, 8) && hex::is(&self.salt, 32) && hex::is(&self.sealed, 48)
    }

    /// The store's key; [`Error::DoesNotOpen`] when the secret is not this slot's or the slot was altered.
    pub(super) fn open(&self, store: &str, secret: &Secret) -> Result<StoreKey> {
        let salt = hex::read(&self.salt).ok_or(Error::Damaged)?;
        let mut sealed = Zeroizing::new(hex::read(&self.sealed).ok_or(Error::Damaged)?);
        let cipher = cipher(&salt, secret)?;
        let header = header(store, &self.id, self.created, &self.opener);
        let opened =
            cipher.open_in_place(nonce(), Aad::from(header), &mut sealed).map_err(|_| Error::DoesNotOpen)?;
        let mut key = <[u8; 32]>::try_from(&*opened).map_err(|_| Error::Damaged)?;
        let answer = StoreKey::new(key);
        key.zeroize();
        Ok(answer)
    }

    /// The text the card signs to open this slot.
    pub(super) fn text_to_sign(&self, store: &str) -> Vec<u8> {
        text_to_sign(store, &self.id)
    }

    /// The secret of a recovery code for this slot; slow by design.
    pub(super) fn stretch(&self, code: &RecoveryCode) -> Result<Secret> {
        let Opener::Recovery { rounds } = self.opener else { return Err(Error::DoesNotOpen) };
        let salt = hex::read(&self.salt).ok_or(Error::Damaged)?;
        stretch(code, &salt, rounds)
    }
}

impl Blank {
    /// A slot to be of the store of this identifier.
    pub(super) fn new(store: &str, opener: Opener, now: UnixTime) -> Result<Self> {
        Ok(Self { store: store.to_owned(), id: hex::write(&random::<8>()?), created: now, opener })
    }

    /// Identifier of the slot to be.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The text the card signs to fill this slot, and again each time it is opened.
    pub fn text_to_sign(&self) -> Vec<u8> {
        text_to_sign(&self.store, &self.id)
    }

    /// Seals the store's key under a random secret.
    pub(super) fn fill(self, secret: &Secret, key: &StoreKey) -> Result<Slot> {
        self.fill_with(|_| Ok(Secret(secret.0.clone())), key)
    }

    /// Seals the store's key under the signature of [`Blank::text_to_sign`].
    ///
    /// # Errors
    /// None in practice.
    pub fn fill_by_signature(self, signature: &[u8], key: &StoreKey) -> Result<Slot> {
        self.fill(&Secret::new(signature), key)
    }

    /// Seals the store's key under a recovery code; slow by design.
    ///
    /// # Errors
    /// [`Error::DoesNotOpen`] when the slot is to be opened by something else.
    pub fn fill_by_code(self, code: &RecoveryCode, key: &StoreKey) -> Result<Slot> {
        let Opener::Recovery { rounds } = self.opener else { return Err(Error::DoesNotOpen) };
        self.fill_with(|salt| stretch(code, salt, rounds), key)
    }

    fn fill_with(self, secret: impl FnOnce(&[u8]) -> Result<Secret>, key: &StoreKey) -> Result<Slot> {
        let salt = random::<32>()?;
        let cipher = cipher(&salt, &secret(&salt)?)?;
        let header = header(&self.store, &self.id, self.created, &self.opener);
        // room for the tag: growing would leave a copy of the key behind
        let mut sealed = Zeroizing::new(Vec::with_capacity(48));
        sealed.extend_from_slice(key.expose());
        cipher
            .seal_in_place_append_tag(nonce(), Aad::from(header), &mut *sealed)
            .map_err(|_| Error::Damaged)?;
        Ok(Slot {
            id: self.id,
            created: self.created,
            opener: self.opener,
            salt: hex::write(&salt),
            sealed: hex::write(&sealed),
        })
    }
}

impl Secret {
    /// What a card signed or a keyring kept.
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// A new one for the keyring, 256 random bits.
    pub(super) fn random() -> Result<Self> {
        let bytes = Zeroizing::new(random::<32>()?);
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// The bytes, for the keyring.
    pub(super) fn bytes(&self) -> Zeroizing<Vec<u8>> {
        self.0.clone()
    }
}

/// A slot's key seals once and for all under a salt of its own, so the nonce is fixed.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn cipher(salt: &[u8], secret: &Secret) -> Result<LessSafeKey> {
    let material = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(&secret.0);
    let key = material.expand(&[PURPOSE], &CHACHA20_POLY1305).map_err(|_| Error::Damaged)?;
    Ok(LessSafeKey::new(UnboundKey::from(key)))
}

fn stretch(code: &RecoveryCode, salt: &[u8], rounds: u32) -> Result<Secret> {
    let rounds = NonZeroU32::new(rounds).ok_or(Error::Damaged)?;
    let mut bytes = Zeroizing::new(vec![0; 32]);
    let carried = code.carried();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, carried.as_bytes(), &mut bytes);
    Ok(Secret(bytes))
}

/// What nobody can change without the key being refused: store, slot, time and way of opening.
fn header(store: &str, id: &str, created: UnixTime, opener: &Opener) -> Vec<u8> {
    let opener = match opener {
        Opener::Keyring => "keyring".to_owned(),
        Opener::Card { certificate } => format!("card {certificate}"),
        Opener::Recovery { rounds } => format!("recovery pbkdf2-hmac-sha256 {rounds}"),
    };
    format!("estafette key slot 1\nstore {store}\nslot {id}\ncreated {created}\n{opener}\n").into_bytes()
}

/// Begins like nothing a TLS handshake has signed: those begin with a message type below 32 or with 64 spaces.
fn text_to_sign(store: &str, id: &str) -> Vec<u8> {
    format!("Estafette, key slot of a mail store, version 1\nstore {store}\nslot {id}\n").into_bytes()
}
