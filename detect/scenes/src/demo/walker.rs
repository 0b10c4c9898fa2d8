//! The person that walks through the room.

use super::visits::Visit;
use crate::actors::figure::Figure;
use crate::actors::person::{self, Pose, STRIDE};
use crate::maths::vec2;

/// How far beyond the edges a walk starts and ends, so that nobody pops up.
const MARGIN: f32 = 0.22;

/// The person at this moment of the visit.
pub(super) fn walking(visit: &Visit, half_width: f32) -> Figure {
    let height = 0.60 + 0.06 * visit.choice(5);
    let ground = vec2(visit.place(half_width, MARGIN), 0.87 + 0.05 * visit.choice(6));
    let phase = visit.walked(half_width, MARGIN) / (STRIDE * height);
    person::figure(&Pose { ground, heading: visit.heading, height, phase, vigour: 1.0, looks: visit.looks })
}
