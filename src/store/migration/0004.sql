-- Rights, namespaces, folders made and removed here, changes of folders, messages marked but not expunged.
ALTER TABLE folder ADD COLUMN namespace TEXT NOT NULL DEFAULT 'personal';
ALTER TABLE folder ADD COLUMN mailbox_id TEXT;
ALTER TABLE folder ADD COLUMN rights TEXT;
ALTER TABLE folder ADD COLUMN rights_at INTEGER;
ALTER TABLE folder ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

CREATE TABLE marked (
    folder INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    flags TEXT NOT NULL,
    PRIMARY KEY (folder, uid)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE waiting AS SELECT * FROM intention;
DROP TABLE intention;
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
INSERT INTO intention (id, account, message, folder, uid, what, flag, set_to, target)
    SELECT id, account, message, folder, uid, what, flag, set_to, target FROM waiting;
DROP TABLE waiting;
