//! Messages, with every document they bring.
#![no_main]

use std::panic::{set_hook, take_hook};

mod reader;

libfuzzer_sys::fuzz_target!(init: leave_what_is_caught(), |bytes: &[u8]| reader::message(bytes));

/// Every panic ends a fuzzer, also one that is caught. Those of the message parser are caught where it is called, and the
/// header is kept; one that gets further still ends the run.
fn leave_what_is_caught() {
    let end = take_hook();
    set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|at| at.file().contains("/mail-parser-")) {
            end(panic);
        }
    }));
}
