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
