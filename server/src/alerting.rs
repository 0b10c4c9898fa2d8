//! Watches every camera for what gives reason for an alert: motion that begins, and cameras that are lost and come
//! back. [`rtm2_alert`] decides and delivers.

use std::sync::Arc;
use std::time::Duration;

use rtm2_alert::{Accounts, Alert, Alerts, Clock as _, Pace, Policy, SystemClock, Turn};
use tokio::sync::watch::Receiver;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::Auth;
use crate::pipeline::{CameraFeed, Hub, LiveFrame};

/// How often a camera's state is looked at.
const LOOK: Duration = Duration::from_secs(1);

type Motion = Receiver<Option<Arc<LiveFrame>>>;

/// Watches all cameras until `stop` is cancelled, a task for each.
pub fn watch(hub: &Hub, alerts: &Alerts, pace: Pace, stop: &CancellationToken) -> TaskTracker {
    let tasks = TaskTracker::new();
    for camera in hub.cameras() {
        // Follows from here on: nothing that moves before the task's turn is missed.
        let watching = watch_camera(Arc::clone(camera), camera.motion(), alerts.clone(), Policy::new(pace));
        let stop = stop.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = watching => {}
            }
        });
    }
    tasks.close();
    tasks
}

/// Frames come by a channel on which the latest wins: a burst costs nothing but what is missed of it.
async fn watch_camera(camera: Arc<CameraFeed>, mut motion: Motion, alerts: Alerts, mut policy: Policy) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            changed = motion.changed() => {
                if changed.is_err() {
                    return;
                }
                let Some(frame) = motion.borrow_and_update().clone() else { continue };
                let header = frame.header();
                if policy.motion(header.at) {
                    alerts.raise(Alert::motion(camera.id, &camera.name, header.at, header.score));
                }
            }
            _ = looks.tick() => {
                let now = SystemClock.now();
                match policy.state(&camera.state(), now) {
                    Some(Turn::Lost(why)) => alerts.raise(Alert::camera_lost(camera.id, &camera.name, now, &why)),
                    Some(Turn::Back) => alerts.raise(Alert::camera_back(camera.id, &camera.name, now)),
                    None => {}
                }
            }
        }
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
