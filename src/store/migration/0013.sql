-- Messages of a file that a server is to get ('append'), and what is in the archive; see schema.sql.
CREATE TEMP TABLE waiting AS SELECT * FROM intention;
DROP TABLE intention;
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
INSERT INTO intention SELECT * FROM waiting;
DROP TABLE waiting;

-- What the archive holds.
CREATE TABLE archived (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    digest BLOB NOT NULL
) STRICT;
