//! The thread that watches a camera's attempts and says how the camera is.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use rtm2_app::{CameraState, Timestamp};

use super::attempt::{Attempt, Message, Report};
use super::log::Journal;
use super::{Shared, wait_for};
use crate::clock;

/// Threads stuck in a driver at a time; more are not started before one comes back.
const MOST_STUCK: usize = 3;
/// How long a capture thread may take to notice that it is to stop.
const LEAVE_WAIT: Duration = Duration::from_secs(1);

/// How an attempt went out.
enum Outcome {
    Stop,
    Ended,
    Lost { reason: String, age: Duration },
}

pub(super) struct Watch {
    shared: Arc<Shared>,
    messages: Sender<Message>,
    inbox: Receiver<Message>,
    journal: Journal,
    state: Option<CameraState>,
    stuck: Vec<Arc<Attempt>>,
    number: u64,
}

impl Watch {
    pub(super) fn new(shared: Arc<Shared>, messages: Sender<Message>, inbox: Receiver<Message>) -> Self {
        let journal = Journal::new(&shared.name);
        Self { shared, messages, inbox, journal, state: None, stuck: Vec::new(), number: 0 }
    }

    /// Runs until the supervisor is stopped or a file has ended.
    pub(super) fn run(mut self) {
        let timing = self.shared.timing;
        self.set(CameraState::Starting);
        let mut backoff = timing.first_backoff;
        loop {
            match self.attempt() {
                Outcome::Stop => return,
                Outcome::Ended => {
                    self.journal.ended();
                    return self.set(CameraState::Lost { since: clock::now(), reason: "the file ended".to_owned() });
                }
                Outcome::Lost { reason, age } => {
                    self.lost(reason);
                    if age >= timing.max_backoff {
                        backoff = timing.first_backoff;
                    }
                }
            }
            if self.is_stopped_within(backoff) {
                return;
            }
            backoff = (backoff * 2).min(timing.max_backoff);
        }
    }

    fn set(&mut self, state: CameraState) {
        if self.state.as_ref() != Some(&state) {
            self.shared.sink.state(state.clone());
            self.state = Some(state);
        }
    }

    fn lost(&mut self, reason: String) {
        self.journal.lost(&reason);
        let since = match self.state {
            Some(CameraState::Lost { since, .. }) => since,
            _ => clock::now(),
        };
        self.set(CameraState::Lost { since, reason });
    }

    fn attempt(&mut self) -> Outcome {
        self.stuck.retain(|attempt| !attempt.is_finished());
        if self.stuck.len() >= MOST_STUCK {
            let reason = format!("{MOST_STUCK} attempts hang in the driver; waiting for one to come back");
            return Outcome::Lost { reason, age: Duration::ZERO };
        }
        self.number += 1;
        let attempt = match Attempt::start(self.number, &self.shared, &self.messages) {
            Ok(attempt) => attempt,
            Err(error) => {
                return Outcome::Lost { reason: format!("cannot start a thread: {error}"), age: Duration::ZERO };
            }
        };
        let outcome = self.watch(&attempt);
        attempt.abandon();
        if matches!(outcome, Outcome::Stop) {
            wait_for(LEAVE_WAIT, || attempt.is_finished());
        }
        if !attempt.is_finished() {
            self.shared.tally.abandoned.fetch_add(1, Relaxed);
            self.stuck.push(attempt);
        }
        outcome
    }

    fn watch(&mut self, attempt: &Attempt) -> Outcome {
        let stall = self.shared.timing.stall;
        let tick = (stall / 10).clamp(Duration::from_millis(2), Duration::from_millis(500));
        loop {
            let age = attempt.age();
            match self.inbox.recv_timeout(tick) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return Outcome::Stop,
                Ok(Message::From(number, _)) if number != attempt.number => {}
                Ok(Message::From(_, Report::Opened(what))) => self.journal.opened(&what),
                Ok(Message::From(_, Report::Ended)) => return Outcome::Ended,
                Ok(Message::From(_, Report::Lost(reason))) => return Outcome::Lost { reason, age },
                Ok(Message::From(_, Report::First)) | Err(RecvTimeoutError::Timeout) => {}
            }
            let quiet = attempt.quiet();
            if quiet >= stall * 2 {
                let reason = format!("no picture for {:.0} s; the camera or its driver hangs", quiet.as_secs_f64());
                return Outcome::Lost { reason, age: Duration::ZERO };
            }
            self.judge(attempt, quiet);
        }
    }

    /// Live or stalled, by how long the attempt has been quiet. A camera that was lost stays so until a picture comes.
    fn judge(&mut self, attempt: &Attempt, quiet: Duration) {
        let is_lost = matches!(self.state, Some(CameraState::Lost { .. }));
        if quiet < self.shared.timing.stall {
            if attempt.has_pictures() && self.state != Some(CameraState::Live) {
                self.journal.live();
                self.set(CameraState::Live);
            }
        } else if !matches!(self.state, Some(CameraState::Stalled { .. })) && (attempt.has_pictures() || !is_lost) {
            self.journal.stalled(quiet);
            let quiet_us = i64::try_from(quiet.as_micros()).unwrap_or(i64::MAX);
            self.set(CameraState::Stalled { since: Timestamp(clock::now().0.saturating_sub(quiet_us)) });
        }
    }

    /// Pauses; true when the supervisor was stopped meanwhile.
    fn is_stopped_within(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.inbox.recv_timeout(left) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return true,
                Ok(Message::From(..)) => {}
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }
}
