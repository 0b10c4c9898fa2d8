//! `rtm2 health`: for container health checks and scripts.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::{Failure, Global, print};

/// A server that does not answer within this is not healthy.
const PATIENCE: Duration = Duration::from_secs(5);

/// Arguments of `rtm2 health`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address of the server [default: `web.listen` of the configuration]
    #[arg(long, value_name = "ADDR")]
    address: Option<SocketAddr>,
}

/// Asks `/healthz`; exit code 0 when it answers 200.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let address = match args.address {
        Some(address) => address,
        None => global.load(Vec::new())?.config.web.listen,
    };
    match status_line(address) {
        Ok(line) if line.split(' ').nth(1) == Some("200") => print("healthy\n"),
        Ok(line) => {
            print(&format!("not healthy: {line}\n"))?;
            Err(Failure::Found)
        }
        Err(error) => {
            print(&format!("not healthy: {address} does not answer: {error}\n"))?;
            Err(Failure::Found)
        }
    }
}

/// Sends one request and reads the first line of the answer.
fn status_line(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
