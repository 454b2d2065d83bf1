//! An IMAP server with folders in memory and faults on command, and an SMTP server that answers by a plan.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use estafette::domain::account::{Endpoint, Security};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::authority::server;

#[derive(Clone, Default)]
pub(crate) struct Folder {
    pub(crate) validity: u32,
    /// UID, content, flags.
    pub(crate) messages: Vec<(u32, String, String)>,
    /// HIGHESTMODSEQ; `None` without CONDSTORE.
    pub(crate) modseq: Option<u64>,
    /// SELECT is refused.
    pub(crate) closed: bool,
    /// APPEND is refused.
    pub(crate) full: bool,
    /// APPEND is answered without the new number (no UIDPLUS).
    pub(crate) tells_no_uid: bool,
    /// The line is cut after APPEND, before its answer.
    pub(crate) cuts_append: bool,
    /// A body whose fetching ends the connection.
    pub(crate) poison: Option<u32>,
    last_uid: u32,
    /// Messages that are announced and not there.
    pub(crate) ghosts: usize,
    /// SELECT answers READ-ONLY.
    pub(crate) read_only: bool,
    /// What MYRIGHTS answers.
    pub(crate) rights: Option<&'static str>,
    /// PERMANENTFLAGS; nothing is said when empty.
    pub(crate) permanent: &'static str,
    /// MAILBOXID.
    pub(crate) id: Option<&'static str>,
    /// Listed with \Noselect.
    pub(crate) node: bool,
}

impl Folder {
    /// Numbers are given once.
    fn next_uid(&mut self) -> u32 {
        let highest = self.messages.iter().map(|m| m.0).max().unwrap_or(0);
        self.last_uid = self.last_uid.max(highest) + 1;
        self.last_uid
    }
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) folders: HashMap<String, Folder>,
    /// Every command line, without its tag.
    pub(crate) commands: Vec<String>,
    /// A command that starts so is never answered.
    pub(crate) stalls: Option<&'static str>,
    /// After a command that starts so the connection is closed.
    pub(crate) drops_after: Option<&'static str>,
    /// The next command closes the connection.
    pub(crate) hangs_up: bool,
    /// No login succeeds.
    pub(crate) refuses_login: bool,
    /// Connections at this moment, and the most there were.
    pub(crate) open: (u32, u32),
    /// Clients that left while they waited for that answer.
    pub(crate) left: u32,
    /// Capabilities told at login in place of the usual ones.
    pub(crate) capabilities: Option<&'static str>,
    /// A command that starts so is carried out, and the line breaks before the answer; once.
    pub(crate) cuts: Option<&'static str>,
    /// The answer to NAMESPACE.
    pub(crate) namespace: &'static str,
}

#[derive(Clone, Default)]
pub(crate) struct Mailbox(Arc<Mutex<State>>);

impl Mailbox {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn folder<T>(&self, name: &str, work: impl FnOnce(&mut Folder) -> T) -> T {
        let mut state = self.state();
        let folder = state.folders.entry(name.to_owned()).or_default();
        folder.validity = folder.validity.max(1);
        work(folder)
    }

    pub(crate) fn add(&self, folder: &str, uid: u32, subject: &str) {
        let message = letter(subject);
        self.folder(folder, |f| f.messages.push((uid, message, String::new())));
    }

