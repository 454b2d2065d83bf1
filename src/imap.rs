//! IMAP: a guard between TLS and async-imap, and sessions that speak in the field's terms.
