//! Listening, and stopping in order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::listener::{Connection, Entrance};
use super::{App, router};

/// Longest time that requests and viewers get to end.
const DRAIN: Duration = Duration::from_secs(10);
/// How often histograms are folded, so that they stay small when nobody scrapes them.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves until `shutdown` is cancelled: then no new connections, sockets are closed with 1001, streams end, requests
/// are answered, all within [`DRAIN`].
pub async fn serve(listener: TcpListener, app: App, shutdown: CancellationToken) -> io::Result<()> {
    let service = router(&app).into_make_service_with_connect_info::<Connection>();
    let listener = Entrance::new(listener, app.settings.https.as_ref().map(|https| Arc::clone(&https.config)));
    let closing = app.closing.clone();
    let stop = {
        let closing = closing.clone();
        async move {
            shutdown.cancelled().await;
            closing.cancel();
        }
    };
    let overdue = async {
        closing.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    let all = async {
        let served = axum::serve(listener, service).with_graceful_shutdown(stop).await;
        // Upgraded connections are no longer axum's.
        app.open.close();
        app.open.wait().await;
        served
    };
    tokio::select! {
        served = all => served,
        () = overdue => {
            tracing::warn!("some connections did not end in time and were dropped");
            Ok(())
        }
        () = upkeep(&app) => Ok(()),
    }
}

/// Never ends.
async fn upkeep(app: &App) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        if let Some(metrics) = &app.metrics {
            metrics.run_upkeep();
        }
    }
}
