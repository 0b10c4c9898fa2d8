//! What is live: one socket, the pictures that it brings and the states that it reports. Everything that changes at
//! most about once a second is a signal here; pictures are not.

pub mod bus;
pub mod gauge;
pub mod header;
pub mod line;
pub mod newest;
pub mod overlay;
pub mod painter;
pub mod socket;
pub mod state;

pub use bus::{BusEvent, Listening, LiveBus};
pub use gauge::{Flow, Stats};
pub use line::Fate;
pub use overlay::Marks;
pub use painter::Painter;
pub use state::Live;
