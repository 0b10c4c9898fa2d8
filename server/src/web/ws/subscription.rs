//! What one viewer watches: the camera's frames on their way through its [`Flow`].

use std::sync::Arc;
use std::time::Instant;

use rtm2_app::wire::Flags;
use rtm2_app::{CameraId, Mode};
use rtm2_tiles::Follower;
use tokio::sync::watch;

use super::flow::{Flow, Verdict};
use crate::pipeline::hub::TileWish;
use crate::pipeline::{CameraFeed, LiveFrame};

type Frames = watch::Receiver<Option<Arc<LiveFrame>>>;

/// A frame that waits to be sent; a newer one replaces it.
#[derive(Debug)]
struct Waiting {
    frame: Arc<LiveFrame>,
    /// [`Flags::REPLAY`] for a frame that was there before the viewer.
    flags: Flags,
}

/// A viewer's subscription to a camera.
#[derive(Debug)]
pub(super) struct Subscription {
    mode: Mode,
    frames: Frames,
    /// Any frame, while the viewer has nothing to look at yet (R7).
    first: Option<Frames>,
    flow: Flow,
    waiting: Option<Waiting>,
    /// What the viewer has, if it takes parts of pictures.
    follower: Option<(Follower, TileWish)>,
}

impl Subscription {
    /// Begins with the newest frame that the mode shows: one with motion if there is any, else the newest (R7).
    pub(super) fn new(camera: &Arc<CameraFeed>, mode: Mode, max_fps: u8, tiles: bool) -> Option<Self> {
        let mut newest = camera.newest();
        let now = newest.borrow_and_update().clone();
        let (frames, begin) = match mode {
            Mode::Off => return None,
            Mode::Live => (newest.clone(), now.clone()),
            Mode::Motion => {
                let mut motion = camera.motion();
                let begin = motion.borrow_and_update().clone().or_else(|| now.clone());
                (motion, begin)
            }
        };
        let last = now.map(|frame| place(&frame, mode));
        let first = (mode == Mode::Motion && begin.is_none()).then_some(newest);
        let waiting = begin.map(|frame| Waiting { frame, flags: Flags::REPLAY });
        let follower = tiles.then(|| (Follower::default(), CameraFeed::wish_for_tiles(camera, mode)));
        Some(Self { mode, frames, first, flow: Flow::new(camera.id, max_fps, last), waiting, follower })
    }

    /// Waits for a newer frame. May be dropped at any time.
    pub(super) async fn newer(&mut self) {
        let first = async {
            match &mut self.first {
                Some(first) => first.changed().await,
                None => std::future::pending().await,
            }
        };
        let replay = tokio::select! {
            biased;
            changed = self.frames.changed() => changed.map(|()| false),
            changed = first => changed.map(|()| true),
        };
        match replay {
            Ok(false) => self.take_newest(),
            Ok(true) => self.take_first(),
            // The camera is gone, and with it the server.
            Err(_) => std::future::pending().await,
        }
    }

    fn take_newest(&mut self) {
        if let Some(frame) = self.frames.borrow_and_update().clone() {
            if self.waiting.as_ref().is_some_and(|waiting| !waiting.flags.has(Flags::REPLAY)) {
                metrics::counter!(super::super::metrics::SKIPPED).increment(1);
            }
            self.first = None;
            self.waiting = Some(Waiting { frame, flags: Flags::default() });
        }
    }

    fn take_first(&mut self) {
        let frame = self.first.take().and_then(|mut first| first.borrow_and_update().clone());
        // Unless one with motion came meanwhile.
        if self.waiting.is_none() {
            self.waiting = frame.map(|frame| Waiting { frame, flags: Flags::REPLAY });
        }
    }

    /// The frame that may be sent now with the flags to add, or when to ask again.
    pub(super) fn ready(&mut self, now: Instant) -> Ready {
        let Some(waiting) = &self.waiting else { return Ready::Nothing };
        let order = place(&waiting.frame, self.mode);
        match self.flow.judge(order, now) {
            Verdict::NoCredit => Ready::Nothing,
            Verdict::Later(due) => Ready::At(due),
            Verdict::Send(flags) => {
                let flags = flags.with(waiting.flags);
                let frame = Arc::clone(&waiting.frame);
                self.waiting = None;
                self.flow.sent(frame.header().seq, order, now);
                let give = self.give(&frame, flags);
                Ready::Send(frame, flags, give)
            }
        }
    }

    /// What the viewer needs of a frame that goes to it with these flags added.
    fn give(&mut self, frame: &LiveFrame, flags: Flags) -> Give {
        let Some((follower, _)) = &mut self.follower else { return Give::Picture };
        let whole = rtm2_tiles::Step::Picture { seq: frame.header().seq };
        // What was said of the frame belongs to the stream's order, in which a replay has no place.
        let step = if flags == Flags::default() { frame.step(self.mode).unwrap_or(&whole) } else { &whole };
        match follower.give(step) {
            rtm2_tiles::Give::Picture => Give::Picture,
            rtm2_tiles::Give::Tiles { head } => Give::Tiles(self.mode, head),
        }
    }

    /// The viewer has seen frames.
    pub(super) fn acknowledged(&mut self, camera: CameraId, seq: u64) {
        self.flow.acknowledged(camera, seq);
    }
}

/// What a subscription has to send.
#[derive(Debug)]
pub(super) enum Ready {
    /// This frame, with these flags added.
    Send(Arc<LiveFrame>, Flags, Give),
    /// Something at this time.
    At(Instant),
    /// Nothing before a newer frame or an acknowledgement.
    Nothing,
}

/// How a frame goes to a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Give {
    /// As the camera made it.
    Picture,
    /// Only what changed in this mode's stream, with the sheet's head or without.
    Tiles(Mode, bool),
}

/// A frame's place among those of a mode.
fn place(frame: &LiveFrame, mode: Mode) -> u64 {
    match mode {
        Mode::Live => frame.order().any,
        Mode::Motion | Mode::Off => frame.order().motion,
    }
}
