//! The recovery code of a store: what a person writes on paper and types back years later.
//!
//! Seven groups of five characters in Crockford's base 32 (no I, L, O, U). The first four of a group carry 20 random
//! bits, 140 in all; the fifth checks them and the group's place, so that a slip is told at once and by its group.

use zeroize::{Zeroize, Zeroizing};

/// Groups of a code.
const GROUPS: usize = 7;
/// Characters of a group that carry the secret; one more checks them.
const CARRIED: usize = 4;
/// Random bytes a code is made from, one for each character that carries.
pub const RANDOM_BYTES: usize = GROUPS * CARRIED;
/// Longest text looked at: a code with a few separators.
const LONGEST: usize = 256;
/// Crockford's alphabet: a character's place is its value.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A recovery code. No `Debug`, no `Display`: the content leaves only by [`RecoveryCode::grouped`] and
/// [`RecoveryCode::carried`].
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<[u8; RANDOM_BYTES]>);

/// Why a text is no recovery code. Tells nothing of the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryCodeError {
    /// Not 35 characters, separators aside.
    #[error("{found} characters instead of 35")]
    Length {
        /// Characters found, separators aside.
        found: usize,
    },
    /// A character no code has.
    #[error("a character that no code has, in group {group}")]
    Character {
        /// Its group, from 1.
        group: usize,
    },
    /// The check of a group says it was mistyped or is in another's place.
    #[error("group {group} is mistyped")]
    Group {
        /// The first such group, from 1.
        group: usize,
    },
}

impl RecoveryCode {
    /// A code from random bytes, of which the lower five bits count.
    pub fn from_random(random: &[u8; RANDOM_BYTES]) -> Self {
        let mut values = Zeroizing::new(*random);
        values.iter_mut().for_each(|value| *value &= 31);
        Self(values)
    }

    /// Reads what was typed: either case, any spaces and hyphens, O for 0, I and L for 1.
    ///
    /// # Errors
    /// What is wrong, with the group to look at again.
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeError> {
        // room for everything at once: growing would leave copies behind
        let mut typed = Zeroizing::new(Vec::with_capacity(LONGEST));
        typed.extend(text.chars().filter(|c| !is_separator(*c)).take(LONGEST).map(value));
        if typed.len() != GROUPS * (CARRIED + 1) {
            return Err(RecoveryCodeError::Length { found: typed.len() });
        }
        let mut values = Zeroizing::new([0; RANDOM_BYTES]);
        let groups = typed.chunks_exact(CARRIED + 1).zip(values.chunks_exact_mut(CARRIED)).zip(1..);
        for ((typed, carried), group) in groups {
            for (from, to) in typed.iter().zip(carried.iter_mut()) {
                *to = from.ok_or(RecoveryCodeError::Character { group })?;
            }
            let check = typed.last().copied().flatten().ok_or(RecoveryCodeError::Character { group })?;
            if check != check_of(carried, group) {
                return Err(RecoveryCodeError::Group { group });
            }
        }
        Ok(Self(values))
    }

    /// The code as it is shown and printed: `XXXXX-XXXXX-…`.
    pub fn grouped(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(GROUPS * (CARRIED + 2)));
        for (carried, group) in self.0.chunks_exact(CARRIED).zip(1..) {
            if group > 1 {
                text.push('-');
            }
            let check = check_of(carried, group);
            text.extend(carried.iter().chain([&check]).map(|value| letter(*value)));
        }
        text
    }

    /// The 28 characters that carry the secret, without separators and checks: what a key is derived from.
    pub fn carried(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(RANDOM_BYTES));
        text.extend(self.0.iter().map(|value| letter(*value)));
        text
    }
}

fn is_separator(c: char) -> bool {
    // hyphens of every length, as word processors put them
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '_' | '.' | '\u{FEFF}')
}

fn letter(value: u8) -> char {
    ALPHABET.get(usize::from(value & 31)).map_or('0', |c| char::from(*c))
}

