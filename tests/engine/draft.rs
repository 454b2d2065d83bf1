//! Drafts and the Drafts folder: two machines, other programs, and lines that break.

use estafette::domain::draft::{Draft, DraftAttachment, DraftRow, Origin, Recipient};
use estafette::domain::id::DraftId;

use crate::desk::{Desk, address};

impl Desk {
    fn letter(&self, body: &str) -> Draft {
        let mut draft = Draft::new(self.account);
        draft.to = vec![Recipient { name: Some("Dr Paul".into()), address: address("paul@test.example") }];
        draft.bcc = vec![Recipient { name: None, address: address("temoin@test.example") }];
        draft.subject = "Avis".into();
        draft.body = body.into();
        draft.read_receipt = true;
        draft.attachments = vec![DraftAttachment {
            name: "radio.pdf".into(),
            media_type: "application/pdf".into(),
            content: vec![1, 2, 3, 255],
        }];
        draft
    }

    async fn save(&self, id: Option<DraftId>, body: &str) -> DraftId {
        self.engine.save_draft(id, self.letter(body)).await.unwrap()
    }

    async fn draft_rows(&self) -> Vec<DraftRow> {
        self.engine.draft_rows().await.unwrap()
    }

    /// The texts of the drafts here, in order.
    async fn texts(&self) -> Vec<String> {
        let drafts = self.engine.drafts().await.unwrap();
        let mut texts: Vec<_> = drafts.into_iter().map(|(_, d)| d.body.trim_end().to_owned()).collect();
        texts.sort();
        texts
    }

    async fn only(&self) -> (DraftId, Draft) {
        let mut drafts = self.engine.drafts().await.unwrap();
        assert_eq!(drafts.len(), 1);
        drafts.remove(0)
    }

    /// What the Drafts folder of the server holds.
    fn drafts_on_server(&self) -> Vec<(u32, String, String)> {
        self.mailbox.folder("Drafts", |f| f.messages.clone())
    }
}

#[tokio::test]
async fn a_draft_comes_to_another_machine_whole_and_goes_on_there() {
    let one = Desk::open().await;
    one.mailbox.folder("Drafts", |_| ());
    let two = one.beside().await;
    one.save(None, "un").await;
    one.sync().await.unwrap();
    assert_eq!(one.drafts_on_server().len(), 1);
    assert_eq!(one.drafts_on_server()[0].2, "\\Seen \\Draft");
    assert!(one.draft_rows().await[0].is_on_server);
    two.sync().await.unwrap();
    let (id, draft) = two.only().await;
    let expected = Draft { account: two.account, ..one.letter("un") };
    assert_eq!(Draft { body: draft.body.trim_end().into(), ..draft }, expected);

    let renewed = two.save(Some(id), "un, puis deux").await;
    assert_eq!(renewed, id);
    two.sync().await.unwrap();
    assert_eq!(two.drafts_on_server().len(), 1, "the older copy is gone");
    one.sync().await.unwrap();
    assert_eq!(one.texts().await, ["un, puis deux"]);
    for desk in [&one, &two] {
        desk.sync().await.unwrap();
        assert!(!desk.draft_rows().await[0].conflict);
    }
    assert_eq!(one.mailbox.count("APPEND"), 2, "nothing is sent to and fro");
}

#[tokio::test]
async fn a_draft_changed_on_both_machines_is_kept_twice_and_said_so() {
    let one = Desk::open().await;
    one.mailbox.folder("Drafts", |_| ());
    let two = one.beside().await;
    let first = one.save(None, "début").await;
    one.sync().await.unwrap();
    two.sync().await.unwrap();
    let (second, _) = two.only().await;
    one.save(Some(first), "version une").await;
    two.save(Some(second), "version deux").await;
    one.sync().await.unwrap();
    two.sync().await.unwrap();
    assert_eq!(two.texts().await, ["version deux", "version une"]);
    one.sync().await.unwrap();
    two.sync().await.unwrap();
    for desk in [&one, &two] {
        assert_eq!(desk.texts().await, ["version deux", "version une"]);
        let marked = desk.draft_rows().await.into_iter().filter(|row| row.conflict).count();
        assert_eq!(marked, 1);
    }
    assert_eq!(one.drafts_on_server().len(), 2);
    let appended = one.mailbox.count("APPEND");
    one.sync().await.unwrap();
    two.sync().await.unwrap();
    assert_eq!(one.mailbox.count("APPEND"), appended, "it rests");
}

