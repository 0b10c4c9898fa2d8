//! Lays file, environment and flags over the defaults and remembers where each value came from.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{Alert, ByteSize, Camera, Command, Config, ConfigError, Webhook, Zone, ZoneKind, config_file_candidates};

/// Where `web.lan` listens unless `web.listen` says otherwise.
const LAN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5000);

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The configuration file.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// A flag.
    Flag(&'static str),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Env(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Where each key that is not at its default came from.
    pub origins: BTreeMap<String, Origin>,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
}

/// What lies over the defaults, from the lowest to the highest.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The file named by the user; without one the usual places are tried.
    pub file: Option<PathBuf>,
    /// Environment variables by name.
    pub env: Vec<(String, String)>,
    /// Flags: name, key, value. A repeated `camera` key adds a camera.
    pub flags: Vec<(&'static str, &'static str, Value)>,
}

impl Layers {
    /// Reads and merges everything and checks the result.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let file = match &self.file {
            Some(path) => Some(path.clone()),
            None => config_file_candidates().into_iter().find(|path| path.is_file()),
        };
        let mut table = Table::new();
        let mut origins = BTreeMap::new();
        if let Some(path) = &file {
            let read = read_file(path)?;
            reject_unknown(&read, &path.display().to_string())?;
            for key in leaf_keys(&read) {
                origins.insert(key, Origin::File(path.clone()));
            }
            table = read;
        }
        self.lay_environment(&mut table, &mut origins)?;
        self.lay_flags(&mut table, &mut origins);
        let mut config: Config = Value::Table(table)
            .try_into()
            .map_err(|e: toml::de::Error| ConfigError::value("configuration", e.message().to_owned()))?;
        config.validate()?;
        if config.web.lan && !origins.contains_key("web.listen") {
            config.web.listen = LAN;
        }
        Ok(Loaded { config, origins, file })
    }

    fn lay_environment(&self, table: &mut Table, origins: &mut BTreeMap<String, Origin>) -> Result<(), ConfigError> {
        let sample = sample();
        for key in leaf_keys(&sample).into_iter().filter(|key| !key.contains('[')) {
            let name = env_name(&key);
            let Some((_, text)) = self.env.iter().find(|(n, _)| *n == name) else { continue };
            let like = lookup(&sample, &key);
            let value = parse_like(like, text).map_err(|message| ConfigError::value(&name, message))?;
            insert(table, &key, value);
            origins.insert(key, Origin::Env(name));
        }
        Ok(())
    }

    fn lay_flags(&self, table: &mut Table, origins: &mut BTreeMap<String, Origin>) {
        let cameras: Vec<Value> =
            self.flags.iter().filter(|(_, key, _)| *key == "camera").map(|(_, _, value)| value.clone()).collect();
        for (flag, key, value) in self.flags.iter().filter(|(_, key, _)| *key != "camera") {
            insert(table, key, value.clone());
            origins.insert((*key).to_owned(), Origin::Flag(flag));
        }
        if !cameras.is_empty() {
            table.insert("camera".into(), Value::Array(cameras));
            origins.retain(|key, _| !key.starts_with("camera"));
            origins.insert("camera".into(), Origin::Flag("--source"));
        }
    }
}

/// The process's environment variables that concern rtm2.
pub fn environment() -> Vec<(String, String)> {
    std::env::vars().filter(|(name, _)| name.starts_with("RTM2_")).collect()
}

/// The environment variable of a key: `web.listen` is `RTM2_WEB__LISTEN`.
pub fn env_name(key: &str) -> String {
    format!("RTM2_{}", key.replace('.', "__").replace('-', "_").to_uppercase())
}

/// Every key that can be set, `camera.…` for those of each camera, likewise for webhooks and commands of alerts.
pub fn known_keys() -> Vec<String> {
    leaf_keys(&sample()).iter().map(|key| without_indexes(key)).collect()
}

