//! The cat that walks through the room.

use super::visits::Visit;
use crate::actors::figure::Figure;
use crate::maths::{Colour, Vec2, cos_turns, scaled, sin_turns, vec2};

/// How far beyond the edges a walk starts and ends: the tail is long.
const MARGIN: f32 = 0.24;

/// A full cycle of its legs covers this much floor.
const STRIDE: f32 = 0.17;

/// The cat at this moment of the visit. Its unit is the picture's height.
pub(super) fn walking(visit: &Visit, half_width: f32) -> Figure {
    const COATS: [Colour; 2] = [[44.0, 42.0, 44.0], [228.0, 222.0, 212.0]];
    let coat = COATS[usize::from(visit.choice(1) > 0.6)];
    let ground = vec2(visit.place(half_width, MARGIN), 0.89 + 0.04 * visit.choice(6));
    let phase = visit.walked(half_width, MARGIN) / STRIDE;
    let mut figure = Figure::new(ground, visit.heading, 1.15, vec2(0.17, 0.022));
    // Up and down twice per cycle, as the legs alternate.
    let bob = 0.003 * sin_turns(2.0 * phase);

    tail(&mut figure, phase, bob, coat);
    for (hip, offset, light) in [(-0.088, 0.5, 0.7), (0.072, 0.75, 0.7), (-0.082, 0.0, 1.0), (0.078, 0.25, 1.0)] {
        leg(&mut figure, vec2(hip, 0.088 + bob), phase + offset, scaled(coat, light));
    }
    body(&mut figure, bob, coat);
    figure
}

fn body(figure: &mut Figure, bob: f32, coat: Colour) {
    let at = |forward: f32, up: f32| vec2(forward, up + bob);
    figure.limb(at(-0.085, 0.104), 0.039, at(0.0, 0.100), 0.037, coat);
    figure.limb(at(0.0, 0.100), 0.037, at(0.078, 0.106), 0.035, coat);
    figure.limb(at(0.080, 0.112), 0.030, at(0.118, 0.142), 0.023, coat);
    // The far ear, the head with its muzzle, the near ear.
    figure.limb(at(0.136, 0.168), 0.011, at(0.140, 0.192), 0.003, scaled(coat, 0.72));
    figure.limb(at(0.126, 0.150), 0.029, at(0.132, 0.152), 0.029, coat);
    figure.limb(at(0.146, 0.143), 0.016, at(0.158, 0.141), 0.011, coat);
    figure.limb(at(0.118, 0.168), 0.012, at(0.117, 0.196), 0.003, coat);
}

fn leg(figure: &mut Figure, hip: Vec2, phase: f32, coat: Colour) {
    let reach = 0.036 * sin_turns(phase);
    let lift = 0.014 * cos_turns(phase).max(0.0);
    let paw = vec2(hip.x + reach, 0.009 + lift);
    // Bent a little at the middle, forward of the line from hip to paw while the paw is lifted.
    let knee = vec2(f32::midpoint(hip.x, paw.x) + 0.006 + lift * 0.5, f32::midpoint(hip.y, paw.y));
    figure.limb(paw, 0.011, paw.plus(vec2(0.010, -0.001)), 0.008, coat);
    figure.limb(knee, 0.015, paw, 0.009, coat);
    figure.limb(hip, 0.026, knee, 0.015, coat);
}

/// Carried high, its tip swaying.
fn tail(figure: &mut Figure, phase: f32, bob: f32, coat: Colour) {
    let sway = 0.010 * sin_turns(phase * 0.5);
    let points = [
        vec2(-0.115, 0.118 + bob),
        vec2(-0.148, 0.132 + bob),
        vec2(-0.164 + sway * 0.4, 0.168),
        vec2(-0.166 + sway, 0.206),
        vec2(-0.152 + sway * 1.6, 0.232),
    ];
    for (i, pair) in points.windows(2).enumerate() {
        let radius = 0.013 - 0.0015 * i as f32;
        figure.limb(pair[0], radius, pair[1], radius - 0.0015, coat);
    }
}
