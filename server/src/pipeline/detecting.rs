//! The detector thread of one camera: luma, verdict, hand-out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rtm2_app::wire::frame::MAX_BOXES;
use rtm2_app::wire::{Flags, FrameHeader};
use rtm2_app::{CameraId, Region, Timestamp, ZoneSet};
use rtm2_camera::jpeg::{JpegError, LumaDecoder};
use rtm2_camera::{Image, Picture};
use rtm2_detect::{BoxedDetector, Geometry, Scene, Settings, Verdict, Zone, ZoneKind, Zones};
use rtm2_tiles::Scanned;

use super::FrameJpeg;
#[cfg(feature = "onnx")]
use super::mailbox::Taken;
use super::mailbox::{Mailbox, Policy};
use super::recorder::CameraRecorder;
use super::rest::Rest;
use super::stride::Stride;
use super::tiling::Tiler;
use super::{Hub, LiveFrame, stats};
#[cfg(feature = "onnx")]
use crate::objects::{Filter, Passing, Seen};

/// How often undecodable pictures are logged while they last.
const LOG_EVERY: Duration = Duration::from_mins(1);

/// Turns pictures into verdicts: decodes luma, keeps a detector that fits the picture's size.
pub struct Eye {
    luma: LumaDecoder,
    small: Vec<u8>,
    fitted: Fitted,
    rest: Rest,
    stride: Stride,
}

/// A detector for pictures of one size, made anew when the size changes.
struct Fitted {
    name: String,
    settings: Settings,
    detector: Option<(Geometry, BoxedDetector)>,
    /// What is said before the first picture.
    nothing: Verdict,
}

/// What came of a look.
struct Looked<'a> {
    verdict: &'a Verdict,
    /// Nothing at all stands out.
    is_calm: bool,
    /// Something moves, and the detector may be spared pictures of it.
    goes_on: bool,
}

/// Which pixels of the analysed plane moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask<'a> {
    /// Width of the plane in pixels.
    pub width: u16,
    /// Height of the plane in pixels.
    pub height: u16,
    /// Row by row, 0 where nothing moved.
    pub data: &'a [u8],
}

/// Why a picture got no verdict.
#[derive(Debug, thiserror::Error)]
pub enum EyeError {
    /// The picture cannot be decoded.
    #[error(transparent)]
    Jpeg(#[from] JpegError),
    /// The detector's name is unknown.
    #[error(transparent)]
    Detector(#[from] rtm2_detect::UnknownDetector),
}

impl Eye {
    /// An eye with the named detector.
    pub fn new(name: &str, settings: Settings) -> Result<Self, EyeError> {
        let fitted = Fitted { name: name.to_owned(), settings, detector: None, nothing: Verdict::default() };
        Ok(Self {
            luma: LumaDecoder::new()?,
            small: Vec::new(),
            fitted,
            rest: Rest::default(),
            stride: Stride::default(),
        })
    }

    /// Looks at the next picture.
    pub fn look(&mut self, picture: &Picture) -> Result<&Verdict, EyeError> {
        self.look_and_scan(picture).map(|(verdict, _)| verdict)
    }

    /// Looks at the next picture, and gives its index too where decoding made one.
    pub fn look_and_scan(&mut self, picture: &Picture) -> Result<(&Verdict, Option<&Scanned>), EyeError> {
        let jpeg = match &picture.image {
            Image::Jpeg(jpeg) => jpeg,
            Image::Raw(raw) => {
                let size = (picture.width, picture.height);
                return Ok((self.look_at_luma(size, raw.luma(), picture.at)?, None));
            }
        };
        let at_us = picture.at.0;
        let is_spared = self.rest.may_rest(at_us)
            && self.luma.scan(jpeg).is_some_and(|scanned| self.rest.is_same(scanned, at_us))
            || self.may_stride((picture.width, picture.height), at_us) && self.luma.scan(jpeg).is_some();
        if is_spared {
            return Ok((self.fitted.verdict(), Some(self.luma.last_scan())));
        }
        let (luma, scanned) = self.luma.decode_and_scan(jpeg)?;
        let geometry = Geometry {
            source_width: picture.width,
            source_height: picture.height,
            width: luma.width,
            height: luma.height,
        };
        let looked = self.fitted.update(geometry, luma.data, picture.at)?;
        self.rest.looked(scanned, at_us, looked.is_calm);
        self.stride.looked(at_us, looked.goes_on);
        Ok((looked.verdict, scanned))
    }

    /// Looks at a picture of which the brightness is there at full size: `width * height` bytes, row by row.
    pub fn look_at_luma(
        &mut self,
        (width, height): (u16, u16),
        luma: &[u8],
        at: Timestamp,
    ) -> Result<&Verdict, EyeError> {
        if self.may_stride((width, height), at.0) {
            return Ok(self.fitted.verdict());
        }
        let (geometry, scale) = Geometry::for_source(width, height);
        self.small.resize(geometry.pixels(), 0);
        geometry.shrink(scale, luma, &mut self.small);
        let looked = self.fitted.update(geometry, &self.small, at)?;
        self.stride.looked(at.0, looked.goes_on);
        Ok(looked.verdict)
    }

    /// Whether a picture of this size and time may go by without a look, because it is plain what moves.
    fn may_stride(&self, size: (u16, u16), at_us: i64) -> bool {
        let fits = |(geometry, _): &(Geometry, BoxedDetector)| (geometry.source_width, geometry.source_height) == size;
        self.stride.may_spare(at_us) && self.fitted.detector.as_ref().is_some_and(fits)
    }

    /// What of the last picture moved; `None` before the first one and for detectors that do not tell.
    pub fn mask(&self) -> Option<Mask<'_>> {
        let (geometry, detector) = self.fitted.detector.as_ref()?;
        Some(Mask { width: geometry.width, height: geometry.height, data: detector.mask()? })
    }
}

impl Fitted {
    /// What was said of the last picture.
    fn verdict(&self) -> &Verdict {
        self.detector.as_ref().map_or(&self.nothing, |(_, detector)| detector.verdict())
    }

