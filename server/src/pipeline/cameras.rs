//! Starts and stops what belongs to each camera: its supervisor, its mailbox, its detector thread.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rtm2_app::{CameraId, CameraState};
use rtm2_camera::{Picture, Sink, SourceUrl, Supervisor, Timing, Wanted};
use rtm2_detect::Settings;

use super::detecting::{self, Eye, Outlet, ZoneNumbers};
use super::mailbox::{Mailbox, Policy, Put};
use super::recorder::RecorderHandle;
use super::tiling::Tiler;
use super::{Hub, stats};
#[cfg(feature = "onnx")]
use crate::objects::Filter;

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

impl CameraPlan {
    /// Names of the zones that are watched.
    pub fn zone_names(&self) -> Vec<String> {
        ZoneNumbers::of_zones(&self.settings.zones).1
    }

    /// What gives way when the detector is slower than the source.
    pub fn policy(&self) -> Policy {
        if self.source.is_unpaced() { Policy::Wait } else { Policy::LatestWins }
    }
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
    let outlet = outlet(id, plan, hub, recorder);
    launch(plan, outlet)
}

/// Starts one camera whose motion is labelled and filtered.
#[cfg(feature = "onnx")]
pub fn start_filtered(
    id: CameraId,
    plan: &CameraPlan,
    hub: &Arc<Hub>,
    recorder: &RecorderHandle,
    filter: Filter,
) -> anyhow::Result<RunningCamera> {
    launch(plan, Outlet { filter: Some(filter), ..outlet(id, plan, hub, recorder) })
}

fn outlet(id: CameraId, plan: &CameraPlan, hub: &Arc<Hub>, recorder: &RecorderHandle) -> Outlet {
    Outlet {
        camera: id,
        hub: Arc::clone(hub),
        recorder: recorder.camera(),
        policy: plan.policy(),
        tiler: Tiler::default(),
        zones: ZoneNumbers::of_zones(&plan.settings.zones).0,
        #[cfg(feature = "onnx")]
        filter: None,
    }
}

fn launch(plan: &CameraPlan, outlet: Outlet) -> anyhow::Result<RunningCamera> {
    let Outlet { camera: id, policy, .. } = outlet;
    let hub = Arc::clone(&outlet.hub);
    let mailbox = Arc::new(Mailbox::new(policy));
    let eye = Eye::new(&plan.detector, plan.settings.clone())?;
    let detector = spawn_detector(id, &mailbox, eye, outlet)?;
    let sink = Arc::new(Inlet { camera: id, hub: Arc::clone(&hub), mailbox: Arc::clone(&mailbox) });
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
    thread::Builder::new().name(name).spawn(move || detecting::run(&mailbox, eye, outlet))
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
        if let Some(feed) = self.hub.camera(self.camera) {
            feed.meters().captured(picture.at);
            feed.came();
        }
        if self.mailbox.put(picture) == Put::Replaced {
            stats::dropped(self.camera, stats::Dropped::Detector);
        }
    }

    fn state(&self, state: CameraState) {
        self.hub.set_state(self.camera, state);
    }
}
