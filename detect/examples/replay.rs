//! Runs a detector over a `.y4m` video and prints a line per frame, `frame,motion,boxes,ms`:
//! `cargo run --release -p rtm2-detect --example replay -- steady clip.y4m > motion.csv`.
//!
//! Reads 4:2:0 with 8 bits; of each frame only the luma, which is expanded from 16..235 to 0..255 and shrunk by box
//! means to the size that a JPEG decoder would give.

use rtm2_detect::{Geometry, Scale, Settings, create};
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
    writeln!(out, "frame,motion,boxes,ms")?;
    let mut luma = vec![0; geometry.pixels()];
    let mut frame = 0_i64;
    while video.read()? {
        shrink(&video.luma, usize::from(video.width), scale, usize::from(geometry.width), &mut luma);
        let start = Instant::now();
        let verdict = detector.update(&luma, frame * 1_000_000 * video.fps.1 / video.fps.0);
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        let boxes: Vec<_> = verdict.regions.iter().map(|r| format!("{} {} {} {}", r.x, r.y, r.w, r.h)).collect();
        writeln!(out, "{frame},{},{},{ms:.4}", u8::from(verdict.motion), boxes.join(";"))?;
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
    luma: Vec<u8>,
}

impl Video {
    fn open(path: &str) -> Result<Self, Box<dyn Error>> {
        let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
        let mut header = String::new();
        file.read_line(&mut header)?;
        let value = |tag: char| header.split_whitespace().skip(1).find_map(|word| word.strip_prefix(tag));
        if !header.starts_with("YUV4MPEG2 ") || value('C').is_some_and(|chroma| !chroma.starts_with("420")) {
            return Err("not a .y4m file with 4:2:0 chroma".into());
        }
        let number = |tag| value(tag).ok_or("the header lacks a size");
        let (width, height): (u16, u16) = (number('W')?.parse()?, number('H')?.parse()?);
        let (count, seconds) = value('F').and_then(|fps| fps.split_once(':')).unwrap_or(("25", "1"));
        let fps = (count.parse::<i64>()?.max(1), seconds.parse::<i64>()?.max(1));
        let luma = vec![0; usize::from(width) * usize::from(height)];
        Ok(Self { file, width, height, fps, luma })
    }

    /// Reads the next frame's luma; false at the end.
    fn read(&mut self) -> Result<bool, Box<dyn Error>> {
        let mut line = Vec::new();
        if self.file.read_until(b'\n', &mut line)? == 0 {
            return Ok(false);
        }
        self.file.read_exact(&mut self.luma)?;
        let chroma = 2 * u64::from(self.width.div_ceil(2)) * u64::from(self.height.div_ceil(2));
        std::io::copy(&mut (&mut self.file).take(chroma), &mut std::io::sink())?;
        for grey in &mut self.luma {
            *grey = ((i32::from(*grey) - 16) * 255 / 219).clamp(0, 255) as u8;
        }
        Ok(true)
    }
}

/// Box means; at the right and lower border of what is left.
fn shrink(luma: &[u8], width: usize, scale: Scale, small_width: usize, small: &mut [u8]) {
    let k = usize::from(scale.denominator());
    let rows: Vec<&[u8]> = luma.chunks_exact(width).collect();
    for (small, rows) in small.chunks_exact_mut(small_width).zip(rows.chunks(k)) {
        for (x, grey) in small.iter_mut().enumerate() {
            let (start, end) = (x * k, (x * k + k).min(width));
            let sum: usize = rows.iter().flat_map(|row| &row[start..end]).map(|&grey| usize::from(grey)).sum();
            let n = rows.len() * (end - start);
            *grey = ((sum + n / 2) / n) as u8;
        }
    }
}
