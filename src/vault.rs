//! The store's key and the passwords: OS keyring or a private key file.
