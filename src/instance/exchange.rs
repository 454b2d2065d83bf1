//! What is said on a channel whose other end the system does not vouch for: each side proves that it can read the key
//! that lies in the profile, which only its owner can. The receiver proves it first, so that a link, which may name a
//! patient, is told to no stranger who took the channel's name.
//!
//! ```text
//! sender   -> receiver   nonce: 32 bytes
//! receiver -> sender     HMAC-SHA256(key, "receiver" nonce)
//! sender   -> receiver   length: u32 little-endian, text, HMAC-SHA256(key, "sender" nonce text)
//! receiver -> sender     "taken"
//! ```

use std::io::{self, ErrorKind};
use std::path::Path;

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::Sender;

use super::{Handed, LONGEST_TEXT};

/// Name of the file in the profile that holds the key.
const KEY_FILE: &str = "running.key";
/// Bytes of the key, of the nonce and of a proof.
const LENGTH: usize = 32;
/// The answer to a text that was taken.
const TAKEN: &[u8; 5] = b"taken";

/// The key of a profile; made when missing and `makes`.
pub(super) fn key(profile: &Path, makes: bool) -> io::Result<hmac::Key> {
    let path = profile.join(KEY_FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) if bytes.len() == LENGTH => bytes,
        // one whose writing was cut short is made anew
        Ok(_) if makes => make(&path)?,
        Err(error) if makes && error.kind() == ErrorKind::NotFound => make(&path)?,
        Ok(_) => return Err(ErrorKind::InvalidData.into()),
        Err(error) => return Err(error),
    };
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn make(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = random()?;
    std::fs::write(path, bytes)?;
    Ok(bytes.to_vec())
}

fn random() -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("no random numbers"))?;
    Ok(bytes)
}

fn proof(key: &hmac::Key, parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    context.sign()
}

fn check(key: &hmac::Key, parts: &[&[u8]], said: &[u8]) -> io::Result<()> {
    hmac::verify(key, &parts.concat(), said).map_err(|_| ErrorKind::PermissionDenied.into())
}

/// Hands a text over.
pub(super) async fn send<S>(stream: &mut S, key: &hmac::Key, text: &str) -> io::Result<Handed>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let length = u32::try_from(text.len()).map_err(|_| ErrorKind::InvalidInput)?;
    let nonce = random()?;
    stream.write_all(&nonce).await?;
    let mut said = [0; LENGTH];
    stream.read_exact(&mut said).await?;
    check(key, &[b"receiver", &nonce], &said)?;
    stream.write_all(&length.to_le_bytes()).await?;
    stream.write_all(text.as_bytes()).await?;
    stream.write_all(proof(key, &[b"sender", &nonce, text.as_bytes()]).as_ref()).await?;
    stream.flush().await?;
    let mut answer = [0; TAKEN.len()];
    stream.read_exact(&mut answer).await?;
    if &answer == TAKEN { Ok(Handed::Taken) } else { Err(ErrorKind::InvalidData.into()) }
}

/// Takes a text in.
pub(super) async fn receive<S>(stream: &mut S, key: &hmac::Key, found: &Sender<String>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut nonce = [0; LENGTH];
    stream.read_exact(&mut nonce).await?;
    stream.write_all(proof(key, &[b"receiver", &nonce]).as_ref()).await?;
    stream.flush().await?;
    let mut length = [0; 4];
    stream.read_exact(&mut length).await?;
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST_TEXT {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut text = vec![0; length];
    stream.read_exact(&mut text).await?;
    let mut said = [0; LENGTH];
    stream.read_exact(&mut said).await?;
    check(key, &[b"sender", &nonce, &text], &said)?;
    let text = String::from_utf8(text).map_err(|_| ErrorKind::InvalidData)?;
    // a flood of links waits at the door instead of in memory
    found.try_send(text).map_err(|_| ErrorKind::WouldBlock)?;
    stream.write_all(TAKEN).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (tempfile::TempDir, hmac::Key, hmac::Key) {
        let dir = tempfile::tempdir().unwrap();
        assert!(key(dir.path(), false).is_err(), "who only hands over makes none");
        let made = key(dir.path(), true).unwrap();
        let read = key(dir.path(), false).unwrap();
        (dir, made, read)
    }

    #[tokio::test]
    async fn a_text_goes_from_one_who_knows_the_key_to_another() {
        let (_dir, ours, theirs) = keys();
        let (mut near, mut far) = tokio::io::duplex(64);
        let (found, mut links) = tokio::sync::mpsc::channel(1);
        let taking = tokio::spawn(async move { receive(&mut far, &theirs, &found).await });
        let handed = send(&mut near, &ours, "estafette:patient?nom=DURAND").await.unwrap();
        assert_eq!(handed, Handed::Taken);
        taking.await.unwrap().unwrap();
        assert_eq!(links.recv().await.unwrap(), "estafette:patient?nom=DURAND");
    }

    #[tokio::test]
    async fn attack_60_who_took_the_name_of_the_channel_learns_nothing() {
        let (_dir, ours, _) = keys();
        let stranger = hmac::Key::new(hmac::HMAC_SHA256, &[7; LENGTH]);
        let (mut near, mut far) = tokio::io::duplex(4096);
        let (found, mut links) = tokio::sync::mpsc::channel(1);
        let taking = tokio::spawn(async move {
            let ended = receive(&mut far, &stranger, &found).await;
            let mut more = Vec::new();
            far.read_to_end(&mut more).await.unwrap();
            (ended, more)
        });
        let refused = send(&mut near, &ours, "estafette:patient?nom=DURAND").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        drop(near);
        let (ended, more) = taking.await.unwrap();
        assert!(ended.is_err() && more.is_empty(), "something of the link was told");
        assert!(links.try_recv().is_err());
    }

    #[tokio::test]
    async fn attack_60_who_does_not_know_the_key_is_not_listened_to() {
        let (_dir, ours, _) = keys();
        let stranger = hmac::Key::new(hmac::HMAC_SHA256, &[7; LENGTH]);
        for text in ["estafette:message?id=x".to_owned(), "x".repeat(LONGEST_TEXT + 1)] {
            let (mut near, mut far) = tokio::io::duplex(16_384);
            let (found, mut links) = tokio::sync::mpsc::channel(1);
            let key = ours.clone();
            let taking = tokio::spawn(async move { receive(&mut far, &key, &found).await });
            // as the sender says it, without waiting for the receiver's proof
            let nonce = [1; LENGTH];
            near.write_all(&nonce).await.unwrap();
            near.write_all(&u32::try_from(text.len()).unwrap().to_le_bytes()).await.unwrap();
            near.write_all(text.as_bytes()).await.unwrap();
            let said = proof(&stranger, &[b"sender", &nonce, text.as_bytes()]);
            near.write_all(said.as_ref()).await.unwrap();
            assert!(taking.await.unwrap().is_err());
            assert!(links.try_recv().is_err());
        }
    }
}
