//! What a camera that sends no JPEG costs a frame, on one thread: `cargo run --release -p rtm2-camera --example raw`.
//! Pictures of the demo scene, 640×480, as each layout: taking them and their brightness for the detector, which is all
//! that a still frame needs; and the JPEG with its brightness and index beside, which every frame needed if all were encoded.

use std::io::Write as _;
use std::time::{Duration, Instant};

use rtm2_camera::jpeg::{Encoder, Layout, LumaDecoder, Range, Raw};
use rtm2_detect::Geometry;
use rtm2_scenes::Picture;

const WIDTH: u16 = 640;
const HEIGHT: u16 = 480;
const FRAMES: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scene = rtm2_scenes::by_name("demo", 1, WIDTH, HEIGHT)?;
    let mut canvas = Picture::new(WIDTH, HEIGHT);
    scene.render(100, &mut canvas);
    writeln!(std::io::stdout(), "{:<8}{:>24}{:>24}", "layout", "taken, ms", "encoded as well, ms")?;
    for (name, layout) in [("RGB", Layout::Rgb), ("NV12", Layout::Nv12), ("YUYV", Layout::Yuyv)] {
        let data = as_layout(canvas.rgb(), layout);
        let raw = Raw { data: &data, width: WIDTH, height: HEIGHT, stride: 0, layout, range: Range::Video };
        let (taken, encoded) = measure(&raw)?;
        writeln!(std::io::stdout(), "{name:<8}{:>24.2}{:>24.2}", millis(taken), millis(taken + encoded))?;
    }
    Ok(())
}

/// Median times of taking a picture, and of encoding and reading it.
fn measure(raw: &Raw<'_>) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
    let (geometry, scale) = Geometry::for_source(WIDTH, HEIGHT);
    let mut small = vec![0; geometry.pixels()];
    let (mut encoder, mut decoder) = (Encoder::new(85)?, LumaDecoder::new()?);
    let (mut taking, mut encoding) = (Vec::new(), Vec::new());
    for _ in 0..FRAMES {
        let begin = Instant::now();
        let pixels = raw.own()?;
        geometry.shrink(scale, pixels.luma(), &mut small);
        let between = Instant::now();
        let jpeg = encoder.encode_pixels(&pixels)?;
        decoder.decode_and_scan(&jpeg)?;
        taking.push(between - begin);
        encoding.push(between.elapsed());
    }
    Ok((median(taking), median(encoding)))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The picture as a camera of this layout sends it.
fn as_layout(rgb: &[u8], layout: Layout) -> Vec<u8> {
    let (width, height) = (usize::from(WIDTH), usize::from(HEIGHT));
    let yuv: Vec<[u8; 3]> = rgb.as_chunks::<3>().0.iter().map(|pixel| yuv(*pixel)).collect();
    match layout {
        Layout::Yuyv => yuv.as_chunks::<2>().0.iter().flat_map(|[a, b]| [a[0], a[1], b[0], a[2]]).collect(),
        Layout::Nv12 => {
            let bright = yuv.iter().map(|pixel| pixel[0]);
            let corners = (0..height).step_by(2).flat_map(|y| (0..width).step_by(2).map(move |x| y * width + x));
            bright.chain(corners.flat_map(|at| [yuv[at][1], yuv[at][2]])).collect()
        }
        _ => rgb.to_vec(),
    }
}

/// Video range, as BT.601 has it.
fn yuv([r, g, b]: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = [r, g, b].map(i32::from);
    let part = |r_part: i32, g_part: i32, b_part: i32, zero: i32| {
        (((r_part * r + g_part * g + b_part * b + 128) >> 8) + zero) as u8
    };
    [part(66, 129, 25, 16), part(-38, -74, 112, 128), part(112, -94, -18, 128)]
}
