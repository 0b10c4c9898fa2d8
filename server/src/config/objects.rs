//! The second look: what it is that moved.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};

use super::ConfigError;

/// What a model of the user makes of motion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Objects {
    /// An ONNX model of the YOLO family; empty: motion is not labelled.
    pub model: PathBuf,
    /// Names of its classes, or one file with a name in each line; empty: those that the model carries.
    #[serde(deserialize_with = "one_or_many")]
    pub labels: Vec<String>,
    /// How sure the model must be, in percent.
    pub min_confidence: u8,
    /// Names that count as motion; empty: all.
    pub only: Vec<String>,
}

impl Default for Objects {
    fn default() -> Self {
        Self { model: PathBuf::new(), labels: Vec::new(), min_confidence: 50, only: Vec::new() }
    }
}

impl Objects {
    /// Whether a model is named.
    pub fn is_on(&self) -> bool {
        !self.model.as_os_str().is_empty()
    }

    /// Checks what types alone cannot; the error names the key.
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        if !(1..=99).contains(&self.min_confidence) {
            let message = format!("{} is no percentage between 1 and 99", self.min_confidence);
            return Err(ConfigError::value("objects.min-confidence", message));
        }
        if !self.is_on() && !self.only.is_empty() {
            let message = "without objects.model nothing is labelled, so nothing would ever count; name a model";
            return Err(ConfigError::value("objects.only", message.into()));
        }
        if self.is_on() && !cfg!(feature = "onnx") {
            let message = "this rtm2 was built without the feature `onnx`; build it with `--features onnx`, or leave \
                           the model out";
            return Err(ConfigError::value("objects.model", message.into()));
        }
        Ok(())
    }
}

#[cfg(feature = "onnx")]
impl Objects {
    /// [`Self::min_confidence`] as a fraction.
    pub fn least_confidence(&self) -> f32 {
        f32::from(self.min_confidence) / 100.0
    }

    /// The labels given, read from the file where it is one; empty where none are.
    pub fn labels(&self) -> anyhow::Result<Vec<String>> {
        use anyhow::Context as _;
        let [one] = &self.labels[..] else { return Ok(self.labels.clone()) };
        // A model of one class has one label, which is no file.
        if !one.contains(['/', '.']) && !std::path::Path::new(one).exists() {
            return Ok(self.labels.clone());
        }
        let text = std::fs::read_to_string(one).with_context(|| format!("cannot read the labels in {one}"))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(lines.map(str::to_owned).collect())
    }
}

/// A list, or a text as a list of one.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Labels {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Labels::deserialize(deserializer)? {
        Labels::One(text) if text.is_empty() => Vec::new(),
        Labels::One(text) => vec![text],
        Labels::Many(list) => list,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_a_file_or_a_list() {
        let labels = |text: &str| toml::from_str::<Objects>(text).unwrap().labels;
        assert_eq!(labels("labels = \"coco.txt\""), ["coco.txt"]);
        assert_eq!(labels("labels = [\"person\", \"cat\"]"), ["person", "cat"]);
        assert!(labels("labels = \"\"").is_empty());
    }

    #[test]
    fn wrong_values_are_refused_with_their_key() {
        let refused = |text: &str| toml::from_str::<Objects>(text).unwrap().validate().unwrap_err().to_string();
        assert!(refused("min-confidence = 0").contains("objects.min-confidence"));
        assert!(refused("min-confidence = 100").contains("objects.min-confidence"));
        assert!(refused("only = [\"person\"]").contains("objects.model"));
        let with_model = toml::from_str::<Objects>("model = \"yolo.onnx\"\nonly = [\"person\"]").unwrap().validate();
        if cfg!(feature = "onnx") {
            with_model.unwrap();
        } else {
            assert!(with_model.unwrap_err().to_string().contains("feature `onnx`"));
        }
    }
}
