//! Tells the binary which commit it was built from and with which features, and cargo that the page is part of it.

use std::process::Command;

fn main() {
    let commit = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output()
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown commit".to_owned(), |hash| hash.trim().to_owned());
    let features = if std::env::var_os("CARGO_FEATURE_V4L").is_some() { " v4l" } else { " none" };
    println!("cargo::rustc-env=RTM2_COMMIT={commit}");
    println!("cargo::rustc-env=RTM2_FEATURES={features}");
    // A path that is missing would mean a new binary at every build, also in a checkout without a `.git` folder.
    if std::path::Path::new("../.git/HEAD").exists() {
        println!("cargo::rerun-if-changed=../.git/HEAD");
    }
    // The page is embedded: a new one means a new binary.
    let _ = std::fs::create_dir_all("../dist");
    println!("cargo::rerun-if-changed=../dist");
    println!("cargo::rerun-if-changed=build.rs");
}
