//! All PKCS#11 calls. Everything here runs on the thread of the host process that owns the modules.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as CallError, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

use super::certificate::{Candidate, MAX_CERTIFICATE, choose_authentication, rsa_public_key};
use super::token::{CardInfo, Padding};
use super::watch::reader_names;
use super::{Error, read_holder};
use crate::domain::card::PinTries;
use crate::domain::secret::Secret;

/// A CPS has two certificates; more than this on a card are not looked at.
const MAX_CERTIFICATES: usize = 32;
/// Slot descriptions hold 64 bytes, longer reader names are cut.
const DESCRIPTION_SIZE: usize = 64;
/// Slots of a module that are looked at: OpenSC shows up to four for each reader.
const MAX_SLOTS: usize = 128;
/// Digits of the unblocking code of a CPS (Espace CPS FAQ).
const UNBLOCKING_CODE: usize = 8;
/// Longest text of a module or of the loader that is passed on.
const MAX_REASON: usize = 500;

/// The modules and the cards they show.
#[derive(Default)]
pub(super) struct Worker {
    /// Before `modules`: sessions must be closed first.
    cards: Vec<OpenCard>,
    /// Loaded modules stay loaded: vendors' modules do not bear being unloaded.
    modules: HashMap<PathBuf, Pkcs11>,
}

struct OpenCard {
    /// Before `pkcs11`: the session must be closed first.
    session: Session,
    pkcs11: Pkcs11,
    module: PathBuf,
    /// PC/SC name of the reader, as it was asked for or as the module tells.
    reader: String,
    slot: Slot,
    /// As last read: asking costs several exchanges with the card (0.7 s with OpenSC).
    token: TokenInfo,
    certificate: Candidate,
    key: Option<ObjectHandle>,
}

impl Worker {
    /// Reads the cards in these readers with this module; any one card when none is named. One result for each reader.
    pub(super) fn read(
        &mut self,
        module: &Path,
        readers: &[String],
    ) -> Result<Vec<Result<CardInfo, Error>>, Error> {
        let pkcs11 = self.start_module(module)?;
        let readers: Vec<Option<&str>> = match readers {
            [] => vec![None],
            named => named.iter().map(|name| Some(name.as_str())).collect(),
        };
        let mut results = Vec::new();
        for reader in readers {
            let read = open_card(&pkcs11, module, reader).and_then(|card| Ok((card_info(&card)?, card)));
            results.push(read.map(|(info, card)| {
                self.cards.push(card);
                info
            }));
        }
        // two modules on one card disturb each other: only those in use stay started
        self.end_module_without_cards(module);
        Ok(results)
    }

    /// Loads a module once and starts it anew for each reading: its PC/SC context does not outlive the service, its
    /// view of the readers may be old.
    fn start_module(&mut self, path: &Path) -> Result<Pkcs11, Error> {
        let failed = |error: CallError| Error::ModuleFailed { module: path.into(), reason: reason(&error) };
        let pkcs11 = match self.modules.get(path) {
            Some(loaded) => loaded.clone(),
            None => {
                let loaded = Pkcs11::new(path).map_err(failed)?;
                self.modules.insert(path.into(), loaded.clone());
                loaded
            }
        };
        // without this flag the ANS module runs with no locking at all, and it has threads of its own
        match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(CallError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(pkcs11),
            Err(error) => Err(failed(error)),
        }
    }

    fn end_module_without_cards(&mut self, module: &Path) {
        if self.cards.iter().any(|card| card.module == module) {
            return;
        }
        if let Some(pkcs11) = self.modules.get(module) {
            let _ = pkcs11.clone().finalize();
        }
    }

    /// Verifies the PIN of the card in this reader and looks for the key of its certificate, which it answers with
    /// whether the key can also sign PSS.
    pub(super) fn login(&mut self, reader: &str, pin: Option<&Secret>) -> Result<(Vec<u8>, bool), Error> {
        let card = self.cards.iter_mut().find(|card| card.reader == reader).ok_or(Error::Closed)?;
        let result = card.login(pin).map(|pss| (card.certificate.der.clone(), pss));
        self.drop_if_removed(reader, result)
    }

