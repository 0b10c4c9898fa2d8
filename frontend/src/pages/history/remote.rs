//! Asks the player, which is loaded later than the keys that it is asked by.

use leptos::prelude::*;
use rtm2_app::chart::Step;

/// What the player is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Play, or pause.
    Toggle,
    /// The event before or after.
    Skip(Step),
    /// Slower or faster.
    Speed(Step),
}

/// Hands wishes to the player; copies are the same one.
#[derive(Clone, Copy, Debug)]
pub struct Remote {
    wish: RwSignal<Option<Wish>>,
}

impl Remote {
    /// Nothing is wished for yet.
    pub fn new() -> Self {
        Self { wish: RwSignal::new(None) }
    }

    /// Wishes for something.
    pub fn ask(self, wish: Wish) {
        self.wish.set(Some(wish));
    }

    /// Whether something is wished for, tracked.
    pub fn is_asked(self) -> bool {
        self.wish.with(Option::is_some)
    }

    /// Takes what is wished for, tracked.
    pub fn take(self) -> Option<Wish> {
        let wish = self.wish.get();
        if wish.is_some() {
            self.wish.set(None);
        }
        wish
    }
}

impl Default for Remote {
    fn default() -> Self {
        Self::new()
    }
}
