-- How a body is packed: 0 as it came and compressed, 1 with its base64 undone before.
ALTER TABLE body ADD COLUMN packing INTEGER NOT NULL DEFAULT 0;