    /// Signs with the key of the card that is logged in.
    pub(super) fn sign(&mut self, padding: Padding, data: &[u8]) -> Result<Vec<u8>, Error> {
        let card = self.cards.iter().find(|card| card.key.is_some()).ok_or(Error::Closed)?;
        let reader = card.reader.clone();
        let key = card.key.ok_or(Error::Closed)?;
        let result = card.sign(key, padding, data).map_err(signature_fault);
        self.drop_if_removed(&reader, result)
    }

    /// Sets a new PIN by the unblocking code: the officer's login with that code, then `C_InitPIN`, as the ANS module
    /// wants it, in a session that may write and with no other one open. The card has to be read again.
    pub(super) fn unblock(&mut self, reader: &str, code: &Secret, pin: &Secret) -> Result<(), Error> {
        let at = self.cards.iter().position(|card| card.reader == reader).ok_or(Error::Closed)?;
        let card = self.cards.swap_remove(at);
        check_pin(&card.token, Some(pin), true)?;
        if code.expose().len() != UNBLOCKING_CODE || !code.expose().bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::CodeLength);
        }
        // the officer may not log in while any session is open that only reads
        self.cards.clear();
        let OpenCard { session, pkcs11, slot, .. } = card;
        drop(session);
        let session = pkcs11.open_rw_session(slot).map_err(fault)?;
        let code = AuthPin::from(code.expose().to_owned());
        let pin = AuthPin::from(pin.expose().to_owned());
        let done = session.login(UserType::So, Some(&code)).and_then(|()| {
            let done = session.init_pin(&pin);
            let _ = session.logout();
            done
        });
        drop(session);
        let _ = pkcs11.finalize();
        done.map_err(unblock_refusal)
    }

    /// Logs out, closes the sessions and ends the modules, which forget the PIN they have cached.
    pub(super) fn close(&mut self) {
        let mut used = Vec::new();
        for card in self.cards.drain(..) {
            if card.key.is_some() {
                let _ = card.session.logout();
            }
            let OpenCard { session, pkcs11, module, .. } = card;
            drop(session);
            if !used.iter().any(|(path, _)| *path == module) {
                used.push((module, pkcs11));
            }
        }
        for (_, pkcs11) in used {
            let _ = pkcs11.finalize();
        }
    }

    /// A lost session never comes back: the card must be read again.
    fn drop_if_removed<T>(&mut self, reader: &str, result: Result<T, Error>) -> Result<T, Error> {
        if matches!(result, Err(Error::Removed | Error::LoggedOut)) {
            self.cards.retain(|card| card.reader != reader);
        }
        result
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // never unload (see `modules`)
        std::mem::take(&mut self.modules).into_values().for_each(std::mem::forget);
    }
}

impl OpenCard {
    /// True when the key can also sign PSS.
    fn login(&mut self, pin: Option<&Secret>) -> Result<bool, Error> {
        if self.key.take().is_some() {
            self.session.logout().map_err(fault)?;
        }
        if self.token.user_pin_locked() {
            // it may have been unblocked meanwhile, without being taken out
            self.token = self.pkcs11.get_token_info(self.slot).map_err(fault)?;
        }
        check_pin(&self.token, pin, false)?;
        let pin = pin.map(|pin| AuthPin::from(pin.expose().to_owned()));
        let verified = match self.verify(pin.as_ref()) {
            // a state left over in the module: the PIN was not looked at, so this is no second try
            Err(CallError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                self.session.logout().map_err(fault)?;
                self.verify(pin.as_ref())
            }
            result => result,
        };
        verified.map_err(|error| self.login_refusal(error))?;
        // private objects are invisible before the login
        let template =
            [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(self.certificate.id.clone())];
        let key = self.session.find_objects(&template).map_err(fault)?.first().copied();
        let Some(key) = key else {
            let _ = self.session.logout();
            return Err(Error::NoKey);
        };
        self.key = Some(key);
        self.try_pss(key)
    }

