//! The virtual card as any PKCS#11 program sees it.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::client::Operator;

fn pkcs11_tool(operator: &Operator, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("pkcs11-tool")
        .args(["--module", operator.text("pkcs11_module")])
        .args(arguments)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Lists the slots until the list says `expected`: pcscd looks at its reader once a second or so.
fn slots_say(operator: &Operator, expected: &str) {
    let start = Instant::now();
    loop {
        let (_, said) = pkcs11_tool(operator, &["--list-slots"]);
        if said.contains(expected) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "no {expected:?} in {said}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_card_is_seen_signs_and_is_gone_when_removed() {
    let operator = Operator::start_with_reader(1);
    slots_say(&operator, "(empty)");
    operator.card_insert("leroy");
    slots_say(&operator, "CPS3v3-2900000011");

    let dir = operator.text("dir");
    let at = |name: &str| format!("{dir}/{name}");
    let (data, digest, signature) = (at("data"), at("digest"), at("signature"));
    // DigestInfo of SHA-256, then the hash: the one form a CPS3 authentication key signs.
    let mut info = vec![0x30, 0x31, 0x30, 0x0D, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 32];
    fs::write(&data, "estafette").unwrap();
    info.extend(ring::digest::digest(&ring::digest::SHA256, b"estafette").as_ref());
    fs::write(&digest, info).unwrap();
    let sign = [
        "--login", "--pin", "1234", "--sign", "--id", "e8281020", "-m", "RSA-PKCS", "-i", &digest, "-o",
        &signature,
    ];
    let (ok, said) = pkcs11_tool(&operator, &sign);
    assert!(ok, "{said}");
    let public = Command::new("openssl")
        .args(["x509", "-noout", "-pubkey", "-in", &at("igc/card-leroy-auth.pem"), "-out", &at("public.pem")])
        .status();
    assert!(public.unwrap().success());
    let verified = Command::new("openssl")
        .args(["dgst", "-sha256", "-verify", &at("public.pem"), "-signature", &signature, &data])
        .status();
    assert!(verified.unwrap().success());

    let (ok, _) = pkcs11_tool(&operator, &["--login", "--pin", "9999", "--list-objects"]);
    assert!(!ok, "a wrong PIN was taken");
    assert_eq!(operator.card_status()["pin_tries_left"], 2);

    operator.card_remove();
    slots_say(&operator, "(empty)");
    operator.card_insert("vitale");
    slots_say(&operator, "not recognized");
    operator.card_insert("benali");
    slots_say(&operator, "CPS3v3-2900000037");
}

#[test]
fn a_card_exchanged_between_two_looks_of_the_reader_is_never_taken_for_the_one_before() {
    use pcsc::{Context, Protocols, ReaderState, Scope, ShareMode, State};
    let operator = Operator::start_with_reader(1);
    let context = Context::establish(Scope::User).unwrap();
    let name = context.list_readers_owned().unwrap().remove(0);
    // the ATR begins otherwise for each kind of card
    let shows = |first_bytes: &[u8]| {
        let start = Instant::now();
        let mut states = [ReaderState::new(name.clone(), State::UNAWARE)];
        loop {
            context.get_status_change(Duration::from_secs(1), &mut states).ok();
            if states[0].event_state().contains(State::PRESENT) && states[0].atr().starts_with(first_bytes) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{:02X?}", states[0].atr());
            states[0].sync_current_state();
        }
    };
    const CPS: [u8; 2] = [0x3B, 0xAC];
    const VITALE: [u8; 2] = [0x3B, 0x75];
    for _ in 0..5 {
        operator.card_insert("leroy");
        shows(&CPS);
        let card = context.connect(&name, ShareMode::Shared, Protocols::ANY).unwrap();
        operator.card_remove();
        // a command is the first to meet the empty slot, before the reader looks
        let mut answer = [0; 258];
        assert!(card.transmit(&[0x00, 0xA4, 0x03, 0x00], &mut answer).is_err());
        operator.card_insert("vitale");
        shows(&VITALE);
        drop(card);
        operator.card_remove();
    }
}
