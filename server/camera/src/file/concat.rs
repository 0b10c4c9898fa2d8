//! A file of concatenated JPEGs, as rtm2's own segments and `.mjpeg` files are; a single JPEG is the shortest.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::reader::{PictureReader, Piece};
use super::unreadable;
use crate::address::Ending;
use crate::jpeg::Limits;
use crate::pace::Pace;
use crate::source::{Picture, Source, SourceError};

pub(super) struct Concatenated {
    path: PathBuf,
    reader: PictureReader<File>,
    ending: Ending,
    pace: Pace,
    good: u64,
}

impl Concatenated {
    pub(super) fn open(path: &Path, ending: Ending, pace: Pace) -> Result<Self, SourceError> {
        Ok(Self { path: path.to_owned(), reader: reader(path)?, ending, pace, good: 0 })
    }
}

fn reader(path: &Path) -> Result<PictureReader<File>, SourceError> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    Ok(PictureReader::new(file, Limits::default()))
}

impl Source for Concatenated {
    fn next(&mut self) -> Result<Picture, SourceError> {
        loop {
            match self.reader.next().map_err(|error| unreadable(&self.path, &error))? {
                Piece::Picture(jpeg, header) => {
                    self.good += 1;
                    return Ok(Picture::inspected(jpeg, &header, self.pace.wait()));
                }
                Piece::Bad(error) => {
                    self.pace.skip();
                    return Err(error.into());
                }
                Piece::End if self.good == 0 => {
                    let reason = format!("{} holds no JPEG that can be used", self.path.display());
                    return Err(SourceError::Lost(reason));
                }
                Piece::End if self.ending == Ending::Stop => return Err(SourceError::Ended),
                Piece::End => {
                    self.good = 0;
                    self.reader = reader(&self.path)?;
                }
            }
        }
    }

    fn describe(&self) -> String {
        format!("concatenated JPEGs at {} fps", self.pace.rate().per_second())
    }
}
