-- Messages on their way: `handed` is set just before the final dot of the message, `sent_at` when the server took it;
-- the last three say when we filed a copy in Sent and where it went.
ALTER TABLE outbox ADD COLUMN handed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN sent_at INTEGER;
ALTER TABLE outbox ADD COLUMN filed_at INTEGER;
ALTER TABLE outbox ADD COLUMN filed_validity INTEGER;
ALTER TABLE outbox ADD COLUMN filed_uid INTEGER;
UPDATE outbox SET handed = 1 WHERE state = 'sending';

-- Drafts and their copies in the Drafts folders.
ALTER TABLE draft ADD COLUMN identity TEXT;
ALTER TABLE draft ADD COLUMN revision TEXT;
ALTER TABLE draft ADD COLUMN base TEXT;
ALTER TABLE draft ADD COLUMN pending TEXT;
ALTER TABLE draft ADD COLUMN conflict INTEGER NOT NULL DEFAULT 0;
CREATE TABLE draft_copy (
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    validity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    draft INTEGER REFERENCES draft ON DELETE SET NULL,
    doomed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, validity, uid)
) STRICT;
CREATE INDEX draft_copy_of ON draft_copy (draft);
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
