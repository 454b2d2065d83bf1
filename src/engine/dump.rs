//! Memory holds mail, and for a moment a PIN: no crash may leave it on the disk.

/// To be called first in `main` of every program that opens an [`super::Engine`]: the process, and those it starts, leave
/// no core dump. On Linux its filter is empty besides, for systems whose service of crashes takes dumps through a pipe,
/// where the limit does not count (core(5)). Where only Windows Error Reporting takes dumps nothing is changed: it asks
/// its user.
pub fn forbid_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
            tracing::warn!(%error, "core dumps could not be switched off");
        }
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = std::fs::write("/proc/self/coredump_filter", "0") {
        tracing::warn!(%error, "the filter of core dumps could not be emptied");
    }
}
