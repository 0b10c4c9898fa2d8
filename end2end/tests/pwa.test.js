// The page as an installed app: what installing needs, opening without the server, a newer build, and what is pushed.

import assert from "node:assert/strict";
import { untilWorker } from "../lib/alarm.js";
import { LOGGED_OUT, SERVER_AWAY, until } from "../lib/browser.js";
import { startProxy } from "../lib/proxy.js";
import { scene } from "../lib/scene.js";
import { makeStill } from "../lib/media.js";
import { carrier, shown, tap, untilShown } from "../lib/push.js";
import { enter, storedBars, untilStatus } from "../lib/user.js";

// Chromium has many names for a connection that was cut.
const AWAY = [LOGGED_OUT, SERVER_AWAY, /Failed to load resource: net::ERR_/, /Failed to fetch/];
const options = { page: { expected: AWAY, permissions: ["notifications"] } };

/** Nothing moves. */
async function still(folder) {
  return ["--source", `file:${await makeStill(folder)}?loop&fps=10`];
}

/** Enters through a proxy, whose address stays when the server goes. */
async function enterThrough(proxy, page, server, address = "/") {
  await enter(page, { ...server, setupUrl: server.setupUrl, url: proxy.url }, address);
  await untilStatus(page, /^online$/);
  await untilWorker(page);
}

/** Width and height of a PNG. */
function size(png) {
  assert.equal(png.toString("latin1", 1, 4), "PNG");
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
}

scene("manifest and worker are what installing needs", { prepare: still, ...options }, async ({ server, page, context }) => {
  await enter(page, server);
  await untilWorker(page);
  const devtools = await context.newCDPSession(page);
  const { url, errors, data } = await devtools.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  assert.equal(url, `${server.url}/manifest.webmanifest`);
  const manifest = JSON.parse(data);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // Contexts of tests are like private windows, where nothing is installed.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito"), []);

  assert.deepEqual(manifest.shortcuts.map(({ name }) => name), ["Live", "Alarm", "History"]);
  for (const { url } of manifest.shortcuts) {
    assert.ok((await page.request.get(server.url + url, { headers: { accept: "text/html" } })).ok(), url);
  }
  const pictures = [...manifest.icons, ...manifest.screenshots].filter(({ type }) => type === "image/png");
  for (const { src, sizes } of pictures) {
    const answer = await page.request.get(server.url + src);
    assert.equal(size(await answer.body()), sizes, src);
  }
  assert.ok(manifest.icons.some(({ sizes }) => sizes === "192x192") && manifest.icons.some(({ sizes }) => sizes === "512x512"));
  assert.ok(manifest.icons.some(({ purpose }) => purpose === "maskable"));

  const worker = await page.request.get(`${server.url}/sw.js`);
  assert.equal(worker.headers()["cache-control"], "no-cache");
  assert.ok(!(await worker.text()).includes("{{__"), "the server left something out");
});

scene("without the server the page opens and says so", { prepare: still, ...options }, async ({ server, page, later }) => {
  const proxy = await startProxy(server);
  later(() => proxy.stop());
  await enterThrough(proxy, page, server);
  proxy.cut();
  for (const address of ["/", "/alarm", "/history?camera=0"]) {
    await page.goto(proxy.url + address);
    await page.getByText(/The server does not answer|You are offline/).waitFor();
  }
  const kept = await page.evaluate(async () => {
    const all = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map(({ url }) => new URL(url).pathname);
  });
  assert.ok(kept.includes("/") && kept.some((path) => path.endsWith(".wasm")), kept.join(" "));
  assert.deepEqual(kept.filter((path) => /^\/(api|frames|snapshot|stream|metrics|ws)/.test(path)), [], "kept what it must not");
  proxy.mend();
  await untilStatus(page, /^online$/);
});

scene("a newer build is offered, and taken with one tap", { prepare: still, ...options }, async ({ server, page, later }) => {
  const proxy = await startProxy(server);
  later(() => proxy.stop());
  await enterThrough(proxy, page, server);
  // Other caches do not belong to a build.
  const cache = () => page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith("rtm2-")));
  const [old] = await cache();
  proxy.rewrite = (worker) => worker.replace(/const CACHE = "rtm2-([^"]+)"/, 'const CACHE = "rtm2-$1-next"');
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  const banner = page.getByRole("alert").filter({ hasText: "new version" });
  await banner.getByRole("button", { name: "Reload" }).click();
  await until("the newer build's files", async () => {
    const names = await cache().catch(() => []);
    return names.length === 1 && names[0] === `${old}-next`;
  });
  await untilStatus(page, /^online$/);
  assert.equal(await banner.count(), 0);
});

/** What a notification says, and where it leads. */
const said = (list) => list.map(({ title, body, tag, url }) => ({ title, body, tag, url }));

scene("a push shows one notification, and a tap on it opens the frame", { page: options.page }, async (parts) => {
  const { server, page, context } = parts;
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await untilWorker(page);
  const [[, , at]] = await until("a frame", async () => {
    const bars = await storedBars(page, server);
    return bars.length > 0 && bars;
  });
  const url = `/history?camera=0&at=${at}`;
  const push = await carrier(page);
  const first = JSON.stringify({ title: "Motion: Door", body: "score 12", at, camera: 0, url, tag: "camera-0" });
  assert.deepEqual(said(await untilShown(page, () => push(first), "a notification")), [
    { title: "Motion: Door", body: "score 12", tag: "camera-0", url },
  ]);
  // The same camera again: still one.
  const newer = JSON.stringify({ title: "Motion: Door", body: "score 13", at, camera: 0, url, tag: "camera-0" });
  const isNewer = (list) => list.length > 0 && list.every(({ body }) => body === "score 13");
  await untilShown(page, () => push(newer), "the newer one", isNewer);
  assert.equal((await shown(page)).length, 1);

  await tap(context, "camera-0");
  await page.waitForURL(`${server.url}${url}`);
  await page.getByRole("img", { name: /./ }).first().waitFor();
  assert.deepEqual(await shown(page), []);

  // Without a window one is opened. Chromium wants a real tap for that, so it is only looked at.
  const again = JSON.stringify({ title: "Motion", body: "x", at, camera: 0, url, tag: "again" });
  await untilShown(page, () => push(again), "a notification");
  const [worker] = context.serviceWorkers();
  const opened = await worker.evaluate(async () => {
    const found = new Promise((resolve) => (clients.openWindow = async (url) => resolve(url)));
    clients.matchAll = async () => [];
    const [notification] = await registration.getNotifications({ tag: "again" });
    dispatchEvent(new NotificationEvent("notificationclick", { notification }));
    return found;
  });
  assert.equal(opened, server.url + url);
});

scene("whatever is pushed shows exactly one notification", { prepare: still, ...options }, async ({ server, page }) => {
  await enter(page, server);
  await untilWorker(page);
  const push = await carrier(page);
  for (const data of ["", "no JSON", "null", "[]", "3", "{}", '{"title":7,"url":{},"at":"x","tag":[]}']) {
    const notifications = await untilShown(page, () => push(data), `a notification for ${data}`);
    assert.deepEqual(notifications.map(({ title, body, url }) => ({ title, body, url })), [
      { title: "rtm2", body: "Something moved.", url: "/" },
    ], data);
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      (await registration.getNotifications()).forEach((notification) => notification.close());
    });
    await until("none", async () => (await shown(page)).length === 0);
  }
});
