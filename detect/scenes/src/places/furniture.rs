//! What stands and hangs in the room.

use crate::canvas::Canvas;
use crate::maths::{Colour, Vec2, blend, cos_turns, hash, hills, mix, scaled, sin_turns, smooth, unit, vec2};
use crate::shape::{Limb, ellipse, polygon, rectangle};

/// The lamp's bulb.
pub(crate) const BULB: Vec2 = vec2(0.455, 0.365);

/// The upper edge of the sideboard, its middle.
const BOARD: Vec2 = vec2(0.455, 0.525);

/// Whether the lamp is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lamp {
    Lit,
    Dark,
}

/// Everything, from back to front.
pub(crate) fn paint(canvas: &mut Canvas, seed: u64, lit: Lamp) {
    picture(canvas, seed);
    if lit == Lamp::Lit {
        lamplight(canvas);
    }
    sideboard(canvas, seed);
    books(canvas);
    lamp(canvas, lit);
    plant(canvas, seed);
}

/// A landscape in a frame.
fn picture(canvas: &mut Canvas, seed: u64) {
    const MIDDLE: Vec2 = vec2(0.085, 0.235);
    const HALF: Vec2 = vec2(0.098, 0.075);
    let grown = |by: f32| HALF.plus(vec2(by, by));
    canvas.tint(|at| rectangle(at, MIDDLE.plus(vec2(0.008, 0.012)), grown(0.03), 0.004), 0.035, [0.68; 3]);
    canvas.paint(
        |at| rectangle(at, MIDDLE, grown(0.033), 0.002),
        |at| scaled([84.0, 58.0, 40.0], mix(1.25, 0.85, smooth(-0.1, 0.1, at.y - MIDDLE.y + (at.x - MIDDLE.x) * 0.5))),
    );
    canvas.paint(|at| rectangle(at, MIDDLE, grown(0.022), 0.0), |_| [206.0, 201.0, 189.0]);
    canvas.tint(|at| rectangle(at, MIDDLE, grown(0.001), 0.0), 0.006, [0.86; 3]);
    canvas.paint(
        |at| rectangle(at, MIDDLE, HALF, 0.0),
        |at| {
            let d = vec2((at.x - MIDDLE.x) / HALF.x, (at.y - MIDDLE.y) / HALF.y);
            let dusk = blend([96.0, 112.0, 142.0], [222.0, 172.0, 122.0], smooth(-1.0, 0.2, d.y));
            let sun = smooth(0.17, 0.13, at.minus(MIDDLE.plus(vec2(0.03, 0.0))).length() / HALF.y);
            let dusk = blend(dusk, [246.0, 222.0, 168.0], sun);
            let ridge = |number: u64, base: f32| {
                base + 0.34 * (hills(seed ^ number, vec2(d.x * 1.7, 0.5)) - 0.5) + 0.08 * hills(number, d.times(5.0))
            };
            let back = blend(dusk, [122.0, 108.0, 122.0], smooth(0.0, 0.05, d.y - ridge(21, 0.12)));
            let middle = blend(back, [82.0, 84.0, 92.0], smooth(0.0, 0.05, d.y - ridge(22, 0.38)));
            blend(middle, [50.0, 60.0, 56.0], smooth(0.0, 0.05, d.y - ridge(23, 0.66)))
        },
    );
}

/// The warm light that the lamp throws on everything near it.
fn lamplight(canvas: &mut Canvas) {
    canvas.each(|at, colour| {
        let away = at.minus(BULB);
        let out = vec2(away.x, away.y * 0.8).length() / 0.15;
        let glow = 0.42 / (1.0 + out * out);
        [colour[0] * (1.0 + glow), colour[1] * (1.0 + glow * 0.78), colour[2] * (1.0 + glow * 0.38)]
    });
}

