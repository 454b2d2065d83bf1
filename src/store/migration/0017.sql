-- A patient whom only the subject names is a mention too: such messages are looked into again.
DROP INDEX message_unopened;
CREATE INDEX message_unopened ON message (order_key)
    WHERE opened = 0 AND downloaded = 1 AND (has_attachment = 1 OR kind = 'hprim' OR subject GLOB '*XDM/1.0/DDM+*'
        OR subject GLOB '*[0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]');
UPDATE message SET opened = 0
    WHERE subject GLOB '*XDM/1.0/DDM+*' OR subject GLOB '*[0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]';
