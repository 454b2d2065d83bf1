//! A TCP gate in front of a server: open, closed as if the server were stopped, swallowing the server's words from
//! some byte on, or with one fault of the line at a chosen byte.
#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{self, Read, Write};
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

/// What happens to a line at some byte of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Both directions end.
    Cut,
    /// What follows in this direction is lost; the connection stays.
    Stall,
    /// What follows arrives byte by byte.
    Split,
    /// What follows arrives late, piece by piece.
    Delay,
}

/// One fault of one connection.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// In the server's words, else in the client's.
    pub of_server: bool,
    /// Bytes of this direction that still arrive as they should.
    pub after: usize,
    pub damage: Damage,
}

#[derive(Default)]
struct Shared {
    closing: AtomicBool,
    swallow_after: AtomicUsize,
    swallowed: AtomicUsize,
    joined: AtomicUsize,
    frozen: AtomicUsize,
    connections: Mutex<Vec<TcpStream>>,
    fault: Mutex<Option<Fault>>,
    struck: AtomicUsize,
    passed: [AtomicUsize; 2],
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

    /// From now on nothing passes on the connections there are, and nobody is told: as when the network was left.
    pub fn freeze(&self) {
        self.shared.frozen.store(self.shared.joined.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// Bytes that were swallowed so far.
    pub fn swallowed(&self) -> usize {
        self.shared.swallowed.load(Ordering::SeqCst)
    }

    /// The next connection gets this fault; `None` takes back one that waits for its connection.
    pub fn prepare(&self, fault: Option<Fault>) {
        *self.shared.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// Faults that came to their byte so far.
    pub fn struck(&self) -> usize {
        self.shared.struck.load(Ordering::SeqCst)
    }

    /// Bytes the clients, and the server, have said so far over all connections.
    pub fn passed(&self) -> [usize; 2] {
        [0, 1].map(|side: usize| self.shared.passed[side].load(Ordering::SeqCst))
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
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let fault = shared.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
    let said = Arc::new(AtomicUsize::new(0));
    let number = shared.joined.fetch_add(1, Ordering::SeqCst);
    let copies = [client.try_clone().unwrap(), server.try_clone().unwrap()];
    shared.connections.lock().unwrap_or_else(PoisonError::into_inner).extend(copies);
    let (from, to, counter) = (client.try_clone().unwrap(), server.try_clone().unwrap(), Arc::clone(&said));
    let mut line =
        Line { shared: Arc::clone(shared), fault: fault.filter(|f| !f.of_server), passed: 0, number };
    std::thread::spawn(move || {
        copy(from, to, |to, bytes| {
            counter.fetch_add(bytes.len(), Ordering::SeqCst);
            line.shared.passed[0].fetch_add(bytes.len(), Ordering::SeqCst);
            line.carry(to, bytes)
        });
    });
    let mut line =
        Line { shared: Arc::clone(shared), fault: fault.filter(|f| f.of_server), passed: 0, number };
    std::thread::spawn(move || {
        copy(server, client, |to, bytes| {
            line.shared.passed[1].fetch_add(bytes.len(), Ordering::SeqCst);
            let limit = line.shared.swallow_after.load(Ordering::SeqCst);
            if limit == 0 || said.load(Ordering::SeqCst) <= limit {
                return line.carry(to, bytes);
            }
            line.shared.swallowed.fetch_add(bytes.len(), Ordering::SeqCst);
            Ok(())
        });
    });
}

/// One direction of one connection, with its fault if it has one.
struct Line {
    shared: Arc<Shared>,
    fault: Option<Fault>,
    passed: usize,
    /// Which connection of the gate it is.
    number: usize,
}

impl Line {
    fn carry(&mut self, to: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
        if self.number < self.shared.frozen.load(Ordering::SeqCst) {
            self.shared.swallowed.fetch_add(bytes.len(), Ordering::SeqCst);
            return Ok(());
        }
        let Some(Fault { after, damage, .. }) = self.fault else { return to.write_all(bytes) };
        let (whole, rest) = bytes.split_at(bytes.len().min(after.saturating_sub(self.passed)));
        if self.passed <= after && self.passed + bytes.len() > after {
            self.shared.struck.fetch_add(1, Ordering::SeqCst);
        }
        self.passed += bytes.len();
        to.write_all(whole)?;
        match damage {
            _ if rest.is_empty() => Ok(()),
            Damage::Cut => Err(io::ErrorKind::ConnectionReset.into()),
            Damage::Stall => Ok(()),
            Damage::Split => rest.chunks(1).try_for_each(|byte| to.write_all(byte)),
            Damage::Delay => rest.chunks(4096).try_for_each(|piece| {
                std::thread::sleep(Duration::from_millis(40));
                to.write_all(piece)
            }),
        }
    }
}

/// Copies until either side ends or `carry` fails.
fn copy(
    mut from: TcpStream,
    mut to: TcpStream,
    mut carry: impl FnMut(&mut TcpStream, &[u8]) -> io::Result<()>,
) {
    let mut buffer = vec![0; 32 * 1024];
    let mut whole = true;
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if carry(&mut to, &buffer[..count]).is_err() {
            whole = false;
            break;
        }
    }
    let _ = to.shutdown(if whole { Shutdown::Write } else { Shutdown::Both });
    let _ = from.shutdown(if whole { Shutdown::Read } else { Shutdown::Both });
}
