use super::*;
use crate::yardsticks::PLOTS;

fn staged(name: &str, width: u16, height: u16) -> Staged {
    Staged::new(PLOTS.iter().find(|plot| plot.name == name).unwrap(), 3, width, height)
}

/// Frames spread over the whole scene, about `count` of them.
fn spread(scene: &Staged, count: u64) -> impl Iterator<Item = u64> + use<> {
    let frames = scene.frames();
    (0..frames).step_by(frames.div_ceil(count) as usize)
}

/// The largest difference of a channel inside the boxes, and outside of them.
fn differences(a: &Picture, b: &Picture, boxes: &[[usize; 4]]) -> (u8, u8) {
    let width = usize::from(a.width());
    let (mut inside, mut outside) = (0, 0);
    for (i, (a, b)) in a.rgb().iter().zip(b.rgb()).enumerate() {
        let (x, y) = (i / 3 % width, i / 3 / width);
        let hit = boxes.iter().any(|&[l, t, r, b]| (l..r).contains(&x) && (t..b).contains(&y));
        let most = if hit { &mut inside } else { &mut outside };
        *most = a.abs_diff(*b).max(*most);
    }
    (inside, outside)
}

#[test]
fn what_actors_change_lies_in_their_boxes_and_only_there() {
    let (mut with, mut without) = (Picture::new(1, 1), Picture::new(1, 1));
    for plot in PLOTS {
        let scene = Staged::new(plot, 3, 160, 120);
        let mut seen = 0;
        for n in spread(&scene, 90) {
            scene.render_with(plot.actors, n, &mut with);
            scene.render_with(&[], n, &mut without);
            let boxes: Vec<_> = scene.presences(n).map(|presence| presence.pixels).collect();
            let (inside, outside) = differences(&with, &without, &boxes);
            assert_eq!(outside, 0, "{} frame {n}: outside of {boxes:?}", plot.name);
            if scene.presences(n).any(|presence| presence.happening == Happening::Moving) {
                assert!(inside >= 12, "{} frame {n}: {inside} in {boxes:?}", plot.name);
                seen += 1;
            }
        }
        assert!(seen > 1 || plot.actors.is_empty(), "{}: {seen}", plot.name);
    }
}

#[test]
fn boxes_are_not_idle_while_somebody_moves() {
    // From one frame to the next, without the noise that hides small steps.
    let scene = staged("person-near", 160, 120);
    let (mut last, mut next) = (Picture::new(1, 1), Picture::new(1, 1));
    let moving: Vec<u64> = (0..scene.frames() - 1).filter(|&n| scene.truth(n).moving()).collect();
    assert!(moving.len() > 40);
    for &n in &moving {
        scene.render(n, &mut last);
        scene.render(n + 1, &mut next);
        let boxes: Vec<_> = scene.presences(n).map(|presence| presence.pixels).collect();
        assert!(differences(&last, &next, &boxes).0 > 30, "frame {n}");
    }
}

#[test]
fn the_same_frame_is_the_same_whatever_was_drawn_before() {
    let (mut a, mut b) = (Picture::new(1, 1), Picture::new(64, 48));
    for plot in PLOTS {
        let (one, two) = (Staged::new(plot, 9, 64, 48), Staged::new(plot, 9, 64, 48));
        for n in spread(&two, 20) {
            two.render(n, &mut b);
        }
        for n in [200, 7, plot.frames() - 1, u64::MAX] {
            one.render(n, &mut a);
            two.render(n, &mut b);
            assert_eq!(a, b, "{} frame {n}", plot.name);
            assert_eq!(one.truth(n), two.truth(n));
        }
        one.render(8, &mut a);
        two.render(7, &mut b);
        assert_ne!(a, b, "{}: noise differs from frame to frame", plot.name);
        Staged::new(plot, 10, 64, 48).render(7, &mut a);
        assert_ne!(a, b, "{}: seeds differ", plot.name);
    }
}

#[test]
fn any_size_works() {
    for plot in PLOTS {
        for (width, height) in [(0, 0), (1, 90), (97, 61), (61, 97)] {
            let scene = Staged::new(plot, 1, width, height);
            let mut picture = Picture::new(1, 1);
            for n in spread(&scene, 12) {
                scene.render(n, &mut picture);
                scene.truth(n);
            }
            assert_eq!((picture.width(), picture.height()), (width.max(1), height.max(1)));
        }
    }
}

/// What happens in a scene's frames, one after the other, without repetitions.
fn course(name: &str) -> Vec<Happening> {
    let scene = staged(name, 320, 240);
    let mut course: Vec<_> = (0..scene.frames()).map(|n| scene.truth(n).happening).collect();
    course.dedup();
    course
}

