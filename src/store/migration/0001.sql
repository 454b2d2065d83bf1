
CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE,
    config TEXT NOT NULL
) STRICT;

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
    UNIQUE (account, remote)
) STRICT;

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
    subject TEXT NOT NULL
) STRICT;
CREATE INDEX message_list ON message (folder, order_key);
CREATE UNIQUE INDEX message_uid ON message (folder, uid) WHERE uid IS NOT NULL;
CREATE INDEX message_unnumbered ON message (folder) WHERE uid IS NULL;
CREATE INDEX message_by_id ON message (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX message_missing_in_folder ON message (folder, order_key) WHERE downloaded = 0;
CREATE INDEX message_missing ON message (account, order_key) WHERE downloaded = 0;

CREATE TABLE envelope (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    json TEXT NOT NULL
) STRICT;

CREATE TABLE body (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    size INTEGER NOT NULL,
    raw BLOB NOT NULL
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (
    subject, people, body,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE intention (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    folder INTEGER NOT NULL REFERENCES folder,
    uid INTEGER,
    what TEXT NOT NULL CHECK (what IN ('flag', 'move', 'delete')),
    flag TEXT,
    set_to INTEGER,
    target INTEGER REFERENCES folder
) STRICT;
CREATE INDEX intention_message ON intention (message);
CREATE INDEX intention_place ON intention (folder, uid);
CREATE INDEX intention_target ON intention (target);

CREATE TABLE draft (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    saved_at INTEGER NOT NULL,
    queued INTEGER NOT NULL DEFAULT 0,
    json TEXT NOT NULL
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
    raw BLOB NOT NULL
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

CREATE TABLE trace (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    account INTEGER,
    message_id TEXT,
    detail TEXT
) STRICT;
CREATE INDEX trace_at ON trace (at);

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

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
