//! Sheets of pictures that come as pixels: their rectangles are painted on one and coded, not cut from a JPEG.

use super::{Place, Sheet};
use crate::ScanError;
use crate::header::segment;

impl Sheet {
    /// Takes a baseline JPEG apart into what a sheet is made of; `places` says what was painted on it. What says nothing of
    /// the picture, such as comments, is left out.
    pub fn of_jpeg(jpeg: &[u8], places: Vec<Place>) -> Result<Self, ScanError> {
        if !jpeg.starts_with(&super::START_OF_IMAGE) {
            return Err(ScanError::NotJpeg);
        }
        let (mut head, mut body) = (Vec::new(), Vec::new());
        let mut at = super::START_OF_IMAGE.len();
        loop {
            let (code, _, end) = segment(jpeg, at)?;
            match code {
                0xc4 | 0xdb => head.extend_from_slice(&jpeg[at..end]),
                0xd9 => return Err(ScanError::Damaged("it ends without picture data")),
                0xda => {
                    body.extend_from_slice(&jpeg[at..]);
                    return Ok(Self { places, head, body });
                }
                0xe0..=0xef | 0xfe => {}
                _ => body.extend_from_slice(&jpeg[at..end]),
            }
            at = end;
        }
    }
}
