//! Pictures for tests.

use super::{Encoder, Layout, Range, Raw};

/// A colour JPEG whose brightness rises from black at the left edge to white at the right edge.
pub(crate) fn gradient_jpeg(width: u16, height: u16) -> Vec<u8> {
    let columns = (0..width).map(|x| (u32::from(x) * 255 / u32::from(width - 1).max(1)) as u8);
    let row: Vec<u8> = columns.flat_map(|y| [y, y, y]).collect();
    let data = row.repeat(usize::from(height));
    let raw = Raw { data: &data, width, height, stride: 0, layout: Layout::Rgb, range: Range::Full };
    Encoder::new(92).unwrap().encode(&raw).unwrap().to_vec()
}

/// The JPEG without its segments of one code.
pub(crate) fn without_segments(jpeg: &[u8], code: u8) -> Vec<u8> {
    let mut out = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xda {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != code {
            out.extend_from_slice(&jpeg[at..end]);
        }
        at = end;
    }
    out.extend_from_slice(&jpeg[at..]);
    out
}

/// Where `needle` first stands.
pub(crate) fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}
