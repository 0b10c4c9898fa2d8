//! What changed of a picture that came as pixels, coded for viewers in step without a JPEG of the whole.
//!
//! So it is also where something moves and the recorder makes that JPEG anyway: to cut from it, one has to go over its
//! entropy code once, which costs more than to code what changed until that is about half of the picture; and viewers
//! would wait for the whole to be coded.

use rtm2_camera::RawImage;
use rtm2_tiles::{Means, Rect, Region, Shape, Sheet, Step, TileStream};

use super::stats;

/// With so many hundredths of a picture's area the whole of it goes. How many bytes that has is not known before it is
/// coded; parts of it have hardly more.
const WHOLE_FROM: usize = 90;

/// Looks at the raw pictures of one camera.
#[derive(Debug, Default)]
pub(super) struct RawTiler {
    means: Means,
}

/// A raw picture that was looked at.
pub(super) struct Seen<'a> {
    raw: &'a RawImage,
    means: &'a Means,
}

impl RawTiler {
    /// Looks at the next picture, which costs a twentieth of coding it.
    pub(super) fn look<'a>(&'a mut self, raw: &'a RawImage) -> Seen<'a> {
        raw.means(&mut self.means);
        Seen { raw, means: &self.means }
    }
}

impl Seen<'_> {
    /// Size of the picture, and of the MCUs that its JPEG would have.
    pub(super) fn shape(&self) -> Shape {
        self.means.shape
    }

    /// What goes to viewers of a stream.
    pub(super) fn step(&self, stream: &mut TileStream, seq: u64, regions: &[Region]) -> Step {
        stream.step_of_pixels(seq, self.means, regions, |rects| self.sheet(rects))
    }

    fn sheet(&self, rects: &[Rect]) -> Option<Sheet> {
        let shape = self.means.shape;
        let area: usize = rects.iter().map(Rect::area).sum();
        if area * 100 >= shape.columns() * shape.rows() * WHOLE_FROM {
            return None;
        }
        metrics::counter!(stats::ENCODED_PARTS).increment(1);
        let sheet = self.raw.encode_parts(rects);
        sheet.inspect_err(|error| tracing::error!("parts of a picture could not be encoded: {error}")).ok()
    }
}
