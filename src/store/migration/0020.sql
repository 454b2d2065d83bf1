-- Messages are added by one statement of ours (store::insert), which counts them. For the sake of the trigger SQLite kept a
-- copy of every page that an insertion changed, so that it could take back this one statement.
DROP TRIGGER message_added;
