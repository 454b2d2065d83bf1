//! Contacts as vCards or tables.
#![no_main]

mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::contact(bytes));
