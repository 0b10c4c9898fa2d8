//! What may be sent to one viewer now: credit, pacing, and the note that something was left out. Pure: the time is an
//! argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rtm2_app::CameraId;
use rtm2_app::wire::{Flags, WINDOW};

/// What to do with the newest frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send it with these flags beside its own.
    Send(Flags),
    /// Ask again at this time, with whatever is newest then.
    Later(Instant),
    /// Ask again after an acknowledgement, with whatever is newest then.
    NoCredit,
}

/// One viewer's credit and pace.
#[derive(Debug)]
pub struct Flow {
    /// Sequence numbers sent and not acknowledged, oldest first.
    outstanding: VecDeque<u64>,
    camera: CameraId,
    /// Shortest time between two frames.
    spacing: Duration,
    /// When the next frame is due.
    due: Option<Instant>,
    /// Place of the last frame that was sent, or that came before the subscription.
    last: Option<u64>,
}

impl Flow {
    /// A flow whose subscription begins after the frame with the place `last`, if there was any. `max_fps` 0 is no
    /// limit.
    pub fn new(camera: CameraId, max_fps: u8, last: Option<u64>) -> Self {
        let spacing = Duration::from_secs(1).checked_div(u32::from(max_fps)).unwrap_or_default();
        Self { outstanding: VecDeque::with_capacity(usize::from(WINDOW)), camera, spacing, due: None, last }
    }

    /// Judges the newest frame, which has the place `order` (from 1) among those of the subscription.
    pub fn judge(&self, order: u64, now: Instant) -> Verdict {
        if self.outstanding.len() >= usize::from(WINDOW) {
            return Verdict::NoCredit;
        }
        match self.due {
            Some(due) if now < due => Verdict::Later(due),
            _ => {
                // Whoever comes before the first frame misses none.
                let next = self.last.map_or(1, |last| last.saturating_add(1));
                Verdict::Send(Flags::left_out(order.saturating_sub(next)))
            }
        }
    }

    /// A frame was handed to the socket.
    pub fn sent(&mut self, seq: u64, order: u64, now: Instant) {
        self.outstanding.push_back(seq);
        self.last = Some(self.last.map_or(order, |last| last.max(order)));
        // A frame that came late may be followed a little earlier, or jitter would add up to lost frames.
        let from = self.due.map_or(now, |due| due.max(now.checked_sub(self.spacing).unwrap_or(now)));
        self.due = Some(from + self.spacing);
    }

    /// All frames of `camera` up to `seq` are acknowledged.
    pub fn acknowledged(&mut self, camera: CameraId, seq: u64) {
        if camera == self.camera {
            self.outstanding.retain(|&sent| sent > seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CAMERA: CameraId = CameraId(0);

    #[derive(Clone, Debug)]
    enum Step {
        /// This many milliseconds pass and so many frames come, of which the newest is offered.
        Frames(u64, u64),
        /// The viewer acknowledges the n-th oldest outstanding frame.
        Ack(usize),
        /// The viewer acknowledges nonsense.
        Nonsense(u64, u16),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (1..80u64, 1..4u64).prop_map(|(ms, n)| Step::Frames(ms, n)),
            3 => (0..6usize).prop_map(Step::Ack),
            1 => (any::<u64>(), 1..3u16).prop_map(|(seq, camera)| Step::Nonsense(seq, camera)),
        ];
        prop::collection::vec(step, 1..200)
    }

    proptest! {
        /// Never more than the window outstanding, never faster than asked, never a repeated frame, and the note is
        /// set exactly when a frame was left out.
        #[test]
        fn credit_pace_and_gaps_are_kept(steps in steps(), max_fps in prop_oneof![Just(0u8), 1..=60u8]) {
            let start = Instant::now();
            let (mut flow, mut now, mut newest) = (Flow::new(CAMERA, max_fps, None), start, 0u64);
            let (mut outstanding, mut sent, mut last) = (Vec::new(), Vec::new(), 0);
            for step in steps {
                match step {
                    Step::Frames(ms, n) => {
                        now += Duration::from_millis(ms);
                        newest += n;
                        if let Verdict::Send(flags) = flow.judge(newest, now) {
                            prop_assert_eq!(flags, Flags::left_out(newest - last - 1));
                            flow.sent(newest, newest, now);
                            outstanding.push(newest);
                            sent.push(now);
                            last = newest;
                        } else {
                            prop_assert!(max_fps > 0 || outstanding.len() == usize::from(WINDOW));
                        }
                    }
                    Step::Ack(n) => if let Some(&seq) = outstanding.get(n) {
                        flow.acknowledged(CAMERA, seq);
                        outstanding.drain(..=n);
                    },
                    Step::Nonsense(seq, camera) => flow.acknowledged(CameraId(camera), seq),
                }
                prop_assert!(outstanding.len() <= usize::from(WINDOW));
            }
            if max_fps > 0 {
                for (i, &from) in sent.iter().enumerate() {
                    let within = sent[i..].iter().take_while(|&&t| t < from + Duration::from_secs(1)).count();
                    prop_assert!(within <= usize::from(max_fps) + 1, "{} in a second", within);
                }
            }
        }
    }

    #[test]
    fn a_stalled_viewer_gets_the_newest_frame_after_its_acknowledgement() {
        let (mut flow, now) = (Flow::new(CAMERA, 0, Some(7)), Instant::now());
        for seq in 8..8 + u64::from(WINDOW) {
            assert_eq!(flow.judge(seq, now), Verdict::Send(Flags::default()));
            flow.sent(seq, seq, now);
        }
        assert_eq!(flow.judge(99, now), Verdict::NoCredit);
        flow.acknowledged(CAMERA, 8);
        assert_eq!(flow.judge(100, now), Verdict::Send(Flags::left_out(100 - 12)));
    }

    #[test]
    fn a_pace_above_the_cameras_loses_nothing_to_jitter() {
        let (mut flow, start) = (Flow::new(CAMERA, 30, None), Instant::now());
        let mut sent = 0;
        for i in 0..300u64 {
            // 30 frames a second, each up to 6 ms early or late; a frame that is too early waits.
            let jitter = (i * 7 % 13) * 1000;
            let mut now = start + Duration::from_micros(i * 33_334 + jitter);
            if let Verdict::Later(due) = flow.judge(i + 1, now) {
                now = due;
            }
            assert!(matches!(flow.judge(i + 1, now), Verdict::Send(_)));
            flow.sent(i + 1, i + 1, now);
            flow.acknowledged(CAMERA, i + 1);
            sent += 1;
        }
        assert_eq!(sent, 300);
    }
}
