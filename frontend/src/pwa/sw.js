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
function notify({ title, body, at, camera, url, tag }) {
  const text = (value, otherwise) => (typeof value === "string" && value !== "" ? value : otherwise);
  const options = {
    body: text(body, "Something moved."),
    icon: "/icons/icon-192.png",
    tag: text(tag, `camera-${Number.isInteger(camera) ? camera : "any"}`),
    renotify: true,
    data: { url: text(url, "/") },
  };
  if (Number.isFinite(at)) {
    // Pushed in microseconds, as all times here.
    options.timestamp = at / 1000;
  }
  return registration.showNotification(text(title, "rtm2"), options);
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? "/"));
});

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