#[tokio::test]
async fn two_machines_that_wrote_at_the_same_instant_end_with_both_versions() {
    let one = Desk::open().await;
    one.mailbox.folder("Drafts", |_| ());
    let two = one.beside().await;
    one.save(None, "début").await;
    one.sync().await.unwrap();
    two.sync().await.unwrap();
    let (id, _) = two.only().await;
    two.save(Some(id), "version deux").await;
    // what the first machine wrote lands between the looking and the writing of the second
    let (first, _) = one.only().await;
    one.save(Some(first), "version une").await;
    let before = one.drafts_on_server();
    one.sync().await.unwrap();
    let ones = one.drafts_on_server();
    one.mailbox.folder("Drafts", |f| f.messages = before);
    two.sync().await.unwrap();
    one.mailbox.folder("Drafts", |f| {
        let next = f.messages.iter().map(|m| m.0).max().unwrap() + 1;
        let (_, content, flags) = ones[0].clone();
        f.messages.push((next, content, flags));
    });
    for _ in 0..3 {
        one.sync().await.unwrap();
        two.sync().await.unwrap();
    }
    for desk in [&one, &two] {
        assert_eq!(desk.texts().await, ["version deux", "version une"]);
    }
    assert_eq!(one.drafts_on_server().len(), 2);
}

#[tokio::test]
async fn a_draft_sent_or_thrown_away_here_leaves_the_server_and_the_other_machine() {
    let one = Desk::open().await;
    one.mailbox.folder("Drafts", |_| ());
    let two = one.beside().await;
    let sent = one.save(None, "à envoyer").await;
    let dropped = one.save(None, "à jeter").await;
    one.sync().await.unwrap();
    two.sync().await.unwrap();
    assert_eq!(two.texts().await, ["à envoyer", "à jeter"]);
    one.engine.send_draft(sent, one.letter("à envoyer")).await.unwrap();
    one.engine.delete_draft(dropped).await.unwrap();
    assert!(one.draft_rows().await.is_empty());
    one.sync().await.unwrap();
    assert!(one.drafts_on_server().is_empty());
    two.sync().await.unwrap();
    assert!(two.draft_rows().await.is_empty());
}

#[tokio::test]
async fn a_draft_deleted_elsewhere_goes_unless_it_was_changed_here() {
    let one = Desk::open().await;
    one.mailbox.folder("Drafts", |_| ());
    one.save(None, "laissé").await;
    let changed = one.save(None, "repris").await;
    one.sync().await.unwrap();
    one.mailbox.folder("Drafts", |f| f.messages.clear());
    one.save(Some(changed), "repris et changé").await;
    one.sync().await.unwrap();
    assert_eq!(one.texts().await, ["repris et changé"]);
    assert_eq!(one.drafts_on_server().len(), 1, "it is there again");
}

#[tokio::test]
async fn an_append_whose_answer_is_lost_makes_no_second_copy() {
    let mut desk = Desk::open().await;
    desk.mailbox.folder("Drafts", |f| f.cuts_append = true);
    let id = desk.save(None, "un").await;
    assert!(desk.sync().await.is_err());
    desk.restart().await;
    desk.mailbox.folder("Drafts", |f| f.cuts_append = false);
    desk.sync().await.unwrap();
    assert_eq!((desk.drafts_on_server().len(), desk.mailbox.count("APPEND")), (1, 1));
    assert!(desk.draft_rows().await[0].is_on_server);

    // changed after the lost answer: the unknown copy is replaced
    desk.mailbox.folder("Drafts", |f| f.cuts_append = true);
    desk.save(Some(id), "deux").await;
    assert!(desk.sync().await.is_err());
    desk.mailbox.folder("Drafts", |f| f.cuts_append = false);
    desk.save(Some(id), "trois").await;
    desk.sync().await.unwrap();
    assert_eq!((desk.drafts_on_server().len(), desk.texts().await), (1, vec!["trois".to_owned()]));

    // thrown away after a lost answer: the unknown copy does not come back as a draft
    desk.mailbox.folder("Drafts", |f| f.cuts_append = true);
    desk.save(Some(id), "quatre").await;
    assert!(desk.sync().await.is_err());
    desk.mailbox.folder("Drafts", |f| f.cuts_append = false);
    desk.engine.delete_draft(id).await.unwrap();
    desk.sync().await.unwrap();
    assert!(desk.draft_rows().await.is_empty() && desk.drafts_on_server().is_empty());
}

#[tokio::test]
async fn a_server_that_tells_no_number_and_one_that_renumbers_make_no_doubles() {
    let desk = Desk::open().await;
    desk.mailbox.folder("Drafts", |f| f.tells_no_uid = true);
    let id = desk.save(None, "un").await;
    desk.sync().await.unwrap();
    desk.save(Some(id), "deux").await;
    desk.sync().await.unwrap();
    assert_eq!(desk.drafts_on_server().len(), 1);
    desk.mailbox.folder("Drafts", |f| {
        f.validity = 7;
        f.messages.iter_mut().for_each(|m| m.0 += 40);
    });
    desk.sync().await.unwrap();
    desk.save(Some(id), "trois").await;
    desk.sync().await.unwrap();
    assert_eq!((desk.drafts_on_server().len(), desk.texts().await), (1, vec!["trois".to_owned()]));
}

