//! Pictures and a tiny model for tests.

use image::{ImageFormat, Rgb, RgbImage};
use rtm2_app::Timestamp;
use rtm2_camera::Picture;
use rtm2_camera::jpeg::Limits;

/// Sides of the model's input, and of the squares that it looks at.
pub(super) const SIDE: usize = 64;
const CELL: usize = 16;
const CELLS: usize = SIDE / CELL;

/// A grey picture.
pub(super) fn plain(width: u32, height: u32) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb([120, 120, 120]))
}

/// The picture as a camera gives it.
pub(super) fn picture(pixels: &RgbImage) -> Picture {
    let mut jpeg = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    Picture::from_jpeg(jpeg.into_inner().into(), Timestamp(0), &Limits::default()).unwrap()
}

/// What kind of output the tiny model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `[1, N, 5 + C]`.
    V5,
    /// `[1, 4 + C, N]`.
    V8,
}

/// A model of two classes: how much redder a cell is than grey makes it a `person`, how much bluer a `cat`. For each of
/// the 4×4 cells it gives the cell as box.
///
/// Written as protobuf by hand (onnx.proto of ONNX, IR version 8).
pub(super) fn model(kind: Kind, properties: &[(&str, &str)]) -> Vec<u8> {
    graph(kind, properties, ["1", "64", "64"], &[])
}

/// The same, as exported for any size: its input's sides are symbols, and so are shapes within it.
pub(super) fn open_model(properties: &[(&str, &str)]) -> Vec<u8> {
    let within = value("colours", &["batch", "6", "floor(height/16 - 1/2) + 1", "floor(width/16 - 1/2) + 1"]);
    graph(Kind::V8, properties, ["batch", "height", "width"], &bytes(13, &within))
}

fn graph(kind: Kind, properties: &[(&str, &str)], [batch, height, width]: [&str; 3], shapes: &[u8]) -> Vec<u8> {
    let objectness = usize::from(kind == Kind::V5);
    let channels = 4 + objectness + 2;
    // From red, green and blue to channels: boxes do not depend on the picture.
    let mut weights = vec![0.0; channels * 3];
    weights[(4 + objectness) * 3..].copy_from_slice(&[1.0, -0.5, -0.5, -0.5, -0.5, 1.0]);
    let mut bias = vec![0.0; channels * CELLS * CELLS];
    for (at, (y, x)) in (0..CELLS).flat_map(|y| (0..CELLS).map(move |x| (y, x))).enumerate() {
        let middle = |cell: usize| (cell * CELL + CELL / 2) as f32;
        for (channel, value) in [middle(x), middle(y), CELL as f32, CELL as f32].into_iter().enumerate() {
            bias[channel * CELLS * CELLS + at] = value;
        }
    }
    if kind == Kind::V5 {
        bias[4 * CELLS * CELLS..5 * CELLS * CELLS].fill(1.0);
    }
    let cells = [CELL as u64, CELL as u64];
    let flat = [1, channels as u64, (CELLS * CELLS) as u64];
    let mut graph = vec![
        node("AveragePool", &["images"], "means", &[("kernel_shape", &cells), ("strides", &cells)]),
        node("Conv", &["means", "weights"], "colours", &[]),
        node("Add", &["colours", "bias"], "sum", &[]),
        node("Reshape", &["sum", "flat"], if kind == Kind::V5 { "columns" } else { "output0" }, &[]),
    ];
    if kind == Kind::V5 {
        graph.push(node("Transpose", &["columns"], "output0", &[("perm", &[0, 2, 1])]));
    }
    graph.push(bytes(2, b"tiny"));
    graph.push(floats("weights", &[channels, 3, 1, 1], &weights));
    graph.push(floats("bias", &[1, channels, CELLS, CELLS], &bias));
    graph.push(integers("flat", &flat));
    graph.push(bytes(11, &value("images", &[batch, "3", height, width])));
    graph.push(bytes(12, &output(kind, batch, channels)));
    graph.push(shapes.to_vec());
    let mut model = [varint(1, 8), bytes(7, &graph.concat()), bytes(8, &varint(2, 13))].concat();
    for (key, text) in properties {
        model.extend(bytes(14, &[bytes(1, key.as_bytes()), bytes(2, text.as_bytes())].concat()));
    }
    model
}

/// What the model tells of its output.
fn output(kind: Kind, batch: &str, channels: usize) -> Vec<u8> {
    let channels = channels.to_string();
    match kind {
        Kind::V5 => value("output0", &[batch, "anchors", &channels]),
        Kind::V8 => value("output0", &[batch, &channels, "anchors"]),
    }
}

fn node(kind: &str, inputs: &[&str], output: &str, attributes: &[(&str, &[u64])]) -> Vec<u8> {
    let mut node: Vec<u8> = inputs.iter().flat_map(|input| bytes(1, input.as_bytes())).collect();
    node.extend([bytes(2, output.as_bytes()), bytes(3, output.as_bytes()), bytes(4, kind.as_bytes())].concat());
    for (name, values) in attributes {
        const INTS: u64 = 7;
        let ints: Vec<u8> = values.iter().flat_map(|&value| varint(8, value)).collect();
        node.extend(bytes(5, &[bytes(1, name.as_bytes()), ints, varint(20, INTS)].concat()));
    }
    bytes(1, &node)
}

/// A constant of 32-bit floats.
fn floats(name: &str, dims: &[usize], values: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, dims, 1, &raw)
}

/// A constant row of 64-bit integers.
fn integers(name: &str, values: &[u64]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, &[values.len()], 7, &raw)
}

fn tensor(name: &str, dims: &[usize], kind: u64, raw: &[u8]) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|&dim| varint(1, dim as u64)).collect();
    bytes(5, &[dims, varint(2, kind), bytes(8, name.as_bytes()), bytes(9, raw)].concat())
}

/// A named tensor of floats, with its shape: numbers and symbols.
fn value(name: &str, dims: &[&str]) -> Vec<u8> {
    let dim = |dim: &&str| dim.parse().map_or_else(|_| bytes(2, dim.as_bytes()), |number| varint(1, number));
    let shape: Vec<u8> = dims.iter().flat_map(|text| bytes(1, &dim(text))).collect();
    let kind = bytes(1, &[varint(1, 1), bytes(2, &shape)].concat());
    [bytes(1, name.as_bytes()), bytes(2, &kind)].concat()
}

/// A field that is a number.
fn varint(field: u64, value: u64) -> Vec<u8> {
    [number(field << 3), number(value)].concat()
}

/// A field that is text, bytes or a message.
fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [number(field << 3 | 2), number(content.len() as u64), content.to_vec()].concat()
}

/// A number in protobuf's seven bits a byte.
fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
