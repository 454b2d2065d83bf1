//! Secrets: wiped when dropped, never printed. Everything that is a PIN, a password, a token or a key travels in one
//! of these types.

use zeroize::Zeroizing;

/// A PIN, password or token. No `Debug`, no `Display`, no serialisation: the content leaves only by [`Secret::expose`].
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text; the caller's copy, if any, is the caller's to wipe.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The 256-bit key of a store.
#[derive(Clone)]
pub struct StoreKey(Zeroizing<[u8; 32]>);

impl StoreKey {
    /// Wraps key material.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key bytes, for the cipher.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}
