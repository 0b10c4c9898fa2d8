//! Events on their way to one viewer, merged so that a burst costs a few messages. Pure: the time is an argument.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rtm2_app::wire::ServerMessage;
use rtm2_app::{Bar, CameraId, CameraState, Timestamp, ZoneSet};

use crate::pipeline::{HubEvent, Seen};

/// Shortest time between two messages with bars: a little less than between two words of the recorder, so that those go on
/// at once.
const BARS_EVERY: Duration = Duration::from_millis(200);
/// Shortest time between two numbers of viewers.
const VIEWERS_EVERY: Duration = Duration::from_secs(1);
/// Shortest time between two words on who has seen the alarms: well within the second in which all fall silent.
const SEEN_EVERY: Duration = Duration::from_millis(250);
/// Bars that may wait; more come only from many cameras to a viewer that does not read.
const MOST_BARS: usize = 256;

/// Events that have not been sent.
#[derive(Debug, Default)]
pub struct Outbox {
    states: BTreeMap<CameraId, CameraState>,
    /// By camera and second: a second that ended is told in full (B17), also when the next has begun.
    bars: BTreeMap<(CameraId, Timestamp), (Bar, ZoneSet)>,
    detectors: BTreeMap<CameraId, Option<String>>,
    viewers: Option<u32>,
    seen: Option<Seen>,
    /// The message about the storage.
    storage: Option<ServerMessage>,
    resync: bool,
    bars_due: Option<Instant>,
    viewers_due: Option<Instant>,
    seen_due: Option<Instant>,
}

impl Outbox {
    /// Takes an event in.
    pub fn push(&mut self, event: HubEvent) {
        match event {
            HubEvent::State(camera, state) => {
                self.states.insert(camera, state);
            }
            HubEvent::Bar(camera, bar, zones) => {
                self.bars.insert((camera, bar.start), (bar, zones));
                if self.bars.len() > MOST_BARS {
                    self.lagged();
                }
            }
            HubEvent::Viewers(count) => self.viewers = Some(count),
            HubEvent::Seen(seen) => self.seen = Some(seen),
            HubEvent::Detector(camera, fault) => {
                self.detectors.insert(camera, fault);
            }
            HubEvent::Storage(fault) => self.storage = Some(ServerMessage::Storage { fault }),
        }
    }

    /// Events were lost: the viewer must ask for bars and states anew.
    pub fn lagged(&mut self) {
        self.bars.clear();
        self.resync = true;
    }

