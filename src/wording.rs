//! Sentences for people, from Fluent files, in French and English: used by the two programs only.
