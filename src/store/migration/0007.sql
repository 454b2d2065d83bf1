-- What the user keeps about people of the directory; see schema.sql.
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
CREATE TABLE contact_member (
    contact_group INTEGER NOT NULL REFERENCES contact_group ON DELETE CASCADE,
    address TEXT NOT NULL,
    key TEXT NOT NULL REFERENCES contact,
    PRIMARY KEY (contact_group, address)
) STRICT, WITHOUT ROWID;
CREATE TABLE correspondent (
    address TEXT PRIMARY KEY,
    name TEXT,
    uses INTEGER NOT NULL,
    last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX correspondent_recent ON correspondent (last_used);
INSERT INTO correspondent
    SELECT lower(to_address), max(to_name), count(*), max(date)
    FROM message JOIN folder ON folder.id = message.folder
    WHERE folder.role = 'sent' AND to_address <> '' GROUP BY lower(to_address);
