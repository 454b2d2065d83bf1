//! IMAP and SMTP against scripted servers, which can do what real ones cannot on command, and against Dovecot.

mod authority;
mod dovecot;
mod imap_hostile;
mod imap_real;
mod scripted;
mod smtp_scripted;
