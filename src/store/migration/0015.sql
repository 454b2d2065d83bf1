-- Large contents have files of their own beside the database (store::content): `raw` is empty then.
ALTER TABLE body ADD COLUMN file BLOB;
ALTER TABLE body ADD COLUMN file_key BLOB;
CREATE INDEX body_file ON body (file) WHERE file IS NOT NULL;
CREATE TABLE doomed_file (name BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TRIGGER body_removed AFTER DELETE ON body WHEN OLD.file IS NOT NULL BEGIN
    INSERT OR IGNORE INTO doomed_file (name) VALUES (OLD.file);
END;
CREATE TRIGGER body_replaced AFTER UPDATE OF file ON body WHEN OLD.file IS NOT NULL AND OLD.file IS NOT NEW.file BEGIN
    INSERT OR IGNORE INTO doomed_file (name) VALUES (OLD.file);
END;
