//! Small copies of pictures, fetched a few at a time and kept while they may be wanted again.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::{CameraId, Timestamp};
use web_sys::Url;

use super::data;
use crate::http::{self, CallError};
use crate::session::Session;
use crate::sys::timer::Timeout;

/// Copies that are fetched at a time.
const AT_A_TIME: usize = 3;
/// Copies that are kept.
const KEPT: usize = 60;
/// Width that is asked for, in pixels: sharp also where the screen has two for each of the page's.
const WIDTH: u16 = 192;
/// How long the pointer rests before anything is fetched, in milliseconds.
const REST_MS: u32 = 90;

/// Which picture.
pub(super) type Name = (CameraId, Timestamp);

/// What is known of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Small {
    /// It is on its way, or will be.
    Awaited,
    /// Its address in this page.
    Here(String),
    /// There is none.
    Missing,
}

/// The copies of a page; copies of this are the same one. All are given back when the owner goes.
#[derive(Clone, Copy)]
pub(super) struct Copies {
    session: Session,
    /// Counts what came.
    came: RwSignal<u32>,
    state: StoredValue<State, LocalStorage>,
}

#[derive(Default)]
struct State {
    /// The newest last.
    kept: Vec<(Name, Small)>,
    /// What is wanted now, the most wanted first.
    wanted: Vec<Name>,
    flying: Vec<Name>,
    rest: Option<Timeout>,
}

impl Drop for State {
    fn drop(&mut self) {
        self.kept.drain(..).for_each(|(_, small)| give_back(&small));
    }
}

fn give_back(small: &Small) {
    if let Small::Here(address) = small {
        // Fails for what is no address of ours.
        let _ = Url::revoke_object_url(address);
    }
}

impl State {
    /// A copy that is kept; it counts as wanted just now.
    fn find(&mut self, name: Name) -> Option<Small> {
        let index = self.kept.iter().position(|(kept, _)| *kept == name)?;
        let found = self.kept.remove(index);
        let small = found.1.clone();
        self.kept.push(found);
        Some(small)
    }

    fn keep(&mut self, name: Name, small: Small) {
        self.kept.push((name, small));
        if self.kept.len() > KEPT {
            give_back(&self.kept.remove(0).1);
        }
    }

    /// What is to be fetched next, if there is room for another request.
    fn next(&mut self) -> Option<Name> {
        if self.flying.len() >= AT_A_TIME {
            return None;
        }
        let (kept, flying) = (&self.kept, &self.flying);
        let next = *self.wanted.iter().find(|name| !flying.contains(name) && !kept.iter().any(|(k, _)| k == *name))?;
        self.flying.push(next);
        Some(next)
    }
}

impl Copies {
    /// None are there yet.
    pub(super) fn new(session: Session) -> Self {
        Self { session, came: RwSignal::new(0), state: StoredValue::new_local(State::default()) }
    }

    /// A copy, tracked.
    pub(super) fn get(self, name: Name) -> Small {
        self.came.track();
        self.state.try_update_value(|state| state.find(name)).flatten().unwrap_or(Small::Awaited)
    }

    /// From now on these are wanted, the most wanted first, and no others. Nothing is fetched before that stays so for a
    /// moment.
    pub(super) fn want(self, wanted: Vec<Name>) {
        let rest = Timeout::new(REST_MS, move || self.fetch());
        self.state.update_value(|state| {
            state.wanted = wanted;
            state.rest = Some(rest);
        });
    }

    /// Nothing is wanted any more.
    pub(super) fn forget(self) {
        self.state.try_update_value(|state| {
            state.wanted.clear();
            state.rest = None;
        });
    }

    fn fetch(self) {
        while let Some(name) = self.state.try_update_value(State::next).flatten() {
            spawn_local(async move {
                let fetched = http::get_blob(self.session, &data::small_url(name.0, name.1, WIDTH)).await;
                let small = match fetched {
                    Ok(blob) => Url::create_object_url_with_blob(&blob).map_or(Small::Missing, Small::Here),
                    Err(CallError::Refused(_)) => Small::Missing,
                    // It is asked for again when it is wanted again.
                    Err(_) => Small::Awaited,
                };
                let missed = small.clone();
                let kept = self.state.try_update_value(|state| {
                    state.flying.retain(|flying| *flying != name);
                    if small == Small::Awaited {
                        state.wanted.clear();
                    } else {
                        state.keep(name, small);
                    }
                });
                if kept.is_none() {
                    // The page went on.
                    return give_back(&missed);
                }
                self.came.update(|came| *came = came.wrapping_add(1));
                self.fetch();
            });
        }
    }
}
