//! Making one clip: pictures out of the store, through ffmpeg, into a file.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rtm2_app::{FrameInfo, Timestamp};
use rtm2_store::Store;
use tempfile::TempPath;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

use super::Wanted;
use crate::clip::{LAST_US, LONGEST_US, fitting, matroska};

/// Frames looked up at a time.
const PAGE: usize = 500;
/// Frames that a clip may have: ten minutes at 30 a second, with what is around them.
pub(super) const MOST_FRAMES: usize = 20_000;
/// Bytes that a clip may have.
pub(super) const MOST_BYTES: u64 = 256 << 20;
/// Longest time that making one may take.
const LIMIT: Duration = Duration::from_mins(10);
/// Most of what ffmpeg says that is kept for the log, in bytes.
const SAID: u64 = 2_000;

/// Why there is no clip. Cloned for everybody who waits for it.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum ClipError {
    #[error(
        "clips are made by ffmpeg, which this server cannot start ({0}): install the package ffmpeg there, or take the \
         pictures as motion JPEG (`frames.mjpeg`)"
    )]
    NoFfmpeg(Arc<std::io::Error>),
    #[error("no frame is stored in that time")]
    Empty,
    #[error("a clip has at most {MOST_FRAMES} frames and {} MiB; ask for a shorter time", MOST_BYTES >> 20)]
    TooLong,
    #[error("ffmpeg could not make the clip, see the server's log; the pictures themselves are at `frames.mjpeg`")]
    Failed,
    #[error("there is no room for a clip on the server, see its log")]
    NoRoom,
    #[error("the recordings could not be read, see the server's log")]
    Store,
    #[error("the server is stopping, try again in a moment")]
    Stopping,
}

/// Where and with what clips are made.
#[derive(Clone, Debug)]
pub(super) struct Workshop {
    pub(super) store: Arc<Store>,
    pub(super) ffmpeg: PathBuf,
}

/// Makes a clip. Dropping the future ends ffmpeg and reading.
pub(super) async fn make(workshop: Workshop, wanted: Wanted) -> Result<TempPath, ClipError> {
    let (pieces, mut queue) = mpsc::channel(2);
    let (store, from_store) = (Arc::clone(&workshop.store), wanted.clone());
    let feeding = tokio::task::spawn_blocking(move || feed(&store, &from_store, &pieces));
    // The size of the first picture is known only once there is one.
    let Some(Piece::Head { size, bytes }) = queue.recv().await else {
        return Err(feeding.await.map_err(|_| ClipError::Stopping)?.err().unwrap_or(ClipError::Empty));
    };
    let file =
        tempfile::Builder::new().prefix("rtm2-clip-").suffix(&format!(".{}", wanted.clip.extension())).tempfile();
    let path = file.map_err(|error| no_room(&error))?.into_temp_path();
    let mut child = start(&workshop.ffmpeg, &wanted, size, &path)?;
    let stdin = child.stdin.take();
    let said = child.stderr.take();
    let work = async { tokio::join!(write(stdin, bytes, &mut queue), hear(said), child.wait()) };
    let Ok(((), said, status)) = tokio::time::timeout(LIMIT, work).await else { return Err(ClipError::TooLong) };
    queue.close();
    while queue.try_recv().is_ok() {}
    let fed = feeding.await.map_err(|_| ClipError::Stopping)?;
    if !status.is_ok_and(|status| status.success()) {
        tracing::warn!("ffmpeg could not make a clip: {}", said.trim());
        return Err(ClipError::Failed);
    }
    fed?;
    let bytes = std::fs::metadata(&path).map_err(|error| no_room(&error))?.len();
    // ffmpeg stops quietly when it may not write more.
    if bytes >= MOST_BYTES { Err(ClipError::TooLong) } else { Ok(path) }
}

fn no_room(error: &std::io::Error) -> ClipError {
    tracing::error!("a clip cannot be written: {error}");
    ClipError::NoRoom
}

