//! The empty room: wall, floor, window and rug. It never changes, so it is painted once.

use super::furniture::{self, Lamp};
use crate::canvas::{Canvas, Frame};
use crate::maths::{Colour, Vec2, blend, hash, hills, mix, scaled, sin_turns, smooth, unit, vec2};
use crate::shape::{ellipse, rectangle};

/// Where wall and floor meet.
pub(crate) const FLOOR: f32 = 0.655;

/// The window's middle.
pub(crate) const WINDOW: Vec2 = vec2(-0.36, 0.26);

/// Half of the glass's width and height.
pub(crate) const WINDOW_HALF: Vec2 = vec2(0.145, 0.175);

/// The whole room without daylight.
pub(crate) fn paint(frame: Frame, seed: u64, lamp: Lamp) -> Canvas {
    let mut canvas = Canvas::new(frame);
    wall(&mut canvas, seed);
    floor(&mut canvas, seed);
    rug(&mut canvas);
    window(&mut canvas, seed);
    curtains(&mut canvas);
    furniture::paint(&mut canvas, seed, lamp);
    lens(&mut canvas);
    canvas
}

fn wall(canvas: &mut Canvas, seed: u64) {
    canvas.each(|at, _| {
        // Darker towards the ceiling, with the faint unevenness of plaster.
        let height = mix(0.86, 1.0, smooth(0.0, 0.35, at.y));
        let plaster =
            1.0 + 0.012 * (hills(seed, at.times(60.0)) - 0.5) + 0.03 * (hills(seed ^ 0x01, at.times(5.0)) - 0.5);
        let corner = 1.0 - 0.10 * smooth(FLOOR - 0.12, FLOOR, at.y);
        scaled([176.0, 168.0, 152.0], height * plaster * corner)
    });
    // Skirting board: a light edge above, a shadow line below.
    let middle = FLOOR - 0.021;
    canvas.paint(
        |at| (at.y - middle).abs() - 0.021,
        |at| scaled([196.0, 191.0, 180.0], mix(1.04, 0.84, smooth(FLOOR - 0.04, FLOOR, at.y))),
    );
    canvas.tint(|at| (at.y - (FLOOR - 0.044)).abs() - 0.001, 0.004, [0.82; 3]);
}

/// Boards that run towards the wall.
fn floor(canvas: &mut Canvas, seed: u64) {
    /// Where the boards would meet.
    const VANISHING: Vec2 = vec2(0.06, 0.33);
    const BOARD: f32 = 0.17;
    canvas.paint(
        |at| FLOOR - at.y,
        |at| {
            let depth = 1.0 / (at.y - VANISHING.y).max(0.05);
            let across = (at.x - VANISHING.x) * depth / BOARD;
            let board = across.floor();
            let looks = hash(seed ^ 0x4d ^ hash(board as i32 as u64));
            // Boards end at different places.
            let along = depth * 0.9 + 4.0 * unit(looks);
            let looks = hash(looks ^ along.floor() as u64);
            let tone = 0.92 + 0.15 * unit(looks);
            let grain = hills(looks, vec2(across * 11.0, along * 2.0)) - 0.5;
            let fine = hills(looks ^ 0x03, vec2(across * 34.0, along * 5.0)) - 0.5;
            let edge = (across - board).min(board + 1.0 - across) * BOARD / depth;
            let end = (along - along.floor()).min(1.0 - along + along.floor()) / 0.9 / (depth * depth);
            let gap = 1.0 - 0.34 * smooth(0.0028, 0.0004, edge).max(smooth(0.0022, 0.0004, end));
            let far = mix(0.80, 1.05, smooth(FLOOR, 0.95, at.y));
            scaled([148.0, 109.0, 76.0], tone * (1.0 + 0.10 * grain + 0.06 * fine) * gap * far)
        },
    );
    canvas.tint(|at| (at.y - FLOOR).abs() - 0.004, 0.03, [0.62, 0.6, 0.58]);
}

fn rug(canvas: &mut Canvas) {
    const MIDDLE: Vec2 = vec2(0.04, 0.845);
    const RADII: Vec2 = vec2(0.40, 0.098);
    canvas.tint(|at| ellipse(at, MIDDLE.plus(vec2(0.0, 0.006)), RADII), 0.02, [0.6; 3]);
    canvas.paint(
        |at| ellipse(at, MIDDLE, RADII),
        |at| {
            let d = at.minus(MIDDLE);
            let out = vec2(d.x / RADII.x, d.y / RADII.y).length();
            let ring = |at: f32, half: f32| smooth(half + 0.008, half, (out - at).abs());
            let cream: Colour = [186.0, 172.0, 144.0];
            let field: Colour = [92.0, 104.0, 106.0];
            let weave = 1.0 + 0.05 * sin_turns(out * 42.0) + 0.03 * sin_turns(at.x * 90.0);
            scaled(blend(field, cream, ring(0.86, 0.035).max(ring(0.74, 0.012)).max(ring(0.30, 0.02))), weave)
        },
    );
}

