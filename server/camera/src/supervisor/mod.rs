//! Keeps one camera going: opens it, watches it, reopens it, and says how it is.
//!
//! Each attempt to open a source has a capture thread of its own, because drivers may block for ever; a second thread
//! watches it. Whatever a source does (stall, end, lie, panic), only its own attempt is over.

mod attempt;
mod log;
mod watch;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rtm2_app::CameraState;

use crate::address::SourceUrl;
use crate::clock;
use crate::source::{self, Picture, Source, SourceError, Wanted};
use attempt::Message;

/// How long [`Supervisor::stop`] waits for the threads at most.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// Who gets the pictures.
pub trait Sink: Send + Sync {
    /// Takes a picture; called from the capture thread. It may block only for sources that are read as fast as possible
    /// ([`SourceUrl::is_unpaced`]): a camera's pictures go stale.
    fn picture(&self, picture: Picture);

    /// Takes the camera's state when it changes; called from the watching thread, must not block.
    fn state(&self, state: CameraState);
}

/// Opens a source anew for each attempt.
pub type Opener = Arc<dyn Fn() -> Result<Box<dyn Source>, SourceError> + Send + Sync>;

/// When a camera counts as stalled and how often it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Without a picture for this long it is stalled; for twice as long, the attempt is given up.
    pub stall: Duration,
    /// The first pause before reopening; doubled each time.
    pub first_backoff: Duration,
    /// The longest pause.
    pub max_backoff: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let first_backoff = Duration::from_millis(500);
        Self { stall: Duration::from_secs(5), first_backoff, max_backoff: Duration::from_secs(5) }
    }
}

/// What a camera did since its supervisor started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pictures handed to the sink.
    pub pictures: u64,
    /// Pictures that could not be used.
    pub skipped: u64,
    /// Attempts to open it.
    pub attempts: u64,
    /// Attempts given up because they hung.
    pub abandoned: u64,
}

/// [`Counts`] while they are counted.
#[derive(Debug, Default)]
struct Tally {
    pictures: AtomicU64,
    skipped: AtomicU64,
    attempts: AtomicU64,
    abandoned: AtomicU64,
}

/// What all threads of one camera share.
struct Shared {
    name: String,
    opener: Opener,
    timing: Timing,
    sink: Arc<dyn Sink>,
    tally: Tally,
}

/// A camera under supervision. Dropping it stops the camera without waiting.
pub struct Supervisor {
    shared: Arc<Shared>,
    messages: Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Supervisor {
    /// Starts capturing from `url`; `name` is the camera's name in the log.
    pub fn start(name: &str, url: SourceUrl, wanted: Wanted, timing: Timing, sink: Arc<dyn Sink>) -> Self {
        Self::with_opener(name, Arc::new(move || source::open(&url, &wanted, clock::now())), timing, sink)
    }

    /// Starts capturing from whatever `opener` opens.
    pub fn with_opener(name: &str, opener: Opener, timing: Timing, sink: Arc<dyn Sink>) -> Self {
        let shared = Arc::new(Shared { name: name.to_owned(), opener, timing, sink, tally: Tally::default() });
        let (messages, inbox) = mpsc::channel();
        let watch = watch::Watch::new(Arc::clone(&shared), messages.clone(), inbox);
        let thread = thread::Builder::new().name(format!("watch {name}")).spawn(move || watch.run());
        let thread = thread.inspect_err(|error| tracing::error!("camera {name}: cannot start a thread: {error}")).ok();
        Self { shared, messages, thread: Mutex::new(thread) }
    }

    /// What it did so far.
    pub fn counts(&self) -> Counts {
        let tally = &self.shared.tally;
        Counts {
            pictures: tally.pictures.load(Relaxed),
            skipped: tally.skipped.load(Relaxed),
            attempts: tally.attempts.load(Relaxed),
            abandoned: tally.abandoned.load(Relaxed),
        }
    }

    /// Stops capturing and waits for the threads, at most two seconds: a driver that hangs keeps its thread.
    pub fn stop(&self) {
        // Fails only when the thread is gone already.
        let _ = self.messages.send(Message::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            wait_for(STOP_WAIT, || thread.is_finished());
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::Stop);
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("name", &self.shared.name)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

/// Waits until something is so, at most for `limit`.
fn wait_for(limit: Duration, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() && begin.elapsed() < limit {
        thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(test)]
mod tests;
