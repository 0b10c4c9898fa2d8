//! Sends of a picture only what changed, losslessly: cuts a camera's baseline JPEG between its coefficients.
mod error;
mod header;
mod scan;
mod sheet;
mod standard;
mod tables;

pub use error::{ScanError, Unsupported};
pub use header::Shape;
pub use scan::{Luma, Scale, Scanned, Scanner};
pub use sheet::{CutError, Place, Rect, Sheet};
pub use standard::STANDARD_TABLES;
