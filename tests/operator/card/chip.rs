//! The card's commands: files, PIN, security environment, RSA.
//!
//! Built from what two PKCS#11 modules (OpenSC, the ANS Cryptolib) ask a CPS3 for. Test use only: PIN and keys are in
//! clear, no secure messaging, no care for side channels.

use std::collections::BTreeMap;

use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Encrypt, Pkcs1v15Sign, RsaPrivateKey};

use super::files::{AID, APP, Files, MF, build};
use super::hash::last_round;
use super::pin::{MAX_TRIES, Pin};
use super::pkcs15::{context, tlv};
use super::status::*;

/// One key pair with its certificate: PKCS#8 DER and X.509 DER.
pub struct Identity {
    pub key: Vec<u8>,
    pub certificate: Vec<u8>,
}

const SIGNATURE_KEY: u8 = 1;
const AUTHENTICATION_KEY: u8 = 2;

/// Control reference templates of MANAGE SECURITY ENVIRONMENT.
const AUTHENTICATION: u8 = 0xA4;
const HASH: u8 = 0xAA;
const SIGNATURE: u8 = 0xB6;
const CONFIDENTIALITY: u8 = 0xB8;

#[derive(Default, Clone)]
struct Template {
    algorithm: u8,
    key: u8,
}

/// What a reset clears.
struct Session {
    folder: Vec<u8>,
    file: Option<Vec<u8>>,
    environment: BTreeMap<u8, Template>,
    hash: Option<Vec<u8>>,
    /// Data of a chained command so far.
    chain: Vec<u8>,
    /// Answer waiting for GET RESPONSE.
    pending: Vec<u8>,
}

impl Session {
    fn new() -> Self {
        Self {
            folder: MF.to_vec(),
            file: None,
            environment: BTreeMap::new(),
            hash: None,
            chain: vec![],
            pending: vec![],
        }
    }
}

/// A CPS3.
pub struct Chip {
    files: Files,
    keys: BTreeMap<u8, RsaPrivateKey>,
    pin: Pin,
    session: Session,
}

/// A command APDU in short form.
struct Command<'a> {
    class: u8,
    instruction: u8,
    p1: u8,
    p2: u8,
    data: &'a [u8],
    expected: usize,
}

impl<'a> Command<'a> {
    fn parse(apdu: &'a [u8]) -> Result<Self, Refusal> {
        let [class, instruction, p1, p2, body @ ..] = apdu else { return Err(WRONG_LENGTH) };
        let length = |b: u8| if b == 0 { 256 } else { usize::from(b) };
        let (data, expected) = match body {
            [] => (&body[..0], 0),
            [expected] => (&body[..0], length(*expected)),
            [0, ..] => return Err(WRONG_LENGTH),
            [count, rest @ ..] => {
                let (data, tail) = rest.split_at_checked((*count).into()).ok_or(WRONG_LENGTH)?;
                (data, tail.first().map_or(256, |b| length(*b)))
            }
        };
        Ok(Self { class: *class, instruction: *instruction, p1: *p1, p2: *p2, data, expected })
    }
}

impl Chip {
    /// `serial`: the ten digits of the card number, two a byte.
    pub fn new(auth: Identity, sign: Identity, pin: Pin, serial: [u8; 5]) -> rsa::pkcs8::Result<Self> {
        let keys = BTreeMap::from([
            (SIGNATURE_KEY, RsaPrivateKey::from_pkcs8_der(&sign.key)?),
            (AUTHENTICATION_KEY, RsaPrivateKey::from_pkcs8_der(&auth.key)?),
        ]);
        let files = build(auth.certificate, sign.certificate, serial, pin.lists_unblocking);
        Ok(Self { files, keys, pin, session: Session::new() })
    }

    /// Power off, power on or reset: the PIN has to be shown again.
    pub fn reset(&mut self) {
        self.pin.forget();
        self.session = Session::new();
    }

    pub fn tries_left(&self) -> u8 {
        self.pin.code.tries()
    }

