//! Many messages at full speed: the next commands are on their way while the answers to the first come in, so that the
//! line is never idle for a round trip.

use std::collections::HashSet;

use super::{Session, UNREADABLE, has_body, header};
use crate::domain::id::Uid;
use crate::imap::connection::{Answer, Flight, finish};
use crate::imap::guard::Response;
use crate::imap::read::{self, Fetched, Line};
use crate::imap::uid_set::sets;
use crate::imap::{Error, FetchedHeader, Result};

/// Commands whose answer may be due at the same time.
const DEPTH: usize = 4;

/// Where bodies go as they come.
pub trait Bodies: Send {
    /// Messages to ask for next, as one command; `None` ends the stream when all that was asked for has come.
    fn next(&mut self) -> Option<Vec<Uid>>;

    /// Takes one message. Nothing is read before this is done: a server that is faster than we are waits.
    fn take(&mut self, uid: Uid, raw: Vec<u8>) -> impl Future<Output = ()> + Send;
}

/// Where headers go as they come.
pub trait Headers: Send {
    /// Takes some headers. Nothing is read before this is done.
    fn take(&mut self, headers: Vec<FetchedHeader>) -> impl Future<Output = ()> + Send;
}

impl Session {
    /// Whole messages of the selected folder. Marks nothing as read. Messages gone meanwhile are left out, one that was
    /// not asked for is not taken, and none is taken twice. A message above [`crate::imap::Limits::literal`] ends the
    /// session.
    ///
    /// # Errors
    /// As [`Session::folders`]; what was handed over before the error is complete. A refused command does not keep the
    /// others from being answered, but no further one is sent.
    pub async fn stream_bodies(&mut self, bodies: &mut impl Bodies) -> Result<()> {
        let (mut flight, mut refused) = (Flight::default(), None);
        let mut asked: HashSet<Uid> = HashSet::new();
        let mut waiting: Vec<String> = Vec::new();
        let limit = self.connection.limits.transfer;
        loop {
            while refused.is_none() && flight.len() < DEPTH {
                if waiting.is_empty() {
                    let Some(uids) = bodies.next() else { break };
                    waiting = sets(&uids);
                    asked.extend(uids);
                }
                let Some(set) = waiting.pop() else { continue };
                let command = format!("UID FETCH {set} (UID BODY.PEEK[])");
                flight.push(self.connection.send("UID FETCH", &command, limit).await?);
            }
            if flight.len() == 0 {
                return refused.map_or(Ok(()), Err);
            }
            match self.connection.answer_any(&mut flight).await? {
                Answer::Data(response) => {
                    let Some(f) = self.content(response)? else { continue };
                    if let (Some(uid), Some(body)) = (f.uid.filter(|uid| asked.remove(uid)), f.body) {
                        bodies.take(uid, body).await;
                    }
                }
                Answer::Continue(_) => return self.connection.fail(UNEXPECTED),
                Answer::Done(status) => keep_first(&mut refused, finish("UID FETCH", status)),
            }
        }
    }

    /// Headers of the selected folder by number, from `exists` down to 1: the newest first. To be called right after
    /// the selection, while no other command can have let the server renumber.
    ///
    /// # Errors
    /// As [`Session::folders`]; what was handed over before the error is complete.
    pub async fn stream_headers(&mut self, exists: u32, headers: &mut impl Headers) -> Result<()> {
        let items = self.header_items();
        let limit = self.connection.limits.transfer;
        let (mut flight, mut refused) = (Flight::default(), None);
        let (mut last, mut step) = (exists, FIRST_STEP);
        let mut seen: HashSet<Uid> = HashSet::new();
        // commands that ended since the last data
        let mut silent = 0;
        let mut found = Vec::new();
        loop {
            while last > 0 && refused.is_none() && flight.len() < DEPTH {
                let first = last.saturating_sub(step - 1).max(1);
                let command = format!("FETCH {first}:{last} ({items})");
                flight.push(self.connection.send("FETCH", &command, limit).await?);
                (last, step) = (first - 1, STEP);
            }
            if flight.len() == 0 {
                return refused.map_or(Ok(()), Err);
            }
            match self.connection.answer_any(&mut flight).await? {
                Answer::Data(response) => {
                    let Some(f) = self.content(response)? else { continue };
                    silent = 0;
                    let uid = f.uid.filter(|uid| seen.insert(*uid));
                    found.extend(uid.and_then(|uid| header(uid, f)));
                }
                Answer::Continue(_) => return self.connection.fail(UNEXPECTED),
                Answer::Done(status) => {
                    keep_first(&mut refused, finish("FETCH", status));
                    // servers answer commands in parallel, so that one may end without data of its own; when more end so
                    // than are on their way, messages were counted that are not there: how many is anybody's guess
                    silent += 1;
                    if silent > DEPTH {
                        last = 0;
                    }
                    // newest first here too: the server answers each range upwards
                    found.sort_unstable_by_key(|f: &FetchedHeader| std::cmp::Reverse(f.uid));
                    headers.take(std::mem::take(&mut found)).await;
                }
            }
        }
    }
}

impl Session {
    /// What a FETCH with content says; anything else is news, which is kept.
    fn content(&mut self, mut response: Response) -> Result<Option<Fetched>> {
        let is_fetch = matches!(read::line(&response.text), Line::Numbered(_, word) if word == "FETCH");
        if !is_fetch || !has_body(&response) {
            return self.connection.keep(response).map(|()| None);
        }
        match read::fetch(&mut response) {
            Some(f) => Ok(Some(f)),
            None => self.connection.fail(UNREADABLE),
        }
    }
}

/// Headers asked for in the first command, which fill a screen, and in each of the others.
const FIRST_STEP: u32 = 100;
const STEP: u32 = 500;

const UNEXPECTED: Error = Error::Protocol { what: "unexpected continuation" };

fn keep_first<T>(refused: &mut Option<Error>, result: Result<T>) {
    if let Err(error) = result {
        refused.get_or_insert(error);
    }
}
