// Notifications on one's own devices: subscribing, testing, changing and removing, with a push service on loopback.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { line } from "../lib/alarm.js";
import { LOGGED_OUT, until } from "../lib/browser.js";
import { KEYS } from "../lib/push.js";
import { scene } from "../lib/scene.js";
import { enter } from "../lib/user.js";

/** A push service that takes everything, and a server that may talk to it. */
async function prepare(folder, later) {
  const pushed = [];
  const service = createServer((request, response) => {
    request.resume().on("end", () => {
      pushed.push(request);
      response.writeHead(201).end();
    });
  });
  await new Promise((resolve) => service.listen(0, "127.0.0.1", resolve));
  later(() => service.close());
  const config = path.join(folder, "config.toml");
  await writeFile(config, "[alert]\nprivate-push = true\n");
  const endpoint = `http://127.0.0.1:${service.address().port}/phone`;
  return { args: ["--config", config, "--source", "demo:"], pushed, endpoint };
}

/** The browser's own push service is out of reach here: its place is taken by one that hands out our endpoint. */
function pushManager({ endpoint, keys }) {
  let current = null;
  const subscription = {
    toJSON: () => ({ endpoint, expirationTime: null, keys }),
    unsubscribe: async () => {
      current = null;
      return true;
    },
  };
  const pushManager = {
    getSubscription: async () => current,
    subscribe: async (options) => {
      window.subscribedWith = options;
      current = subscription;
      return current;
    },
  };
  Object.defineProperty(navigator.serviceWorker, "ready", { value: Promise.resolve({ pushManager }) });
}

const heading = (page) => page.getByRole("region", { name: "Notifications on my devices" });

scene("a device is subscribed with a tap, tested, changed and removed", { prepare, page: { expected: [LOGGED_OUT] } }, async (parts) => {
  const { server, page, context, pushed, endpoint } = parts;
  await context.grantPermissions(["notifications"], { origin: server.url });
  await page.addInitScript(pushManager, { endpoint, keys: KEYS });
  await enter(page, server, "/settings");
  const devices = heading(page);
  await devices.getByRole("button", { name: "Notify me on this device" }).click();
  await devices.getByText(/· this device/).waitFor();
  await devices.getByRole("button", { name: "Notify me on this device" }).waitFor({ state: "hidden" });
  const used = await page.evaluate(() => window.subscribedWith);
  assert.equal(used.userVisibleOnly, true);
  assert.equal(Buffer.from(used.applicationServerKey, "base64url").length, 65);

  await devices.getByRole("button", { name: /^Test/ }).click();
  await until("a push", () => pushed.some((request) => request.headers.topic === "rtm2-test"));
  const [push] = pushed;
  assert.equal(push.url, "/phone");
  assert.equal(push.headers["content-encoding"], "aes128gcm");
  assert.ok(push.headers.authorization.includes(`k=${used.applicationServerKey}`), "signed with another key");
  await devices.getByText(/delivered, /).waitFor();

  await devices.getByRole("button", { name: /^Snooze/ }).click();
  await devices.getByText(/silent until/).waitFor();
  await devices.getByRole("button", { name: /^Wake/ }).click();
  await devices.getByRole("button", { name: /^Snooze/ }).waitFor();

  await devices.getByText("Name, cameras and quiet hours").click();
  await devices.getByLabel("Name", { exact: true }).fill("Kitchen tablet");
  await devices.getByLabel("Silent from").fill("22:00");
  await devices.getByLabel("Silent until").fill("06:30");
  await devices.getByRole("button", { name: "Save" }).click();
  await devices.getByText("Kitchen tablet").waitFor();
  await until("both changes", async () => {
    const answer = await page.request.post(`${server.url}/api/fn/push_devices`, { data: {}, headers: { origin: server.url } });
    const [device] = await answer.json();
    return device.filters.quiet?.to === 390;
  });
  await page.reload();
  await devices.getByText(/· this device/).waitFor();
  await devices.getByText("Name, cameras and quiet hours").click();
  assert.equal(await devices.getByLabel("Silent until").inputValue(), "06:30");

  await devices.getByRole("button", { name: "Remove: Kitchen tablet" }).click();
  await devices.getByRole("button", { name: "Notify me on this device" }).waitFor();
  assert.equal(await devices.getByRole("listitem").count(), 0);
});

scene("what is missing is said", { prepare, page: { expected: [LOGGED_OUT] } }, async ({ server, page, context }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator.serviceWorker, "ready", { value: new Promise(() => undefined) });
  });
  await enter(page, server, "/settings");
  const devices = heading(page);
  const notify = devices.getByRole("button", { name: "Notify me on this device" });
  await context.grantPermissions([], { origin: server.url });
  await notify.click();
  await devices.getByText("blocked: allow them").waitFor();
  await context.grantPermissions(["notifications"], { origin: server.url });
  await notify.click();
  await devices.getByText("service worker is not running").waitFor();
});

scene("one tap on the page of readiness is enough, and a second one tests it", { prepare, page: { expected: [LOGGED_OUT] } }, async (parts) => {
  const { server, page, context, pushed, endpoint } = parts;
  await page.addInitScript(pushManager, { endpoint, keys: KEYS });
  await enter(page, server, "/readiness");
  const push = line(page, "Push");
  // What went wrong stays beside the button, which can be tapped again.
  await push.getByText("needs a tap").waitFor();
  await push.getByRole("button", { name: "Notify me on this device" }).click();
  await push.getByRole("alert").getByText("blocked: allow them").waitFor();
  await context.grantPermissions(["notifications"], { origin: server.url });
  await push.getByRole("button", { name: "Notify me on this device" }).click();
  await push.getByText("works: this device is on your list").waitFor();
  assert.equal(await push.getByRole("alert").count(), 0);
  await push.getByRole("button", { name: "Test: Push" }).click();
  await until("a push", () => pushed.some((request) => request.headers.topic === "rtm2-test"));
  await page.getByRole("link", { name: "Settings" }).click();
  await heading(page).getByText(/· this device/).waitFor();
});
