//! What moved, as a picture for each frame.

use std::fs;
use std::path::{Path, PathBuf};

use image::ExtendedColorType;

use super::super::Failure;
use crate::pipeline::detecting::Mask;

/// A folder of masks.
pub(super) struct Masks {
    folder: PathBuf,
}

impl Masks {
    /// Makes the folder.
    pub(super) fn create(folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|e| Failure::io(format!("cannot make {}", folder.display()), e))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Writes the mask of a frame at the size at which it was analysed: white where something moved.
    pub(super) fn write(&self, frame: u64, mask: Option<Mask<'_>>) -> Result<(), Failure> {
        let Some(Mask { width, height, data }) = mask else {
            return Err(anyhow::anyhow!("this detector does not tell which pixels moved: leave --masks out").into());
        };
        let white: Vec<u8> = data.iter().map(|&moved| if moved == 0 { 0 } else { 255 }).collect();
        let path = self.folder.join(format!("bin{frame:06}.png"));
        let saved = image::save_buffer(&path, &white, width.into(), height.into(), ExtendedColorType::L8);
        Ok(saved.map_err(|e| anyhow::anyhow!("cannot write {}: {e}", path.display()))?)
    }
}
