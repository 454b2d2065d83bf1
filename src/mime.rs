//! Messages: parse, build, HTML to safe blocks, attachments.
