-- Filing: destinations, what was written out, rules, messages rules have to look at; see schema.sql.
CREATE TABLE destination (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    json TEXT NOT NULL
) STRICT;
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
CREATE TABLE rule (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;
CREATE TABLE arrival (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL DEFAULT 0,
    rule INTEGER,
    trouble TEXT
) STRICT;
