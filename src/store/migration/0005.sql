-- Folders the user wants to be told of at once, beside the inbox.
CREATE TABLE watched_folder (
    folder INTEGER PRIMARY KEY REFERENCES folder ON DELETE CASCADE
) STRICT;
-- What the health page tells: counts compared with the server, its quota, and large messages that wait for a wish.
CREATE TABLE tally (
    folder INTEGER PRIMARY KEY REFERENCES folder ON DELETE CASCADE,
    server_total INTEGER NOT NULL,
    server_unread INTEGER,
    here_total INTEGER NOT NULL,
    here_unread INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE TABLE quota (
    account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    used INTEGER NOT NULL,
    allowed INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE TABLE wish (message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE) STRICT;
CREATE INDEX message_large ON message (account, size) WHERE downloaded = 0 AND size > 1000000;
CREATE TRIGGER wish_granted AFTER UPDATE OF downloaded ON message WHEN NEW.downloaded = 1 BEGIN
    DELETE FROM wish WHERE message = NEW.id;
END;
