//! The channel on Unix.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::Sender;

use super::{Handed, LONGEST_TEXT, PATIENCE};

/// The answer to a text that was taken.
const TAKEN: &[u8] = b"taken";
/// Longest path a socket may have on every Unix (`sun_path` of macOS, less its end).
const LONGEST_PATH: usize = 100;

/// Where the program of a profile listens: in the folder of the user's session when there is one, else in the profile.
/// Both are the user's alone.
pub(super) fn place(profile: &Path) -> io::Result<PathBuf> {
    let profile = fs::canonicalize(profile)?;
    let digest = ring::digest::digest(&ring::digest::SHA256, profile.as_os_str().as_encoded_bytes());
    let name: String = digest.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect();
    let session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let session = session.filter(|dir| dir.is_absolute() && is_ours_alone(dir));
    let path = session.unwrap_or(profile).join(format!("estafette-{name}.sock"));
    if path.as_os_str().len() > LONGEST_PATH {
        return Err(io::Error::new(ErrorKind::InvalidInput, "the profile's path is too long for a socket"));
    }
    Ok(path)
}

fn is_ours_alone(dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(dir).is_ok_and(|m| m.is_dir() && m.uid() == own_user() && m.mode() & 0o077 == 0)
}

fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The other end is a program of the same user.
fn check(stream: &UnixStream) -> io::Result<()> {
    let other = stream.peer_cred()?.uid();
    if other == own_user() { Ok(()) } else { Err(ErrorKind::PermissionDenied.into()) }
}

pub(super) async fn hand_over(profile: &Path, text: &str) -> io::Result<Handed> {
    let Ok(path) = place(profile) else { return Ok(Handed::Nobody) };
    let exchange = async {
        let mut stream = match UnixStream::connect(&path).await {
            Ok(stream) => stream,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                return Ok(Handed::Nobody);
            }
            Err(error) => return Err(error),
        };
        check(&stream)?;
        stream.write_all(text.as_bytes()).await?;
        stream.shutdown().await?;
        let mut answer = Vec::new();
        stream.take(16).read_to_end(&mut answer).await?;
        if answer == TAKEN { Ok(Handed::Taken) } else { Err(ErrorKind::InvalidData.into()) }
    };
    tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
}

pub(super) async fn listen(profile: &Path, found: Sender<String>) -> io::Result<()> {
    let path = place(profile)?;
    // what a program that was killed left behind
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    let _guard = Removed(path);
    loop {
        let stream = tokio::select! {
            () = found.closed() => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // too many open files: the next one may find room
                Err(_) => { tokio::time::sleep(PATIENCE).await; continue }
            },
        };
        let found = found.clone();
        tokio::spawn(async move {
            if let Err(error) = tokio::time::timeout(PATIENCE, take(stream, &found)).await.unwrap_or(Ok(())) {
                tracing::info!(kind = ?error.kind(), "a link was not taken");
            }
        });
    }
}

async fn take(mut stream: UnixStream, found: &Sender<String>) -> io::Result<()> {
    check(&stream)?;
    let mut bytes = Vec::new();
    (&mut stream).take(LONGEST_TEXT as u64 + 1).read_to_end(&mut bytes).await?;
    let text = String::from_utf8(bytes).map_err(|_| ErrorKind::InvalidData)?;
    if text.len() > LONGEST_TEXT {
        return Err(ErrorKind::InvalidData.into());
    }
    // a flood of links waits at the door instead of in memory
    found.try_send(text).map_err(|_| ErrorKind::WouldBlock)?;
    stream.write_all(TAKEN).await?;
    stream.shutdown().await
}

/// The socket goes with the program.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::taken;
    use super::*;

    #[tokio::test]
    async fn a_socket_left_by_a_program_that_was_killed_stands_in_no_ones_way() {
        let dir = tempfile::tempdir().unwrap();
        drop(std::os::unix::net::UnixListener::bind(place(dir.path()).unwrap()).unwrap());
        assert_eq!(hand_over(dir.path(), "one").await.unwrap(), Handed::Nobody);
        let (found, mut links) = tokio::sync::mpsc::channel(1);
        let profile = dir.path().to_owned();
        tokio::spawn(async move { listen(&profile, found).await });
        taken(dir.path(), "one").await;
        assert_eq!(links.recv().await.unwrap(), "one");
    }

    /// Names the socket for the process that plays another user.
    const SOCKET: &str = "ESTAFETTE_TEST_SOCKET";
    const NOBODY: u32 = 65_534;
    const TAKEN_IN: i32 = 40;
    const SHUT_OUT: i32 = 41;

    #[test]
    #[allow(clippy::exit, reason = "the answer of a process of the test below")]
    fn plays_another_user_when_asked_to() {
        use std::io::{Read, Write};
        let Some(path) = std::env::var_os(SOCKET) else { return };
        let answered = std::os::unix::net::UnixStream::connect(path).and_then(|mut stream| {
            stream.write_all(b"estafette:patient?nom=INTRUS")?;
            stream.shutdown(std::net::Shutdown::Write)?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer)?;
            Ok(answer)
        });
        std::process::exit(if answered.is_ok_and(|answer| answer == TAKEN) { TAKEN_IN } else { SHUT_OUT });
    }

    #[tokio::test]
    async fn attack_60_another_user_of_the_computer_reaches_no_program() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().to_owned();
        let (found, mut links) = tokio::sync::mpsc::channel(2);
        let (first, path) = (profile.clone(), place(&profile).unwrap());
        let listening = tokio::spawn(async move { listen(&first, found).await });
        taken(&profile, "ours").await;
        assert_eq!(links.recv().await.unwrap(), "ours");
        // the folder is the user's alone, and even were it open, the system says who is at the other end; only root can
        // play somebody else
        if own_user() == 0 && path.starts_with(fs::canonicalize(&profile).unwrap()) {
            let open =
                |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            open(&profile, 0o755);
            open(&path, 0o777);
            let program = dir.path().join("other");
            fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
            open(&program, 0o755);
            let ask = |user: u32| {
                let mut other = tokio::process::Command::new(&program);
                let test = "instance::socket::tests::plays_another_user_when_asked_to";
                other.args(["--exact", test, "--nocapture"]).env(SOCKET, &path).uid(user).gid(user);
                other.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
                async move { other.status().await.unwrap().code() }
            };
            assert_eq!(ask(NOBODY).await, Some(SHUT_OUT));
            assert!(links.try_recv().is_err());
            assert_eq!(ask(0).await, Some(TAKEN_IN), "what plays the other user does so");
            assert_eq!(links.recv().await.unwrap(), "estafette:patient?nom=INTRUS");
        }
        drop(links);
        listening.await.unwrap().unwrap();
    }
}
