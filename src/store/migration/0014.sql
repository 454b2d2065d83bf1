-- What waits is few among many: one index for each kind, so that queries find them.
DROP INDEX mention_standing;
CREATE INDEX mention_new ON mention (id) WHERE standing = 'new';
CREATE INDEX mention_open ON mention (fingerprint, source) WHERE standing = 'open';
