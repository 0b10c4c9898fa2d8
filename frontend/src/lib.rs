//! rtm2's page: a client-rendered Leptos app.
//!
//! `app` holds what every page shares, `route` which page the address asks for, `session` who is logged in, `live` the socket and the
//! painting of pictures, `alarm` what rings, `pwa` the installed app, `pages` one module per address, `rest` what of them is loaded later, `components` what they share, and `sys` everything that a
//! browser may lack. Pictures never go through signals: they are painted as they come.

pub mod alarm;
pub mod app;
pub mod chart;
pub mod components;
pub mod http;
pub mod live;
pub mod pages;
pub mod pwa;
pub mod rest;
pub mod route;
pub mod session;
pub mod sys;

/// Starts the page.
pub fn run() {
    sys::crash::install();
    leptos::mount::mount_to_body(app::App);
    sys::crash::loaded();
}
