-- 0011 made the index anew and lost what 0006 had set. Segments are merged when nothing else is to be done
-- (Store::tend_index), or when there are far too many; less often where more of the index fits in memory.
INSERT INTO search (search, rank) VALUES ('hashsize', 16777216);
INSERT INTO search (search, rank) VALUES ('automerge', 0);
INSERT INTO search (search, rank) VALUES ('crisismerge', 64);
