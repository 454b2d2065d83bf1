//! Pictures as a PDF holds them.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat, ImageReader};

/// Most pixels of a picture: a page at 300 dots an inch is nine million.
const MOST_PIXELS: u64 = 40_000_000;
/// Most bytes a decoder may take.
const MOST_MEMORY: u64 = 256 << 20;

/// A picture ready for the file.
pub(super) struct Drawn {
    /// Pixels a line in the file.
    pub(super) width: u32,
    /// Lines in the file.
    pub(super) height: u32,
    pub(super) content: Samples,
    /// How the unit square is turned, as a matrix of PDF.
    pub(super) turn: [f32; 6],
    /// Turned by a quarter: width and height change places on paper.
    pub(super) is_turned: bool,
}

/// Its samples.
pub(super) enum Samples {
    /// A JPEG as it came.
    Jpeg { bytes: Vec<u8>, colours: Colours },
    /// Red, green, blue of each pixel, laid on white.
    Rgb(Vec<u8>),
}

/// What the samples of a pixel are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    Grey,
    Rgb,
    Cmyk,
}

/// Reads a JPEG or PNG; `None` for others, for damaged ones and for those beyond all bounds.
pub(super) fn read(bytes: &[u8]) -> Option<Drawn> {
    match image::guess_format(bytes).ok()? {
        ImageFormat::Jpeg => jpeg(bytes),
        ImageFormat::Png => png(bytes),
        _ => None,
    }
}

fn is_bounded(width: u32, height: u32) -> bool {
    width > 0 && height > 0 && u64::from(width) * u64::from(height) <= MOST_PIXELS
}

fn png(bytes: &[u8]) -> Option<Drawn> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if !is_bounded(width, height) {
        return None;
    }
    let rgba = image::DynamicImage::from_decoder(decoder).ok()?.to_rgba8();
    let mut rgb = Vec::with_capacity(rgba.as_raw().len() / 4 * 3);
    for pixel in rgba.pixels() {
        let [r, g, b, a] = pixel.0;
        let on_white = |c: u8| {
            let mixed = (u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a))) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        rgb.extend([on_white(r), on_white(g), on_white(b)]);
    }
    let (turn, is_turned) = turn(Orientation::NoTransforms);
    Some(Drawn { width, height, content: Samples::Rgb(rgb), turn, is_turned })
}

/// A JPEG goes into the file as it came, by what its headers say (ITU T.81, B.2): frames and how it was held. One that
/// has no end is left out, as readers stop at it.
fn jpeg(bytes: &[u8]) -> Option<Drawn> {
    let end = bytes.iter().rposition(|b| *b != 0)?;
    if bytes.get(end.checked_sub(1)?..=end)? != [0xff, 0xd9] {
        return None;
    }
    let mut held = Orientation::NoTransforms;
    let mut rest = bytes.get(2..)?;
    loop {
        let marker = match rest {
            [0xff, 0xff, ..] => {
                rest = rest.get(1..)?;
                continue;
            }
            [0xff, marker, ..] => *marker,
            _ => return None,
        };
        let length = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
        let segment = rest.get(4..length.checked_add(2)?)?;
        if marker == 0xe1
            && let Some(exif) = segment.strip_prefix(b"Exif\0\0")
        {
            held = Orientation::from_exif_chunk(exif).unwrap_or(held);
        }
        if matches!(marker, 0xc0..=0xc2) {
            let [8, h1, h2, w1, w2, count, ..] = segment else { return None };
            let (width, height) = (u16::from_be_bytes([*w1, *w2]), u16::from_be_bytes([*h1, *h2]));
            let (width, height) = (u32::from(width), u32::from(height));
            let colours = match count {
                1 => Colours::Grey,
                3 => Colours::Rgb,
                4 => Colours::Cmyk,
                _ => return None,
            };
            let (turn, is_turned) = turn(held);
            let content = Samples::Jpeg { bytes: bytes.to_vec(), colours };
            return is_bounded(width, height).then_some(Drawn { width, height, content, turn, is_turned });
        }
        rest = rest.get(length + 2..)?;
    }
}

/// The matrix that turns the unit square, and whether by a quarter.
fn turn(held: Orientation) -> ([f32; 6], bool) {
    match held {
        Orientation::NoTransforms => ([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], false),
        Orientation::Rotate90 => ([0.0, -1.0, 1.0, 0.0, 0.0, 1.0], true),
        Orientation::Rotate180 => ([-1.0, 0.0, 0.0, -1.0, 1.0, 1.0], false),
        Orientation::Rotate270 => ([0.0, 1.0, -1.0, 0.0, 1.0, 0.0], true),
        Orientation::FlipHorizontal => ([-1.0, 0.0, 0.0, 1.0, 1.0, 0.0], false),
        Orientation::FlipVertical => ([1.0, 0.0, 0.0, -1.0, 0.0, 1.0], false),
        Orientation::Rotate90FlipH => ([0.0, -1.0, -1.0, 0.0, 1.0, 1.0], true),
        Orientation::Rotate270FlipH => ([0.0, 1.0, 1.0, 0.0, 0.0, 0.0], true),
    }
}
