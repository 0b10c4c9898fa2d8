//! What a camera makes of what it sees.

pub(crate) mod exposure;
pub(crate) mod look;
pub(crate) mod noise;
pub(crate) mod shake;
