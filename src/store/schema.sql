-- The store at its newest version. Migrations lead here; a test compares both.
-- Times are seconds since 1970 (UTC). Identifiers people or screens may hold are never used twice (AUTOINCREMENT).

-- One mailbox of the user. `address` is in lower case; `config` is domain::account::AccountConfig as JSON.
CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE,
    config TEXT NOT NULL
) STRICT;

-- A folder. `remote` is the name exactly as the server sends it; one that begins with a zero byte stands for a folder
-- made here which the server does not have yet. `rights` are the letters of MYRIGHTS, null where they were not asked
-- for; `removed` is set while a deletion waits for the server. The three counters are kept by triggers and store::insert.
CREATE TABLE folder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    remote BLOB NOT NULL,
    path TEXT NOT NULL,
    role TEXT NOT NULL,
    selectable INTEGER NOT NULL,
    uid_validity INTEGER,
    highest_modseq INTEGER,
    total INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    downloaded INTEGER NOT NULL DEFAULT 0,
    namespace TEXT NOT NULL DEFAULT 'personal',
    mailbox_id TEXT,
    rights TEXT,
    rights_at INTEGER,
    read_only INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, remote)
) STRICT;

-- Folders the user wants to be told of at once, beside the inbox.
CREATE TABLE watched_folder (
    folder INTEGER PRIMARY KEY REFERENCES folder ON DELETE CASCADE
) STRICT;

-- What a row of the list needs, and nothing larger. `folder` is null while a deletion waits for the server; `uid` is
-- null while the server's number is not known. `order_key` = date * 2^28 + id: newest first in lists, and the rowid of
-- the search index, so that both are read in order. `indexed` = 0: not in the search index yet. `opened` = 0: its
-- documents were not looked into, or not by this version of the readers. `topic` is domain::search::Topic; `abnormal`: a
-- result is out of its bounds. `thread` is the Message-ID its conversation goes back to; empty without any.
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    folder INTEGER REFERENCES folder ON DELETE CASCADE,
    uid INTEGER,
    order_key INTEGER NOT NULL UNIQUE,
    date INTEGER NOT NULL,
    size INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    draft INTEGER NOT NULL,
    keywords TEXT NOT NULL,
    kind TEXT NOT NULL,
    has_attachment INTEGER NOT NULL,
    downloaded INTEGER NOT NULL DEFAULT 0,
    message_id TEXT,
    from_name TEXT,
    from_address TEXT NOT NULL,
    to_name TEXT,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    indexed INTEGER NOT NULL DEFAULT 1,
    opened INTEGER NOT NULL DEFAULT 0,
    topic TEXT NOT NULL DEFAULT 'letter',
    abnormal INTEGER NOT NULL DEFAULT 0,
    thread TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX message_list ON message (folder, order_key);
