//! Settings of alerts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rtm2_alert::{Kind, Pace, Reach, Secret, Selection, Settings, Template};
use rtm2_app::CameraId;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Config, ConfigError, ZoneKind};

/// Most webhooks, and most commands.
const MAX_HOOKS: usize = 16;
/// Longest time that a command may run.
const MAX_COMMAND_S: u32 = 600;

/// Alerts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Alert {
    /// Least time between two alerts of motion of the same camera, in seconds.
    pub cooldown_s: u32,
    /// An `https:` or `mailto:` address under which push services may complain; the first of `web.origins` when empty.
    pub contact: String,
    /// Whether devices may name push services at private addresses.
    pub private_push: bool,
    /// Addresses that alerts are posted to.
    #[serde(rename = "webhook")]
    pub webhooks: Vec<Webhook>,
    /// Programs that are run for alerts.
    #[serde(rename = "command")]
    pub commands: Vec<Command>,
}

/// A webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Webhook {
    /// What the log calls it.
    #[serde(default)]
    pub name: String,
    /// Where alerts are posted to.
    #[serde(default)]
    pub url: String,
    /// A file that holds the address instead, to keep a token out of the configuration.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// The body, with placeholders; everything as JSON when empty.
    #[serde(default)]
    pub body: String,
    /// The body's type.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Signs messages.
    #[serde(default)]
    pub secret: String,
    /// A file that holds the secret instead.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Whether the address may be a private one.
    #[serde(default)]
    pub allow_private: bool,
    /// Kinds of alerts; all when empty.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Numbers of cameras; all when empty.
    #[serde(default)]
    pub cameras: Vec<CameraId>,
    /// Of a camera that is named here by its number, motion in these of its zones only.
    #[serde(default)]
    pub zones: Vec<(CameraId, String)>,
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Command {
    /// The program.
    #[serde(default)]
    pub program: String,
    /// Its arguments, with placeholders.
    #[serde(default)]
    pub args: Vec<String>,
    /// How long it may run, in seconds.
    #[serde(default)]
    pub timeout_s: Option<u32>,
    /// Kinds of alerts; all when empty.
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Numbers of cameras; all when empty.
    #[serde(default)]
    pub cameras: Vec<CameraId>,
    /// Of a camera that is named here by its number, motion in these of its zones only.
    #[serde(default)]
    pub zones: Vec<(CameraId, String)>,
}

impl Default for Alert {
    fn default() -> Self {
        Self { cooldown_s: 60, contact: String::new(), private_push: false, webhooks: Vec::new(), commands: Vec::new() }
    }
}

impl Webhook {
    /// One with every key present, to learn keys from.
    pub(super) fn sample() -> Self {
        Self {
            url_file: Some(PathBuf::new()),
            content_type: Some(String::new()),
            secret_file: Some(PathBuf::new()),
            ..Self::default()
        }
    }

    fn build(&self, index: usize, config: &Config) -> Result<rtm2_alert::Webhook, ConfigError> {
        let wrong = |key: &str, message: String| ConfigError::value(&format!("alert.webhook[{index}].{key}"), message);
        let url = given(&self.url, self.url_file.as_deref()).map_err(|message| wrong("url", message))?;
        let url = url.ok_or_else(|| wrong("url", "is missing; write for example `url = \"https://…\"`".into()))?;
        let secret = given(&self.secret, self.secret_file.as_deref()).map_err(|message| wrong("secret", message))?;
        let body = (!self.body.is_empty()).then(|| Template::parse(&self.body)).transpose();
        let content_type = self.content_type.clone().unwrap_or_else(|| "application/json".into());
        if !content_type.bytes().all(|b| (b' '..=b'~').contains(&b)) || !content_type.contains('/') {
            return Err(wrong("content-type", "is not a media type; write it like `text/plain`".into()));
        }
        let name = if self.name.is_empty() { format!("webhook {index}") } else { self.name.clone() };
        Ok(rtm2_alert::Webhook {
            name,
            url: http_url(&url).map_err(|message| wrong("url", message))?,
            body: body.map_err(|message| wrong("body", message))?,
            content_type,
            secret: secret.map(|s| Secret::parse(&s)).transpose().map_err(|message| wrong("secret", message))?,
            reach: if self.allow_private { Reach::Private } else { Reach::Public },
            only: Selection {
                kinds: self.kinds.clone(),
                cameras: self.cameras.clone(),
                zones: config.watched(&self.zones).map_err(|message| wrong("zones", message))?,
            },
        })
    }

    /// Takes out what must not be shown: addresses of webhooks are often their only key.
    pub(super) fn redact(&mut self) {
        if let Ok(url) = Url::parse(&self.url) {
            self.url = format!("{}/…", url.origin().ascii_serialization());
        }
        if !self.secret.is_empty() {
            self.secret = "…".into();
        }
    }
}

impl Command {
    /// One with every key present, to learn keys from.
    pub(super) fn sample() -> Self {
        Self { timeout_s: Some(0), ..Self::default() }
    }

