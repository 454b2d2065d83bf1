//! Filing messages.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Session;
use super::folder::writable;
use crate::domain::UnixTime;
use crate::domain::id::{Uid, UidValidity};
use crate::domain::message::Flags;
use crate::imap::connection::{Answer, finish};
use crate::imap::read::{self, Code};
use crate::imap::{Error, RemoteName, Result};

/// Above this the server is asked first whether it takes the message, before megabytes travel in vain.
const UNASKED: usize = 4096;

impl Session {
    /// Files a message; answers where it went when the server says so (UIDPLUS).
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn append(
        &mut self,
        to: &RemoteName,
        flags: &Flags,
        date: Option<UnixTime>,
        message: &[u8],
    ) -> Result<Option<(UidValidity, Uid)>> {
        let unasked = message.len() <= UNASKED && (self.has("LITERAL+") || self.has("LITERAL-"));
        let command = format!(
            "APPEND {} ({}){} {{{}{}}}",
            writable("APPEND", to)?,
            flag_list(flags),
            date.and_then(date_time).map(|d| format!(" \"{d}\"")).unwrap_or_default(),
            message.len(),
            if unasked { "+" } else { "" },
        );
        let limit = self.connection.limits.transfer;
        let mut running = self.connection.start("APPEND", &command, limit).await?;
        let mut sent = unasked;
        if unasked {
            self.send_literal(message).await?;
        }
        loop {
            match self.connection.answer(&mut running).await? {
                Answer::Data(response) => self.connection.keep(response)?,
                Answer::Continue(_) if !sent => {
                    sent = true;
                    self.send_literal(message).await?;
                }
                Answer::Continue(_) => {
                    return self.connection.fail(Error::Protocol { what: "unexpected continuation" });
                }
                Answer::Done(status) => {
                    return Ok(finish("APPEND", status)?.code.and_then(|code| append_uid(&code)));
                }
            }
        }
    }

    async fn send_literal(&mut self, message: &[u8]) -> Result<()> {
        self.connection.write(message).await?;
        self.connection.write(b"\r\n").await
    }
}

fn append_uid(code: &Code) -> Option<(UidValidity, Uid)> {
    let mut cursor = read::Cursor::over(&code.arguments);
    (code.name == "APPENDUID").then_some(())?;
    Some((UidValidity(cursor.number()?), Uid(cursor.number()?)))
}

fn flag_list(flags: &Flags) -> String {
    let atom =
        |k: &&str| !k.is_empty() && k.bytes().all(|b| b.is_ascii_graphic() && !b"(){%*\"\\]".contains(&b));
    let system = [
        (flags.seen, "\\Seen"),
        (flags.answered, "\\Answered"),
        (flags.flagged, "\\Flagged"),
        (flags.deleted, "\\Deleted"),
        (flags.draft, "\\Draft"),
    ];
    let system = system.into_iter().filter(|(on, _)| *on).map(|(_, name)| name);
    system.chain(flags.keywords.iter().map(String::as_str).filter(atom)).collect::<Vec<_>>().join(" ")
}

/// ` 1-Jul-1996 02:44:25 +0000`
fn date_time(time: UnixTime) -> Option<String> {
    let time = Timestamp::from_second(time).ok()?.to_zoned(TimeZone::UTC);
    Some(time.strftime("%e-%b-%Y %H:%M:%S +0000").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_flags_are_written_as_servers_read_them() {
        assert_eq!(date_time(836_214_265).unwrap(), " 1-Jul-1996 09:44:25 +0000");
        let flags = Flags {
            seen: true,
            draft: true,
            keywords: vec!["$Forwarded".into(), "a b".into(), "x) \"".into()],
            ..Flags::default()
        };
        assert_eq!(flag_list(&flags), "\\Seen \\Draft $Forwarded");
        assert_eq!(flag_list(&Flags::default()), "");
    }
}
