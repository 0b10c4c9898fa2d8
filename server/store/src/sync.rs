//! Brings what was written to the disk itself, at most a second later and off the recorder's thread: on a memory card
//! that may take longer than a frame lasts.

use std::fs::File;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a power cut may cost at most, beside the time that the disk takes.
const INTERVAL: Duration = Duration::from_secs(1);

/// The thread; ends when dropped, after a last round.
#[derive(Debug)]
pub(crate) struct Syncer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Files and folders with something new in them, each once.
    dirty: Vec<Arc<File>>,
    stop: bool,
}

impl Syncer {
    /// Starts the thread.
    pub(crate) fn start() -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let run = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("store-sync".into()).spawn(move || run.run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Asks for a file to be brought to the disk within the interval.
    pub(crate) fn mark(&self, file: &Arc<File>) {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.dirty.iter().any(|dirty| Arc::ptr_eq(dirty, file)) {
            state.dirty.push(Arc::clone(file));
            self.shared.changed.notify_one();
        }
    }
}

impl Shared {
    fn run(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            state = self
                .changed
                .wait_while(state, |state| state.dirty.is_empty() && !state.stop)
                .unwrap_or_else(PoisonError::into_inner);
            // Gather a second's writes, unless the store is closing.
            state = self
                .changed
                .wait_timeout_while(state, INTERVAL, |state| !state.stop)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            let (dirty, stop) = (std::mem::take(&mut state.dirty), state.stop);
            drop(state);
            for file in dirty {
                if let Err(error) = file.sync_data() {
                    tracing::warn!(%error, "a segment could not be brought to the disk; a power cut may cost it");
                }
            }
            if stop {
                return;
            }
            state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // It has no result; that it panicked was printed already.
            let _ = thread.join();
        }
    }
}
