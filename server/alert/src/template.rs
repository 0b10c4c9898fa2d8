//! Texts with `{placeholders}` for what an alert says.

use crate::alert::Alert;

/// Every placeholder, in the order in which documents list them.
pub const PLACEHOLDERS: [&str; 11] =
    ["kind", "camera", "name", "zone", "at", "time", "score", "reason", "title", "body", "url"];

/// How values are written into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// As they are.
    Plain,
    /// Within a JSON string.
    Json,
}

/// A text that was checked: every placeholder in it exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(usize),
}

impl Template {
    /// Takes a text apart. A `{` that begins no word in small letters is text, so JSON needs no escaping.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        let mut plain = String::new();
        while let Some((before, after)) = rest.split_once('{') {
            plain.push_str(before);
            if let Some((name, behind)) = word(after) {
                let known = PLACEHOLDERS.iter().position(|p| *p == name);
                let index = known.ok_or_else(|| {
                    format!("there is no placeholder `{{{name}}}`; there is `{{{}}}`", PLACEHOLDERS.join("}`, `{"))
                })?;
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Value(index));
                rest = behind;
            } else {
                plain.push('{');
                rest = after;
            }
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    /// The text for an alert. `base` is the page's address without a slash at its end.
    pub fn fill(&self, alert: &Alert, base: &str, escape: Escape) -> String {
        let value = |index: &usize| {
            let value = value(PLACEHOLDERS[*index], alert, base);
            if escape == Escape::Json { inner_json(&value) } else { value }
        };
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Value(index) => value(index),
        };
        self.0.iter().map(part).collect()
    }
}

/// The placeholder at the beginning of what follows a `{`, and what is behind it.
fn word(after: &str) -> Option<(&str, &str)> {
    let (name, behind) = after.split_once('}')?;
    (!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')).then_some((name, behind))
}

fn value(name: &str, alert: &Alert, base: &str) -> String {
    match name {
        "kind" => alert.kind.name().into(),
        "camera" => alert.camera.to_string(),
        "name" => alert.name.clone(),
        "zone" => alert.zone_words(),
        "at" => alert.at.to_string(),
        "time" => alert.time(),
        "score" => alert.score.to_string(),
        "reason" => alert.reason.clone(),
        "title" => alert.title(),
        "body" => alert.body(),
        _ => format!("{base}{}", alert.path()),
    }
}

/// A JSON string without its quotes.
fn inner_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// The body of a webhook that has no template: everything, as JSON.
pub(crate) fn json(alert: &Alert, base: &str) -> String {
    serde_json::json!({
        "kind": alert.kind.name(),
        "camera": alert.camera,
        "name": alert.name,
        "zone": alert.zone_words(),
        "at": alert.at,
        "time": alert.time(),
        "score": alert.score,
        "reason": alert.reason,
        "title": alert.title(),
        "body": alert.body(),
        "url": format!("{base}{}", alert.path()),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtm2_app::{CameraId, Timestamp};

    fn alert(name: &str) -> Alert {
        Alert::motion(CameraId(1), name, Timestamp(1_764_000_003_120_000), 42)
    }

    #[test]
    fn placeholders_are_filled() {
        let template = Template::parse("{name} ({camera}) {time} {score} {url} {} {x1} {A} {").unwrap();
        assert_eq!(
            template.fill(&alert("Door"), "https://cam.example", Escape::Plain),
            "Door (1) 2025-11-24T16:00:03.120Z 42 https://cam.example/history?camera=1&at=1764000003120000 {} {x1} {A} {"
        );
        let all = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join("|");
        let alert = alert("Door").in_zones("porch");
        let filled = Template::parse(&all).unwrap().fill(&alert, "", Escape::Plain);
        assert_eq!(
            filled,
            "motion|1|Door|porch|1764000003120000|2025-11-24T16:00:03.120Z|42||Door: motion in porch|Something moves (score 42).|\
             /history?camera=1&at=1764000003120000"
        );
    }

    #[test]
    fn unknown_placeholders_are_refused_with_those_that_exist() {
        let error = Template::parse(r#"{"text": "{region}"}"#).unwrap_err();
        assert!(error.contains("`{region}`") && error.contains("`{camera}`"), "{error}");
    }

    #[test]
    fn no_placeholder_is_forgotten_in_the_json() {
        let body: serde_json::Value = serde_json::from_str(&json(&alert("Door"), "")).unwrap();
        assert!(PLACEHOLDERS.iter().all(|name| body.get(name).is_some()));
        assert_eq!(body.as_object().unwrap().len(), PLACEHOLDERS.len());
    }

    proptest! {
        #[test]
        fn json_stays_json_whatever_a_camera_is_called(name: String) {
            let template = Template::parse(r#"{"text": "{name} moves", "score": {score}}"#).unwrap();
            let alert = alert(&name);
            let filled = template.fill(&alert, "", Escape::Json);
            let value: serde_json::Value = serde_json::from_str(&filled).unwrap();
            prop_assert_eq!(value["text"].as_str().unwrap(), format!("{} moves", alert.name));
            prop_assert_eq!(&value["score"], 42);
        }

        #[test]
        fn a_text_without_placeholders_stays_as_it_is(text in "[^a-z]*") {
            prop_assert_eq!(Template::parse(&text).unwrap().fill(&alert("Door"), "", Escape::Plain), text);
        }
    }
}
