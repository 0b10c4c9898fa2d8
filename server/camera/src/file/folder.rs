//! A folder of pictures in the order of their names. JPEGs pass through byte for byte, PNGs are encoded once.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use image::ImageReader;

use super::{has_ending, natural, unreadable};
use crate::address::Ending;
use crate::jpeg::{Encoder, Layout, Limits, Range, Raw};
use crate::pace::Pace;
use crate::source::{Picture, Source, SourceError};

pub(super) struct Folder {
    files: Vec<PathBuf>,
    at: usize,
    ending: Ending,
    pace: Pace,
    encoder: Encoder,
    limits: Limits,
}

impl Folder {
    pub(super) fn open(path: &Path, ending: Ending, pace: Pace, quality: u8) -> Result<Self, SourceError> {
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
            let file = entry.map_err(|error| unreadable(path, &error))?.path();
            if has_ending(&file, &["jpg", "jpeg", "png"]) && file.is_file() {
                files.push(file);
            }
        }
        if files.is_empty() {
            let reason = format!("the folder {} holds no pictures: .jpg, .jpeg and .png are read", path.display());
            return Err(SourceError::Lost(reason));
        }
        files.sort_by(|a, b| natural::compare(a.as_os_str(), b.as_os_str()));
        Self::of(files, ending, pace, quality)
    }

    pub(super) fn single(path: &Path, ending: Ending, pace: Pace, quality: u8) -> Result<Self, SourceError> {
        Self::of(vec![path.to_owned()], ending, pace, quality)
    }

    fn of(files: Vec<PathBuf>, ending: Ending, pace: Pace, quality: u8) -> Result<Self, SourceError> {
        let encoder = Encoder::new(quality).map_err(|error| SourceError::Lost(error.to_string()))?;
        Ok(Self { files, at: 0, ending, pace, encoder, limits: Limits::default() })
    }

    /// Reads the file as a JPEG, whatever its name says it is.
    fn jpeg(&mut self, path: &Path) -> Result<Bytes, String> {
        let file = fs::File::open(path).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        let most = self.limits.bytes as u64 + 1;
        file.take(most).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 == most {
            return Err(format!("it is larger than {} bytes", self.limits.bytes));
        }
        if bytes.starts_with(&[0xff, 0xd8]) { Ok(bytes.into()) } else { self.encode(&bytes) }
    }

    fn encode(&mut self, bytes: &[u8]) -> Result<Bytes, String> {
        let mut reader =
            ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(u32::from(self.limits.width));
        limits.max_image_height = Some(u32::from(self.limits.height));
        reader.limits(limits);
        let pixels = reader.decode().map_err(|error| error.to_string())?.into_rgb8();
        // Within the limits set above.
        let (width, height) = (pixels.width() as u16, pixels.height() as u16);
        let raw = Raw { data: pixels.as_raw(), width, height, stride: 0, layout: Layout::Rgb, range: Range::Full };
        self.encoder.encode(&raw).map_err(|error| error.to_string())
    }
}

impl Source for Folder {
    fn next(&mut self) -> Result<Picture, SourceError> {
        if self.at == self.files.len() {
            if self.ending == Ending::Stop {
                return Err(SourceError::Ended);
            }
            self.at = 0;
        }
        let path = self.files[self.at].clone();
        self.at += 1;
        let bad = |reason: String| SourceError::Bad(format!("{}: {reason}", path.display()));
        let picture = self.jpeg(&path).and_then(|jpeg| {
            Picture::from_jpeg(jpeg, rtm2_app::Timestamp(0), &self.limits).map_err(|error| error.to_string())
        });
        match picture {
            Ok(picture) => Ok(Picture { at: self.pace.wait(), ..picture }),
            Err(reason) => {
                self.pace.skip();
                Err(bad(reason))
            }
        }
    }

    fn describe(&self) -> String {
        format!("{} pictures at {} fps", self.files.len(), self.pace.rate().per_second())
    }
}
