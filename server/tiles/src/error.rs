//! Why a picture cannot be read here, so that the caller takes the slower way.

/// Why a JPEG was not scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The bytes do not begin with a start-of-image marker.
    #[error("not a JPEG: it does not begin with a start-of-image marker")]
    NotJpeg,
    /// The bytes end before the picture does.
    #[error("the JPEG is cut short")]
    Truncated,
    /// The structure or the entropy code is broken.
    #[error("the JPEG is damaged: {0}")]
    Damaged(&'static str),
    /// A sound JPEG of another kind than cameras send: a full decoder may read it.
    #[error("this kind of JPEG is not scanned: {0}")]
    Unsupported(#[from] Unsupported),
    /// The caller has no use for pictures of its size.
    #[error("no brightness is wanted of a picture of this size")]
    Unwanted,
}

/// Kinds of JPEG that are left to a full decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// Coefficients come in several refinements.
    #[error("progressive coding")]
    Progressive,
    /// Arithmetic instead of Huffman coding.
    #[error("arithmetic coding")]
    Arithmetic,
    /// Lossless or hierarchical coding.
    #[error("lossless or hierarchical coding")]
    OtherCoding,
    /// Not 8 bits for each sample.
    #[error("not 8 bits per sample")]
    Precision,
    /// Neither one component nor three.
    #[error("not grey or three colour components")]
    Components,
    /// Colour that is not at most half as fine as brightness.
    #[error("unusual sampling factors")]
    Sampling,
    /// Not brightness and two colour differences.
    #[error("a colour space other than YCbCr")]
    ColourSpace,
    /// One scan for each component, or parts of them.
    #[error("more than one scan")]
    SeveralScans,
    /// The height comes after the picture.
    #[error("a height that is told after the picture")]
    LateHeight,
    /// Huffman symbols that 8-bit baseline coding does not need.
    #[error("Huffman symbols of another precision")]
    Symbols,
}
