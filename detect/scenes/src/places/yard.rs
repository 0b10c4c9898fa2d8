//! A back yard under an even sky: lawn, path, fence, shed, bushes. It is painted once; the tree is apart, as it sways.

use crate::canvas::{Canvas, Frame};
use crate::maths::{Colour, Vec2, blend, hash, hills, mix, scaled, smooth, unit, vec2};
use crate::shape::{Limb, ellipse, polygon, rectangle};

/// Where the lawn ends at the fence.
pub(crate) const LAWN: f32 = 0.40;

/// Everything but the tree.
pub(crate) fn paint(frame: Frame, seed: u64) -> Canvas {
    let mut canvas = Canvas::new(frame);
    canvas.each(|at, _| sky(at, seed));
    lawn(&mut canvas, seed);
    path(&mut canvas, seed);
    fence(&mut canvas, seed);
    for (middle, size, number) in [(vec2(-0.12, 0.375), 0.075, 1), (vec2(0.02, 0.385), 0.055, 2)] {
        bush(&mut canvas, middle, size, seed ^ number);
    }
    shed(&mut canvas, seed);
    bush(&mut canvas, vec2(0.66, 0.56), 0.10, seed ^ 3);
    canvas.tint(|at| ellipse(at, vec2(-0.36, 0.645), vec2(0.30, 0.055)), 0.07, [0.66, 0.70, 0.72]);
    canvas
}

/// Sky, and woods in the haze.
fn sky(at: Vec2, seed: u64) -> Colour {
    let clouds = smooth(0.35, 0.75, hills(seed ^ 0x31, vec2(at.x * 3.0, at.y * 14.0)));
    let sky = blend([168.0, 190.0, 210.0], [214.0, 220.0, 222.0], 0.4 + 0.5 * clouds);
    let woods = |number: u64, base: f32, size: f32| {
        base - size * hills(seed ^ number, vec2(at.x * 7.0, 0.0))
            - 0.3 * size * hills(seed ^ number, vec2(at.x * 31.0, 0.0))
    };
    let leaves = 0.85 + 0.3 * hills(seed ^ 0x32, at.times(70.0));
    let far = blend(sky, [138.0, 154.0, 156.0], smooth(0.0, 0.012, at.y - woods(0x33, 0.15, 0.05)));
    blend(far, scaled([92.0, 108.0, 88.0], leaves), smooth(0.0, 0.010, at.y - woods(0x34, 0.19, 0.06)))
}

/// Grass, finer with distance.
fn lawn(canvas: &mut Canvas, seed: u64) {
    canvas.paint(
        |at| LAWN - 0.01 - at.y,
        |at| {
            let depth = 1.0 / (at.y - 0.24).max(0.05);
            let over = vec2(at.x * depth, depth * 2.0);
            let patches = hills(seed ^ 0x41, over.times(1.3)) - 0.5;
            let tufts = hills(seed ^ 0x42, vec2(over.x * 14.0, over.y * 11.0)) - 0.5;
            let blades = hills(seed ^ 0x43, vec2(at.x * 170.0, at.y * 90.0)) - 0.5;
            let dry = smooth(0.55, 0.85, hills(seed ^ 0x44, over.times(2.7)));
            let grass = blend([92.0, 116.0, 66.0], [138.0, 134.0, 84.0], 0.55 * dry);
            scaled(
                grass,
                (1.0 + 0.22 * patches + 0.22 * tufts + 0.20 * blades) * mix(0.88, 1.06, smooth(LAWN, 1.0, at.y)),
            )
        },
    );
}

/// Slabs that lead to the fence's gate.
fn path(canvas: &mut Canvas, seed: u64) {
    const EDGE: [Vec2; 4] = [vec2(0.155, LAWN - 0.012), vec2(0.235, LAWN - 0.012), vec2(0.30, 1.02), vec2(-0.16, 1.02)];
    canvas.tint(|at| polygon(at, &EDGE), 0.03, [0.8; 3]);
    canvas.paint(
        |at| polygon(at, &EDGE),
        |at| {
            let down = ((at.y - EDGE[0].y) / (EDGE[2].y - EDGE[0].y)).clamp(0.0, 1.0);
            let (left, right) = (mix(EDGE[0].x, EDGE[3].x, down), mix(EDGE[1].x, EDGE[2].x, down));
            let across = 3.0 * (at.x - left) / (right - left);
            let along = 2.6 / (0.16 + down);
            let row = along.floor();
            let across = across + 0.5 * (row - 2.0 * (row / 2.0).floor());
            let slab = hash(seed ^ 0x51 ^ hash(across.floor() as i32 as u64) ^ hash(row as i32 as u64).rotate_left(9));
            let joint = smooth(0.07, 0.03, (across - across.floor()).min(across.floor() + 1.0 - across)).max(smooth(
                0.09,
                0.04,
                (along - row).min(row + 1.0 - along),
            ));
            let stone = 0.94 + 0.12 * unit(slab) + 0.12 * (hills(slab, at.times(90.0)) - 0.5);
            scaled([158.0, 152.0, 142.0], stone * (1.0 - 0.36 * joint))
        },
    );
}

