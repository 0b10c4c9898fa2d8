//! The history chart: paints on canvases what `rtm2_app::chart` computes, and hands it what pointers do.
//!
//! Two canvases lie one above the other, so that hovering repaints no bar: bars and axes below, marker, hover and box
//! above. A third one under them is the slider. Painting happens at most once per animation frame, however many bars
//! or pointer events come in between. Nothing here fetches anything, and no bar is in a signal.

mod input;
mod listen;
mod overlay;
mod paint;
mod picture;
mod slider;
mod surface;
mod theme;
mod widget;
mod zone;

pub use listen::{Listener, Resized};
pub use picture::save;
pub use surface::Surface;
pub use theme::Theme;
pub use widget::{Around, Heard, Widget};
pub use zone::offset_minutes;

#[cfg(test)]
mod tests;