    /// Looks at a picture.
    fn update(&mut self, geometry: Geometry, luma: &[u8], at: Timestamp) -> Result<Looked<'_>, EyeError> {
        let fitted = match self.detector.take() {
            Some((for_geometry, detector)) if for_geometry == geometry => (for_geometry, detector),
            _ => (geometry, rtm2_detect::create(&self.name, geometry, &self.settings)?),
        };
        let (_, detector) = self.detector.insert(fitted);
        detector.update(luma, at.0);
        let verdict = detector.verdict();
        Ok(Looked { verdict, is_calm: detector.is_calm(), goes_on: verdict.motion && detector.is_paced() })
    }
}

/// Where one camera's verdicts go.
pub struct Outlet {
    /// The camera.
    pub camera: CameraId,
    /// Viewers.
    pub hub: Arc<Hub>,
    /// The way to the recorder.
    pub recorder: CameraRecorder,
    /// Whether every frame must be recorded, or newer ones may push older ones out.
    pub policy: Policy,
    /// What viewers in step need.
    pub tiler: Tiler,
    /// The camera's zones as the detector numbers them.
    pub zones: ZoneNumbers,
    /// What asks a model what it is that moved.
    #[cfg(feature = "onnx")]
    pub filter: Option<Filter>,
}

/// Runs until the mailbox is closed.
pub fn run(mailbox: &Mailbox<Picture>, mut eye: Eye, mut outlet: Outlet) {
    let mut throttle = stats::Throttle::new(LOG_EVERY);
    let mut seq = 0;
    let mut last = Timestamp(i64::MIN);
    while let Some(mut picture) = wait(&mut outlet, mailbox) {
        // Camera and time name a frame, so times must differ even when the clock is set back a little.
        if picture.at <= last && last.0 - picture.at.0 < CLOCK_JITTER_US {
            picture.at = Timestamp(last.0 + 1);
        }
        last = picture.at;
        seq += 1;
        let started = Instant::now();
        match eye.look_and_scan(&picture) {
            Ok((verdict, scanned)) => {
                if let Some(feed) = outlet.hub.camera(outlet.camera) {
                    feed.meters().detected(started.elapsed(), verdict.motion);
                    feed.judged();
                }
                outlet.hand_out(&picture, verdict, seq, scanned);
            }
            Err(error) => {
                stats::dropped(outlet.camera, stats::Dropped::Undecodable);
                if let Some(suppressed) = throttle.admit() {
                    tracing::warn!(camera = outlet.camera.0, suppressed, "a picture was skipped: {error}");
                }
            }
        }
    }
}

/// Waits for the next picture.
#[cfg(not(feature = "onnx"))]
fn wait(_: &mut Outlet, mailbox: &Mailbox<Picture>) -> Option<Picture> {
    mailbox.take()
}

