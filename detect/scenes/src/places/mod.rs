//! Where scenes take place: pictures that are painted once.

pub(crate) mod clouds;
pub(crate) mod daylight;
pub(crate) mod evening;
pub(crate) mod furniture;
pub(crate) mod room;
pub(crate) mod tree;
pub(crate) mod yard;