fn start(ffmpeg: &Path, wanted: &Wanted, size: (u16, u16), path: &Path) -> Result<Child, ClipError> {
    let mut file = std::ffi::OsString::from("file:");
    file.push(path);
    Command::new(ffmpeg)
        .args(["-nostdin", "-v", "error", "-y", "-f", "matroska", "-i", "pipe:0"])
        // Detection goes first: one processor is enough.
        .args(["-vf", &fitting(size), "-fps_mode", "vfr", "-an", "-threads", "1"])
        .args(wanted.clip.arguments())
        .args(["-fs", &MOST_BYTES.to_string()])
        .arg(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| ClipError::NoFfmpeg(Arc::new(error)))
}

/// What goes into ffmpeg.
enum Piece {
    /// The beginning, and the size of the first picture.
    Head { size: (u16, u16), bytes: Vec<u8> },
    /// The rest.
    Body(Bytes),
}

async fn write(stdin: Option<ChildStdin>, head: Vec<u8>, queue: &mut mpsc::Receiver<Piece>) {
    let Some(mut stdin) = stdin else { return };
    let mut next = Some(Bytes::from(head));
    while let Some(bytes) = next {
        // Broken only when ffmpeg has ended, and then it says why.
        if stdin.write_all(&bytes).await.is_err() {
            break;
        }
        next = match queue.recv().await {
            Some(Piece::Body(bytes)) => Some(bytes),
            _ => None,
        };
    }
    // Lets the thread that reads go on to its end.
    queue.close();
}

/// The beginning of what ffmpeg says; the rest is read too, so that it is never held up by it.
async fn hear(said: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut said) = said else { return String::new() };
    let mut kept = Vec::new();
    let _ = (&mut said).take(SAID).read_to_end(&mut kept).await;
    let _ = tokio::io::copy(&mut said, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&kept).into_owned()
}

/// Reads pictures and hands them on with their times, until they end or nobody takes them any more.
fn feed(store: &Store, wanted: &Wanted, pieces: &mpsc::Sender<Piece>) -> Result<(), ClipError> {
    let mut from = wanted.from;
    let (mut at_us, mut count) = (0_i64, 0_usize);
    let mut before: Option<(Timestamp, Bytes)> = None;
    loop {
        let page = store.frames(wanted.camera, from, wanted.to, PAGE).map_err(|error| unread(&error))?;
        for info in &page {
            let Some(jpeg) = picture(store, info)? else { continue };
            let size = (info.width, info.height);
            match &before {
                None => {
                    let bytes = matroska::head(size.0, size.1);
                    if pieces.blocking_send(Piece::Head { size, bytes }).is_err() {
                        return Ok(());
                    }
                }
                Some((last, _)) => at_us += (info.at.0 - last.0).clamp(1, LONGEST_US),
            }
            count += 1;
            if count > MOST_FRAMES {
                return Err(ClipError::TooLong);
            }
            if !hand_on(pieces, at_us, &jpeg) {
                return Ok(());
            }
            before = Some((info.at, jpeg));
        }
        match page.last() {
            Some(last) if page.len() == PAGE => from = Timestamp(last.at.0.saturating_add(1)),
            _ => break,
        }
    }
    // Once more, so that the last one is on the screen for a moment too.
    if let Some((_, jpeg)) = before {
        hand_on(pieces, at_us + LAST_US, &jpeg);
    }
    Ok(())
}

fn hand_on(pieces: &mpsc::Sender<Piece>, at_us: i64, jpeg: &[u8]) -> bool {
    let bytes = matroska::picture(at_us.unsigned_abs(), jpeg);
    pieces.blocking_send(Piece::Body(bytes.into())).is_ok()
}

/// A frame's picture; `None` for one that retention took meanwhile, or that is damaged.
fn picture(store: &Store, info: &FrameInfo) -> Result<Option<Bytes>, ClipError> {
    match store.frame(info.camera, info.at) {
        Ok(frame) => Ok(frame.map(|frame| frame.jpeg)),
        Err(error @ rtm2_store::Error::Damaged { .. }) => {
            tracing::warn!("left out of a clip: {error}");
            Ok(None)
        }
        Err(error) => Err(unread(&error)),
    }
}

fn unread(error: &rtm2_store::Error) -> ClipError {
    tracing::error!("a clip ended early: {error}");
    ClipError::Store
}
