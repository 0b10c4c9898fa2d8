//! Running other programs: what is typed is shown, what fails is named, and nothing reads the terminal.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Variables that `cargo run` sets for this program. Left in place they change what build scripts see (ring's, for one), so that
/// builds started from here and builds typed by hand would each undo the other's work.
const OWN_CARGO_VARIABLES: [&str; 5] =
    ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];

/// A program to run, with its arguments.
pub(crate) struct Cmd {
    inner: Command,
}

/// What a program printed, and how it ended.
pub(crate) struct Output {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// Both streams, in the order in which lines arrived, without colours.
    pub(crate) text: String,
}

impl Cmd {
    /// A program by name or path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut inner = Command::new(program);
        inner.stdin(Stdio::null());
        for name in OWN_CARGO_VARIABLES {
            inner.env_remove(name);
        }
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_PKG_") {
                inner.env_remove(name);
            }
        }
        Self { inner }
    }

    /// `cargo`, by name, so that the toolchain in force decides which one it is.
    pub(crate) fn cargo(arguments: &[&str]) -> Self {
        Self::new("cargo").args(arguments)
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.inner.args(arguments);
        self
    }

    /// Adds one argument.
    pub(crate) fn arg(self, argument: impl AsRef<OsStr>) -> Self {
        self.args([argument])
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    /// Sets variables of the environment; `None` removes one.
    pub(crate) fn envs(mut self, variables: &[(String, Option<String>)]) -> Self {
        for (name, value) in variables {
            match value {
                Some(value) => self.inner.env(name, value),
                None => self.inner.env_remove(name),
            };
        }
        self
    }

    /// Removes a variable of the environment.
    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.inner.env_remove(name);
        self
    }

    /// Runs in a folder.
    pub(crate) fn dir(mut self, folder: &Path) -> Self {
        self.inner.current_dir(folder);
        self
    }

    /// Keeps the terminal's Ctrl-C from reaching it: whoever starts it ends it.
    pub(crate) fn apart(mut self) -> Self {
        use std::os::unix::process::CommandExt as _;
        self.inner.process_group(0);
        self
    }

    /// The command line as one would type it.
    pub(crate) fn line(&self) -> String {
        let mut line = self.inner.get_program().to_string_lossy().into_owned();
        for argument in self.inner.get_args() {
            let text = argument.to_string_lossy();
            let plain =
                !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=./,:+@%^~".contains(&b));
            let _ = if plain { write!(line, " {text}") } else { write!(line, " '{text}'") };
        }
        line
    }

    /// Shows the command line and runs it with its output on the terminal.
    ///
    /// Fails when it cannot be started or ends with anything but 0.
    pub(crate) fn run(mut self) -> Result<()> {
        let line = self.show();
        let status = self.inner.status().with_context(|| cannot_start(&line))?;
        ended_well(&line, status)
    }

    /// As [`Cmd::run`], stopped when it takes longer than `limit`.
    pub(crate) fn run_within(mut self, limit: Duration) -> Result<()> {
        let line = self.show();
        let mut child = self.inner.spawn().with_context(|| cannot_start(&line))?;
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = child.try_wait()? {
                return ended_well(&line, status);
            }
            if Instant::now() > end {
                stop(&mut child);
                bail!("`{line}` did not end within {} s", limit.as_secs());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs silently and returns what it printed on standard output, without the last line end.
    pub(crate) fn read(mut self) -> Result<String> {
        let line = self.line();
        let output = self.inner.output().with_context(|| cannot_start(&line))?;
        if !output.status.success() {
            bail!("`{line}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Whether it starts and ends well, silently.
    pub(crate) fn succeeds(mut self) -> bool {
        self.inner.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// Shows the command line, runs it, and both shows and returns what it prints. A bad end is not an error here.
    pub(crate) fn tee(mut self) -> Result<Output> {
        let line = self.show();
        if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
            self.inner.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
        }
        let (mut reader, writer) = std::io::pipe()?;
        self.inner.stderr(writer.try_clone()?).stdout(writer);
        let mut child = self.inner.spawn().with_context(|| cannot_start(&line))?;
        // The command holds the writing ends of the pipe: reading would never end while it lives.
        drop(self);
        let mut text = String::new();
        let mut lines = BufReader::new(&mut reader);
        let mut bytes = Vec::new();
        while lines.read_until(b'\n', &mut bytes)? > 0 {
            std::io::stdout().write_all(&bytes)?;
            text.push_str(&without_colours(&String::from_utf8_lossy(&bytes)));
            bytes.clear();
        }
        Ok(Output { status: child.wait()?, text })
    }

    /// Runs it and returns how it ended and what it printed on standard output; what it says on standard error, and the
    /// command line itself, go there. A bad end is not an error here.
    pub(crate) fn capture(mut self) -> Result<(ExitStatus, String)> {
        let line = self.line();
        eprintln!("      $ {line}");
        let output = self.inner.stderr(Stdio::inherit()).output().with_context(|| cannot_start(&line))?;
        Ok((output.status, String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    /// Starts it and leaves it running, with its output on the terminal.
    pub(crate) fn start(mut self) -> Result<Child> {
        let line = self.show();
        self.inner.spawn().with_context(|| cannot_start(&line))
    }

    /// Starts it and leaves it running; its standard output is for the caller to read.
    pub(crate) fn start_piped(mut self) -> Result<Child> {
        let line = self.show();
        self.inner.stdout(Stdio::piped()).spawn().with_context(|| cannot_start(&line))
    }

    /// Becomes that program, so that signals and the terminal are its own. Returns only when it cannot be started.
    pub(crate) fn become_it(mut self) -> anyhow::Error {
        use std::os::unix::process::CommandExt as _;
        let line = self.show();
        self.inner.stdin(Stdio::inherit());
        anyhow::Error::new(self.inner.exec()).context(cannot_start(&line))
    }

    fn show(&self) -> String {
        let line = self.line();
        println!("      $ {line}");
        line
    }
}

/// Ends a child at once and takes its status, so that no zombie stays.
pub(crate) fn stop(child: &mut Child) {
    // Both fail only when it has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

/// Whether a program of that name is on the path.
pub(crate) fn on_path(program: &str) -> bool {
    find_on_path(program).is_some()
}

/// Where a program is on the path; the folders for administrators count too, which are not on everybody's.
pub(crate) fn find_on_path(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin".into(), "/sbin".into()]);
    folders.into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn cannot_start(line: &str) -> String {
    format!("cannot start `{line}`")
}

fn ended_well(line: &str, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Text without the terminal's colour sequences (ESC `[` … letter).
pub(crate) fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            if characters.next() == Some('[') {
                for inner in characters.by_ref() {
                    if inner.is_ascii_alphabetic() {
                        break;
                    }
                }
            }
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_removed() {
        assert_eq!(without_colours("\u{1b}[1;32m  Summary\u{1b}[0m [ 1s]"), "  Summary [ 1s]");
    }

    #[test]
    fn a_command_line_is_quoted_where_needed() {
        assert_eq!(Cmd::new("a").args(["b-c", "d e", ""]).line(), "a b-c 'd e' ''");
    }

    #[test]
    fn tee_returns_both_streams_and_the_status() {
        let output = Cmd::new("sh").args(["-c", "echo one; echo two >&2; exit 3"]).tee().unwrap();
        assert!(output.text.contains("one\n") && output.text.contains("two\n"), "{}", output.text);
        assert_eq!(output.status.code(), Some(3));
    }

    #[test]
    fn a_program_that_hangs_is_stopped() {
        let error = Cmd::new("sleep").arg("600").run_within(Duration::from_millis(200)).unwrap_err();
        assert!(error.to_string().contains("did not end"), "{error}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Cmd::new("no-such-program-rtm2").read().unwrap_err();
        assert!(error.to_string().contains("no-such-program-rtm2"), "{error}");
    }
}
