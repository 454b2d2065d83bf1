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

/// A module to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModulePath {
    /// Its file.
    pub path: PathBuf,
    /// Nobody can have put it there but the administrator or, for the one of the settings, the user. One that is not is
    /// to be named and not loaded: whoever replaces a module gets the PIN.
    pub is_trusted: bool,
}

/// Modules to try, best first, each once. The one from the settings comes first even when it is not there, so that its
/// failure is told; the others are listed only when the file exists.
pub fn find_modules(setting: Option<&Path>) -> Vec<ModulePath> {
    let chosen = setting
        .map(|path| ModulePath { path: path.to_owned(), is_trusted: !path.exists() || guard::is_own(path) });
    let mut found: Vec<ModulePath> = chosen.into_iter().collect();
    let known = manifests()
        .into_iter()
        .filter_map(|manifest| module_of(&manifest))
        .chain(vendor_modules())
        .chain(opensc_modules())
        .filter(|path| path.is_file());
    for path in known {
        // links such as /usr/lib64/… name the same module: a module must not be started twice
        let same = |other: &ModulePath| other.path.canonicalize().ok() == path.canonicalize().ok();
        if !found.iter().any(same) {
            let is_trusted = guard::is_system(&path);
            found.push(ModulePath { path, is_trusted });
        }
    }
    found
}

/// The absolute module path a manifest gives; a bare file name is looked for beside the manifest, never in the
/// loader's search path. A manifest that others can write is not read.
fn module_of(manifest: &Path) -> Option<PathBuf> {
    if !guard::is_system(manifest) {
        return None;
    }
    read_manifest(manifest)
}

fn read_manifest(manifest: &Path) -> Option<PathBuf> {
    let mut text = String::new();
    File::open(manifest).ok()?.take(MAX_MANIFEST).read_to_string(&mut text).ok()?;
    let read: Manifest = serde_json::from_str(&text).ok()?;
    let path = manifest.parent()?.join(read.path);
    path.is_absolute().then_some(path)
}

/// Who can have written a file, by its owner and rights and those of every folder above it.
#[cfg(unix)]
mod guard {
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    const GROUP_OR_ALL_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    const ROOT: u32 = 0;

    /// Only the administrator.
    pub(super) fn is_system(path: &Path) -> bool {
        is_written_by(path, &[ROOT])
    }

    /// Only the administrator or the user.
    pub(super) fn is_own(path: &Path) -> bool {
        is_written_by(path, &[ROOT, rustix::process::geteuid().as_raw()])
    }

    fn is_written_by(path: &Path, owners: &[u32]) -> bool {
        let Ok(real) = path.canonicalize() else { return false };
        real.ancestors().enumerate().all(|(depth, place)| {
            let Ok(data) = place.metadata() else { return false };
            // in a sticky folder nobody replaces what belongs to somebody else
            let is_shared = depth > 0 && data.is_dir() && data.mode() & STICKY != 0;
            owners.contains(&data.uid()) && (is_shared || data.mode() & GROUP_OR_ALL_WRITE == 0)
        })
    }
}

/// On Windows the folders of the system and of programs are written by administrators only; a setting is the user's.
#[cfg(not(unix))]
mod guard {
    use std::path::{Path, PathBuf};

    pub(super) fn is_system(path: &Path) -> bool {
        let Ok(real) = path.canonicalize() else { return false };
        let places = ["SystemRoot", "ProgramFiles", "ProgramFiles(x86)", "ProgramW6432"];
        let mut roots = places.iter().filter_map(std::env::var_os).map(PathBuf::from);
        roots.any(|root| root.canonicalize().is_ok_and(|root| real.starts_with(root)))
    }

    pub(super) fn is_own(_path: &Path) -> bool {
        true
    }
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

/// The manifest's path is the default value of a key that only administrators write.
#[cfg(windows)]
fn manifests() -> Vec<PathBuf> {
    let key = windows_registry::LOCAL_MACHINE.open(r"SOFTWARE\Mozilla\PKCS11Modules\cps3");
    key.and_then(|key| key.get_string("")).map(PathBuf::from).into_iter().collect()
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
            assert_eq!(read_manifest(&manifest), expected);
        }
        std::fs::write(&manifest, "not json").unwrap();
        assert_eq!(read_manifest(&manifest), None);
    }

    #[test]
    fn the_setting_comes_first_and_no_module_twice() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("missing.so");
        let paths = |setting: &Path| -> Vec<PathBuf> {
            find_modules(Some(setting)).into_iter().map(|module| module.path).collect()
        };
        let found = paths(&missing);
        assert_eq!(found.first(), Some(&missing));
        for (i, path) in found.iter().enumerate().skip(1) {
            assert!(path.is_file());
            assert!(!found[..i].contains(path));
            assert_eq!(paths(path).iter().filter(|p| *p == path).count(), 1);
        }
    }

    #[cfg(unix)]
    #[test]
    fn attack_55_a_module_that_others_can_replace_is_named_and_not_trusted() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let module = dir.path().join("m.so");
        std::fs::write(&module, "").unwrap();
        let link = dir.path().join("link.so");
        std::os::unix::fs::symlink(&module, &link).unwrap();
        let mode = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let trusted = |path: &Path| find_modules(Some(path)).remove(0).is_trusted;
        for (of_folder, of_file, expected) in [
            (0o700, 0o644, true),
            (0o755, 0o755, true),
            (0o755, 0o666, false),
            (0o755, 0o664, false),
            (0o777, 0o644, false),
            (0o775, 0o644, false),
            (0o1777, 0o644, true),
        ] {
            mode(dir.path(), of_folder);
            mode(&module, of_file);
            assert_eq!(trusted(&module), expected, "{of_folder:o} {of_file:o}");
            assert_eq!(trusted(&link), expected, "through a link, {of_folder:o} {of_file:o}");
        }
        // a manifest that others can write names nothing
        let manifest = dir.path().join("cps3.json");
        std::fs::write(&manifest, serde_json::json!({"path": module}).to_string()).unwrap();
        mode(&manifest, 0o666);
        assert_eq!(module_of(&manifest), None);
        assert_eq!(read_manifest(&manifest), Some(module));
    }
}
