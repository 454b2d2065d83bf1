-- The mailbox of a kept person for one kind of document; see schema.sql.
CREATE TABLE contact_preference (
    key TEXT NOT NULL REFERENCES contact ON DELETE CASCADE,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (key, kind)
) STRICT, WITHOUT ROWID;
