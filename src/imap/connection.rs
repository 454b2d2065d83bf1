//! Commands and their answers over the guarded stream.

mod compress;

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use async_imap::imap_proto::{self, RequestId};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout, timeout_at};

use super::guard::{Bounds, Guard, Response, Transport};
use super::read::{self, Code, Line, Outcome, StatusLine};
use super::unsolicited::Pending;
use super::{Capabilities, Error, Limits, Result, UidRange, Unsolicited};

type Stream = Guard<Box<dyn Transport>>;

/// Tagged OK of a command.
pub(super) struct Done {
    pub(super) code: Option<Code>,
}

/// What came next for a running command.
pub(super) enum Answer {
    /// Data, or an untagged status, with its kind.
    Data(Response),
    /// The server waits for more of the command; its words, of use for logins only.
    Continue(String),
    /// The command is over.
    Done(StatusLine),
}

/// A command that was sent.
pub(super) struct Running {
    name: &'static str,
    tag: RequestId,
    deadline: Instant,
    responses: usize,
    /// Bytes of these, literals not counted.
    text: usize,
}

impl Running {
    /// From now on the answer has to come within `limit`.
    pub(super) fn hurry(&mut self, limit: Duration) {
        self.deadline = self.deadline.min(Instant::now() + limit);
    }
}

/// Commands that run at the same time, in the order they were sent.
#[derive(Default)]
pub(super) struct Flight(VecDeque<Running>);

impl Flight {
    /// Adds the command sent last.
    pub(super) fn push(&mut self, running: Running) {
        self.0.push_back(running);
    }

    /// Commands whose answer is still due.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A connection on which commands are run.
pub(super) struct Connection {
    client: async_imap::Session<Stream>,
    pub(super) limits: Limits,
    pub(super) capabilities: Capabilities,
    pub(super) pending: Pending,
    /// Own address and the server's.
    pub(super) ends: Option<(SocketAddr, SocketAddr)>,
    /// An exchange was cut: what comes next on the line belongs to nobody.
    broken: bool,
    /// Commands whose answer is still due, those of a future that was dropped half-way included.
    in_flight: usize,
}

impl Connection {
    pub(super) async fn new(transport: Box<dyn Transport>, limits: Limits) -> Result<Self> {
        Ok(Self {
            client: adopt(Guard::new(transport, Bounds::from(&limits), limits.slow_line)).await?,
            pending: Pending::new(limits.unsolicited),
            limits,
            capabilities: Capabilities::default(),
            ends: None,
            broken: false,
            in_flight: 0,
        })
    }

    /// Runs a command whose only news is its outcome.
    pub(super) async fn run(&mut self, name: &'static str, command: &str) -> Result<Done> {
        self.run_with(name, command, self.limits.command, |_, _| Ok(false)).await
    }

    /// Runs a command; `take` is shown every response first and answers whether it was its own.
    pub(super) async fn run_with(
        &mut self,
        name: &'static str,
        command: &str,
        limit: Duration,
        mut take: impl FnMut(&Line, &mut Response) -> Result<bool>,
    ) -> Result<Done> {
        let mut running = self.start(name, command, limit).await?;
        loop {
            match self.answer(&mut running).await? {
                Answer::Data(response) => self.dispatch(response, &mut take)?,
                Answer::Continue(_) => return self.fail(Error::Protocol { what: "unexpected continuation" }),
                Answer::Done(status) => return finish(name, status),
            }
        }
    }

    /// Sends a command when no other is running.
    pub(super) async fn start(
        &mut self,
        name: &'static str,
        command: &str,
        limit: Duration,
    ) -> Result<Running> {
        if self.in_flight > 0 {
            return Err(Error::Closed);
        }
        self.send(name, command, limit).await
    }

    /// Sends a command behind those that are running.
    pub(super) async fn send(
        &mut self,
        name: &'static str,
        command: &str,
        limit: Duration,
    ) -> Result<Running> {
        if self.broken {
            return Err(Error::Closed);
        }
        // also when this future is dropped half-way
        self.broken = true;
        self.in_flight += 1;
        let deadline = Instant::now() + limit;
        let tag = match timeout_at(deadline, self.client.run_command(command)).await {
            Err(_) => return Err(Error::Timeout),
            Ok(Err(_)) => return Err(self.why_closed().await),
            Ok(Ok(tag)) => tag,
        };
        self.broken = false;
        Ok(Running { name, tag, deadline, responses: 0, text: 0 })
    }

    /// The next thing that concerns a running command. Cancel-safe.
    pub(super) async fn answer(&mut self, running: &mut Running) -> Result<Answer> {
        let silence = self.limits.silence;
        let next = timeout_at(running.deadline, self.client.get_mut().next(Some(silence)));
        let response = match next.await.map_err(|_| Error::Timeout).and_then(|r| r) {
            Ok(response) => response,
            Err(error) => return self.fail(error),
        };
        self.judge(running, response).await
    }