#[test]
fn scenes_with_nuisances_are_marked_so() {
    use Happening::{Moving, Nothing, Nuisance, Unclear};
    assert_eq!(course("rain"), [Nothing, Nuisance, Unclear, Moving, Unclear, Nuisance]);
    assert_eq!(course("swaying-tree"), [Nuisance, Unclear, Moving, Unclear, Nuisance]);
    assert_eq!(course("television"), [Nothing, Nuisance, Unclear, Moving, Unclear, Nuisance, Nothing]);
    assert_eq!(course("spider-on-lens"), [Nothing, Nuisance, Nothing, Unclear, Moving, Unclear, Nothing]);
}

#[test]
fn hardships_alone_are_nothing() {
    use Happening::{Moving, Nothing, Unclear};
    for name in [
        "cloud-drift",
        "lamp-switch",
        "lamp-off-person",
        "infrared-switch",
        "exposure-pumping",
        "mains-flicker",
        "night-noise",
        "camera-shake",
        "person-far",
    ] {
        assert_eq!(course(name), [Nothing, Unclear, Moving, Unclear, Nothing], "{name}");
    }
    assert_eq!(course("empty-hour"), [Nothing]);
}

#[test]
fn whoever_stands_still_and_what_is_put_down_are_no_motion() {
    use Happening::{Moving, Nothing, Unclear};
    let visit = [Nothing, Unclear, Moving, Unclear, Moving, Unclear];
    assert_eq!(course("person-still"), [&visit[..], &[Nothing]].concat());
    let scene = staged("person-still", 160, 120);
    let still = (0..scene.frames()).filter(|&n| scene.truth(n).happening == Unclear).count() as u64;
    assert!((59..64).contains(&(still / scene.frames_per_second())), "{still}");
    assert_eq!(course("parked-object"), [&visit[..], &visit[..], &[Nothing]].concat());
    // Between the visits the bag stands there: seen, yet nothing happens.
    let scene = staged("parked-object", 160, 120);
    let n = 30 * scene.frames_per_second();
    assert_eq!((scene.truth(n).happening, scene.presences(n).count()), (Nothing, 1));
    assert_eq!(scene.presences(scene.frames() - 1).count(), 0);
}

#[test]
fn the_lamp_goes_off_while_somebody_is_in_the_room() {
    let scene = staged("lamp-off-person", 160, 120);
    let (mut lit, mut dark) = (Picture::new(1, 1), Picture::new(1, 1));
    scene.render(134, &mut lit);
    scene.render(139, &mut dark);
    assert!((134..140).all(|n| scene.truth(n).moving()));
    let mut last = mean(&lit);
    for n in 135..140 {
        scene.render(n, &mut dark);
        assert!(mean(&dark) < last + 1.0, "frame {n}: {} after {last}", mean(&dark));
        last = mean(&dark);
    }
    assert!(mean(&lit) > 1.6 * mean(&dark), "{} {}", mean(&lit), mean(&dark));
}

#[test]
fn the_hour_stays_within_its_greys_and_drifts() {
    let scene = staged("empty-hour", 160, 120);
    let mut picture = Picture::new(1, 1);
    let means: Vec<f32> = spread(&scene, 400)
        .map(|n| {
            scene.render(n, &mut picture);
            let clipped = picture.rgb().iter().filter(|&&value| value == 0 || value == 255).count();
            // Only the sky in the window may be too bright.
            assert!(clipped * 100 < 3 * picture.rgb().len(), "frame {n}: {clipped}");
            mean(&picture)
        })
        .collect();
    assert!(means.iter().all(|mean| (70.0..170.0).contains(mean)), "{means:?}");
    let (least, most) = means.iter().fold((f32::MAX, f32::MIN), |(a, b), &mean| (a.min(mean), b.max(mean)));
    assert!((4.0..40.0).contains(&(most - least)), "{least} {most}");
}

#[test]
fn nobody_shines_through_what_stands_before_them() {
    let scene = staged("person-far", 320, 240);
    let seen: Vec<_> = (0..scene.frames()).flat_map(|n| scene.truth(n).boxes).collect();
    // The shed's wall begins at 0.381 of 0.667 right of the middle.
    assert!(seen.iter().all(|seen| seen.x + seen.w <= 252) && seen.iter().any(|seen| seen.x + seen.w == 251));
}

fn mean(picture: &Picture) -> f32 {
    picture.rgb().iter().map(|&value| f32::from(value)).sum::<f32>() / picture.rgb().len() as f32
}