fn window(canvas: &mut Canvas, seed: u64) {
    let frame_half = WINDOW_HALF.plus(vec2(0.022, 0.022));
    canvas.tint(|at| rectangle(at, WINDOW.plus(vec2(0.006, 0.01)), frame_half, 0.004), 0.03, [0.72; 3]);
    canvas.paint(|at| rectangle(at, WINDOW, frame_half, 0.004), |_| [208.0, 205.0, 197.0]);
    canvas.paint(|at| rectangle(at, WINDOW, WINDOW_HALF.plus(vec2(0.004, 0.004)), 0.0), |_| [158.0, 154.0, 146.0]);
    canvas.paint(|at| rectangle(at, WINDOW, WINDOW_HALF, 0.0), |at| view(at, seed));
    // The bars that divide the panes.
    canvas.paint(|at| rectangle(at, WINDOW, vec2(0.007, WINDOW_HALF.y), 0.0), |_| [204.0, 201.0, 193.0]);
    let level = WINDOW.minus(vec2(0.0, 0.035));
    canvas.paint(|at| rectangle(at, level, vec2(WINDOW_HALF.x, 0.006), 0.0), |_| [200.0, 197.0, 189.0]);
    let sill = WINDOW.plus(vec2(0.0, frame_half.y + 0.008));
    canvas.tint(|at| rectangle(at, sill.plus(vec2(0.004, 0.018)), vec2(0.19, 0.008), 0.0), 0.03, [0.72; 3]);
    canvas.paint(
        |at| rectangle(at, sill, vec2(0.19, 0.011), 0.003),
        |at| scaled([214.0, 210.0, 202.0], mix(1.02, 0.84, smooth(sill.y - 0.006, sill.y + 0.01, at.y))),
    );
}

/// What is outside: sky, hazy hills, treetops out of focus.
fn view(at: Vec2, seed: u64) -> Colour {
    let down = (at.y - WINDOW.y + WINDOW_HALF.y) / (2.0 * WINDOW_HALF.y);
    let sky = blend([150.0, 182.0, 212.0], [208.0, 218.0, 218.0], smooth(0.0, 0.7, down));
    let clouds = smooth(0.52, 0.8, hills(seed ^ 0x0b, vec2(at.x * 11.0, at.y * 24.0)));
    let sky = blend(sky, [226.0, 228.0, 228.0], clouds * 0.7);
    let ridge = 0.66 + 0.10 * (hills(seed ^ 0x0c, vec2(at.x * 9.0, 0.0)) - 0.5);
    let hazy = blend(sky, [150.0, 168.0, 168.0], smooth(ridge, ridge + 0.03, down));
    let crown = 0.80 + 0.20 * (hills(seed ^ 0x0d, vec2(at.x * 22.0, 0.0)) - 0.5);
    let leaves = hills(seed ^ 0x0e, at.times(52.0)) * 0.3 + 0.8;
    blend(hazy, scaled([104.0, 124.0, 86.0], leaves), smooth(crown - 0.02, crown + 0.05, down))
}

fn curtains(canvas: &mut Canvas) {
    const TOP: f32 = 0.035;
    const BOTTOM: f32 = 0.585;
    for side in [-1.0_f32, 1.0] {
        // Gathered at the top, a little wider below.
        let inner = move |y: f32| WINDOW.x + side * mix(0.148, 0.128, smooth(TOP, BOTTOM, y));
        let outer = move |y: f32| WINDOW.x + side * mix(0.222, 0.236, smooth(TOP, BOTTOM, y));
        let shape = move |at: Vec2| {
            let (a, b) = (inner(at.y), outer(at.y));
            ((at.x - f32::midpoint(a, b)).abs() - (b - a).abs() / 2.0).max(TOP - at.y).max(at.y - BOTTOM)
        };
        canvas.tint(move |at| shape(at.minus(vec2(0.010, 0.006))), 0.03, [0.74; 3]);
        canvas.paint(shape, |at| {
            let across = (at.x - inner(at.y)) / (outer(at.y) - inner(at.y));
            let fold = sin_turns(across * 3.4 + 0.2 * sin_turns(at.y * 0.9));
            let depth = 0.88 + 0.11 * fold - 0.05 * smooth(0.5, 1.0, fold.abs());
            scaled([182.0, 152.0, 116.0], depth * mix(0.92, 1.04, smooth(TOP, 0.4, at.y)))
        });
    }
    let rod = vec2(WINDOW.x, TOP);
    canvas.tint(|at| rectangle(at, rod.plus(vec2(0.004, 0.014)), vec2(0.26, 0.005), 0.004), 0.016, [0.78; 3]);
    canvas.paint(
        |at| rectangle(at, rod, vec2(0.26, 0.0065), 0.006),
        |at| scaled([92.0, 66.0, 46.0], mix(1.3, 0.7, smooth(TOP - 0.007, TOP + 0.007, at.y))),
    );
}

/// Corners come out a little darker through a small lens.
fn lens(canvas: &mut Canvas) {
    let reach = canvas.frame.half_width.max(0.5);
    canvas.each(|at, colour| {
        let out = vec2(at.x / reach, (at.y - 0.5) * 2.0);
        scaled(colour, 1.0 - 0.10 * out.dot(out))
    });
}
