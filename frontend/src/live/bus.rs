//! Hands events of the live connection to whoever listens, without signals in between: none is skipped or merged.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rtm2_app::alarm::Health;
use rtm2_app::{Bar, CameraId, Timestamp, ZoneSet};

/// What listeners are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusEvent {
    /// A bar grew: its whole count so far, and the zones of it.
    Bar(CameraId, Bar, ZoneSet),
    /// All alarms up to this time were seen, here or elsewhere.
    Seen(Timestamp),
    /// Whether frames can be recorded.
    Storage(Health),
    /// Whether a camera's pictures are looked at.
    Detector(CameraId, Health),
    /// Events were lost (or the connection was): what was heard before must be fetched anew.
    Resync,
}

type Listener = Rc<dyn Fn(BusEvent)>;

/// The listeners. Clones are the same bus.
#[derive(Clone, Default)]
pub struct LiveBus(Rc<Inner>);

#[derive(Default)]
struct Inner {
    next: Cell<u32>,
    listeners: RefCell<Vec<(u32, Listener)>>,
}

/// Keeps a listener listening; it ends when this is dropped.
#[must_use = "dropping it ends the listening"]
pub struct Listening {
    bus: LiveBus,
    id: u32,
}

impl LiveBus {
    /// Calls `listener` with every event until the result is dropped.
    pub fn listen(&self, listener: impl Fn(BusEvent) + 'static) -> Listening {
        let id = self.0.next.get();
        self.0.next.set(id.wrapping_add(1));
        self.0.listeners.borrow_mut().push((id, Rc::new(listener)));
        Listening { bus: self.clone(), id }
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.0.listeners.borrow().len()
    }

    /// Tells everybody. A listener may begin or end listening meanwhile.
    pub(super) fn tell(&self, event: BusEvent) {
        let listeners: Vec<Listener> = self.0.listeners.borrow().iter().map(|(_, l)| Rc::clone(l)).collect();
        for listener in listeners {
            listener(event);
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.bus.0.listeners.borrow_mut().retain(|(id, _)| *id != self.id);
    }
}
