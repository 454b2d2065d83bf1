//! What a page would draw, looked through before it is drawn: pictures larger than any paper, which a few bytes can ask
//! for and the library makes room for at once, and drawing without end. Neither can be stopped once it has begun.

use std::panic::resume_unwind;

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::pattern::Pattern;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
};
use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::{Array, Dict, Object, Stream};
use hayro::kurbo::{Affine, BezPath};
use memchr::memmem;

use super::{Patience, Stopped};

/// Most points of a picture: a page A3 scanned at 600 dots an inch has 70 million.
const MOST: u64 = 100_000_000;

/// Walks through all a page draws, and unwinds with [`Stopped`] at what must not be drawn.
pub(super) struct Walk<'p> {
    patience: Patience<'p>,
}

impl<'p> Walk<'p> {
    pub(super) fn new(patience: Patience<'p>) -> Self {
        Self { patience }
    }

    fn check(&self) {
        if self.patience.is_over() {
            resume_unwind(Box::new(Stopped));
        }
    }

    fn stream(&self, stream: &Stream<'_>) {
        if !fits(stream) {
            resume_unwind(Box::new(Stopped));
        }
    }

    fn paint<'a>(&mut self, paint: &Paint<'a>)
    where
        Self: Device<'a>,
    {
        if let Paint::Pattern(pattern) = paint
            && let Pattern::Tiling(tile) = &**pattern
        {
            tile.interpret(self, Affine::IDENTITY, false);
        }
    }

    fn mask<'a>(&mut self, mask: Option<SoftMask<'a>>)
    where
        Self: Device<'a>,
    {
        if let Some(mask) = mask {
            mask.interpret(self);
        }
    }
}

impl<'a> Device<'a> for Walk<'_> {
    fn draw_path(&mut self, _: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        self.check();
        self.paint(&props.paint);
        self.mask(props.soft_mask);
    }

    fn push_clip_path(&mut self, _: &ClipPath) {
        self.check();
    }

    fn push_transparency_group(&mut self, _: f32, mask: Option<SoftMask<'a>>, _: BlendMode) {
        self.check();
        self.mask(mask);
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        self.check();
        self.paint(&props.paint);
        for glyph in run.glyphs() {
            if let Glyph::Type3(drawn) = &**glyph {
                drawn.interpret(self, props.transform, glyph.transform(), &props.paint);
            }
        }
        self.mask(props.soft_mask);
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.check();
        match &image {
            Image::Stencil(stencil) => self.stream(stencil.stream()),
            Image::Raster(raster) => self.stream(raster.stream()),
        }
        self.mask(props.soft_mask);
    }

    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// The picture, and what masks it, have no more points than [`MOST`]; a mask has none itself.
