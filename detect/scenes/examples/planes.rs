//! Writes what `steady` makes of one frame as a sheet of six pictures, for the documentation. The frames are a generated
//! scene's, or the JPEGs of a folder in the order of their names, taken as 30 a second:
//! `cargo run --release -p rtm2-scenes --example planes -- lamp-off-person 146 docs/pictures/detection-planes.png`.
//!
//! Above: the luma that comes in with the found regions, the background in today's light, how far the picture is outside
//! of the background's range (four times as strong). Below: the difference to the frame before (four times as strong),
//! changed areas after cleaning, what counts as motion.

use image::{GrayImage, Luma, imageops};
use rtm2_detect::{Detector, Geometry, Region, Steady, SteadySettings, Zones};
use rtm2_scenes::{Picture, Scene, by_name};
use std::error::Error;
use std::path::{Path, PathBuf};

/// Size of generated scenes.
const WIDTH: u16 = 640;
const HEIGHT: u16 = 480;
/// Frames a second of a folder.
const FOLDER_FPS: u64 = 30;
/// Each pixel of a plane is so many pixels of the sheet.
const ZOOM: u32 = 2;
const GAP: i64 = 6;

/// Where the frames come from.
enum Film {
    Scene(Box<dyn Scene>, Picture),
    Folder(Vec<PathBuf>),
}

impl Film {
    fn open(name: &str) -> Result<Self, Box<dyn Error>> {
        if !Path::new(name).is_dir() {
            return Ok(Self::Scene(by_name(name, 1, WIDTH, HEIGHT)?, Picture::new(WIDTH, HEIGHT)));
        }
        let entries = std::fs::read_dir(name)?.collect::<Result<Vec<_>, _>>()?;
        let mut files: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "jpg"));
        files.sort();
        Ok(Self::Folder(files))
    }

    fn size(&self) -> Result<(u16, u16), Box<dyn Error>> {
        let Self::Folder(files) = self else { return Ok((WIDTH, HEIGHT)) };
        let (width, height) = image::image_dimensions(files.first().ok_or("the folder has no JPEG")?)?;
        Ok((width.try_into()?, height.try_into()?))
    }

    fn frames_per_second(&self) -> u64 {
        if let Self::Scene(scene, _) = self { scene.frames_per_second() } else { FOLDER_FPS }
    }

    /// The luma of frame `n` at full size.
    fn luma(&mut self, n: u64, luma: &mut Vec<u8>) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Scene(scene, picture) => {
                scene.render(n, picture);
                picture.luma(1, luma);
            }
            Self::Folder(files) => {
                let file = files.get(usize::try_from(n)?).ok_or("the folder has no such frame")?;
                *luma = image::open(file)?.into_luma8().into_raw();
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, number, file] = &arguments[..] else {
        return Err("give a scene or a folder of JPEGs, a frame's number and a file".into());
    };
    let mut film = Film::open(name)?;
    let last: u64 = number.parse()?;
    let (width, height) = film.size()?;
    let (geometry, scale) = Geometry::for_source(width, height);
    let mut detector = Steady::new(geometry, &SteadySettings::default(), &Zones::default());
    let (mut full, mut before) = (Vec::new(), Vec::new());
    let mut luma = vec![0; geometry.pixels()];
    let mut regions = Vec::new();
    for n in 0..=last {
        film.luma(n, &mut full)?;
        before.clone_from(&luma);
        geometry.shrink(scale, &full, &mut luma);
        let at_us = (n * 1_000_000 / film.frames_per_second()) as i64;
        regions.clone_from(&detector.update(&luma, at_us).regions);
    }
    let [expected, outside, areas, motion] = detector.planes().map(|(_, plane)| plane.to_vec());
    let step = luma.iter().zip(&before).map(|(a, b)| a.abs_diff(*b)).collect();
    let stronger = |plane: Vec<u8>, by: u8| plane.into_iter().map(|grey| grey.saturating_mul(by)).collect();
    let planes = [luma, expected, stronger(outside, 4), stronger(step, 4), stronger(areas, 255), stronger(motion, 255)];

    let source = u32::from(width);
    let (width, height) = (u32::from(geometry.width) * ZOOM, u32::from(geometry.height) * ZOOM);
    let mut sheet = GrayImage::from_pixel(3 * width + 2 * GAP as u32, 2 * height + GAP as u32, Luma([255]));
    for (i, plane) in planes.into_iter().enumerate() {
        let plane = GrayImage::from_raw(geometry.width.into(), geometry.height.into(), plane);
        let plane = plane.ok_or("a plane of the wrong length")?;
        let mut tile = imageops::resize(&plane, width, height, imageops::FilterType::Nearest);
        if i == 0 {
            for region in &regions {
                frame(&mut tile, *region, source);
            }
        }
        let (column, row) = (i as i64 % 3, i as i64 / 3);
        imageops::replace(&mut sheet, &tile, column * (i64::from(width) + GAP), row * (i64::from(height) + GAP));
    }
    sheet.save(file)?;
    Ok(())
}

/// Draws a region's box; `source` is the width of the picture that it is counted in.
fn frame(tile: &mut GrayImage, region: Region, source: u32) {
    let scale = |length: u16| u32::from(length) * tile.width() / source;
    let (left, top) = (scale(region.x), scale(region.y));
    let (right, bottom) = (left + scale(region.w), top + scale(region.h));
    for (x, y, pixel) in tile.enumerate_pixels_mut() {
        let inside = (left..=right).contains(&x) && (top..=bottom).contains(&y);
        if inside && (x == left || x == right || y == top || y == bottom) {
            *pixel = Luma([255]);
        }
    }
}