    /// One command APDU to one response APDU.
    pub fn transmit(&mut self, apdu: &[u8]) -> Vec<u8> {
        let no_length_expected = apdu.len() > 5 && apdu.len() == 5 + usize::from(apdu[4]);
        let mut out = match self.dispatch(apdu) {
            // Case 3 on the wire (T=0) but the command has an answer: 61xx, then GET RESPONSE.
            Ok(data) if !data.is_empty() && no_length_expected => {
                let waiting = u8::try_from(data.len()).unwrap_or(0);
                self.session.pending = data;
                vec![0x61, waiting]
            }
            Ok(data) => [data, OK.to_be_bytes().to_vec()].concat(),
            Err(refusal) => refusal.to_be_bytes().to_vec(),
        };
        out.truncate(258);
        out
    }

    fn dispatch(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Refusal> {
        let command = Command::parse(apdu)?;
        if command.instruction == 0xC0 {
            let count = command.expected.min(self.session.pending.len());
            return if count == 0 {
                Err(CONDITIONS)
            } else {
                Ok(self.session.pending.drain(..count).collect())
            };
        }
        self.session.pending.clear();
        self.session.chain.extend_from_slice(command.data);
        if command.class & 0x10 != 0 {
            return Ok(vec![]);
        }
        let data = std::mem::take(&mut self.session.chain);
        let (p1, p2) = (command.p1, command.p2);
        match command.instruction {
            0xA4 => self.select(p1, p2, &data),
            0xB0 => self.read_binary(p1, p2, command.expected),
            0x20 => self.verify(p1, p2, &data).map(|()| vec![]),
            0x24 => self.pin.change(&data).map(|()| vec![]),
            0x2C => self.pin.unblock(p1, &data).map(|()| vec![]),
            0xCB => self.get_data(&data),
            0x22 => self.manage_environment(p1, p2, &data),
            0x88 => self.internal_authenticate(&data),
            0x2A => self.security_operation(p1, p2, &data),
            0x84 => Ok(self.challenge(command.expected)),
            _ => Err(BAD_INSTRUCTION),
        }
    }

    /// Bytes without any randomness: enough for modules that only ask whether the command exists.
    fn challenge(&self, count: usize) -> Vec<u8> {
        self.files.keys().flatten().cycle().take(count).map(|b| b.wrapping_mul(37)).collect()
    }

    fn select(&mut self, p1: u8, p2: u8, data: &[u8]) -> Result<Vec<u8>, Refusal> {
        let target = match p1 {
            0x04 if !data.is_empty() && AID.starts_with(data) => APP.to_vec(),
            0x04 => return Err(NOT_FOUND),
            0x03 => MF.to_vec(),
            _ if data.is_empty() || data == MF => MF.to_vec(),
            0x00..=0x02 => [&self.session.folder[..], data].concat(),
            0x08 => [&MF[..], data].concat(),
            // The CPS3 takes a path that starts at the MF with P1=09.
            0x09 if data.starts_with(&MF) => data.to_vec(),
            0x09 => [&self.session.folder[..], data].concat(),
            _ => return Err(BAD_P1P2),
        };
        let control = self.control_parameters(&target)?;
        let folder = self.files.get(&target).is_some_and(|f| f.folder);
        let parent = target[..target.len() - 2].to_vec();
        (self.session.folder, self.session.file) =
            if folder { (target, None) } else { (parent, Some(target)) };
        Ok(if p2 & 0x0C == 0x0C { vec![] } else { control })
    }

    /// What SELECT answers about a file.
    fn control_parameters(&self, path: &[u8]) -> Result<Vec<u8>, Refusal> {
        let file = self.files.get(path).ok_or(NOT_FOUND)?;
        let mut out = vec![];
        if !file.folder {
            let size = u16::try_from(file.data.len()).unwrap_or(u16::MAX);
            out.extend(tlv(&[0x80], &size.to_be_bytes()));
        }
        out.extend(tlv(&[0x82], &[if file.folder { 0x38 } else { 0x01 }]));
        out.extend(tlv(&[0x83], &path[path.len() - 2..]));
        if path == APP {
            out.extend(tlv(&[0x84], &AID));
        }
        if file.short != 0 {
            out.extend(tlv(&[0x88], &[file.short << 3]));
        }
        // Access rule: read always, or after user authentication under SE#1.
        out.extend(tlv(&[0x8C], &[0x01, if file.private { 0x11 } else { 0x00 }]));
        out.extend(tlv(&[0x8A], &[0x05]));
        Ok(tlv(&[0x62], &out))
    }

    fn read_binary(&mut self, p1: u8, p2: u8, count: usize) -> Result<Vec<u8>, Refusal> {
        let mut offset = usize::from(u16::from_be_bytes([p1, p2]));
        if p1 & 0x80 != 0 {
            let short = p1 & 0x1F;
            let in_folder = |folder: &[u8]| {
                let mut files = self.files.iter();
                files.find(|(k, f)| f.short == short && k[..k.len() - 2] == *folder).map(|(k, _)| k.clone())
            };
            self.session.file =
                Some(in_folder(&self.session.folder).or_else(|| in_folder(&MF)).ok_or(NOT_FOUND)?);
            offset = p2.into();
        }
        let file = &self.files[self.session.file.as_ref().ok_or(NO_CURRENT_FILE)?];
        if file.private && !self.pin.code.verified() {
            return Err(SECURITY);
        }
        let rest = file.data.get(offset..).ok_or(BAD_OFFSET)?;
        Ok(rest[..count.min(rest.len())].to_vec())
    }

    fn verify(&mut self, p1: u8, p2: u8, data: &[u8]) -> Result<(), Refusal> {
        match (p1, p2 & 0x7F) {
            (0x00, 1) if data.is_empty() => self.pin.code.state(),
            (0x00, 1) => self.pin.code.check(data),
            (0x00, 2) if data.is_empty() => self.pin.unblocking.state(),
            (0x00, 2) => self.pin.unblocking.check(data),
            (0xFF, 1) => {
                self.pin.forget();
                Ok(())
            }
            _ => Err(NO_REFERENCE),
        }
    }

    /// GET DATA of security data objects: `4D{70{BF class reference {tag..}}}`.
    fn get_data(&mut self, data: &[u8]) -> Result<Vec<u8>, Refusal> {
        let list = data.strip_prefix(&[0x4D]).and_then(|d| d.get(1..)).ok_or(BAD_DATA)?;
        let [0x70, _, 0xBF, class, reference, _, tag, ..] = list else { return Err(BAD_DATA) };
        let rule = |bytes: [u8; 7]| context(1, &tlv(&[0x8C], &[&[0x7F][..], &bytes].concat()));
        let body = match (class & 0x7F, reference & 0x1F, tag) {
            (0x01, 1, 0xA0) => {
                let left = self.pin.code.tries();
                let tries = [tlv(&[0x9A], &[MAX_TRIES]), tlv(&[0x9B], &[left])].concat();
                // change, verify, reset: the last never, or after the unblocking code of SE#2
                let reset = if self.pin.lists_unblocking { 0x12 } else { 0xFF };
                let rule = rule([0x11, 0x00, reset, 0xFF, 0xFF, 0xFF, 0x00]);
                context(0, &[tries, tlv(&[0x80], &[0, 4]), rule].concat())
            }
            (0x01, 1, 0x7F) => tlv(&[0x7F, 0x41], &[tlv(&[0x80], &[4]), tlv(&[0x81], &[4])].concat()),
            (0x01, 2, 0xA0) if self.pin.lists_unblocking => {
                let left = self.pin.unblocking.tries();
                let tries = [tlv(&[0x9A], &[MAX_TRIES]), tlv(&[0x9B], &[left])].concat();
                let rule = rule([0xFF, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x00]);
                context(0, &[tries, tlv(&[0x80], &[0, 8]), rule].concat())
            }
            (0x01, 2, 0x7F) if self.pin.lists_unblocking => {
                tlv(&[0x7F, 0x41], &[tlv(&[0x80], &[8]), tlv(&[0x81], &[8])].concat())
            }
            (0x10, number, 0xA0) => {
                let size = self.keys.get(&number).ok_or(NO_REFERENCE)?.size();
                let size = u16::try_from(size).map_err(|_| BAD_DATA)?;
                // PSO CDS, INTERNAL AUTHENTICATE, PSO DECIPHER, generate, -, PUT, GET
                let rule = rule(match number {
                    SIGNATURE_KEY => [0x11, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00],
                    _ => [0xFF, 0x11, 0x11, 0xFF, 0xFF, 0xFF, 0x00],
                });
                context(0, &[tlv(&[0x80], &size.to_be_bytes()), rule].concat())
            }
            (0x10, _, 0x7F) => return Err(BAD_DATA), // no public part in a private key object
            // SE#1: authentication template, user password, PIN 1
            (0x7B, 2, 0x7B) if self.pin.lists_unblocking => {
                tlv(&[0x7B], &tlv(&[AUTHENTICATION], &[0x95, 1, 0x08, 0x83, 1, 0x02]))
            }
            (0x7B, 1, 0x7B) => tlv(&[0x7B], &tlv(&[AUTHENTICATION], &[0x95, 1, 0x08, 0x83, 1, 0x01])),
            _ => return Err(NO_REFERENCE),
        };
        Ok(tlv(&[0x70], &tlv(&[0xBF, *class, *reference], &body)))
    }

    fn manage_environment(&mut self, p1: u8, p2: u8, mut data: &[u8]) -> Result<Vec<u8>, Refusal> {
        const SET: u8 = 0x41;
        if p1 != SET {
            return Ok(vec![]); // RESTORE
        }
        let mut template = Template::default();
        while let [tag, 1, value, rest @ ..] = data {
            match tag {
                0x80 => template.algorithm = *value,
                0x83 | 0x84 => template.key = value & 0x1F,
                _ => return Err(BAD_DATA),
            }
            data = rest;
        }
        let needs_key = matches!(p2, AUTHENTICATION | SIGNATURE | CONFIDENTIALITY);
        if needs_key && !self.keys.contains_key(&template.key) {
            return Err(NO_REFERENCE);
        }
        self.session.environment.insert(p2, template);
        Ok(vec![])
    }

    /// The key of a template, if that template may use it and the PIN was shown.
    fn key(&self, template: u8, only: u8) -> Result<(&RsaPrivateKey, u8), Refusal> {
        let template = self.session.environment.get(&template).ok_or(CONDITIONS)?;
        if !self.pin.code.verified() || template.key != only {
            return Err(SECURITY);
        }
        Ok((&self.keys[&template.key], template.algorithm))
    }

    fn internal_authenticate(&mut self, data: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (key, algorithm) = self.key(AUTHENTICATION, AUTHENTICATION_KEY)?;
        // PKCS#1 v1.5 only, at most 40 % of the modulus.
        if algorithm != 0x02 || data.len() * 10 > key.size() * 4 {
            return Err(BAD_DATA);
        }
        key.sign(Pkcs1v15Sign::new_unprefixed(), data).map_err(|_| BAD_DATA)
    }

    fn security_operation(&mut self, p1: u8, p2: u8, data: &[u8]) -> Result<Vec<u8>, Refusal> {
        match (p1, p2) {
            (0x90, 0xA0) => {
                let algorithm = self.session.environment.get(&HASH).ok_or(CONDITIONS)?.algorithm;
                self.session.hash = Some(last_round(algorithm, data)?);
                Ok(vec![])
            }
            (0x9E, 0x9A) => self.sign(data),
            (0x80, 0x86) => {
                let (key, _) = self.key(CONFIDENTIALITY, AUTHENTICATION_KEY)?;
                key.decrypt(Pkcs1v15Encrypt, data.get(1..).ok_or(BAD_DATA)?).map_err(|_| BAD_DATA)
            }
            _ => Err(BAD_P1P2),
        }
    }

    /// PSO COMPUTE DIGITAL SIGNATURE over the given hash, or the one PSO HASH left.
    fn sign(&mut self, data: &[u8]) -> Result<Vec<u8>, Refusal> {
        let left = self.session.hash.take();
        let hash = if data.is_empty() { left.ok_or(CONDITIONS)? } else { data.to_vec() };
        let (key, algorithm) = self.key(SIGNATURE, SIGNATURE_KEY)?;
        let prefix: &[u8] = match (algorithm, hash.len()) {
            (0x12, 20) => &[0x30, 0x21, 0x30, 9, 6, 5, 0x2B, 0x0E, 3, 2, 0x1A, 5, 0, 4, 20],
            (0x42, 32) => &[0x30, 0x31, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 32],
            _ => return Err(BAD_DATA),
        };
        key.sign(Pkcs1v15Sign::new_unprefixed(), &[prefix, &hash].concat()).map_err(|_| BAD_DATA)
    }
}
