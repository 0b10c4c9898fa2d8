//! Who is connected (R25, R35): sockets and streams, counted and limited. Keeps no header and no secret (B2).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rtm2_app::Mode;
use rtm2_app::api::Viewer;

use super::client::Client;
use crate::auth::Caller;
use crate::pipeline::Hub;
use crate::pipeline::hub::ViewerGuard;

/// How many may be connected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) total: u32,
    pub(super) per_user: u32,
}

/// Everybody who is connected.
#[derive(Debug)]
pub struct Viewers {
    hub: Arc<Hub>,
    limits: Limits,
    seats: Mutex<Seats>,
}

#[derive(Debug, Default)]
struct Seats {
    next: u64,
    /// By arrival, with the account's number.
    taken: BTreeMap<u64, (i64, Viewer)>,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Full {
    #[error("too many viewers")]
    Total,
    #[error("too many viewers of this user")]
    User,
}

impl Viewers {
    pub(super) fn new(hub: Arc<Hub>, limits: Limits) -> Self {
        Self { hub, limits, seats: Mutex::default() }
    }

    /// Everybody by arrival.
    pub fn list(&self) -> Vec<Viewer> {
        self.seats().taken.values().map(|(_, viewer)| viewer.clone()).collect()
    }

    /// Takes a seat if there is one, until it is dropped.
    pub(super) fn enter(self: &Arc<Self>, caller: &Caller, client: &Client, mode: Mode) -> Result<Seat, Full> {
        let viewer = Viewer {
            user: caller.name.clone(),
            address: client.address.to_string(),
            user_agent: client.user_agent.clone(),
            since: super::metrics::now(),
            mode,
            pictures: true,
        };
        let id = {
            let mut seats = self.seats();
            if seats.taken.len() >= self.limits.total as usize {
                return Err(Full::Total);
            }
            let of_user = seats.taken.values().filter(|(account, _)| *account == caller.account).count();
            if of_user >= self.limits.per_user as usize {
                return Err(Full::User);
            }
            seats.next += 1;
            let id = seats.next;
            seats.taken.insert(id, (caller.account, viewer));
            id
        };
        Ok(Seat { viewers: Arc::clone(self), id, _counted: self.hub.join() })
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the viewers.
#[derive(Debug)]
pub(super) struct Seat {
    viewers: Arc<Viewers>,
    id: u64,
    _counted: ViewerGuard,
}

impl Seat {
    /// Says what this viewer watches now.
    pub(super) fn watches(&self, mode: Mode, pictures: bool) {
        if let Some((_, viewer)) = self.viewers.seats().taken.get_mut(&self.id) {
            (viewer.mode, viewer.pictures) = (mode, pictures);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.viewers.seats().taken.remove(&self.id);
    }
}
