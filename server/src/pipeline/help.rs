//! The last stage of an alarm: somebody should have seen it by now. The device that rings says by when; from then on the
//! server keeps the time, so that the page may be closed, or its phone lie in the snow. Pure: time is an argument.

use rtm2_app::{CameraId, Timestamp};

/// Longest time that a device may ask for, in microseconds: twice the hour after which an alarm gets louder at the latest.
const LONGEST_US: i64 = 7_200_000_000;

/// An alarm that rings on some device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ringing {
    /// The camera that it is about.
    pub camera: CameraId,
    /// When it began to ring.
    pub since: Timestamp,
    /// When help is called for; `None` when somebody has ended it.
    due: Option<Timestamp>,
}

impl Ringing {
    /// An alarm as a device reports it at `now`, which is `within` seconds from calling for help; 0 when it was ended.
    pub fn new(camera: CameraId, since: Timestamp, within: u16, now: Timestamp) -> Self {
        let wait = (i64::from(within) * 1_000_000).min(LONGEST_US);
        let due = (wait > 0).then(|| Timestamp(now.0.saturating_add(wait)));
        // Nothing rings since a time that is still to come.
        Self { camera, since: since.min(now), due }
    }
}

/// The alarm that somebody should see: one at most, since who sees one sees all that ring.
#[derive(Clone, Copy, Debug, Default)]
pub struct Help {
    waits: Option<Ringing>,
    /// When help was last called for. What rang by then was told.
    told: Option<Timestamp>,
}

impl Help {
    /// An alarm rings. Of several the one that is due first counts; ended by somebody on one device they all have been
    /// attended to.
    pub fn rings(&mut self, ringing: Ringing) {
        if ringing.due.is_none() {
            self.waits = None;
        } else if self.told < Some(ringing.since) {
            let earlier = self.waits.filter(|waits| waits.due <= ringing.due);
            self.waits = earlier.or(Some(ringing));
        }
    }

    /// Somebody has seen all alarms up to a time.
    pub fn seen(&mut self, upto: Timestamp) {
        self.waits = self.waits.filter(|waits| waits.since > upto);
    }

    /// The alarm that help is to be called for now, once.
    pub fn due(&mut self, now: Timestamp) -> Option<Ringing> {
        let due = self.waits.take_if(|waits| waits.due <= Some(now))?;
        self.told = Some(now);
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(1_764_000_000_000_000 + seconds * 1_000_000)
    }

    /// An alarm that began to ring at a second, said in that second.
    fn rings(since: i64, within: u16) -> Ringing {
        Ringing::new(CameraId(1), at(since), within, at(since))
    }

    #[test]
    fn what_nobody_sees_is_told_once_and_in_time() {
        let mut help = Help::default();
        for _ in 0..3 {
            help.rings(rings(10, 120));
        }
        let told: Vec<_> = (10..500).filter(|s| help.due(at(*s)).is_some()).collect();
        assert_eq!(told, [130]);
        // Another device, whose alarm is the same one.
        help.rings(rings(11, 300));
        assert_eq!((130..900).filter(|s| help.due(at(*s)).is_some()).count(), 0);
        help.rings(rings(900, 60));
        assert!(help.due(at(960)).is_some(), "the next one");
    }

    #[test]
    fn what_is_seen_or_ended_is_not_told() {
        let mut help = Help::default();
        help.rings(rings(10, 120));
        help.seen(at(9));
        assert!(help.due(at(129)).is_none());
        help.seen(at(10));
        assert!(help.due(at(999)).is_none());
        help.rings(rings(1_000, 120));
        help.rings(rings(1_000, 0));
        assert!(help.due(at(9_999)).is_none());
    }

    #[test]
    fn of_several_devices_the_least_patient_counts() {
        let mut help = Help::default();
        help.rings(rings(10, 600));
        help.rings(rings(12, 60));
        help.rings(rings(13, 300));
        assert_eq!((10..999).filter(|s| help.due(at(*s)).is_some()).collect::<Vec<_>>(), [72]);
    }

    #[test]
    fn a_device_can_ask_for_neither_eternity_nor_the_future() {
        let mut help = Help::default();
        help.rings(Ringing::new(CameraId(0), Timestamp(i64::MAX), u16::MAX, at(0)));
        assert!(help.due(at(7_200)).is_some());
        help.rings(rings(8_000, 60));
        assert!(help.due(at(8_060)).is_some(), "a lie about the future silences nothing");
    }
}
