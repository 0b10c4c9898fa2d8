//! Clips of motion JPEG, made with ffmpeg, and what their pictures weigh.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A textured room with sensor noise, in which nothing moves; its JPEGs weigh 45 kB, as a camera's do.
const ROOM: &str = r"nullsrc=size=640x480:rate=30,geq=lum='96+40*sin(X/23)*cos(Y/17)+8*mod(X+Y\,7)':cb=128:cr=128,loop=loop=-1:size=1,trim=duration=20,noise=alls=3:allf=t";

/// Twenty seconds of a room with sensor noise.
pub(crate) fn room(dir: &Path) -> PathBuf {
    make(dir, "room.avi", ROOM)
}

/// The same room, crossed by a square for a third of the time.
pub(crate) fn crossings(dir: &Path) -> PathBuf {
    crossed(dir, "crossings.avi", "if(lt(mod(t,9),3),mod(t,9)*240-90,-200)")
}

/// The same room, in which a square goes to and fro without a stop.
pub(crate) fn to_and_fro(dir: &Path) -> PathBuf {
    crossed(dir, "to-and-fro.avi", "abs(mod(t,6)-3)*180")
}

/// The room with a square, of which the left edge is at `x`.
fn crossed(dir: &Path, name: &str, x: &str) -> PathBuf {
    let square = "color=0xe0d0c0:size=90x160:rate=30:duration=20[square]";
    make(dir, name, &format!("{ROOM}[room];{square};[room][square]overlay=x='{x}':y=200"))
}

fn make(dir: &Path, name: &str, graph: &str) -> PathBuf {
    let clip = dir.join(name);
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-filter_complex", graph])
        .args(["-c:v", "mjpeg", "-q:v", "8", "-pix_fmt", "yuvj420p"])
        .arg(&clip)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "ffmpeg is needed to make a clip");
    clip
}

/// Mean bytes of a clip's JPEGs as they lie in it.
pub(crate) fn jpeg_bytes(clip: &Path) -> f64 {
    let listed = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=size", "-of", "csv=p=0"])
        .arg(clip)
        .output()
        .unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    let sizes: Vec<f64> = text.lines().filter_map(|line| line.trim_matches(',').parse().ok()).collect();
    assert!(!sizes.is_empty(), "ffprobe finds no pictures in {}", clip.display());
    sizes.iter().sum::<f64>() / sizes.len() as f64
}
