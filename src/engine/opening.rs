//! Finds the key of a session's store and opens it: which slot by which way, the first slots of a new store, older
//! profiles whose key lay bare in the keyring, and a change of key that was cut short.

use std::path::PathBuf;
use std::sync::Arc;

use super::profile::Place;
use super::work::blocking;
use super::{Error, ErrorKind, Result, clock};
use crate::card::ClientKey;
use crate::domain::recovery::RecoveryCode;
use crate::domain::secret::StoreKey;
use crate::store::{self, Store};
use crate::vault::{self, KeyFile, Opener, Slot, Slots, Vault};

/// What the user opens the store with.
pub(super) enum Proof {
    /// Neither card nor code: the keyring, or the file that stands in for it.
    Keyring,
    /// The unlocked card; `None` for the fictitious one. The code helps a card that has no slot yet.
    Card { key: Option<ClientKey>, code: Option<RecoveryCode> },
    /// The recovery code.
    Code(RecoveryCode),
}

impl Proof {
    /// The card's key, for connections.
    pub(super) fn card_key(&self) -> Option<ClientKey> {
        match self {
            Self::Card { key, .. } => key.clone(),
            Self::Keyring | Self::Code(_) => None,
        }
    }
}

/// The key of an open store and the slots that hold it.
pub(super) struct Keys {
    pub(super) file: KeyFile,
    pub(super) key: StoreKey,
    pub(super) place: Place,
}

/// An open store with its keys.
pub(super) struct Opened {
    pub(super) store: Store,
    pub(super) keys: Keys,
}

/// Opens the store of a session, made when there is none.
pub(super) async fn open(place: Place, vault: &Arc<Vault>, proof: Proof) -> Result<Opened> {
    let path = place.keys.clone();
    let mut opened = match blocking(move || Ok(KeyFile::read(&path)?)).await? {
        Some(file) => open_by_slot(file, place, vault, &proof).await?,
        None => open_without_slots(place, vault, &proof).await?,
    };
    if let Proof::Card { key: Some(card), .. } = &proof
        && slot_of(card, opened.keys.file.slots(Slots::Present)).is_none()
    {
        match card_slot(card, &opened.keys.file, &opened.keys.key).await {
            Ok(slot) => opened = put(opened, slot).await?,
            // the store opens by its other slots, as it just did
            Err(error) => tracing::warn!(code = error.code(), "this card cannot have a key slot"),
        }
    }
    Ok(opened)
}

/// A new store, or one of a version that kept the key bare in the keyring.
async fn open_without_slots(place: Place, vault: &Arc<Vault>, proof: &Proof) -> Result<Opened> {
    let (asked, from, session) = (Arc::clone(vault), place.clone(), place.session.clone());
    let bare = blocking(move || Ok(asked.bare_key(&session))).await?;
    let exists = from.store.exists();
    let (key, is_old) = match bare {
        Ok(Some(key)) => (key, true),
        Ok(None) if exists => return Err(Error::new(ErrorKind::NeedsUser, "key-missing")),
        // the card alone can open what it makes now
        Err(_) if !exists && matches!(proof, Proof::Card { .. }) => (vault::new_key()?, false),
        Ok(None) if matches!(proof, Proof::Code(_)) => {
            return Err(Error::new(ErrorKind::NeedsUser, "no-recovery-code"));
        }
        Ok(None) => (vault::new_key()?, false),
        Err(error) => return Err(error.into()),
    };
    let file = KeyFile::new(place.keys.clone())?;
    let slots = first_slots(&file, vault, proof, &key).await?;
    let asked = Arc::clone(vault);
    blocking(move || {
        std::fs::create_dir_all(place.store.parent().unwrap_or(&place.store))?;
        let mut file = file;
        if is_old {
            // the store first: its lock keeps others from doing the same, and only the right key makes slots
            let store = Store::open(&place.store, &key)?;
            file.create(slots)?;
            asked.remove_bare_key(&place.session)?;
            return Ok(Opened { store, keys: Keys { file, key, place } });
        }
        match file.create(slots) {
            Ok(()) => {}
            // another process was faster: it has the store
            Err(vault::Error::Exists) => return Err(Error::new(ErrorKind::NeedsUser, "store-locked")),
            Err(error) => return Err(error.into()),
        }
        let store = Store::open(&place.store, &key)?;
        Ok(Opened { store, keys: Keys { file, key, place } })
    })
    .await
}

