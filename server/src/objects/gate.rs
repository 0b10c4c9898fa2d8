//! Which frames of motion go on as such. Time is an argument, threads are elsewhere.
//!
//! An event is motion with pauses of at most three seconds. Its first frames are held until a wanted label comes: then
//! they go on as motion, with it. When none has come in time, they go on as still frames, and so do those after them
//! until a wanted label comes after all. When no answer has come at all, they go on as motion without a label.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the first frames of an event are held: time for a small model, too short to be missed by a viewer.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// A longer pause ends an event.
const PAUSE: Duration = Duration::from_secs(3);

/// Most frames held; beyond it the event is decided at once, as if the time had passed.
const MOST_HELD: usize = 64;

/// What something is.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Its name.
    pub name: Arc<str>,
    /// How sure the model is, 0 to 1.
    pub confidence: f32,
}

/// A frame that goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Passing<F> {
    /// The frame.
    pub frame: F,
    /// Whether it goes on as motion.
    pub motion: bool,
    /// What moves in it, where that is known.
    pub label: Option<Label>,
}

/// What became of an event, for the log.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Decision {
    /// It is of this.
    Wanted(Label),
    /// It is of nothing wanted, at best of this.
    Unwanted(Option<Label>),
    /// No answer came in time.
    Unanswered,
}

/// Answers to an event that is undecided.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Nothing,
    /// Nothing wanted, at best this.
    Unwanted(Option<Label>),
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    Quiet,
    /// Until when, and what was heard so far.
    Undecided(Instant, Heard),
    Open,
    Shut,
}

/// Holds the first frames of an event and lets frames through.
#[derive(Debug)]
pub(super) struct Gate<F> {
    /// Names wanted; all of them where empty.
    only: Vec<String>,
    patience: Duration,
    state: State,
    event: u64,
    moved: Option<Instant>,
    label: Option<Label>,
    held: VecDeque<(F, bool)>,
    out: VecDeque<Passing<F>>,
    decision: Option<Decision>,
}

impl<F> Gate<F> {
    pub(super) fn new(only: Vec<String>, patience: Duration) -> Self {
        Self {
            only,
            patience,
            state: State::Quiet,
            event: 0,
            moved: None,
            label: None,
            held: VecDeque::new(),
            out: VecDeque::new(),
            decision: None,
        }
    }

    /// The next frame that goes on, in the order in which they came.
    pub(super) fn pop(&mut self) -> Option<Passing<F>> {
        self.out.pop_front()
    }

    /// What was decided since the last call.
    pub(super) fn decision(&mut self) -> Option<Decision> {
        self.decision.take()
    }

    /// Number of the event that the last frame of motion belongs to.
    pub(super) fn event(&self) -> u64 {
        self.event
    }

