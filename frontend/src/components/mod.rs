//! Parts that pages share.

pub mod alarm_controls;
pub mod banner;
pub mod brand;
pub mod camera_picker;
pub mod choice;
pub mod dialog;
pub mod field;
pub mod icon;
pub mod notify_me;
pub mod shell;
pub mod status_pill;
pub mod toast;
pub mod viewers;
