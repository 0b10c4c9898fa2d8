//! Watches for what gives reason for an alert: motion that begins, cameras that are lost and come back, detectors that
//! hang, frames that cannot be recorded, and alarms that nobody has seen. [`rtm2_alert`] decides and delivers.

use std::sync::Arc;
use std::time::Duration;

use rtm2_alert::{Accounts, Alert, Alerts, Clock as _, Move, Pace, Policy, SystemClock, Trouble, Turn};
use rtm2_app::ZoneSet;
use rtm2_app::event::ZONE_SEPARATOR;
use tokio::sync::watch::Receiver;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::Auth;
use crate::pipeline::watchdog::Watchdog;
use crate::pipeline::{CameraFeed, Hub, LiveFrame};

/// How often a camera's state is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// What is wrong where pictures come and get no verdict.
const NOT_LOOKED_AT: &str =
    "Pictures come, but nothing looks at them: restart rtm2, and see its log for pictures that cannot be decoded.";

type Motion = Receiver<Option<Arc<LiveFrame>>>;

/// Watches all cameras until `stop` is cancelled, a task for each, and one for what is of no camera.
pub fn watch(hub: &Arc<Hub>, alerts: &Alerts, pace: Pace, stop: &CancellationToken) -> TaskTracker {
    let tasks = TaskTracker::new();
    for camera in hub.cameras() {
        // Follows from here on: nothing that moves before the task's turn is missed.
        let motion = camera.beats();
        let camera = Arc::clone(camera);
        let watching = watch_camera(Arc::clone(hub), camera, motion, alerts.clone(), Policy::new(pace));
        tasks.spawn(until(stop.clone(), watching));
    }
    tasks.spawn(until(stop.clone(), watch_house(Arc::clone(hub), alerts.clone(), pace)));
    tasks.close();
    tasks
}

async fn until(stop: CancellationToken, watching: impl Future<Output = ()>) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = watching => {}
    }
}

/// Frames come by a channel on which the latest wins: a burst costs nothing but what is missed of it.
async fn watch_camera(hub: Arc<Hub>, camera: Arc<CameraFeed>, mut motion: Motion, alerts: Alerts, mut policy: Policy) {
    let mut dog = Watchdog::default();
    let mut looks = looks();
    loop {
        tokio::select! {
            changed = motion.changed() => {
                if changed.is_err() {
                    return;
                }
                let Some(frame) = motion.borrow_and_update().clone() else { continue };
                if let Some(moved) = policy.motion(frame.header().at, frame.zones()) {
                    alerts.raise(motion_alert(&camera, &frame, moved));
                }
            }
            _ = looks.tick() => {
                let (now, name) = (SystemClock.now(), &camera.name);
                match policy.state(&camera.state(), now) {
                    Some(Turn::Lost(why)) => alerts.raise(Alert::camera_lost(camera.id, name, now, &why)),
                    Some(Turn::Back) => alerts.raise(Alert::camera_back(camera.id, name, now)),
                    None => {}
                }
                let fault = dog.look(camera.work(), now).then_some(NOT_LOOKED_AT);
                hub.set_detector(camera.id, fault.map(str::to_owned));
                if let Some(turn) = policy.detector(fault, now) {
                    tracing::warn!(camera = camera.id.0, "the detector: {}", fault.unwrap_or("works again"));
                    alerts.raise(Alert::detector(camera.id, name, now, reason(&turn)));
                }
            }
        }
    }
}

fn motion_alert(camera: &CameraFeed, frame: &LiveFrame, moved: Move) -> Alert {
    let header = frame.header();
    let alert = Alert::motion(camera.id, &camera.name, header.at, header.score);
    let names = |zones: ZoneSet| zones.named(&camera.zones).collect::<Vec<_>>().join(ZONE_SEPARATOR);
    match moved {
        Move::Begins => alert.in_zones(&names(frame.zones())),
        Move::Reaches(zones) => alert.in_zones(&names(zones)).told_before(),
    }
}

/// Watches what is of no camera: whether frames can be recorded, and alarms that nobody has seen.
async fn watch_house(hub: Arc<Hub>, alerts: Alerts, pace: Pace) {
    let (mut storage, mut looks) = (Trouble::default(), looks());
    loop {
        looks.tick().await;
        let now = SystemClock.now();
        if let Some(turn) = storage.look(hub.storage_fault().as_deref(), now, pace.lost_cooldown_us) {
            alerts.raise(Alert::storage(now, reason(&turn)));
        }
        if let Some(ringing) = hub.help_due(now) {
            let name = hub.camera(ringing.camera).map_or("rtm2", |camera| &camera.name);
            alerts.raise(Alert::unanswered(ringing.camera, name, now));
        }
    }
}

fn looks() -> Interval {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks
}

/// Why something does not work; `None` where it does again.
fn reason(turn: &Turn) -> Option<&str> {
    match turn {
        Turn::Lost(why) => Some(why),
        Turn::Back => None,
    }
}

impl Accounts for Auth {
    fn is_gone(&self, account: i64) -> bool {
        // While the accounts cannot be asked nobody is forgotten.
        matches!(self.exists(account), Ok(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Role;

    #[test]
    fn removed_accounts_are_gone() {
        let auth = Auth::in_memory().unwrap();
        for name in ["anna", "bert"] {
            auth.add_user(&name.parse().unwrap(), "correct horse", Role::Admin).unwrap();
        }
        assert_eq!([1, 2, 3].map(|id| auth.is_gone(id)), [false, false, true]);
        auth.remove_user("bert").unwrap();
        assert!(auth.is_gone(2));
    }
}
