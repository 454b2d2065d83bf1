//! Status words of ISO 7816-4 as the card answers them.

/// A refusal, as the two bytes that end the answer.
pub type Refusal = u16;

pub const OK: u16 = 0x9000;
pub const WRONG_LENGTH: Refusal = 0x6700;
pub const NO_CURRENT_FILE: Refusal = 0x6986;
pub const SECURITY: Refusal = 0x6982;
pub const BLOCKED: Refusal = 0x6983;
pub const CONDITIONS: Refusal = 0x6985;
pub const BAD_DATA: Refusal = 0x6A80;
pub const NOT_FOUND: Refusal = 0x6A82;
pub const BAD_P1P2: Refusal = 0x6A86;
pub const NO_REFERENCE: Refusal = 0x6A88;
pub const BAD_OFFSET: Refusal = 0x6B00;
pub const BAD_INSTRUCTION: Refusal = 0x6D00;