/// A configuration with every key present, to learn keys and types from.
fn sample() -> Table {
    let zone = Zone { name: String::new(), polygon: vec![[0.0; 2]], kind: ZoneKind::Include, sensitivity: Some(50) };
    let camera = Camera {
        source: "demo:".into(),
        source_file: Some(PathBuf::new()),
        name: String::new(),
        size: Some(String::new()),
        fps: Some(1),
        budget: Some(ByteSize(0)),
        zones: vec![zone],
    };
    let (webhooks, commands) = (vec![Webhook::sample()], vec![Command::sample()]);
    let alert = Alert { webhooks, commands, ..Alert::default() };
    let full = Config { cameras: vec![camera], alert, ..Config::default() };
    Table::try_from(full).unwrap_or_default()
}

fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let parse = |e: toml::de::Error| ConfigError::Parse { path: path.to_owned(), message: e.to_string() };
    let table: Table = toml::from_str(&text).map_err(parse)?;
    reject_unknown(&table, &path.display().to_string())?;
    // Read once more with types, because errors then carry line and column.
    toml::from_str::<Config>(&text).map_err(parse)?;
    Ok(table)
}

/// Refuses keys that do not exist and suggests the nearest one that does.
fn reject_unknown(table: &Table, origin: &str) -> Result<(), ConfigError> {
    let known = known_keys();
    for key in leaf_keys(table) {
        let plain = without_indexes(&key);
        let empty_section = known.iter().any(|k| k.starts_with(&format!("{plain}.")));
        if known.contains(&plain) || empty_section {
            continue;
        }
        let nearest =
            known.iter().max_by(|a, b| strsim::jaro_winkler(a, &plain).total_cmp(&strsim::jaro_winkler(b, &plain)));
        let suggestion = nearest
            .filter(|k| strsim::jaro_winkler(k, &plain) > 0.8)
            .map_or_else(|| "; `rtm2 config default` lists all".into(), |k| format!("; did you mean `{k}`?"));
        return Err(ConfigError::UnknownKey { origin: origin.into(), key, suggestion });
    }
    Ok(())
}

/// `camera[3].name` as `camera.name`.
fn without_indexes(key: &str) -> String {
    let mut plain = String::with_capacity(key.len());
    let mut inside = false;
    for c in key.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// Keys of all values that are not tables; arrays of tables are numbered.
fn leaf_keys(table: &Table) -> Vec<String> {
    let mut keys = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(inner) if !inner.is_empty() => {
                keys.extend(leaf_keys(inner).into_iter().map(|key| format!("{name}.{key}")));
            }
            Value::Array(items) if items.iter().any(Value::is_table) => {
                for (i, inner) in items.iter().enumerate().filter_map(|(i, item)| Some((i, item.as_table()?))) {
                    keys.extend(leaf_keys(inner).into_iter().map(|key| format!("{name}[{i}].{key}")));
                }
            }
            _ => keys.push(name.clone()),
        }
    }
    keys
}

fn lookup<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let value = table.get(first)?;
    if rest.is_empty() { Some(value) } else { lookup(value.as_table()?, rest) }
}

fn insert(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.into(), value);
        }
        Some((first, rest)) => {
            let inner = table.entry(first).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// Reads text as the type that the key's default has.
fn parse_like(like: Option<&Value>, text: &str) -> Result<Value, String> {
    match like {
        Some(Value::Integer(_)) => {
            text.trim().parse().map(Value::Integer).map_err(|_| format!("`{text}` is not a whole number"))
        }
        Some(Value::Float(_)) => text.trim().parse().map(Value::Float).map_err(|_| format!("`{text}` is not a number")),
        Some(Value::Boolean(_)) => {
            text.trim().parse().map(Value::Boolean).map_err(|_| format!("`{text}` is neither `true` nor `false`"))
        }
        Some(Value::Array(_)) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(Value::Array(items.map(|item| Value::String(item.into())).collect()))
        }
        _ => Ok(Value::String(text.into())),
    }
}

