//! The local cache: the only module that knows SQL.