CREATE UNIQUE INDEX message_uid ON message (folder, uid) WHERE uid IS NOT NULL;
CREATE INDEX message_unnumbered ON message (folder) WHERE uid IS NULL;
CREATE INDEX message_by_id ON message (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX message_missing_in_folder ON message (folder, order_key) WHERE downloaded = 0;
CREATE INDEX message_unindexed ON message (order_key) WHERE indexed = 0;
CREATE INDEX message_missing ON message (account, order_key) WHERE downloaded = 0;
CREATE INDEX message_keyword ON message (folder, order_key) WHERE keywords <> '';
CREATE INDEX message_unopened ON message (order_key)
    WHERE opened = 0 AND downloaded = 1 AND (has_attachment = 1 OR kind = 'hprim' OR subject GLOB '*XDM/1.0/DDM+*'
        OR subject GLOB '*[0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]');

CREATE INDEX message_thread ON message (thread, folder, order_key) WHERE thread <> '';

-- What a search asks beside words, without the rows.
CREATE INDEX message_fact
    ON message (order_key, folder, seen, flagged, has_attachment, abnormal, topic);

-- Only messages that may be too large to be fetched unasked: see store::LEAST_LIMIT.
CREATE INDEX message_large ON message (account, size) WHERE downloaded = 0 AND size > 1000000;

-- domain::message::Envelope as JSON.
CREATE TABLE envelope (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    json TEXT NOT NULL
) STRICT;

-- The raw message, packed; `size` is its size before that. `packing`: 0 zstd, 1 zstd of the layout of store::pack. A large
-- one that the server has too is in `file`, encrypted under `file_key` (store::content), and `raw` is empty.
CREATE TABLE body (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    size INTEGER NOT NULL,
    raw BLOB NOT NULL,
    packing INTEGER NOT NULL DEFAULT 0,
    file BLOB,
    file_key BLOB
) STRICT;
CREATE INDEX body_file ON body (file) WHERE file IS NOT NULL;

-- Files whose row is gone and which are still to be removed.
CREATE TABLE doomed_file (name BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Full text of every message, already folded; rowid is message.order_key. Keeps no text, only the index. `starts` holds the
-- beginnings of its words, marked by where they stand: store::search::start.
CREATE VIRTUAL TABLE search USING fts5 (
    subject, sender, recipients, patient, body, starts,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

-- Messages we took out of a folder whose server cannot expunge single messages: they stay there, marked \Deleted, and
-- are not shown. `flags` is domain::message::Flags as JSON.
CREATE TABLE marked (
    folder INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    flags TEXT NOT NULL,
    PRIMARY KEY (folder, uid)
) STRICT, WITHOUT ROWID;

-- Local changes the server has not got yet, in order. `folder` and `uid` say where the message was before the change;
-- `uid` is null while an earlier move of the same message has not told the new number. `target` is for moves and copies;
-- `message` of a copy is the copy made here, `source` what it was made from. `append` puts a message of a file into its
-- folder, which is the `target` too. Changes of `folder` itself have no message:
-- `path` is its new name, `flag` the old one. `started` is set before the server is asked, `uid_next` is the first UID
-- the target could give then; `hold_until` is the end of the time in which the user may still think better of it.
CREATE TABLE intention (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    message INTEGER REFERENCES message ON DELETE CASCADE,
    folder INTEGER NOT NULL REFERENCES folder,
    uid INTEGER,
    what TEXT NOT NULL CHECK (what IN
        ('flag', 'keyword', 'move', 'copy', 'append', 'delete', 'create', 'rename', 'remove')),
    flag TEXT,
    set_to INTEGER,
    target INTEGER REFERENCES folder,
    source INTEGER REFERENCES message ON DELETE SET NULL,
    path TEXT,
    started INTEGER NOT NULL DEFAULT 0,
    uid_next INTEGER,
    hold_until INTEGER,
    CHECK ((message IS NULL) = (what IN ('create', 'rename', 'remove')))
) STRICT;
CREATE INDEX intention_message ON intention (message);
CREATE INDEX intention_place ON intention (folder, uid);
CREATE INDEX intention_target ON intention (target);
CREATE INDEX intention_source ON intention (source) WHERE source IS NOT NULL;

-- Messages being written (`queued` = 0) and the drafts of queued messages. `json` is domain::draft::Draft without the
-- files. `identity` names the draft on every machine; `revision` is a digest of what is here, `base` that of the last
-- version the server had, `pending` that of a version on its way there. `conflict`: it was changed elsewhere too.
CREATE TABLE draft (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    saved_at INTEGER NOT NULL,
    queued INTEGER NOT NULL DEFAULT 0,
    json TEXT NOT NULL,
    identity TEXT,
    revision TEXT,
    base TEXT,
    pending TEXT,
    conflict INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE draft_file (
    draft INTEGER NOT NULL REFERENCES draft ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    digest BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (draft, position)
) STRICT;

-- Messages of the Drafts folders that were looked at: the draft each is a copy of, or null when it is left alone;
-- `doomed` ones are to be deleted on the server.
CREATE TABLE draft_copy (
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    validity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    draft INTEGER REFERENCES draft ON DELETE SET NULL,
    doomed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, validity, uid)
) STRICT;
CREATE INDEX draft_copy_of ON draft_copy (draft);

-- Drafts sent or thrown away here, with the revisions a copy that comes to light may have; and the numbers of drafts
-- whose content another machine replaced.
CREATE TABLE draft_gone (
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    identity TEXT NOT NULL,
    revisions TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, identity)
) STRICT;
CREATE TABLE draft_replaced (
    draft INTEGER PRIMARY KEY
) STRICT;

-- Messages on their way out. `raw` is exactly what is handed to the server. `account` outlives nothing: an account with
-- messages on their way cannot be removed. `handed` is set just before the final dot of the message, `sent_at` when the
-- server took it; the last three say when a copy was filed in Sent by us and where it went.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account,
    message_id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    state TEXT NOT NULL,
    trouble TEXT,
    server_reply TEXT,
    draft INTEGER NOT NULL REFERENCES draft,
    raw BLOB NOT NULL,
    handed INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER,
    filed_at INTEGER,
    filed_validity INTEGER,
    filed_uid INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (state, not_before);
CREATE TABLE outbox_recipient (
    outbox INTEGER NOT NULL REFERENCES outbox ON DELETE CASCADE,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    name TEXT,
    state TEXT NOT NULL,
    PRIMARY KEY (outbox, position)
) STRICT;

-- What notices told of the recipients of sent messages: one fact of each kind a recipient, the earliest, so that no
-- flood of notices makes it grow. `address` is as in outbox_recipient.
CREATE TABLE receipt (
    outbox INTEGER NOT NULL REFERENCES outbox ON DELETE CASCADE,
    address TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (outbox, address, kind)
) STRICT;

-- Functional traces (ECO.4.1): what was done when, never content. They outlive the account.
CREATE TABLE trace (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    account INTEGER,
    message_id TEXT,
    detail TEXT
) STRICT;
CREATE INDEX trace_at ON trace (at);

-- Counts of a folder when it was last compared with the server. `server_unread` is null where the server did not tell.
-- The two of this side are taken as the server has to see them: local changes it has not got yet are left out.
CREATE TABLE tally (
    folder INTEGER PRIMARY KEY REFERENCES folder ON DELETE CASCADE,
    server_total INTEGER NOT NULL,
    server_unread INTEGER,
    here_total INTEGER NOT NULL,
    here_unread INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- Storage of an account on the server, in bytes, when it last told.
CREATE TABLE quota (
    account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    used INTEGER NOT NULL,
    allowed INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- Messages too large to be fetched unasked that somebody asked for.
CREATE TABLE wish (message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE) STRICT;

-- What the user keeps about people and services of the directory. `key` is Person::key; `person` is domain::person::Person
-- as JSON, as the directory last told, so that somebody who vanished from it is still shown. `preferred` is an address.
CREATE TABLE contact (
    key TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    favourite INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    preferred TEXT
) STRICT, WITHOUT ROWID;

-- The mailbox of a kept person for one kind of document (domain::filing::rule::Subject::word), before `contact.preferred`.
CREATE TABLE contact_preference (
    key TEXT NOT NULL REFERENCES contact ON DELETE CASCADE,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (key, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE contact_group (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- The mailbox by which somebody belongs to a group; `address` is in lower case.
CREATE TABLE contact_member (
    contact_group INTEGER NOT NULL REFERENCES contact_group ON DELETE CASCADE,
    address TEXT NOT NULL,
    key TEXT NOT NULL REFERENCES contact,
    PRIMARY KEY (contact_group, address)
) STRICT, WITHOUT ROWID;

-- Addresses the user wrote to, in lower case, with the name last used.
CREATE TABLE correspondent (
    address TEXT PRIMARY KEY,
    name TEXT,
    uses INTEGER NOT NULL,
    last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX correspondent_recent ON correspondent (last_used);

-- Messages with a critical result (LL, HH, AA), until somebody says that they saw it; and since then, when.
CREATE TABLE alarm (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    acknowledged INTEGER
) STRICT;

-- Patients that documents or people named. `traits` is domain::patient::Patient as JSON; the columns after it are
-- domain::patient::PatientKeys. `by_hand`: a person said that it is somebody new. `merged_into` is the patient somebody
-- said it is the same as, `root` the last of these or itself: the one it is shown as.
CREATE TABLE patient (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    traits TEXT NOT NULL,
    birth_name TEXT NOT NULL,
    used_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    ins TEXT NOT NULL,
    words TEXT NOT NULL,
    by_hand INTEGER NOT NULL,
    root INTEGER NOT NULL,
    merged_into INTEGER REFERENCES patient
) STRICT;
CREATE INDEX patient_root ON patient (root);
CREATE INDEX patient_ins ON patient (ins) WHERE ins <> '';
CREATE INDEX patient_born ON patient (birth_date) WHERE birth_date <> '';
CREATE INDEX patient_birth_name ON patient (birth_name) WHERE birth_name <> '';
CREATE INDEX patient_used_name ON patient (used_name) WHERE used_name <> '';

-- What a message says of one patient. `source` is a digest of the message and `fingerprint` names the traits: choices are
-- kept by both, so that they hold for a copy of the message, or when it is fetched again. 'new': nobody has looked for its
-- patient yet. `conflict`: the message contradicts itself about its patient.
CREATE TABLE mention (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    source BLOB NOT NULL,
    fingerprint TEXT NOT NULL,
    traits TEXT NOT NULL,
    conflict INTEGER NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('new', 'certain', 'chosen', 'open', 'left')),
    patient INTEGER REFERENCES patient,
    CHECK ((patient IS NOT NULL) = (standing IN ('certain', 'chosen')))
) STRICT;
CREATE INDEX mention_message ON mention (message);
CREATE INDEX mention_source ON mention (source);
CREATE INDEX mention_patient ON mention (patient) WHERE patient IS NOT NULL;
CREATE INDEX mention_new ON mention (id) WHERE standing = 'new';
CREATE INDEX mention_open ON mention (fingerprint, source) WHERE standing = 'open';

-- The documents of a mention, domain::patient::NamedDocument as JSON.
CREATE TABLE mention_document (
    mention INTEGER NOT NULL REFERENCES mention ON DELETE CASCADE,
    number INTEGER NOT NULL,
    unique_id TEXT,
    json TEXT NOT NULL,
    PRIMARY KEY (mention, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_document_id ON mention_document (unique_id) WHERE unique_id IS NOT NULL;

-- Unique identifiers of the documents a document says it changes.
CREATE TABLE mention_related (
    old TEXT NOT NULL,
    mention INTEGER NOT NULL REFERENCES mention ON DELETE CASCADE,
    number INTEGER NOT NULL,
    PRIMARY KEY (old, mention, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_related_of ON mention_related (mention);

-- Their laboratory results, domain::biology::LabResult as JSON.
CREATE TABLE mention_result (
    mention INTEGER NOT NULL REFERENCES mention ON DELETE CASCADE,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (mention, number, position)
) STRICT, WITHOUT ROWID;

-- What people chose for a mention. Traits somebody attached to a patient name this patient from then on.
CREATE TABLE patient_choice (
    source BLOB NOT NULL,
    fingerprint TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('attached', 'detached', 'left')),
    patient INTEGER REFERENCES patient,
    at INTEGER NOT NULL,
    traits TEXT NOT NULL,
    birth_name TEXT NOT NULL,
    used_name TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    ins TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (source, fingerprint)
) STRICT, WITHOUT ROWID;
CREATE INDEX patient_choice_of ON patient_choice (patient) WHERE patient IS NOT NULL;
CREATE INDEX patient_choice_ins ON patient_choice (ins) WHERE ins <> '';
CREATE INDEX patient_choice_born ON patient_choice (birth_date) WHERE birth_date <> '';
CREATE INDEX patient_choice_birth_name ON patient_choice (birth_name) WHERE birth_name <> '';
CREATE INDEX patient_choice_used_name ON patient_choice (used_name) WHERE used_name <> '';

-- Unique identifiers of documents of which the new one says that it replaces the old, and what somebody said to it.
CREATE TABLE replacement (
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (old, new)
) STRICT, WITHOUT ROWID;

-- States of messages that the server keeps no keywords for: they are true here only.
CREATE TABLE local_keyword (
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    keyword TEXT NOT NULL,
    PRIMARY KEY (message, keyword)
) STRICT, WITHOUT ROWID;

-- Folders of the practice software: domain::filing::Destination as JSON.
CREATE TABLE destination (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    json TEXT NOT NULL
) STRICT;

-- Files written out to destinations, which may be gone since. Files of one gesture have the same number; `path` is the
-- whole path, `digest` SHA-256 of the content, `rule` the rule that did it.
CREATE TABLE filed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    gesture INTEGER NOT NULL,
    message INTEGER REFERENCES message ON DELETE SET NULL,
    message_id TEXT,
    at INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    destination_name TEXT NOT NULL,
    format TEXT NOT NULL,
    path TEXT NOT NULL,
    digest BLOB NOT NULL,
    unique_id TEXT,
    rule INTEGER
) STRICT;
CREATE INDEX filed_gesture ON filed (gesture);
CREATE INDEX filed_message ON filed (message);
CREATE INDEX filed_digest ON filed (digest);
CREATE INDEX filed_document ON filed (unique_id) WHERE unique_id IS NOT NULL;

-- Rules on arrival: domain::filing::rule::Rule as JSON.
CREATE TABLE rule (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;

-- Messages that came into an inbox and that rules have not done with. `trouble` is the error of `rule`, as JSON.
CREATE TABLE arrival (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL DEFAULT 0,
    rule INTEGER,
    trouble TEXT
) STRICT;

-- Messages that are in the archive, with the SHA-256 of their source, as of its last verification.
CREATE TABLE archived (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    digest BLOB NOT NULL
) STRICT;

-- Messages of the archive, whether a mailbox still holds them or not: to be found without its disk. `key` is the rowid in
-- the search index, the smallest integer plus what order_key is for messages; `sender` and `flags` are JSON.
CREATE TABLE archive_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key INTEGER UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    segment INTEGER NOT NULL,
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    date INTEGER NOT NULL,
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT,
    topic TEXT NOT NULL,
    kind TEXT NOT NULL,
    abnormal INTEGER NOT NULL,
    has_attachment INTEGER NOT NULL,
    flags TEXT NOT NULL
) STRICT;
CREATE INDEX archive_entry_by_id ON archive_entry (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX archived_digest ON archived (digest);

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Counters follow every change in the same transaction, whichever statement made it; additions are counted by the one
-- that makes them (store::insert).
CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
    UPDATE folder SET total = total - 1, unread = unread - (OLD.seen = 0), downloaded = downloaded - OLD.downloaded
    WHERE id = OLD.folder;
    DELETE FROM search WHERE rowid = OLD.order_key;
END;
CREATE TRIGGER message_changed AFTER UPDATE OF folder, seen, downloaded ON message BEGIN
    UPDATE folder SET total = total - 1, unread = unread - (OLD.seen = 0), downloaded = downloaded - OLD.downloaded
    WHERE id = OLD.folder;
    UPDATE folder SET total = total + 1, unread = unread + (NEW.seen = 0), downloaded = downloaded + NEW.downloaded
    WHERE id = NEW.folder;
END;
CREATE TRIGGER wish_granted AFTER UPDATE OF downloaded ON message WHEN NEW.downloaded = 1 BEGIN
    DELETE FROM wish WHERE message = NEW.id;
END;
CREATE TRIGGER body_removed AFTER DELETE ON body WHEN OLD.file IS NOT NULL BEGIN
    INSERT OR IGNORE INTO doomed_file (name) VALUES (OLD.file);
END;
CREATE TRIGGER archive_entry_removed AFTER DELETE ON archive_entry BEGIN
    DELETE FROM search WHERE rowid = OLD.key;
END;
