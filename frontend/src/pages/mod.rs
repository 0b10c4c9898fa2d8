//! One module per address.

pub mod history;
pub mod live;
pub mod login;
pub mod not_found;
pub mod settings;
pub mod setup;
