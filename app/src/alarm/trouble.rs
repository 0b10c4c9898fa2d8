//! Trouble: what keeps the monitor from watching. Each is an alarm of its own, and one alarm only (B27).

use crate::time::MICROS_PER_SECOND;
use crate::{CameraId, Timestamp};

/// How long a connection may be down before that is an alarm: a phone that wakes up needs a second to be back.
pub(super) const LINK_GRACE_US: i64 = 3 * MICROS_PER_SECOND;
/// Shortest time between two alarms for one trouble: a cable that hangs on by a thread rings once a minute at most.
pub(super) const AGAIN_US: i64 = 60 * MICROS_PER_SECOND;

/// What keeps the monitor from watching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// This device does not hear the server (R52).
    Link,
    /// A camera is lost, or sends no pictures.
    Camera(CameraId),
    /// A camera sends pictures, but nobody looks at them.
    Detector(CameraId),
    /// Recordings cannot be written, or soon not any more.
    Disk,
}

/// Whether something is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is.
    Good,
    /// It is not.
    Bad,
}

/// All troubles that there are, and those that there were a moment ago.
#[derive(Clone, Debug, Default)]
pub(super) struct Troubles {
    known: Vec<Known>,
}

/// One trouble.
#[derive(Clone, Copy, Debug)]
struct Known {
    trouble: Trouble,
    /// Since when, while it lasts.
    since: Option<Timestamp>,
    /// Whether this time was alarmed.
    told: bool,
    /// When it was last alarmed.
    last: Option<Timestamp>,
}

impl Troubles {
    /// Takes note. Told twice is told once.
    pub(super) fn note(&mut self, trouble: Trouble, health: Health, now: Timestamp) {
        let place = self.known.iter().position(|known| known.trouble == trouble);
        match (place, health) {
            (Some(i), Health::Bad) => {
                let known = &mut self.known[i];
                if known.since.is_none() {
                    (known.since, known.told) = (Some(now), false);
                }
            }
            (None, Health::Bad) => self.known.push(Known { trouble, since: Some(now), told: false, last: None }),
            (Some(i), Health::Good) => self.known[i].since = None,
            (None, Health::Good) => {}
        }
    }

    /// The next trouble whose alarm is due, marked as alarmed.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<Trouble> {
        let known = self.known.iter_mut().find(|known| known.is_due(now))?;
        known.told = true;
        known.last = Some(now);
        Some(known.trouble)
    }

    /// All that last.
    pub(super) fn lasting(&self) -> impl Iterator<Item = Trouble> + '_ {
        self.known.iter().filter(|known| known.since.is_some()).map(|known| known.trouble)
    }
}

impl Known {
    fn is_due(&self, now: Timestamp) -> bool {
        let grace = if self.trouble == Trouble::Link { LINK_GRACE_US } else { 0 };
        let lasts = self.since.is_some_and(|since| now.0 - since.0 >= grace);
        let rested = self.last.is_none_or(|last| !(0..AGAIN_US).contains(&(now.0 - last.0)));
        lasts && !self.told && rested
    }
}
