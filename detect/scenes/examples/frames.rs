//! Writes frames of a scene as PNG files, and all frames asked for as one sheet:
//! `cargo run -p rtm2-scenes --example frames -- FOLDER demo 0 130 150`. Without numbers, twelve frames spread over the
//! scene. `all` in place of a scene's name does so for every scene.

use rtm2_scenes::{NAMES, Picture, by_name};
use std::error::Error;
use std::path::Path;

const WIDTH: u16 = 320;
const HEIGHT: u16 = 240;
const COLUMNS: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name the folder to write to")?;
    let name = arguments.next().ok_or("name a scene, or `all`")?;
    let numbers: Vec<u64> = arguments.map(|number| number.parse()).collect::<Result<_, _>>()?;
    for known in NAMES.iter().filter(|known| name == "all" || **known == name) {
        sheet(Path::new(&folder), known, &numbers)?;
    }
    Ok(())
}

fn sheet(folder: &Path, name: &str, numbers: &[u64]) -> Result<(), Box<dyn Error>> {
    let scene = by_name(name, 1, WIDTH, HEIGHT)?;
    let spread: Vec<u64> = (0..12).map(|i| scene.frames() * (2 * i + 1) / 24).collect();
    let numbers = if numbers.is_empty() { &spread } else { numbers };
    let (width, height) = (usize::from(WIDTH), usize::from(HEIGHT));
    let mut sheet = image::RgbImage::new((COLUMNS * width) as u32, (numbers.len().div_ceil(COLUMNS) * height) as u32);
    let mut picture = Picture::new(WIDTH, HEIGHT);
    for (i, &number) in numbers.iter().enumerate() {
        scene.render(number, &mut picture);
        let frame = image::RgbImage::from_raw(WIDTH.into(), HEIGHT.into(), picture.rgb().to_vec());
        let frame = frame.ok_or("a picture of the wrong length")?;
        image::imageops::replace(&mut sheet, &frame, (i % COLUMNS * width) as i64, (i / COLUMNS * height) as i64);
        if numbers != spread.as_slice() {
            frame.save(folder.join(format!("{name}-{number}.png")))?;
        }
    }
    sheet.save(folder.join(format!("{name}.png")))?;
    Ok(())
}
