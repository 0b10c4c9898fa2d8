//! Files that only their owner may read: written whole or not at all.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::TlsError;

/// Read and write for the owner, nothing for anybody else.
const OWNER_ONLY: u32 = 0o600;

/// What anybody else may do with a file.
const OTHERS: u32 = 0o077;

/// Makes a directory for its owner alone.
pub(crate) fn make_dir(dir: &Path) -> Result<(), TlsError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(TlsError::io(dir))
}

/// Writes a file for its owner alone: beside, then renamed, so that a power cut leaves the old one or the new one.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), TlsError> {
    let beside = path.with_extension("new");
    let written = || {
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&beside)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().map_err(TlsError::io(path))
}

/// Takes away what others may do with a secret, if anything; says so.
pub(crate) fn guard(path: &Path) -> Result<(), TlsError> {
    let mode = fs::metadata(path).map_err(TlsError::io(path))?.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY)).map_err(TlsError::io(path))?;
    tracing::warn!("{} could be read by others: now only by its owner", path.display());
    Ok(())
}