    /// How often a command that starts so came in.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.state().commands.iter().filter(|c| c.starts_with(start)).count()
    }

    pub(crate) async fn serve(&self) -> Endpoint {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mailbox = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mailbox = mailbox.clone();
                tokio::spawn(async move {
                    mailbox.count_open(true);
                    let _ = mailbox.clone().client(stream).await;
                    mailbox.count_open(false);
                });
            }
        });
        Endpoint { host: "127.0.0.1".into(), port, security: Security::Tls }
    }

    fn count_open(&self, one_more: bool) {
        let mut state = self.state();
        let now = if one_more { state.open.0 + 1 } else { state.open.0 - 1 };
        state.open = (now, state.open.1.max(now));
    }

    async fn client(self, stream: TcpStream) -> Option<()> {
        let mut io = BufReader::new(TlsAcceptor::from(server()).accept(stream).await.ok()?);
        say(&mut io, "* OK ready\r\n").await?;
        let mut selected = String::new();
        loop {
            let line = line(&mut io).await?;
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            self.state().commands.push(command.to_owned());
            let stalls = self.state().stalls;
            if stalls.is_some_and(|start| command.starts_with(start)) {
                let _ = self::line(&mut io).await;
                self.state().left += 1;
                return None;
            }
            let drops = self.state().drops_after.is_some_and(|start| command.starts_with(start));
            if drops {
                return None;
            }
            if command.starts_with("AUTHENTICATE") {
                say(&mut io, "+ \r\n").await?;
                self::line(&mut io).await?;
                let refuses = self.state().refuses_login;
                if refuses {
                    say(&mut io, &format!("{tag} NO [AUTHENTICATIONFAILED] non\r\n")).await?;
                    return None;
                }
                let usual = "IMAP4rev1 UIDPLUS MOVE CONDSTORE";
                let capabilities = self.state().capabilities.unwrap_or(usual);
                say(&mut io, &format!("{tag} OK [CAPABILITY {capabilities}] in\r\n")).await?;
            } else if self.state().hangs_up && !command.starts_with("CAPABILITY") {
                return None;
            } else if let Some(rest) = command.strip_prefix("APPEND ") {
                say(&mut io, "+ go\r\n").await?;
                let size = rest[rest.rfind('{')? + 1..].trim_end_matches(['}', '+']).parse().ok()?;
                let mut content = vec![0; size];
                io.read_exact(&mut content).await.ok()?;
                self::line(&mut io).await?;
                let flags = rest.split(['(', ')']).nth(1).unwrap_or_default();
                let answer =
                    self.append(quoted(rest), flags, String::from_utf8_lossy(&content).into_owned())?;
                say(&mut io, &format!("{tag} {answer}\r\n")).await?;
            } else {
                let answer = self.answer(command, &mut selected)?;
                if self.state().cuts.take_if(|start| command.starts_with(*start)).is_some() {
                    return None;
                }
                say(&mut io, &answer.replace("TAG", tag)).await?;
            }
        }
    }

    fn append(&self, name: &str, flags: &str, content: String) -> Option<String> {
        self.folder(name, |folder| {
            if folder.full {
                return Some("NO [OVERQUOTA] boîte pleine".into());
            }
            let uid = folder.next_uid();
            folder.messages.push((uid, content, flags.into()));
            match (folder.cuts_append, folder.tells_no_uid) {
                (true, _) => None,
                (false, true) => Some("OK done".into()),
                (false, false) => Some(format!("OK [APPENDUID {} {uid}] done", folder.validity)),
            }
        })
    }

    /// `None` ends the connection.
    fn answer(&self, command: &str, selected: &mut String) -> Option<String> {
        let mut state = self.state();
        let mut out = String::new();
        if command.starts_with("CAPABILITY") {
            out.push_str("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n");
        } else if command == "LIST \"\" \"\"" {
            out.push_str("* LIST (\\Noselect) \"/\" \"\"\r\n");
        } else if command.starts_with("LIST") {
            let pattern = command.split('"').nth(3).unwrap_or_default();
            let fits = |name: &str| match pattern.strip_suffix('*') {
                // shared folders are listed on their own only
                Some("") => !name.starts_with('#'),
                Some(prefix) => name.starts_with(prefix),
                None => name == pattern,
            };
            for (n, f) in state.folders.iter().filter(|(n, _)| fits(n)) {
                let node = if f.node { "\\Noselect" } else { "" };
                out.push_str(&format!("* LIST ({node}) \"/\" \"{n}\"\r\n"));
                if command.contains("STATUS") && !f.node {
                    out.push_str(&status(n, f));
                }
            }
        } else if command.starts_with("NAMESPACE") {
            out.push_str(&format!("* NAMESPACE {}\r\n", state.namespace));
        } else if command.starts_with("MYRIGHTS") {
            let rights = state.folders.get(quoted(command)).and_then(|f| f.rights).unwrap_or("lrswipkxtea");
            out.push_str(&format!("* MYRIGHTS \"{}\" {rights}\r\n", quoted(command)));
        } else if command.starts_with("STATUS") {
            let Some(folder) = state.folders.get(quoted(command)).filter(|f| !f.node) else {
                return Some("TAG NO [NONEXISTENT] unknown\r\n".into());
            };
            out.push_str(&status(quoted(command), folder));
        } else if ["CREATE ", "RENAME ", "DELETE "].iter().any(|c| command.starts_with(c)) {
            if let Some(refused) = change_folder(&mut state, command) {
                return Some(format!("TAG NO {refused}\r\n"));
            }
        } else if command.starts_with("SELECT") {
            *selected = quoted(command).to_owned();
            let Some(folder) = state.folders.get(selected.as_str()).filter(|f| !f.closed && !f.node) else {
                return Some("TAG NO interdit\r\n".into());
            };
            out.push_str(&format!("* {} EXISTS\r\n", folder.messages.len() + folder.ghosts));
            out.push_str(&format!("* OK [UIDVALIDITY {}] .\r\n", folder.validity));
            folder.modseq.iter().for_each(|n| out.push_str(&format!("* OK [HIGHESTMODSEQ {n}] .\r\n")));
            if !folder.permanent.is_empty() {
                out.push_str(&format!("* OK [PERMANENTFLAGS ({})] .\r\n", folder.permanent));
            }
            if folder.read_only {
                return Some(out + "TAG OK [READ-ONLY] done\r\n");
            }
        } else if command.starts_with("UID ") {
            let transfers = command.starts_with("UID MOVE") || command.starts_with("UID COPY");
            if transfers && state.folders.get(quoted(command)).is_none_or(|f| f.node) {
                return Some("TAG NO [TRYCREATE] unknown\r\n".into());
            }
            uid_command(&mut state, command, selected, &mut out)?;
        } else if let Some(fetch) = command.strip_prefix("FETCH ") {
            // by number: the same by UID
            let (set, items) = fetch.split_once(' ')?;
            let (first, last) = set.split_once(':').unwrap_or((set, set));
            let numbers = first.parse::<usize>().ok()?..=last.parse().ok()?;
            let messages = state.folders.get(selected.as_str())?.messages.iter().enumerate();
            let chosen = messages.filter(|(n, _)| numbers.contains(&(n + 1)));
            let uids: Vec<String> = chosen.map(|(_, m)| m.0.to_string()).collect();
            if !uids.is_empty() {
                let command = format!("UID FETCH {} {items}", uids.join(","));
                uid_command(&mut state, &command, selected, &mut out)?;
            }
        } else if command.starts_with("LOGOUT") {
            out.push_str("* BYE\r\n");
        }
        Some(out + "TAG OK done\r\n")
    }
}

