//! A PKCS#11 module that stands before a real one and fails on command: a crash, a hang, nonsense, a slow card, a
//! reader with a pin-pad. For tests.
//!
//! A copy of this library reads the file beside it that has its name and `.json`:
//! `{"module": PATH, "call": "C_Sign", "fault": "abort"}`, with `"armed": FILE` when the fault waits for that file.
#![allow(
    unsafe_code,
    non_snake_case,
    missing_docs,
    clippy::missing_safety_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout
)]
// Called by C and calling C: every pointer is passed on as it came, but where a fault writes to one that the PKCS#11
// standard says is valid.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use cryptoki_sys::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    module: PathBuf,
    #[serde(default)]
    call: String,
    #[serde(default)]
    fault: String,
    /// The fault waits for this file.
    armed: Option<PathBuf>,
    /// What is typed on the pin-pad; there is one when this is given.
    keypad: Option<String>,
}

struct Real {
    order: Order,
    functions: CK_FUNCTION_LIST,
    ours: CK_FUNCTION_LIST,
}

static REAL: OnceLock<Real> = OnceLock::new();

/// The file this code was loaded from.
fn own_file() -> PathBuf {
    let here = own_file as fn() -> PathBuf as usize;
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let found = maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (from, to) = range.split_once('-')?;
        let bounds = |text| usize::from_str_radix(text, 16).ok();
        let path = rest.get(rest.find('/')?..)?;
        (bounds(from)? <= here && here < bounds(to)?).then(|| PathBuf::from(path))
    });
    found.unwrap()
}

fn load() -> Real {
    let order = std::fs::read(own_file().with_extension("json")).unwrap();
    let order: Order = serde_json::from_slice(&order).unwrap();
    // SAFETY: a PKCS#11 module, whose one entry has this type; it is never unloaded.
    let functions = unsafe {
        let library = Box::leak(Box::new(libloading::Library::new(&order.module).unwrap()));
        let get: libloading::Symbol<'_, unsafe extern "C" fn(*mut *mut CK_FUNCTION_LIST) -> CK_RV> =
            library.get(b"C_GetFunctionList").unwrap();
        let mut list = std::ptr::null_mut();
        assert_eq!(get(&mut list), CKR_OK);
        *list
    };
    let mut ours = functions;
    ours.C_Initialize = Some(initialize);
    ours.C_GetSlotList = Some(get_slot_list);
    ours.C_GetTokenInfo = Some(get_token_info);
    ours.C_OpenSession = Some(open_session);
    ours.C_FindObjects = Some(find_objects);
    ours.C_GetAttributeValue = Some(get_attribute_value);
    ours.C_Login = Some(login);
    ours.C_Sign = Some(sign);
    ours.C_Logout = Some(logout);
    ours.C_Finalize = Some(finalize);
    Real { order, functions, ours }
}

fn real() -> &'static Real {
    REAL.get_or_init(load)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetFunctionList(list: *mut *mut CK_FUNCTION_LIST) -> CK_RV {
    unsafe { *list = (&raw const real().ours).cast_mut() };
    CKR_OK
}

/// What happens instead of, or before, the call; nothing when it is not this one's turn.
fn fault(call: &str) -> Option<&'static str> {
    let order = &real().order;
    let is_due = order.call == call && order.armed.as_deref().is_none_or(Path::exists);
    if !is_due {
        return None;
    }
    match order.fault.as_str() {
        "abort" => std::process::abort(),
        // SAFETY: not safe, on purpose.
        "segfault" => unsafe { std::ptr::without_provenance_mut::<u8>(8).write_volatile(1) },
        "exit" => std::process::exit(0),
        "hang" => loop {
            std::thread::sleep(Duration::from_secs(3600));
        },
        "slow" => std::thread::sleep(Duration::from_secs(5)),
        "noise" => println!("the module says something on standard output"),
        _ => {}
    }
    Some(&order.fault)
}

