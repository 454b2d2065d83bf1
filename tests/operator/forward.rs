//! A TCP forwarder that can hold every byte back for a fixed time each way.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Starts a forwarder on a free loopback port, which is returned, in front of `target`; `delay` is added each way.
pub fn start(target: SocketAddr, delay: Duration) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if let Ok(server) = TcpStream::connect(target) {
                let _ = join(&client, &server, delay).and_then(|()| join(&server, &client, delay));
            }
        }
    });
    Ok(port)
}

/// One direction: bytes copied at once, or a reader that stamps what comes and a writer that waits for the stamp's time.
fn join(from: &TcpStream, to: &TcpStream, delay: Duration) -> io::Result<()> {
    to.set_nodelay(true)?;
    let (reader, writer) = (from.try_clone()?, to.try_clone()?);
    if delay.is_zero() {
        std::thread::spawn(move || copy(reader, writer));
        return Ok(());
    }
    let (sender, receiver) = channel();
    std::thread::spawn(move || read(reader, &sender, delay));
    std::thread::spawn(move || write(writer, &receiver));
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

fn read(mut from: TcpStream, to: &Sender<(Instant, Vec<u8>)>, delay: Duration) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.send((Instant::now() + delay, buffer[..count].to_vec())).is_err() {
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
    let _ = to.shutdown(Shutdown::Write);
}
