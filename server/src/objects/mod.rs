//! What it is that moved: an optional second look at pictures with motion, by a model that the user brings.
//!
//! A [`Labeller`] names the objects of a picture; [`Filter`] runs it on a thread of its own beside a detector thread and
//! lets frames through or not. Motion never depends on it working: when the model fails or is too slow, frames pass
//! without a label.
//!
//! Not here: deciding whether something moves, and any model. Compiled only with the feature `onnx`.

mod filter;
mod gate;
#[cfg(test)]
mod testing;
mod yolo;

use std::sync::Arc;

use rtm2_app::Region;
use rtm2_camera::Picture;

pub use filter::{Filter, Seen};
pub use gate::{Label, PATIENCE, Passing};
pub use yolo::Yolo;

/// Something that was recognised in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// What it is, as the model calls it.
    pub name: Arc<str>,
    /// How sure the model is, 0 to 1.
    pub confidence: f32,
    /// Where it is, in pixels of the picture: left, top, right, bottom.
    pub area: [f32; 4],
}

/// Names what is in a picture. May take long: it is called on a thread of its own.
pub trait Labeller: Send {
    /// The objects of the picture, in any order.
    fn look(&mut self, picture: &Picture) -> anyhow::Result<Vec<Object>>;
}

impl Object {
    /// Whether it is what moved there: a parked car beside a walking cat is not. At least a fifth of the smaller of the
    /// two must be common to both.
    fn moves(&self, region: &Region) -> bool {
        let [left, top, right, bottom] = self.area;
        let (x, y) = (f32::from(region.x), f32::from(region.y));
        let (w, h) = (f32::from(region.w), f32::from(region.h));
        let common = (right.min(x + w) - left.max(x)).max(0.0) * (bottom.min(y + h) - top.max(y)).max(0.0);
        let smaller = ((right - left) * (bottom - top)).min(w * h);
        common > 0.0 && common * 5.0 >= smaller
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, Instant};

    use rtm2_app::{CameraId, CameraState};
    use rtm2_store::{EventFilter, Options, Store};

    use super::testing::Kind;
    use super::*;
    use crate::config;
    use crate::pipeline::cameras::{self, CameraPlan};
    use crate::pipeline::mailbox::Policy;
    use crate::pipeline::{CameraFeed, Hub, LiveFrame, recorder};

    const CAMERA: CameraId = CameraId(0);

    /// Four seconds in which a square of this colour jumps to and fro, so that something moves in almost every frame.
    fn write_clip(folder: &Path, colour: [u8; 3]) {
        std::fs::create_dir(folder).unwrap();
        for n in 0..40 {
            let mut pixels = testing::plain(256, 256);
            let square = image::RgbImage::from_pixel(64, 64, image::Rgb(colour));
            image::imageops::replace(&mut pixels, &square, 128 * (n / 2 % 2), 128);
            std::fs::write(folder.join(format!("{n:02}.jpg")), testing::picture(&pixels).image.jpeg().unwrap())
                .unwrap();
        }
    }

    /// Runs the clip through the pipeline with the tiny model asked for people: the frames stored, the labels of their
    /// events, and the newest frame.
    fn run(colour: [u8; 3]) -> (u32, Vec<String>, Arc<LiveFrame>) {
        let dir = tempfile::tempdir().unwrap();
        let (clip, model) = (dir.path().join("clip"), dir.path().join("tiny.onnx"));
        write_clip(&clip, colour);
        std::fs::write(&model, testing::model(Kind::V8, &[("names", "{0: 'person', 1: 'cat'}")])).unwrap();
        let yolo = Yolo::load(&config::Objects { model, ..config::Objects::default() }).unwrap();

        // Read as fast as possible: then the answers are waited for, and time is the pictures'.
        let source: rtm2_camera::SourceUrl = format!("file:{}?fps=10&realtime=0", clip.display()).parse().unwrap();
        let hub = Arc::new(Hub::new(vec![CameraFeed::new(CAMERA, "Door".into(), source.label(), false)]));
        let store = Arc::new(Store::open(Options::directory(dir.path().join("frames"))).unwrap());
        let (recorder, recording) = recorder::start(Arc::clone(&store), Arc::clone(&hub)).unwrap();
        let wanted = rtm2_camera::Wanted::default();
        let settings = rtm2_detect::Settings::default();
        let plan = CameraPlan { source, wanted, detector: "classic".into(), settings };
        let filter = Filter::start(CAMERA, Box::new(yolo), vec!["person".into()], PATIENCE, Policy::Wait).unwrap();
        let camera = cameras::start_filtered(CAMERA, &plan, &hub, &recorder, filter).unwrap();
        drop(recorder);
        let begin = Instant::now();
        while !matches!(hub.camera(CAMERA).unwrap().state(), CameraState::Lost { .. }) {
            assert!(begin.elapsed() < Duration::from_mins(1), "the clip never ended");
            std::thread::sleep(Duration::from_millis(10));
        }
        camera.stop();
        recording.join().unwrap();
        let newest = hub.camera(CAMERA).unwrap().newest().borrow().clone().unwrap();
        let events = store.events(&EventFilter::default()).unwrap();
        let stored = store.last_bars(CAMERA, 1000).unwrap().iter().map(|bar| bar.count).sum();
        (stored, events.into_iter().map(|event| event.label).collect(), newest)
    }

    #[test]
    fn people_are_recorded_with_their_label_and_cats_are_not() {
        let (stored, labels, newest) = run([250, 10, 10]);
        assert_eq!(labels, ["person"]);
        // All but the first two, which are the reference and the same again.
        assert_eq!((stored, newest.header().seq, newest.motion(), newest.label()), (38, 40, true, Some("person")));
        let (stored, labels, newest) = run([10, 10, 250]);
        assert!(labels.is_empty());
        assert_eq!((stored, newest.header().seq, newest.motion(), newest.label()), (0, 40, false, None));
        assert!(newest.header().boxes.is_empty() && newest.grid().is_none());
    }

    #[test]
    fn only_what_overlaps_with_motion_moves() {
        let object = Object { name: "car".into(), confidence: 0.9, area: [100.0, 100.0, 200.0, 200.0] };
        let region = |x, y, w, h| Region { x, y, w, h, strength: 1 };
        assert!(object.moves(&region(110, 110, 20, 20)), "a part of it");
        assert!(object.moves(&region(0, 0, 640, 480)), "within something larger");
        assert!(!object.moves(&region(200, 100, 50, 50)), "beside it");
        assert!(!object.moves(&region(195, 195, 100, 100)), "a corner of it");
        assert!(!object.moves(&region(150, 150, 0, 0)), "nothing");
    }
}
