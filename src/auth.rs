//! SASL credentials and their initial responses.
