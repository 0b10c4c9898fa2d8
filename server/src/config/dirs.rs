//! Where files are looked for and kept: systemd's directories first, then the user's.

use std::env;
use std::path::PathBuf;

use etcetera::BaseStrategy as _;

use super::ConfigError;

/// Where data is kept: `$STATE_DIRECTORY` (systemd), else `$XDG_STATE_HOME/rtm2` or the platform's like.
pub fn state_dir() -> Result<PathBuf, ConfigError> {
    if let Some(dir) = systemd_dir("STATE_DIRECTORY") {
        return Ok(dir);
    }
    let base = etcetera::choose_base_strategy().map_err(|_| ConfigError::NoHome)?;
    Ok(base.state_dir().unwrap_or_else(|| base.data_dir()).join("rtm2"))
}

/// Where a configuration file is looked for when none is named, best first.
pub fn config_file_candidates() -> Vec<PathBuf> {
    let mut candidates = Vec::new();
    candidates.extend(systemd_dir("CONFIGURATION_DIRECTORY").map(|dir| dir.join("config.toml")));
    if let Ok(base) = etcetera::choose_base_strategy() {
        candidates.push(base.config_dir().join("rtm2").join("config.toml"));
    }
    candidates.push(PathBuf::from("/etc/rtm2/config.toml"));
    candidates
}

/// A directory that systemd hands over; of several, separated by colons, the first.
fn systemd_dir(name: &str) -> Option<PathBuf> {
    let value = env::var(name).ok()?;
    value.split(':').next().filter(|dir| !dir.is_empty()).map(PathBuf::from)
}
