//! The slot: the reader's driver connects to us, and that connection is the card in the reader.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::chip::Chip;

/// What lies in the slot.
#[derive(Clone)]
pub enum Content {
    Cps(Arc<Mutex<Chip>>),
    /// A card that answers nothing but its ATR.
    Mute(&'static [u8]),
}

/// ATR of a CPS3 in contact mode (T=0).
const CPS3: &[u8] =
    &[0x3B, 0xAC, 0x00, 0x40, 0x2A, 0x00, 0x12, 0x25, 0x00, 0x64, 0x80, 0x00, 0x03, 0x10, 0x00, 0x90, 0x00];
/// ATR of a Vitale card.
pub const VITALE: &[u8] = &[0x3B, 0x75, 0x13, 0x00, 0x00, 0x47, 0x09, 0xEA, 0x90, 0x00];

/// How often the slot looks for the driver, and whether the card was taken out.
const TICK: Duration = Duration::from_millis(10);

/// A card in the reader. Dropping it takes the card out.
pub struct Inserted {
    out: Arc<AtomicBool>,
    connection: Arc<Mutex<Option<TcpStream>>>,
    thread: Option<JoinHandle<()>>,
}

/// Puts a card into the reader whose driver connects to `port`.
pub fn insert(port: u16, content: Content) -> io::Result<Inserted> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    let out = Arc::new(AtomicBool::new(false));
    let connection = Arc::new(Mutex::new(None));
    let thread = std::thread::spawn({
        let (out, connection) = (out.clone(), connection.clone());
        move || {
            while !out.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((stream, _)) => serve(stream, &content, &connection, &out),
                    Err(_) => std::thread::sleep(TICK),
                }
            }
        }
    });
    Ok(Inserted { out, connection, thread: Some(thread) })
}

/// Answers the driver until either side hangs up.
fn serve(stream: TcpStream, content: &Content, connection: &Mutex<Option<TcpStream>>, out: &AtomicBool) {
    let kept = stream
        .set_nonblocking(false)
        .and_then(|()| stream.set_nodelay(true))
        .and_then(|()| stream.try_clone());
    let Ok(kept) = kept else { return };
    *connection.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    // taken out before there was a connection to cut
    if out.load(Ordering::SeqCst) {
        return;
    }
    let _ = converse(stream, content);
}

/// The protocol: two bytes of length, then one control byte or an APDU.
fn converse(mut stream: TcpStream, content: &Content) -> io::Result<()> {
    const GET_ATR: [u8; 1] = [4];
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut message = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut message)?;
        let answer = match (content, &message[..]) {
            (Content::Cps(chip), [0..=2]) => {
                chip.lock().unwrap_or_else(PoisonError::into_inner).reset();
                continue;
            }
            (Content::Mute(_), [0..=2]) => continue,
            (Content::Cps(_), m) if m == GET_ATR => CPS3.to_vec(),
            (Content::Mute(atr), m) if m == GET_ATR => atr.to_vec(),
            (Content::Cps(chip), m) => chip.lock().unwrap_or_else(PoisonError::into_inner).transmit(m),
            (Content::Mute(_), _) => vec![0x6D, 0x00],
        };
        let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
        stream.write_all(&[&length.to_be_bytes()[..], &answer].concat())?;
    }
}

impl Drop for Inserted {
    fn drop(&mut self) {
        self.out.store(true, Ordering::SeqCst);
        if let Some(stream) = self.connection.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