fn uid_command(state: &mut State, command: &str, selected: &str, out: &mut String) -> Option<()> {
    let words: Vec<&str> = command.split(' ').collect();
    let folder = state.folders.get_mut(selected)?;
    let chosen = |uid: u32| contains(words[2], uid);
    match words[1] {
        "FETCH" if command.contains("CHANGEDSINCE") => {}
        "FETCH" => {
            for (n, (uid, content, flags)) in folder.messages.iter().enumerate().filter(|(_, m)| chosen(m.0))
            {
                let n = n + 1;
                if command.contains("BODY.PEEK[]") {
                    if folder.poison == Some(*uid) {
                        return None;
                    }
                    out.push_str(&format!(
                        "* {n} FETCH (UID {uid} BODY[] {{{}}}\r\n{content})\r\n",
                        content.len()
                    ));
                } else if command.contains("HEADER") {
                    let head = &content[..content.find("\r\n\r\n")? + 4];
                    out.push_str(&format!(
                        "* {n} FETCH (UID {uid} FLAGS ({flags}) RFC822.SIZE {} BODY[HEADER]<0> {{{}}}\r\n{head})\r\n",
                        content.len(),
                        head.len()
                    ));
                } else {
                    out.push_str(&format!("* {n} FETCH (UID {uid} FLAGS ({flags}))\r\n"));
                }
            }
        }
        "SEARCH" => {
            let wanted = command.contains("Message-ID").then(|| command.rsplit('"').nth(1)).flatten();
            let live = command.contains("UNDELETED");
            let after = words.iter().position(|w| *w == "UID").filter(|at| *at > 1).map(|at| words[at + 1]);
            let found = folder
                .messages
                .iter()
                .filter(|m| wanted.is_none_or(|id| m.1.contains(id)))
                .filter(|m| !(live && m.2.contains("\\Deleted")))
                .filter(|m| after.is_none_or(|set| contains(set, m.0)));
            let uids: Vec<String> = found.map(|m| m.0.to_string()).collect();
            out.push_str(&format!("* SEARCH {}\r\n", uids.join(" ")));
        }
        "STORE" => {
            let flag = command.rsplit('(').next()?.trim_end_matches(')');
            folder.messages.iter_mut().filter(|m| chosen(m.0)).for_each(|m| m.2 = flag.into());
        }
        "EXPUNGE" => folder.messages.retain(|m| !chosen(m.0)),
        "MOVE" => {
            let moved: Vec<_> = folder.messages.iter().filter(|m| chosen(m.0)).cloned().collect();
            folder.messages.retain(|m| !chosen(m.0));
            let target = state.folders.get_mut(quoted(command))?;
            target.messages.extend(moved.into_iter().map(|m| (m.0 + 1000, m.1, m.2)));
        }
        "COPY" => {
            let copied: Vec<_> = folder.messages.iter().filter(|m| chosen(m.0)).cloned().collect();
            let target = state.folders.get_mut(quoted(command))?;
            let next = target.messages.iter().map(|m| m.0).max().unwrap_or(0) + 1;
            target.messages.extend((next..).zip(copied).map(|(uid, m)| (uid, m.1, m.2)));
        }
        _ => {}
    }
    Some(())
}

