//! Waiting for changes.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Session;
use crate::imap::Result;
use crate::imap::connection::{Answer, Running, finish};

/// How a wait for changes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idled {
    /// Something changed: see [`Session::take_unsolicited`].
    Changed,
    /// The caller's wake came; something may have changed too.
    Woken,
    /// The limit passed.
    TimedOut,
}

impl Session {
    /// Waits until the selected folder changes, `wake` is ready or `limit` passes (keep it under 29 minutes, RFC 2177).
    /// Changes nobody has taken yet end the wait at once. Without IDLE it asks with NOOP from time to time.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn idle(&mut self, limit: Duration, wake: impl Future<Output = ()>) -> Result<Idled> {
        self.idle_with(limit, async {
            wake.await;
            None
        })
        .await
    }

    /// As [`Session::idle`]; a wake that gives a time says that the connection may be dead: the server has to answer
    /// within that time.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn idle_with(
        &mut self,
        limit: Duration,
        wake: impl Future<Output = Option<Duration>>,
    ) -> Result<Idled> {
        let mut wake = pin!(wake);
        let deadline = Instant::now() + limit;
        if self.connection.pending.has_change() {
            return Ok(Idled::Changed);
        }
        if !self.has("IDLE") {
            return self.poll(deadline, wake).await;
        }
        // the whole wait is one command; each answer due in it has the deadline for silence
        let most = limit.saturating_add(self.connection.limits.command);
        let mut running = self.connection.start("IDLE", "IDLE", most).await?;
        if !self.idling(&mut running).await? {
            return self.poll(deadline, wake).await;
        }
        let idled = loop {
            tokio::select! {
                biased;
                answer = self.connection.answer_whenever(&mut running) => match answer? {
                    Answer::Data(response) => self.connection.keep(response)?,
                    Answer::Continue(_) => {}
                    Answer::Done(_) => break Idled::TimedOut,
                },
                patience = &mut wake => {
                    running.hurry(patience.unwrap_or(self.connection.limits.command));
                    break self.done(&mut running, Idled::Woken).await?;
                }
                () = sleep_until(deadline) => break self.done(&mut running, Idled::TimedOut).await?,
            }
            if self.connection.pending.has_change() {
                break self.done(&mut running, Idled::Changed).await?;
            }
        };
        // a wake is told even when something changed meanwhile: nobody wakes twice for the same
        let is_news = idled == Idled::TimedOut && self.connection.pending.has_change();
        Ok(if is_news { Idled::Changed } else { idled })
    }

    /// Waits for the server to say it idles; false when it refuses.
    async fn idling(&mut self, running: &mut Running) -> Result<bool> {
        loop {
            match self.connection.answer(running).await? {
                Answer::Continue(_) => return Ok(true),
                Answer::Data(response) => self.connection.keep(response)?,
                Answer::Done(_) => return Ok(false),
            }
        }
    }

    async fn done(&mut self, running: &mut Running, idled: Idled) -> Result<Idled> {
        running.hurry(self.connection.limits.command);
        self.connection.write(b"DONE\r\n").await?;
        loop {
            match self.connection.answer(running).await? {
                Answer::Continue(_) => {}
                Answer::Data(response) => self.connection.keep(response)?,
                Answer::Done(status) => return finish("IDLE", status).map(|_| idled),
            }
        }
    }

    async fn poll(
        &mut self,
        deadline: Instant,
        mut wake: Pin<&mut impl Future<Output = Option<Duration>>>,
    ) -> Result<Idled> {
        loop {
            self.noop().await?;
            if self.connection.pending.has_change() {
                return Ok(Idled::Changed);
            }
            if Instant::now() >= deadline {
                return Ok(Idled::TimedOut);
            }
            let next = Instant::now() + self.connection.limits.poll;
            tokio::select! {
                patience = &mut wake => {
                    if let Some(limit) = patience {
                        self.probe(limit).await?;
                    }
                    return Ok(Idled::Woken);
                }
                () = sleep_until(next.min(deadline)) => {}
            }
        }
    }
}
