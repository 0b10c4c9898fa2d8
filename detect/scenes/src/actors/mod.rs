//! Who and what moves.

mod bag;
pub(crate) mod figure;
pub(crate) mod person;
mod rain;
mod spider;
mod television;
mod walk;

pub(crate) use bag::Bag;
pub(crate) use rain::Rain;
pub(crate) use spider::Spider;
pub(crate) use television::Television;
pub(crate) use walk::Walk;

use crate::Happening;
use crate::canvas::Frame;
use crate::maths::sin_turns;
use crate::places::tree::Tree;

/// The moment at which an actor is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) frame: Frame,
    pub(crate) seed: u64,
    /// The frame's number.
    pub(crate) n: u64,
    /// Seconds since the scene's start.
    pub(crate) t: f32,
    /// Light on people, 1 by day.
    pub(crate) light: f32,
}

/// Where something is seen, and what it does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Presence {
    /// Left, top, and the pixels after the last.
    pub(crate) pixels: [usize; 4],
    pub(crate) happening: Happening,
}

/// How much a tree is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wind {
    Calm,
    Gusts,
}

impl Wind {
    /// Gusts are never quite over, at times strong.
    fn strength(self, t: f32) -> f32 {
        match self {
            Self::Calm => 0.0,
            Self::Gusts => (0.50 + 0.30 * sin_turns(t / 11.0) + 0.20 * sin_turns(t / 4.3)).max(0.08),
        }
    }

    fn happening(self) -> Happening {
        match self {
            Self::Calm => Happening::Nothing,
            Self::Gusts => Happening::Nuisance,
        }
    }
}

/// Somebody or something in a scene. Times are seconds since the scene's start.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Actor {
    Person(Walk),
    Bag(Bag),
    /// The yard's tree. Where no actor is, it is part of the place.
    Tree(Wind),
    Television(Television),
    Rain(Rain),
    Spider(Spider),
}

impl Actor {
    /// Draws it. The tree is cut out beforehand and is given where there is one.
    pub(crate) fn draw(&self, moment: &Moment, tree: Option<&Tree>, rgb: &mut [u8]) {
        match self {
            Self::Person(walk) => walk.draw(moment, rgb),
            Self::Bag(bag) => {
                if let Some(figure) = bag.figure(moment) {
                    figure.lit(moment.light).draw(moment.frame, rgb);
                }
            }
            Self::Tree(wind) => {
                if let Some(tree) = tree {
                    tree.draw(wind.strength(moment.t), moment.t, rgb);
                }
            }
            Self::Television(television) => television.draw(moment, rgb),
            Self::Rain(rain) => rain.draw(moment, rgb),
            Self::Spider(spider) => spider.draw(moment, rgb),
        }
    }

    /// Where it is seen; none while it is not in the picture.
    pub(crate) fn presence(&self, moment: &Moment, tree: Option<&Tree>) -> Option<Presence> {
        match self {
            Self::Person(walk) => walk.presence(moment),
            Self::Bag(bag) => bag.presence(moment),
            Self::Tree(wind) => tree?.extent().map(|pixels| Presence { pixels, happening: wind.happening() }),
            Self::Television(television) => television.presence(moment),
            Self::Rain(rain) => rain.presence(moment),
            Self::Spider(spider) => spider.presence(moment),
        }
    }

    /// Whether it sits on the lens: no shaking moves it, no weather covers it.
    pub(crate) fn on_the_lens(&self) -> bool {
        matches!(self, Self::Spider(_))
    }
}
