//! Runs a detector over a `.y4m` video and prints a line per frame, `frame,motion,boxes,ms,scene`:
//! `cargo run --release -p rtm2-detect --example replay -- steady clip.y4m > motion.csv`.
//!
//! Reads 4:2:0 and monochrome with 8 bits; of each frame only the luma, which is expanded from 16..235 to 0..255 unless
//! the header says `XCOLORRANGE=FULL`, and shrunk by box means to the size that a JPEG decoder would give.

use rtm2_detect::{Geometry, Settings, create};
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write as _, stdout};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, path] = &arguments[..] else { return Err("give a detector's name and a .y4m file".into()) };
    let mut video = Video::open(path)?;
    let (geometry, scale) = Geometry::for_source(video.width, video.height);
    let mut detector = create(name, geometry, &Settings::default())?;
    let mut out = stdout().lock();
    writeln!(out, "frame,motion,boxes,ms,scene")?;
    let mut luma = vec![0; geometry.pixels()];
    let mut frame = 0_i64;
    while video.read()? {
        geometry.shrink(scale, &video.luma, &mut luma);
        let start = Instant::now();
        let verdict = detector.update(&luma, frame * 1_000_000 * video.fps.1 / video.fps.0);
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        let boxes: Vec<_> = verdict.regions.iter().map(|r| format!("{} {} {} {}", r.x, r.y, r.w, r.h)).collect();
        let motion = u8::from(verdict.motion);
        writeln!(out, "{frame},{motion},{},{ms:.4},{:?}", boxes.join(";"), verdict.scene)?;
        frame += 1;
    }
    Ok(())
}

/// A `.y4m` file being read.
struct Video {
    file: BufReader<File>,
    width: u16,
    height: u16,
    /// Frames a second as numerator and denominator.
    fps: (i64, i64),
    /// Bytes of chroma after each frame's luma.
    chroma: u64,
    /// Whether luma is 0..255 already.
    full_range: bool,
    luma: Vec<u8>,
}

impl Video {
    fn open(path: &str) -> Result<Self, Box<dyn Error>> {
        let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
        let mut header = String::new();
        file.read_line(&mut header)?;
        let value = |tag: char| header.split_whitespace().skip(1).find_map(|word| word.strip_prefix(tag));
        let chroma = value('C').unwrap_or("420");
        if !header.starts_with("YUV4MPEG2 ") || !(chroma.starts_with("420") || chroma == "mono") {
            return Err("not a .y4m file with 4:2:0 chroma or none".into());
        }
        let number = |tag| value(tag).ok_or("the header lacks a size");
        let (width, height): (u16, u16) = (number('W')?.parse()?, number('H')?.parse()?);
        let (count, seconds) = value('F').and_then(|fps| fps.split_once(':')).unwrap_or(("25", "1"));
        let fps = (count.parse::<i64>()?.max(1), seconds.parse::<i64>()?.max(1));
        let luma = vec![0; usize::from(width) * usize::from(height)];
        let chroma = match chroma {
            "mono" => 0,
            _ => 2 * u64::from(width.div_ceil(2)) * u64::from(height.div_ceil(2)),
        };
        let full_range = header.contains(" XCOLORRANGE=FULL");
        Ok(Self { file, width, height, fps, chroma, full_range, luma })
    }

    /// Reads the next frame's luma; false at the end.
    fn read(&mut self) -> Result<bool, Box<dyn Error>> {
        let mut line = Vec::new();
        if self.file.read_until(b'\n', &mut line)? == 0 {
            return Ok(false);
        }
        self.file.read_exact(&mut self.luma)?;
        std::io::copy(&mut (&mut self.file).take(self.chroma), &mut std::io::sink())?;
        if !self.full_range {
            for grey in &mut self.luma {
                *grey = ((i32::from(*grey) - 16) * 255 / 219).clamp(0, 255) as u8;
            }
        }
        Ok(true)
    }
}
