//! What changed of a picture that came as pixels, coded for viewers in step without a JPEG of the whole.

use rtm2_camera::RawImage;
use rtm2_tiles::{Means, Rect, Region, Shape, Sheet, Step, TileStream};

use super::stats;

/// With so many hundredths of a picture the whole of it goes: coding them would save nothing worth having.
const WHOLE_FROM: usize = 75;

/// Looks at raw pictures for the streams of one camera.
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
    /// Looks at the next picture, which costs a tenth of coding it.
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