    /// The next thing that concerns one of the running commands; one that is over leaves the flight. A server may end
    /// them in another order than they were sent (RFC 3501 §5.5).
    pub(super) async fn answer_any(&mut self, flight: &mut Flight) -> Result<Answer> {
        let Some(first) = flight.0.front() else { return self.fail(Error::Closed) };
        let silence = self.limits.silence;
        let next = timeout_at(first.deadline, self.client.get_mut().next(Some(silence)));
        let response = match next.await.map_err(|_| Error::Timeout).and_then(|r| r) {
            Ok(response) => response,
            Err(error) => return self.fail(error),
        };
        let whose = match read::line(&response.text) {
            Line::Tagged(tag) => flight.0.iter().position(|running| running.tag.0 == tag),
            _ => None,
        };
        let at = whose.unwrap_or(0);
        let Some(running) = flight.0.get_mut(at) else { return self.fail(Error::Closed) };
        let answer = self.judge(running, response).await?;
        if matches!(answer, Answer::Done(_)) {
            flight.0.remove(at);
        }
        Ok(answer)
    }

    /// As [`Connection::answer`] without any deadline: for IDLE.
    pub(super) async fn answer_whenever(&mut self, running: &mut Running) -> Result<Answer> {
        match self.client.get_mut().next(None).await {
            Ok(response) => self.judge(running, response).await,
            Err(error) => self.fail(error),
        }
    }

    async fn judge(&mut self, running: &mut Running, response: Response) -> Result<Answer> {
        running.responses += 1;
        if running.responses > self.limits.responses {
            return self.fail(Error::TooLarge { what: "responses to one command" });
        }
        running.text += response.text.len();
        if running.text > self.limits.text {
            return self.fail(Error::TooLarge { what: "answer to one command" });
        }
        match read::line(&response.text) {
            Line::Continue => {
                let words = response.text.get(1..).unwrap_or_default().trim_ascii();
                Ok(Answer::Continue(String::from_utf8_lossy(words).into_owned()))
            }
            Line::Tagged(tag) if tag == running.tag.0 => match read::status_line(&response.text) {
                Some(status) if self.confirm(&running.tag, status.outcome).await => {
                    self.in_flight = self.in_flight.saturating_sub(1);
                    Ok(Answer::Done(status))
                }
                _ => self.fail(Error::Protocol { what: "unreadable answer to a command" }),
            },
            Line::Tagged(_) => self.fail(Error::Protocol { what: "answer to no command" }),
            Line::Status => match read::status_line(&response.text) {
                Some(status) if status.outcome == Outcome::Bye && running.name != "LOGOUT" => {
                    self.fail(Error::Bye { reason: status.text })
                }
                _ => Ok(Answer::Data(response)),
            },
            _ => Ok(Answer::Data(response)),
        }
    }

    /// Lets async-imap see the end of its command, reduced to what its parser cannot stumble over.
    async fn confirm(&mut self, tag: &RequestId, outcome: Outcome) -> bool {
        let word = match outcome {
            Outcome::Ok => "OK",
            Outcome::No => "NO",
            Outcome::Bad => "BAD",
            Outcome::Bye | Outcome::PreAuth => return false,
        };
        self.client.get_mut().hand_over(format!("{} {word} done\r\n", tag.0).as_bytes());
        let Ok(Some(data)) = self.client.read_response().await else { return false };
        matches!(data.parsed(), imap_proto::Response::Done { tag: t, .. } if t == tag)
    }

    /// Keeps what a response says that no command asked for.
    pub(super) fn keep(&mut self, response: Response) -> Result<()> {
        self.dispatch(response, &mut |_, _| Ok(false))
    }