/// Weathered planks with a gate where the path ends.
fn fence(canvas: &mut Canvas, seed: u64) {
    const TOP: f32 = 0.205;
    const PLANK: f32 = 0.038;
    canvas.tint(|at| (at.y - LAWN).abs() - 0.006, 0.03, [0.62; 3]);
    canvas.paint(
        |at| {
            let inside = at.x / PLANK - (at.x / PLANK).floor();
            // Tops are rounded a little.
            let round = 0.012 * (inside - 0.5) * (inside - 0.5) * 4.0;
            (TOP + round - at.y).max(at.y - LAWN + 0.004)
        },
        |at| {
            let across = at.x / PLANK;
            let plank = hash(seed ^ 0x61 ^ hash(across.floor() as i32 as u64));
            let gap = smooth(0.10, 0.03, (across - across.floor()).min(across.floor() + 1.0 - across));
            let grain = hills(plank, vec2(at.x * 260.0, at.y * 18.0)) - 0.5;
            let rail = smooth(0.010, 0.006, (at.y - 0.255).abs()).max(smooth(0.010, 0.006, (at.y - 0.345).abs()));
            let gate = if (at.x - 0.195).abs() < 0.055 { 0.86 } else { 1.0 };
            let wood = (0.90 + 0.18 * unit(plank)) * (1.0 + 0.16 * grain) * (1.0 + 0.07 * rail) * gate;
            scaled([140.0, 118.0, 94.0], wood * (1.0 - 0.52 * gap) * mix(1.05, 0.86, smooth(TOP, LAWN, at.y)))
        },
    );
}

/// Leaves in a heap, darker below.
fn bush(canvas: &mut Canvas, middle: Vec2, size: f32, seed: u64) {
    canvas.tint(|at| ellipse(at, middle.plus(vec2(0.0, size * 0.45)), vec2(size * 1.4, size * 0.3)), 0.04, [0.6; 3]);
    for leaf in 0..170_u64 {
        let looks = hash(seed ^ hash(leaf));
        let (x, y) = (2.0 * unit(looks) - 1.0, 2.0 * unit(hash(looks)) - 1.0);
        if x * x + y * y > 1.0 {
            continue;
        }
        let at = middle.plus(vec2(x * size * 1.25, y * size * 0.62));
        let light = 0.72 - 0.30 * y - 0.12 * x + 0.25 * (unit(looks.rotate_left(20)) - 0.5);
        let end =
            at.plus(vec2(unit(looks.rotate_left(31)) - 0.5, unit(looks.rotate_left(43)) - 0.7).times(size * 0.22));
        let limb = Limb { from: at, to: end, from_radius: size * 0.10, to_radius: size * 0.05 };
        canvas.paint_limb(&limb, |out| scaled([88.0, 110.0, 64.0], light * (1.0 - 0.18 * out.y)));
    }
}

/// A small shed at the right with a door and a window.
fn shed(canvas: &mut Canvas, seed: u64) {
    let wall = vec2(0.545, 0.36);
    let half = vec2(0.155, 0.165);
    canvas.tint(|at| ellipse(at, vec2(wall.x - 0.02, wall.y + half.y), vec2(0.21, 0.035)), 0.05, [0.55; 3]);
    canvas.paint(
        |at| rectangle(at, wall, half, 0.0),
        |at| {
            // Lying boards, each a step before the next.
            let board = at.y / 0.026;
            let into = board - board.floor();
            let grain = hills(seed ^ 0x71 ^ hash(board.floor() as i32 as u64), vec2(at.x * 16.0, at.y * 200.0)) - 0.5;
            scaled(
                [122.0, 74.0, 58.0],
                (1.0 + 0.12 * grain) * mix(1.06, 0.90, into) * (1.0 - 0.35 * smooth(0.84, 1.0, into)),
            )
        },
    );
    let roof = [vec2(0.355, 0.20), vec2(0.43, 0.115), vec2(0.69, 0.115), vec2(0.735, 0.20)];
    canvas.tint(|at| rectangle(at, vec2(wall.x, 0.212), vec2(half.x, 0.012), 0.0), 0.02, [0.55; 3]);
    canvas.paint(
        |at| polygon(at, &roof),
        |at| {
            let row = (at.y - 0.115) / 0.021;
            let tile = hills(seed ^ 0x72 ^ hash(row.floor() as u64), vec2(at.x * 44.0, 0.5)) - 0.5;
            scaled([104.0, 96.0, 96.0], (1.0 + 0.20 * tile) * mix(1.08, 0.82, row - row.floor()))
        },
    );
    for side in [-1.0_f32, 1.0] {
        canvas.paint(
            |at| rectangle(at, vec2(wall.x + side * half.x, wall.y), vec2(0.007, half.y), 0.0),
            |_| [150.0, 146.0, 138.0],
        );
    }
    let door = vec2(0.475, 0.40);
    canvas.paint(|at| rectangle(at, door, vec2(0.052, 0.122), 0.0), |_| [152.0, 148.0, 140.0]);
    canvas.paint(
        |at| rectangle(at, door, vec2(0.045, 0.118), 0.0),
        |at| scaled([74.0, 92.0, 88.0], 1.0 - 0.25 * smooth(0.003, 0.001, ((at.x - door.x).abs() - 0.02).abs())),
    );
    canvas.paint(|at| ellipse(at, vec2(0.508, 0.405), vec2(0.005, 0.005)), |_| [196.0, 190.0, 170.0]);
    let pane = vec2(0.615, 0.325);
    canvas.paint(|at| rectangle(at, pane, vec2(0.050, 0.048), 0.0), |_| [160.0, 156.0, 148.0]);
    canvas.paint(
        |at| rectangle(at, pane, vec2(0.042, 0.040), 0.0),
        |at| blend([58.0, 68.0, 76.0], [150.0, 164.0, 172.0], smooth(0.05, -0.04, at.x - pane.x + at.y - pane.y)),
    );
    canvas.paint(|at| rectangle(at, pane, vec2(0.004, 0.040), 0.0), |_| [160.0, 156.0, 148.0]);
}
