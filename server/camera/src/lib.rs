//! rtm2's picture sources: cameras of the kernel, files, network streams and the demo scene, each under a supervisor that
//! opens, watches and reopens it. Every source gives whole JPEGs with their capture time.
//!
//! Nothing here detects, stores or serves, and nothing needs an async runtime: sources block, on threads of their own.

mod address;
mod camera;
mod clock;
mod demo;
mod file;
mod http;
mod image;
pub mod jpeg;
mod pace;
mod probe;
mod source;
mod supervisor;

pub use address::{SourceUrl, SourceUrlError};
pub use file::{Y4m, Y4mError, is_y4m};
pub use image::{Image, RawImage};
pub use probe::{Device, Format, ProbeError, first_camera, probe, table};
pub use source::{Picture, Source, SourceError, Wanted, open};
pub use supervisor::{Counts, Opener, Sink, Supervisor, Timing};
