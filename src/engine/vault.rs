//! The ways into a store as the user sees and changes them.

use std::sync::Arc;

use serde::Serialize;

use super::opening::{Keys, card_slot, forget, slot_of};
use super::profile::LOCAL;
use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Kind, Result, clock};
use crate::domain::UnixTime;
use crate::domain::recovery::RecoveryCode;
use crate::vault::{self, KeyFile, Opener, Slot, Slots};

/// What opens a key slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeySlotKind {
    /// The keyring of the system, or the file that stands in for it: reading without the card.
    Keyring,
    /// A card; which one is known only while a card is unlocked.
    Card,
    /// The card that is unlocked now.
    ThisCard,
    /// Another card than the one unlocked now: an older one of the same holder.
    OtherCard,
    /// The recovery code.
    Recovery,
}

/// A way into the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeySlot {
    /// Identifier, for [`Engine::remove_slot`].
    pub id: String,
    /// What opens it.
    pub kind: KeySlotKind,
    /// When it was made.
    pub created: UnixTime,
}

/// The ways into the open store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Security {
    /// All of them, oldest first.
    pub slots: Vec<KeySlot>,
    /// It can be read without the card, by whoever has this computer's session open.
    pub offline: bool,
    /// There is a recovery code.
    pub recovery: bool,
    /// A card has a way in.
    pub card: bool,
}

/// What the lock screen can offer beside card and PIN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaysIn {
    /// [`Engine::open_offline`] has a slot to try.
    pub offline: bool,
    /// [`Engine::open_with_code`] has a slot to try.
    pub recovery: bool,
    /// The store is of mailboxes without a card: opened so, it is in touch with its servers.
    pub without_card: bool,
}

impl Security {
    fn of(slots: &[Slot], unlocked: Option<&Slot>) -> Self {
        let kind = |slot: &Slot| match slot.opener() {
            Opener::Keyring => KeySlotKind::Keyring,
            Opener::Recovery { .. } => KeySlotKind::Recovery,
            Opener::Card { .. } => match unlocked {
                None => KeySlotKind::Card,
                Some(present) if present == slot => KeySlotKind::ThisCard,
                Some(_) => KeySlotKind::OtherCard,
            },
        };
        let slots: Vec<KeySlot> = slots
            .iter()
            .map(|slot| KeySlot { id: slot.id().to_owned(), kind: kind(slot), created: slot.created() })
            .collect();
        let has = |wanted: &[KeySlotKind]| slots.iter().any(|slot| wanted.contains(&slot.kind));
        Self {
            offline: has(&[KeySlotKind::Keyring]),
            recovery: has(&[KeySlotKind::Recovery]),
            card: has(&[KeySlotKind::Card, KeySlotKind::ThisCard, KeySlotKind::OtherCard]),
            slots,
        }
    }
}

impl Engine {
    /// What the lock screen can offer for the store that would be opened now.
    pub async fn ways_in(&self) -> WaysIn {
        let Kind::Real { profile, .. } = &self.inner.kind else {
            return WaysIn { offline: true, ..WaysIn::default() };
        };
        let name = self.session_to_open(profile, self.card().holder());
        let (without_card, place) = (name == LOCAL, profile.place(&name));
        let read = blocking(move || {
            Ok(match KeyFile::read(&place.keys) {
                Ok(Some(file)) => {
                    let security = Security::of(file.slots(Slots::Present), None);
                    WaysIn { offline: security.offline, recovery: security.recovery, without_card }
                }
                // a store of a version that had no slots
                Ok(None) => WaysIn { offline: place.store.exists(), recovery: false, without_card },
                // offered all the same: trying it says what is wrong
                Err(_) => WaysIn { offline: true, recovery: false, without_card },
            })
        });
        self.on_runtime(read).await.unwrap_or_default()
    }

    /// The ways into the open store.
    ///
    /// # Errors
    /// No session; `no-vault` in practice mode.
    pub async fn security(&self) -> Result<Security> {
        self.with_keys(|session, keys| Ok(described(session, keys))).await
    }

