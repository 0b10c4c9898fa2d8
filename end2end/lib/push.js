// A push service on loopback that takes everything and can read it, a browser that subscribes there, and a way for what was
// pushed into the page's service worker.

import { createDecipheriv, createECDH, hkdfSync } from "node:crypto";
import { createServer } from "node:http";
import { until } from "./browser.js";

/** The device's keys: those of RFC 8291's example. */
const PRIVATE = Buffer.from("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "base64url");
export const KEYS = {
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
};

/** What stands in an encrypted push (RFC 8291). */
export function decrypt(body) {
  const [salt, end] = [body.subarray(0, 16), 21 + body[20]];
  const [sender, sealed] = [body.subarray(21, end), body.subarray(end)];
  const device = createECDH("prime256v1");
  device.setPrivateKey(PRIVATE);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), device.getPublicKey(), sender]);
  const secret = hkdfSync("sha256", device.computeSecret(sender), Buffer.from(KEYS.auth, "base64url"), info, 32);
  const derive = (what, length) =>
    Buffer.from(hkdfSync("sha256", Buffer.from(secret), salt, `Content-Encoding: ${what}\0`, length));
  const cipher = createDecipheriv("aes-128-gcm", derive("aes128gcm", 16), derive("nonce", 12));
  cipher.setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  // The last record ends with a 2 and zeros.
  return JSON.parse(plain.subarray(0, plain.lastIndexOf(2)).toString());
}

/** Starts the push service. `pushed` holds what came: `{ path, message }`. */
export async function startPushService(later) {
  const pushed = [];
  const service = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) {
      parts.push(part);
    }
    pushed.push({ path: request.url, message: decrypt(Buffer.concat(parts)) });
    response.writeHead(201).end();
  });
  await new Promise((resolve) => service.listen(0, "127.0.0.1", resolve));
  later(() => service.close());
  return { pushed, base: `http://127.0.0.1:${service.address().port}` };
}

/**
 * Runs in the page before anything else: the browser's own push service is out of reach here, so its place is taken by one that
 * hands out an endpoint of ours, remembered as a browser would.
 */
export function subscriber({ base, keys }) {
  const endpoint = () => localStorage.getItem("test.endpoint");
  const subscription = {
    toJSON: () => ({ endpoint: endpoint(), expirationTime: null, keys }),
    unsubscribe: async () => localStorage.removeItem("test.endpoint") ?? true,
  };
  const pushManager = {
    getSubscription: async () => (endpoint() === null ? null : subscription),
    subscribe: async () => {
      const count = Number(localStorage.getItem("test.subscribed") ?? 0) + 1;
      localStorage.setItem("test.subscribed", count);
      localStorage.setItem("test.endpoint", `${base}/${count}`);
      return subscription;
    },
  };
  Object.defineProperty(navigator.serviceWorker, "ready", { value: Promise.resolve({ pushManager }) });
}

/** Brings what was pushed into the page's worker, as a browser does. */
export async function carrier(page) {
  // Kept open: what is sent over a session that ends may be lost with it.
  const devtools = await page.context().newCDPSession(page);
  const registered = new Promise((resolve) => {
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const found = registrations.find(({ isDeleted }) => !isDeleted);
      if (found) {
        resolve(found.registrationId);
      }
    });
  });
  await devtools.send("ServiceWorker.enable");
  const registrationId = await registered;
  const { origin } = new URL(page.url());
  return (data) =>
    untilWorkerShows(page.context(), () => devtools.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data }));
}

/** How long a notification is waited for before what should show it is taken for lost. */
const SHOWN_MS = 5_000;

/**
 * Does what should make the worker show a notification, and waits until it is there, or for a while. Chromium forgets what is
 * on its way to the screen when somebody lists notifications meanwhile (a fifth of 300, with one who lists them every few
 * milliseconds), so nobody may look too early.
 */
async function untilWorkerShows(context, act) {
  const [worker] = context.serviceWorkers();
  await worker.evaluate(() => {
    self.isShown = new Promise((resolve) => {
      registration.showNotification = async (...notification) => {
        delete registration.showNotification;
        await registration.showNotification(...notification);
        resolve();
      };
    });
  });
  await act(worker);
  await worker.evaluate((ms) => Promise.race([self.isShown, new Promise((resolve) => setTimeout(resolve, ms))]), SHOWN_MS);
}

/** The notifications that are shown. */
export function shown(page) {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const all = await registration.getNotifications();
    return all.map(({ title, body, tag, data, image, actions, timestamp }) => {
      const labels = actions.map(({ action, title }) => `${action}: ${title}`);
      return { title, body, tag, url: data.url, image, actions: labels, atMs: timestamp };
    });
  });
}

/** What is shown after a push, which is repeated if nothing comes. */
export async function untilShown(page, deliver, what, isIt = (list) => list.length > 0) {
  let due = 0;
  return until(what, async () => {
    if (Date.now() >= due) {
      await deliver();
      due = Date.now() + 8_000;
    }
    const list = await shown(page);
    return isIt(list) && list;
  });
}

/**
 * One message brought again and again. Each delivery is a millisecond newer than the one before, and only the newest counts as
 * shown: what an earlier one showed may be there still.
 */
export function repeated(page, deliver, message) {
  let times = 0;
  const next = () => {
    times += 1;
    return deliver(JSON.stringify({ ...message, at: message.at + times * 1000 }));
  };
  const isNewest = (list) => list.some(({ atMs }) => atMs === Math.floor(message.at / 1000) + times);
  return (what) => untilShown(page, next, what, isNewest);
}

/** A tap on a notification, or on one of its buttons, of which those that do something have their outcome shown. */
export async function tap(context, tag, action = "") {
  const click = (worker) =>
    worker.evaluate(
      async ([tag, action]) => {
        const [notification] = await registration.getNotifications({ tag });
        dispatchEvent(new NotificationEvent("notificationclick", { notification, action }));
      },
      [tag, action],
    );
  const opens = action === "" || action === "open";
  await (opens ? click(context.serviceWorkers()[0]) : untilWorkerShows(context, click));
}
