//! Faults one after the other, many times each: `cargo xtask test --faults` runs the long rounds and shows a row for
//! each, the usual tests run short ones. A row's last number is how many frames were lost that had to be there.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failure here is a failed test; rows are printed")]

mod common;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{ALL, SECOND, TINY, append, copy_dir, killed, open, open_small, picture, segments, times, try_append};
use rtm2_app::{CameraId, Timestamp};
use rtm2_store::{Error, MIN_BUDGET, Mark, Mode, Options, Store, check};

const CAMERA: CameraId = CameraId(0);

/// What `cargo xtask test --faults` looks for.
fn row(fault: &str, times: usize, lost: usize) {
    println!("fault | {fault} | {times} | {lost}");
    assert_eq!(lost, 0, "{fault}");
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }
}

fn sound(dir: &Path) {
    let report = check(dir, Mode::Report).unwrap();
    assert!(report.is_sound(), "{report:?}");
}

fn held(store: &Store) -> BTreeSet<i64> {
    store.frames(CAMERA, ALL.0, ALL.1, usize::MAX).unwrap().iter().map(|frame| frame.at.0).collect()
}

/// The budget under which segments are thinned all the time.
fn tight(dir: &Path) -> Store {
    let options = Options { budget_bytes: MIN_BUDGET, segment_bytes: 300_000, ..Options::directory(dir) };
    Store::open(options).unwrap()
}

/// Not a test: what the next one kills. Stores events of ten frames within a tight budget, so that it thins all the
/// time, pins every fiftieth event, and says so.
#[test]
#[ignore = "runs as the child of the tests below"]
fn child_that_thins_until_killed() {
    let Ok(dir) = std::env::var("RTM2_STORE_CHILD") else { return };
    let store = tight(Path::new(&dir));
    let from = store.extent(CAMERA).unwrap().map_or(0, |(_, last)| last.0 / SECOND / 60 + 1);
    let mut out = std::io::stdout();
    for event in from..from + 1_000_000 {
        let at = |frame: i64| event * 60 * SECOND + frame * SECOND / 5;
        for frame in 0..10 {
            try_append(&store, 0, at(frame), 0, &picture(20_000)).unwrap();
            writeln!(out, "stored {}", at(frame)).unwrap();
        }
        let pin = Mark { pinned: Some(true), ..Mark::default() };
        if event % 50 == 7 && store.mark(CAMERA, Timestamp(at(0)), &pin).is_ok() {
            writeln!(out, "pinned {}", at(0)).unwrap();
        }
    }
}

/// Kills a process that thins; answers the frames lost that had to be there: of pinned events, and the newest.
fn killed_while_thinning(rounds: usize) -> usize {
    let dir = tempfile::tempdir().unwrap();
    drop(tight(dir.path()));
    let (mut dice, mut lost, mut pinned) = (Dice(7), 0, BTreeSet::new());
    for _ in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_thins_until_killed", "--ignored", "--nocapture"])
            .env("RTM2_STORE_CHILD", dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut newest, mut stored, enough) = (None, 0, 100 + dice.roll(500));
        for line in lines.map_while(Result::ok) {
            let number = |word: &str| line.split(word).nth(1)?.trim().parse::<i64>().ok();
            newest = number("stored ").or(newest);
            pinned.extend(number("pinned "));
            stored += 1;
            // What it still says before it dies counts too.
            if stored == enough {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let store = tight(dir.path());
        let held = held(&store);
        lost += newest.iter().filter(|at| !held.contains(at)).count();
        let frames = pinned.iter().flat_map(|start| (0..10).map(move |frame| start + frame * SECOND / 5));
        lost += frames.filter(|at| !held.contains(at)).count();
        for at in &held {
            assert!(store.frame(CAMERA, Timestamp(*at)).unwrap().is_some());
        }
        drop(store);
        sound(dir.path());
    }
    lost
}

#[test]
fn a_kill_while_segments_are_thinned_loses_nothing_that_must_stay() {
    assert_eq!(killed_while_thinning(3), 0);
}

#[test]
#[ignore = "long: `cargo xtask test --faults` runs it"]
fn fault_killed_while_thinning() {
    row("kill -9 of a process that thins", 100, killed_while_thinning(100));
}

/// A store killed after three frames, where the last of them begins and ends in its segment.
fn after_three() -> (tempfile::TempDir, std::ops::Range<usize>) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    append(&store, 0, 10, TINY + 1);
    append(&store, 0, 20, TINY);
    let begin = fs::metadata(&segments(dir.path())[0]).unwrap().len() as usize;
    append(&store, 0, 30, TINY + 3);
    let after = killed(dir.path());
    let end = fs::metadata(&segments(after.path())[0]).unwrap().len() as usize;
    (after, begin..end)
}

