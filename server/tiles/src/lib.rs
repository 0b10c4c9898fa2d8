//! Sends of a camera's picture only what changed, losslessly: cuts baseline JPEGs between their coefficients.
//!
//! - [`Scanner`] goes once over a picture's entropy code. It gives the brightness that detectors work on, equal to
//!   libjpeg-turbo's scaled decoding, and keeps an index of where each MCU's bits are.
//! - [`Scanned::cut`] puts rectangles of the picture on one small JPEG, a [`Sheet`], by copying their bits.
//! - [`TileStream`] decides frame by frame which rectangles a camera's viewers need, and [`Follower`] whether a viewer
//!   can use them or needs the whole picture.
//!
//! Only the kind of JPEG that cameras send is understood: sequential Huffman coding of 8 bits in one scan, grey or YCbCr
//! with colour as fine as brightness or half as fine each way (4:4:4, 4:2:2, 4:4:0, 4:2:0), with or without restart
//! markers, with or without Huffman tables. For everything else [`ScanError`] says why not, and the caller takes a full
//! decoder and sends whole pictures.
//!
//! Pictures that come as pixels need no JPEG for that: [`Means`] tell a stream what one would say of their blocks, and an
//! encoder, which is not here, codes only the rectangles that viewers need, laid out with [`lay_out`].
//!
//! # What a viewer does with tiles
//!
//! It keeps a canvas and the sequence number of the frame that it shows. A whole picture replaces the canvas. Tiles are
//! laid on it if their [`base`](Tiles::base) is the frame shown; else the viewer has missed one and needs a whole picture.
//! To lay them, it decodes start of image, head and body as one JPEG and copies each [`Place`] from where it lies on the
//! sheet to where it belongs; both are counted in MCUs, whose size is the picture's ([`Shape`]), and the last column and
//! row of the picture's MCUs may stick out of it. The head is sent when it changes and to who has none.
//!
//! Brightness is then the camera's in every bit. So are the coefficients of colour; but where colour is coarser than
//! brightness, decoders make it finer with the neighbouring pixels (libjpeg's "fancy upsampling"), and at a rectangle's
//! edge these are the sheet's, not the picture's. That reaches one pixel inwards, and there a quarter of the colour
//! difference to the neighbour. The edges lie in what did not move.
//!
//! Nothing here knows sockets, threads or clocks.

mod error;
mod header;
mod scan;
mod sheet;
mod standard;
mod stream;
mod tables;

pub use error::{ScanError, Unsupported};
pub use header::Shape;
pub use scan::{Luma, Scale, Scanned, Scanner};
pub use sheet::{CutError, Cutter, Layout, Place, Rect, Sheet, lay_out};
pub use standard::STANDARD_TABLES;
pub use stream::{CELL, Follower, Give, Means, Region, Step, TileStream, Tiles};
