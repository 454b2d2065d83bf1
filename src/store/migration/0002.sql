-- What notices told of the recipients of sent messages.
CREATE TABLE receipt (
    outbox INTEGER NOT NULL REFERENCES outbox ON DELETE CASCADE,
    address TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (outbox, address, kind)
) STRICT;
