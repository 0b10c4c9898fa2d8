//! A bounded queue whose writers never wait: the oldest gives way and is counted.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A queue from any thread to one task.
#[derive(Debug)]
pub(crate) struct Inbox<T> {
    items: Mutex<VecDeque<T>>,
    capacity: usize,
    arrived: Notify,
}

impl<T> Inbox<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { items: Mutex::new(VecDeque::with_capacity(capacity)), capacity, arrived: Notify::new() }
    }

    /// Puts something in. Whether the oldest gave way.
    pub(crate) fn put(&self, item: T) -> bool {
        let mut items = self.lock();
        let full = items.len() >= self.capacity;
        if full {
            items.pop_front();
        }
        items.push_back(item);
        drop(items);
        self.arrived.notify_one();
        full
    }

    /// Takes the oldest, if there is any.
    pub(crate) fn take(&self) -> Option<T> {
        self.lock().pop_front()
    }

    /// Waits until something was put in or [`Inbox::wake`] was called. May return early.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Wakes the reader.
    pub(crate) fn wake(&self) {
        self.arrived.notify_one();
    }

    /// A panic of another holder leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let inbox = Inbox::new(2);
        assert!(!inbox.put(1) && !inbox.put(2) && inbox.put(3));
        assert_eq!([inbox.take(), inbox.take(), inbox.take()], [Some(2), Some(3), None]);
    }

    #[tokio::test]
    async fn what_was_put_in_before_waiting_is_noticed() {
        let inbox = Inbox::new(2);
        inbox.put(());
        inbox.arrived().await;
        assert_eq!(inbox.take(), Some(()));
    }
}
