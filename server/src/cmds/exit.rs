//! Exit codes, and failures that carry one.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::config::ConfigError;

/// Shown at the end of `--help` and in the manual page.
pub(super) const HELP: &str = "\
Exit codes:
  0   all is well
  1   failure, or `check` found problems
  2   wrong usage
  74  input or output failed
  75  the camera, the port or the directory is busy; try again
  77  permission denied
  78  the configuration is wrong";

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Anything without a code of its own.
    Other(anyhow::Error),
    /// A result that was already printed: problems found, server not healthy.
    Found,
    /// Reading or writing failed.
    Io(String, io::Error),
    /// Something is in use by another.
    Busy(String),
    /// The configuration cannot be used.
    Config(ConfigError),
}

impl Failure {
    /// A failed read or write and what it was for. "In use" and "no permission" get their own codes.
    pub(super) fn io(what: impl Into<String>, error: io::Error) -> Self {
        let what = what.into();
        match error.kind() {
            io::ErrorKind::AddrInUse | io::ErrorKind::ResourceBusy => Self::Busy(format!("{what}: {error}")),
            _ => Self::Io(what, error),
        }
    }

    /// Whether everything has been said already.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self, Self::Found)
    }

    /// The process's exit code, after sysexits.h where it has one.
    pub(super) fn code(&self) -> ExitCode {
        match self {
            Self::Other(_) | Self::Found => 1.into(),
            Self::Io(_, error) if error.kind() == io::ErrorKind::PermissionDenied => 77.into(),
            Self::Io(..) => 74.into(),
            Self::Busy(_) => 75.into(),
            Self::Config(_) => 78.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(error) => write!(f, "{error:#}"),
            Self::Found => Ok(()),
            Self::Io(what, error) => write!(f, "{what}: {error}"),
            Self::Busy(message) => f.write_str(message),
            Self::Config(error) => error.fmt(f),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(failure: &Failure) -> String {
        format!("{:?}", failure.code())
    }

    #[test]
    fn failures_have_the_documented_codes() {
        let io = |kind: io::ErrorKind| Failure::io("x", kind.into());
        let expected = |n: u8| format!("{:?}", ExitCode::from(n));
        assert_eq!(code(&io(io::ErrorKind::AddrInUse)), expected(75));
        assert_eq!(code(&io(io::ErrorKind::PermissionDenied)), expected(77));
        assert_eq!(code(&io(io::ErrorKind::NotFound)), expected(74));
        assert_eq!(code(&Failure::Config(ConfigError::NoHome)), expected(78));
        assert_eq!(code(&Failure::Found), expected(1));
    }
}
