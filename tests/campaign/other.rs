//! Another mail program: a small IMAP client that shares no code with the one under test.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{NO_PAD, STANDARD};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const NAMES: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// No server on the loopback takes longer, also when the machine is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// One logged-in connection.
pub struct Other {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
    tag: usize,
    /// Before every folder but the inbox.
    prefix: String,
    delimiter: String,
    capabilities: BTreeSet<String>,
}

/// A line of the server with its literals cut out.
#[derive(Debug, Default)]
pub struct Response {
    pub text: String,
    pub literals: Vec<Vec<u8>>,
}

/// A message as the server holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stored {
    pub uid: u32,
    /// Without `\Recent`.
    pub flags: BTreeSet<String>,
    pub raw: Vec<u8>,
}

impl Other {
    pub fn login(port: u16, ca: &Path, address: &str, password: &str) -> Self {
        let mut plain = BufReader::with_capacity(1, TcpStream::connect(("127.0.0.1", port)).unwrap());
        plain.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
        plain.get_ref().set_nodelay(true).unwrap();
        let mut line = String::new();
        plain.read_line(&mut line).unwrap();
        plain.get_mut().write_all(b"s STARTTLS\r\n").unwrap();
        while !line.starts_with("s ") {
            line.clear();
            assert!(plain.read_line(&mut line).unwrap() > 0, "no STARTTLS");
        }
        let client = ClientConnection::new(trusting(ca), "localhost".try_into().unwrap()).unwrap();
        let stream = BufReader::new(StreamOwned::new(client, plain.into_inner()));
        let mut other = Self {
            stream,
            tag: 0,
            prefix: String::new(),
            delimiter: "/".to_owned(),
            capabilities: BTreeSet::new(),
        };
        let secret = STANDARD.encode(format!("\0{address}\0{password}"));
        other.say("l AUTHENTICATE PLAIN\r\n");
        assert!(other.response().text.starts_with('+'));
        other.say(&format!("{secret}\r\n"));
        other.until("l").unwrap();
        other.look_around();
        other
    }

    fn look_around(&mut self) {
        for response in self.run("CAPABILITY") {
            if let Some(words) = response.text.strip_prefix("* CAPABILITY ") {
                self.capabilities = words.split_whitespace().map(str::to_owned).collect();
            }
        }
        let answers = self.run("NAMESPACE");
        let own = answers.iter().find_map(|r| r.text.strip_prefix("* NAMESPACE ((")).unwrap_or_default();
        let mut words = own.split('"').skip(1).step_by(2);
        self.prefix = words.next().unwrap_or_default().to_owned();
        self.delimiter = words.next().unwrap_or("/").to_owned();
    }

    pub fn can(&self, word: &str) -> bool {
        self.capabilities.contains(word)
    }

    /// Runs a command that must succeed; answers the untagged responses.
    pub fn run(&mut self, command: &str) -> Vec<Response> {
        self.attempt(command).unwrap_or_else(|refusal| panic!("{command}: {refusal}"))
    }

    /// Runs a command; an error is the server's refusal.
    pub fn attempt(&mut self, command: &str) -> Result<Vec<Response>, String> {
        self.tag += 1;
        let tag = format!("o{}", self.tag);
        self.say(&format!("{tag} {command}\r\n"));
        self.until(&tag)
    }

    fn say(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
        self.stream.get_mut().flush().unwrap();
    }

