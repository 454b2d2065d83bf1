//! Pure readers of health documents.
