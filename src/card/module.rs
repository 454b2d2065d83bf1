//! Where PKCS#11 modules are: the setting, the vendor's Mozilla manifest, the vendor's known paths, OpenSC.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Manifests are a few hundred bytes.
const MAX_MANIFEST: u64 = 64 * 1024;

/// The part of a Mozilla PKCS#11 manifest that matters here.
#[derive(Deserialize)]
struct Manifest {
    path: PathBuf,
}

/// Modules to try, best first, each once. The one from the settings comes first even when it is not there, so that its
/// failure is told; the others are listed only when the file exists.
pub fn find_modules(setting: Option<&Path>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = setting.map(Path::to_path_buf).into_iter().collect();
    let known = manifests()
        .into_iter()
        .filter_map(|manifest| module_of(&manifest))
        .chain(vendor_modules())
        .chain(opensc_modules())
        .filter(|path| path.is_file());
    for path in known {
        // links such as /usr/lib64/… name the same module: a module must not be started twice
        let same = |other: &PathBuf| other.canonicalize().ok() == path.canonicalize().ok();
        if !found.iter().any(same) {
            found.push(path);
        }
    }
    found
}

/// The absolute module path a manifest gives; a bare file name is looked for beside the manifest, never in the
/// loader's search path.
fn module_of(manifest: &Path) -> Option<PathBuf> {
    let mut text = String::new();
    File::open(manifest).ok()?.take(MAX_MANIFEST).read_to_string(&mut text).ok()?;
    let read: Manifest = serde_json::from_str(&text).ok()?;
    let path = manifest.parent()?.join(read.path);
    path.is_absolute().then_some(path)
}

#[cfg(target_os = "linux")]
fn manifests() -> Vec<PathBuf> {
    ["/usr/lib/mozilla", "/usr/lib64/mozilla", "/etc/mozilla"]
        .iter()
        .map(|dir| Path::new(dir).join("pkcs11-modules/cps3.json"))
        .collect()
}

#[cfg(target_os = "linux")]
fn vendor_modules() -> Vec<PathBuf> {
    [
        "/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so",
        "/usr/lib64/libcps3_pkcs11_lux.so",
        "/usr/local/galss/libcps3_pkcs11_lux.so",
    ]
    .map(PathBuf::from)
    .to_vec()
}

#[cfg(target_os = "linux")]
fn opensc_modules() -> Vec<PathBuf> {
    let triplet = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    [triplet.as_str(), "/usr/lib64", "/usr/lib", "/usr/local/lib"]
        .iter()
        .map(|dir| Path::new(dir).join("opensc-pkcs11.so"))
        .collect()
}

#[cfg(target_os = "macos")]
fn manifests() -> Vec<PathBuf> {
    vec![PathBuf::from("/Library/Application Support/Mozilla/PKCS11Modules/cps3.json")]
}

#[cfg(target_os = "macos")]
fn vendor_modules() -> Vec<PathBuf> {
    vec![PathBuf::from("/usr/local/lib/libcps3_pkcs11_osx.dylib")]
}

#[cfg(target_os = "macos")]
fn opensc_modules() -> Vec<PathBuf> {
    [
        "/Library/OpenSC/lib/opensc-pkcs11.so",
        "/opt/homebrew/lib/opensc-pkcs11.so",
        "/usr/local/lib/opensc-pkcs11.so",
    ]
    .map(PathBuf::from)
    .to_vec()
}

/// The manifest's path stands in the registry; the module's own place is fixed, so the registry is not read.
#[cfg(windows)]
fn manifests() -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(windows)]
fn vendor_modules() -> Vec<PathBuf> {
    // a 32-bit program sees SysWOW64 as System32, so the word size of this program chooses the file
    let file = if cfg!(target_pointer_width = "64") { "cps3_pkcs11_w64.dll" } else { "cps3_pkcs11_w32.dll" };
    std::env::var_os("SystemRoot")
        .map(|root| Path::new(&root).join("System32").join(file))
        .into_iter()
        .collect()
}

#[cfg(windows)]
fn opensc_modules() -> Vec<PathBuf> {
    std::env::var_os("ProgramFiles")
        .map(|dir| Path::new(&dir).join(r"OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll"))
        .into_iter()
        .collect()
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn manifests() -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn vendor_modules() -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn opensc_modules() -> Vec<PathBuf> {
    vec![PathBuf::from("/usr/local/lib/opensc-pkcs11.so")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_gives_its_module_and_never_a_bare_name() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = dir.path().join("cps3.json");
        let absolute = dir.path().join("m.so");
        for (json, expected) in [
            (serde_json::json!({"name": "cps3", "type": "pkcs11", "path": absolute}), Some(absolute.clone())),
            (serde_json::json!({"path": "beside.so"}), Some(dir.path().join("beside.so"))),
            (serde_json::json!({"name": "cps3"}), None),
        ] {
            std::fs::write(&manifest, json.to_string()).unwrap();
            assert_eq!(module_of(&manifest), expected);
        }
        std::fs::write(&manifest, "not json").unwrap();
        assert_eq!(module_of(&manifest), None);
    }

    #[test]
    fn the_setting_comes_first_and_no_module_twice() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("missing.so");
        let found = find_modules(Some(&missing));
        assert_eq!(found.first(), Some(&missing));
        for (i, path) in found.iter().enumerate().skip(1) {
            assert!(path.is_file());
            assert!(!found[..i].contains(path));
            assert_eq!(find_modules(Some(path)).iter().filter(|p| *p == path).count(), 1);
        }
    }
}
