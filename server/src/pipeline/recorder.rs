//! The thread that stores frames of motion and tells viewers of each bar once it is stored, so that live bars equal
//! stored ones (B17).

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rtm2_store::{NewFrame, Store};

use super::{Hub, HubEvent, LiveFrame, stats};

/// Frames that may wait for the disk: about two seconds of one busy camera. Beyond it frames are dropped and counted,
/// because a slow disk must not hold up detection.
const QUEUE: usize = 64;

/// How often failures are logged while they last.
const LOG_EVERY: Duration = Duration::from_mins(1);

/// Hands frames to the recorder; cheap to clone.
#[derive(Clone, Debug)]
pub struct RecorderHandle {
    queue: SyncSender<Arc<LiveFrame>>,
}

impl RecorderHandle {
    /// Hands over a frame without waiting.
    pub fn record(&self, frame: Arc<LiveFrame>) {
        let camera = frame.header().camera;
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.queue.try_send(frame) {
            stats::dropped(camera, stats::Dropped::Recorder);
        }
    }

    /// Hands over a frame, waiting for room: for files, where every frame counts.
    pub fn record_waiting(&self, frame: Arc<LiveFrame>) {
        let camera = frame.header().camera;
        if self.queue.send(frame).is_err() {
            stats::dropped(camera, stats::Dropped::Recorder);
        }
    }
}

/// Starts the recorder. It ends when every handle is dropped, after storing what is queued.
pub fn start(store: Arc<Store>, hub: Arc<Hub>) -> std::io::Result<(RecorderHandle, JoinHandle<()>)> {
    let (queue, frames) = sync_channel(QUEUE);
    let thread = thread::Builder::new().name("recorder".into()).spawn(move || run(&store, &hub, &frames))?;
    Ok((RecorderHandle { queue }, thread))
}

fn run(store: &Store, hub: &Hub, frames: &Receiver<Arc<LiveFrame>>) {
    let mut failures = stats::Throttle::new(LOG_EVERY);
    for frame in frames {
        let header = frame.header();
        let jpeg = frame.jpeg();
        let appended = store.append(&NewFrame {
            camera: header.camera,
            at: header.at,
            seq: header.seq,
            width: header.width,
            height: header.height,
            score: header.score,
            boxes: &header.boxes,
            grid: frame.grid(),
            jpeg: &jpeg,
        });
        match appended {
            Ok(appended) => {
                stats::stored(header.camera, jpeg.len());
                hub.tell(HubEvent::Bar(header.camera, appended.bar));
                hub.set_storage(None);
            }
            Err(error) => {
                stats::dropped(header.camera, stats::Dropped::Store);
                if !matches!(error, rtm2_store::Error::NotJpeg(_) | rtm2_store::Error::TooBig { .. }) {
                    hub.set_storage(Some(error.to_string()));
                }
                if let Some(suppressed) = failures.admit() {
                    tracing::error!(camera = header.camera.0, suppressed, "a frame could not be stored: {error}");
                }
            }
        }
    }
    if let Err(error) = store.seal() {
        tracing::error!("the store could not be sealed: {error}");
    }
}
