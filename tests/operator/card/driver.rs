//! The virtual reader: an IFD handler (version 3) that pcscd loads and that asks the operator's slot for the card.
//!
//! Our own because the packaged `vpcd` driver listens for cards on every network interface, and its other mode, where
//! the driver connects out, aborts pcscd as soon as no card is there. The device name in `reader.conf` is the address
//! of the slot. Each message has two bytes of length, then one control byte or an APDU; see `slot`.
#![allow(unsafe_code, non_snake_case, missing_docs, clippy::missing_safety_doc)]
// Called by C: pcscd gives a valid buffer with its length in every pointer pair, and a NUL-terminated device name;
// each dereference below relies on that contract of <PCSC/ifdhandler.h> and on nothing else.

use std::ffi::{CStr, c_char, c_long, c_uchar, c_ulong};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

type Dword = c_ulong;
type Response = c_long;

const SUCCESS: Response = 0;
const ERROR_TAG: Response = 600;
const ERROR_POWER_ACTION: Response = 608;
const COMMUNICATION_ERROR: Response = 612;
const NOT_SUPPORTED: Response = 614;
const ICC_PRESENT: Response = 615;
const ICC_NOT_PRESENT: Response = 616;

const TAG_ATR: Dword = 0x0303;
const TAG_SLOTS_NUMBER: Dword = 0x0FAE;
const TAG_SIMULTANEOUS_ACCESS: Dword = 0x0FAF;

const POWER_UP: Dword = 500;
const POWER_DOWN: Dword = 501;

const OFF: u8 = 0;
const ON: u8 = 1;
const RESET: u8 = 2;
const ATR: u8 = 4;

const MAX_ATR: usize = 33;
/// A card signs within this time.
const PATIENCE: Duration = Duration::from_secs(20);

#[repr(C)]
pub struct IoHeader {
    protocol: Dword,
    length: Dword,
}

struct Slot {
    address: String,
    card: Option<TcpStream>,
    /// The card went away and pcscd, which looks every 400 ms, has not been told: as long as that the slot is empty, for a
    /// card that came meanwhile too. Else pcscd would take the next card for the one before.
    is_left: bool,
}

static SLOT: Mutex<Slot> = Mutex::new(Slot { address: String::new(), card: None, is_left: false });

impl Slot {
    fn connect(&mut self) -> io::Result<&mut TcpStream> {
        if self.is_left {
            return Err(io::ErrorKind::NotConnected.into());
        }
        if self.card.is_none() {
            let stream = TcpStream::connect(&self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            self.card = Some(stream);
        }
        self.card.as_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let length = u16::try_from(message.len()).map_err(io::Error::other)?;
        self.connect()?.write_all(&[&length.to_be_bytes()[..], message].concat())
    }

    fn ask(&mut self, message: &[u8]) -> io::Result<Vec<u8>> {
        self.send(message)?;
        let stream = self.connect()?;
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut answer = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    }
}

/// Runs `action` on the slot; any failure means that the card is out.
fn with_slot<T>(action: impl FnOnce(&mut Slot) -> io::Result<T>) -> Option<T> {
    let mut slot = SLOT.lock().unwrap_or_else(PoisonError::into_inner);
    let result = action(&mut slot);
    if result.is_err() {
        slot.is_left |= slot.card.take().is_some();
    }
    result.ok()
}

/// Copies `bytes` to a buffer of pcscd whose room is in `*length`, which becomes the count.
unsafe fn give(bytes: &[u8], buffer: *mut c_uchar, length: *mut Dword) -> bool {
    unsafe {
        let room = usize::try_from(*length).unwrap_or(0);
        if bytes.len() > room {
            *length = 0;
            return false;
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len());
        *length = bytes.len() as Dword;
    }
    true
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHCreateChannelByName(_lun: Dword, name: *const c_char) -> Response {
    let name = unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned();
    let mut slot = SLOT.lock().unwrap_or_else(PoisonError::into_inner);
    *slot = Slot { address: name, card: None, is_left: false };
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHCreateChannel(_lun: Dword, _channel: Dword) -> Response {
    COMMUNICATION_ERROR
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHCloseChannel(_lun: Dword) -> Response {
    SLOT.lock().unwrap_or_else(PoisonError::into_inner).card = None;
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHGetCapabilities(
    _lun: Dword,
    tag: Dword,
    length: *mut Dword,
    value: *mut c_uchar,
) -> Response {
    let bytes = match tag {
        TAG_ATR => with_slot(|slot| slot.ask(&[ATR])),
        TAG_SLOTS_NUMBER | TAG_SIMULTANEOUS_ACCESS => Some(vec![1]),
        _ => return ERROR_TAG,
    };
    match bytes {
        Some(bytes) if unsafe { give(&bytes, value, length) } => SUCCESS,
        _ => COMMUNICATION_ERROR,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHSetCapabilities(
    _lun: Dword,
    _tag: Dword,
    _length: Dword,
    _value: *const c_uchar,
) -> Response {
    NOT_SUPPORTED
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHSetProtocolParameters(
    _lun: Dword,
    _protocol: Dword,
    _flags: c_uchar,
    _pts1: c_uchar,
    _pts2: c_uchar,
    _pts3: c_uchar,
) -> Response {
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHPowerICC(
    _lun: Dword,
    action: Dword,
    atr: *mut c_uchar,
    length: *mut Dword,
) -> Response {
    if action == POWER_DOWN {
        let _ = with_slot(|slot| slot.send(&[OFF]));
        unsafe { *length = 0 };
        return SUCCESS;
    }
    let order = if action == POWER_UP { ON } else { RESET };
    let answer = with_slot(|slot| {
        slot.send(&[order])?;
        slot.ask(&[ATR])
    });
    // pcscd gives the room of its ATR buffer nowhere but in the header file.
    unsafe { *length = MAX_ATR as Dword };
    match answer {
        Some(bytes) if unsafe { give(&bytes, atr, length) } => SUCCESS,
        _ => ERROR_POWER_ACTION,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHTransmitToICC(
    _lun: Dword,
    sent: IoHeader,
    command: *const c_uchar,
    command_length: Dword,
    answer: *mut c_uchar,
    answer_length: *mut Dword,
    received: *mut IoHeader,
) -> Response {
    let Ok(length) = usize::try_from(command_length) else { return COMMUNICATION_ERROR };
    let command = unsafe { std::slice::from_raw_parts(command, length) };
    let Some(bytes) = with_slot(|slot| slot.ask(command)) else { return COMMUNICATION_ERROR };
    if !received.is_null() {
        unsafe { (*received).protocol = sent.protocol };
    }
    if unsafe { give(&bytes, answer, answer_length) } { SUCCESS } else { COMMUNICATION_ERROR }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHControl(
    _lun: Dword,
    _code: Dword,
    _sent: *const c_uchar,
    _sent_length: Dword,
    _answer: *mut c_uchar,
    _room: Dword,
    returned: *mut Dword,
) -> Response {
    unsafe { *returned = 0 };
    NOT_SUPPORTED
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHICCPresence(_lun: Dword) -> Response {
    let is_there = with_slot(|slot| slot.ask(&[ATR])).is_some();
    // told now
    SLOT.lock().unwrap_or_else(PoisonError::into_inner).is_left = false;
    if is_there { ICC_PRESENT } else { ICC_NOT_PRESENT }
}
