//! Somebody who walks or stands, seen from the side.

use super::figure::Figure;
use crate::maths::{Colour, Vec2, choice, cos_turns, scaled, sin_turns, vec2};

/// Lengths as shares of the person's height.
const THIGH: f32 = 0.245;
const SHIN: f32 = 0.235;
const ANKLE_HEIGHT: f32 = 0.045;
const UPPER_ARM: f32 = 0.155;
const FOREARM: f32 = 0.14;

/// The thigh swings this far to each side, in turns.
const SWING: f32 = 0.066;

/// A full cycle of two steps covers this many heights.
pub(crate) const STRIDE: f32 = 0.80;

/// What somebody wears.
struct Looks {
    coat: Colour,
    trousers: Colour,
    shoes: Colour,
    skin: Colour,
    hair: Colour,
}

impl Looks {
    fn of(looks: u64) -> Self {
        const COATS: [Colour; 5] =
            [[134.0, 46.0, 44.0], [44.0, 66.0, 96.0], [62.0, 78.0, 58.0], [72.0, 56.0, 84.0], [58.0, 58.0, 62.0]];
        const TROUSERS: [Colour; 3] = [[42.0, 48.0, 66.0], [54.0, 50.0, 48.0], [36.0, 38.0, 42.0]];
        const SKINS: [Colour; 3] = [[214.0, 164.0, 136.0], [168.0, 116.0, 86.0], [122.0, 82.0, 60.0]];
        const HAIRS: [Colour; 3] = [[46.0, 34.0, 28.0], [92.0, 62.0, 38.0], [34.0, 32.0, 34.0]];
        Self {
            coat: pick(&COATS, choice(looks, 1)),
            trousers: pick(&TROUSERS, choice(looks, 2)),
            shoes: [36.0, 30.0, 28.0],
            skin: pick(&SKINS, choice(looks, 3)),
            hair: pick(&HAIRS, choice(looks, 4)),
        }
    }
}

fn pick(colours: &[Colour], choice: f32) -> Colour {
    colours[(choice * colours.len() as f32) as usize % colours.len()]
}

/// The joints of a leg, relative to the hip: knee, ankle, and the direction in which the foot points.
struct Leg {
    knee: Vec2,
    ankle: Vec2,
    foot: Vec2,
}

impl Leg {
    /// At a phase of the walk, in turns: the foot swings forward in the first and last quarter, stands in between.
    fn at(phase: f32, vigour: f32) -> Self {
        let thigh = 0.012 + SWING * vigour * sin_turns(phase);
        let lift = vigour * cos_turns(phase).max(0.0);
        let shin = thigh - 0.014 - 0.125 * lift;
        let knee = hanging(thigh).times(THIGH);
        // The foot is level while it stands and hangs down while it is lifted behind.
        let foot = hanging(0.25 + shin.min(0.0) * 0.6);
        Self { knee, ankle: knee.plus(hanging(shin).times(SHIN)), foot }
    }
}

/// Unit vector that hangs down, turned forward by so many turns.
fn hanging(turns: f32) -> Vec2 {
    vec2(sin_turns(turns), -cos_turns(turns))
}

/// How somebody stands or walks at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pose {
    /// Between the feet.
    pub(crate) ground: Vec2,
    /// 1 to the right, -1 to the left.
    pub(crate) heading: f32,
    /// In scene units.
    pub(crate) height: f32,
    /// Of the walk, in turns.
    pub(crate) phase: f32,
    /// 1 while walking, 0 while standing, between on the way from one to the other.
    pub(crate) vigour: f32,
    /// Who it is.
    pub(crate) looks: u64,
}

/// The person in this pose.
pub(crate) fn figure(pose: &Pose) -> Figure {
    let Pose { phase, vigour, .. } = *pose;
    let looks = Looks::of(pose.looks);
    let mut figure = Figure::new(pose.ground, pose.heading, pose.height, vec2(0.30, 0.045));

    let (near, far) = (Leg::at(phase, vigour), Leg::at(phase + 0.5, vigour));
    // The lower foot is on the floor; the body rises and falls with the steps.
    let hip = vec2(0.0, ANKLE_HEIGHT - near.ankle.y.min(far.ankle.y));
    let shoulder = hip.plus(vec2(0.03, 0.265));
    arm(&mut figure, shoulder, [phase, vigour], &looks, 0.72);
    leg(&mut figure, hip, &far, &looks, 0.74);
    leg(&mut figure, hip, &near, &looks, 1.0);
    body(&mut figure, hip, &looks);
    arm(&mut figure, shoulder, [phase + 0.5, vigour], &looks, 1.06);
    figure
}

fn leg(figure: &mut Figure, hip: Vec2, leg: &Leg, looks: &Looks, light: f32) {
    let (knee, ankle) = (hip.plus(leg.knee), hip.plus(leg.ankle));
    let heel = ankle.plus(vec2(-0.012, -0.014));
    figure.limb(heel, 0.026, heel.plus(leg.foot.times(0.105)), 0.018, scaled(looks.shoes, light));
    figure.limb(knee, 0.045, ankle, 0.028, scaled(looks.trousers, light));
    figure.limb(hip, 0.068, knee, 0.045, scaled(looks.trousers, light));
}

fn body(figure: &mut Figure, hip: Vec2, looks: &Looks) {
    let at = |forward: f32, up: f32| hip.plus(vec2(forward, up));
    figure.limb(at(0.035, 0.31), 0.034, at(0.045, 0.37), 0.032, looks.skin);
    figure.limb(at(-0.005, -0.02), 0.080, at(0.012, 0.14), 0.078, looks.coat);
    figure.limb(at(0.012, 0.12), 0.078, at(0.022, 0.245), 0.086, looks.coat);
    // Head: the skull, the jaw before it, a nose, and hair over the back of it.
    figure.limb(at(0.058, 0.385), 0.038, at(0.056, 0.435), 0.057, looks.skin);
    figure.limb(at(0.108, 0.412), 0.010, at(0.104, 0.428), 0.012, looks.skin);
    figure.limb(at(0.018, 0.405), 0.036, at(0.026, 0.450), 0.050, looks.hair);
    figure.limb(at(0.030, 0.466), 0.046, at(0.078, 0.474), 0.030, looks.hair);
}

/// Arms swing against the leg of their side.
fn arm(figure: &mut Figure, shoulder: Vec2, [phase, vigour]: [f32; 2], looks: &Looks, light: f32) {
    let upper = 0.085 * vigour * sin_turns(phase) - 0.01;
    let elbow = shoulder.plus(hanging(upper).times(UPPER_ARM));
    let bend = 0.05 + 0.03 * vigour * sin_turns(phase);
    let wrist = elbow.plus(hanging(upper + bend).times(FOREARM));
    let hand = wrist.plus(hanging(upper + bend).times(0.03));
    figure.limb(wrist, 0.020, hand, 0.024, scaled(looks.skin, light));
    figure.limb(elbow, 0.032, wrist, 0.025, scaled(looks.coat, light));
    figure.limb(shoulder, 0.044, elbow, 0.033, scaled(looks.coat, light));
}
