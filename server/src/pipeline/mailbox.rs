//! A one-slot mailbox between two threads.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What gives way when the reader is slower than the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The newest item replaces the one not yet taken: for cameras, which do not wait.
    LatestWins,
    /// The writer waits: for files read as fast as possible, where every frame counts.
    Wait,
}

/// What became of the item before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The slot was free.
    Kept,
    /// An item that nobody had taken was thrown away.
    Replaced,
    /// The mailbox is closed; the item was thrown away.
    Closed,
}

/// What came of waiting for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken<T> {
    /// It came.
    Item(T),
    /// It did not come in time.
    Late,
    /// The mailbox is closed and empty.
    Closed,
}

/// Holds at most one item on its way from one thread to another.
#[derive(Debug)]
pub struct Mailbox<T> {
    policy: Policy,
    slot: Mutex<Slot<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Slot<T> {
    item: Option<T>,
    closed: bool,
}

impl<T> Mailbox<T> {
    /// An empty mailbox.
    pub fn new(policy: Policy) -> Self {
        Self { policy, slot: Mutex::new(Slot { item: None, closed: false }), changed: Condvar::new() }
    }

    /// Puts an item in; waits for a free slot under [`Policy::Wait`].
    pub fn put(&self, item: T) -> Put {
        let mut slot = self.lock();
        while self.policy == Policy::Wait && slot.item.is_some() && !slot.closed {
            slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
        if slot.closed {
            return Put::Closed;
        }
        let before = slot.item.replace(item);
        drop(slot);
        self.changed.notify_all();
        if before.is_some() { Put::Replaced } else { Put::Kept }
    }

    /// Waits for an item; `None` once the mailbox is closed and empty.
    pub fn take(&self) -> Option<T> {
        if let Taken::Item(item) = self.take_by(None) { Some(item) } else { None }
    }

    /// Waits for an item until `deadline`, or for as long as it takes.
    pub fn take_by(&self, deadline: Option<Instant>) -> Taken<T> {
        let mut slot = self.lock();
        loop {
            if let Some(item) = slot.item.take() {
                drop(slot);
                // Nobody waits for room under the other policy, and to wake nobody is a call to the kernel all the same.
                if self.policy == Policy::Wait {
                    self.changed.notify_all();
                }
                return Taken::Item(item);
            }
            if slot.closed {
                return Taken::Closed;
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            slot = match left {
                None => self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return Taken::Late,
                Some(left) => self.changed.wait_timeout(slot, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    /// Lets both sides go; an item already in it can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// A panic of the other side leaves the slot usable: it holds a whole item or none.
    fn lock(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    #[test]
    fn the_latest_wins() {
        let mailbox = Mailbox::new(Policy::LatestWins);
        assert_eq!(mailbox.put(1), Put::Kept);
        assert_eq!(mailbox.put(2), Put::Replaced);
        assert_eq!(mailbox.take(), Some(2));
        mailbox.close();
        assert_eq!(mailbox.put(3), Put::Closed);
        assert_eq!(mailbox.take(), None);
    }

    #[test]
    fn a_waiting_writer_loses_nothing() {
        let mailbox = Arc::new(Mailbox::new(Policy::Wait));
        let writer = thread::spawn({
            let mailbox = Arc::clone(&mailbox);
            move || {
                for i in 0..1000 {
                    assert_eq!(mailbox.put(i), Put::Kept);
                }
                mailbox.close();
            }
        });
        let taken: Vec<i32> = std::iter::from_fn(|| mailbox.take()).collect();
        writer.join().unwrap();
        assert_eq!(taken, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn waiting_ends_at_the_deadline() {
        let mailbox = Mailbox::new(Policy::LatestWins);
        let soon = || Some(Instant::now() + std::time::Duration::from_millis(20));
        let (begin, taken) = (Instant::now(), mailbox.take_by(soon()));
        assert_eq!(taken, Taken::Late);
        assert!(begin.elapsed() >= std::time::Duration::from_millis(20));
        mailbox.put(1);
        assert_eq!(mailbox.take_by(Some(Instant::now())), Taken::Item(1), "what is there is taken, however late");
        mailbox.close();
        assert_eq!(mailbox.take_by(soon()), Taken::Closed);
    }

    #[test]
    fn closing_frees_a_waiting_writer() {
        let mailbox = Arc::new(Mailbox::new(Policy::Wait));
        mailbox.put(1);
        let writer = thread::spawn({
            let mailbox = Arc::clone(&mailbox);
            move || mailbox.put(2)
        });
        mailbox.close();
        assert_eq!(writer.join().unwrap(), Put::Closed);
    }
}
