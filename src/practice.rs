//! A fictitious mailbox, card and annuaire inside the process: the mode without card, tests and screenshots.
