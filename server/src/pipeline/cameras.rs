//! Starts and stops what belongs to each camera: its supervisor, its mailbox, its detector thread.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rtm2_app::{CameraId, CameraState};
use rtm2_camera::{Picture, Sink, SourceUrl, Supervisor, Timing, Wanted};
use rtm2_detect::Settings;

use super::detecting::{self, Eye, Outlet};
use super::mailbox::{Mailbox, Policy, Put};
use super::recorder::RecorderHandle;
use super::{Hub, stats};

/// What one camera is started with.
#[derive(Debug)]
pub struct CameraPlan {
    /// Where its pictures come from.
    pub source: SourceUrl,
    /// Size and rate to ask for.
    pub wanted: Wanted,
    /// The detector's name.
    pub detector: String,
    /// The detector's settings.
    pub settings: Settings,
}

/// A camera at work.
pub struct RunningCamera {
    supervisor: Supervisor,
    mailbox: Arc<Mailbox<Picture>>,
    detector: JoinHandle<()>,
}

/// Starts one camera.
pub fn start(
    id: CameraId,
    plan: &CameraPlan,
    hub: &Arc<Hub>,
    recorder: &RecorderHandle,
) -> anyhow::Result<RunningCamera> {
    let policy = if plan.source.is_unpaced() { Policy::Wait } else { Policy::LatestWins };
    let mailbox = Arc::new(Mailbox::new(policy));
    let eye = Eye::new(&plan.detector, plan.settings.clone())?;
    let outlet = Outlet { camera: id, hub: Arc::clone(hub), recorder: recorder.clone(), policy };
    let detector = spawn_detector(id, &mailbox, eye, outlet)?;
    let sink = Arc::new(Inlet { camera: id, hub: Arc::clone(hub), mailbox: Arc::clone(&mailbox) });
    let name = hub.camera(id).map(|feed| feed.name.clone()).unwrap_or_default();
    let supervisor = Supervisor::start(&name, plan.source.clone(), plan.wanted, Timing::default(), sink);
    Ok(RunningCamera { supervisor, mailbox, detector })
}

fn spawn_detector(
    id: CameraId,
    mailbox: &Arc<Mailbox<Picture>>,
    eye: Eye,
    outlet: Outlet,
) -> io::Result<JoinHandle<()>> {
    let mailbox = Arc::clone(mailbox);
    let name = format!("detect-{id}");
    thread::Builder::new().name(name).spawn(move || detecting::run(&mailbox, eye, &outlet))
}

impl RunningCamera {
    /// Stops capture, lets the detector finish what it has, and waits for it.
    pub fn stop(self) {
        self.mailbox.close();
        self.supervisor.stop();
        if self.detector.join().is_err() {
            tracing::error!("a detector thread had panicked");
        }
    }
}

/// Takes what the supervisor delivers.
struct Inlet {
    camera: CameraId,
    hub: Arc<Hub>,
    mailbox: Arc<Mailbox<Picture>>,
}

impl Sink for Inlet {
    fn picture(&self, picture: Picture) {
        stats::captured(self.camera, picture.at);
        if self.mailbox.put(picture) == Put::Replaced {
            stats::dropped(self.camera, stats::Dropped::Detector);
        }
    }

    fn state(&self, state: CameraState) {
        self.hub.set_state(self.camera, state);
    }
}
