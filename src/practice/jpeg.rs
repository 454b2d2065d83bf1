//! A small baseline JPEG writer: blocks of 8 × 8 pixels of one colour each, enough for a plausible blurred photograph.
//! Tables: ITU-T T.81 annex K.

/// Bits of the entropy-coded segment.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    buffer: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, length: u32) {
        for at in (0..length).rev() {
            self.buffer = (self.buffer << 1) | ((value >> at) & 1);
            self.count += 1;
            if self.count == 8 {
                let byte = u8::try_from(self.buffer & 0xFF).unwrap_or(0);
                self.out.push(byte);
                if byte == 0xFF {
                    self.out.push(0);
                }
                (self.buffer, self.count) = (0, 0);
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        while self.count != 0 {
            self.put(1, 1);
        }
        self.out
    }
}

/// Codes of the luminance DC table: code and length by category 0 to 11.
const DC: [(u32, u32); 12] = [
    (0b00, 2),
    (0b010, 3),
    (0b011, 3),
    (0b100, 3),
    (0b101, 3),
    (0b110, 3),
    (0b1110, 4),
    (0b1_1110, 5),
    (0b11_1110, 6),
    (0b111_1110, 7),
    (0b1111_1110, 8),
    (0b1_1111_1110, 9),
];
/// Number of codes by length 1 to 16, then the symbols, of the DC table.
const DC_TABLE: [u8; 28] =
    [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/// An AC table with the end of block alone.
const AC_TABLE: [u8; 17] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

fn segment(out: &mut Vec<u8>, marker: u8, content: &[u8]) {
    out.extend_from_slice(&[0xFF, marker]);
    out.extend_from_slice(&u16::try_from(content.len() + 2).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(content);
}

/// An image of `columns` × `rows` blocks; `colour` gives red, green and blue of a block.
pub(super) fn image(columns: u16, rows: u16, colour: impl Fn(u16, u16) -> [u8; 3]) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
    segment(&mut out, 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let mut quantisation = vec![0];
    quantisation.extend_from_slice(&[8; 64]);
    segment(&mut out, 0xDB, &quantisation);
    let mut frame = vec![8];
    frame.extend_from_slice(&(rows * 8).to_be_bytes());
    frame.extend_from_slice(&(columns * 8).to_be_bytes());
    frame.extend_from_slice(&[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    segment(&mut out, 0xC0, &frame);
    segment(&mut out, 0xC4, &[&[0x00][..], &DC_TABLE].concat());
    segment(&mut out, 0xC4, &[&[0x10][..], &AC_TABLE].concat());
    segment(&mut out, 0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let mut bits = Bits::default();
    let mut previous = [0_i32; 3];
    for row in 0..rows {
        for column in 0..columns {
            let [r, g, b] = colour(column, row).map(f64::from);
            // T.871; with a quantiser of 8 the DC coefficient of a flat block is its level minus 128
            let levels = [
                0.299 * r + 0.587 * g + 0.114 * b - 128.0,
                -0.1687 * r - 0.3313 * g + 0.5 * b,
                0.5 * r - 0.4187 * g - 0.0813 * b,
            ];
            for (level, last) in levels.into_iter().zip(&mut previous) {
                #[allow(clippy::cast_possible_truncation)] // within ±128
                let value = level.round() as i32;
                coefficient(&mut bits, value - *last);
                *last = value;
            }
        }
    }
    out.extend(bits.finish());
    out.extend_from_slice(&[0xFF, 0xD9]);
    out
}

fn coefficient(bits: &mut Bits, difference: i32) {
    let magnitude = difference.unsigned_abs();
    let category = 32 - magnitude.leading_zeros();
    let (code, length) = DC.get(category as usize).copied().unwrap_or((0, 2));
    bits.put(code, length);
    let value = if difference < 0 { (1 << category) - 1 - magnitude } else { magnitude };
    bits.put(value, category);
    // end of block
    bits.put(0, 1);
}

/// A wound, as a nurse photographs it: reddish ellipse on skin, paler with each `stage`.
pub(super) fn wound(stage: u8) -> Vec<u8> {
    image(80, 60, |x, y| {
        let dx = (f64::from(x) - 40.0) / 24.0;
        let dy = (f64::from(y) - 30.0) / 14.0;
        let distance = dx * dx + dy * dy;
        let grain = u8::try_from((u32::from(x) * 7 + u32::from(y) * 13) % 9).unwrap_or(0);
        let paler = stage.saturating_mul(14);
        if distance < 0.55 {
            [150 + grain, 40 + paler + grain, 45 + paler]
        } else if distance < 1.0 {
            [195 + grain, 95 + paler + grain, 85 + paler]
        } else {
            [226 + grain, 186 + grain, 160 + grain]
        }
    })
}

/// A logo for newsletters.
pub(super) fn logo() -> Vec<u8> {
    image(20, 8, |x, y| if (x + y) % 5 < 3 { [11, 110, 117] } else { [226, 241, 241] })
}
