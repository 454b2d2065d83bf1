//! SMTP submission with per-recipient answers.
