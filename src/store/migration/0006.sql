-- How a body is packed: 0 as it came and compressed, 1 with its base64 undone before.
ALTER TABLE body ADD COLUMN packing INTEGER NOT NULL DEFAULT 0;
-- A first listing is indexed with the bodies, in one go, and not before them.
ALTER TABLE message ADD COLUMN indexed INTEGER NOT NULL DEFAULT 1;
CREATE INDEX message_unindexed ON message (order_key) WHERE indexed = 0;
-- One segment for each transaction of bodies, merged when there is time (Store::tend_index), not while mail comes in.
INSERT INTO search (search, rank) VALUES ('hashsize', 33554432);
INSERT INTO search (search, rank) VALUES ('automerge', 0);
INSERT INTO search (search, rank) VALUES ('crisismerge', 64);
