//! `.y4m`, the raw video that tools hand to each other (mjpegtools' `yuv4mpeg(5)`): a line of parameters, then frames of
//! planes. Only the brightness is read, so that a detector sees it without a JPEG in between.
//!
//! Not here: colour. As a camera's stand-in (`file:clip.y4m`) such a video goes through ffmpeg like any other.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use crate::jpeg::Limits;
use crate::pace::Rate;

/// How such a file begins.
const MAGIC: &[u8] = b"YUV4MPEG2";
/// Most bytes of the first line; writers use about a hundred.
const MOST_HEADER: u64 = 4096;
/// Most bytes of the line before each frame.
const MOST_FRAME_LINE: u64 = 256;
/// Frames a second where the header does not say.
const UNKNOWN_RATE: u16 = 25;

/// A `.y4m` video, read frame by frame.
#[derive(Debug)]
pub struct Y4m<R> {
    reader: R,
    header: Header,
    luma: Vec<u8>,
    frames: u64,
}

/// Why a `.y4m` video cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Y4mError {
    /// The bytes cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The first line is not what it should be; says what to do.
    #[error("its header cannot be used: {0}")]
    Header(String),
    /// Something else stands where a frame should begin.
    #[error("frame {0} does not begin with FRAME: the file is damaged there")]
    Damaged(u64),
    /// The file ends within a frame.
    #[error("it ends in the middle of frame {0}")]
    Truncated(u64),
}

/// What the first line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    width: u16,
    height: u16,
    rate: Rate,
    chroma: Chroma,
    range: Range,
}

/// What follows the brightness of each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chroma {
    /// Nothing.
    Mono,
    /// Two planes, each smaller by these factors.
    Planes { across: u16, down: u16 },
    /// Two planes of full size and one of transparency.
    FullWithAlpha,
}

/// Which numbers stand for black and white: video's 16 and 235 unless the header says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Full,
    Video,
}

/// Whether a file begins as a `.y4m` video does, whatever its name is.
pub fn is_y4m(path: &Path) -> bool {
    let mut first = Vec::with_capacity(MAGIC.len());
    let read = File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut first));
    read.is_ok() && first == MAGIC
}

impl Y4m<BufReader<File>> {
    /// Opens a file and reads its header.
    pub fn open(path: &Path) -> Result<Self, Y4mError> {
        Self::new(BufReader::with_capacity(1 << 20, File::open(path)?))
    }
}

impl<R: BufRead> Y4m<R> {
    /// Reads the header.
    pub fn new(mut reader: R) -> Result<Self, Y4mError> {
        let line = line(&mut reader, MOST_HEADER)?;
        let header = Header::parse(&line).map_err(Y4mError::Header)?;
        let luma = vec![0; usize::from(header.width) * usize::from(header.height)];
        Ok(Self { reader, header, luma, frames: 0 })
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u16, u16) {
        (self.header.width, self.header.height)
    }

    /// When frame `n` is shown, in microseconds after the first.
    pub fn micros(&self, n: u64) -> i64 {
        self.header.rate.micros(n)
    }

    /// The next frame's brightness, row by row, 0 black to 255 white; `None` after the last.
    pub fn next_luma(&mut self) -> Result<Option<&[u8]>, Y4mError> {
        let frame = self.frames;
        let start = line(&mut self.reader, MOST_FRAME_LINE)?;
        if start.is_empty() {
            return Ok(None);
        }
        if start.split(|&byte| byte == b' ').next() != Some(b"FRAME") {
            return Err(Y4mError::Damaged(frame));
        }
        let truncated = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Y4mError::Truncated(frame),
            _ => Y4mError::Io(error),
        };
        self.reader.read_exact(&mut self.luma).map_err(truncated)?;
        let colour = self.header.colour_bytes();
        if io::copy(&mut self.reader.by_ref().take(colour), &mut io::sink())? < colour {
            return Err(Y4mError::Truncated(frame));
        }
        if self.header.range == Range::Video {
            self.luma.iter_mut().for_each(|grey| *grey = STRETCHED[usize::from(*grey)]);
        }
        self.frames += 1;
        Ok(Some(&self.luma))
    }
}

