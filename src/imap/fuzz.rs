//! Whole sessions against mutated transcripts of real servers, split at random bytes: whatever comes, every method
//! answers or refuses by a typed error, keeps no more than its bounds and does not panic.
//!
//! `ESTAFETTE_FUZZ_ROUNDS` sets the number of rounds, `ESTAFETTE_FUZZ_SEED` where they start.

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::{Connection, capabilities};
use super::read::{PIECES, Random};
use super::{ChangedFolders, Limits, RemoteName, Session, UidRange, Unsolicited};
use crate::domain::id::Uid;
use crate::domain::message::{Flag, Flags};

/// What real servers (Dovecot, Cyrus, Courier, Exchange) answer, `TAG` in place of the tag; those for a command each
/// and those that come unasked.
const TRANSCRIPTS: &[&[u8]] = &[
    b"* LIST (\\HasNoChildren \\UnMarked \\Sent) \"/\" \"Envoy&AOk-s\"\r\n\
      * STATUS \"Envoy&AOk-s\" (MESSAGES 3 UNSEEN 0 UIDNEXT 12 UIDVALIDITY 1795637849 HIGHESTMODSEQ 77)\r\n\
      * LIST (\\HasChildren) \".\" {5}\r\nINBOX (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n* LIST (\\NoSelect) NIL Public\r\n\
      TAG OK List completed (0.001 + 0.000 secs).\r\n",
    b"* OK [CLOSED] Previous mailbox closed.\r\n* FLAGS (\\Answered \\Seen $MDNSent)\r\n\
      * OK [PERMANENTFLAGS (\\Answered \\*)] Flags permitted.\r\n* 23 EXISTS\r\n* 0 RECENT\r\n\
      * OK [UNSEEN 4] First unseen.\r\n* OK [UIDVALIDITY 1795637849] UIDs valid\r\n* OK [UIDNEXT 30] Next\r\n\
      * OK [HIGHESTMODSEQ 115] Highest\r\nTAG OK [READ-WRITE] Select completed.\r\n",
    b"* 1 FETCH (UID 3 FLAGS (\\Seen $Forwarded NonJunk) MODSEQ (12))\r\n* VANISHED (EARLIER) 1:2,5,9:11\r\n\
      * 2 FETCH (FLAGS () UID 4)\r\nTAG OK Fetch completed.\r\n",
    b"* 1 FETCH (UID 3 FLAGS (\\Seen) INTERNALDATE \" 1-Jul-2026 02:44:25 +0200\" RFC822.SIZE 5000 MODSEQ (9) \
      BODY[HEADER]<0> {24}\r\nSubject: a\r\nFrom: b@c\r\n\r\n)\r\n\
      * 3 EXPUNGE\r\n* 2 FETCH (UID 4 INTERNALDATE NIL BODY[] {6}\r\nabc\r\n\r\n BODY[HEADER]<0> \"\")\r\n\
      * 9 FETCH (UID 5 BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 5 1) \"mixed\"))\r\n\
      TAG OK done\r\n",
    b"* SEARCH 2 84 882 (MODSEQ 917162500)\r\n* ESEARCH (TAG \"TAG\") UID ALL 1:3,7,10:9\r\nTAG OK done\r\n",
    b"* QUOTAROOT INBOX \"User quota\"\r\n* QUOTA \"User quota\" (STORAGE 10 512 MESSAGE 1 9)\r\nTAG OK done\r\n",
    b"* OK [COPYUID 1795637849 3:4,9 21:23] Moved UIDs.\r\n* VANISHED 3:4,9\r\n\
      TAG OK [APPENDUID 1795637849 24] [HIGHESTMODSEQ 78] done\r\n",
    b"+ idling\r\n* OK Still here\r\n* 24 EXISTS\r\n* STATUS {5}\r\n\xc3\x89t\xc3\xa9 (MESSAGES 1 UIDNEXT 2)\r\n\
      * 4 FETCH (FLAGS (\\Flagged))\r\nTAG OK Idle completed.\r\n",
    b"* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n* LIST (\\NoSelect) \"/\" \"\"\r\nTAG OK done\r\n",
    b"+ OK\r\nTAG NO [OVERQUOTA] Bo\xc3\xaete pleine\r\n",
    b"* BYE [UNAVAILABLE] idle too long\r\n",
    b"* NO [ALERT] maintenance ce soir\r\n* OK [NOTIFICATIONOVERFLOW] .\r\n* CAPABILITY IMAP4rev1 IDLE\r\nTAG BAD what\r\n",
];

const NUMBERS: &[&[u8]] = &[b"0", b"1", b"4294967295", b"4294967296", b"99999999999999999999", b"-1", b"1:*"];

