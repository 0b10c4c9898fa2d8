//! One module per address.

pub mod alarm;
pub mod history;
pub mod live;
pub mod login;
pub mod not_found;
pub mod readiness;
pub mod settings;
pub mod setup;
