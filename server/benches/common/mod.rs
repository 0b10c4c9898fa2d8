//! What the benchmarks of the server share: an account, a viewer's socket, the process's costs, clips.
#![allow(dead_code, reason = "each benchmark uses its own part")]

pub(crate) mod clip;
pub(crate) mod costs;
pub(crate) mod viewer;
