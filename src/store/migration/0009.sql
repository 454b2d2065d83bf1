-- The documents of messages are looked into for patients; `opened` = 0: not yet, or not by this version of the readers. A
-- migration that comes with better readers sets it to 0 again.
ALTER TABLE message ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_unopened ON message (order_key)
    WHERE opened = 0 AND downloaded = 1 AND (has_attachment = 1 OR kind = 'hprim');

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
CREATE INDEX mention_standing ON mention (standing) WHERE standing IN ('new', 'open');

CREATE TABLE mention_document (
    mention INTEGER NOT NULL REFERENCES mention ON DELETE CASCADE,
    number INTEGER NOT NULL,
    unique_id TEXT,
    json TEXT NOT NULL,
    PRIMARY KEY (mention, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_document_id ON mention_document (unique_id) WHERE unique_id IS NOT NULL;

CREATE TABLE mention_related (
    old TEXT NOT NULL,
    mention INTEGER NOT NULL REFERENCES mention ON DELETE CASCADE,
    number INTEGER NOT NULL,
    PRIMARY KEY (old, mention, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_related_of ON mention_related (mention);

CREATE TABLE mention_result (
    mention INTEGER NOT NULL REFERENCES mention ON DELETE CASCADE,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (mention, number, position)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE replacement (
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (old, new)
) STRICT, WITHOUT ROWID;

CREATE TABLE local_keyword (
    message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
    keyword TEXT NOT NULL,
    PRIMARY KEY (message, keyword)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_keyword ON message (folder, order_key) WHERE keywords <> '';