fn value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|a| char::from(*a) == c).and_then(|at| u8::try_from(at).ok())
}

/// The group's number plus the weighted sum of its values in GF(32) with weights α, α², α³, α⁴: every single slip, every
/// swap within a group and every group in another's place changes it.
fn check_of(carried: &[u8], group: usize) -> u8 {
    let mut check = u8::try_from(group).unwrap_or(0);
    let mut weight = 1;
    for value in carried {
        weight = times(weight, 2);
        check ^= times(weight, *value);
    }
    check & 31
}

/// Product in GF(32) by x⁵+x²+1.
fn times(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 != 0 {
            product ^= a;
        }
        a <<= 1;
        if a & 32 != 0 {
            a ^= 0b10_0101;
        }
        b >>= 1;
    }
    let answer = product & 31;
    product.zeroize();
    answer
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "tests")]
mod tests {
    use super::*;

    fn code() -> RecoveryCode {
        let mut random = [0; RANDOM_BYTES];
        for (at, byte) in random.iter_mut().enumerate() {
            *byte = u8::try_from(at * 37 % 251).unwrap();
        }
        RecoveryCode::from_random(&random)
    }

    fn refusal(text: &str) -> Option<RecoveryCodeError> {
        RecoveryCode::parse(text).err()
    }

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = code();
        let shown = code.grouped();
        assert_eq!(shown.len(), 41);
        assert_eq!(shown.split('-').count(), GROUPS);
        for typed in [
            shown.to_string(),
            shown.to_lowercase(),
            shown.replace('-', ""),
            shown.replace('-', " \u{2013} "),
            shown.replace('0', "o").replace('1', "l"),
            format!("\u{FEFF} {}\r\n", shown.as_str()),
        ] {
            assert_eq!(*RecoveryCode::parse(&typed).unwrap().carried(), *code.carried(), "{typed}");
        }
    }

    #[test]
    fn every_single_slip_is_told_with_its_group() {
        let shown = code().grouped().replace('-', "");
        for at in 0..shown.len() {
            for wrong in ALPHABET {
                let mut typed = shown.clone().into_bytes();
                if typed[at] == *wrong {
                    continue;
                }
                typed[at] = *wrong;
                let group = at / 5 + 1;
                assert_eq!(
                    refusal(std::str::from_utf8(&typed).unwrap()),
                    Some(RecoveryCodeError::Group { group })
                );
            }
        }
    }

    #[test]
    fn swapped_neighbours_and_swapped_groups_are_told() {
        let shown = code().grouped().replace('-', "");
        for at in 0..shown.len() - 1 {
            let mut typed = shown.clone().into_bytes();
            typed.swap(at, at + 1);
            if typed[at] != typed[at + 1] {
                assert!(refusal(std::str::from_utf8(&typed).unwrap()).is_some(), "{at}");
            }
        }
        let groups: Vec<&str> = (0..GROUPS).map(|g| &shown[g * 5..g * 5 + 5]).collect();
        for one in 0..GROUPS {
            for other in 0..one {
                let mut swapped = groups.clone();
                swapped.swap(one, other);
                assert_eq!(refusal(&swapped.concat()), Some(RecoveryCodeError::Group { group: other + 1 }));
            }
        }
    }

    #[test]
    fn what_is_no_code_is_refused_whatever_its_size() {
        assert_eq!(refusal(""), Some(RecoveryCodeError::Length { found: 0 }));
        assert_eq!(refusal("1234"), Some(RecoveryCodeError::Length { found: 4 }));
        assert_eq!(refusal(&"A".repeat(1 << 20)), Some(RecoveryCodeError::Length { found: LONGEST }));
        let shown = code().grouped();
        assert_eq!(refusal(&format!("U{}", &shown[1..])), Some(RecoveryCodeError::Character { group: 1 }));
        assert_eq!(refusal(&format!("{}é", &shown[..40])), Some(RecoveryCodeError::Character { group: 7 }));
    }
}
