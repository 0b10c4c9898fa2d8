//! One process at a time: a lock on a file, which the system gives back when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};

use crate::Error;
use crate::error::At as _;
use crate::layout::Layout;

/// The lock; held until dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "closing the file gives the lock back")] File);

/// Takes the lock of a store or says who has it.
pub(crate) fn take(layout: &Layout) -> Result<Lock, Error> {
    let path = layout.lock();
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).at(&path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // The number is a courtesy: without it the message is still right.
            let _ = file.read_to_string(&mut text);
            return Err(Error::Locked { dir: layout.0.clone(), pid: text.trim().parse().ok() });
        }
        Err(TryLockError::Error(source)) => return Err(Error::Io { path, source }),
    }
    // Written for the message above only, so a full disk is no reason to refuse.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Lock(file))
}