    fn build(&self, index: usize, config: &Config) -> Result<rtm2_alert::Command, ConfigError> {
        let wrong = |key: &str, message: String| ConfigError::value(&format!("alert.command[{index}].{key}"), message);
        if self.program.trim().is_empty() || self.program.contains('\0') {
            return Err(wrong("program", "is missing; write for example `program = \"/usr/bin/logger\"`".into()));
        }
        let timeout = self.timeout_s.unwrap_or(30);
        if !(1..=MAX_COMMAND_S).contains(&timeout) {
            return Err(wrong("timeout-s", format!("give a time between 1 and {MAX_COMMAND_S} seconds")));
        }
        let args = self.args.iter().map(|arg| Template::parse(arg)).collect::<Result<_, _>>();
        Ok(rtm2_alert::Command {
            program: self.program.clone(),
            args: args.map_err(|message| wrong("args", message))?,
            timeout: Duration::from_secs(timeout.into()),
            only: Selection {
                kinds: self.kinds.clone(),
                cameras: self.cameras.clone(),
                zones: config.watched(&self.zones).map_err(|message| wrong("zones", message))?,
            },
        })
    }
}

impl Config {
    /// What [`rtm2_alert`] needs of the settings, checked. `address` is where the page is when `web.origins` does not
    /// say.
    pub fn alerts(&self, address: &str) -> Result<Settings, ConfigError> {
        let alert = &self.alert;
        for (key, count) in [("alert.webhook", alert.webhooks.len()), ("alert.command", alert.commands.len())] {
            if count > MAX_HOOKS {
                return Err(ConfigError::value(key, format!("{count} are more than {MAX_HOOKS}")));
            }
        }
        let webhooks: Vec<_> =
            alert.webhooks.iter().enumerate().map(|(i, hook)| hook.build(i, self)).collect::<Result<_, _>>()?;
        for (i, hook) in webhooks.iter().enumerate() {
            if webhooks[..i].iter().any(|other| other.name == hook.name) {
                let message = format!("there is another webhook named `{}`: name them apart", hook.name);
                return Err(ConfigError::value(&format!("alert.webhook[{i}].name"), message));
            }
        }
        let commands = alert.commands.iter().enumerate().map(|(i, command)| command.build(i, self));
        let origins = &self.web.origins;
        Ok(Settings {
            base: origins.first().cloned().unwrap_or_else(|| address.to_owned()),
            contact: self.contact()?,
            push_reach: if alert.private_push { Reach::Private } else { Reach::Public },
            commands: commands.collect::<Result<_, _>>()?,
            webhooks,
        })
    }

    /// These zones, if their cameras watch them: of others nothing would ever be told.
    fn watched(&self, zones: &[(CameraId, String)]) -> Result<Vec<(CameraId, String)>, String> {
        for (camera, name) in zones {
            let all = self.cameras.get(usize::from(camera.0)).map_or(&[][..], |camera| &camera.zones);
            let watched = all.iter().filter(|zone| zone.kind == ZoneKind::Include).map(|zone| zone.name.as_str());
            let watched: Vec<&str> = watched.collect();
            if watched.is_empty() {
                return Err(format!("camera {camera} has no zone that is watched"));
            }
            if !watched.contains(&name.as_str()) {
                return Err(format!("camera {camera} watches no zone `{name}`; there is `{}`", watched.join("`, `")));
            }
        }
        Ok(zones.to_vec())
    }

    fn contact(&self) -> Result<String, ConfigError> {
        let contact = &self.alert.contact;
        if contact.is_empty() {
            let public = self.web.origins.iter().find(|origin| origin.starts_with("https://"));
            return Ok(public.cloned().unwrap_or_else(|| Settings::default().contact));
        }
        let is_contact = Url::parse(contact).is_ok_and(|url| matches!(url.scheme(), "https" | "mailto"));
        let message = || format!("`{contact}` is neither an `https:` nor a `mailto:` address");
        is_contact.then(|| contact.clone()).ok_or_else(|| ConfigError::value("alert.contact", message()))
    }

    /// The times that decide when a camera raises an alert.
    pub fn alert_pace(&self) -> Pace {
        Pace { cooldown_us: i64::from(self.alert.cooldown_s) * 1_000_000, ..Pace::default() }
    }
}

/// A value that stands in the configuration or in a file.
fn given(value: &str, file: Option<&Path>) -> Result<Option<String>, String> {
    match file {
        Some(_) if !value.is_empty() => Err("give the value or the file, not both".into()),
        Some(path) => match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) => Err(format!("cannot read {}: {error}", path.display())),
        },
        None => Ok((!value.is_empty()).then(|| value.to_owned())),
    }
}