/// Functions that are passed on when nothing else happens.
macro_rules! pass {
    ($(fn $name:ident = $call:ident($($argument:ident: $kind:ty),*) $garbage:block)*) => {$(
        unsafe extern "C" fn $name($($argument: $kind),*) -> CK_RV {
            match fault(stringify!($call)) {
                Some("garbage") => $garbage,
                Some("logged-out") => CKR_USER_NOT_LOGGED_IN,
                Some("removed") => CKR_DEVICE_REMOVED,
                // what was begun is never ended: every later call of its kind is refused too
                Some("left-active") => CKR_OPERATION_ACTIVE,
                _ => unsafe { real().functions.$call.unwrap()($($argument),*) },
            }
        }
    )*};
}

/// More than there is memory.
const MUCH: CK_ULONG = 1 << 45;

pass! {
    fn initialize = C_Initialize(arguments: *mut std::ffi::c_void) {
        let _ = arguments;
        0x8000_1234
    }
    fn get_slot_list = C_GetSlotList(present: CK_BBOOL, slots: *mut CK_SLOT_ID, count: *mut CK_ULONG) {
        let _ = (present, slots);
        unsafe { *count = MUCH };
        CKR_OK
    }
    fn open_session = C_OpenSession(
        slot: CK_SLOT_ID, flags: CK_FLAGS, application: *mut std::ffi::c_void, notify: CK_NOTIFY,
        session: *mut CK_SESSION_HANDLE
    ) {
        let _ = (slot, flags, application, notify);
        unsafe { *session = 0xDEAD_BEEF };
        CKR_OK
    }
    fn find_objects = C_FindObjects(
        session: CK_SESSION_HANDLE, objects: *mut CK_OBJECT_HANDLE, most: CK_ULONG, count: *mut CK_ULONG
    ) {
        let _ = (session, objects, most);
        unsafe { *count = MUCH };
        CKR_OK
    }
    fn get_attribute_value = C_GetAttributeValue(
        session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE, template: *mut CK_ATTRIBUTE, count: CK_ULONG
    ) {
        let _ = (session, object);
        for at in 0..count as usize {
            unsafe { (*template.add(at)).ulValueLen = MUCH };
        }
        CKR_OK
    }
    fn sign = C_Sign(
        session: CK_SESSION_HANDLE, data: *mut u8, length: CK_ULONG, signature: *mut u8, size: *mut CK_ULONG
    ) {
        let _ = (session, data, length, signature);
        unsafe { *size = MUCH };
        CKR_OK
    }
    fn logout = C_Logout(session: CK_SESSION_HANDLE) {
        let _ = session;
        0xFFFF_FFFF
    }
    fn finalize = C_Finalize(reserved: *mut std::ffi::c_void) {
        let _ = reserved;
        0xFFFF_FFFF
    }
}

unsafe extern "C" fn get_token_info(slot: CK_SLOT_ID, info: *mut CK_TOKEN_INFO) -> CK_RV {
    let garbage = fault("C_GetTokenInfo") == Some("garbage");
    unsafe {
        let result = real().functions.C_GetTokenInfo.unwrap()(slot, info);
        if garbage {
            info.write_bytes(0xFF, 1);
        } else if real().order.keypad.is_some() {
            (*info).flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
        }
        result
    }
}

unsafe extern "C" fn login(
    session: CK_SESSION_HANDLE,
    user: CK_USER_TYPE,
    pin: *mut u8,
    length: CK_ULONG,
) -> CK_RV {
    let call = real().functions.C_Login.unwrap();
    if fault("C_Login") == Some("garbage") {
        return 0x7FFF_FFFF;
    }
    match &real().order.keypad {
        // typed on the reader: the program gives none
        Some(typed) if pin.is_null() => {
            let mut typed = typed.clone().into_bytes();
            unsafe { call(session, user, typed.as_mut_ptr(), typed.len() as CK_ULONG) }
        }
        Some(_) => CKR_PIN_INVALID,
        None => unsafe { call(session, user, pin, length) },
    }
}