fn mutated(random: &mut Random) -> Vec<u8> {
    let mut text = TRANSCRIPTS[random.below(TRANSCRIPTS.len())].to_vec();
    if random.below(3) == 0 {
        let other = TRANSCRIPTS[random.below(TRANSCRIPTS.len())];
        text.splice(0..0, other[..random.below(other.len())].iter().copied());
    }
    for _ in 0..random.below(5) {
        if text.is_empty() {
            break;
        }
        let at = random.below(text.len());
        let end = (at + 1 + random.below(12)).min(text.len());
        match random.below(7) {
            0 => text[at] = random.next() as u8,
            1 => drop(text.drain(at..end)),
            2 => {
                let copy = text[at..end].repeat(1 + random.below(40));
                text.splice(at..at, copy);
            }
            3 => drop(text.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
            4 => text.truncate(at.max(1)),
            5 => {
                let number = text[at..].iter().position(u8::is_ascii_digit).map(|n| at + n);
                let Some(start) = number else { continue };
                let digits = text[start..].iter().take_while(|b| b.is_ascii_digit()).count();
                text.splice(start..start + digits, NUMBERS[random.below(NUMBERS.len())].iter().copied());
            }
            _ => drop(text.splice(at..end, std::iter::empty())),
        }
    }
    text
}

/// Says one transcript after the other, in pieces, each with the tag of the command sent last; then the connection ends.
struct Script {
    random: Random,
    ready: VecDeque<Vec<u8>>,
    said: Vec<u8>,
    written: Vec<u8>,
}

fn with_tag(text: &[u8], tag: &[u8]) -> Vec<u8> {
    let mut said = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(3).position(|w| w == b"TAG") {
        said.extend_from_slice(&rest[..at]);
        said.extend_from_slice(tag);
        rest = &rest[at + 3..];
    }
    said.extend_from_slice(rest);
    said
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.said.is_empty()
            && let Some(ready) = self.ready.pop_front()
        {
            let last = self.written.split(|b| *b == b'\n').rfind(|line| line.starts_with(b"A"));
            let tag = last.unwrap_or_default().split(|b| *b == b' ').next().unwrap_or_default();
            let said = with_tag(&ready, tag);
            self.said = said;
        }
        let most = self.said.len().min(buf.remaining());
        let n = if most == 0 { 0 } else { 1 + self.random.below(most) };
        buf.put_slice(&self.said[..n]);
        self.said.drain(..n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    handshake: Duration::from_secs(5),
    silence: Duration::from_secs(5),
    command: Duration::from_secs(5),
    transfer: Duration::from_secs(5),
    poll: Duration::from_secs(5),
    line: 2000,
    literal: 4000,
    responses: 60,
    text: 8000,
    folders: 20,
    depth: 12,
    unsolicited: 10,
    slow_line: 0,
};

async fn session(random: &mut Random) -> Option<Session> {
    let ready = (0..6).map(|_| mutated(random)).collect();
    let script = Script { random: Random(random.next() | 1), ready, said: Vec::new(), written: Vec::new() };
    let mut connection = Connection::new(Box::new(script), LIMITS).await.ok()?;
    connection.capabilities = capabilities(
        b"IDLE MOVE UIDPLUS ESEARCH LIST-STATUS SPECIAL-USE LIST-EXTENDED QUOTA NOTIFY NAMESPACE",
    );
    Some(Session::over(connection))
}

/// True when the method answered.
async fn call(session: &mut Session, which: usize) -> bool {
    let (uids, inbox) = ([Uid(3), Uid(4), Uid(5)], RemoteName::from_bytes(b"INBOX".to_vec()));
    let answered = match which {
        0 => session.folders().await.is_ok_and(|folders| {
            assert!(folders.len() <= LIMITS.folders + 1);
            true
        }),
        1 => session.select(&inbox).await.is_ok(),
        2 => session.flags(UidRange::ALL, Some(3)).await.is_ok_and(|flags| {
            assert!(flags.len() <= LIMITS.responses && flags.iter().all(|f| f.uid.0 > 0));
            true
        }),
        3 => session.headers(&uids).await.is_ok_and(|headers| {
            assert!(headers.len() <= uids.len() && headers.iter().all(|h| uids.contains(&h.uid)));
            true
        }),
        4 => {
            let mut seen = Vec::new();
            let fetched = session.bodies(&uids, |uid, _| seen.push(uid)).await;
            assert!(seen.len() <= uids.len() && seen.iter().all(|uid| uids.contains(uid)));
            fetched.is_ok()
        }
        5 => session.all_uids().await.is_ok_and(|found| {
            assert!(found.len() <= LIMITS.responses && found.is_sorted() && found.iter().all(|u| u.0 > 0));
            true
        }),
        6 => session.quota().await.is_ok(),
        7 => session.move_to(&uids, &inbox).await.is_ok(),
        8 => session.idle(Duration::ZERO, pending()).await.is_ok(),
        9 => session.create("Labo/Été").await.is_ok(),
        10 => session.append(&inbox, &Flags::default(), None, &[b'x'; 5000]).await.is_ok(),
        11 => session.status(&inbox).await.is_ok(),
        12 => session.notify(&[RemoteName::from_bytes(b"&AMk-t&AOk-".to_vec())]).await.is_ok(),
        13 => session.changes(UidRange::ALL, 5).await.is_ok(),
        _ => session.store(&uids, Flag::Seen, true).await.is_ok(),
    };
    let kept = session.take_unsolicited();
    assert!(kept.len() <= LIMITS.unsolicited || kept == [Unsolicited::Overflow]);
    if let ChangedFolders::These(names) = session.take_changed_folders() {
        assert!(names.len() <= LIMITS.unsolicited);
    }
    answered
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn mutated_transcripts_never_panic_and_nothing_unbounded_is_kept() {
    let rounds = number("ESTAFETTE_FUZZ_ROUNDS").unwrap_or(1_000);
    let seed = number("ESTAFETTE_FUZZ_SEED").unwrap_or(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut answered = [0_u64; 15];
    runtime.block_on(async {
        for round in 0..rounds {
            // each round on its own can be run again
            let mut random = Random((seed + round).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
            random.next();
            let Some(mut session) = session(&mut random).await else { continue };
            for _ in 0..4 {
                let which = random.below(answered.len());
                answered[which] += u64::from(call(&mut session, which).await);
            }
        }
    });
    // or the transcripts would not get to what is to be tried
    let reached = answered.iter().filter(|count| **count > 0).count();
    assert!(reached + 2 > answered.len() && answered.iter().sum::<u64>() > rounds / 4, "{answered:?}");
}
