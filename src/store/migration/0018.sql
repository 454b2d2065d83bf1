-- Conversations: the Message-ID a message and those that answer it go back to; empty without any.
ALTER TABLE message ADD COLUMN thread TEXT NOT NULL DEFAULT '';
UPDATE message SET thread = coalesce(
    (SELECT coalesce(json_extract(json, '$.references[0]'), json_extract(json, '$.in_reply_to')) FROM envelope
     WHERE envelope.message = message.id),
    message_id, '');
CREATE INDEX message_thread ON message (thread, folder, order_key) WHERE thread <> '';

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
CREATE TRIGGER archive_entry_removed AFTER DELETE ON archive_entry BEGIN
    DELETE FROM search WHERE rowid = OLD.key;
END;
