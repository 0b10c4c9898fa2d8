//! Where a JPEG ends: a walk over its marker segments, as far as a recorder needs it. Decodes nothing.

/// Start of image.
pub(crate) const SOI: [u8; 2] = [0xFF, 0xD8];

/// Whether bytes begin as every JPEG does: start of image, then another marker.
pub(crate) fn begins(bytes: &[u8]) -> bool {
    bytes.len() >= 4 && bytes[..2] == SOI && bytes[2] == 0xFF
}

/// Length of the JPEG at the start of `bytes`, its end marker included; `None` if it does not reach one.
///
/// Marker segments are skipped by their stated length, so an end marker inside a thumbnail or a comment does not
/// count; entropy-coded data is scanned, where a stuffed zero or a restart marker after 0xFF does not count either.
pub(crate) fn length(bytes: &[u8]) -> Option<usize> {
    if !begins(bytes) {
        return None;
    }
    let mut at = 2;
    loop {
        // Fill bytes of 0xFF may stand before any marker.
        while *bytes.get(at)? == 0xFF && *bytes.get(at + 1)? == 0xFF {
            at += 1;
        }
        if bytes[at] != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        at += 2;
        match marker {
            0xD9 => return Some(at),
            // Standing alone, without a length.
            0x01 | 0xD0..=0xD7 => {}
            // No marker at all here, or the start of another picture: not a whole JPEG.
            0x00 | 0xD8 => return None,
            _ => {
                let len = usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
                if len < 2 {
                    return None;
                }
                at += len;
                if marker == 0xDA {
                    at = after_entropy(bytes, at)?;
                }
            }
        }
    }
}

/// Where the marker after entropy-coded data stands.
fn after_entropy(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|&b| b == 0xFF)?;
        match *bytes.get(at + 1)? {
            0x00 | 0xD0..=0xD7 => at += 2,
            _ => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An APP0 holding an end marker, a scan holding a stuffed 0xFF and a restart marker, fill bytes, the end.
    const TRICKY: [u8; 29] = [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 6, 0xFF, 0xD9, 0xFF, 0xD8, 0xFF, 0xDA, 0, 4, 1, 2, 7, 0xFF, 0x00, 9, 0xFF, 0xD3, 8,
        0xFF, 0xFF, 0xFF, 0xD9, 0xAA, 0xBB,
    ];

    #[test]
    fn an_end_marker_counts_only_where_a_marker_may_stand() {
        assert_eq!(length(&TRICKY), Some(27));
    }

    #[test]
    fn a_truncated_picture_has_no_end() {
        for cut in 0..27 {
            assert_eq!(length(&TRICKY[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn real_pictures_end_where_they_end() {
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 40)
            .encode(&[90; 32 * 16], 32, 16, image::ExtendedColorType::L8)
            .unwrap();
        let whole = bytes.len();
        bytes.extend([0; 7]);
        assert_eq!(length(&bytes), Some(whole));
    }

    #[test]
    fn garbage_is_refused_not_read_past_its_end() {
        for bytes in [&[][..], &[0xFF], &[0xFF, 0xD8], &[0xFF, 0xD8, 0xFF, 0xE0], &[0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 2]] {
            assert_eq!(length(bytes), None, "{bytes:?}");
        }
    }
}
