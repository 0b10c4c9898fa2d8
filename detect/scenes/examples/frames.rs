//! Writes frames of a scene as PNG files: `cargo run -p rtm2-scenes --example frames -- FOLDER 0 130 150`.

use rtm2_scenes::{Picture, by_name};
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name the folder to write to")?);
    let scene = by_name("demo", 1, 640, 480)?;
    let mut picture = Picture::new(640, 480);
    for number in arguments {
        scene.render(number.parse()?, &mut picture);
        let path = folder.join(format!("{number}.png"));
        image::save_buffer(path, picture.rgb(), 640, 480, image::ExtendedColorType::Rgb8)?;
    }
    Ok(())
}
