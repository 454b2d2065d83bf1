//! A TCP gate in front of a server: open, closed as if the server were stopped, or swallowing the server's words from
//! some byte on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The gate; its port stays the same while it is opened and closed.
pub struct Gate {
    pub port: u16,
    target: u16,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    closing: AtomicBool,
    swallow_after: AtomicUsize,
    swallowed: AtomicUsize,
    connections: Mutex<Vec<TcpStream>>,
}

impl Gate {
    /// An open gate in front of a loopback port.
    pub fn before(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut gate = Self { port, target, shared: Arc::default(), accepting: None };
        gate.accept(listener);
        gate
    }

    /// Cuts what is connected; from now on connections are refused.
    pub fn close(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        if let Some(thread) = self.accepting.take() {
            thread.join().unwrap();
        }
        for stream in self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Takes connections again.
    pub fn open(&mut self) {
        self.shared.closing.store(false, Ordering::SeqCst);
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        self.accept(listener);
    }

    /// On connections on which the client has said more than `bytes`, the server's words are swallowed. 0: never.
    pub fn swallow_after(&self, bytes: usize) {
        self.shared.swallow_after.store(bytes, Ordering::SeqCst);
    }

    /// Bytes of the server that were swallowed so far.
    pub fn swallowed(&self) -> usize {
        self.shared.swallowed.load(Ordering::SeqCst)
    }

    fn accept(&mut self, listener: TcpListener) {
        listener.set_nonblocking(true).unwrap();
        let (shared, target) = (Arc::clone(&self.shared), self.target);
        self.accepting = Some(std::thread::spawn(move || {
            while !shared.closing.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((client, _)) => join(&shared, client, target),
                    Err(_) => std::thread::sleep(Duration::from_millis(5)),
                }
            }
        }));
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.close();
    }
}

fn join(shared: &Arc<Shared>, client: TcpStream, target: u16) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { return };
    client.set_nonblocking(false).unwrap();
    let said = Arc::new(AtomicUsize::new(0));
    let copies = [client.try_clone().unwrap(), server.try_clone().unwrap()];
    shared.connections.lock().unwrap_or_else(PoisonError::into_inner).extend(copies);
    let (from, to, counter) = (client.try_clone().unwrap(), server.try_clone().unwrap(), Arc::clone(&said));
    std::thread::spawn(move || {
        copy(from, to, |bytes| {
            counter.fetch_add(bytes, Ordering::SeqCst);
            true
        });
    });
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        copy(server, client, |bytes| {
            let limit = shared.swallow_after.load(Ordering::SeqCst);
            let pass = limit == 0 || said.load(Ordering::SeqCst) <= limit;
            if !pass {
                shared.swallowed.fetch_add(bytes, Ordering::SeqCst);
            }
            pass
        });
    });
}

/// Copies until either side ends; what `pass` does not want is dropped.
fn copy(mut from: TcpStream, mut to: TcpStream, mut pass: impl FnMut(usize) -> bool) {
    let mut buffer = vec![0; 32 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if pass(count) && to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
