//! IHE_XDM archives and their metadata.
#![no_main]

mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::xdm(bytes));