    /// When [`Self::expire`] must be called at the latest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if let State::Undecided(until, _) = self.state { Some(until) } else { None }
    }

    /// Takes a frame.
    pub(super) fn put(&mut self, frame: F, motion: bool, now: Instant) {
        self.expire(now);
        if self.moved.is_none_or(|moved| now.duration_since(moved) > PAUSE) {
            self.settle();
            self.state = State::Quiet;
        }
        if motion {
            self.moved = Some(now);
            if self.state == State::Quiet {
                self.event += 1;
                self.label = None;
                let undecided = State::Undecided(now + self.patience, Heard::Nothing);
                self.state = if self.only.is_empty() { State::Open } else { undecided };
            }
        }
        match self.state {
            State::Undecided(..) => {
                self.held.push_back((frame, motion));
                if self.held.len() >= MOST_HELD {
                    self.settle();
                }
            }
            _ => self.pass(frame, motion),
        }
    }

    /// Takes what the model found to move in a frame of this event, the surest first; `None` when it failed. An answer
    /// counts as in time while nothing has been decided without it.
    pub(super) fn answer(&mut self, event: u64, labels: Option<&[Label]>) {
        if event != self.event || self.state == State::Quiet {
            return;
        }
        let Some(labels) = labels else {
            if matches!(self.state, State::Undecided(..)) {
                self.decide(State::Open, Decision::Unanswered);
            }
            return;
        };
        let wanted = |label: &&Label| self.only.is_empty() || self.only.iter().any(|name| **name == *label.name);
        match (labels.iter().find(wanted).cloned(), &mut self.state) {
            (Some(label), state) => {
                // What else moves in the same event is not told again and again.
                let news = *state != State::Open || self.label.is_none();
                self.label = Some(label.clone());
                if news {
                    self.decide(State::Open, Decision::Wanted(label));
                }
            }
            (None, State::Undecided(_, heard)) => *heard = Heard::Unwanted(labels.first().cloned()),
            (None, _) => {}
        }
    }

    /// Decides what has waited long enough.
    pub(super) fn expire(&mut self, now: Instant) {
        if self.deadline().is_some_and(|until| until <= now) {
            self.settle();
        }
    }

    /// Decides with what is known.
    pub(super) fn settle(&mut self) {
        if let State::Undecided(_, heard) = &mut self.state {
            match std::mem::replace(heard, Heard::Nothing) {
                Heard::Unwanted(label) => self.decide(State::Shut, Decision::Unwanted(label)),
                Heard::Nothing => self.decide(State::Open, Decision::Unanswered),
            }
        }
    }

    fn decide(&mut self, state: State, decision: Decision) {
        self.state = state;
        self.decision = Some(decision);
        while let Some((frame, motion)) = self.held.pop_front() {
            self.pass(frame, motion);
        }
    }

    fn pass(&mut self, frame: F, motion: bool) {
        let motion = motion && self.state != State::Shut;
        let label = if motion { self.label.clone() } else { None };
        self.out.push_back(Passing { frame, motion, label });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn label(name: &str) -> Label {
        Label { name: name.into(), confidence: 0.8 }
    }

    /// A gate for people, and a clock.
    fn gate(only: &[&str]) -> (Gate<u32>, Instant) {
        (Gate::new(only.iter().map(|&name| name.to_owned()).collect(), PATIENCE), Instant::now())
    }

    /// What has passed: number, whether as motion, label.
    fn passed(gate: &mut Gate<u32>) -> Vec<(u32, bool, Option<String>)> {
        std::iter::from_fn(|| gate.pop()).map(|p| (p.frame, p.motion, p.label.map(|l| l.name.to_string()))).collect()
    }

    #[test]
    fn the_first_frames_wait_for_a_wanted_label_and_then_pass_with_it_in_order() {
        let (mut gate, start) = gate(&["person"]);
        gate.put(1, false, start);
        assert_eq!((passed(&mut gate), gate.deadline()), (vec![(1, false, None)], None));
        gate.put(2, true, start + 100 * MS);
        gate.put(3, false, start + 200 * MS);
        gate.put(4, true, start + 300 * MS);
        assert_eq!(passed(&mut gate), []);
        assert_eq!(gate.deadline(), Some(start + 100 * MS + PATIENCE));
        gate.answer(gate.event(), Some(&[label("cat"), label("person")]));
        assert_eq!(gate.decision(), Some(Decision::Wanted(label("person"))));
        gate.put(5, true, start + 400 * MS);
        let person = || Some("person".to_owned());
        assert_eq!(
            passed(&mut gate),
            [(2, true, person()), (3, false, None), (4, true, person()), (5, true, person())]
        );
    }

    #[test]
    fn an_event_of_nothing_wanted_is_no_motion_until_somebody_comes_after_all() {
        let (mut gate, start) = gate(&["person"]);
        gate.put(1, true, start);
        gate.answer(1, Some(&[label("cat")]));
        assert_eq!(passed(&mut gate), [], "somebody may still come into view");
        gate.expire(start + PATIENCE);
        assert_eq!(gate.decision(), Some(Decision::Unwanted(Some(label("cat")))));
        gate.put(2, true, start + PATIENCE + 100 * MS);
        assert_eq!(passed(&mut gate), [(1, false, None), (2, false, None)]);
        gate.answer(1, Some(&[label("person")]));
        gate.put(3, true, start + PATIENCE + 300 * MS);
        assert_eq!(passed(&mut gate), [(3, true, Some("person".to_owned()))]);
    }

    #[test]
    fn without_an_answer_in_time_or_with_a_failure_motion_passes_unlabelled() {
        let (mut gate, start) = gate(&["person"]);
        gate.put(1, true, start);
        gate.put(2, true, start + PATIENCE);
        assert_eq!(passed(&mut gate), [(1, true, None), (2, true, None)]);
        assert_eq!(gate.decision(), Some(Decision::Unanswered));
        // A late answer labels what comes after it, and takes nothing back.
        gate.answer(1, Some(&[]));
        gate.put(3, true, start + 2 * PATIENCE);
        gate.answer(1, Some(&[label("person")]));
        gate.put(4, true, start + 2 * PATIENCE);
        assert_eq!(passed(&mut gate), [(3, true, None), (4, true, Some("person".to_owned()))]);

        let later = start + Duration::from_mins(1);
        gate.put(5, true, later);
        gate.answer(gate.event(), None);
        assert_eq!(passed(&mut gate), [(5, true, None)]);
    }

    #[test]
    fn a_pause_ends_an_event_and_answers_to_an_old_one_do_not_count() {
        let (mut gate, start) = gate(&["person"]);
        gate.put(1, true, start);
        gate.answer(1, Some(&[label("person")]));
        gate.put(2, true, start + PAUSE);
        assert_eq!(passed(&mut gate).len(), 2, "a short pause does not");
        let later = start + 3 * PAUSE;
        gate.put(3, true, later);
        assert_eq!((gate.event(), passed(&mut gate)), (2, vec![]));
        gate.answer(1, Some(&[label("person")]));
        assert_eq!(passed(&mut gate), []);
        gate.settle();
        assert_eq!(passed(&mut gate), [(3, true, None)]);
    }

    #[test]
    fn with_every_label_wanted_nothing_waits() {
        let (mut gate, start) = gate(&[]);
        gate.put(1, true, start);
        gate.answer(1, Some(&[label("cat")]));
        gate.put(2, true, start);
        assert_eq!(passed(&mut gate), [(1, true, None), (2, true, Some("cat".to_owned()))]);
        assert_eq!(gate.decision(), Some(Decision::Wanted(label("cat"))));
    }

    #[test]
    fn what_is_held_is_bounded() {
        let (mut gate, start) = gate(&["person"]);
        for n in 0..200 {
            gate.put(n, true, start);
        }
        assert_eq!(passed(&mut gate).len(), 200);
    }
}
