//! One attempt: a thread that opens a source and takes pictures until the source is over.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use super::Shared;
use super::log::Skips;
use crate::source::{Source, SourceError};

/// After so many unusable pictures in a row the source is lost.
const MOST_BAD: u32 = 50;

/// What the watching thread is told.
#[derive(Debug)]
pub(super) enum Message {
    /// The supervisor is to stop.
    Stop,
    /// The attempt with this number has something to say.
    From(u64, Report),
}

/// What an attempt says.
#[derive(Debug)]
pub(super) enum Report {
    /// The source is open; what it captures.
    Opened(String),
    /// The first picture came.
    First,
    /// A file was read to its end.
    Ended,
    /// The source is lost; why.
    Lost(String),
}

/// What the watching thread sees of an attempt.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) number: u64,
    began: Instant,
    /// Cleared when the attempt is given up: its pictures are ignored from then on.
    current: AtomicBool,
    finished: AtomicBool,
    in_sink: AtomicBool,
    pictures: AtomicU64,
    /// Microseconds from the beginning to the last sign of life.
    last_us: AtomicU64,
}

impl Attempt {
    /// Starts the thread.
    pub(super) fn start(number: u64, shared: &Arc<Shared>, messages: &Sender<Message>) -> std::io::Result<Arc<Self>> {
        let attempt = Arc::new(Self {
            number,
            began: Instant::now(),
            current: AtomicBool::new(true),
            finished: AtomicBool::new(false),
            in_sink: AtomicBool::new(false),
            pictures: AtomicU64::new(0),
            last_us: AtomicU64::new(0),
        });
        shared.tally.attempts.fetch_add(1, Relaxed);
        let (own, shared, messages) = (Arc::clone(&attempt), Arc::clone(shared), messages.clone());
        let name = format!("camera {}", shared.name);
        thread::Builder::new().name(name).spawn(move || own.run(&shared, &messages))?;
        Ok(attempt)
    }

    /// How long it has given no picture; a sink that takes its time with one is no stall.
    pub(super) fn quiet(&self) -> Duration {
        if self.in_sink.load(SeqCst) {
            return Duration::ZERO;
        }
        self.began.elapsed().saturating_sub(Duration::from_micros(self.last_us.load(SeqCst)))
    }

    /// How long it lived.
    pub(super) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    pub(super) fn has_pictures(&self) -> bool {
        self.pictures.load(SeqCst) > 0
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finished.load(SeqCst)
    }

    /// Gives it up: nothing of it is heard any more.
    pub(super) fn abandon(&self) {
        self.current.store(false, SeqCst);
    }

    fn is_current(&self) -> bool {
        self.current.load(SeqCst)
    }

    fn run(&self, shared: &Shared, messages: &Sender<Message>) {
        let say = |report| {
            if self.is_current() {
                // Fails only when the supervisor is gone, and then nobody wants to know.
                let _ = messages.send(Message::From(self.number, report));
            }
        };
        // The source stays outside of the closures that may panic, so that dropping it is guarded by itself: a driver's
        // clean-up may panic, too, and a panic during a panic would end the whole program.
        let mut source = None;
        let over = guard(|| {
            source = Some((shared.opener)()?);
            Ok(())
        });
        let over = match (over, &mut source) {
            (Ok(()), Some(source)) => {
                let taken = guard(|| {
                    self.show_life();
                    say(Report::Opened(source.describe()));
                    self.take(source.as_mut(), shared, &say)
                });
                taken.err()
            }
            (over, _) => over.err(),
        };
        let dropped = guard(|| {
            drop(source.take());
            Ok(())
        });
        self.finished.store(true, SeqCst);
        match over.or(dropped.err()) {
            Some(SourceError::Ended) => say(Report::Ended),
            Some(SourceError::Lost(reason) | SourceError::Bad(reason)) => say(Report::Lost(reason)),
            None => {}
        }
    }

    /// Takes pictures until the source is over or the attempt is given up.
    fn take(&self, source: &mut dyn Source, shared: &Shared, say: &dyn Fn(Report)) -> Result<(), SourceError> {
        let mut bad = 0;
        let mut skips = Skips::new(&shared.name);
        loop {
            let next = source.next();
            if !self.is_current() {
                return Ok(());
            }
            match next {
                Ok(picture) => {
                    bad = 0;
                    self.hand_over(|| shared.sink.picture(picture));
                    shared.tally.pictures.fetch_add(1, Relaxed);
                    if self.pictures.fetch_add(1, SeqCst) == 0 {
                        say(Report::First);
                    }
                }
                Err(SourceError::Bad(reason)) => {
                    bad += 1;
                    shared.tally.skipped.fetch_add(1, Relaxed);
                    skips.add(&reason);
                    if bad >= MOST_BAD {
                        let reason = format!("{bad} unusable pictures in a row, the last one because {reason}");
                        return Err(SourceError::Lost(reason));
                    }
                }
                Err(over) => return Err(over),
            }
        }
    }

    fn show_life(&self) {
        self.last_us.store(u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX), SeqCst);
    }

    fn hand_over(&self, to_sink: impl FnOnce()) {
        self.in_sink.store(true, SeqCst);
        to_sink();
        self.show_life();
        self.in_sink.store(false, SeqCst);
    }
}

/// Runs a part of a source; a panic in it is a lost source.
fn guard(part: impl FnOnce() -> Result<(), SourceError>) -> Result<(), SourceError> {
    catch_unwind(AssertUnwindSafe(part)).unwrap_or_else(|panic| {
        Err(SourceError::Lost(format!("the source failed inside: {}", panic_text(panic.as_ref()))))
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given")
}