fn sideboard(canvas: &mut Canvas, seed: u64) {
    const HALF_WIDTH: f32 = 0.225;
    const FRONT_HALF: Vec2 = vec2(HALF_WIDTH - 0.008, 0.098);
    let front = BOARD.plus(vec2(0.0, 0.022 + FRONT_HALF.y));
    // On the floor below it, and on the wall beside it.
    canvas.tint(|at| ellipse(at, vec2(front.x + 0.01, 0.792), vec2(0.27, 0.026)), 0.05, [0.45; 3]);
    canvas.tint(|at| rectangle(at, front.plus(vec2(0.014, -0.01)), FRONT_HALF, 0.0), 0.05, [0.62; 3]);
    for side in [-1.0_f32, 1.0] {
        let foot = vec2(front.x + side * (FRONT_HALF.x - 0.022), 0.775);
        canvas.paint(|at| rectangle(at, foot, vec2(0.010, 0.027), 0.002), |_| [58.0, 40.0, 28.0]);
    }
    let wood = |at: Vec2, tone: f32| {
        let grain = hills(seed ^ 0x1f, vec2(at.x * 14.0, at.y * 120.0)) - 0.5;
        let lit = mix(1.10, 0.84, smooth(BOARD.y, front.y + FRONT_HALF.y, at.y));
        scaled([116.0, 78.0, 50.0], (1.0 + 0.16 * grain) * tone * lit)
    };
    canvas.paint(|at| rectangle(at, front, FRONT_HALF, 0.003), |at| wood(at, 0.95));
    for door in [-1.0_f32, 0.0, 1.0] {
        let width = (FRONT_HALF.x - 0.012) / 3.0;
        let middle = front.plus(vec2(door * (width * 2.0 + 0.004), 0.0));
        let half = vec2(width - 0.003, FRONT_HALF.y - 0.011);
        canvas.tint(|at| rectangle(at, middle, half.plus(vec2(0.003, 0.003)), 0.003), 0.003, [0.6; 3]);
        canvas.paint(|at| rectangle(at, middle, half, 0.003), |at| wood(at.plus(vec2(door * 3.0, 0.0)), 1.04));
        let knob = middle.plus(vec2(if door > 0.0 { -half.x + 0.014 } else { half.x - 0.014 }, -0.02));
        canvas.tint(|at| ellipse(at, knob.plus(vec2(0.002, 0.004)), vec2(0.007, 0.007)), 0.006, [0.6; 3]);
        canvas.paint(
            |at| ellipse(at, knob, vec2(0.0058, 0.0058)),
            |at| scaled([196.0, 168.0, 112.0], mix(1.15, 0.7, smooth(-0.006, 0.006, at.y - knob.y))),
        );
    }
    canvas.paint(
        |at| rectangle(at, BOARD.plus(vec2(0.0, 0.011)), vec2(HALF_WIDTH, 0.011), 0.002),
        |at| scaled(wood(at, 1.0), mix(1.42, 0.95, smooth(BOARD.y, BOARD.y + 0.02, at.y))),
    );
    canvas.tint(|at| rectangle(at, BOARD.plus(vec2(0.0, 0.026)), vec2(FRONT_HALF.x, 0.003), 0.0), 0.010, [0.66; 3]);
}

/// A few books that lean on each other, and a bowl.
fn books(canvas: &mut Canvas) {
    const SPINES: [(f32, f32, Colour); 6] = [
        (0.013, 0.092, [122.0, 58.0, 50.0]),
        (0.010, 0.080, [186.0, 172.0, 140.0]),
        (0.015, 0.100, [62.0, 84.0, 92.0]),
        (0.009, 0.086, [148.0, 122.0, 74.0]),
        (0.012, 0.074, [74.0, 88.0, 66.0]),
        (0.010, 0.090, [98.0, 72.0, 92.0]),
    ];
    let mut left = 0.252;
    for (width, height, colour) in SPINES {
        let middle = vec2(left + width, BOARD.y - height / 2.0);
        canvas.paint(
            |at| rectangle(at, middle, vec2(width, height / 2.0), 0.002),
            |at| {
                let round = 1.0 - 0.35 * ((at.x - middle.x) / width + 0.2).abs();
                let band = 1.0 + 0.28 * smooth(0.0022, 0.0014, (at.y - middle.y + height * 0.28).abs());
                scaled(colour, round * band)
            },
        );
        left += 2.0 * width + 0.0008;
    }
    let bowl = vec2(0.592, BOARD.y - 0.016);
    canvas.paint(
        |at| ellipse(at, bowl.plus(vec2(0.0, -0.006)), vec2(0.045, 0.024)).max(bowl.y - 0.010 - at.y),
        |at| scaled([92.0, 116.0, 128.0], mix(1.25, 0.62, smooth(-0.04, 0.045, at.x - bowl.x))),
    );
    canvas.paint(|at| ellipse(at, bowl.plus(vec2(0.0, -0.011)), vec2(0.043, 0.005)), |_| [58.0, 74.0, 84.0]);
}

