//! The newest of something, for many tasks that follow it: what [`tokio::sync::watch`] is, but woken by relay.
//!
//! Who publishes is no task of the runtime, and each task that it woke would take a turn of the runtime's thread on its own:
//! awake, one task, asleep. So it wakes one, and that one the others, all in the same turn.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch::error::RecvError;
use tokio::sync::{Notify, watch};

/// Publishes.
#[derive(Debug)]
pub struct Sender<T> {
    value: watch::Sender<T>,
    // Dropped after the value, so that whom it wakes finds that there will be no other.
    line: End,
}

/// Follows.
#[derive(Debug)]
pub struct Receiver<T> {
    value: watch::Receiver<T>,
    line: Arc<Line>,
}

/// Those who wait.
#[derive(Debug, Default)]
struct Line {
    waiting: Notify,
    /// One was woken who is to wake the others.
    to_pass_on: AtomicBool,
}

/// The publisher's hold on the line: wakes all when it lets go.
#[derive(Debug, Default)]
struct End(Arc<Line>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.waiting.notify_waiters();
    }
}

impl Line {
    fn pass_on(&self) {
        // Looked at first: most find nothing to do, and to write would take it from the other processors' caches.
        if self.to_pass_on.load(Ordering::Acquire) && self.to_pass_on.swap(false, Ordering::AcqRel) {
            self.waiting.notify_waiters();
        }
    }
}

impl<T> Sender<T> {
    /// Publishes a first value.
    pub fn new(value: T) -> Self {
        Self { value: watch::Sender::new(value), line: End::default() }
    }

    /// Publishes another value.
    pub fn send_replace(&self, value: T) {
        self.value.send_replace(value);
        let line = &self.line.0;
        line.to_pass_on.store(true, Ordering::Release);
        // Whoever is woken and gives up before its turn leaves that to the next.
        line.waiting.notify_one();
    }

    /// Follows from here on.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { value: self.value.subscribe(), line: Arc::clone(&self.line.0) }
    }
}

impl<T> Receiver<T> {
    /// Waits for a value that was not looked at. May be dropped at any time.
    ///
    /// # Errors
    /// There will be no other: the sender is gone.
    pub async fn changed(&mut self) -> Result<(), RecvError> {
        loop {
            // In line before looking, so that nothing comes in between.
            let mut woken = pin!(self.line.waiting.notified());
            woken.as_mut().enable();
            self.line.pass_on();
            if self.value.has_changed()? {
                return Ok(());
            }
            woken.await;
        }
    }

    /// The newest value, which counts as looked at.
    pub fn borrow_and_update(&mut self) -> watch::Ref<'_, T> {
        self.value.borrow_and_update()
    }

    /// The newest value.
    pub fn borrow(&self) -> watch::Ref<'_, T> {
        self.value.borrow()
    }

    /// Makes the value one that was not looked at.
    pub fn mark_changed(&mut self) {
        self.value.mark_changed();
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), line: Arc::clone(&self.line) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::{Context, Poll, Wake, Waker};
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    type Waiting<'a> = std::pin::Pin<Box<dyn Future<Output = Result<(), RecvError>> + 'a>>;

    fn turn(waiting: &mut Waiting<'_>, woken: &Arc<Count>) -> bool {
        let waker = Waker::from(Arc::clone(woken));
        matches!(waiting.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(())))
    }

    #[test]
    fn one_is_woken_from_outside_and_wakes_the_others_once() {
        let sender = Sender::new(0);
        let counts: [Arc<Count>; 3] = Default::default();
        let mut receivers: Vec<_> = counts.iter().map(|_| sender.subscribe()).collect();
        let mut waiting: Vec<Waiting<'_>> =
            receivers.iter_mut().map(|r| Box::pin(r.changed()) as Waiting<'_>).collect();
        for (waiting, count) in waiting.iter_mut().zip(&counts) {
            assert!(!turn(waiting, count));
        }
        let woken = || counts.each_ref().map(|count| count.0.load(Ordering::SeqCst));
        sender.send_replace(1);
        assert_eq!(woken(), [1, 0, 0]);
        assert!(turn(&mut waiting[0], &counts[0]));
        assert_eq!(woken(), [1, 1, 1]);
        assert!(turn(&mut waiting[1], &counts[1]) && turn(&mut waiting[2], &counts[2]));
        assert_eq!(woken(), [1, 1, 1]);
    }

    #[test]
    fn whoever_gives_up_leaves_it_to_the_next() {
        let sender = Sender::new(0);
        let (mut first, mut second) = (sender.subscribe(), sender.subscribe());
        let counts: [Arc<Count>; 2] = Default::default();
        let mut gives_up: Waiting<'_> = Box::pin(first.changed());
        let mut waits: Waiting<'_> = Box::pin(second.changed());
        assert!(!turn(&mut gives_up, &counts[0]) && !turn(&mut waits, &counts[1]));
        sender.send_replace(1);
        drop(gives_up);
        assert_eq!(counts[1].0.load(Ordering::SeqCst), 1);
        assert!(turn(&mut waits, &counts[1]));
    }

    #[test]
    fn the_end_is_told() {
        let sender = Sender::new(0);
        let (mut receiver, count) = (sender.subscribe(), Arc::default());
        let mut waiting: Waiting<'_> = Box::pin(receiver.changed());
        assert!(!turn(&mut waiting, &count));
        drop(sender);
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        let waker = Waker::from(count);
        assert!(matches!(waiting.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Err(_))));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Publish,
        /// All that were woken have a turn.
        Turns,
        /// This task gives up waiting, and another begins.
        Restart(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            2 => Just(Step::Publish),
            3 => Just(Step::Turns),
            1 => (0..4usize).prop_map(Step::Restart),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        /// However turns, publications and givings-up follow each other: once every task that was woken has had its turn,
        /// all have seen the newest.
        #[test]
        fn nobody_is_left_out(steps in steps()) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async {
                let sender = Arc::new(Sender::new(0u32));
                let seen: [Arc<AtomicUsize>; 4] = Default::default();
                let follow = |task: usize| {
                    let (mut receiver, seen) = (sender.subscribe(), Arc::clone(&seen[task]));
                    receiver.mark_changed();
                    tokio::spawn(async move {
                        while receiver.changed().await.is_ok() {
                            let newest = *receiver.borrow_and_update();
                            seen.store(newest as usize, Ordering::SeqCst);
                        }
                    })
                };
                let mut tasks: Vec<_> = (0..4).map(follow).collect();
                let mut published = 0;
                for step in steps {
                    match step {
                        Step::Publish => {
                            published += 1;
                            sender.send_replace(published);
                        }
                        Step::Turns => tokio::task::yield_now().await,
                        Step::Restart(task) => {
                            tasks[task].abort();
                            tasks[task] = follow(task);
                        }
                    }
                }
                tokio::time::timeout(Duration::from_secs(5), async {
                    while seen.iter().any(|seen| seen.load(Ordering::SeqCst) != published as usize) {
                        tokio::task::yield_now().await;
                    }
                })
                .await
                .unwrap();
            });
        }
    }
}
