//! HPRIM Médecins and HPRIM Santé.
#![no_main]

mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::hprim(bytes));