    fn verify(&self, pin: Option<&AuthPin>) -> Result<(), CallError> {
        self.session.login(UserType::User, pin)
    }

    fn login_refusal(&mut self, error: CallError) -> Error {
        match error {
            CallError::Pkcs11(RvError::PinIncorrect, _) => match self.pkcs11.get_token_info(self.slot) {
                Ok(token) => {
                    let tries = pin_tries(&token);
                    self.token = token;
                    if tries == PinTries::Blocked { Error::PinBlocked } else { Error::PinWrong { tries } }
                }
                Err(error) => fault(error),
            },
            CallError::Pkcs11(RvError::PinLocked, _) => Error::PinBlocked,
            CallError::Pkcs11(RvError::PinLenRange | RvError::PinInvalid, _) => Error::PinLength,
            CallError::Pkcs11(RvError::FunctionCanceled | RvError::Cancel, _) => Error::PinCancelled,
            error => fault(error),
        }
    }

    /// Modules list mechanisms their cards refuse, so only a signature that verifies counts.
    fn try_pss(&self, key: ObjectHandle) -> Result<bool, Error> {
        let listed = self.pkcs11.get_mechanism_list(self.slot).map_err(fault)?;
        if !listed.contains(&MechanismType::RSA_PKCS_PSS) {
            return Ok(false);
        }
        let text = b"trial signature";
        let hash = ring::digest::digest(&ring::digest::SHA256, text);
        let signature = match self.sign(key, Padding::PssSha256, hash.as_ref()).map_err(fault) {
            Ok(signature) => signature,
            Err(Error::Removed) => return Err(Error::Removed),
            Err(error) => {
                tracing::info!(%error, "the card lists PSS and refuses it");
                return Ok(false);
            }
        };
        let Some(public) = rsa_public_key(&self.certificate.der) else { return Ok(false) };
        let public =
            ring::signature::UnparsedPublicKey::new(&ring::signature::RSA_PSS_2048_8192_SHA256, public);
        Ok(public.verify(text, &signature).is_ok())
    }

    fn sign(&self, key: ObjectHandle, padding: Padding, data: &[u8]) -> Result<Vec<u8>, CallError> {
        let mechanism = match padding {
            Padding::Pkcs1 => Mechanism::RsaPkcs,
            Padding::PssSha256 => Mechanism::RsaPkcsPss(PkcsPssParams {
                hash_alg: MechanismType::SHA256,
                mgf: PkcsMgfType::MGF1_SHA256,
                s_len: 32.into(),
            }),
        };
        self.session.sign(&mechanism, key, data)
    }
}

/// Opens the card in `reader`. A module that does not name its slots after the readers is followed when it shows one
/// usable card only; a slot named after another reader holds another card.
fn open_card(pkcs11: &Pkcs11, module: &Path, reader: Option<&str>) -> Result<OpenCard, Error> {
    let mut slots = pkcs11.get_slots_with_token().map_err(fault)?;
    slots.truncate(MAX_SLOTS);
    let open = |slot: Slot| open_slot(pkcs11, module, slot, reader);
    let Some(reader) = reader else { return first_usable(&slots, open) };
    let named = |slot: &Slot, reader: &str| {
        pkcs11.get_slot_info(*slot).is_ok_and(|info| describes(info.slot_description(), reader))
    };
    let (in_reader, mut elsewhere): (Vec<Slot>, Vec<Slot>) =
        slots.into_iter().partition(|slot| named(slot, reader));
    if !in_reader.is_empty() {
        return first_usable(&in_reader, open);
    }
    let readers = reader_names();
    elsewhere.retain(|slot| !readers.iter().any(|other| named(slot, other)));
    let mut usable = elsewhere.iter().filter_map(|slot| open(*slot).ok());
    match (usable.next(), usable.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Error::NoToken),
    }
}