impl Header {
    fn parse(line: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(line).map_err(|_| "it is not text".to_owned())?;
        let mut words = text.split_ascii_whitespace();
        if words.next() != Some("YUV4MPEG2") {
            return Err("it does not begin with YUV4MPEG2".to_owned());
        }
        let (mut width, mut height, mut rate, mut chroma, mut range) = (None, None, None, "420jpeg", Range::Video);
        for word in words {
            match word.split_at_checked(1) {
                Some(("W", value)) => width = Some(side("width", value)?),
                Some(("H", value)) => height = Some(side("height", value)?),
                Some(("F", value)) => rate = frames_per_second(value)?,
                Some(("C", value)) => chroma = value,
                Some(("X", "COLORRANGE=FULL")) => range = Range::Full,
                Some(("X", "COLORRANGE=LIMITED")) => range = Range::Video,
                // Interlacing, the shape of pixels, comments: brightness is the same.
                _ => {}
            }
        }
        let chroma = Chroma::parse(chroma)?;
        Ok(Self {
            width: width.ok_or("the width (W) is missing")?,
            height: height.ok_or("the height (H) is missing")?,
            rate: rate.unwrap_or(Rate::fps(UNKNOWN_RATE)),
            chroma,
            range,
        })
    }

    /// Bytes of a frame after its brightness.
    fn colour_bytes(self) -> u64 {
        let plane =
            |across: u16, down: u16| u64::from(self.width.div_ceil(across)) * u64::from(self.height.div_ceil(down));
        match self.chroma {
            Chroma::Mono => 0,
            Chroma::Planes { across, down } => 2 * plane(across, down),
            Chroma::FullWithAlpha => 3 * plane(1, 1),
        }
    }
}

impl Chroma {
    fn parse(name: &str) -> Result<Self, String> {
        match name {
            "mono" => Ok(Self::Mono),
            "420" | "420jpeg" | "420mpeg2" | "420paldv" => Ok(Self::Planes { across: 2, down: 2 }),
            "422" => Ok(Self::Planes { across: 2, down: 1 }),
            "411" => Ok(Self::Planes { across: 4, down: 1 }),
            "444" => Ok(Self::Planes { across: 1, down: 1 }),
            "444alpha" => Ok(Self::FullWithAlpha),
            other => Err(format!(
                "the colour format C{other} is not supported: C420, C422, C444, C411 and Cmono with 8 bits are; \
                 `ffmpeg -i IN.y4m -pix_fmt yuv420p OUT.y4m` converts it"
            )),
        }
    }
}

fn side(name: &str, value: &str) -> Result<u16, String> {
    let Limits { width: most, .. } = Limits::default();
    let side = value.parse().ok().filter(|side| (1..=most).contains(side));
    side.ok_or_else(|| format!("the {name} {value:?} is not a number from 1 to {most}"))
}

/// `25:1`; `0:0` means unknown.
fn frames_per_second(value: &str) -> Result<Option<Rate>, String> {
    let parts = value.split_once(':').and_then(|(frames, seconds)| Some((frames.parse().ok()?, seconds.parse().ok()?)));
    match parts {
        Some((0, 0)) => Ok(None),
        Some((frames, seconds)) if Rate::new(frames, seconds).is_some() => Ok(Rate::new(frames, seconds)),
        _ => Err(format!("the frame rate {value:?} is not two numbers such as 30000:1001")),
    }
}

/// Reads to the end of a line, which is left off; empty at the end of the file.
fn line(reader: &mut impl BufRead, most: u64) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    reader.by_ref().take(most).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(line)
}

