//! What the detector is spared while motion goes on, and what it is not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use image::{ExtendedColorType, GrayImage, ImageEncoder as _, Luma};
use rtm2::pipeline::detecting::{Eye, EyeError};
use rtm2_app::Timestamp;
use rtm2_camera::jpeg::Limits;
use rtm2_camera::{Image, Picture};
use rtm2_detect::{Region, Settings};

const SIZE: (u16, u16) = (320, 240);
const BEGIN_US: i64 = 1_700_000_000_000_000;
/// The first picture with something in it: the detector knows the room by then.
const ENTERS: i64 = 60;

/// A textured room, with a bright thing at `x` if there is one.
fn room((width, height): (u16, u16), x: Option<u32>) -> GrayImage {
    GrayImage::from_fn(width.into(), height.into(), |column, row| {
        let lit = x.is_some_and(|x| (x..x + 48).contains(&column) && (80..160).contains(&row));
        Luma([if lit { 220 } else { 70 + ((column / 8 * 7 + row / 8 * 13) % 48) as u8 }])
    })
}

fn picture(room: &GrayImage, at_us: i64) -> Picture {
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90);
    encoder.write_image(room, room.width(), room.height(), ExtendedColorType::L8).unwrap();
    Picture::from_jpeg(jpeg.into(), Timestamp(at_us), &Limits::default()).unwrap()
}

/// How pictures reach the eye.
#[derive(Clone, Copy, Debug)]
enum Way {
    Jpeg,
    Luma,
}

/// An eye on something that goes through the room and comes back, over and over.
struct Watch {
    eye: Eye,
    way: Way,
    fps: i64,
    n: i64,
}

impl Watch {
    fn new(detector: &str, way: Way, fps: i64) -> Self {
        Self { eye: Eye::new(detector, Settings::default()).unwrap(), way, fps, n: 0 }
    }

    /// Looks at the next picture; gives what it found.
    fn next(&mut self, x: Option<u32>) -> Vec<Region> {
        self.next_of(&room(SIZE, x)).unwrap()
    }

    fn next_of(&mut self, room: &GrayImage) -> Result<Vec<Region>, EyeError> {
        self.n += 1;
        let at_us = BEGIN_US + self.n * 1_000_000 / self.fps;
        let verdict = match self.way {
            Way::Jpeg => self.eye.look(&picture(room, at_us))?,
            Way::Luma => {
                let size = (room.width() as u16, room.height() as u16);
                self.eye.look_at_luma(size, room.as_raw(), Timestamp(at_us))?
            }
        };
        Ok(verdict.regions.clone())
    }

    /// Until something has moved for so many pictures.
    fn run(&mut self, pictures: i64) {
        for _ in 0..ENTERS {
            assert_eq!(self.next(None), [], "nothing moves yet");
        }
        for n in 0..pictures {
            self.next(Some(there(n)));
        }
    }
}

/// Where it is in its n-th picture.
fn there(n: i64) -> u32 {
    let way = (n * 4 % 440) as u32;
    20 + if way < 220 { way } else { 440 - way }
}

/// What is found in forty-one pictures, each of which shows it elsewhere, once motion has gone on for a while.
fn found(detector: &str, way: Way, fps: i64) -> Vec<Vec<Region>> {
    let mut watch = Watch::new(detector, way, fps);
    watch.run(50);
    (50..91).map(|n| watch.next(Some(there(n)))).collect()
}

/// In how many of the forty pictures after the first the verdict was that of the picture before.
fn spared(way: Way, fps: i64) -> usize {
    let found = found("steady", way, fps);
    assert!(found.iter().all(|regions| !regions.is_empty()), "{way:?} {fps}: it moves all the time");
    found.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

#[test]
fn of_thirty_a_second_every_second_picture_of_motion_is_spared() {
    for way in [Way::Jpeg, Way::Luma] {
        assert_eq!((spared(way, 30), spared(way, 25)), (20, 0), "{way:?}");
        assert_eq!(found("classic", way, 30), found("classic", way, 25), "{way:?}: goes by pictures");
    }
}

#[test]
fn an_end_of_motion_is_seen_a_picture_later_at_most() {
    let last = |fps| {
        let mut watch = Watch::new("steady", Way::Jpeg, fps);
        watch.run(50);
        let after = (0..200).position(|_| watch.next(None).is_empty());
        after.unwrap() as f64 / fps as f64
    };
    let (looking, striding) = (last(25), last(30));
    // Each ends at a picture that was looked at: of 25 a second, and of 15.
    assert!(striding <= looking + 1.0 / 15.0, "{striding} s instead of {looking} s");
}

#[test]
fn a_picture_of_another_size_is_never_spared() {
    for (way, ahead) in [(Way::Jpeg, 50), (Way::Jpeg, 51), (Way::Luma, 50), (Way::Luma, 51)] {
        let mut watch = Watch::new("steady", way, 30);
        watch.run(ahead);
        let found = watch.next_of(&room((640, 480), Some(100))).unwrap();
        assert_eq!(found, [], "{way:?}: a detector for this size has seen nothing yet");
    }
}

#[test]
fn a_picture_that_cannot_be_decoded_is_refused_though_it_would_be_spared() {
    let mut watch = Watch::new("steady", Way::Jpeg, 30);
    watch.run(50);
    for n in 50..60 {
        let mut spoilt = picture(&room(SIZE, Some(there(n))), BEGIN_US + (watch.n + 1) * 1_000_000 / 30);
        let Image::Jpeg(jpeg) = &spoilt.image else { panic!("made of a JPEG") };
        let cut = [&jpeg[..jpeg.len() / 3], &[0xff, 0xd8, 0xff, 0xd9]].concat();
        spoilt.image = bytes::Bytes::from(cut).into();
        assert!(watch.eye.look(&spoilt).is_err(), "picture {n}");
        watch.next(Some(there(n)));
    }
}
