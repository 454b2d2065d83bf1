//! The national directory: import of the extraction and search as one types.