/// 16 to 235 stretched to 0 to 255.
static STRETCHED: [u8; 256] = {
    let mut table = [0; 256];
    let mut grey = 0;
    while grey < 256 {
        let stretched = ((grey as i32 - 16) * 255 + 109) / 219;
        table[grey] = if stretched < 0 {
            0
        } else if stretched > 255 {
            255
        } else {
            stretched as u8
        };
        grey += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn video(header: &str, frames: &[&[u8]]) -> Vec<u8> {
        let mut bytes = format!("YUV4MPEG2 {header}\n").into_bytes();
        for frame in frames {
            bytes.extend_from_slice(b"FRAME Ip\n");
            bytes.extend_from_slice(frame);
        }
        bytes
    }

    fn lumas(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut video = Y4m::new(bytes).unwrap();
        std::iter::from_fn(|| video.next_luma().unwrap().map(<[u8]>::to_vec)).collect()
    }

    fn refused(header: &str) -> String {
        Y4m::new(&video(header, &[])[..]).unwrap_err().to_string()
    }

    #[test]
    fn brightness_is_found_whatever_the_colour_takes() {
        let luma = [16, 235, 126, 0, 255, 16];
        let stretched = vec![0, 255, 128, 0, 255, 0];
        // A picture of 3×2: the colour planes of odd sizes are rounded up.
        for (colour, bytes) in
            [("C420jpeg ", 4), ("", 4), ("C422 ", 8), ("C444 ", 12), ("C411 ", 4), ("C444alpha ", 18)]
        {
            let frame = [&luma[..], &vec![77; bytes]].concat();
            let clip = video(&format!("W3 H2 {colour}F10:1 Ip A1:1"), &[&frame, &frame]);
            assert_eq!(lumas(&clip), [stretched.clone(), stretched.clone()], "{colour}");
        }
        assert_eq!(lumas(&video("W3 H2 Cmono F10:1", &[&luma])), [stretched]);
    }

    #[test]
    fn the_range_is_taken_as_told() {
        let luma = [16, 235];
        assert_eq!(lumas(&video("W2 H1 Cmono XCOLORRANGE=LIMITED", &[&luma])), [[0, 255]]);
        assert_eq!(lumas(&video("W2 H1 C444 XYSCSS=444 XCOLORRANGE=FULL", &[&[16, 235, 1, 1, 1, 1]])), [luma]);
    }

    #[test]
    fn frames_are_timed_by_the_header() {
        let at = |rate: &str, n| Y4m::new(&video(&format!("W2 H1 Cmono {rate}"), &[])[..]).unwrap().micros(n);
        assert_eq!((at("F30000:1001", 30), at("F0:0", 25), at("", 25)), (1_001_000, 1_000_000, 1_000_000));
    }

    #[test]
    fn bad_headers_are_refused_with_the_reason() {
        assert!(Y4m::new(&b"RIFF 1234\n"[..]).unwrap_err().to_string().contains("does not begin with YUV4MPEG2"));
        assert!(Y4m::new(&b""[..]).unwrap_err().to_string().contains("does not begin"));
        assert!(refused("H2 C420").contains("width (W) is missing"));
        assert!(refused("W2").contains("height (H) is missing"));
        assert!(refused("W0 H2").contains("from 1 to 8192"));
        assert!(refused("W99999 H2").contains("width \"99999\""));
        assert!(refused("W2 H2 Ffast").contains("frame rate \"fast\""));
        assert!(refused("W2 H2 F1:0").contains("frame rate"));
        assert!(refused("W2 H2 C420p10").contains("C420p10 is not supported"));
        let endless = vec![b'x'; 100_000];
        assert!(Y4m::new(&endless[..]).is_err());
    }

    #[test]
    fn what_is_cut_short_or_damaged_says_which_frame() {
        let mut clip = video("W2 H2 C420", &[&[1; 6], &[2; 6]]);
        clip.pop();
        let mut cut = Y4m::new(&clip[..]).unwrap();
        assert!(cut.next_luma().unwrap().is_some());
        assert!(matches!(cut.next_luma(), Err(Y4mError::Truncated(1))));
        let mut early = Y4m::new(&clip[..clip.len() - 3]).unwrap();
        early.next_luma().unwrap();
        assert!(matches!(early.next_luma(), Err(Y4mError::Truncated(1))));
        let mut damaged = Y4m::new(&b"YUV4MPEG2 W2 H2 Cmono\nFRAM\n1234"[..]).unwrap();
        assert!(matches!(damaged.next_luma(), Err(Y4mError::Damaged(0))));
    }

    #[test]
    fn files_are_told_by_their_first_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let (yes, no) = (dir.path().join("clip.bin"), dir.path().join("clip.y4m"));
        std::fs::write(&yes, video("W2 H2 Cmono", &[])).unwrap();
        std::fs::write(&no, b"YUV4").unwrap();
        assert!(is_y4m(&yes) && !is_y4m(&no) && !is_y4m(dir.path()));
        assert_eq!(Y4m::open(&yes).unwrap().size(), (2, 2));
    }
}
