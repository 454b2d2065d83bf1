//! The PDF itself: pages, pictures, and of each face the glyphs that are used (ISO 32000-1, 9.7 and 9.10).

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::canvas::{Canvas, HEIGHT, WIDTH, resource};
use super::face::{Face, Font};
use super::picture::{Colours, Drawn, Samples};
use super::{Error, Sheet};

const IDENTITY: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
const FACES: [Face; 4] = [Face::Regular, Face::Strong, Face::Italic, Face::Mono];

/// Numbers of objects, given out one after the other.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

pub(super) fn write(mut canvas: Canvas, sheet: &Sheet) -> Result<Vec<u8>, Error> {
    let mut pdf = Pdf::new();
    let mut numbers = Numbers(0);
    let (catalog, tree, info) = (numbers.next(), numbers.next(), numbers.next());
    pdf.catalog(catalog)
        .pages(tree)
        .lang(TextStr(&sheet.language))
        .viewer_preferences()
        .display_doc_title(true);
    pdf.document_info(info).title(TextStr(&sheet.title)).producer(TextStr("Estafette"));

    let fonts: Vec<(Face, Ref)> = FACES
        .into_iter()
        .filter(|face| !canvas.fonts.of(*face).characters.is_empty())
        .map(|face| (face, numbers.next()))
        .collect();
    for (face, number) in &fonts {
        font(&mut pdf, &mut numbers, *number, canvas.fonts.of(*face))?;
    }
    let pictures: Vec<Ref> = canvas.pictures.iter().map(|_| numbers.next()).collect();
    for (drawn, number) in canvas.pictures.drain(..).zip(&pictures) {
        picture(&mut pdf, *number, drawn);
    }
    let mut kids = Vec::with_capacity(canvas.pages.len());
    for content in canvas.pages {
        let (page, stream) = (numbers.next(), numbers.next());
        kids.push(page);
        let mut page = pdf.page(page);
        page.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(stream);
        let mut resources = page.resources();
        let mut named = resources.fonts();
        for (face, number) in &fonts {
            named.pair(Name(resource(*face).as_bytes()), number);
        }
        named.finish();
        let mut named = resources.x_objects();
        for (at, number) in pictures.iter().enumerate() {
            named.pair(Name(format!("P{at}").as_bytes()), number);
        }
        named.finish();
        resources.finish();
        page.finish();
        let packed = packed(&drawn_on(content));
        pdf.stream(stream, &packed).filter(Filter::FlateDecode);
    }
    let count = i32::try_from(kids.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(kids).count(count);
    Ok(pdf.finish())
}

fn drawn_on(content: Content) -> Vec<u8> {
    content.finish().into_vec()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // into memory: it has nowhere to fail
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn font(pdf: &mut Pdf, numbers: &mut Numbers, number: Ref, font: &Font) -> Result<(), Error> {
    let (descendant, descriptor, file, unicode) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next());
    let subset = subsetter::subset(font.data, 0, &font.used).map_err(|_| Error::Typeface)?;
    // six capitals before the name say that it is a subset
    let name = format!("ESTAFE+{}", font.name);
    let name = Name(name.as_bytes());
    pdf.type0_font(number)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(descendant)
        .to_unicode(unicode);

    let units = f32::from(font.parsed.units_per_em().max(1));
    let mut cid = pdf.cid_font(descendant);
    cid.subtype(CidFontType::Type2)
        .base_font(name)
        .system_info(IDENTITY)
        .font_descriptor(descriptor)
        .default_width(0.0)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    let widths = font.used.remapped_gids().map(|id| font.advance(id) * 1000.0);
    cid.widths().consecutive(0, widths);
    cid.finish();

    let scaled = |value: i16| f32::from(value) * 1000.0 / units;
    let bounds = font.parsed.global_bounding_box();
    let mut flags = FontFlags::SYMBOLIC;
    flags.set(FontFlags::FIXED_PITCH, font.parsed.is_monospaced());
    flags.set(FontFlags::ITALIC, font.parsed.is_italic());
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(flags)
        .bbox(Rect::new(
            scaled(bounds.x_min),
            scaled(bounds.y_min),
            scaled(bounds.x_max),
            scaled(bounds.y_max),
        ))
        .italic_angle(font.parsed.italic_angle())
        .ascent(scaled(font.parsed.ascender()))
        .descent(scaled(font.parsed.descender()))
        .cap_height(scaled(font.parsed.capital_height().unwrap_or(font.parsed.ascender())))
        .stem_v(if font.name.ends_with("SemiBold") { 120.0 } else { 80.0 })
        .font_file2(file);
    let length = i32::try_from(subset.len()).unwrap_or(i32::MAX);
    let packed_subset = packed(&subset);
    let mut stream = pdf.stream(file, &packed_subset);
    stream.filter(Filter::FlateDecode);
    stream.pair(Name(b"Length1"), length);
    stream.finish();

    let mut map = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
    for (number, character) in &font.characters {
        map.pair(*number, *character);
    }
    let map = packed(&map.finish().into_vec());
    pdf.cmap(unicode, &map).filter(Filter::FlateDecode);
    Ok(())
}

fn picture(pdf: &mut Pdf, number: Ref, drawn: Drawn) {
    let (bytes, filter, colours) = match drawn.content {
        Samples::Jpeg { bytes, colours } => (bytes, Filter::DctDecode, colours),
        Samples::Rgb(samples) => (packed(&samples), Filter::FlateDecode, Colours::Rgb),
    };
    let mut image = pdf.image_xobject(number, &bytes);
    image.filter(filter);
    image.width(i32::try_from(drawn.width).unwrap_or(1)).height(i32::try_from(drawn.height).unwrap_or(1));
    match colours {
        Colours::Grey => image.color_space().device_gray(),
        Colours::Rgb => image.color_space().device_rgb(),
        Colours::Cmyk => {
            image.color_space().device_cmyk();
            // programs write the inks of a JPEG upside down, as Adobe's first one did
            image.decode([1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        }
    }
    image.bits_per_component(8);
}