/// The slots of a new file: the keyring's and the card's, as far as there are.
async fn first_slots(file: &KeyFile, vault: &Arc<Vault>, proof: &Proof, key: &StoreKey) -> Result<Vec<Slot>> {
    let (asked, blank, sealed) = (Arc::clone(vault), file.blank(Opener::Keyring, clock::now())?, key.clone());
    let by_keyring = blocking(move || Ok(asked.fill(blank, &sealed)?)).await;
    let by_card = match proof {
        Proof::Card { key: Some(card), .. } => Some(card_slot(card, file, key).await),
        _ => None,
    };
    match (by_keyring, by_card) {
        (Ok(keyring), Some(Ok(card))) => Ok(vec![keyring, card]),
        (Ok(keyring), _) => Ok(vec![keyring]),
        (Err(_), Some(Ok(card))) => Ok(vec![card]),
        (Err(_), Some(Err(error))) | (Err(error), None) => Err(error),
    }
}

/// Opens by the slots there are. A file between two keys is tried with both, and the one that fits is the store's.
async fn open_by_slot(file: KeyFile, place: Place, vault: &Arc<Vault>, proof: &Proof) -> Result<Opened> {
    let sets: &[Slots] =
        if file.is_between_keys() { &[Slots::Present, Slots::Next] } else { &[Slots::Present] };
    let mut refusal = None;
    for which in sets {
        let key = match unseal(&file, *which, vault, proof).await {
            Ok(key) => key,
            Err(error) => {
                refusal.get_or_insert(error);
                continue;
            }
        };
        let (path, key_of) = (place.store.clone(), key.clone());
        match blocking(move || Ok(Store::open(&path, &key_of))).await? {
            Ok(store) => return settled(store, Keys { file, key, place }, *which, vault, proof).await,
            Err(store::Error::WrongKey) if file.is_between_keys() => {
                refusal.get_or_insert(store::Error::WrongKey.into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(refusal.unwrap_or_else(|| Error::new(ErrorKind::NeedsUser, "key-missing")))
}

/// Cleans up after what was cut short: a change of the key, a bare key left behind.
async fn settled(
    store: Store,
    mut keys: Keys,
    which: Slots,
    vault: &Arc<Vault>,
    proof: &Proof,
) -> Result<Opened> {
    let (asked, by_keyring) = (Arc::clone(vault), matches!(proof, Proof::Keyring));
    blocking(move || {
        if keys.file.is_between_keys() {
            let other = if which == Slots::Present { Slots::Next } else { Slots::Present };
            let gone = keys.file.slots(other).to_vec();
            keys.file.settle(which)?;
            forget(&asked, &gone);
        }
        if by_keyring && let Err(error) = asked.remove_bare_key(&keys.place.session) {
            tracing::warn!(%error, "a bare key may still be in the keyring");
        }
        Ok(Opened { store, keys })
    })
    .await
}

/// Forgets the secrets of slots that are no more. One that stays is of no use without its slot.
pub(super) fn forget(vault: &Vault, slots: &[Slot]) {
    for slot in slots.iter().filter(|slot| *slot.opener() == Opener::Keyring) {
        if let Err(error) = vault.forget(slot) {
            tracing::warn!(%error, "the secret of a removed slot is still in the keyring");
        }
    }
}

async fn unseal(file: &KeyFile, which: Slots, vault: &Arc<Vault>, proof: &Proof) -> Result<StoreKey> {
    match proof {
        Proof::Keyring => by_keyring(file, which, vault).await,
        Proof::Code(code) => by_code(file, which, code).await,
        Proof::Card { key, code } => {
            let slot = key.as_ref().and_then(|card| Some((card, slot_of(card, file.slots(which))?)));
            if let Some((card, slot)) = slot {
                let signature = card.sign(&file.text_to_sign(slot)).await?;
                match file.open_by_signature(slot, &signature) {
                    Ok(key) => return Ok(key),
                    Err(error) => tracing::warn!(%error, "the card's slot does not open"),
                }
            }
            let is_card_only = !file.slots(which).iter().any(|slot| *slot.opener() == Opener::Keyring);
            match (by_keyring(file, which, vault).await, code) {
                (Ok(key), _) => Ok(key),
                (Err(_), Some(code)) => by_code(file, which, code).await,
                (Err(_), None) if is_card_only => Err(Error::new(ErrorKind::NeedsCard, "card-renewed")),
                (Err(error), None) => Err(error),
            }
        }
    }
}

async fn by_keyring(file: &KeyFile, which: Slots, vault: &Arc<Vault>) -> Result<StoreKey> {
    let slot = file.slots(which).iter().find(|slot| *slot.opener() == Opener::Keyring).cloned();
    let slot = slot.ok_or_else(|| Error::new(ErrorKind::NeedsCard, "offline-not-allowed"))?;
    let (file, vault) = (file.clone(), Arc::clone(vault));
    blocking(move || Ok(file.open_by_keyring(&slot, &vault)?)).await
}

async fn by_code(file: &KeyFile, which: Slots, code: &RecoveryCode) -> Result<StoreKey> {
    let is_recovery = |slot: &&Slot| matches!(slot.opener(), Opener::Recovery { .. });
    let slot = file.slots(which).iter().find(is_recovery).cloned();
    let slot = slot.ok_or_else(|| Error::new(ErrorKind::NeedsUser, "no-recovery-code"))?;
    let (file, code) = (file.clone(), code.clone());
    blocking(move || {
        file.open_by_code(&slot, &code).map_err(|error| match error {
            vault::Error::DoesNotOpen => Error::new(ErrorKind::NeedsUser, "recovery-code-wrong"),
            other => other.into(),
        })
    })
    .await
}

/// The slot of this card's certificate.
pub(super) fn slot_of<'a>(card: &ClientKey, slots: &'a [Slot]) -> Option<&'a Slot> {
    let opener = Opener::card(card.certificate());
    slots.iter().find(|slot| *slot.opener() == opener)
}

/// A slot the card opens. It signs twice: a signature that is not the same every time would never open it again.
pub(super) async fn card_slot(card: &ClientKey, file: &KeyFile, key: &StoreKey) -> Result<Slot> {
    let blank = file.blank(Opener::card(card.certificate()), clock::now())?;
    let text = blank.text_to_sign();
    let (once, again) = (card.sign(&text).await?, card.sign(&text).await?);
    if *once != *again {
        return Err(Error::new(ErrorKind::NeedsCard, "card-unreadable"));
    }
    Ok(blank.fill_by_signature(&once, key)?)
}

async fn put(mut opened: Opened, slot: Slot) -> Result<Opened> {
    blocking(move || {
        opened.keys.file.put(slot, |_| false)?;
        Ok(opened)
    })
    .await
}

/// Renames a damaged store, and a key file that cannot be read; blocking. Answers where the store went.
pub(super) fn set_aside(place: &Place) -> Result<PathBuf> {
    if !matches!(KeyFile::read(&place.keys), Err(vault::Error::KeyFileDamaged)) {
        return Ok(Store::set_aside(&place.store)?);
    }
    let aside = if place.store.exists() { Store::set_aside(&place.store)? } else { place.store.clone() };
    let free =
        (1u32..).map(|n| place.keys.with_extension(format!("json.damaged-{n}"))).find(|path| !path.exists());
    std::fs::rename(&place.keys, free.unwrap_or_else(|| place.keys.with_extension("json.damaged")))?;
    Ok(aside)
}
