//! All PKCS#11 calls. Everything here runs on the one thread that owns the module.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as CallError, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

use super::certificate::{Candidate, MAX_CERTIFICATE, choose_authentication, rsa_public_key};
use super::token::{Padding, SignRequest};
use super::watch::reader_names;
use super::{CardInfo, Error, read_holder};
use crate::domain::card::PinTries;
use crate::domain::secret::Secret;

/// A CPS has two certificates; more than this on a card are not looked at.
const MAX_CERTIFICATES: usize = 32;
/// Slot descriptions hold 64 bytes, longer reader names are cut.
const DESCRIPTION_SIZE: usize = 64;

/// The module and the card it shows.
pub(super) struct Worker {
    /// Loaded modules stay loaded: vendors' modules do not bear being unloaded while the program runs.
    modules: HashMap<PathBuf, Pkcs11>,
    card: Option<OpenCard>,
    generation: Arc<AtomicU64>,
}

struct OpenCard {
    /// Before `pkcs11`: the session must be closed first.
    session: Session,
    pkcs11: Pkcs11,
    slot: Slot,
    /// As last read: asking costs several exchanges with the card (0.7 s with OpenSC).
    token: TokenInfo,
    certificate: Candidate,
    key: Option<ObjectHandle>,
}

/// What a login gives.
pub(super) struct Unlocked {
    pub(super) certificate: Vec<u8>,
    pub(super) generation: u64,
    pub(super) pss: bool,
}

impl Worker {
    pub(super) fn new(generation: Arc<AtomicU64>) -> Self {
        Self { modules: HashMap::new(), card: None, generation }
    }

    /// Reads the card with the first module that shows it.
    pub(super) fn read(&mut self, modules: &[PathBuf], reader: Option<&str>) -> Result<CardInfo, Error> {
        self.close();
        let mut refusals = Vec::new();
        for module in modules {
            match self.read_with(module, reader) {
                Ok(info) => return Ok(info),
                Err(error) => refusals.push(error),
            }
        }
        // what a module says of a card it sees tells more than a module that fails, and that more than seeing nothing
        let weight = |error: &Error| match error {
            Error::NoToken => 2,
            Error::ModuleFailed { .. } => 1,
            _ => 0,
        };
        Err(refusals.into_iter().min_by_key(weight).unwrap_or(Error::NoModule))
    }

    fn read_with(&mut self, module: &Path, reader: Option<&str>) -> Result<CardInfo, Error> {
        let pkcs11 = self.start_module(module)?;
        match open_card(&pkcs11, reader).and_then(|card| Ok((card_info(&card, module, reader)?, card))) {
            Ok((info, card)) => {
                self.card = Some(card);
                Ok(info)
            }
            Err(error) => {
                // two modules on one card disturb each other: only the one in use stays started
                let _ = pkcs11.finalize();
                Err(error)
            }
        }
    }

