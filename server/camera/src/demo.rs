//! `demo:`: the generated scene, so that everything can be tried without a camera.

use std::sync::{Arc, Mutex};

use rtm2_app::Timestamp;
use rtm2_scenes::{FRAMES_PER_SECOND, Picture as Canvas, Scene};

use crate::address::{DemoUrl, Tempo};
use crate::image::RawImage;
use crate::jpeg::{Encoder, Layout, Range, Raw};
use crate::pace::{DEFAULT_FPS, Pace, Rate};
use crate::source::{Picture, Source, SourceError, Wanted};

const SIZE: (u16, u16) = (640, 480);

struct Demo {
    scene: Box<dyn Scene>,
    canvas: Canvas,
    encoder: Arc<Mutex<Encoder>>,
    pace: Pace,
}

pub(crate) fn open(url: &DemoUrl, wanted: &Wanted) -> Result<Box<dyn Source>, SourceError> {
    let lost = |error: &dyn std::fmt::Display| SourceError::Lost(format!("the demo scene: {error}"));
    let (width, height) = url.size.or(wanted.size).unwrap_or(SIZE);
    let fps = url.fps.or(wanted.fps).unwrap_or(DEFAULT_FPS);
    let scene = rtm2_scenes::by_name("demo", url.seed, width, height).map_err(|error| lost(&error))?;
    let encoder = Arc::new(Mutex::new(Encoder::new(wanted.quality).map_err(|error| lost(&error))?));
    let pace = Pace::new(Rate::fps(fps), Tempo::RealTime, Timestamp(0));
    Ok(Box::new(Demo { scene, canvas: Canvas::new(width, height), encoder, pace }))
}

impl Source for Demo {
    fn next(&mut self) -> Result<Picture, SourceError> {
        let native = Rate::fps(FRAMES_PER_SECOND as u16);
        let frame = native.due_at(self.pace.rate(), self.pace.position());
        let at = self.pace.wait();
        self.scene.render(frame, &mut self.canvas);
        let (width, height) = (self.canvas.width(), self.canvas.height());
        let raw = Raw { data: self.canvas.rgb(), width, height, stride: 0, layout: Layout::Rgb, range: Range::Full };
        let image = RawImage::new(raw.own()?, Arc::clone(&self.encoder)).into();
        Ok(Picture { image, at, width, height })
    }

    fn describe(&self) -> String {
        let (width, height) = (self.canvas.width(), self.canvas.height());
        format!("generated scene {width}x{height} at {} fps", self.pace.rate().per_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpeg::{Limits, inspect};

    #[test]
    fn the_same_seed_gives_the_same_pictures() {
        let url = DemoUrl { size: Some((160, 120)), fps: Some(200), seed: 3 };
        let pictures = |url: &DemoUrl| {
            let mut demo = open(url, &Wanted::default()).unwrap();
            (0..5).map(|_| demo.next().unwrap()).collect::<Vec<_>>()
        };
        let (one, two) = (pictures(&url), pictures(&url));
        assert!(one.iter().zip(&two).all(|(a, b)| a.image == b.image));
        assert!(one.windows(2).all(|pair| pair[0].at <= pair[1].at));
        for picture in one {
            let jpeg = picture.image.jpeg().unwrap();
            let header = inspect(&jpeg, &Limits::default()).unwrap();
            assert_eq!((header.width, header.height, header.end), (160, 120, jpeg.len()));
        }
    }
}