impl From<ByteSize> for Value {
    fn from(size: ByteSize) -> Self {
        Self::String(size.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(
        file: &str,
        env: &[(&str, &str)],
        flags: Vec<(&'static str, &'static str, Value)>,
    ) -> Result<Loaded, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, file).unwrap();
        let env = env.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Layers { file: Some(path), env, flags }.load()
    }

    #[test]
    fn flags_win_over_environment_over_file() {
        let file = "[web]\nlisten = \"127.0.0.1:1\"\n[store]\nbudget = \"1GiB\"\nmemory-frames = 5";
        let env = [("RTM2_WEB__LISTEN", "127.0.0.1:2"), ("RTM2_STORE__BUDGET", "2GiB")];
        let loaded = load(file, &env, vec![("--listen", "web.listen", "127.0.0.1:3".into())]).unwrap();
        assert_eq!(loaded.config.web.listen.port(), 3);
        assert_eq!(loaded.config.store.budget, ByteSize(2 << 30));
        assert_eq!(loaded.config.store.memory_frames, 5);
        assert_eq!(loaded.origins["web.listen"], Origin::Flag("--listen"));
        assert_eq!(loaded.origins["store.budget"], Origin::Env("RTM2_STORE__BUDGET".into()));
        assert!(matches!(loaded.origins["store.memory-frames"], Origin::File(_)));
    }

    #[test]
    fn lan_listens_everywhere_unless_an_address_is_given() {
        let lan = || vec![("--lan", "web.lan", true.into())];
        assert_eq!(load("", &[], lan()).unwrap().config.web.listen, LAN);
        let given = load("[web]\nlisten = \"127.0.0.1:7\"", &[], lan()).unwrap();
        assert_eq!(given.config.web.listen.to_string(), "127.0.0.1:7");
    }

    #[test]
    fn unknown_keys_are_errors_with_a_suggestion() {
        let error = load("[web]\nlisten-on = \"x\"", &[], vec![]).unwrap_err().to_string();
        assert!(error.contains("web.listen-on") && error.contains("did you mean `web.listen`?"), "{error}");
        let error = load("[[camera]]\nsorce = \"demo:\"", &[], vec![]).unwrap_err().to_string();
        assert!(error.contains("camera[0].sorce") && error.contains("`camera.source`"), "{error}");
        let zone = "[[camera]]\nsource = \"demo:\"\n[[camera.zone]]\nname = \"a\"\npoligon = []";
        let error = load(zone, &[], vec![]).unwrap_err().to_string();
        assert!(error.contains("camera[0].zone[0].poligon") && error.contains("`camera.zone.polygon`"), "{error}");
        assert!(load("zzz = 1", &[], vec![]).unwrap_err().to_string().contains("config default"));
    }

    #[test]
    fn wrong_types_say_where() {
        let error = load("[web]\nmax-viewers = \"many\"", &[], vec![]).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        let error = load("", &[("RTM2_WEB__MAX_VIEWERS", "many")], vec![]).unwrap_err().to_string();
        assert!(error.contains("RTM2_WEB__MAX_VIEWERS") && error.contains("whole number"), "{error}");
        let loaded = load("", &[("RTM2_DETECT__MIN_SIZE", "0.25")], vec![]).unwrap();
        assert!((loaded.config.detect.min_size - 0.25).abs() < 1e-9);
    }

    #[test]
    fn source_flags_replace_the_cameras_of_the_file() {
        let camera = Value::try_from(Camera::with_source("demo:")).unwrap();
        let file = "[[camera]]\nsource = \"camera:0\"\n[[camera]]\nsource = \"camera:1\"";
        let loaded = load(file, &[], vec![("--source", "camera", camera)]).unwrap();
        assert_eq!(loaded.config.cameras, [Camera::with_source("demo:")]);
        assert_eq!(loaded.origins["camera"], Origin::Flag("--source"));
    }

    #[test]
    fn every_key_but_the_cameras_has_an_environment_name() {
        assert!(known_keys().contains(&"store.memory-only".to_owned()));
        assert_eq!(env_name("store.memory-only"), "RTM2_STORE__MEMORY_ONLY");
    }
}