fn fits(stream: &Stream<'_>) -> bool {
    let masks = ["SMask", "Mask"].iter().filter_map(|name| stream.dict().get::<Stream<'_>>(name));
    fits_alone(stream) && masks.into_iter().all(|mask| fits_alone(&mask))
}

/// By what the PDF says of it (ISO 32000-1 §8.9.5), and by what it says itself where the library follows that.
fn fits_alone(stream: &Stream<'_>) -> bool {
    let dict = stream.dict();
    let number =
        |name: &str, short: &str| dict.get::<u32>(name).or_else(|| dict.get::<u32>(short)).unwrap_or(0);
    let (width, height) = (number("Width", "W"), number("Height", "H"));
    is_small(width, height) && is_small(columns(dict), height) && has_small_points(stream)
}

fn is_small(width: u32, height: u32) -> bool {
    u64::from(width) * u64::from(height) <= MOST
}

/// Columns of a fax page (§7.4.6), the most of any packing of the stream.
fn columns(dict: &Dict<'_>) -> u32 {
    let of = |parameters: Dict<'_>| parameters.get::<u32>("Columns").unwrap_or(0);
    let several = |name: &str| {
        let all = dict.get::<Array<'_>>(name)?;
        all.iter::<Object<'_>>().filter_map(Object::into_dict).map(of).max()
    };
    ["DecodeParms", "DP"]
        .into_iter()
        .filter_map(|name| dict.get::<Dict<'_>>(name).map(of).or_else(|| several(name)))
        .max()
        .unwrap_or(0)
}

/// Of pictures that say their size themselves: it is not too large. One packed once more is not looked into, nor drawn.
fn has_small_points(stream: &Stream<'_>) -> bool {
    let filters = stream.filters();
    let Some(own) =
        filters.iter().position(|filter| matches!(filter, Filter::Jbig2Decode | Filter::JpxDecode))
    else {
        return true;
    };
    if own != 0 {
        return false;
    }
    let data = stream.raw_data();
    if filters.first() == Some(&Filter::JpxDecode) {
        return is_small_jpx(&data);
    }
    let settings = hayro_jbig2::DecodeSettings { strict: false };
    hayro_jbig2::Page::new_embedded(&data, None, &settings)
        .map_or(true, |page| is_small(page.width(), page.height()))
}

/// JPEG 2000 begins with its size (ISO 15444-1 §A.5.1): two marks, a length, what it may hold, width and height.
fn is_small_jpx(data: &[u8]) -> bool {
    memmem::find_iter(data, b"\xFF\x4F\xFF\x51").all(|at| {
        let number = |from: usize| {
            let four = data.get(at + from..at + from + 4)?;
            Some(u32::from_be_bytes(four.try_into().ok()?))
        };
        number(8).zip(number(12)).is_none_or(|(width, height)| is_small(width, height))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Patience, draw};

    /// A page of a hundred points that draws `content` with these objects at hand.
    fn page(content: &str, resources: &str, objects: &[&[u8]]) -> Vec<u8> {
        let mut pdf = format!(
            "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
             3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Resources<<{resources}>>/Contents 4 0 R>>endobj\n\
             4 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n",
            content.len()
        )
        .into_bytes();
        for (at, object) in objects.iter().enumerate() {
            pdf.extend_from_slice(format!("{} 0 obj", at + 5).as_bytes());
            pdf.extend_from_slice(object);
            pdf.extend_from_slice(b" endobj\n");
        }
        pdf.extend_from_slice(b"trailer<</Root 1 0 R>>\n");
        pdf
    }

    fn image(dict: &str, body: &[u8]) -> Vec<u8> {
        let head = format!("<</Subtype/Image{dict}/Length {}>>stream\n", body.len());
        [head.as_bytes(), body, b"\nendstream"].concat()
    }

    fn is_drawn(pdf: &[u8]) -> bool {
        draw(pdf, 0, 1.0, Patience::endless()).is_some()
    }

    fn is_picture_drawn(dict: &str, body: &[u8]) -> bool {
        is_drawn(&page("100 0 0 100 0 0 cm /I Do", "/XObject<</I 5 0 R>>", &[&image(dict, body)]))
    }

    const GREY: &str = "/ColorSpace/DeviceGray/BitsPerComponent 8";

    #[test]
    fn a_picture_larger_than_any_paper_is_not_drawn_whoever_says_its_size() {
        assert!(is_picture_drawn(&format!("{GREY}/Width 1/Height 1"), b"x"));
        assert!(!is_picture_drawn(&format!("{GREY}/Width 60000/Height 60000"), b"x"));
        let fax = |height: u32, columns: u32| {
            let parameters = format!("/DecodeParms<</K -1/Columns {columns}>>");
            is_picture_drawn(
                &format!("{GREY}/Width 1/Height {height}/Filter/CCITTFaxDecode{parameters}"),
                b"x",
            ) && is_picture_drawn(
                &format!(
                    "{GREY}/Width 1/Height {height}/Filter[/CCITTFaxDecode]/DecodeParms[<</Columns {columns}>>]"
                ),
                b"x",
            )
        };
        assert!(fax(10, 1_728) && !fax(60_000, 60_000));
        // a page information segment (T.88 §7.4.8)
        let jbig2 = |width: u32| {
            let size = [width.to_be_bytes(), width.to_be_bytes()].concat();
            let body = [b"\0\0\0\0\x30\0\x01\0\0\0\x13".as_slice(), &size, &[0; 11]].concat();
            is_picture_drawn(&format!("{GREY}/Width 1/Height 1/Filter/JBIG2Decode"), &body)
        };
        assert!(jbig2(8) && !jbig2(60_000));
        let jpx = |width: u32| {
            let size = [width.to_be_bytes(), width.to_be_bytes()].concat();
            let body = [b"\xFF\x4F\xFF\x51\0\x29\0\0".as_slice(), &size, &[0; 25]].concat();
            is_picture_drawn(&format!("{GREY}/Width 1/Height 1/Filter/JPXDecode"), &body)
        };
        assert!(jpx(8) && !jpx(60_000));
        assert!(
            !is_picture_drawn(&format!("{GREY}/Width 1/Height 1/Filter[/FlateDecode/JPXDecode]"), b"x"),
            "hidden"
        );
    }

    #[test]
    fn it_is_found_wherever_a_page_draws_it() {
        let large = image(&format!("{GREY}/Width 60000/Height 60000"), b"x");
        let masked = image(&format!("{GREY}/Width 1/Height 1/SMask 6 0 R"), b"x");
        assert!(!is_drawn(&page("/I Do", "/XObject<</I 5 0 R>>", &[&masked, &large])), "a mask");
        assert!(
            !is_drawn(&page("BI /W 60000 /H 60000 /CS /G /BPC 8 ID x EI", "", &[])),
            "in the page itself"
        );
        let tile = b"<</PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9\
            /Resources<</XObject<</I 6 0 R>>>>/Length 5>>stream\n/I Do\nendstream";
        let paint = "/Pattern cs /P scn 0 0 50 50 re f";
        assert!(!is_drawn(&page(paint, "/Pattern<</P 5 0 R>>", &[tile, &large])), "a pattern");
        let small = image(&format!("{GREY}/Width 1/Height 1"), b"x");
        assert!(is_drawn(&page(paint, "/Pattern<</P 5 0 R>>", &[tile, &small])));
        let font = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a 6 0 R>>\
            /Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[9]/Resources<</XObject<</I 7 0 R>>>>>>";
        let glyph = b"<</Length 12>>stream\n9 0 d0 /I Do\nendstream";
        let text = "BT /F 1 Tf (a) Tj ET";
        assert!(!is_drawn(&page(text, "/Font<</F 5 0 R>>", &[font, glyph, &large])), "a letter");
        assert!(is_drawn(&page(text, "/Font<</F 5 0 R>>", &[font, glyph, &small])));
    }

    #[test]
    fn a_page_that_draws_for_longer_than_there_is_patience_is_not_drawn() {
        let busy = page(&"0 0 9 9 re f\n".repeat(10), "", &[]);
        assert!(is_drawn(&busy));
        assert!(draw(&busy, 0, 1.0, Patience::new(&|| true)).is_none());
    }
}
