//! A line in front of a server that carries a fixed number of bytes a second each way.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use estafette::domain::account::Endpoint;

pub(crate) struct Narrow {
    port: u16,
    passed: Arc<AtomicUsize>,
}

impl Narrow {
    /// In front of a loopback port; ends with the test.
    pub(crate) fn before(target: u16, rate: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, passed) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&passed);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(("127.0.0.1", target)).unwrap();
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let counter = Arc::clone(&counter);
                    std::thread::spawn(move || carry(from, to, rate, &counter));
                }
            }
        });
        Self { port, passed }
    }

    pub(crate) fn endpoint(&self, server: &Endpoint) -> Endpoint {
        Endpoint { port: self.port, ..server.clone() }
    }

    /// Bytes carried so far, both ways.
    pub(crate) fn passed(&self) -> usize {
        self.passed.load(Ordering::SeqCst)
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, rate: u32, counter: &AtomicUsize) {
    let _ = to.set_nodelay(true);
    let mut buffer = [0; 8 << 10];
    let mut free_at = Instant::now();
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        counter.fetch_add(count, Ordering::SeqCst);
        free_at = free_at.max(Instant::now()) + Duration::from_secs(count as u64) / rate;
        std::thread::sleep(free_at.saturating_duration_since(Instant::now()));
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
