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
-- for; `removed` is set while a deletion waits for the server. The three counters are kept by triggers.
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
-- the search index, so that both are read in order. `indexed` = 0: not in the search index yet.
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
    indexed INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX message_list ON message (folder, order_key);
CREATE UNIQUE INDEX message_uid ON message (folder, uid) WHERE uid IS NOT NULL;
CREATE INDEX message_unnumbered ON message (folder) WHERE uid IS NULL;
CREATE INDEX message_by_id ON message (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX message_missing_in_folder ON message (folder, order_key) WHERE downloaded = 0;
CREATE INDEX message_unindexed ON message (order_key) WHERE indexed = 0;
CREATE INDEX message_missing ON message (account, order_key) WHERE downloaded = 0;

-- Only messages that may be too large to be fetched unasked: see store::LEAST_LIMIT.
CREATE INDEX message_large ON message (account, size) WHERE downloaded = 0 AND size > 1000000;

-- domain::message::Envelope as JSON.
CREATE TABLE envelope (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    json TEXT NOT NULL
) STRICT;

-- The raw message, packed; `size` is its size before that. `packing`: 0 zstd, 1 zstd of the layout of store::pack.
CREATE TABLE body (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    size INTEGER NOT NULL,
    raw BLOB NOT NULL,
    packing INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Full text of every message, already folded; rowid is message.order_key. Keeps no text, only the index.
CREATE VIRTUAL TABLE search USING fts5 (
    subject, people, body,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
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
-- `message` of a copy is the copy made here, `source` what it was made from. Changes of `folder` itself have no message:
-- `path` is its new name, `flag` the old one. `started` is set before the server is asked, `uid_next` is the first UID
-- the target could give then; `hold_until` is the end of the time in which the user may still think better of it.
CREATE TABLE intention (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    message INTEGER REFERENCES message ON DELETE CASCADE,
    folder INTEGER NOT NULL REFERENCES folder,
    uid INTEGER,
    what TEXT NOT NULL CHECK (what IN ('flag', 'keyword', 'move', 'copy', 'delete', 'create', 'rename', 'remove')),
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

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Counters follow every change in the same transaction, whichever statement made it.
CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    UPDATE folder SET total = total + 1, unread = unread + (NEW.seen = 0), downloaded = downloaded + NEW.downloaded
    WHERE id = NEW.folder;
END;
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
