//! The page's entry.

fn main() {
    rtm2_frontend::run();
}