fn lamp(canvas: &mut Canvas, lit: Lamp) {
    let foot = vec2(BULB.x, BOARD.y - 0.004);
    let metal = |at: Vec2| scaled([150.0, 118.0, 72.0], mix(1.3, 0.6, smooth(-0.03, 0.03, at.x - BULB.x)));
    canvas.paint(|at| ellipse(at, foot, vec2(0.040, 0.0085)), metal);
    let ceramic = vec2(BULB.x, BOARD.y - 0.045);
    canvas.paint(|at| rectangle(at, vec2(BULB.x, 0.455), vec2(0.005, 0.06), 0.0), metal);
    canvas.paint(
        |at| ellipse(at, ceramic, vec2(0.027, 0.037)),
        |at| {
            let d = at.minus(ceramic);
            scaled([168.0, 150.0, 128.0], 1.12 - 12.0 * (d.x + 0.008).abs() - 3.0 * d.y.max(0.0))
        },
    );
    let shade = [vec2(0.412, 0.312), vec2(0.498, 0.312), vec2(0.528, 0.428), vec2(0.382, 0.428)];
    canvas.paint(
        |at| polygon(at, &shade),
        |at| {
            let d = at.minus(BULB);
            let bright = if lit == Lamp::Lit { 1.0 / (1.0 + d.dot(d) / 0.006) } else { 0.0 };
            let rim = smooth(0.004, 0.001, (at.y - 0.314).abs().min((at.y - 0.426).abs()));
            let cloth = blend([214.0, 168.0, 108.0], [255.0, 238.0, 196.0], bright);
            scaled(cloth, 1.0 - 0.22 * rim)
        },
    );
}

/// A plant in a pot, in the corner left of the window.
fn plant(canvas: &mut Canvas, seed: u64) {
    const POT: Vec2 = vec2(-0.585, 0.765);
    canvas.tint(|at| ellipse(at, POT.plus(vec2(0.02, 0.052)), vec2(0.095, 0.022)), 0.04, [0.5; 3]);
    let stem = POT.plus(vec2(0.0, -0.05));
    for leaf in 0..26_u16 {
        let looks = hash(seed ^ 0x29 ^ hash(u64::from(leaf)));
        // The ones behind first: darker, more upright.
        let front = f32::from(leaf) / 26.0;
        let lean = (unit(looks) - 0.5) * (0.20 + 0.26 * front);
        let length = 0.16 + 0.15 * unit(hash(looks)) * (1.2 - front * 0.5);
        let green = blend([40.0, 62.0, 40.0], [92.0, 122.0, 68.0], front * 0.7 + 0.3 * unit(looks >> 7));
        blade(canvas, stem, lean, length, green);
    }
    let pot = [vec2(-0.066, -0.062), vec2(0.066, -0.062), vec2(0.047, 0.055), vec2(-0.047, 0.055)];
    let pot = pot.map(|corner| corner.plus(POT));
    let clay = |at: Vec2| scaled([158.0, 100.0, 74.0], mix(0.72, 1.12, smooth(-0.07, 0.05, at.x - POT.x)));
    canvas.paint(|at| polygon(at, &pot), clay);
    let rim = POT.plus(vec2(0.0, -0.062));
    canvas.tint(|at| rectangle(at, rim.plus(vec2(0.0, 0.017)), vec2(0.064, 0.004), 0.0), 0.010, [0.75; 3]);
    canvas.paint(|at| rectangle(at, rim, vec2(0.072, 0.013), 0.004), |at| scaled(clay(at), 1.08));
}

/// A leaf that bends over under its own weight: `lean` in turns from upright.
fn blade(canvas: &mut Canvas, root: Vec2, lean: f32, length: f32, colour: Colour) {
    const STEPS: u16 = 5;
    let mut from = root;
    for step in 0..STEPS {
        let along = f32::from(step) / f32::from(STEPS);
        let turn = lean * (0.55 + 1.3 * along * along);
        let to = from.plus(vec2(sin_turns(turn), -cos_turns(turn)).times(length / f32::from(STEPS)));
        let thickness = |along: f32| 0.004 + 0.030 * along * (1.0 - along);
        let limb = Limb {
            from,
            to,
            from_radius: thickness(along),
            to_radius: thickness(along + 1.0 / f32::from(STEPS)) - 0.0028 * along,
        };
        canvas.paint_limb(&limb, |out| {
            scaled(colour, 0.94 + 0.22 * out.x.clamp(-1.0, 1.0) - 0.12 * (1.0 - out.dot(out)).clamp(0.0, 1.0))
        });
        from = to;
    }
}
