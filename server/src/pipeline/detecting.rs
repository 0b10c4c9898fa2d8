//! The detector thread of one camera: luma, verdict, hand-out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rtm2_app::wire::frame::MAX_BOXES;
use rtm2_app::wire::{Flags, FrameHeader};
use rtm2_app::{CameraId, Region, Timestamp};
use rtm2_camera::Picture;
use rtm2_camera::jpeg::{JpegError, LumaDecoder};
use rtm2_detect::{BoxedDetector, Geometry, Scene, Settings, Verdict};

use super::mailbox::{Mailbox, Policy};
use super::recorder::RecorderHandle;
use super::{Hub, LiveFrame, stats};

/// How often undecodable pictures are logged while they last.
const LOG_EVERY: Duration = Duration::from_mins(1);

/// Turns pictures into verdicts: decodes luma, keeps a detector that fits the picture's size.
pub struct Eye {
    name: String,
    settings: Settings,
    luma: LumaDecoder,
    fitted: Option<(Geometry, BoxedDetector)>,
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
        Ok(Self { name: name.to_owned(), settings, luma: LumaDecoder::new()?, fitted: None })
    }

    /// Looks at the next picture.
    pub fn look(&mut self, picture: &Picture) -> Result<&Verdict, EyeError> {
        let luma = self.luma.decode(&picture.jpeg)?;
        let geometry = Geometry {
            source_width: picture.width,
            source_height: picture.height,
            width: luma.width,
            height: luma.height,
        };
        let fitted = match self.fitted.take() {
            Some((for_geometry, detector)) if for_geometry == geometry => (for_geometry, detector),
            _ => (geometry, rtm2_detect::create(&self.name, geometry, &self.settings)?),
        };
        let (_, detector) = self.fitted.insert(fitted);
        Ok(detector.update(luma.data, picture.at.0))
    }
}

/// Where one camera's verdicts go.
pub struct Outlet {
    /// The camera.
    pub camera: CameraId,
    /// Viewers.
    pub hub: Arc<Hub>,
    /// The recorder.
    pub recorder: RecorderHandle,
    /// Whether every frame must be recorded, or newer ones may push older ones out.
    pub policy: Policy,
}

/// Runs until the mailbox is closed.
pub fn run(mailbox: &Mailbox<Picture>, mut eye: Eye, outlet: &Outlet) {
    let mut throttle = stats::Throttle::new(LOG_EVERY);
    let mut seq = 0;
    let mut last = Timestamp(i64::MIN);
    while let Some(mut picture) = mailbox.take() {
        // Camera and time name a frame, so times must differ even when the clock is set back a little.
        if picture.at <= last && last.0 - picture.at.0 < CLOCK_JITTER_US {
            picture.at = Timestamp(last.0 + 1);
        }
        last = picture.at;
        seq += 1;
        let started = Instant::now();
        match eye.look(&picture) {
            Ok(verdict) => {
                stats::detected(outlet.camera, started.elapsed(), verdict.motion);
                outlet.hand_out(&picture, verdict, seq);
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

/// A clock set back by less than this is smoothed over; a larger step is real and history goes on from the new time.
const CLOCK_JITTER_US: i64 = 100_000;

impl Outlet {
    fn hand_out(&self, picture: &Picture, verdict: &Verdict, seq: u64) {
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
        let frame = LiveFrame::new(header, picture.jpeg.clone()).with_light_shift(light_shift);
        let frame = Arc::new(if verdict.motion { frame.with_grid(verdict.grid.clone()) } else { frame });
        if let Some(feed) = self.hub.camera(self.camera) {
            feed.publish(Arc::clone(&frame));
        }
        match self.policy {
            Policy::LatestWins => self.recorder.record(frame),
            Policy::Wait => self.recorder.record_waiting(frame),
        }
    }
}

fn region(r: &rtm2_detect::Region) -> Region {
    Region { x: r.x, y: r.y, w: r.w, h: r.h, strength: r.strength }
}
