//! The alarm as a state machine.

use super::trouble::Troubles;
use super::{Cause, Damping, Force, Health, Moment, Settings, Trouble, Watch};
use crate::time::MICROS_PER_SECOND;
use crate::{CameraId, Timestamp, ZoneSet};

/// Something to be heard, felt and seen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ring {
    /// Why.
    pub cause: Cause,
    /// How hard.
    pub force: Force,
    /// The motion counter (R51).
    pub count: u32,
    /// When it happened.
    pub at: Timestamp,
}

/// An alarm that nobody acknowledged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ringing {
    /// The newest ring.
    pub ring: Ring,
    /// When the first one came.
    pub since: Timestamp,
    /// How hard it was escalated.
    reached: Force,
}

/// The alarm of one device.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    settings: Settings,
    /// Since when it is armed; `None` while it is not.
    armed: Option<Timestamp>,
    /// Seconds with motion since the last acknowledgement (R51).
    count: u32,
    /// The newest second that was counted, by camera.
    counted: Vec<(CameraId, Timestamp)>,
    /// When motion last rang.
    rang: Option<Timestamp>,
    ringing: Option<Ringing>,
    /// Everything up to here was acknowledged.
    acknowledged: Option<Timestamp>,
    snoozed: Option<Timestamp>,
    troubles: Troubles,
}

impl Policy {
    /// A policy that is not armed.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// How it was set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sets it anew; what rings goes on ringing.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Watches from now on. What happened before is no alarm.
    pub fn arm(&mut self, now: Timestamp) {
        self.disarm();
        self.armed = Some(now);
    }

    /// The server said what time it is: a device whose clock is ahead hears what happens from now on all the same.
    pub fn know_time(&mut self, now: Timestamp) {
        self.armed = self.armed.min(Some(now));
    }

    /// Stops watching, and ringing.
    pub fn disarm(&mut self) {
        (self.armed, self.ringing, self.snoozed, self.count) = (None, None, None, 0);
    }

    /// Whether it watches.
    pub const fn is_armed(&self) -> bool {
        self.armed.is_some()
    }

    /// Seconds with motion since the last acknowledgement, reset or return of the connection.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Since when it rings, and seconds from now until whoever can be told otherwise should be; `None` while nothing
    /// rings that is ever escalated.
    pub fn help(&self, now: Moment) -> Option<(Timestamp, u32)> {
        let ringing = self.ringing.filter(|ringing| ringing.reached != Force::Last)?;
        if self.settings.escalate_s == 0 || self.is_quiet(now) {
            return None;
        }
        let due = ringing.since.0.saturating_add(2 * i64::from(self.settings.escalate_s) * MICROS_PER_SECOND);
        let left = (due.saturating_sub(now.at.0) / MICROS_PER_SECOND).clamp(1, i64::from(2 * Settings::LONGEST_S));
        Some((ringing.since, left as u32))
    }

    /// What rings until somebody acknowledges.
    pub const fn ringing(&self) -> Option<Ringing> {
        self.ringing
    }

    /// Until when nothing rings, if that is not over.
    pub fn snoozed(&self, now: Timestamp) -> Option<Timestamp> {
        self.snoozed.filter(|until| *until > now)
    }

