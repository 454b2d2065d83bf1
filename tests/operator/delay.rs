//! A TCP proxy that holds every byte back for a fixed time each way.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Added each way.
pub const DELAY: Duration = Duration::from_millis(20);

/// Starts the proxy on a free loopback port, which is returned, in front of `target`.
pub fn start(target: u16) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if let Ok(server) = TcpStream::connect(("127.0.0.1", target)) {
                let _ = join(&client, &server).and_then(|()| join(&server, &client));
            }
        }
    });
    Ok(port)
}

/// One direction: a reader that stamps what comes and a writer that waits for the stamp's time.
fn join(from: &TcpStream, to: &TcpStream) -> io::Result<()> {
    to.set_nodelay(true)?;
    let (reader, writer) = (from.try_clone()?, to.try_clone()?);
    let (sender, receiver) = channel();
    std::thread::spawn(move || read(reader, &sender));
    std::thread::spawn(move || write(writer, &receiver));
    Ok(())
}

fn read(mut from: TcpStream, to: &Sender<(Instant, Vec<u8>)>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.send((Instant::now() + DELAY, buffer[..count].to_vec())).is_err() {
            break;
        }
    }
}

fn write(mut to: TcpStream, from: &Receiver<(Instant, Vec<u8>)>) {
    for (due, bytes) in from {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
