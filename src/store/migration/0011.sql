-- What a message is about, and whether a result in it is out of its bounds; the index by column. See schema.sql. The
-- index is made anew: headers at once when a search asks, bodies and documents as they are read again.
ALTER TABLE message ADD COLUMN topic TEXT NOT NULL DEFAULT 'letter';
ALTER TABLE message ADD COLUMN abnormal INTEGER NOT NULL DEFAULT 0;
UPDATE message SET topic = CASE kind WHEN 'receipt' THEN 'receipt' WHEN 'letter' THEN 'letter' ELSE 'document' END;
CREATE INDEX message_fact
    ON message (order_key, folder, seen, flagged, has_attachment, abnormal, topic);
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (
    subject, sender, recipients, patient, body,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
UPDATE message SET indexed = 0, opened = 0;