    /// Troubles that last.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.troubles.lasting().collect()
    }

    /// Something moved before `camera` in the second that begins at `second`, in these `zones` of it, whose `names` are
    /// given by number. Saying so twice changes nothing; a zone that can ring and comes later counts the second.
    pub fn motion(
        &mut self,
        camera: CameraId,
        (zones, names): (ZoneSet, &[String]),
        second: Timestamp,
        now: Moment,
    ) -> Option<Ring> {
        let second = second.second();
        let armed = self.armed?;
        let old = [Some(armed), self.acknowledged].into_iter().flatten().any(|from| second < from.second());
        if old || self.settings.camera(camera).watch == Watch::No {
            return None;
        }
        let zone = zones.iter().find(|zone| self.watches(camera, names.get(usize::from(*zone))));
        // Without zones, or outside of them, the camera alone decides.
        if (zone.is_none() && !zones.is_empty()) || !self.is_new(camera, second) {
            return None;
        }
        self.count = self.count.saturating_add(1);
        let damped = self.settings.damping == Damping::Original && !rings_at(self.count);
        let cooldown = i64::from(self.settings.cooldown_s) * MICROS_PER_SECOND;
        let cool = self.rang.is_none_or(|rang| !(0..cooldown).contains(&(now.at.0 - rang.0)));
        if damped || !cool || self.snoozed(now.at).is_some() {
            return None;
        }
        self.rang = Some(now.at);
        Some(self.ring(Cause::Motion(camera, zone), now))
    }

    /// Something is as it should be, or not. Saying so twice changes nothing.
    pub fn health(&mut self, trouble: Trouble, health: Health, now: Moment) -> Option<Ring> {
        self.troubles.note(trouble, health, now.at);
        self.trouble_due(now)
    }

    /// Time passed: troubles become due, and what nobody acknowledged gets louder. To be called about once a second.
    pub fn tick(&mut self, now: Moment) -> Option<Ring> {
        self.trouble_due(now).or_else(|| self.escalate(now))
    }

    /// Somebody, on whatever device, has seen everything up to `upto`. Whether this silenced something.
    pub fn acknowledge(&mut self, upto: Timestamp) -> bool {
        if self.acknowledged.max(self.armed) >= Some(upto) {
            return false;
        }
        self.acknowledged = Some(upto);
        let silenced = self.ringing.take_if(|ringing| ringing.ring.at <= upto).is_some();
        if self.ringing.is_none() {
            self.count = 0;
        }
        silenced
    }

    /// Nothing rings until `until`; motion is counted all the same.
    pub fn snooze(&mut self, until: Timestamp) {
        self.snoozed = Some(until);
        self.ringing = None;
    }

    /// Ends a snooze.
    pub fn wake(&mut self) {
        self.snoozed = None;
    }

    /// The counter begins anew: somebody reset it (R53), or the connection is back (R54).
    pub fn reset_count(&mut self) {
        self.count = 0;
    }

    /// Whether a zone can ring. One whose name is not known can.
    fn watches(&self, camera: CameraId, name: Option<&String>) -> bool {
        name.is_none_or(|name| self.settings.zone(camera, name).watch == Watch::Yes)
    }

    /// Whether this second of this camera was not counted yet; from now on it is.
    fn is_new(&mut self, camera: CameraId, second: Timestamp) -> bool {
        match self.counted.iter_mut().find(|(known, _)| *known == camera) {
            Some((_, last)) if *last >= second => false,
            Some((_, last)) => {
                *last = second;
                true
            }
            None => {
                self.counted.push((camera, second));
                true
            }
        }
    }

    fn trouble_due(&mut self, now: Moment) -> Option<Ring> {
        if self.armed.is_none() || self.snoozed(now.at).is_some() {
            return None;
        }
        let trouble = self.troubles.due(now.at)?;
        let camera = match trouble {
            Trouble::Camera(camera) | Trouble::Detector(camera) => Some(camera),
            Trouble::Link | Trouble::Disk => None,
        };
        if camera.is_some_and(|camera| self.settings.camera(camera).watch == Watch::No) {
            return None;
        }
        Some(self.ring(Cause::Trouble(trouble), now))
    }

    fn escalate(&mut self, now: Moment) -> Option<Ring> {
        let wait = i64::from(self.settings.escalate_s) * MICROS_PER_SECOND;
        if wait == 0 || self.is_quiet(now) || self.snoozed(now.at).is_some() {
            return None;
        }
        let ringing = self.ringing.as_mut()?;
        let passed = now.at.0 - ringing.since.0;
        let force = match ringing.reached {
            Force::Loud if passed >= 2 * wait => Force::Last,
            Force::Silent | Force::Normal if passed >= wait => Force::Loud,
            _ => return None,
        };
        ringing.reached = force;
        ringing.ring.force = force;
        Some(ringing.ring)
    }

    fn ring(&mut self, cause: Cause, now: Moment) -> Ring {
        let force = if self.is_quiet(now) { Force::Silent } else { Force::Normal };
        let mut ring = Ring { cause, force, count: self.count, at: now.at };
        let (since, reached) = self.ringing.map_or((now.at, force), |before| (before.since, before.reached));
        if force != Force::Silent {
            // What was escalated stays loud.
            ring.force = force.max(reached.min(Force::Loud));
        }
        self.ringing = Some(Ringing { ring, since, reached });
        ring
    }

    fn is_quiet(&self, now: Moment) -> bool {
        self.settings.quiet.is_some_and(|quiet| quiet.holds(now))
    }
}

/// The original's damping (R51): counts 1, 2, 5 and every tenth ring.
const fn rings_at(count: u32) -> bool {
    matches!(count, 1 | 2 | 5) || (count > 0 && count.is_multiple_of(10))
}