#[tokio::test]
async fn a_draft_of_another_program_opens_here_and_its_copy_is_replaced() {
    let desk = Desk::open().await;
    let other = desk.beside().await;
    let foreign = "From: anne@test.example\r\nTo: Dr Paul <paul@test.example>\r\nBcc: c@test.example\r\n\
        Subject: =?utf-8?q?Avis_=C3=A9t=C3=A9?=\r\nMessage-ID: <t1@autre>\r\nIn-Reply-To: <q@x>\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour  Paul\r\n--b\r\n\
        Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nAQID\r\n--b--\r\n";
    desk.mailbox.folder("Drafts", |f| f.messages.push((3, foreign.into(), "\\Draft".into())));
    desk.sync().await.unwrap();
    other.sync().await.unwrap();
    let (id, mut draft) = desk.only().await;
    assert_eq!((draft.subject.as_str(), draft.body.trim_end()), ("Avis été", "Bonjour  Paul"));
    assert_eq!((draft.to.len(), draft.bcc.len(), draft.answers.clone()), (1, 1, vec!["q@x".to_owned()]));
    assert_eq!(
        (draft.attachments[0].name.as_str(), &*draft.attachments[0].content),
        ("a.pdf", &[1, 2, 3][..])
    );
    assert_eq!(desk.mailbox.count("APPEND"), 0, "it is not touched until it is changed");
    draft.body.push_str("\nSuite");
    desk.engine.save_draft(Some(id), draft).await.unwrap();
    desk.sync().await.unwrap();
    let there = desk.drafts_on_server();
    assert_eq!(there.len(), 1);
    assert!(there[0].0 != 3 && there[0].1.contains("In-Reply-To: <q@x>"));
    other.sync().await.unwrap();
    assert_eq!(other.only().await.1.body.trim_end(), "Bonjour  Paul\nSuite");
}

#[tokio::test]
async fn an_editor_left_open_does_not_write_over_the_version_of_another_machine() {
    let one = Desk::open().await;
    one.mailbox.folder("Drafts", |_| ());
    let two = one.beside().await;
    let open = one.save(None, "début").await;
    one.sync().await.unwrap();
    two.sync().await.unwrap();
    let (id, _) = two.only().await;
    two.save(Some(id), "suite ailleurs").await;
    two.sync().await.unwrap();
    one.sync().await.unwrap();
    let kept = one.save(Some(open), "suite ici").await;
    assert_ne!(kept, open);
    assert_eq!(one.texts().await, ["suite ailleurs", "suite ici"]);
    let row = one.draft_rows().await.into_iter().find(|row| row.id == kept).unwrap();
    assert!(row.conflict);
}

#[tokio::test]
async fn an_answer_begun_elsewhere_still_answers_the_message() {
    let one = Desk::open().await;
    one.mailbox.folder("Drafts", |_| ());
    one.mailbox.add("INBOX", 1, "question");
    let two = one.beside().await;
    one.sync().await.unwrap();
    let message = one.rows("INBOX").await[0].id;
    let reply = one.engine.reply_draft(message, false, "a écrit :".into()).await.unwrap();
    one.engine.save_draft(None, reply).await.unwrap();
    one.sync().await.unwrap();
    two.sync().await.unwrap();
    two.sync().await.unwrap();
    let (id, draft) = two.only().await;
    assert!(draft.answers == ["question@test.example"]);
    two.engine.send_draft(id, Draft { origin: Origin::New, ..draft }).await.unwrap();
    two.engine.flush().await.unwrap();
    let sent = two.post.taken.lock().unwrap()[0].clone();
    assert!(sent.contains("In-Reply-To: <question@test.example>"));
    assert!(!sent.contains("X-Estafette-Draft"));
}

#[tokio::test]
async fn a_drafts_folder_that_is_full_is_told_and_stops_nothing_else() {
    let desk = Desk::open().await;
    desk.mailbox.folder("Drafts", |f| f.full = true);
    desk.mailbox.add("INBOX", 1, "new");
    desk.save(None, "un").await;
    assert_eq!(desk.sync().await, Err("server-refused"));
    assert_eq!(desk.subjects("INBOX").await, ["new"]);
    assert!(!desk.draft_rows().await[0].is_on_server);
    desk.mailbox.folder("Drafts", |f| f.full = false);
    desk.sync().await.unwrap();
    assert!(desk.draft_rows().await[0].is_on_server);
}

#[tokio::test]
async fn hostile_drafts_are_taken_as_they_are() {
    let desk = Desk::open().await;
    let tags =
        ["X-Estafette-Draft: ../../x; revision=1", "X-Estafette-Draft:", "X-Estafette-Draft: a; revision"];
    desk.mailbox.folder("Drafts", |f| {
        for (n, tag) in tags.iter().enumerate() {
            let raw = format!("{tag}\r\nMessage-ID: <{n}@x>\r\nTo: not an address\r\n\r\ntexte {n}\r\n");
            f.messages.push((n as u32 + 1, raw, String::new()));
        }
        f.messages.push((10, "\r\n\r\n".into(), String::new()));
    });
    let _ = desk.sync().await;
    assert_eq!(desk.texts().await.iter().filter(|t| t.starts_with("texte")).count(), 3);
    assert_eq!(desk.drafts_on_server().len(), 4, "nothing of others is deleted");
}
