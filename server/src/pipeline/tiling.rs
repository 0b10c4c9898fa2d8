//! What of a camera's pictures viewers in step need: one stream of changes for those that watch everything, and one for
//! those that watch motion. Does nothing while nobody watches (B24).

use rtm2_app::Mode;
use rtm2_app::wire::tiles::MAX_PLACES;
use rtm2_detect::Verdict;
use rtm2_tiles::{Region, Scale, Scanned, Scanner, Shape, Step, TileStream};

use super::raw_tiles::{RawTiler, Seen};
use super::{CameraFeed, FrameJpeg};

/// The streams of one camera.
#[derive(Debug, Default)]
pub struct Tiler {
    /// For pictures that were not scanned for the detector.
    scanner: Scanner,
    /// For pictures that are no JPEG yet.
    raw: RawTiler,
    live: TileStream,
    motion: TileStream,
    regions: Vec<Region>,
}

/// What to send of a frame; nothing is said where nobody would ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// To those who watch everything.
    pub live: Option<Step>,
    /// To those who watch motion.
    pub motion: Option<Step>,
    /// Width and height of the picture's MCUs in pixels, which tiles are counted in; 0 where nothing was scanned.
    pub mcu: [u8; 2],
}

impl Tiler {
    /// The next frame. `scanned` is its index, if there is one already.
    pub fn step(
        &mut self,
        feed: &CameraFeed,
        jpeg: &FrameJpeg,
        (seq, verdict): (u64, &Verdict),
        scanned: Option<&Scanned>,
    ) -> Steps {
        let live = feed.wants_tiles(Mode::Live);
        let motion = feed.wants_tiles(Mode::Motion);
        let wanted = live || motion && verdict.motion;
        let raw = if wanted { jpeg.pixels() } else { None };
        let of = match (scanned, &raw) {
            _ if !wanted => Of::Unknown,
            (Some(scanned), _) => Of::Jpeg(scanned),
            (None, Some(raw)) => Of::Pixels(self.raw.look(raw)),
            (None, None) => self.scanner.scan(&jpeg.get(), Scale::None).map_or(Of::Unknown, Of::Jpeg),
        };
        self.regions.clear();
        self.regions.extend(verdict.regions.iter().map(region));
        let regions = &self.regions;
        let next = |stream: &mut TileStream, wanted| {
            let step = match &of {
                Of::Jpeg(scanned) if wanted => stream.step(seq, scanned, regions),
                Of::Pixels(seen) if wanted => seen.step(stream, seq, regions),
                _ => stream.step_whole(seq),
            };
            wanted.then_some(step).map(sendable)
        };
        Steps {
            live: next(&mut self.live, live),
            motion: if verdict.motion { next(&mut self.motion, motion) } else { None },
            mcu: of.mcu(),
        }
    }
}

/// What is known of a frame's picture.
enum Of<'a> {
    Jpeg(&'a Scanned),
    Pixels(Seen<'a>),
    Unknown,
}

impl Of<'_> {
    fn mcu(&self) -> [u8; 2] {
        let shape = match self {
            Self::Jpeg(scanned) => scanned.shape(),
            Self::Pixels(seen) => seen.shape(),
            Self::Unknown => Shape::default(),
        };
        // 8 or 16.
        [shape.mcu_width, shape.mcu_height].map(|length| length as u8)
    }
}

/// More parts than a message may carry go as a whole picture.
fn sendable(step: Step) -> Step {
    match &step {
        Step::Tiles(tiles)
            if tiles.sheet.places.len() > MAX_PLACES || tiles.sheet.head.len() > usize::from(u16::MAX) =>
        {
            Step::Picture { seq: tiles.seq }
        }
        _ => step,
    }
}

fn region(region: &rtm2_detect::Region) -> Region {
    Region { x: region.x, y: region.y, width: region.w, height: region.h }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use rtm2_app::CameraId;

    use super::*;

    fn feed() -> Arc<CameraFeed> {
        Arc::new(CameraFeed::new(CameraId(0), "Door".into(), "demo:".into(), true))
    }

    /// A textured scene of 640×480 with a bright square at `x`.
    fn picture(x: u32) -> FrameJpeg {
        let grey = image::GrayImage::from_fn(640, 480, |px, py| {
            let lit = (x..x + 64).contains(&px) && (192..256).contains(&py);
            image::Luma([if lit { 240 } else { 60 + (px * 7 + py * 13) as u8 % 64 }])
        });
        let mut jpeg = std::io::Cursor::new(Vec::new());
        grey.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        Bytes::from(jpeg.into_inner()).into()
    }

    fn moved(x: u16) -> Verdict {
        let region = rtm2_detect::Region { x, y: 192, w: 64, h: 64, strength: 9, zone: None };
        Verdict { motion: true, regions: vec![region], ..Verdict::default() }
    }

    #[test]
    fn b24_nothing_is_done_while_nobody_watches() {
        let (feed, mut tiler) = (feed(), Tiler::default());
        assert_eq!(tiler.step(&feed, &picture(100), (1, &moved(100)), None), Steps::default());
        let wish = CameraFeed::wish_for_tiles(&feed, Mode::Motion);
        let still = tiler.step(&feed, &picture(100), (2, &Verdict::default()), None);
        assert_eq!((still.live, still.motion), (None, None), "a still picture is nothing to who watches motion");
        assert!(tiler.step(&feed, &picture(100), (3, &moved(100)), None).motion.is_some());
        drop(wish);
        assert_eq!(tiler.step(&feed, &picture(100), (4, &moved(100)), None).motion, None);
    }

    #[test]
    fn the_first_is_whole_and_the_next_is_what_changed() {
        let (feed, mut tiler) = (feed(), Tiler::default());
        let wish = CameraFeed::wish_for_tiles(&feed, Mode::Live);
        let first = tiler.step(&feed, &picture(100), (1, &moved(100)), None).live.unwrap();
        assert_eq!(first, Step::Picture { seq: 1 });
        let (second, whole) = (picture(104), picture(104).get().len());
        let Steps { live: Some(Step::Tiles(tiles)), mcu, .. } = tiler.step(&feed, &second, (2, &moved(104)), None)
        else {
            panic!("no tiles");
        };
        assert_eq!((tiles.seq, tiles.base, mcu), (2, 1, [8, 8]));
        assert!(tiles.sheet.body.len() * 4 < whole, "{} of {whole}", tiles.sheet.body.len());
        // Whoever stops watching and comes back begins anew.
        drop(wish);
        tiler.step(&feed, &picture(108), (3, &moved(108)), None);
        let _wish = CameraFeed::wish_for_tiles(&feed, Mode::Live);
        assert_eq!(tiler.step(&feed, &picture(112), (4, &moved(112)), None).live, Some(Step::Picture { seq: 4 }));
    }
}
