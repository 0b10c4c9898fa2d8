//! `rtm2 user`: accounts from the command line, also while the server runs.

use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _};

use jiff::Timestamp;

use super::{Failure, Global, print};
use crate::auth::{self, Auth, AuthError, Role, UserName};

/// Arguments of `rtm2 user`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make an account; the password is asked for, or read as one line from standard input
    Add {
        /// Name of the account
        name: String,
        /// Let it change settings, make accounts and see who watches
        #[arg(long)]
        admin: bool,
    },
    /// Change a password; ends the account's sessions
    Passwd {
        /// Name of the account
        name: String,
    },
    /// List the accounts
    List,
    /// Remove an account and end its sessions
    Remove {
        /// Name of the account
        name: String,
    },
}

/// Runs the action.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let dir = global.state_dir()?;
    super::run::make_private(&dir)?;
    let auth = Auth::open(&dir.join(auth::FILE)).map_err(failure)?;
    match &args.action {
        Action::Add { name, admin } => {
            let user: UserName = name.parse().map_err(failure)?;
            auth.add_user(&user, &ask_password()?, Role::from_admin(*admin)).map_err(failure)?;
            print(&format!("{name} can log in now\n"))
        }
        Action::Passwd { name } => {
            auth.set_password(name, &ask_password()?).map_err(failure)?;
            print(&format!("the password of {name} is changed; its sessions have ended\n"))
        }
        Action::List => list(&auth),
        Action::Remove { name } => {
            auth.remove_user(name).map_err(failure)?;
            print(&format!("{name} is removed\n"))
        }
    }
}

fn failure(error: AuthError) -> Failure {
    Failure::Other(error.into())
}

/// Twice from a terminal without showing it, else one line of standard input.
fn ask_password() -> Result<String, Failure> {
    let reading = |e| Failure::io("cannot read the password", e);
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(reading)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let first = rpassword::prompt_password("Password: ").map_err(reading)?;
    let second = rpassword::prompt_password("Once more: ").map_err(reading)?;
    if first != second {
        return Err(anyhow::anyhow!("the two passwords differ; nothing was changed").into());
    }
    Ok(first)
}

fn list(auth: &Auth) -> Result<(), Failure> {
    let users = auth.users().map_err(failure)?;
    if users.is_empty() {
        return print(
            "no accounts yet; the link that `rtm2 run` prints makes the first, or `rtm2 user add NAME --admin`\n",
        );
    }
    let mut text = String::new();
    for account in users {
        let role = if account.user.admin { "admin" } else { "viewer" };
        let since = Timestamp::from_microsecond(account.since.0).map(|t| t.strftime("%F").to_string());
        let _ = writeln!(text, "{:<24} {role:<7} since {}", account.user.name, since.unwrap_or_default());
    }
    print(&text)
}