fn status(name: &str, folder: &Folder) -> String {
    let next = folder.messages.iter().map(|m| m.0).max().unwrap_or(0) + 1;
    let id = folder.id.map(|id| format!(" MAILBOXID ({id})")).unwrap_or_default();
    let (count, validity) = (folder.messages.len(), folder.validity);
    format!("* STATUS \"{name}\" (MESSAGES {count} UIDNEXT {next} UIDVALIDITY {validity}{id})\r\n")
}

/// CREATE, RENAME or DELETE; answers why it is refused.
fn change_folder(state: &mut State, command: &str) -> Option<&'static str> {
    let name = quoted(command).to_owned();
    if command.starts_with("CREATE ") {
        if state.folders.contains_key(&name) {
            return Some("there is one");
        }
        if name.starts_with("Interdit") {
            return Some("[NOPERM] interdit");
        }
        state.folders.insert(name, Folder { validity: 1, ..Folder::default() });
        return None;
    }
    let Some(folder) = state.folders.remove(&name) else { return Some("there is none") };
    if command.starts_with("RENAME ") {
        let to = command.split('"').nth(3).unwrap_or_default();
        state.folders.insert(to.to_owned(), folder);
    }
    None
}

/// A message with this subject.
pub(crate) fn letter(subject: &str) -> String {
    format!(
        "From: Paul <paul@test.example>\r\nTo: anne@test.example\r\nMessage-ID: <{subject}@test.example>\r\n\
         Subject: {subject}\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\n\r\nbody of {subject}\r\n"
    )
}

fn contains(set: &str, uid: u32) -> bool {
    set.split(',').any(|part| {
        let (from, to) = part.split_once(':').unwrap_or((part, part));
        let number = |s: &str| if s == "*" { u32::MAX } else { s.parse().unwrap() };
        (number(from)..=number(to)).contains(&uid)
    })
}

fn quoted(command: &str) -> &str {
    command.split('"').nth(1).unwrap_or_default()
}

async fn line(io: &mut BufReader<TlsStream<TcpStream>>) -> Option<String> {
    let mut line = String::new();
    if io.read_line(&mut line).await.ok()? == 0 {
        return None;
    }
    Some(line.trim_end().to_owned())
}

async fn say(io: &mut BufReader<TlsStream<TcpStream>>, text: &str) -> Option<()> {
    io.write_all(text.as_bytes()).await.ok()?;
    io.flush().await.ok()
}

/// Where a submission stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Greeting,
    Hello,
    Login,
    From,
    Recipient,
    Data,
    /// Half of the message came.
    Text,
    /// The final dot came.
    Dot,
}

