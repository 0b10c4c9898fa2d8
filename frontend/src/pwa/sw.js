// The service worker: keeps the page's own files so that it opens without the server, and shows what is pushed.
// Pictures, bars and everything else behind the login never go through it.

/** Files to keep, `[address, mark of the content]`: filled in by the server. */
const KEPT = {{__RTM2_KEPT__}};
/** One cache per build. */
const CACHE = "rtm2-{{__RTM2_BUILD__}}";
/** Addresses at which the page is shown. */
const PAGES = ["/", "/history", "/settings", "/alarm", "/readiness", "/login", "/setup"];
/** How long the page is waited for before the kept one is shown. */
const PATIENCE_MS = 4000;
/** How long a notification waits for its picture. */
const PICTURE_MS = 3000;
/** Largest picture of a notification in bytes. */
const PICTURE_BYTES = 200_000;
const ICON = "/icons/icon-192.png";
/** Where this browser's number among the devices is kept, over builds. */
const DEVICE = "push-device";

const paths = new Set(KEPT.map(([path]) => path));
/** Trunk names files by their content. */
const isHashed = (path) => /-[0-9a-f]{8,}(_bg)?\./.test(path);

addEventListener("install", (event) => {
  const fresh = (path) => new Request(path, { cache: isHashed(path) ? "default" : "reload" });
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(["/", ...paths].map(fresh))));
});

addEventListener("activate", (event) => {
  const clear = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("rtm2-") && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await clients.claim();
  };
  event.waitUntil(clear());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) {
    return;
  }
  if (request.mode === "navigate" && PAGES.includes(pathname)) {
    event.respondWith(page(request));
  } else if (paths.has(pathname)) {
    event.respondWith(isHashed(pathname) ? keptFirst(request) : networkFirst(request));
  }
});

/** The page from the network; where that fails or takes too long, the kept one, which says so itself. */
async function page(request) {
  const kept = caches.open(CACHE).then((cache) => cache.match("/"));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answer = fetch(request).catch(() => undefined);
  const first = await Promise.race([answer, late.then(() => kept)]);
  if (first && first.status < 500) {
    return first;
  }
  return (await kept) ?? (await answer) ?? Response.error();
}

async function keptFirst(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request.url)) ?? fetch(request);
}

async function networkFirst(request) {
  try {
    return await fetch(request);
  } catch {
    const cache = await caches.open(CACHE);
    return (await cache.match(request.url)) ?? Response.error();
  }
}

addEventListener("message", ({ data }) => {
  if (data === "update") {
    skipWaiting();
  }
});

addEventListener("push", (event) => event.waitUntil(notify(read(event.data))));

/** What was pushed; nothing that can be read still gives a notification: browsers take the subscription away otherwise. */
function read(data) {
  try {
    const message = data.json();
    return typeof message === "object" && message !== null ? message : {};
  } catch {
    return {};
  }
}

/** Shows exactly one notification. */
async function notify({ title, body, at, camera, url, tag, image, kind, device }) {
  const text = (value, otherwise) => (typeof value === "string" && value !== "" ? value : otherwise);
  const options = {
    body: text(body, "Something moved."),
    icon: ICON,
    tag: text(tag, `camera-${Number.isInteger(camera) ? camera : "any"}`),
    renotify: true,
    data: { url: text(url, "/") },
  };
  if (Number.isFinite(at)) {
    // Pushed in microseconds, as all times here.
    options.timestamp = at / 1000;
  }
  if (Number.isInteger(device)) {
    options.data.device = device;
    const act = kind === "unanswered" ? "seen" : "snooze";
    const open = { action: "open", title: "Open" };
    options.actions = kind === "test" ? [open] : [{ action: act, title: ACTS[act].title }, open];
    // A number that cannot be kept is told again with the next push.
    await keepDevice(device).catch(() => undefined);
  }
  options.image = await picture(image).catch(() => undefined);
  return registration.showNotification(text(title, "rtm2"), options);
}

// A small picture from behind the login, carried along: the system, which shows it, has no cookie. None where
// notifications have no room for it, or where it does not come in time.
async function picture(path) {
  if (typeof path !== "string" || !path.startsWith("/api/") || !("image" in Notification.prototype)) {
    return undefined;
  }
  const answer = await fetch(path, { signal: AbortSignal.timeout(PICTURE_MS) });
  const type = answer.headers.get("content-type");
  if (!answer.ok || type !== "image/jpeg") {
    return undefined;
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return bytes.length > PICTURE_BYTES ? undefined : `data:${type};base64,${btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""))}`;
}

/** What can be done from a notification without opening the page; see `Change` in `app/src/push.rs`. */
const ACTS = {
  snooze: { title: "Snooze 1 h", change: { do: "snooze", seconds: 3600 }, done: "This device is silent for an hour." },
  // Whatever rings now: the server knows until when that is.
  seen: { title: "Acknowledge", change: { do: "seen", upto: Number.MAX_SAFE_INTEGER }, done: "Acknowledged on every device." },
};

addEventListener("notificationclick", (event) => {
  const { action, notification } = event;
  notification.close();
  const act = ACTS[action];
  event.waitUntil(act ? perform(act, notification) : open(notification.data?.url ?? "/"));
});

/** Does it, and says in place of the notification how that went. */
async function perform({ change, done }, { title, tag, data }) {
  const say = (body, url) => registration.showNotification(title, { body, tag, silent: true, icon: ICON, data: { url } });
  try {
    await call("push_change", { device: data.device, change });
    await say(done, data.url);
  } catch (error) {
    await say(`That did not work: ${error.message}.`, "/settings");
  }
}

/** Calls a server function as the page does: with its cookie and its origin. */
async function call(name, body) {
  const answer = await fetch(`/api/fn/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error("the server does not answer");
  });
  if (answer.status === 401) {
    throw new Error("you are logged out");
  }
  if (!answer.ok) {
    throw new Error((await answer.text()).replace(/^ServerError\|/, ""));
  }
  return answer.json();
}

addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

/** The browser has ended the subscription: the device gets another one, and stays what it is. */
async function renew({ oldSubscription, newSubscription }) {
  const kept = await (await caches.open(DEVICE)).match("/");
  if (!kept) {
    // The page mends it when it is opened next.
    return;
  }
  const key = async () => oldSubscription?.options?.applicationServerKey ?? call("push_key", {});
  const subscribe = async () =>
    registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: await key() });
  const subscription = newSubscription ?? (await subscribe());
  await call("push_change", { device: Number(await kept.text()), change: { do: "renew", subscription } });
}

async function keepDevice(device) {
  const cache = await caches.open(DEVICE);
  await cache.put("/", new Response(String(device)));
}

/** Brings a window to the front and lets it show an address of ours, or opens one. */
async function open(address) {
  const asked = new URL(address, location.origin);
  const url = asked.origin === location.origin ? asked : new URL("/", location.origin);
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const client = windows.find((window) => window.focused) ?? windows.find((window) => window.visibilityState === "visible") ?? windows[0];
  if (!client) {
    await clients.openWindow(url.href);
    return;
  }
  client.postMessage({ open: url.pathname + url.search });
  // Refused where the click is too long ago; the window shows the frame all the same.
  await client.focus().catch(() => undefined);
}
