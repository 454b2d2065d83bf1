//! PSO HASH: the last round of a hash that the reader's side began.

use super::status::{BAD_DATA, Refusal};

const SHA1_START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
const SHA256_START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// `90{} 80{message}`, or `90{state || bit count} 80{last block}`, or `90{hash}`.
pub fn last_round(algorithm: u8, data: &[u8]) -> Result<Vec<u8>, Refusal> {
    let [0x90, length, rest @ ..] = data else { return Err(BAD_DATA) };
    let (head, rest) = rest.split_at_checked((*length).into()).ok_or(BAD_DATA)?;
    let last = match rest {
        [] => return Ok(head.to_vec()), // hashed off the card
        [0x80, n, tail @ ..] if tail.len() == usize::from(*n) && *n <= 64 => tail,
        _ => return Err(BAD_DATA),
    };
    let start: &[u32] = if algorithm & 0xF0 == 0x40 { &SHA256_START } else { &SHA1_START };
    let (mut state, done) = resume(start, head)?;
    let mut tail = [last, &[0x80]].concat();
    while tail.len() % 64 != 56 {
        tail.push(0);
    }
    tail.extend((done + last.len() as u64 * 8).to_be_bytes());
    for block in tail.chunks(64) {
        compress(&mut state, block)?;
    }
    Ok(state.iter().flat_map(|word| word.to_be_bytes()).collect())
}

fn resume(start: &[u32], head: &[u8]) -> Result<(Vec<u32>, u64), Refusal> {
    if head.is_empty() {
        return Ok((start.to_vec(), 0));
    }
    let (words, count) = head.split_at_checked(start.len() * 4).ok_or(BAD_DATA)?;
    let count: [u8; 8] = count.try_into().map_err(|_| BAD_DATA)?;
    let word = |c: &[u8]| u32::from_be_bytes([c[0], c[1], c[2], c[3]]);
    Ok((words.chunks(4).map(word).collect(), u64::from_be_bytes(count)))
}

fn compress(state: &mut [u32], block: &[u8]) -> Result<(), Refusal> {
    if let Ok(state) = <&mut [u32; 8]>::try_from(&mut *state) {
        sha2::compress256(state, &[*sha2::digest::generic_array::GenericArray::from_slice(block)]);
        return Ok(());
    }
    let state = <&mut [u32; 5]>::try_from(state).map_err(|_| BAD_DATA)?;
    sha1::compress(state, &[*sha1::digest::generic_array::GenericArray::from_slice(block)]);
    Ok(())
}
