//! Reads JPEGs one after the other out of anything that gives bytes.

use std::io::{self, Read};

use bytes::Bytes;

use crate::jpeg::{Header, JpegError, Limits, Splitter};

/// Bytes read at once where nothing else is said: more than most pictures have.
const PIECE: usize = 128 << 10;

/// A reader of JPEGs.
pub(crate) struct PictureReader<R> {
    reader: R,
    splitter: Splitter,
    scratch: Box<[u8]>,
}

/// What came.
pub(crate) enum Piece {
    Picture(Bytes, Header),
    Bad(JpegError),
    End,
}

impl<R: Read> PictureReader<R> {
    pub(crate) fn new(reader: R, limits: Limits) -> Self {
        Self::with_pieces(reader, limits, PIECE)
    }

    /// The same, reading so many bytes at once.
    pub(crate) fn with_pieces(reader: R, limits: Limits, bytes: usize) -> Self {
        Self { reader, splitter: Splitter::new(limits), scratch: vec![0; bytes].into_boxed_slice() }
    }

    /// The next picture; after [`Piece::End`] there is nothing more.
    pub(crate) fn next(&mut self) -> io::Result<Piece> {
        loop {
            if let Some(piece) = self.ready() {
                return Ok(piece);
            }
            if self.fill()? == 0 {
                return Ok(self.splitter.finish().map_or(Piece::End, Piece::Bad));
            }
        }
    }

    /// What has been read already and is whole.
    pub(crate) fn ready(&mut self) -> Option<Piece> {
        Some(match self.splitter.next_picture()? {
            Ok((jpeg, header)) => Piece::Picture(jpeg, header),
            Err(error) => Piece::Bad(error),
        })
    }

    /// Reads once; 0 at the end.
    pub(crate) fn fill(&mut self) -> io::Result<usize> {
        let n = loop {
            match self.reader.read(&mut self.scratch) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.splitter.push(&self.scratch[..n]);
        Ok(n)
    }

    /// Bytes since the last picture that belong to none.
    pub(crate) fn junk(&self) -> usize {
        self.splitter.junk()
    }
}