    /// A new random recovery code. It opens nothing before [`Engine::set_recovery_code`] or [`Engine::rotate_key`]
    /// took it, so that it can be written down first.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn new_recovery_code(&self) -> Result<RecoveryCode> {
        Ok(vault::new_recovery_code()?)
    }

    /// Makes the code a way into the open store, in place of an earlier one.
    ///
    /// # Errors
    /// No session; the key file cannot be written.
    pub async fn set_recovery_code(&self, code: RecoveryCode) -> Result<Security> {
        self.with_keys(move |session, keys| {
            let slot = keys.file.blank(Opener::recovery(), clock::now())?.fill_by_code(&code, &keys.key)?;
            keys.file.put(slot, is_recovery)?;
            Ok(described(session, keys))
        })
        .await
    }

    /// Whether the store can be read without the card, by whoever has this computer's session open.
    ///
    /// # Errors
    /// To allow it, a keyring is needed. To forbid it, a card must have a way in (`offline-needs-card`) and a recovery
    /// code must exist (`recovery-needed`): a card can be lost.
    pub async fn set_offline(&self, allowed: bool) -> Result<Security> {
        self.with_keys(move |session, keys| {
            let now = described(session, keys);
            if allowed && !keyring_opens(session, keys) {
                let blank = keys.file.blank(Opener::Keyring, clock::now())?;
                let slot = session.vault.fill(blank, &keys.key)?;
                // a slot whose secret the keyring has lost makes way
                keys.file.put(slot, |old| *old.opener() == Opener::Keyring)?;
            }
            if !allowed {
                if !now.card {
                    return Err(Error::new(ErrorKind::NeedsUser, "offline-needs-card"));
                }
                if !now.recovery {
                    return Err(Error::new(ErrorKind::NeedsUser, "recovery-needed"));
                }
                take_out(session, keys, |slot| *slot.opener() == Opener::Keyring)?;
                session.vault.remove_bare_key(&keys.place.session)?;
            }
            Ok(described(session, keys))
        })
        .await
    }

    /// Takes a way into the store away. The keyring's goes by [`Engine::set_offline`].
    ///
    /// # Errors
    /// `last-way-in` when a card would remain alone, or nothing; no such slot.
    pub async fn remove_slot(&self, id: String) -> Result<Security> {
        let known = self.security().await?;
        let wanted = known.slots.iter().find(|slot| slot.id == id).ok_or_else(super::mail::not_found)?;
        if wanted.kind == KeySlotKind::Keyring {
            return self.set_offline(false).await;
        }
        self.with_keys(move |session, keys| {
            let stays = |slot: &Slot| slot.id() != id && !matches!(slot.opener(), Opener::Card { .. });
            if !keys.file.slots(Slots::Present).iter().any(stays) {
                return Err(Error::new(ErrorKind::NeedsUser, "last-way-in"));
            }
            take_out(session, keys, |slot| slot.id() == id)?;
            Ok(described(session, keys))
        })
        .await
    }

    /// Encrypts the store anew under a new key, with new slots for the ways in there are: older copies of the profile
    /// and ways in that were taken away open nothing any more. Takes about as long as copying the store; killed at any
    /// moment, nothing is lost.
    ///
    /// # Errors
    /// `recovery-needed` without a new `code` where there was one, `rotate-needs-card` when a card has a way in and is
    /// not unlocked, `last-way-in` when another card's slot would remain behind alone; no room on the disk.
    pub async fn rotate_key(&self, code: Option<RecoveryCode>) -> Result<Security> {
        let session = self.opened()?;
        self.on_runtime(async move {
            let owner = Arc::clone(&session);
            let (file, now) =
                blocking(move || owner.with_keys(|keys| Ok((keys.file.clone(), described(&owner, keys)))))
                    .await?;
            if now.recovery && code.is_none() {
                return Err(Error::new(ErrorKind::NeedsUser, "recovery-needed"));
            }
            let new_key = vault::new_key()?;
            let mut next = Vec::new();
            if now.card {
                let missing = || Error::new(ErrorKind::NeedsCard, "rotate-needs-card");
                let card = session.key().ok_or_else(missing)?;
                next.push(card_slot(&card, &file, &new_key).await?);
            }
            if !now.offline && code.is_none() {
                return Err(Error::new(ErrorKind::NeedsUser, "last-way-in"));
            }
            blocking(move || {
                if let Some(code) = &code {
                    next.push(file.blank(Opener::recovery(), clock::now())?.fill_by_code(code, &new_key)?);
                }
                if now.offline {
                    next.push(session.vault.fill(file.blank(Opener::Keyring, clock::now())?, &new_key)?);
                }
                session.with_keys(|keys| {
                    keys.file.begin(next)?;
                    if let Err(error) = session.store.rekey(&keys.place.store, &keys.key, &new_key) {
                        // which key the store has is known when it is opened again
                        let fallen = keys.file.slots(Slots::Next).to_vec();
                        if session.store.setting("").is_ok() {
                            keys.file.settle(Slots::Present)?;
                            forget(&session.vault, &fallen);
                        }
                        return Err(error.into());
                    }
                    let old = keys.file.slots(Slots::Present).to_vec();
                    keys.key = new_key;
                    keys.file.settle(Slots::Next)?;
                    forget(&session.vault, &old);
                    Ok(described(&session, keys))
                })
            })
            .await
        })
        .await
    }

    /// Tries the way into the open store that the keyring is; false where it is none.
    pub(super) async fn try_keyring(&self) -> Result<bool> {
        self.with_keys(|session, keys| {
            let slots = keys.file.slots(Slots::Present);
            let Some(slot) = slots.iter().find(|slot| *slot.opener() == Opener::Keyring) else {
                return Ok(false);
            };
            keys.file.open_by_keyring(slot, &session.vault)?;
            Ok(true)
        })
        .await
    }

    /// Asks the keyring for what opens the store of a session that is not open; false where there is no such thing.
    ///
    /// # Errors
    /// `keyring-missing`, `keyring-refused`.
    pub(super) async fn ask_keyring(&self) -> Result<bool> {
        let Kind::Real { vault, .. } = &self.inner.kind else { return Ok(false) };
        let vault = Arc::clone(vault);
        // what is asked for is long gone in any profile of today: the answer is what counts
        self.on_runtime(blocking(move || Ok(vault.bare_key(LOCAL).map(|_| false)?))).await
    }

    async fn with_keys<T: Send + 'static>(
        &self,
        work: impl FnOnce(&OpenSession, &mut Keys) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || session.with_keys(|keys| work(&session, keys)))).await
    }
}

fn is_recovery(slot: &Slot) -> bool {
    matches!(slot.opener(), Opener::Recovery { .. })
}

fn keyring_opens(session: &OpenSession, keys: &Keys) -> bool {
    let mut slots = keys.file.slots(Slots::Present).iter().filter(|slot| *slot.opener() == Opener::Keyring);
    slots.any(|slot| keys.file.open_by_keyring(slot, &session.vault).is_ok())
}

fn described(session: &OpenSession, keys: &Keys) -> Security {
    let slots = keys.file.slots(Slots::Present);
    let unlocked = session.key();
    Security::of(slots, unlocked.as_ref().and_then(|card| slot_of(card, slots)))
}

/// The file first: a secret whose slot is gone harms nobody, a slot whose secret is gone looks like a way in.
fn take_out(session: &OpenSession, keys: &mut Keys, gone: impl Fn(&Slot) -> bool) -> Result<()> {
    let removed: Vec<Slot> = keys.file.slots(Slots::Present).iter().filter(|s| gone(s)).cloned().collect();
    keys.file.remove(gone)?;
    forget(&session.vault, &removed);
    Ok(())
}
