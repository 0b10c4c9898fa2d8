//! The yardsticks' declarations. Most end with somebody who walks through while the hardship lasts: a detector that
//! keeps quiet by seeing nothing is not a good one.

use super::{Mount, Place, Plot};
use crate::actors::{Actor, Bag, Rain, Spider, Television, Walk, Wind};
use crate::camera::exposure::Exposure;
use crate::camera::look::Look;

/// What scenes have in common unless they say otherwise.
const PLAIN: Plot = Plot {
    name: "",
    about: "",
    seconds: 30,
    frames_per_second: 15,
    place: Place::Yard,
    actors: &[],
    look: Look::Day,
    exposures: &[],
    mount: Mount::Firm,
    noise: 1.6,
};

/// Somebody crosses the room, from the left (1) or the right (-1).
const fn crosses_room(from: f32, heading: f32, who: u64) -> Walk {
    Walk::through(from, 0.91, 0.64, heading, who)
}

/// Somebody crosses the yard in its middle.
const fn crosses_yard(from: f32, heading: f32, who: u64) -> Walk {
    Walk::through(from, 0.74, 0.40, heading, who)
}

/// Somebody comes out from behind the shed.
const FAR: Walk = Walk::through(3.0, 0.44, 0.14, -1.0, 7).behind(0.381);

const BRINGS: Walk = Walk::through(6.0, 0.72, 0.38, 1.0, 21).stopping(-0.06, 2.6);
const FETCHES: Walk = Walk::through(40.0, 0.72, 0.38, 1.0, 22).stopping(-0.06, 2.6);

/// All of them.
pub(crate) const PLOTS: &[Plot] = &[
    Plot {
        name: "person-near",
        about: "somebody walks through a room close to the camera, then back",
        place: Place::Room,
        actors: &[
            Actor::Person(Walk::through(6.0, 0.97, 0.80, 1.0, 1)),
            Actor::Person(Walk::through(18.0, 0.95, 0.78, -1.0, 1)),
        ],
        ..PLAIN
    },
    Plot {
        name: "person-far",
        about: "somebody walks along a fence at the end of a yard",
        actors: &[Actor::Person(FAR), Actor::Tree(Wind::Calm)],
        ..PLAIN
    },
    Plot {
        name: "person-still",
        about: "somebody walks into a room, stands there for a minute and leaves",
        seconds: 90,
        place: Place::Room,
        actors: &[Actor::Person(crosses_room(6.0, 1.0, 3).stopping(0.05, 60.0))],
        ..PLAIN
    },
    Plot {
        name: "cloud-drift",
        about: "shadows of clouds drift over a yard; late, somebody crosses it",
        seconds: 60,
        place: Place::CloudyYard,
        actors: &[Actor::Person(crosses_yard(48.0, 1.0, 4))],
        ..PLAIN
    },
    Plot {
        name: "lamp-switch",
        about: "a lamp is switched off and on in the evening; late, somebody walks through the room",
        seconds: 48,
        place: Place::Evening(&[8.0, 15.0, 23.0, 29.0]),
        actors: &[Actor::Person(crosses_room(38.0, -1.0, 5))],
        exposures: &[Exposure::Adapting { most: 1.6 }],
        noise: 2.2,
        ..PLAIN
    },
    Plot {
        name: "lamp-off-person",
        about: "a lamp goes off while somebody walks through the room",
        place: Place::Evening(&[9.0]),
        actors: &[Actor::Person(crosses_room(7.0, 1.0, 6))],
        exposures: &[Exposure::Adapting { most: 1.6 }],
        noise: 2.2,
        ..PLAIN
    },
    Plot {
        name: "infrared-switch",
        about: "at dusk a camera switches to infrared and back; somebody crosses the yard in between",
        seconds: 45,
        actors: &[Actor::Person(crosses_yard(20.0, 1.0, 8))],
        look: Look::Infrared { from: 10.0, to: 34.0 },
        noise: 2.6,
        ..PLAIN
    },
    Plot {
        name: "exposure-pumping",
        about: "automatic exposure swings in a room; late, somebody walks through",
        seconds: 45,
        place: Place::Room,
        actors: &[Actor::Person(crosses_room(33.0, 1.0, 9))],
        exposures: &[Exposure::Pumping { every: 8.0, swing: 0.38 }],
        ..PLAIN
    },
    Plot {
        name: "mains-flicker",
        about: "lamps on alternating current flicker in bands; late, somebody walks through",
        place: Place::Room,
        actors: &[Actor::Person(crosses_room(20.0, -1.0, 10))],
        exposures: &[Exposure::Flicker { depth: 0.09 }],
        ..PLAIN
    },
    Plot {
        name: "night-noise",
        about: "a yard by night with a noisy sensor; late, somebody crosses it",
        seconds: 40,
        actors: &[Actor::Person(crosses_yard(28.0, -1.0, 11))],
        look: Look::Night,
        noise: 9.0,
        ..PLAIN
    },
    Plot {
        name: "rain",
        about: "it rains in a yard; late, somebody crosses it in the rain",
        seconds: 40,
        actors: &[Actor::Person(crosses_yard(28.0, 1.0, 12)), Actor::Rain(Rain { from: 5.0, to: 40.0, streaks: 210 })],
        exposures: &[Exposure::Steady { gain: 0.74, haze: 20.0 }],
        ..PLAIN
    },
    Plot {
        name: "swaying-tree",
        about: "a tree sways in gusts of wind; late, somebody walks past",
        seconds: 45,
        actors: &[Actor::Tree(Wind::Gusts), Actor::Person(crosses_yard(33.0, -1.0, 13))],
        ..PLAIN
    },
    Plot {
        name: "spider-on-lens",
        about: "a spider crawls over the lens of an infrared camera; later, somebody crosses the yard",
        seconds: 55,
        actors: &[Actor::Person(crosses_yard(44.0, 1.0, 14)), Actor::Spider(Spider { from: 6.0, to: 38.0 })],
        look: Look::Infrared { from: -10.0, to: 1_000.0 },
        noise: 3.0,
        ..PLAIN
    },
    Plot {
        name: "camera-shake",
        about: "wind shakes the camera; late, somebody crosses the yard",
        seconds: 40,
        actors: &[Actor::Person(crosses_yard(28.0, -1.0, 15))],
        mount: Mount::Shaky,
        ..PLAIN
    },
    Plot {
        name: "television",
        about: "a television is on in a room; late, somebody walks through",
        seconds: 45,
        place: Place::Room,
        actors: &[Actor::Television(Television { from: 6.0, to: 42.0 }), Actor::Person(crosses_room(31.0, 1.0, 16))],
        ..PLAIN
    },
    Plot {
        name: "parked-object",
        about: "somebody puts a bag down in a yard; later another takes it away",
        seconds: 65,
        actors: &[Actor::Bag(Bag { brought: BRINGS, fetched: FETCHES }), Actor::Person(BRINGS), Actor::Person(FETCHES)],
        ..PLAIN
    },
    Plot {
        name: "empty-hour",
        about: "an hour of an empty room: noise, drifting daylight, faint flicker",
        seconds: 3_600,
        frames_per_second: 10,
        place: Place::Room,
        exposures: &[Exposure::Flicker { depth: 0.02 }],
        noise: 2.6,
        ..PLAIN
    },
];
