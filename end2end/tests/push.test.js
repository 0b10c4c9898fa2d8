// Pushes all the way: from what moves before a camera, through an encrypted push, to a notification and back from its buttons.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { arm, headline, line, spy, untilNoticed, untilWorker } from "../lib/alarm.js";
import { lookAway } from "../lib/attention.js";
import { LOGGED_OUT, openPage, openSocket, SERVER_AWAY, until } from "../lib/browser.js";
import { makeClip, makeLongClip } from "../lib/media.js";
import { carrier, KEYS, repeated, shown, startPushService, subscriber, tap, untilShown } from "../lib/push.js";
import { scene } from "../lib/scene.js";
import { enter, untilStatus } from "../lib/user.js";

/** What Chromium logs where a device is asked for that was removed. */
const REMOVED = /status of 404 .*push_change/;
const options = { page: { expected: [LOGGED_OUT, SERVER_AWAY, REMOVED], permissions: ["notifications"] } };

/** A server that may talk to a push service on loopback, and sees a clip in a zone. */
async function start(folder, later, clip) {
  const service = await startPushService(later);
  const config = path.join(folder, "config.toml");
  const camera = `[[camera]]\nsource = "file:${clip}"\nname = "Door"\n`;
  const zone = `[[camera.zone]]\nname = "front yard"\npolygon = [[0, 0], [1, 0], [1, 1], [0, 1]]\n`;
  await writeFile(config, `[alert]\nprivate-push = true\ncooldown-s = 0\n${camera}${zone}`);
  return { args: ["--config", config], service };
}

/** Something moves all the time. */
const prepare = async (folder, later) => start(folder, later, await makeLongClip(folder));

/** Something comes again and again, and is gone for long enough that it is news each time. */
const visits = async (folder, later) => start(folder, later, `${await makeClip(folder, 18)}?loop`);

/** Subscribes this browser as a user does; gives the device. */
async function subscribe({ page, server, service }) {
  await page.addInitScript(subscriber, { base: service.base, keys: KEYS });
  await enter(page, server, "/settings");
  await untilStatus(page, /^online$/);
  await untilWorker(page);
  await page.getByRole("button", { name: "Notify me on this device" }).click();
  await page.getByText(/· this device/).waitFor();
  return (await devices(page, server))[0];
}

async function call(page, server, name, data) {
  const answer = await page.request.post(`${server.url}/api/fn/${name}`, { data, headers: { origin: server.url } });
  assert.ok(answer.ok(), `${name}: ${answer.status()}`);
  return answer.json();
}

const devices = (page, server) => call(page, server, "push_devices", {});

/** What was pushed of a kind. */
function untilPushed({ pushed }, wanted, where = () => true) {
  return until(`a push: ${wanted}`, () => pushed.find(({ path, message }) => message.kind === wanted && where(path)));
}

scene("motion in a zone is pushed with its picture, and snoozed from the notification", { prepare: visits, ...options }, async (parts) => {
  const { page, context, server, service } = parts;
  const device = await subscribe(parts);
  const { message } = await untilPushed(service, "motion");
  assert.equal(message.title, "Door: motion in front yard");
  assert.equal(message.zone, "front yard");
  assert.equal(message.device, device.id);
  const untilPush = repeated(page, await carrier(page), message);
  const [notification, ...more] = await untilPush("a notification");
  assert.deepEqual(more, []);
  assert.equal(notification.title, message.title);
  assert.deepEqual(notification.actions, ["snooze: Snooze 1 h", "open: Open"]);
  // The picture comes along: the system, which shows it, is not logged in.
  const [, picture] = /^data:image\/jpeg;base64,(.+)$/.exec(notification.image) ?? [];
  const small = await page.request.get(server.url + message.image);
  assert.deepEqual(Buffer.from(picture, "base64"), await small.body());

  await tap(context, message.tag, "snooze");
  const said = await until("the outcome", async () => {
    const list = await shown(page);
    return list.some(({ body }) => body === "This device is silent for an hour.") && list;
  });
  assert.equal(said.length, 1, "in place of the notification");
  const [{ snoozed_until: snoozed }] = await devices(page, server);
  assert.ok(snoozed > Date.now() * 1000 + 3_500e6, "the server knows nothing of it");

  // Open leads to the very frame, as a tap does.
  await untilPush("it again");
  await tap(context, message.tag, "open");
  await page.waitForURL(`${server.url}${message.url}`);

  // What does not work is told too.
  await untilPush("it once more");
  await context.clearCookies();
  await tap(context, message.tag, "snooze");
  const [failed, ...others] = await until("the refusal", async () => {
    const list = await shown(page);
    return list.some(({ body }) => body === "That did not work: you are logged out.") && list;
  });
  assert.deepEqual([failed.url, others], ["/settings", []]);
});

