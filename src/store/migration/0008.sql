-- Messages with a critical result (LL, HH, AA), until somebody says that they saw it; and since then, when.
CREATE TABLE alarm (
    message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
    acknowledged INTEGER
) STRICT;
