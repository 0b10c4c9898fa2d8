use std::fs;

use image::{Rgb, RgbImage, imageops};
use tempfile::TempDir;

use super::super::testing::{self, Kind, SIDE};
use super::*;

const NAMES: (&str, &str) = ("names", "{0: 'person', 1: 'cat'}");

/// Settings with the tiny model, and the folder that it is in.
fn settings(kind: Kind, properties: &[(&str, &str)]) -> (Objects, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tiny.onnx");
    fs::write(&path, testing::model(kind, properties)).unwrap();
    (Objects { model: path, ..Objects::default() }, dir)
}

fn refused(settings: &Objects) -> String {
    match Yolo::load(settings) {
        Ok(_) => panic!("loaded"),
        Err(error) => format!("{error:#}"),
    }
}

/// A wide grey picture with a square of this colour at a corner of the model's cells.
fn with_square(colour: [u8; 3], x: i64, y: i64) -> RgbImage {
    let mut pixels = testing::plain(2 * SIDE as u32, SIDE as u32);
    imageops::replace(&mut pixels, &RgbImage::from_pixel(32, 32, Rgb(colour)), x, y);
    pixels
}

#[test]
fn both_kinds_of_models_see_what_is_there_and_where() {
    for kind in [Kind::V5, Kind::V8] {
        let (settings, _dir) = settings(kind, &[NAMES]);
        let mut yolo = Yolo::load(&settings).unwrap();
        assert_eq!(yolo.look(&testing::picture(&testing::plain(128, 64))).unwrap(), [], "{kind:?}");
        for (colour, name, x, y) in [([250, 10, 10], "person", 64, 32), ([10, 10, 250], "cat", 96, 0)] {
            let found = yolo.look(&testing::picture(&with_square(colour, x, y))).unwrap();
            assert_eq!(found.len(), 1, "{kind:?}: {found:?}");
            assert_eq!(&*found[0].name, name);
            assert!(found[0].confidence > 0.7, "{kind:?}: {found:?}");
            assert_eq!(found[0].area.map(|side| side.round() as i64), [x, y, x + 32, y + 32], "{kind:?}");
        }
    }
}

#[test]
fn a_model_for_any_size_is_run_at_the_one_it_was_trained_with() {
    let dir = tempfile::tempdir().unwrap();
    let model = dir.path().join("open.onnx");
    fs::write(&model, testing::open_model(&[NAMES, ("imgsz", "[64, 64]")])).unwrap();
    let mut yolo = Yolo::load(&Objects { model, ..Objects::default() }).unwrap();
    assert_eq!(yolo.input, (64, 64));
    let found = yolo.look(&testing::picture(&with_square([250, 10, 10], 32, 0))).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn what_is_less_sure_than_asked_for_is_not_found() {
    let (mut settings, _dir) = settings(Kind::V8, &[NAMES]);
    let pale = testing::picture(&with_square([160, 100, 100], 0, 0));
    assert_eq!(Yolo::load(&settings).unwrap().look(&pale).unwrap(), []);
    settings.min_confidence = 10;
    assert_eq!(Yolo::load(&settings).unwrap().look(&pale).unwrap().len(), 1);
}

#[test]
fn labels_come_from_the_settings_before_the_model() {
    let (mut settings, dir) = settings(Kind::V8, &[NAMES]);
    let names = |settings: &Objects| Yolo::load(settings).unwrap().names.to_vec();
    assert_eq!(names(&settings), ["person".into(), "cat".into()]);
    settings.labels = vec!["Mensch".into(), "Katze".into()];
    assert_eq!(names(&settings), ["Mensch".into(), "Katze".into()]);
    let file = dir.path().join("labels.txt");
    fs::write(&file, "somebody\n\n some animal \n").unwrap();
    settings.labels = vec![file.to_str().unwrap().into()];
    assert_eq!(names(&settings), ["somebody".into(), "some animal".into()]);
}

#[test]
fn what_cannot_be_used_is_refused_at_the_start_with_the_reason() {
    let (mut settings, dir) = settings(Kind::V8, &[]);
    assert!(refused(&settings).contains("objects.labels"), "no labels at all");
    settings.labels = vec!["a".into(), "b".into(), "c".into()];
    let reason = refused(&settings);
    assert!(reason.contains("[1, 6, 16]") && reason.contains("for 3 labels it must be [1, 7, N]"), "{reason}");
    settings.labels.pop();
    settings.only = vec!["dog".into()];
    let reason = refused(&settings);
    assert!(reason.contains("\"dog\"") && reason.contains("a, b"), "{reason}");
    settings.model = dir.path().join("missing.onnx");
    assert!(refused(&settings).contains("missing.onnx"));
    settings.model = dir.path().join("noise.onnx");
    fs::write(&settings.model, b"this is no model at all").unwrap();
    assert!(refused(&settings).contains("noise.onnx"));
}