/// Tears the last frame at each `step`th byte: what follows is zeros, or what lay on the disk before.
fn torn_writes(step: usize) -> (usize, usize) {
    let (whole, last) = after_three();
    let (mut done, mut lost) = (0, 0);
    for cut in last.clone().step_by(step) {
        for rest in [0, 0xA5] {
            let dir = tempfile::tempdir().unwrap();
            copy_dir(whole.path(), dir.path());
            let path = segments(dir.path()).remove(0);
            let mut bytes = fs::read(&path).unwrap();
            bytes[cut..].fill(rest);
            fs::write(&path, bytes).unwrap();
            let store = open(dir.path());
            lost += usize::from(times(&store, 0) != [10, 20]);
            append(&store, 0, 40, TINY + 2);
            assert_eq!(times(&store, 0), [10, 20, 40]);
            drop(store);
            sound(dir.path());
            done += 1;
        }
    }
    (done, lost)
}

#[test]
fn a_torn_write_costs_only_itself() {
    assert_eq!(torn_writes(23).1, 0);
}

#[test]
#[ignore = "long: `cargo xtask test --faults` runs it"]
fn fault_torn_writes() {
    let (done, lost) = torn_writes(1);
    row("power cut: last write torn, at every byte", done, lost);
}

/// Cuts the index's journal off at each `step`th byte, or garbles it from there on.
fn torn_journals(step: usize) -> (usize, usize) {
    let (whole, _) = after_three();
    let journal = fs::read(whole.path().join("index.sqlite-wal")).unwrap();
    let (mut done, mut lost) = (0, 0);
    for cut in (0..journal.len()).step_by(step) {
        for garbage in [&[][..], &[0x5A; 4096]] {
            let dir = tempfile::tempdir().unwrap();
            copy_dir(whole.path(), dir.path());
            let torn = [&journal[..cut], &garbage[..garbage.len().min(journal.len() - cut)]].concat();
            fs::write(dir.path().join("index.sqlite-wal"), torn).unwrap();
            let store = open(dir.path());
            lost += usize::from(times(&store, 0) != [10, 20, 30]);
            drop(store);
            sound(dir.path());
            done += 1;
        }
    }
    (done, lost)
}

#[test]
fn a_torn_journal_costs_nothing() {
    assert_eq!(torn_journals(9_973).1, 0);
}

#[test]
#[ignore = "long: `cargo xtask test --faults` runs it"]
fn fault_torn_journals() {
    let (done, lost) = torn_journals(127);
    row("power cut: journal of the index torn", done, lost);
}

/// A closed store of many small segments.
fn many() -> (tempfile::TempDir, BTreeSet<i64>) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_small(dir.path());
    for i in 0..60 {
        append(&store, 0, i * SECOND, i as u8);
    }
    let all = held(&store);
    drop(store);
    (dir, all)
}

/// The frames in a segment: those from its name's time up to the next one's.
fn frames_of(files: &[PathBuf], victim: usize, all: &BTreeSet<i64>) -> BTreeSet<i64> {
    let start = |i: usize| files.get(i).map(|f| f.file_stem().unwrap().to_str().unwrap().parse::<i64>().unwrap());
    all.range(start(victim).unwrap()..start(victim + 1).unwrap_or(i64::MAX)).copied().collect()
}