    /// When there is something to send, `None` for nothing.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let bars = (!self.bars.is_empty()).then(|| self.bars_due.unwrap_or(now));
        let viewers = self.viewers.map(|_| self.viewers_due.unwrap_or(now));
        let seen = self.seen.as_ref().map(|_| self.seen_due.unwrap_or(now));
        let standing = self.storage.is_some() || !self.states.is_empty() || !self.detectors.is_empty();
        let at_once = (self.resync || standing).then_some(now);
        [bars, viewers, seen, at_once].into_iter().flatten().min()
    }

    /// Takes out what may be sent now.
    pub fn take(&mut self, now: Instant) -> Vec<ServerMessage> {
        let is_due = |due: Option<Instant>| due.is_none_or(|due| due <= now);
        let mut messages = Vec::new();
        if std::mem::take(&mut self.resync) {
            messages.push(ServerMessage::Resync);
        }
        let states = std::mem::take(&mut self.states);
        messages.extend(states.into_iter().map(|(camera, state)| ServerMessage::State { camera, state }));
        messages.extend(self.storage.take());
        let detectors = std::mem::take(&mut self.detectors).into_iter();
        messages.extend(detectors.map(|(camera, fault)| ServerMessage::Detector { camera, fault }));
        if is_due(self.seen_due)
            && let Some(Seen { upto, at, by }) = self.seen.take()
        {
            messages.push(ServerMessage::Seen { upto, at, by });
            self.seen_due = Some(now + SEEN_EVERY);
        }
        if !self.bars.is_empty() && is_due(self.bars_due) {
            let bars = std::mem::take(&mut self.bars);
            let message = |((camera, _), (bar, zones))| ServerMessage::Bar { camera, bar, zones };
            messages.extend(bars.into_iter().map(message));
            self.bars_due = Some(now + BARS_EVERY);
        }
        if is_due(self.viewers_due)
            && let Some(count) = self.viewers.take()
        {
            messages.push(ServerMessage::Viewers { count });
            self.viewers_due = Some(now + VIEWERS_EVERY);
        }
        messages
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bar(second: i64, count: u32) -> Bar {
        let start = Timestamp(second * 1_000_000);
        Bar { start, count, first: start }
    }

    proptest! {
        /// Whatever is merged, the last word on every bar arrives, and never more than four times a second.
        #[test]
        fn the_last_word_on_every_bar_arrives(growth in prop::collection::vec((0..3u16, 0..5i64, 1..300u64), 1..100)) {
            let (mut outbox, mut now) = (Outbox::default(), Instant::now());
            let (mut truth, mut told, mut batches) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
            let mut deliver = |outbox: &mut Outbox, now: Instant| {
                let messages = outbox.take(now);
                if !messages.is_empty() {
                    batches.push(now);
                }
                for message in messages {
                    let ServerMessage::Bar { camera, bar, .. } = message else { panic!("{message:?}") };
                    told.insert((camera, bar.start), bar.count);
                }
            };
            for (camera, second, ms) in growth {
                let count = truth.entry((CameraId(camera), bar(second, 0).start)).or_insert(0u32);
                *count += 1;
                outbox.push(HubEvent::Bar(CameraId(camera), bar(second, *count), ZoneSet::default()));
                deliver(&mut outbox, now);
                now += Duration::from_millis(ms);
            }
            while let Some(due) = outbox.due(now) {
                now = now.max(due);
                deliver(&mut outbox, now);
            }
            prop_assert_eq!(truth, told);
            prop_assert!(batches.windows(2).all(|pair| pair[1] - pair[0] >= BARS_EVERY));
        }
    }

    #[test]
    fn viewers_are_told_once_a_second_and_states_at_once() {
        let (mut outbox, start) = (Outbox::default(), Instant::now());
        outbox.push(HubEvent::Viewers(1));
        assert_eq!(outbox.take(start), [ServerMessage::Viewers { count: 1 }]);
        for count in 2..50 {
            outbox.push(HubEvent::Viewers(count));
            assert_eq!(outbox.take(start), []);
        }
        outbox.push(HubEvent::State(CameraId(0), CameraState::Live));
        assert_eq!(outbox.take(start), [ServerMessage::State { camera: CameraId(0), state: CameraState::Live }]);
        let later = outbox.due(start).unwrap();
        assert_eq!(later - start, VIEWERS_EVERY);
        assert_eq!(outbox.take(later), [ServerMessage::Viewers { count: 49 }]);
        assert_eq!(outbox.due(later), None);
    }

    #[test]
    fn of_what_was_seen_the_last_word_comes_and_soon() {
        let (mut outbox, start) = (Outbox::default(), Instant::now());
        let seen = |upto| Seen { upto: Timestamp(upto), at: Timestamp(upto), by: "anna".into() };
        let told = |upto| ServerMessage::Seen { upto: Timestamp(upto), at: Timestamp(upto), by: "anna".into() };
        outbox.push(HubEvent::Seen(seen(1)));
        assert_eq!(outbox.take(start), [told(1)]);
        for upto in 2..50 {
            outbox.push(HubEvent::Seen(seen(upto)));
            assert_eq!(outbox.take(start), []);
        }
        let later = outbox.due(start).unwrap();
        assert_eq!(later - start, SEEN_EVERY);
        assert_eq!(outbox.take(later), [told(49)]);
        assert_eq!(outbox.due(later), None);
    }

    #[test]
    fn a_reader_that_lags_resyncs_once() {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        for second in 0..2 * MOST_BARS as i64 {
            outbox.push(HubEvent::Bar(CameraId(0), bar(second, 1), ZoneSet::default()));
        }
        let messages = outbox.take(now);
        assert_eq!(messages[0], ServerMessage::Resync);
        assert!(messages.len() <= MOST_BARS + 1);
    }
}