    /// Gives a response to its taker, else keeps what it says.
    fn dispatch(
        &mut self,
        mut response: Response,
        take: &mut impl FnMut(&Line, &mut Response) -> Result<bool>,
    ) -> Result<()> {
        let line = read::line(&response.text);
        match take(&line, &mut response) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(error) => return self.fail(error),
        }
        match &line {
            Line::Numbered(n, word) if word == "EXISTS" => self.pending.push(Unsolicited::Exists(*n)),
            Line::Numbered(n, word) if word == "EXPUNGE" => self.pending.push(Unsolicited::Expunged(*n)),
            Line::Numbered(_, word) if word == "FETCH" => {
                let Some(f) = read::fetch(&mut response) else {
                    return self.fail(Error::Protocol { what: "unreadable FETCH" });
                };
                if let Some(flags) = f.flags {
                    let (seq, uid, modseq) = (f.seq, f.uid, f.modseq);
                    self.pending.push(Unsolicited::Flags { seq, uid, flags, modseq });
                }
            }
            Line::Data(word) if word == "VANISHED" => match vanished(&response.text) {
                Some((_, ranges)) => self.pending.push(Unsolicited::Vanished(ranges)),
                None => return self.fail(Error::Protocol { what: "unreadable VANISHED" }),
            },
            Line::Data(word) if word == "CAPABILITY" => {
                self.capabilities = capabilities(&response.text);
            }
            // told by NOTIFY (RFC 5465); one that cannot be read names no folder
            Line::Data(word) if word == "STATUS" => {
                if let Some(counted) = read::status(&mut response) {
                    self.pending.push_folder(counted.name);
                }
            }
            Line::Status => {
                if let Some(StatusLine { code: Some(code), text, .. }) = read::status_line(&response.text) {
                    match code.name.as_str() {
                        "ALERT" => self.pending.push(Unsolicited::Alert(text)),
                        "NOTIFICATIONOVERFLOW" => self.pending.overflow_folders(),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes the rest of a command (a literal, a SASL response) after which an answer is due.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let silence = self.limits.silence;
        let written = async {
            let stream = self.client.get_mut();
            for piece in bytes.chunks(32 << 10) {
                within(silence, stream.write_all(piece)).await?;
            }
            within(silence, stream.flush()).await
        };
        match timeout(self.limits.transfer, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Error::Timeout)) | Err(_) => self.fail(Error::Timeout),
            Ok(Err(_)) => Err(self.why_closed().await),
        }
    }

    /// The greeting of a connection that is encrypted from the start; true when it says we are logged in already.
    pub(super) async fn greeting(&mut self) -> Result<bool> {
        let (limit, silence) = (self.limits.command, self.limits.silence);
        let next = timeout(limit, self.client.get_mut().next(Some(silence)));
        let response = next.await.map_err(|_| Error::Timeout).and_then(|r| r)?;
        let greeting = read::status_line(&response.text)
            .filter(|_| read::line(&response.text) == Line::Status)
            .ok_or(Error::Protocol { what: "no greeting" })?;
        match greeting.outcome {
            Outcome::Ok => Ok(false),
            Outcome::PreAuth => Ok(true),
            Outcome::Bye => Err(Error::Bye { reason: greeting.text }),
            Outcome::No | Outcome::Bad => Err(Error::Protocol { what: "no greeting" }),
        }
    }

    /// After a failed write: the server's last words say more than the broken pipe.
    async fn why_closed(&mut self) -> Error {
        self.broken = true;
        for _ in 0..100 {
            match timeout(Duration::from_secs(1), self.client.get_mut().next(None)).await {
                Ok(Ok(response)) => match read::status_line(&response.text) {
                    Some(status) if status.outcome == Outcome::Bye => {
                        return Error::Bye { reason: status.text };
                    }
                    _ => {}
                },
                Ok(Err(error)) => return error,
                Err(_) => break,
            }
        }
        Error::Closed
    }

    /// Counts the bytes that came in.
    pub(super) fn received(&mut self) -> Arc<AtomicU64> {
        self.client.get_mut().received()
    }

    pub(super) fn fail<T>(&mut self, error: Error) -> Result<T> {
        self.broken = true;
        Err(error)
    }
}

/// async-imap lets a program send commands of its own only after a login made by itself, and that login would pass
/// the secret through its log. So it is shown a login that never leaves this machine; the real one is ours.
async fn adopt(mut guard: Stream) -> Result<async_imap::Session<Stream>> {
    guard.hand_over(b"A0001 OK done\r\n");
    guard.mute(true);
    let login = async_imap::Client::new(guard).login("-", "-").await;
    let mut session = login.map_err(|_| Error::Protocol { what: "no session" })?;
    session.get_mut().mute(false);
    Ok(session)
}

async fn within(limit: Duration, work: impl Future<Output = std::io::Result<()>>) -> Result<()> {
    Ok(timeout(limit, work).await.map_err(|_| Error::Timeout)??)
}

/// NO and BAD become errors; a refusal that only says "some of these are gone" is none (RFC 5530, EXPUNGEISSUED).
pub(super) fn finish(command: &'static str, status: StatusLine) -> Result<Done> {
    let gone = status.code.as_ref().is_some_and(|c| c.name == "EXPUNGEISSUED");
    match status.outcome {
        Outcome::Ok => Ok(Done { code: status.code }),
        Outcome::No if gone => Ok(Done { code: None }),
        _ => Err(Error::Refused { command, code: status.code.map(|c| c.name), reason: status.text }),
    }
}

/// `* VANISHED (EARLIER) 1:5,7`: whether it tells of the past, and what is gone.
pub(super) fn vanished(text: &[u8]) -> Option<(bool, Vec<UidRange>)> {
    let mut cursor = read::Cursor::over(text);
    cursor.atom()?;
    cursor.atom()?;
    cursor.blanks();
    let earlier = cursor.peek() == Some(b'(');
    if earlier {
        cursor.skip_value()?;
    }
    Some((earlier, UidRange::parse_set(cursor.atom()?)?))
}

/// Words of `* CAPABILITY …` or of the code `[CAPABILITY …]`, as many as a sane server has.
pub(super) fn capabilities(words: &[u8]) -> Capabilities {
    String::from_utf8_lossy(words)
        .split_ascii_whitespace()
        .filter(|w| *w != "*" && !w.eq_ignore_ascii_case("CAPABILITY") && w.len() <= 100)
        .take(500)
        .collect()
}
