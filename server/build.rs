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
    let on = |name: &&str| std::env::var_os(format!("CARGO_FEATURE_{}", name.to_uppercase())).is_some();
    let mut features: Vec<&str> = ["v4l", "onnx"].into_iter().filter(on).collect();
    if features.is_empty() {
        features.push("none");
    }
    let features = features.join(" ");
    println!("cargo::rustc-env=RTM2_COMMIT={commit}");
    println!("cargo::rustc-env=RTM2_FEATURES= {features}");
    // A path that is missing would mean a new binary at every build, also in a checkout without a `.git` folder.
    if std::path::Path::new("../.git/HEAD").exists() {
        println!("cargo::rerun-if-changed=../.git/HEAD");
    }
    // The page is embedded: a new one means a new binary.
    let _ = std::fs::create_dir_all("../dist");
    println!("cargo::rerun-if-changed=../dist");
    println!("cargo::rerun-if-changed=build.rs");
}