    fn until(&mut self, tag: &str) -> Result<Vec<Response>, String> {
        let mut responses = Vec::new();
        loop {
            let response = self.response();
            match response.text.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) {
                Some(status) if status.starts_with("OK") => return Ok(responses),
                Some(status) => return Err(status.to_owned()),
                None => responses.push(response),
            }
        }
    }

    fn response(&mut self) -> Response {
        let mut response = Response::default();
        loop {
            let mut line = Vec::new();
            assert!(self.stream.read_until(b'\n', &mut line).unwrap() > 0, "the server left");
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            response.text += &line;
            let size =
                line.strip_suffix('}').and_then(|l| l.rsplit_once('{')).and_then(|(_, n)| n.parse().ok());
            let Some(size) = size else { return response };
            let mut literal = vec![0; size];
            self.stream.read_exact(&mut literal).unwrap();
            response.literals.push(literal);
        }
    }

    /// The path of a folder of the user by its name, which some servers keep inside the inbox.
    pub fn own(&self, name: &str) -> String {
        if name == "INBOX" {
            return name.to_owned();
        }
        format!("{}{name}", self.prefix.replace(&self.delimiter, "/"))
    }

    /// A path as the server names it, quoted.
    pub fn name(&self, path: &str) -> String {
        let parts: Vec<String> = path.split('/').map(encode).collect();
        format!("\"{}\"", parts.join(&self.delimiter))
    }

    /// Paths of all folders that can be selected, sorted.
    pub fn folders(&mut self) -> Vec<String> {
        let answers = self.run("LIST \"\" \"*\"");
        let lines = answers.iter().filter(|r| r.text.starts_with("* LIST") && !r.text.contains("\\Noselect"));
        let mut paths: Vec<String> = lines.map(|line| self.path(&line.text)).collect();
        paths.sort();
        paths
    }

    /// The path of a LIST line.
    fn path(&self, line: &str) -> String {
        let name = match line.strip_suffix('"') {
            Some(quoted) => quoted.rsplit('"').next().unwrap(),
            None => line.rsplit(' ').next().unwrap(),
        };
        name.split(&self.delimiter).map(decode).collect::<Vec<_>>().join("/")
    }

    /// Makes a folder if it is not there.
    pub fn create(&mut self, path: &str) {
        if !self.folders().iter().any(|known| known == path) {
            let name = self.name(path);
            self.run(&format!("CREATE {name}"));
            self.run(&format!("SUBSCRIBE {name}"));
        }
    }

    pub fn append(&mut self, path: &str, raw: &str, flags: &str) {
        let name = self.name(path);
        self.say(&format!("a APPEND {name} ({flags}) {{{}}}\r\n", raw.len()));
        let go = self.response();
        assert!(go.text.starts_with('+'), "{go:?}");
        self.say(&format!("{raw}\r\n"));
        self.until("a").unwrap();
    }

    /// Puts a numbered message into a folder of the user; every fifth has no Message-ID, every third is too large for the
    /// database of the program, which keeps it in a file.
    pub fn deliver(&mut self, number: usize, folder: &str) {
        let mut text = "Compte rendu sans particularité.\r\n".repeat(1 + number * 7 % 50);
        if number.is_multiple_of(3) {
            let mut state = number as u32;
            let mut letter = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(b'0' + (state >> 24) as u8 % 75)
            };
            for _ in 0..500 {
                text.extend((0..70).map(|_| letter()));
                text.push_str("\r\n");
            }
        }
        let id =
            if number % 5 == 4 { String::new() } else { format!("Message-ID: <{number:05}@campagne>\r\n") };
        let raw = format!(
            "From: urgences@ch-vienne.mssante.example\r\nTo: resultats@bioval.mssante.example\r\n\
             Subject: Dossier {number:05}\r\n{id}Date: Mon, 2 Mar 2026 08:00:00 +0100\r\n\r\n{text}"
        );
        let path = self.own(folder);
        self.append(&path, &raw, "");
    }

    /// Puts a message into the inbox twice, as it comes to who is in To and in Cc.
    pub fn deliver_twice(&mut self, number: usize) {
        let raw = format!(
            "From: urgences@ch-vienne.mssante.example\r\nSubject: Double {number}\r\n\
             Message-ID: <d{number}@campagne>\r\n\r\nDouble\r\n"
        );
        self.append("INBOX", &raw, "");
        self.append("INBOX", &raw, "");
    }

    /// Selects a folder; answers its UIDVALIDITY.
    pub fn select(&mut self, path: &str) -> u32 {
        let name = self.name(path);
        let answers = self.run(&format!("SELECT {name}"));
        let validity = answers.iter().find_map(|r| r.text.split_once("[UIDVALIDITY ")).unwrap().1;
        validity.split(']').next().unwrap().parse().unwrap()
    }

    /// What a folder holds, by UID; leaves it selected.
    pub fn messages(&mut self, path: &str) -> Vec<Stored> {
        self.select(path);
        let answers = self.run("UID FETCH 1:* (UID FLAGS BODY.PEEK[])");
        let mut stored: Vec<Stored> =
            answers.into_iter().filter(|r| !r.literals.is_empty()).map(stored).collect();
        stored.sort();
        stored
    }

    /// Message-IDs of a folder, without their brackets, and how often each is there.
    pub fn message_ids(&mut self, path: &str) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        self.select(path);
        for response in self.run("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])") {
            let header = response.literals.first().map(|raw| String::from_utf8_lossy(raw).into_owned());
            if let Some((_, id)) = header.unwrap_or_default().split_once(':') {
                *found.entry(id.trim().trim_matches(['<', '>']).to_owned()).or_default() += 1;
            }
        }
        found
    }

    /// Moves messages of the selected folder, also where the server has no MOVE.
    pub fn move_to(&mut self, set: &str, path: &str) -> Result<(), String> {
        let name = self.name(path);
        if self.can("MOVE") {
            return self.attempt(&format!("UID MOVE {set} {name}")).map(drop);
        }
        self.attempt(&format!("UID COPY {set} {name}"))?;
        self.expunge(set)
    }

    /// Removes messages of the selected folder for good; without UIDPLUS all that are marked as deleted.
    pub fn expunge(&mut self, set: &str) -> Result<(), String> {
        self.attempt(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"))?;
        let command = if self.can("UIDPLUS") { format!("UID EXPUNGE {set}") } else { "EXPUNGE".to_owned() };
        self.attempt(&command).map(drop)
    }

    /// Leaves an empty inbox and, where the server can spare them, no other folder.
    pub fn clear(&mut self) {
        // what lies inside comes first
        for path in self.folders().into_iter().rev() {
            if !self.messages(&path).is_empty() {
                self.expunge("1:*").unwrap();
            }
            if path != "INBOX" {
                self.select("INBOX");
                let name = self.name(&path);
                self.run(&format!("DELETE {name}"));
            }
        }
    }
}