fn http_url(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        // The text may hold a token: it is not repeated.
        _ => Err("is not an http: or https: address".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Settings, ConfigError> {
        let config: Config = toml::from_str(text).unwrap();
        config.alerts("http://127.0.0.1:5000")
    }

    #[test]
    fn webhooks_and_commands_are_read() {
        let settings = settings(
            r#"
            [web]
            origins = ["http://cam.lan", "https://cams.example.net"]
            [[alert.webhook]]
            url = "https://hooks.example/x"
            kinds = ["camera-lost"]
            cameras = [1]
            secret = "sixteen characters"
            body = '{"text": "{title}"}'
            [[alert.command]]
            program = "logger"
            args = ["{name}", "--"]
            "#,
        )
        .unwrap();
        assert_eq!((settings.base.as_str(), settings.contact.as_str()), ("http://cam.lan", "https://cams.example.net"));
        let hook = &settings.webhooks[0];
        assert_eq!(
            (hook.name.as_str(), hook.reach, hook.only.kinds.as_slice()),
            ("webhook 0", Reach::Public, &[Kind::CameraLost][..])
        );
        assert!(hook.secret.is_some() && hook.body.is_some() && hook.only.cameras == [CameraId(1)]);
        assert_eq!(settings.commands[0].timeout, Duration::from_secs(30));
        assert_eq!(settings.commands[0].args.len(), 2);
    }

    #[test]
    fn zones_are_those_that_a_camera_watches() {
        let with = |zones: &str| {
            settings(&format!(
                r#"
                [[camera]]
                source = "demo:"
                [[camera.zone]]
                name = "porch"
                polygon = [[0, 0], [1, 0], [0, 1]]
                [[camera.zone]]
                name = "street"
                polygon = [[1, 1], [1, 0], [0, 1]]
                kind = "ignore"
                [[alert.webhook]]
                url = "https://hooks.example/x"
                zones = [[0, "porch"]]
                [[alert.command]]
                program = "logger"
                zones = {zones}
                "#
            ))
        };
        let settings = with("[]").unwrap();
        assert_eq!(settings.webhooks[0].only.zones, [(CameraId(0), "porch".to_owned())]);
        assert!(settings.commands[0].only.zones.is_empty());
        let refused = |zones| with(zones).unwrap_err().to_string();
        let wrong = "alert.command[0].zones: camera 0 watches no zone `street`; there is `porch`";
        assert_eq!(refused("[[0, \"porch\"], [0, \"street\"]]"), wrong);
        assert!(refused("[[1, \"porch\"]]").ends_with("camera 1 has no zone that is watched"));
    }

    #[test]
    fn the_page_s_address_is_where_it_listens_unless_an_origin_is_named() {
        let settings = settings("").unwrap();
        assert_eq!((settings.base.as_str(), settings.push_reach), ("http://127.0.0.1:5000", Reach::Public));
        assert!(settings.contact.starts_with("https://"));
    }

    #[test]
    fn secrets_may_be_in_files_and_are_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("url");
        std::fs::write(&file, "https://hooks.example/s3cret\n").unwrap();
        let read = settings(&format!("[[alert.webhook]]\nurl-file = {:?}", file.display().to_string())).unwrap();
        assert_eq!(read.webhooks[0].url.as_str(), "https://hooks.example/s3cret");
        let mut hook = Webhook {
            url: "https://hooks.example/s3cret?t=s3cret".into(),
            secret: "s3cret".into(),
            ..Webhook::default()
        };
        hook.redact();
        assert!(!format!("{hook:?}").contains("s3cret"), "{hook:?}");
    }

    #[test]
    fn wrong_values_are_refused_with_their_key_and_without_their_secret() {
        let refused = |text: &str| settings(text).unwrap_err().to_string();
        let hook = |rest: &str| refused(&format!("[[alert.webhook]]\nurl = \"https://h.example\"\n{rest}"));
        assert!(refused("[[alert.webhook]]\nname = \"x\"").contains("alert.webhook[0].url"));
        let error = refused("[[alert.webhook]]\nurl = \"ftp://h.example/s3cret\"");
        assert!(error.contains("alert.webhook[0].url") && !error.contains("s3cret"), "{error}");
        assert!(hook("secret = \"short\"").contains("alert.webhook[0].secret"));
        assert!(hook("body = \"{nam}\"").contains("`{name}`"));
        assert!(hook("content-type = \"json\"").contains("content-type"));
        assert!(hook("url-file = \"/nonexistent\"").contains("not both"));
        assert!(hook("secret-file = \"/nonexistent/file\"").contains("/nonexistent/file"));
        assert!(hook("[[alert.webhook]]\nurl = \"https://h.example\"\nname = \"webhook 0\"").contains("[1].name"));
        assert!(refused("[[alert.command]]\nargs = []").contains("alert.command[0].program"));
        assert!(refused("[[alert.command]]\nprogram = \"x\"\ntimeout-s = 0").contains("timeout-s"));
        assert!(refused("[alert]\ncontact = \"anna\"").contains("alert.contact"));
        assert!(toml::from_str::<Config>("[[alert.command]]\nprogram = \"x\"\nkinds = [\"moton\"]").is_err());
    }
}