/// Does harm to a directory; answers the place of the segment that was hit, if one was.
type Harm = fn(&Path, &mut Dice) -> Option<usize>;

/// Deletes a segment, flips a bit in one, or takes the index away; answers frames lost beyond those that were hit.
fn hurt(rounds: usize, harm: Harm) -> usize {
    let (whole, all) = many();
    let (mut dice, mut lost) = (Dice(11), 0);
    for _ in 0..rounds {
        let dir = tempfile::tempdir().unwrap();
        copy_dir(whole.path(), dir.path());
        let files = segments(dir.path());
        let touched = harm(dir.path(), &mut dice).map(|victim| frames_of(&files, victim, &all)).unwrap_or_default();
        assert!(!check(dir.path(), Mode::Report).unwrap().is_sound(), "the harm is told");
        let report = check(dir.path(), Mode::Repair).unwrap();
        assert!(report.is_sound(), "{report:?}");
        let store = open_small(dir.path());
        let left = held(&store);
        lost += all.difference(&left).filter(|at| !touched.contains(at)).count();
        assert_eq!(times(&store, 0).len(), left.len(), "and what is left is whole");
    }
    lost
}

#[expect(clippy::unnecessary_wraps, reason = "one of several kinds of harm")]
fn deleted(dir: &Path, dice: &mut Dice) -> Option<usize> {
    let files = segments(dir);
    let victim = dice.roll(files.len());
    fs::remove_file(&files[victim]).unwrap();
    Some(victim)
}