/// A reader may show as several slots, one for each PIN: the first with the certificate counts.
fn first_usable(slots: &[Slot], open: impl Fn(Slot) -> Result<OpenCard, Error>) -> Result<OpenCard, Error> {
    let mut refusal = Error::NoToken;
    for slot in slots {
        match open(*slot) {
            Ok(card) => return Ok(card),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

fn describes(description: &str, reader: &str) -> bool {
    let (description, reader) = (description.trim(), reader.trim());
    let cut = description.len() >= DESCRIPTION_SIZE - 4 && reader.starts_with(description);
    !description.is_empty() && (description == reader || cut)
}

fn open_slot(pkcs11: &Pkcs11, module: &Path, slot: Slot, reader: Option<&str>) -> Result<OpenCard, Error> {
    let session = pkcs11.open_ro_session(slot).map_err(fault)?;
    let objects = session.find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE)]).map_err(fault)?;
    let mut candidates = Vec::new();
    for object in objects.into_iter().take(MAX_CERTIFICATES) {
        let attributes =
            session.get_attributes(object, &[AttributeType::Value, AttributeType::Id]).map_err(fault)?;
        candidates.extend(candidate(attributes));
    }
    let certificate = choose_authentication(candidates).ok_or(Error::NoCertificate)?;
    let token = pkcs11.get_token_info(slot).map_err(fault)?;
    let reader = match reader {
        Some(reader) => reader.to_owned(),
        None => pkcs11.get_slot_info(slot).map_err(fault)?.slot_description().trim().to_owned(),
    };
    let (pkcs11, module) = (pkcs11.clone(), module.to_owned());
    Ok(OpenCard { session, pkcs11, module, reader, slot, token, certificate, key: None })
}

fn candidate(attributes: Vec<Attribute>) -> Option<Candidate> {
    let (mut der, mut id) = (Vec::new(), Vec::new());
    for attribute in attributes {
        match attribute {
            Attribute::Value(value) => der = value,
            Attribute::Id(value) => id = value,
            _ => {}
        }
    }
    (!id.is_empty() && !der.is_empty() && der.len() <= MAX_CERTIFICATE).then_some(Candidate { der, id })
}

fn card_info(card: &OpenCard) -> Result<CardInfo, Error> {
    Ok(CardInfo {
        holder: read_holder(&card.certificate.der)?,
        certificate: card.certificate.der.clone(),
        tries: pin_tries(&card.token),
        pin_pad: card.token.protected_authentication_path(),
        module: card.module.clone(),
        reader: card.reader.clone(),
    })
}

fn pin_tries(token: &TokenInfo) -> PinTries {
    if token.user_pin_locked() {
        PinTries::Blocked
    } else if token.user_pin_final_try() {
        PinTries::Last
    } else if token.user_pin_count_low() {
        PinTries::Low
    } else {
        PinTries::Full
    }
}

/// What can be refused without asking the card, which would cost a try or, with some modules, look like one.
fn check_pin(token: &TokenInfo, pin: Option<&Secret>, is_new: bool) -> Result<(), Error> {
    if token.user_pin_locked() && !is_new {
        return Err(Error::PinBlocked);
    }
    let Some(pin) = pin else {
        return if token.protected_authentication_path() { Ok(()) } else { Err(Error::PinNeeded) };
    };
    // the code of a CPS is made of digits: a blank or a letter typed by mistake must not cost a try
    if !pin.expose().bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::PinLength);
    }
    let length = pin.expose().len();
    let longest = token.max_pin_length();
    if length == 0 || length < token.min_pin_length() || (longest > 0 && length > longest) {
        return Err(Error::PinLength);
    }
    Ok(())
}

/// Removal has many faces, which differ per module and per call: what was open is dead after each of them, and trying
/// again in it would fail for ever.
fn fault(error: CallError) -> Error {
    match error {
        CallError::Pkcs11(
            RvError::GeneralError
            | RvError::DeviceRemoved
            | RvError::DeviceError
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SlotIdInvalid
            | RvError::SessionHandleInvalid
            | RvError::SessionClosed
            | RvError::KeyHandleInvalid
            | RvError::ObjectHandleInvalid
            | RvError::CryptokiNotInitialized,
            _,
        ) => Error::Removed,
        // another program logged the card out, and the module did not log in again by itself, or not with a PIN that was
        // changed meanwhile
        CallError::Pkcs11(
            RvError::UserNotLoggedIn | RvError::PinIncorrect | RvError::PinLocked | RvError::PinExpired,
            _,
        ) => Error::LoggedOut,
        error => Error::Module(reason(&error)),
    }
}

