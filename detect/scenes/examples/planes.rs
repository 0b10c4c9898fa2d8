//! Writes what `steady` makes of one frame as a sheet of six pictures, for the documentation:
//! `cargo run --release -p rtm2-scenes --example planes -- lamp-off-person 146 docs/pictures/detection-planes.png`.
//!
//! Above: the luma that comes in with the found regions, the background in today's light, how far the picture is outside
//! of the background's range (four times as strong). Below: the difference to the frame before (four times as strong),
//! changed areas after cleaning, what counts as motion.

use image::{GrayImage, Luma, imageops};
use rtm2_detect::{Detector, Geometry, Region, Steady, SteadySettings, Zones};
use rtm2_scenes::{Picture, by_name};
use std::error::Error;

const WIDTH: u16 = 640;
const HEIGHT: u16 = 480;
/// Each pixel of a plane is so many pixels of the sheet.
const ZOOM: u32 = 2;
const GAP: i64 = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scene, number, file] = &arguments[..] else { return Err("give a scene, a frame's number and a file".into()) };
    let scene = by_name(scene, 1, WIDTH, HEIGHT)?;
    let last: u64 = number.parse()?;
    let (geometry, scale) = Geometry::for_source(WIDTH, HEIGHT);
    let mut detector = Steady::new(geometry, &SteadySettings::default(), &Zones::default());
    let (mut picture, mut luma, mut before) = (Picture::new(WIDTH, HEIGHT), Vec::new(), Vec::new());
    let mut regions = Vec::new();
    for n in 0..=last {
        scene.render(n, &mut picture);
        before.clone_from(&luma);
        picture.luma(scale.denominator(), &mut luma);
        let at_us = (n * 1_000_000 / scene.frames_per_second()) as i64;
        regions.clone_from(&detector.update(&luma, at_us).regions);
    }
    let [expected, outside, areas, motion] = detector.planes().map(|(_, plane)| plane.to_vec());
    let step = luma.iter().zip(&before).map(|(a, b)| a.abs_diff(*b)).collect();
    let stronger = |plane: Vec<u8>, by: u8| plane.into_iter().map(|grey| grey.saturating_mul(by)).collect();
    let planes = [luma, expected, stronger(outside, 4), stronger(step, 4), stronger(areas, 255), stronger(motion, 255)];

    let (width, height) = (u32::from(geometry.width) * ZOOM, u32::from(geometry.height) * ZOOM);
    let mut sheet = GrayImage::from_pixel(3 * width + 2 * GAP as u32, 2 * height + GAP as u32, Luma([255]));
    for (i, plane) in planes.into_iter().enumerate() {
        let plane = GrayImage::from_raw(geometry.width.into(), geometry.height.into(), plane);
        let plane = plane.ok_or("a plane of the wrong length")?;
        let mut tile = imageops::resize(&plane, width, height, imageops::FilterType::Nearest);
        if i == 0 {
            for region in &regions {
                frame(&mut tile, *region);
            }
        }
        let (column, row) = (i as i64 % 3, i as i64 / 3);
        imageops::replace(&mut sheet, &tile, column * (i64::from(width) + GAP), row * (i64::from(height) + GAP));
    }
    sheet.save(file)?;
    Ok(())
}

/// Draws a region's box.
fn frame(tile: &mut GrayImage, region: Region) {
    let scale = |length: u16| u32::from(length) * tile.width() / u32::from(WIDTH);
    let (left, top) = (scale(region.x), scale(region.y));
    let (right, bottom) = (left + scale(region.w), top + scale(region.h));
    for (x, y, pixel) in tile.enumerate_pixels_mut() {
        let inside = (left..=right).contains(&x) && (top..=bottom).contains(&y);
        if inside && (x == left || x == right || y == top || y == bottom) {
            *pixel = Luma([255]);
        }
    }
}
