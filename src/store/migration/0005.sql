-- Folders the user wants to be told of at once, beside the inbox.
CREATE TABLE watched_folder (
    folder INTEGER PRIMARY KEY REFERENCES folder ON DELETE CASCADE
) STRICT;
