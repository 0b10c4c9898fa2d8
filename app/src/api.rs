//! Server functions: the control calls of the page. Data (frames, bars) goes over plain routes instead.
//!
//! Every function names its endpoint, because a derived one would hold a hash of the build directory, and takes JSON,
//! because the default form encoding could be posted from another site. Bodies call the [`Control`] that the server
//! provides as context.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::push::{Change, Device, Subscription};
use crate::wire::UserInfo;
use crate::{CameraInfo, Mode, Timestamp};

/// Prefix of all server functions' paths.
pub const PREFIX: &str = "/api/fn";

/// A connected viewer, as an admin sees it (R25): no header and no secret (B2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Account name.
    pub user: String,
    /// Network address without port.
    pub address: String,
    /// The browser's description of itself, cut to 200 characters.
    pub user_agent: String,
    /// When it connected.
    pub since: Timestamp,
    /// What it watches.
    pub mode: Mode,
    /// Whether it gets pictures now: not while nobody looks at them.
    pub pictures: bool,
}

/// An account, as an admin sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Name and rights.
    pub user: UserInfo,
    /// When it was made.
    pub since: Timestamp,
}

/// A call's answer in the making; the error is a sentence for the user.
#[cfg(feature = "ssr")]
pub type Reply<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;

/// What the server does for server functions, for one caller. Implementations check the caller's rights themselves.
#[cfg(feature = "ssr")]
pub trait Control: Send + Sync {
    /// The caller.
    fn whoami(&self) -> Reply<UserInfo>;
    /// All cameras with their states.
    fn cameras(&self) -> Reply<Vec<CameraInfo>>;
    /// All connected viewers; admins only.
    fn viewers(&self) -> Reply<Vec<Viewer>>;
    /// All accounts; admins only.
    fn accounts(&self) -> Reply<Vec<Account>>;
    /// Makes an account; admins only.
    fn add_account(&self, user: UserInfo, password: String) -> Reply<()>;
    /// Removes an account and ends its sessions; admins only, and never the last admin.
    fn remove_account(&self, name: String) -> Reply<()>;
    /// Changes the caller's own password and ends their other sessions.
    fn change_password(&self, current: String, new: String) -> Reply<()>;
    /// The public key that devices subscribe to pushes with (`applicationServerKey`), base64url.
    fn push_key(&self) -> Reply<String>;
    /// The caller's own devices.
    fn push_devices(&self) -> Reply<Vec<Device>>;
    /// Takes a device of the caller in, or its new keys.
    fn push_subscribe(&self, subscription: Subscription, name: String) -> Reply<Device>;
    /// Does something to one of the caller's own devices.
    fn push_change(&self, device: i64, change: Change) -> Reply<()>;
}

/// The control that the server provided for this request.
#[cfg(feature = "ssr")]
fn control() -> std::sync::Arc<dyn Control> {
    expect_context()
}

/// The caller.
#[server(endpoint = "whoami", prefix = "/api/fn", input = Json)]
pub async fn whoami() -> Result<UserInfo, ServerFnError> {
    control().whoami().await.map_err(ServerFnError::new)
}

/// All cameras with their states.
#[server(endpoint = "cameras", prefix = "/api/fn", input = Json)]
pub async fn cameras() -> Result<Vec<CameraInfo>, ServerFnError> {
    control().cameras().await.map_err(ServerFnError::new)
}

/// All connected viewers; admins only.
#[server(endpoint = "viewers", prefix = "/api/fn", input = Json)]
pub async fn viewers() -> Result<Vec<Viewer>, ServerFnError> {
    control().viewers().await.map_err(ServerFnError::new)
}

/// All accounts; admins only.
#[server(endpoint = "accounts", prefix = "/api/fn", input = Json)]
pub async fn accounts() -> Result<Vec<Account>, ServerFnError> {
    control().accounts().await.map_err(ServerFnError::new)
}

/// Makes an account; admins only.
#[server(endpoint = "add_account", prefix = "/api/fn", input = Json)]
pub async fn add_account(
    /// Name and rights of the new account.
    user: UserInfo,
    /// Its password.
    password: String,
) -> Result<(), ServerFnError> {
    control().add_account(user, password).await.map_err(ServerFnError::new)
}

/// Removes an account; admins only.
#[server(endpoint = "remove_account", prefix = "/api/fn", input = Json)]
pub async fn remove_account(
    /// Name of the account.
    name: String,
) -> Result<(), ServerFnError> {
    control().remove_account(name).await.map_err(ServerFnError::new)
}

/// Changes the caller's own password.
#[server(endpoint = "change_password", prefix = "/api/fn", input = Json)]
pub async fn change_password(
    /// The password so far.
    current: String,
    /// The password from now on.
    new: String,
) -> Result<(), ServerFnError> {
    control().change_password(current, new).await.map_err(ServerFnError::new)
}

/// The public key that devices subscribe to pushes with.
#[server(endpoint = "push_key", prefix = "/api/fn", input = Json)]
pub async fn push_key() -> Result<String, ServerFnError> {
    control().push_key().await.map_err(ServerFnError::new)
}

/// The caller's own devices.
#[server(endpoint = "push_devices", prefix = "/api/fn", input = Json)]
pub async fn push_devices() -> Result<Vec<Device>, ServerFnError> {
    control().push_devices().await.map_err(ServerFnError::new)
}

/// Takes a device of the caller in, or its new keys.
#[server(endpoint = "push_subscribe", prefix = "/api/fn", input = Json)]
pub async fn push_subscribe(
    /// What its browser handed out.
    subscription: Subscription,
    /// What to call it.
    name: String,
) -> Result<Device, ServerFnError> {
    control().push_subscribe(subscription, name).await.map_err(ServerFnError::new)
}

/// Does something to one of the caller's own devices.
#[server(endpoint = "push_change", prefix = "/api/fn", input = Json)]
pub async fn push_change(
    /// Its number.
    device: i64,
    /// What to do.
    change: Change,
) -> Result<(), ServerFnError> {
    control().push_change(device, change).await.map_err(ServerFnError::new)
}
