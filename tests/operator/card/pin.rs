//! The holder's code and its tries.

use super::status::{BLOCKED, Refusal, SECURITY};

pub const MAX_TRIES: u8 = 3;

pub struct Pin {
    code: Vec<u8>,
    unblocking: Vec<u8>,
    tries: u8,
    verified: bool,
}

impl Pin {
    pub fn new(code: &str, unblocking: &str) -> Self {
        Self { code: code.into(), unblocking: unblocking.into(), tries: MAX_TRIES, verified: false }
    }

    pub fn tries(&self) -> u8 {
        self.tries
    }

    pub fn verified(&self) -> bool {
        self.verified
    }

    pub fn forget(&mut self) {
        self.verified = false;
    }

    /// Compares a code padded with FF or 00.
    pub fn check(&mut self, given: &[u8]) -> Result<(), Refusal> {
        if self.tries == 0 {
            return Err(BLOCKED);
        }
        let end = given.iter().rposition(|b| *b != 0xFF && *b != 0).map_or(0, |p| p + 1);
        if given[..end] == self.code[..] {
            self.tries = MAX_TRIES;
            self.verified = true;
            return Ok(());
        }
        self.verified = false;
        self.tries -= 1;
        self.state()
    }

    /// What an empty VERIFY answers: done, or the tries left.
    pub fn state(&self) -> Result<(), Refusal> {
        match (self.tries, self.verified) {
            (0, _) => Err(BLOCKED),
            (_, true) => Ok(()),
            (tries, false) => Err(0x63C0 | u16::from(tries)),
        }
    }

    pub fn change(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let (old, new) = data.split_at(data.len() / 2);
        self.check(old)?;
        self.code = new.to_vec();
        Ok(())
    }

    pub fn unblock(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let new = data.strip_prefix(&self.unblocking[..]).ok_or(SECURITY)?;
        if !new.is_empty() {
            self.code = new.to_vec();
        }
        self.tries = MAX_TRIES;
        Ok(())
    }
}
