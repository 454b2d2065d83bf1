//! Reading never touches the network nor a file of its own: every call of the system is watched by strace.
//!
//! Each run counts: a socket of any family but those inside the machine, a connection, a name that is looked up, a file
//! opened for writing, a program that is started.

use std::path::Path;
use std::process::Command;

use estafette::domain::secret::Secret;
use estafette::engine::{Engine, PdfPlace};

use crate::corpora;

/// Calls that leave the process.
const WATCHED: &str = "trace=%network,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,\
    symlink,symlinkat,unlink,unlinkat,execve,execveat";

/// A file that is not there: asking for it marks the trace of a program that begins to read only then.
const BEGIN: &str = "/reading-begins-here";

/// Runs a program under strace; answers what of its calls reaches outside, one a line, from [`BEGIN`] on where it asks
/// for that.
fn outside(command: &mut Command) -> Vec<String> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-s", "200", "-e", "signal=none", "-e", WATCHED, "-o"]).arg(log.path());
    traced.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    let output = traced.output().unwrap();
    let calls = std::fs::read_to_string(log.path()).unwrap();
    // a trace that saw nothing proves nothing
    assert!(calls.contains("execve("), "strace saw nothing: {}", String::from_utf8_lossy(&output.stderr));
    let mut started = calls.contains(BEGIN);
    let calls = calls.split_once(BEGIN).map_or(calls.as_str(), |(_, reading)| reading);
    calls.lines().filter(|call| reaches_out(call, &mut started)).map(str::to_owned).collect()
}

fn reaches_out(call: &str, started: &mut bool) -> bool {
    // "PID call(…) = answer"
    let Some((_, call)) = call.split_once(' ') else { return false };
    let name = call.trim_start().split('(').next().unwrap_or_default();
    match name {
        // the program itself
        "execve" | "execveat" => std::mem::replace(started, true),
        "socket" | "socketpair" => !call.contains("AF_UNIX") && !call.contains("AF_LOCAL"),
        "connect" | "bind" | "sendto" | "sendmsg" | "sendmmsg" | "listen" | "accept" | "accept4" => {
            !call.contains("AF_UNIX") || name == "connect"
        }
        "open" | "openat" | "openat2" => {
            ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| call.contains(flag))
                // the last: no dump of what the program holds
                && !["\"/dev/null\"", "\"/dev/tty\"", "\"/proc/self/coredump_filter\""].iter().any(|file| call.contains(file))
        }
        "creat" | "mkdir" | "mkdirat" | "rename" | "renameat" | "renameat2" | "link" | "linkat"
        | "symlink" | "symlinkat" | "unlink" | "unlinkat" => true,
        _ => false,
    }
}

fn document_show(file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_estafettectl"));
    command.args(["--json", "document", "show"]).arg(file);
    command
}

#[test]
fn no_document_makes_the_program_reach_outside() {
    let mut hostile = Vec::new();
    let own = tempfile::tempdir().unwrap();
    for (name, content) in LURES {
        let path = own.path().join(name);
        std::fs::write(&path, content).unwrap();
        hostile.push(path);
    }
    let mut found = Vec::new();
    for path in corpora::ours().into_iter().chain(hostile) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        found.extend(outside(&mut document_show(&path)).into_iter().map(|call| format!("{name}: {call}")));
    }
    assert!(found.is_empty(), "{} calls:\n{}", found.len(), found.join("\n"));
}

#[test]
fn what_reaches_outside_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let mut fetch = Command::new(env!("CARGO_BIN_EXE_estafettectl"));
    fetch.arg("--profile").arg(dir.path()).arg("--vault-key-file").arg(dir.path().join("key"));
    fetch.args(["annuaire", "import", "http://127.0.0.1:9/annuaire.txt"]);
    let seen = outside(&mut fetch);
    assert!(seen.iter().any(|call| call.contains("socket(AF_INET")), "no socket among {seen:?}");
    assert!(seen.iter().any(|call| call.contains("O_CREAT")), "no file among {seen:?}");
}

