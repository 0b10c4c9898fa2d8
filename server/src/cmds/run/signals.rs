//! The first SIGINT or SIGTERM ends the server gracefully, the second at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit code after a second signal: stopped, but not cleanly.
const FORCED: i32 = 1;

/// Cancels `shutdown` at the first signal and ends the process at the second.
pub(super) fn watch(shutdown: CancellationToken) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        let name = next(&mut interrupt, &mut terminate).await;
        tracing::info!("{name}: stopping; once more to stop at once");
        shutdown.cancel();
        let name = next(&mut interrupt, &mut terminate).await;
        tracing::warn!("{name} again: stopping at once");
        std::process::exit(FORCED);
    });
    Ok(())
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    }
}
