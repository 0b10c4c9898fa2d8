//! rtm2: a motion monitor that speaks only when something moves. This library is everything but `main`.

pub mod alerting;
pub mod auth;
pub mod clip;
pub mod cmds;
pub mod config;
#[cfg(feature = "onnx")]
pub mod objects;
pub mod pipeline;
pub mod web;
