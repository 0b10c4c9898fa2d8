//! Where the log goes and how it looks. It never holds a password, a cookie or a token.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use super::{Failure, Global};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: time, level, message.
    Pretty,
    /// One JSON object per line.
    Json,
    /// For the journal, which adds the time itself.
    Systemd,
}

/// Starts logging to standard error.
pub(super) fn init(global: &Global) -> Result<(), Failure> {
    let filter = match global.log.clone().or_else(|| std::env::var("RUST_LOG").ok()) {
        Some(text) => EnvFilter::try_new(&text).map_err(|e| anyhow::anyhow!("--log `{text}` is not a filter: {e}"))?,
        None => EnvFilter::new("info"),
    };
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        // Whoever read the log may be gone. To say that on standard error would panic in whatever thread logs.
        .log_internal_errors(false);
    match global.log_format {
        Format::Pretty => builder.with_target(false).init(),
        Format::Json => builder.json().init(),
        Format::Systemd => builder.without_time().with_ansi(false).with_target(false).init(),
    }
    Ok(())
}