/// What a key that has signed before refuses is of the server's choosing; whatever else goes wrong leaves the module in a
/// state that nothing but a new login ends: a signature begun and not ended refuses every later one.
fn signature_fault(error: CallError) -> Error {
    match &error {
        CallError::Pkcs11(
            RvError::ArgumentsBad
            | RvError::BufferTooSmall
            | RvError::DataInvalid
            | RvError::DataLenRange
            | RvError::FunctionNotSupported
            | RvError::HostMemory
            | RvError::KeyFunctionNotPermitted
            | RvError::KeyTypeInconsistent
            | RvError::MechanismInvalid
            | RvError::MechanismParamInvalid,
            _,
        ) => fault(error),
        _ => match fault(error) {
            Error::Module(reason) => {
                tracing::warn!(reason, "the card's module no longer signs");
                Error::LoggedOut
            }
            known => known,
        },
    }
}

fn unblock_refusal(error: CallError) -> Error {
    match error {
        CallError::Pkcs11(RvError::PinIncorrect, _) => Error::CodeWrong,
        CallError::Pkcs11(RvError::PinLocked, _) => Error::CodeBlocked,
        CallError::Pkcs11(
            RvError::FunctionNotSupported
            | RvError::UserTypeInvalid
            | RvError::UserPinNotInitialized
            // OpenSC, of codes whose lengths are right: the card does not list its code, or wants more than it
            | RvError::PinLenRange
            | RvError::PinInvalid
            | RvError::UserNotLoggedIn,
            _,
        ) => Error::NoUnblocking,
        error => fault(error),
    }
}

fn reason(error: &CallError) -> String {
    let text = match error {
        CallError::Pkcs11(code, function) => format!("{function}: {code:?}"),
        other => other.to_string(),
    };
    text.chars().take(MAX_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cryptoki::context::Function;

    #[test]
    fn every_face_of_removal_is_removed() {
        for code in [
            RvError::GeneralError,
            RvError::DeviceRemoved,
            RvError::DeviceError,
            RvError::TokenNotPresent,
            RvError::TokenNotRecognized,
            RvError::SessionHandleInvalid,
            RvError::KeyHandleInvalid,
            RvError::CryptokiNotInitialized,
        ] {
            assert_eq!(fault(CallError::Pkcs11(code, Function::Sign)), Error::Removed, "{code:?}");
        }
        for code in [RvError::UserNotLoggedIn, RvError::PinIncorrect, RvError::PinLocked] {
            assert_eq!(fault(CallError::Pkcs11(code, Function::Sign)), Error::LoggedOut, "{code:?}");
        }
        let other = |code| CallError::Pkcs11(code, Function::SignInit);
        assert!(matches!(fault(other(RvError::MechanismInvalid)), Error::Module(_)));
        assert!(matches!(signature_fault(other(RvError::MechanismInvalid)), Error::Module(_)));
        assert_eq!(signature_fault(other(RvError::OperationActive)), Error::LoggedOut);
        assert_eq!(signature_fault(other(RvError::DeviceRemoved)), Error::Removed);
    }

    #[test]
    fn a_slot_is_known_by_its_reader_even_when_the_name_is_cut() {
        let long = "Gemalto PC Twin Reader with a very long name indeed (0123456789ABCDEF) 00 00";
        assert!(describes("Virtual PCD 00 00", "Virtual PCD 00 00"));
        let cut: String = long.chars().take(64).collect();
        assert!(describes(&cut, long));
        assert!(!describes("Virtual PCD 00 0", "Virtual PCD 00 00"));
        assert!(!describes("", "Virtual PCD 00 00"));
    }
}