/// What becomes of a submission there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// The line is cut.
    Cut,
    /// No answer comes any more.
    Silence,
}

/// A submission server: what it answers to the login, to each recipient and to the message.
#[derive(Clone, Default)]
pub(crate) struct Plan {
    /// Empty: no answer ever.
    pub(crate) login: Option<&'static str>,
    pub(crate) recipient: Option<&'static str>,
    /// Answer to the final dot; an empty one cuts the line.
    pub(crate) message: Option<&'static str>,
    /// Stops there, once.
    pub(crate) stops: Option<(Step, End)>,
    /// SIZE announced.
    pub(crate) size: Option<u64>,
}

#[derive(Clone, Default)]
pub(crate) struct Post {
    pub(crate) plan: Arc<Mutex<Plan>>,
    pub(crate) connections: Arc<Mutex<u32>>,
    /// Messages taken, or cut off after the final dot.
    pub(crate) taken: Arc<Mutex<Vec<String>>>,
    /// A submission was stopped.
    pub(crate) stopped: Arc<tokio::sync::Notify>,
}

impl Post {
    pub(crate) fn plan(&self, plan: Plan) {
        *self.plan.lock().unwrap() = plan;
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.lock().unwrap().len()
    }

    pub(crate) async fn serve(&self) -> Endpoint {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let post = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *post.connections.lock().unwrap() += 1;
                let post = post.clone();
                tokio::spawn(async move { post.client(stream).await });
            }
        });
        Endpoint { host: "127.0.0.1".into(), port, security: Security::Tls }
    }

    /// `None` when the plan stops here.
    async fn go_on(&self, plan: &Plan, step: Step) -> Option<()> {
        let Some((_, end)) = plan.stops.filter(|(at, _)| *at == step) else { return Some(()) };
        self.stopped.notify_one();
        if matches!(end, End::Silence) {
            std::future::pending::<()>().await;
        }
        None
    }

    async fn client(self, stream: TcpStream) -> Option<()> {
        let mut io = BufReader::new(TlsAcceptor::from(server()).accept(stream).await.ok()?);
        let plan = self.plan.lock().unwrap().clone();
        self.go_on(&plan, Step::Greeting).await?;
        say(&mut io, "220 host\r\n").await?;
        loop {
            let line = line(&mut io).await?;
            let size = plan.size.map(|size| format!("250-SIZE {size}\r\n")).unwrap_or_default();
            let hello = format!("250-host\r\n{size}250 AUTH PLAIN");
            let word = line.split([' ', ':']).next().unwrap_or_default().to_owned();
            let step = match word.as_str() {
                "EHLO" => Some(Step::Hello),
                "AUTH" => Some(Step::Login),
                "MAIL" => Some(Step::From),
                "RCPT" => Some(Step::Recipient),
                "DATA" => Some(Step::Data),
                _ => None,
            };
            if let Some(step) = step {
                self.go_on(&plan, step).await?;
            }
            let answer = match word.as_str() {
                "EHLO" => hello.as_str(),
                "AUTH" if plan.login == Some("") => {
                    // says nothing more
                    self::line(&mut io).await?;
                    return None;
                }
                "AUTH" => plan.login.unwrap_or("235 in"),
                "RCPT" => plan.recipient.unwrap_or("250 ok"),
                "DATA" => {
                    say(&mut io, "354 go\r\n").await?;
                    let mut message = String::new();
                    loop {
                        let line = self::line(&mut io).await?;
                        self.go_on(&plan, Step::Text).await?;
                        if line == "." {
                            break;
                        }
                        message.push_str(&line);
                        message.push_str("\r\n");
                    }
                    let answer = plan.message.unwrap_or("250 taken");
                    let is_cut = plan.stops.is_some_and(|(at, _)| at == Step::Dot);
                    if is_cut || answer.is_empty() || answer.starts_with('2') {
                        self.taken.lock().unwrap().push(message);
                    }
                    self.go_on(&plan, Step::Dot).await?;
                    if answer.is_empty() {
                        return None;
                    }
                    answer
                }
                _ => "250 ok",
            };
            say(&mut io, &format!("{answer}\r\n")).await?;
        }
    }
}
