//! The demo scene: a small room by day. Every twelve seconds somebody, or the cat, walks through for four; otherwise
//! nothing moves, but the daylight drifts slowly and the sensor is a little noisy.

mod cat;
mod visits;
mod walker;

use crate::actors::figure::Figure;
use crate::camera::noise::Noise;
use crate::canvas::Frame;
use crate::places::furniture::Lamp;
use crate::places::{daylight, room};
use crate::{FRAMES_PER_SECOND, Happening, Picture, Scene, Truth, TruthBox};
use visits::{Visit, Visitor};

/// The scene `demo`.
pub struct DemoScene {
    seed: u64,
    frame: Frame,
    /// The room without daylight.
    room: Vec<u8>,
    /// What full daylight adds to it.
    daylight: Vec<u8>,
    noise: Noise,
}

impl DemoScene {
    /// Its name for sources.
    pub const NAME: &'static str = "demo";

    /// Furnishes the room for pictures of this size; 0 is taken as 1. Takes some tenths of a second.
    pub fn new(seed: u64, width: u16, height: u16) -> Self {
        let frame = Frame::new(width, height);
        let room = room::paint(frame, seed, Lamp::Lit);
        let daylight = daylight::paint(&room);
        Self {
            seed,
            frame,
            room: room.to_rgb(),
            daylight: daylight.to_rgb(),
            noise: Noise::new(seed, frame.width.into()),
        }
    }

    /// Draws frame `n` without noise.
    fn render_clean(&self, n: u64, picture: &mut Picture) {
        picture.resize(self.frame.width, self.frame.height);
        daylight::compose(&self.room, &self.daylight, daylight::strength(self.seed, n), picture.rgb_mut());
        if let Some(figure) = self.figure(n) {
            figure.draw(self.frame, picture.rgb_mut());
        }
    }

    fn figure(&self, n: u64) -> Option<Figure> {
        let visit = Visit::during(self.seed, n)?;
        Some(match visit.visitor {
            Visitor::Person => walker::walking(&visit, self.frame.half_width),
            Visitor::Cat => cat::walking(&visit, self.frame.half_width),
        })
    }
}

impl Scene for DemoScene {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn describe(&self) -> &'static str {
        "a room by day through which somebody or the cat walks every twelve seconds"
    }

    fn frames(&self) -> u64 {
        9 * visits::CYCLE
    }

    fn frames_per_second(&self) -> u64 {
        FRAMES_PER_SECOND
    }

    fn size(&self) -> (u16, u16) {
        (self.frame.width, self.frame.height)
    }

    fn render(&self, n: u64, picture: &mut Picture) {
        self.render_clean(n, picture);
        self.noise.add(n, self.frame.width.into(), picture.rgb_mut());
    }

    fn truth(&self, n: u64) -> Truth {
        let pixels = self.figure(n).and_then(|figure| {
            let (least, greatest) = figure.bounds();
            self.frame.pixels(least, greatest)
        });
        let boxes: Vec<_> = pixels.map(TruthBox::around).into_iter().collect();
        let happening = if boxes.is_empty() { Happening::Nothing } else { Happening::Moving };
        Truth { happening, boxes, nuisances: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest difference of a channel inside the boxes, and outside of them.
    fn differences(a: &Picture, b: &Picture, boxes: &[TruthBox]) -> (u8, u8) {
        let width = usize::from(a.width());
        let (mut inside, mut outside) = (0, 0);
        for (i, (a, b)) in a.rgb().iter().zip(b.rgb()).enumerate() {
            let (x, y) = ((i / 3 % width) as u16, (i / 3 / width) as u16);
            let hit = boxes.iter().any(|r| (r.x..r.x + r.w).contains(&x) && (r.y..r.y + r.h).contains(&y));
            let most = if hit { &mut inside } else { &mut outside };
            *most = a.abs_diff(*b).max(*most);
        }
        (inside, outside)
    }

    #[test]
    fn what_changes_lies_in_the_boxes_and_they_are_not_idle() {
        let scene = DemoScene::new(3, 160, 120);
        let (mut last, mut next) = (Picture::new(160, 120), Picture::new(160, 120));
        let mut before = scene.truth(0);
        scene.render_clean(0, &mut last);
        for n in 1..4 * visits::CYCLE {
            scene.render_clean(n, &mut next);
            let truth = scene.truth(n);
            let boxes: Vec<_> = before.boxes.iter().chain(&truth.boxes).copied().collect();
            let (inside, outside) = differences(&last, &next, &boxes);
            assert!(outside <= 1, "frame {n}: {outside} outside of {boxes:?}");
            // While a figure is partly outside, or shows only its soft shadow, little may change.
            if truth.boxes.first().is_some_and(|r| r.w >= 25 && r.x > 0 && r.x + r.w < 160) {
                assert!(inside > 20, "frame {n}: {inside} in {boxes:?}");
            }
            std::mem::swap(&mut last, &mut next);
            before = truth;
        }
    }

    #[test]
    fn the_same_frame_is_the_same_whatever_was_drawn_before() {
        let (one, two) = (DemoScene::new(9, 96, 64), DemoScene::new(9, 96, 64));
        let (mut a, mut b) = (Picture::new(1, 1), Picture::new(96, 64));
        for n in 0..200 {
            two.render(n, &mut b);
        }
        for n in [150, 3, 150_000, u64::MAX] {
            one.render(n, &mut a);
            two.render(n, &mut b);
            assert_eq!(a, b, "frame {n}");
        }
        one.render(151, &mut a);
        two.render(150, &mut b);
        assert_ne!(a, b);
    }

    #[test]
    fn any_size_works() {
        for (width, height) in [(0, 0), (1, 1), (1, 90), (333, 2), (97, 61)] {
            let scene = DemoScene::new(1, width, height);
            let mut picture = Picture::new(1, 1);
            for n in [0, 100, 150, 200] {
                scene.render(n, &mut picture);
                scene.truth(n);
            }
            assert_eq!((picture.width(), picture.height()), (width.max(1), height.max(1)));
        }
    }
}