fn trusting(ca: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_file_iter(ca).unwrap().map(Result::unwrap));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

/// A FETCH response with UID, FLAGS and the source.
fn stored(response: Response) -> Stored {
    let after = |word: &str| response.text.split_once(word).map(|(_, rest)| rest).unwrap_or_default();
    let uid = after("UID ").split([' ', ')']).next().unwrap().parse().unwrap();
    let flags = after("FLAGS (").split(')').next().unwrap().split_whitespace();
    let flags = flags.filter(|flag| *flag != "\\Recent").map(str::to_owned).collect();
    Stored { uid, flags, raw: response.literals.into_iter().next().unwrap() }
}

/// Modified UTF-7 (RFC 3501 §5.1.3).
fn encode(part: &str) -> String {
    let mut name = String::new();
    let mut foreign: Vec<u16> = Vec::new();
    let close = |foreign: &mut Vec<u16>, name: &mut String| {
        if !foreign.is_empty() {
            let bytes: Vec<u8> = foreign.drain(..).flat_map(u16::to_be_bytes).collect();
            *name += &format!("&{}-", NAMES.encode(bytes));
        }
    };
    for c in part.chars() {
        if (' '..='~').contains(&c) {
            close(&mut foreign, &mut name);
            name += &if c == '&' { "&-".to_owned() } else { c.to_string() };
        } else {
            foreign.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    close(&mut foreign, &mut name);
    name
}

fn decode(name: &str) -> String {
    let mut pieces = name.split('&');
    let mut part = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (coded, rest) = piece.split_once('-').unwrap();
        if coded.is_empty() {
            part.push('&');
        }
        let bytes = NAMES.decode(coded).unwrap();
        let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        part += &String::from_utf16(&units).unwrap();
        part += rest;
    }
    part
}