scene("a subscription that changes is told to the server, by the worker and by the page", { prepare, ...options }, async (parts) => {
  const { page, context, server, service } = parts;
  const device = await subscribe(parts);
  const change = (change) => call(page, server, "push_change", { device: device.id, change });
  const filters = { cameras: [], zones: [[0, "elsewhere"]], quiet: null, cooldown_s: 900 };
  await change({ do: "rename", name: "Kitchen tablet" });
  await change({ do: "filter", filters });
  /** That the device is the same, at another place. */
  const isAt = async (place) => {
    service.pushed.length = 0;
    await change({ do: "test" });
    await untilPushed(service, "test", (path) => path === place);
    const [{ id, name, filters: kept }, ...more] = await devices(page, server);
    assert.deepEqual([id, name, kept, more], [device.id, "Kitchen tablet", filters, []]);
  };
  await isAt("/1");

  // The worker learns its number from a push.
  const { message } = service.pushed[0];
  const deliver = await carrier(page);
  const [notification] = await untilShown(page, () => deliver(JSON.stringify(message)), "the test");
  assert.deepEqual(notification.actions, ["open: Open"]);
  const [worker] = context.serviceWorkers();
  await worker.evaluate(
    ([endpoint, keys]) => {
      const newSubscription = { toJSON: () => ({ endpoint, expirationTime: null, keys }) };
      dispatchEvent(Object.assign(new ExtendableEvent("pushsubscriptionchange"), { newSubscription }));
    },
    [`${service.base}/renewed`, KEYS],
  );
  await until("the worker's word", async () => {
    service.pushed.length = 0;
    await change({ do: "test" });
    return until("a test", () => service.pushed.find(({ message }) => message.kind === "test")).then(({ path }) => path === "/renewed");
  });
  await isAt("/renewed");

  // Subscriptions that ended while nobody looked: the next start makes another, without a word.
  await page.evaluate(() => localStorage.removeItem("test.endpoint"));
  await page.reload();
  await until("another subscription", () => page.evaluate(() => localStorage.getItem("rtm2.push-endpoint")?.endsWith("/2")));
  await isAt("/2");
  await page.getByText(/· this device/).waitFor();

  // Who was removed elsewhere does not come back.
  await change({ do: "remove" });
  await page.evaluate(() => localStorage.removeItem("rtm2.push-endpoint"));
  await page.reload();
  await until("the end of the subscription", () => page.evaluate(() => localStorage.getItem("test.endpoint") === null));
  assert.deepEqual(await devices(page, server), []);
});

scene("an alarm that nobody acknowledges calls who asked for it, though its page is closed", { prepare, ...options }, async (parts) => {
  const { page, context, server, service, sockets } = parts;
  await subscribe(parts);
  await page.getByText("Name, cameras and quiet hours").click();
  // Nothing else is pushed to it.
  await page.getByLabel("Door: front yard").check();
  await page.getByLabel("Pause between two notifications of motion").selectOption("3600");
  await page.getByLabel(/^Call this device when nobody acknowledges/).check();
  await page.getByRole("button", { name: "Save" }).click();
  const saved = await until("the filters", async () => {
    const [{ filters }] = await devices(page, server);
    return filters.last && filters;
  });
  assert.deepEqual([saved.zones, saved.cooldown_s], [[[0, "front yard"]], 3600]);

  const tablet = await openPage(parts.browser, { ...options.page, storageState: await context.storageState() });
  await tablet.page.addInitScript(spy, []);
  await tablet.page.goto(`${server.url}/alarm`);
  await untilStatus(tablet.page, /^online$/);
  await tablet.page.getByText("When and how it rings").click();
  await tablet.page.getByLabel("Louder after seconds").fill("3");
  await tablet.page.getByLabel("Louder after seconds").blur();
  await arm(tablet.page);
  // Twice what was set; the page asks about once a second.
  await until("word of the ring", () => openSocket(tablet.sockets).sent.some(({ t, within }) => t === "ring" && within > 0 && within <= 6));
  // What is sent may still lie in the browser. The server takes things in turn: once it knows that nobody looks at the tablet any
  // more, it has heard of the ring.
  await lookAway(tablet.page);
  await until("the server to have heard", async () => {
    const viewers = await call(page, server, "viewers", {});
    return viewers.some(({ pictures }) => !pictures);
  });
  await tablet.context.close();

  const { message } = await untilPushed(service, "unanswered");
  assert.equal(message.title, "Door: nobody has acknowledged the alarm");
  assert.equal(message.url, "/alarm");
  const deliver = await carrier(page);
  const [{ actions }] = await untilShown(page, () => deliver(JSON.stringify(message)), "the call");
  assert.deepEqual(actions, ["seen: Acknowledge", "open: Open"]);
  await tap(context, message.tag, "seen");
  await until("the word to all", () => openSocket(sockets).messages("seen").length > 0);
  await until("the outcome", async () => (await shown(page)).some(({ body }) => body === "Acknowledged on every device."));
});

scene("zones ring or not, each with its own sound, as this device remembers", { prepare, ...options }, async ({ server, page, sockets }) => {
  await page.addInitScript(spy, []);
  await enter(page, server, "/alarm");
  await untilStatus(page, /^online$/);
  await page.getByText("When and how it rings").click();
  const zone = page.getByRole("switch", { name: "front yard" });
  await zone.click({ force: true });
  await page.getByLabel("Sound for front yard").selectOption("Siren");
  await arm(page);
  await until("motion", () => openSocket(sockets).messages("bar").filter(({ zones }) => zones === 1).length >= 3);
  await page.reload();
  await untilStatus(page, /^online$/);
  await headline(page).getByText("Armed", { exact: true }).waitFor();
  await page.getByText("When and how it rings").click();
  assert.equal(await zone.isChecked(), false);
  assert.equal(await page.getByLabel("Sound for front yard").inputValue(), "Siren");
  assert.equal(await page.getByTestId("count").textContent(), "0", "the zone is left out");
  await zone.click({ force: true });
  await headline(page).getByText("Motion detected: Door, front yard").waitFor();
  await line(page, "Sound").waitFor();
  await untilNoticed(page, "the alarm", ({ red }) => red);
});