    /// Loads a module once and starts it anew for each reading: its PC/SC context does not outlive the service, its
    /// view of the readers may be old.
    fn start_module(&mut self, path: &Path) -> Result<Pkcs11, Error> {
        let failed =
            |error: CallError| Error::ModuleFailed { module: path.into(), reason: error.to_string() };
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

    /// Verifies the PIN and looks for the key of the certificate.
    pub(super) fn login(&mut self, pin: Option<&Secret>) -> Result<Unlocked, Error> {
        let card = self.card.as_mut().ok_or(Error::Closed)?;
        let result = card.login(pin);
        let pss = self.drop_if_removed(result)?;
        let generation = self.generation.fetch_add(1, Ordering::SeqCst) + 1;
        let certificate = self.card.as_ref().ok_or(Error::Closed)?.certificate.der.clone();
        Ok(Unlocked { certificate, generation, pss })
    }

    /// Signs with the key of the present login.
    pub(super) fn sign(&mut self, request: &SignRequest) -> Result<Vec<u8>, Error> {
        if self.generation.load(Ordering::SeqCst) != request.generation {
            return Err(Error::Closed);
        }
        let card = self.card.as_ref().ok_or(Error::Closed)?;
        let result = card.sign(request.padding, &request.data);
        self.drop_if_removed(result)
    }

    /// Logs out, closes the session and ends the module, which forgets the PIN it has cached.
    pub(super) fn close(&mut self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        let Some(card) = self.card.take() else { return };
        if card.key.is_some() {
            let _ = card.session.logout();
        }
        let OpenCard { session, pkcs11, .. } = card;
        drop(session);
        let _ = pkcs11.finalize();
    }

    /// A lost session never comes back: the card must be read again.
    fn drop_if_removed<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if matches!(result, Err(Error::Removed)) {
            self.close();
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
        check_pin(&self.token, pin)?;
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
        self.try_pss()
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
    fn try_pss(&self) -> Result<bool, Error> {
        let listed = self.pkcs11.get_mechanism_list(self.slot).map_err(fault)?;
        if !listed.contains(&MechanismType::RSA_PKCS_PSS) {
            return Ok(false);
        }
        let text = b"trial signature";
        let hash = ring::digest::digest(&ring::digest::SHA256, text);
        let signature = match self.sign(Padding::PssSha256, hash.as_ref()) {
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

    fn sign(&self, padding: Padding, data: &[u8]) -> Result<Vec<u8>, Error> {
        let key = self.key.ok_or(Error::Closed)?;
        let mechanism = match padding {
            Padding::Pkcs1 => Mechanism::RsaPkcs,
            Padding::PssSha256 => Mechanism::RsaPkcsPss(PkcsPssParams {
                hash_alg: MechanismType::SHA256,
                mgf: PkcsMgfType::MGF1_SHA256,
                s_len: 32.into(),
            }),
        };
        self.session.sign(&mechanism, key, data).map_err(fault)
    }
}

/// Opens the card in `reader`. A module that does not name its slots after the readers is followed when it shows one
/// usable card only; a slot named after another reader holds another card.
fn open_card(pkcs11: &Pkcs11, reader: Option<&str>) -> Result<OpenCard, Error> {
    let slots = pkcs11.get_slots_with_token().map_err(fault)?;
    let Some(reader) = reader else { return first_usable(pkcs11, &slots) };
    let named = |slot: &Slot, reader: &str| {
        pkcs11.get_slot_info(*slot).is_ok_and(|info| describes(info.slot_description(), reader))
    };
    let (in_reader, mut elsewhere): (Vec<Slot>, Vec<Slot>) =
        slots.into_iter().partition(|slot| named(slot, reader));
    if !in_reader.is_empty() {
        return first_usable(pkcs11, &in_reader);
    }
    let readers = reader_names();
    elsewhere.retain(|slot| !readers.iter().any(|other| named(slot, other)));
    let mut usable = elsewhere.iter().filter_map(|slot| open_slot(pkcs11, *slot).ok());
    match (usable.next(), usable.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Error::NoToken),
    }
}

/// A reader may show as several slots, one for each PIN: the first with the certificate counts.
fn first_usable(pkcs11: &Pkcs11, slots: &[Slot]) -> Result<OpenCard, Error> {
    let mut refusal = Error::NoToken;
    for slot in slots {
        match open_slot(pkcs11, *slot) {
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

fn open_slot(pkcs11: &Pkcs11, slot: Slot) -> Result<OpenCard, Error> {
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
    Ok(OpenCard { session, pkcs11: pkcs11.clone(), slot, token, certificate, key: None })
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

fn card_info(card: &OpenCard, module: &Path, reader: Option<&str>) -> Result<CardInfo, Error> {
    let reader = match reader {
        Some(reader) => reader.to_owned(),
        None => card.pkcs11.get_slot_info(card.slot).map_err(fault)?.slot_description().trim().to_owned(),
    };
    Ok(CardInfo {
        holder: read_holder(&card.certificate.der)?,
        certificate: card.certificate.der.clone(),
        tries: pin_tries(&card.token),
        pin_pad: card.token.protected_authentication_path(),
        module: module.into(),
        reader,
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
fn check_pin(token: &TokenInfo, pin: Option<&Secret>) -> Result<(), Error> {
    if token.user_pin_locked() {
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

/// Removal has five faces, which differ per module and per call.
fn fault(error: CallError) -> Error {
    match error {
        CallError::Pkcs11(
            RvError::GeneralError
            | RvError::DeviceRemoved
            | RvError::DeviceError
            | RvError::TokenNotPresent
            | RvError::SessionHandleInvalid
            | RvError::SessionClosed,
            _,
        ) => Error::Removed,
        CallError::Pkcs11(code, function) => Error::Module(format!("{function}: {code:?}")),
        other => Error::Module(other.to_string()),
    }
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
            RvError::SessionHandleInvalid,
        ] {
            assert_eq!(fault(CallError::Pkcs11(code, Function::Sign)), Error::Removed, "{code:?}");
        }
        let other = fault(CallError::Pkcs11(RvError::MechanismInvalid, Function::SignInit));
        assert!(matches!(other, Error::Module(_)));
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