/// Waits for the next picture; meanwhile frames that wait for a label get it, or go on without it in time.
#[cfg(feature = "onnx")]
fn wait(outlet: &mut Outlet, mailbox: &Mailbox<Picture>) -> Option<Picture> {
    while let Some(filter) = &mut outlet.filter {
        match mailbox.take_by(filter.deadline()) {
            Taken::Item(picture) => return Some(picture),
            Taken::Late => filter.listen(),
            Taken::Closed => {
                filter.finish();
                outlet.let_through();
                return None;
            }
        }
        outlet.let_through();
    }
    mailbox.take()
}

/// A clock set back by less than this is smoothed over; a larger step is real and history goes on from the new time.
const CLOCK_JITTER_US: i64 = 100_000;

impl Outlet {
    /// Hands out a frame, now or when it is known what moves in it.
    fn hand_out(&mut self, picture: &Picture, verdict: &Verdict, seq: u64, scanned: Option<&Scanned>) {
        #[cfg(feature = "onnx")]
        if let Some(filter) = &mut self.filter {
            filter.put(Seen { picture: picture.clone(), verdict: verdict.clone(), seq });
            return self.let_through();
        }
        self.publish(picture, (seq, verdict), None, scanned);
    }

    /// Publishes what the filter lets through.
    #[cfg(feature = "onnx")]
    fn let_through(&mut self) {
        while let Some(Passing { frame, motion, label }) = self.filter.as_mut().and_then(Filter::pop) {
            let Seen { picture, mut verdict, seq } = frame;
            if verdict.motion && !motion {
                verdict = Verdict { scene: verdict.scene, ..Verdict::default() };
            }
            // The index is another picture's by now.
            self.publish(&picture, (seq, &verdict), label.map(|label| label.name), None);
        }
    }

    fn publish(
        &mut self,
        picture: &Picture,
        (seq, verdict): (u64, &Verdict),
        label: Option<Arc<str>>,
        scanned: Option<&Scanned>,
    ) {
        let flags = if verdict.motion { Flags::KEY.with(Flags::MOTION) } else { Flags::KEY };
        let header = FrameHeader {
            camera: self.camera,
            flags,
            seq,
            at: picture.at,
            width: picture.width,
            height: picture.height,
            score: verdict.score,
            boxes: verdict.regions.iter().take(MAX_BOXES).map(region).collect(),
        };
        let light_shift = verdict.scene == Scene::LightShift;
        let jpeg = FrameJpeg::from(&picture.image);
        let feed = self.hub.camera(self.camera);
        let steps = feed.map(|feed| self.tiler.step(feed, &jpeg, (seq, verdict), scanned)).unwrap_or_default();
        let frame = LiveFrame::new(header, jpeg).with_label(label).with_light_shift(light_shift).with_steps(steps);
        let frame = Arc::new(if verdict.motion {
            frame.with_grid(verdict.grid.clone()).with_zones(self.zones.of(verdict))
        } else {
            frame
        });
        if let Some(feed) = feed {
            feed.publish(Arc::clone(&frame));
        }
        match self.policy {
            Policy::LatestWins => self.recorder.record(frame),
            Policy::Wait => self.recorder.record_waiting(frame),
        }
    }
}

/// The numbers under which viewers know the zones that a detector numbers: of those that are watched only.
#[derive(Clone, Debug, Default)]
pub struct ZoneNumbers(Vec<Option<u8>>);

impl ZoneNumbers {
    /// The numbers of these zones, and the names of those that have one.
    pub fn of_zones(zones: &Zones) -> (Self, Vec<String>) {
        let mut names = Vec::new();
        let number = |zone: &Zone| {
            (zone.kind() == ZoneKind::Include).then(|| {
                names.push(zone.name().to_owned());
                // At most `Zones::MAX`.
                names.len() as u8 - 1
            })
        };
        (Self(zones.all().iter().map(number).collect()), names)
    }

    /// The zones that something moves in.
    fn of(&self, verdict: &Verdict) -> ZoneSet {
        let numbers = verdict.regions.iter().filter_map(|region| *self.0.get(usize::from(region.zone?))?);
        numbers.fold(ZoneSet::default(), ZoneSet::with)
    }
}

fn region(r: &rtm2_detect::Region) -> Region {
    Region { x: r.x, y: r.y, w: r.w, h: r.h, strength: r.strength }
}
