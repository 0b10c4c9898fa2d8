//! Bars on their way to the viewers. A bar grows with every frame, but nobody sees it grow thirty times a second, and each
//! word of it wakes every viewer's task. Pure: the time is an argument.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rtm2_app::{Bar, CameraId, Timestamp, ZoneSet};

use super::HubEvent;

/// Shortest time between two words on bars: often enough to see a bar grow.
const EVERY: Duration = Duration::from_millis(250);

/// The last word on each bar that was not told yet.
#[derive(Debug, Default)]
pub(super) struct BarNews {
    waiting: BTreeMap<(CameraId, Timestamp), (Bar, ZoneSet)>,
    told: Option<Instant>,
}

impl BarNews {
    /// A bar grew.
    pub(super) fn push(&mut self, camera: CameraId, bar: Bar, zones: ZoneSet) {
        self.waiting.insert((camera, bar.start), (bar, zones));
    }

    /// When there is something to tell, if there is; `now` for at once.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        (!self.waiting.is_empty()).then(|| self.told.map_or(now, |told| now.max(told + EVERY)))
    }

    /// Takes out what may be told now.
    pub(super) fn take(&mut self, now: Instant) -> impl Iterator<Item = HubEvent> + use<> {
        let due = self.due(now) == Some(now);
        if due {
            self.told = Some(now);
        }
        let told = if due { std::mem::take(&mut self.waiting) } else { BTreeMap::new() };
        told.into_iter().map(|((camera, _), (bar, zones))| HubEvent::Bar(camera, bar, zones))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(second: i64, count: u32) -> Bar {
        let start = Timestamp(second * 1_000_000);
        Bar { start, count, first: start }
    }

    #[test]
    fn the_first_word_comes_at_once_and_the_last_one_in_time() {
        let (mut news, start) = (BarNews::default(), Instant::now());
        assert_eq!(news.due(start), None);
        let told = |news: &mut BarNews, now| {
            news.take(now)
                .map(|event| match event {
                    HubEvent::Bar(camera, bar, _) => (camera.0, bar.start.0 / 1_000_000, bar.count),
                    event => panic!("{event:?}"),
                })
                .collect::<Vec<_>>()
        };
        news.push(CameraId(0), bar(1, 1), ZoneSet::default());
        assert_eq!(told(&mut news, start), [(0, 1, 1)]);
        let soon = start + EVERY / 3;
        for (camera, second, count) in [(0, 1, 2), (1, 1, 1), (0, 1, 3), (0, 2, 1)] {
            news.push(CameraId(camera), bar(second, count), ZoneSet::default());
            assert_eq!(told(&mut news, soon), []);
        }
        let due = news.due(soon).unwrap();
        assert_eq!(due, start + EVERY);
        assert_eq!(told(&mut news, due), [(0, 1, 3), (0, 2, 1), (1, 1, 1)], "a second that ended is told in full");
        assert_eq!(news.due(due), None);
    }
}
