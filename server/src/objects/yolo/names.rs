//! What a model says of itself: what its classes are called, and which size it was trained with.

use std::sync::Arc;

use anyhow::{Result, ensure};
use tract_onnx::pb::ModelProto;

use crate::config::Objects;

/// The labels of the settings, else those that the model carries; refuses wanted ones that are not among them.
pub(super) fn of(settings: &Objects, model: &ModelProto) -> Result<Vec<Arc<str>>> {
    let told = settings.labels()?;
    let names = if told.is_empty() { carried(model) } else { told };
    ensure!(
        !names.is_empty(),
        "it does not carry its labels: give objects.labels, a file with one in each line or a list"
    );
    for only in &settings.only {
        ensure!(
            names.iter().any(|name| name == only),
            "objects.only has {only:?}, which is no label of the model; it has {}",
            shown(&names)
        );
    }
    Ok(names.into_iter().map(Arc::from).collect())
}

fn shown(names: &[String]) -> String {
    const MOST: usize = 100;
    let more = if names.len() > MOST { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(MOST)].join(", "))
}

/// The labels in the model's properties, where Ultralytics writes them as a Python dictionary: `{0: 'person', …}`.
fn carried(model: &ModelProto) -> Vec<String> {
    let names = model.metadata_props.iter().find(|property| property.key == "names");
    names.map_or_else(Vec::new, |property| quoted(&property.value))
}

/// Width and height of the pictures that it was trained with, which Ultralytics writes as `[height, width]`.
pub(super) fn trained_size(model: &ModelProto) -> Option<(usize, usize)> {
    let size = model.metadata_props.iter().find(|property| property.key == "imgsz")?;
    let (height, width) = size.value.trim().strip_prefix('[')?.strip_suffix(']')?.split_once(',')?;
    Some((width.trim().parse().ok()?, height.trim().parse().ok()?))
}

/// The quoted parts of a text, in order, in either kind of quotes.
fn quoted(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['\'', '"']) {
        let quote = rest.as_bytes()[start] as char;
        let inner = &rest[start + 1..];
        let Some(end) = inner.find(quote) else { break };
        parts.push(inner[..end].to_owned());
        rest = &inner[end + 1..];
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_dictionary_is_read() {
        assert_eq!(quoted("{0: 'person', 1: \"driver's seat\", 2: 'cat'}"), ["person", "driver's seat", "cat"]);
        assert!(quoted("{0: 'person").is_empty());
    }
}
