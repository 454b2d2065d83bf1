//! The channel on Windows: a named pipe. Its name is no secret, and anybody may take it while no program runs, so what is
//! said on it is that of [`exchange`](super::exchange).

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, ServerOptions};
use tokio::sync::mpsc::Sender;

use super::exchange::{key, receive, send};
use super::{Handed, PATIENCE};

/// Between two tries while the pipe is taken by another start.
const PAUSE: Duration = Duration::from_millis(50);
/// `ERROR_PIPE_BUSY` of winerror.h.
const BUSY: i32 = 231;

fn name(profile: &Path) -> io::Result<String> {
    let profile = std::fs::canonicalize(profile)?;
    let digest = ring::digest::digest(&ring::digest::SHA256, profile.as_os_str().as_encoded_bytes());
    let short: String = digest.as_ref().iter().take(16).map(|b| format!("{b:02x}")).collect();
    Ok(format!(r"\\.\pipe\estafette-{short}"))
}

async fn open(name: &str) -> io::Result<Option<NamedPipeClient>> {
    loop {
        match ClientOptions::new().open(name) {
            Ok(stream) => return Ok(Some(stream)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.raw_os_error() == Some(BUSY) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(error),
        }
    }
}

pub(super) async fn hand_over(profile: &Path, text: &str) -> io::Result<Handed> {
    // without a key no program has run on this profile
    let (Ok(name), Ok(key)) = (name(profile), key(profile, false)) else { return Ok(Handed::Nobody) };
    let exchange = async {
        let Some(mut stream) = open(&name).await? else { return Ok(Handed::Nobody) };
        send(&mut stream, &key, text).await
    };
    tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
}

pub(super) async fn listen(profile: &Path, found: Sender<String>) -> io::Result<()> {
    let (name, key) = (name(profile)?, key(profile, true)?);
    // fails when a stranger has taken the name: links cannot come in then
    let mut waiting =
        ServerOptions::new().first_pipe_instance(true).reject_remote_clients(true).create(&name)?;
    loop {
        tokio::select! {
            () = found.closed() => return Ok(()),
            connected = waiting.connect() => connected?,
        }
        let next = ServerOptions::new().reject_remote_clients(true).create(&name)?;
        let mut stream = std::mem::replace(&mut waiting, next);
        let (key, found) = (key.clone(), found.clone());
        tokio::spawn(async move {
            let taking = receive(&mut stream, &key, &found);
            if let Err(error) = tokio::time::timeout(PATIENCE, taking).await.unwrap_or(Ok(())) {
                tracing::info!(kind = ?error.kind(), "a link was not taken");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn attack_60_a_stranger_who_took_the_name_gets_no_link() {
        let dir = tempfile::tempdir().unwrap();
        key(dir.path(), true).unwrap();
        let mut squatter = ServerOptions::new().create(name(dir.path()).unwrap()).unwrap();
        let taking = tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            squatter.connect().await.unwrap();
            let mut nonce = [0; 32];
            squatter.read_exact(&mut nonce).await.unwrap();
            squatter.write_all(&[0; 32]).await.unwrap();
            let mut more = Vec::new();
            let _ = squatter.read_to_end(&mut more).await;
            more
        });
        assert!(hand_over(dir.path(), "estafette:patient?nom=DURAND").await.is_err());
        assert!(taking.await.unwrap().is_empty());
    }
}