#[expect(clippy::unnecessary_wraps, reason = "one of several kinds of harm")]
fn flipped(dir: &Path, dice: &mut Dice) -> Option<usize> {
    let files = segments(dir);
    let victim = dice.roll(files.len());
    let mut bytes = fs::read(&files[victim]).unwrap();
    let bit = dice.roll(bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    fs::write(&files[victim], bytes).unwrap();
    Some(victim)
}

fn no_index(dir: &Path, _: &mut Dice) -> Option<usize> {
    fs::remove_file(dir.join("index.sqlite")).unwrap();
    None
}

#[test]
fn harm_is_told_isolated_and_mended() {
    assert_eq!(hurt(2, deleted) + hurt(3, flipped) + hurt(1, no_index), 0);
}

#[test]
#[ignore = "long: `cargo xtask test --faults` runs it"]
fn fault_segment_deleted() {
    row("segment deleted", 100, hurt(100, deleted));
}

#[test]
#[ignore = "long: `cargo xtask test --faults` runs it"]
fn fault_bit_flipped() {
    row("bit flipped in a segment", 300, hurt(300, flipped));
}

#[test]
#[ignore = "long: `cargo xtask test --faults` runs it"]
fn fault_index_lost() {
    row("index lost, built from the segments", 100, hurt(100, no_index));
}

/// A small file system of its own, or a word why there is none: mounting wants rights.
struct Volume(tempfile::TempDir);

impl Volume {
    fn mount(mebibytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={mebibytes}m");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir.path()).output();
        if mount.as_ref().is_ok_and(|output| output.status.success()) {
            return Some(Self(dir));
        }
        println!("skipped: no small file system can be mounted here (needs the rights of root)");
        None
    }

    fn remount(&self, how: &str) -> bool {
        let options = format!("remount,{how}");
        Command::new("mount").args(["-o", &options]).arg(self.0.path()).status().is_ok_and(|status| status.success())
    }

    fn dir(&self) -> PathBuf {
        self.0.path().join("frames")
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

/// Fills a file system of 12 MiB several times over; answers how often the newest frame was not there.
fn full_disk(frames: i64) -> Option<usize> {
    let volume = Volume::mount(12)?;
    let mut lost = 0;
    let store = Store::open(Options { segment_bytes: 500_000, ..Options::directory(volume.dir()) }).unwrap();
    for i in 0..frames {
        let at = i / 10 * 60 * SECOND + i % 10 * SECOND / 5;
        try_append(&store, 0, at, 0, &picture(50_000)).unwrap();
        lost += usize::from(store.frame(CAMERA, Timestamp(at)).unwrap().is_none());
    }
    // Somebody else takes what room there is, and more: then frames are refused, and taken again afterwards.
    let before = held(&store);
    let hog = volume.0.path().join("hog");
    let mut file = fs::File::create(&hog).unwrap();
    let chunk = vec![0; 65_536];
    while file.write_all(&chunk).is_ok() {}
    let (mut at, mut refused) = (frames * 60 * SECOND, 0);
    while refused < 3 {
        at += 60 * SECOND;
        match try_append(&store, 0, at, 0, &picture(50_000)) {
            Ok(_) => while file.write_all(&chunk).is_ok() {},
            Err(error) => {
                assert!(matches!(error, Error::Full), "{error}");
                refused += 1;
            }
        }
    }
    drop(file);
    fs::remove_file(hog).unwrap();
    let appended = try_append(&store, 0, at + SECOND, 0, &picture(50_000)).unwrap();
    lost += usize::from(store.frame(CAMERA, appended.at).unwrap().is_none());
    assert!(before.len() > 20);
    drop(store);
    sound(&volume.dir());
    Some(lost)
}

#[test]
fn a_full_disk_costs_the_oldest_alone() {
    assert_eq!(full_disk(300).unwrap_or_default(), 0);
}

#[test]
#[ignore = "long, and mounts a file system: `cargo xtask test --faults` runs it"]
fn fault_full_disk() {
    if let Some(lost) = full_disk(2_000) {
        row("full disk", 2_000, lost);
    }
}

/// Opens a directory on a file system that cannot be written to; answers the frames lost by it.
fn read_only(rounds: usize) -> Option<usize> {
    let volume = Volume::mount(12)?;
    let store = open(&volume.dir());
    for i in 0..20 {
        append(&store, 0, i * SECOND, i as u8);
    }
    let all = held(&store);
    drop(store);
    for _ in 0..rounds {
        assert!(volume.remount("ro"), "the file system is busy");
        assert!(Store::open(Options::directory(volume.dir())).is_err());
        assert!(volume.remount("rw"));
    }
    sound(&volume.dir());
    let store = open(&volume.dir());
    assert_eq!(times(&store, 0).len(), all.len());
    Some(all.difference(&held(&store)).count())
}

#[test]
fn what_cannot_be_written_to_is_refused_and_left_as_it_is() {
    assert_eq!(read_only(2).unwrap_or_default(), 0);
}

#[test]
#[ignore = "mounts a file system: `cargo xtask test --faults` runs it"]
fn fault_read_only_remount() {
    if let Some(lost) = read_only(20) {
        row("file system remounted read-only", 20, lost);
    }
}

/// Opens a directory a second time; answers how often that was not refused.
fn two_at_once(rounds: usize) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut lost = 0;
    for i in 0..rounds as i64 {
        append(&store, 0, i * SECOND, 1);
        lost += usize::from(!matches!(Store::open(Options::directory(dir.path())), Err(Error::Locked { .. })));
    }
    lost += rounds - held(&store).len();
    // A lock file that somebody wrote to is no lock.
    drop(store);
    OpenOptions::new().append(true).open(dir.path().join("lock")).unwrap().write_all(b"junk").unwrap();
    lost + (rounds - held(&open(dir.path())).len())
}

#[test]
fn a_second_store_is_refused_while_the_first_writes() {
    assert_eq!(two_at_once(5), 0);
}

#[test]
#[ignore = "long: `cargo xtask test --faults` runs it"]
fn fault_two_at_once() {
    row("two processes on one directory", 100, two_at_once(100));
}
