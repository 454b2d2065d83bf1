//! The holder's code, the code that unblocks it, and their tries.

use super::status::{BLOCKED, CONDITIONS, Refusal, SECURITY};

pub const MAX_TRIES: u8 = 3;

/// One code with its tries.
pub struct Code {
    value: Vec<u8>,
    tries: u8,
    verified: bool,
}

impl Code {
    fn new(value: &str) -> Self {
        Self { value: value.into(), tries: MAX_TRIES, verified: false }
    }

    pub fn tries(&self) -> u8 {
        self.tries
    }

    pub fn verified(&self) -> bool {
        self.verified
    }

    /// Compares a code padded with FF or 00.
    pub fn check(&mut self, given: &[u8]) -> Result<(), Refusal> {
        if self.tries == 0 {
            return Err(BLOCKED);
        }
        let end = given.iter().rposition(|b| *b != 0xFF && *b != 0).map_or(0, |p| p + 1);
        if given[..end] == self.value[..] {
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
}

pub struct Pin {
    pub code: Code,
    pub unblocking: Code,
    /// The card's directory and rules name the unblocking code.
    pub lists_unblocking: bool,
}

impl Pin {
    pub fn new(code: &str, unblocking: &str, lists_unblocking: bool) -> Self {
        Self { code: Code::new(code), unblocking: Code::new(unblocking), lists_unblocking }
    }

    pub fn forget(&mut self) {
        self.code.verified = false;
        self.unblocking.verified = false;
    }

    pub fn change(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let (old, new) = data.split_at(data.len() / 2);
        self.code.check(old)?;
        self.code.value = new.to_vec();
        Ok(())
    }

    /// RESET RETRY COUNTER: the unblocking code and the new one together (P1 00), or the new one alone after VERIFY of
    /// the unblocking code (P1 02).
    pub fn unblock(&mut self, p1: u8, data: &[u8]) -> Result<(), Refusal> {
        let new = match p1 {
            0x00 => {
                let (code, new) = data.split_at_checked(self.unblocking.value.len()).ok_or(SECURITY)?;
                self.unblocking.check(code)?;
                new
            }
            0x02 if self.unblocking.verified => data,
            0x02 => return Err(SECURITY),
            _ => return Err(CONDITIONS),
        };
        let end = new.iter().rposition(|b| *b != 0xFF && *b != 0).map_or(0, |p| p + 1);
        if end > 0 {
            self.code.value = new[..end].to_vec();
        }
        self.code.tries = MAX_TRIES;
        self.forget();
        Ok(())
    }
}
