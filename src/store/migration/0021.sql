-- Beginnings of words in a column of their own, each once a message (store::search::start), instead of FTS5's own. The
-- index is made anew: headers at once when a search asks, bodies and documents as they are read again. What the archive
-- says cannot be read again without its disk: its words are taken over from the index as it was.
CREATE VIRTUAL TABLE temp.known_word USING fts5vocab(main, search, instance);
CREATE TABLE temp.archived_word AS
    SELECT doc, col, "offset" AS place, term FROM known_word
    WHERE EXISTS (SELECT 1 FROM archive_entry) AND doc < 0;
DROP TABLE temp.known_word;
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (
    subject, sender, recipients, patient, body, starts,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search (search, rank) VALUES ('hashsize', 16777216);
INSERT INTO search (search, rank) VALUES ('automerge', 0);
INSERT INTO search (search, rank) VALUES ('crisismerge', 64);
INSERT INTO search (rowid, subject, sender, recipients, patient, body, starts)
    WITH mark (col, letters) AS (
        VALUES ('sender', 'zqf'), ('recipients', 'zqt'), ('subject', 'zqs'), ('patient', 'zqp')
    ),
    marked AS (
        SELECT doc, 'zqa' AS letters, term FROM archived_word
        UNION ALL SELECT doc, letters, term FROM archived_word JOIN mark USING (col)
    ),
    start AS (
        SELECT doc, letters || substr(term, 1, 1) AS word FROM marked
        UNION SELECT doc, letters || substr(term, 1, 2) FROM marked
        UNION SELECT doc, letters || substr(term, 1, 3) FROM marked
    ),
    starts AS (SELECT doc, group_concat(word, ' ') AS words FROM start GROUP BY doc)
    SELECT doc,
        group_concat(term, ' ' ORDER BY place) FILTER (WHERE col = 'subject'),
        group_concat(term, ' ' ORDER BY place) FILTER (WHERE col = 'sender'),
        group_concat(term, ' ' ORDER BY place) FILTER (WHERE col = 'recipients'),
        group_concat(term, ' ' ORDER BY place) FILTER (WHERE col = 'patient'),
        group_concat(term, ' ' ORDER BY place) FILTER (WHERE col = 'body'),
        (SELECT words FROM starts WHERE starts.doc = archived_word.doc)
    FROM archived_word GROUP BY doc;
DROP TABLE temp.archived_word;
UPDATE message SET indexed = 0, opened = 0;
-- A row of `body` is never changed, only replaced (store::body).
DROP TRIGGER body_replaced;
