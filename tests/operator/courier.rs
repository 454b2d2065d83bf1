//! Courier IMAP: a third server, without modification sequences, MOVE or special uses, whose folders all lie under
//! `INBOX.`.
//!
//! Courier's own login looks for its passwords in the system's folders, so the door is ours: TLS and PLAIN here, then
//! a server process for the connection.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::aside::Aside;
use crate::decoy;
use crate::igc::Igc;
use crate::persona::{Login, MAILBOXES};
use crate::process::Owner;

const CAPABILITIES: &str =
    "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE";

struct Courier {
    aside: Aside,
    home: PathBuf,
    uid: u32,
    gid: u32,
}

/// Makes empty mailboxes for the password accounts and serves them on a free loopback port, which is returned.
pub fn start(dir: &Path, igc: &Igc, owner: &Owner) -> Result<u16> {
    let home = dir.join("courier");
    let courier =
        Arc::new(Courier { aside: Aside::install("courier", &home)?, home, uid: owner.uid, gid: owner.gid });
    for mailbox in MAILBOXES.iter().filter(|m| matches!(m.login, Login::Password(_))) {
        courier.make(mailbox.address)?;
    }
    let tls = TlsAcceptor::from(decoy::server_config(&igc.path(""), "server")?);
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(Arc::clone(&courier), tls.clone(), stream));
            }
        });
    });
    Ok(port)
}

async fn serve(courier: Arc<Courier>, tls: TlsAcceptor, stream: TcpStream) -> Result<()> {
    let mut stream = BufStream::new(stream);
    say(&mut stream, "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Courier-IMAP ready").await?;
    if greet(&mut stream, "IMAP4rev1 STARTTLS LOGINDISABLED").await?.is_some_and(|(_, user)| user.is_empty())
    {
        let mut stream = BufStream::new(tls.accept(stream.into_inner()).await?);
        let before = format!("{CAPABILITIES} AUTH=PLAIN");
        if let Some((tag, user)) = greet(&mut stream, &before).await? {
            courier.session(stream, &tag, &user).await?;
        }
    }
    Ok(())
}

/// Talks until the client leaves (`None`), TLS has to begin (no user) or somebody is logged in: the last tag and who.
async fn greet<S>(stream: &mut BufStream<S>, capabilities: &str) -> Result<Option<(String, String)>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let plain = capabilities.contains("STARTTLS");
    loop {
        let Some(line) = read_line(stream).await? else { return Ok(None) };
        let words: Vec<&str> = line.split_whitespace().collect();
        let tag = *words.first().unwrap_or(&"*");
        match words.get(1).map(|w| w.to_ascii_uppercase()).as_deref() {
            Some("CAPABILITY") => say(stream, &format!("* CAPABILITY {capabilities}")).await?,
            Some("NOOP") => {}
            Some("STARTTLS") if plain => {
                say(stream, &format!("{tag} OK Begin SSL/TLS negotiation now.")).await?;
                return Ok(Some((tag.to_owned(), String::new())));
            }
            Some("AUTHENTICATE") if !plain => {
                let secret = match words.get(3) {
                    Some(initial) => (*initial).to_owned(),
                    None => {
                        say(stream, "+ ").await?;
                        read_line(stream).await?.unwrap_or_default()
                    }
                };
                if let Some(user) = user(&secret) {
                    return Ok(Some((tag.to_owned(), user)));
                }
                say(stream, &format!("{tag} NO Login failed.")).await?;
                continue;
            }
            Some("LOGOUT") => {
                say(stream, &format!("* BYE Courier-IMAP server shutting down\r\n{tag} OK LOGOUT completed"))
                    .await?;
                return Ok(None);
            }
            _ => {
                say(stream, &format!("{tag} NO Error in IMAP command received by server.")).await?;
                continue;
            }
        }
        say(stream, &format!("{tag} OK completed")).await?;
    }
}

/// Whose name and password these are.
fn user(secret: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(secret.trim()).ok()?).ok()?;
    let mut parts = decoded.split('\0').skip(1);
    let (name, given) = (parts.next()?, parts.next()?);
    let known = |m: &&crate::persona::Mailbox| {
        m.address == name && matches!(m.login, Login::Password(password) if password == given)
    };
    MAILBOXES.iter().find(known).map(|m| m.address.to_owned())
}

async fn read_line<S: AsyncBufRead + Unpin>(stream: &mut S) -> Result<Option<String>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    Ok(Some(line.trim_end().to_owned()))
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, line: &str) -> Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    Ok(stream.flush().await?)
}

impl Courier {
    fn make(&self, address: &str) -> Result<()> {
        let home = self.home.join("mail").join(address);
        fs::create_dir_all(&home)?;
        let made = self.aside.command("usr/bin/maildirmake.courier").arg(home.join("Maildir")).status()?;
        if !made.success() {
            bail!("maildirmake failed for {address}");
        }
        let owner = format!("{}:{}", self.uid, self.gid);
        std::process::Command::new("chown").args(["-R", &owner]).arg(&home).status().context("chown")?;
        Ok(())
    }

    /// The server process of one connection; it believes that the login was checked.
    async fn session<S>(&self, mut stream: BufStream<S>, tag: &str, user: &str) -> Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let home = self.home.join("mail").join(user);
        let mut command = tokio::process::Command::from(self.aside.command("usr/bin/imapd"));
        command.arg("Maildir").current_dir(&home).uid(self.uid).gid(self.gid).kill_on_drop(true);
        let settings = [
            ("AUTHENTICATED", user),
            ("IMAP_CAPABILITY", CAPABILITIES),
            ("IMAP_KEYWORDS", "1"),
            ("IMAP_ACL", "1"),
            ("IMAP_USELOCKS", "1"),
            ("IMAP_IDLE_TIMEOUT", "1"),
            ("IMAP_MAILBOX_SANITY_CHECK", "1"),
        ];
        command.env("HOME", &home).envs(settings);
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (input, output) =
            (process.stdin.take().context("no input")?, process.stdout.take().context("no output")?);
        let mut server = tokio::io::join(tokio::io::BufReader::new(output), input);
        // its greeting says that we are in, which the client has asked for
        while !read_line(&mut server).await?.context("imapd ended")?.starts_with("* PREAUTH") {}
        say(&mut stream, &format!("{tag} OK LOGIN Ok.")).await?;
        tokio::io::copy_bidirectional(&mut stream, &mut server).await?;
        Ok(())
    }
}
