//! Models of the YOLO family, in ONNX, run by tract.
//!
//! Understood are the outputs of version 5 (`[1, N, 5 + C]`: box, objectness, classes) and of version 8 and later
//! (`[1, 4 + C, N]`: box, classes), as Ultralytics exports them without built-in suppression. Both give boxes as middle
//! and size in pixels of the model's input.

mod letterbox;
mod names;
mod output;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rtm2_camera::Picture;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::Factoid as _;

use super::{Labeller, Object};
use crate::config::Objects;
use letterbox::Letterbox;
use output::{Found, Layout};

/// Side of the model's input where the model leaves it open and does not say what it was trained with.
const SIDE: usize = 640;
/// Largest side of a model's input.
const MOST_SIDE: usize = 4096;

/// A loaded model. Clones share it.
#[derive(Clone)]
pub struct Yolo {
    plan: Arc<TypedRunnableModel>,
    /// Width and height of its input.
    input: (usize, usize),
    layout: Layout,
    names: Arc<[Arc<str>]>,
    least: f32,
}

impl Yolo {
    /// Loads the model of the settings and tries it on an empty picture. Fails with the reason when it is no model of
    /// this family, or when a wanted label is none of its own.
    pub fn load(settings: &Objects) -> Result<Self> {
        let path = &settings.model;
        // Models exported for any size carry intermediate shapes in symbols that contradict the size chosen here.
        let framework = tract_onnx::onnx().with_ignore_value_info(true).with_ignore_output_shapes(true);
        let proto =
            framework.proto_model_for_path(path).with_context(|| format!("{} is no ONNX model", path.display()))?;
        let names = names::of(settings, &proto)?;
        let model = framework.model_for_proto_model(&proto).context("the model cannot be used")?;
        let input = input_size(&model, names::trained_size(&proto))?;
        let (width, height) = input;
        let fact = InferenceFact::dt_shape(f32::datum_type(), tvec!(1, 3, height, width));
        let model = model.with_input_fact(0, fact)?.into_optimized().context("the model cannot be used")?;
        let plan = model.into_runnable().context("the model cannot be run")?;
        let mut yolo =
            Self { plan, input, layout: Layout::Columns, names: names.into(), least: settings.least_confidence() };
        let empty = vec![letterbox::GREY; 3 * width * height];
        let output = yolo.run(&empty).context("the model cannot be run")?;
        yolo.layout = Layout::of(output.shape(), yolo.names.len())?;
        Ok(yolo)
    }

    /// What it is, for the log.
    pub fn describe(&self) -> String {
        let (width, height) = self.input;
        format!("{} labels, {width}x{height}", self.names.len())
    }

    /// How long it takes for a picture, decoding not included.
    pub fn measure(&self) -> Result<Duration> {
        let (width, height) = self.input;
        let started = Instant::now();
        self.run(&vec![letterbox::GREY; 3 * width * height])?;
        Ok(started.elapsed())
    }

    /// Runs the model over an input of three planes.
    fn run(&self, input: &[f32]) -> Result<TValue> {
        let (width, height) = self.input;
        let input = Tensor::from_shape(&[1, 3, height, width], input)?;
        let mut outputs = self.plan.run(tvec!(input.into()))?;
        ensure!(!outputs.is_empty(), "it has no output");
        Ok(outputs.swap_remove(0))
    }
}

impl Labeller for Yolo {
    fn look(&mut self, picture: &Picture) -> Result<Vec<Object>> {
        let pixels = image::load_from_memory_with_format(&picture.image.jpeg()?, image::ImageFormat::Jpeg)?.into_rgb8();
        let (letterbox, input) = Letterbox::fit(&pixels, self.input);
        let output = self.run(&input)?;
        let values = output.to_plain_array_view::<f32>()?;
        let values = values.as_slice().context("the model's output is not in order")?;
        let found = output::suppress(self.layout.candidates(values, self.names.len(), self.least));
        Ok(found.into_iter().map(|found| self.object(&found, letterbox)).collect())
    }
}

impl Yolo {
    fn object(&self, found: &Found, letterbox: Letterbox) -> Object {
        Object {
            name: Arc::clone(&self.names[found.class]),
            confidence: found.confidence,
            area: letterbox.to_picture(found.area),
        }
    }
}

/// Width and height of the input, which must be a picture of three planes; those that the model was trained with where it
/// takes any.
fn input_size(model: &InferenceModel, trained: Option<(usize, usize)>) -> Result<(usize, usize)> {
    let fact = model.input_fact(0).context("it has no input")?;
    let dims: Vec<Option<usize>> = fact
        .shape
        .dims()
        .map(|dim| dim.concretize().and_then(|dim| dim.to_i64().ok()).and_then(|dim| usize::try_from(dim).ok()))
        .collect();
    let [batch, planes, height, width] = dims[..] else {
        anyhow::bail!("its input has {} dimensions, not four: batch, colours, height, width", dims.len());
    };
    let (trained_width, trained_height) = trained.unwrap_or((SIDE, SIDE));
    let (height, width) = (height.unwrap_or(trained_height), width.unwrap_or(trained_width));
    let fits = planes.is_none_or(|n| n == 3) && batch.is_none_or(|n| n == 1);
    let sides = (1..=MOST_SIDE).contains(&height) && (1..=MOST_SIDE).contains(&width);
    ensure!(fits && sides, "its input is {dims:?}, not one picture of three colours: [1, 3, height, width]");
    let float = fact.datum_type.concretize().is_none_or(|kind| kind == f32::datum_type());
    ensure!(float, "its input is not of 32-bit floats; export it without half precision or quantised input");
    Ok((width, height))
}

#[cfg(test)]
mod tests;
