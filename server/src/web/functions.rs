//! Server functions: the page's control calls, whose signatures are in [`rtm2_app::api`].

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use leptos::prelude::provide_context;
use rtm2_alert::{AlertError, Alerts};
use rtm2_app::CameraInfo;
use rtm2_app::api::{self, Account, Control, Reply, Viewer};
use rtm2_app::push::{Change, Device, Subscription};
use rtm2_app::wire::UserInfo;

use super::App;
use super::client::Client;
use super::problem::Refusal;
use crate::auth::{Auth, AuthError, Caller, Role, Session};
use crate::pipeline::Seen;

/// Paths of all server functions. Whoever adds one to [`rtm2_app::api`] adds it here and to [`register`].
pub const SERVER_FUNCTIONS: &[&str] = &[
    "/api/fn/accounts",
    "/api/fn/add_account",
    "/api/fn/cameras",
    "/api/fn/change_password",
    "/api/fn/push_change",
    "/api/fn/push_devices",
    "/api/fn/push_key",
    "/api/fn/push_subscribe",
    "/api/fn/remove_account",
    "/api/fn/viewers",
    "/api/fn/whoami",
];

/// Registers all server functions: the linker does not always keep what registers itself.
pub(super) fn register() {
    use server_fn::axum::register_explicit;
    register_explicit::<api::Whoami>();
    register_explicit::<api::Cameras>();
    register_explicit::<api::Viewers>();
    register_explicit::<api::Accounts>();
    register_explicit::<api::AddAccount>();
    register_explicit::<api::RemoveAccount>();
    register_explicit::<api::ChangePassword>();
    register_explicit::<api::PushKey>();
    register_explicit::<api::PushDevices>();
    register_explicit::<api::PushSubscribe>();
    register_explicit::<api::PushChange>();
}

/// `POST /api/fn/{function}`.
pub(super) async fn call(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Extension(session): Extension<Session>,
    client: Client,
    mut request: Request,
) -> Response {
    if !SERVER_FUNCTIONS.contains(&request.uri().path()) {
        return Refusal::not_found("there is no such function").into_response();
    }
    // They would turn the answer into a redirect to wherever the header says.
    request.headers_mut().remove(header::ACCEPT);
    request.headers_mut().remove(header::REFERER);
    let desk = Desk { app, caller, session, address: client.address, status: Arc::default() };
    let status = Arc::clone(&desk.status);
    let control: Arc<dyn Control> = Arc::new(desk);
    let context = move || provide_context(Arc::clone(&control));
    let mut response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    let refused = status.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(status) = refused {
        *response.status_mut() = status;
    }
    response
}

/// Does what one caller asks.
#[derive(Clone)]
struct Desk {
    app: App,
    caller: Caller,
    session: Session,
    address: IpAddr,
    /// The status of a refusal: server functions themselves only know 500.
    status: Arc<Mutex<Option<StatusCode>>>,
}

impl Desk {
    /// Turns a refusal into words for the page.
    fn refuse(&self, error: AuthError) -> String {
        let words = match &error {
            AuthError::Db(_) | AuthError::Hash(_) => "accounts are not available, see the server's log".to_owned(),
            other => other.to_string(),
        };
        self.set(Refusal::from(error).status());
        words
    }

    fn set(&self, status: StatusCode) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
    }

    /// Refuses everybody but admins.
    fn admins(&self) -> Result<(), String> {
        if self.caller.admin {
            return Ok(());
        }
        self.set(StatusCode::FORBIDDEN);
        Err("this is for admins".into())
    }

    /// Lets an admin do something to the accounts, off the runtime.
    fn admin_does<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Auth) -> Result<T, AuthError> + Send + 'static,
    ) -> Reply<T> {
        let desk = self.clone();
        Box::pin(async move {
            desk.admins()?;
            desk.app.auth.hashing(work).await.map_err(|error| desk.refuse(error))
        })
    }

    /// Does something about the caller's devices, off the runtime.
    fn alerts<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Alerts, i64) -> Result<T, AlertError> + Send + 'static,
    ) -> Reply<T> {
        let desk = self.clone();
        Box::pin(async move {
            let (alerts, account) = (desk.app.alerts.clone(), desk.caller.account);
            let answer = tokio::task::spawn_blocking(move || work(&alerts, account)).await;
            let refusal = match answer {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => Refusal::from(error),
                Err(_) => Refusal::stopping(),
            };
            desk.set(refusal.status());
            Err(refusal.into_message())
        })
    }
}

impl Control for Desk {
    fn whoami(&self) -> Reply<UserInfo> {
        let user = self.caller.info();
        Box::pin(async { Ok(user) })
    }

    fn cameras(&self) -> Reply<Vec<CameraInfo>> {
        let cameras = self.app.hub.cameras().iter().map(|camera| camera.info()).collect();
        Box::pin(async { Ok(cameras) })
    }

    fn viewers(&self) -> Reply<Vec<Viewer>> {
        let viewers = self.admins().map(|()| self.app.viewers.list());
        Box::pin(async { viewers })
    }

    fn accounts(&self) -> Reply<Vec<Account>> {
        self.admin_does(Auth::users)
    }

    fn add_account(&self, user: UserInfo, password: String) -> Reply<()> {
        tracing::info!(admin = %self.caller.name, "asks for a new account");
        self.admin_does(move |auth| auth.add_user(&user.name.parse()?, &password, Role::from_admin(user.admin)))
    }

    fn remove_account(&self, name: String) -> Reply<()> {
        tracing::info!(admin = %self.caller.name, "asks to remove an account");
        self.admin_does(move |auth| auth.remove_user(&name))
    }

    fn change_password(&self, current: String, new: String) -> Reply<()> {
        let mut desk = self.clone();
        Box::pin(async move {
            let auth = desk.app.auth.clone();
            let changed = auth.change_password(&mut desk.session, desk.address, &current, &new).await;
            changed.map_err(|error| desk.refuse(error))
        })
    }

    fn push_key(&self) -> Reply<String> {
        let key = self.app.alerts.public_key();
        Box::pin(async { Ok(key) })
    }

    fn push_devices(&self) -> Reply<Vec<Device>> {
        self.alerts(Alerts::devices)
    }

    fn push_subscribe(&self, subscription: Subscription, name: String) -> Reply<Device> {
        self.alerts(move |alerts, account| alerts.subscribe(account, &subscription, &name))
    }

    fn push_change(&self, device: i64, change: Change) -> Reply<()> {
        let hub = Arc::clone(&self.app.hub);
        let by = self.caller.name.clone();
        self.alerts(move |alerts, account| {
            alerts.change(account, device, &change)?;
            if let Change::Seen { upto } = change {
                let at = super::metrics::now();
                // Nobody has seen what is still to come.
                hub.see(Seen { upto: upto.min(at), at, by });
            }
            Ok(())
        })
    }
}