#[test]
fn reading_every_message_and_document_in_the_engine_does_not_reach_outside() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "network::a_mailbox_is_read_whole", "--ignored", "--test-threads=1"]);
    let output = Command::new(child.get_program()).args(child.get_args()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "the mailbox cannot be read: {said}");
    let found = outside(&mut child);
    assert!(found.is_empty(), "{} calls:\n{}", found.len(), found.join("\n"));
}

#[test]
#[ignore = "run by the test above, under strace"]
fn a_mailbox_is_read_whole() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let engine = Engine::practice().unwrap();
    runtime.block_on(async {
        engine.unlock(Secret::new("1234".to_owned())).await.unwrap();
        // the fictitious annuaire and mailbox are there now
        assert!(std::fs::File::open(BEGIN).is_err());
        let (mut messages, mut documents, mut pages) = (0, 0, 0);
        for folder in engine.folders().await.unwrap() {
            for row in engine.list(folder.id, 0..40).await.unwrap().rows {
                let view = engine.message(row.id).await.unwrap();
                messages += usize::from(!view.text.is_empty());
                for attachment in &view.attachments {
                    engine.attachment(row.id, attachment.index).await.unwrap();
                }
                let Ok(reading) = engine.documents(row.id).await else { continue };
                documents += reading.documents.len();
                let place = reading.documents.iter().find_map(PdfPlace::of).filter(|_| pages < 3);
                if let Some(place) = place
                    && let Some(pdf) = engine.document_pdf(row.id, place).await.unwrap()
                {
                    pages += usize::from(pdf.page(0, 0.5).is_some() && pdf.text(0).is_some());
                }
            }
        }
        assert!(messages > 20 && documents > 5 && pages > 0, "{messages} {documents} {pages}");
        assert!(engine.search("bilan", 0..10).await.unwrap().total > 0);
    });
}

/// Everything that asks to be fetched, run or written.
const LURES: &[(&str, &str)] = &[
    (
        "pixel.eml",
        "From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n\
         <html><head><base href=\"http://127.0.0.1:9/\"><link rel=stylesheet href=s.css>\
         <style>@import url(http://127.0.0.1:9/i.css); body{background:url(//127.0.0.1:9/b.png)}</style>\
         <meta http-equiv=refresh content=\"0;url=http://127.0.0.1:9/\"></head><body background=\"http://127.0.0.1:9/x\">\
         <img src=\"http://127.0.0.1:9/p.gif\" srcset=\"http://127.0.0.1:9/2x.png 2x\"><video poster=\"http://127.0.0.1:9/v\">\
         </video><input type=image src=\"http://127.0.0.1:9/i\"><iframe src=\"file:///etc/passwd\"></iframe>\
         <object data=\"http://127.0.0.1:9/o\"></object><script src=\"http://127.0.0.1:9/s.js\"></script>texte</body></html>",
    ),
    (
        "external.eml",
        "From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
         Content-Type: message/external-body; access-type=URL; URL=\"http://127.0.0.1:9/body\"\r\n\r\n\
         Content-Type: text/plain\r\n\r\n",
    ),
    (
        "entites.xml",
        "<?xml version=\"1.0\"?><?xml-stylesheet type=\"text/xsl\" href=\"http://127.0.0.1:9/s.xsl\"?>\
         <!DOCTYPE ClinicalDocument SYSTEM \"http://127.0.0.1:9/cda.dtd\">\
         <ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xi=\"http://www.w3.org/2001/XInclude\">\
         <xi:include href=\"file:///etc/passwd\"/><title>x</title><component><nonXMLBody><text>\
         <reference value=\"http://127.0.0.1:9/doc.pdf\"/></text></nonXMLBody></component></ClinicalDocument>",
    ),
    (
        "lien.rtf",
        "{\\rtf1 {\\field{\\*\\fldinst INCLUDEPICTURE \"http://127.0.0.1:9/p.png\" \\\\d}}{\\object\\objautlink}x}",
    ),
    (
        "formulaire.pdf",
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(http://127.0.0.1:9/)>>>>endobj\n\
         2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/AA<</O<</S/Launch/F(/bin/sh)>>>>>>endobj\n\
         trailer<</Root 1 0 R>>\n%%EOF",
    ),
];
