// The alarm: everything that it is noticed by, what becomes of it, and what each device remembers.

import assert from "node:assert/strict";
import { arm, CHANNELS, headline, line, noticed, spy, untilNoticed, untilWorker } from "../lib/alarm.js";
import { LOGGED_OUT, openPage, openSocket, SERVER_AWAY, until } from "../lib/browser.js";
import { makeLongClip, makeStill } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { startServer } from "../lib/server.js";
import { enter, untilStatus } from "../lib/user.js";

const options = { page: { expected: [LOGGED_OUT, SERVER_AWAY], permissions: ["notifications"] } };

/** Something moves all the time. */
async function moving(folder) {
  return ["--source", `file:${await makeLongClip(folder)}`];
}

/** Nothing moves. */
async function still(folder) {
  return ["--source", `file:${await makeStill(folder)}?loop&fps=10`];
}

/** Opens the alarm page, with spies, as somebody who is logged in. */
async function open(page, server, broken = []) {
  await page.addInitScript(spy, broken);
  await enter(page, server, "/alarm");
  await untilStatus(page, /^online$/);
  await untilWorker(page);
}

/** Another device of the same user. */
async function another({ browser, context, server }, broken = []) {
  const device = await openPage(browser, { ...options.page, storageState: await context.storageState() });
  await device.page.addInitScript(spy, broken);
  await device.page.goto(`${server.url}/alarm`);
  await untilStatus(device.page, /^online$/);
  await untilWorker(device.page);
  return device;
}

/** Whether the phone was told to stop shaking, which is done with everything else that ends an alarm. */
function isCalmed({ vibrations }) {
  return vibrations.some((pattern) => pattern.length === 1 && pattern[0] === 0);
}

scene("r50, r51, r54: armed, and motion sets everything off", { prepare: moving, ...options }, async ({ server, page }) => {
  await open(page, server);
  await headline(page).getByText("Not armed").waitFor();
  await page.getByTestId("info").getByText("connected").waitFor();
  const before = await noticed(page);
  assert.deepEqual([before.vibrations, before.tones, before.red], [[], [], false], "it rings though it is not armed");

  await arm(page);
  const seen = await untilNoticed(page, "all channels", (seen) => {
    const heard = seen.tones.some(({ state }) => state === "running");
    return seen.red && seen.vibrations.length > 0 && heard && seen.notices.length > 0 && seen.badges.some(Boolean);
  });
  assert.deepEqual(seen.vibrations[0], [200, 100, 200, 100, 200]);
  assert.deepEqual(seen.tones.slice(0, 3).map(({ hertz }) => hertz), [523, 659, 784]);
  assert.match(seen.notices[0].title, /^Motion detected: /);
  assert.match(seen.notices[0].body, /^motion counter: \d+$/);
  assert.match(seen.notices[0].data.url, /^\/history\?camera=0&at=\d+$/);
  assert.equal(seen.ground, "rgb(238, 21, 14)");
  assert.match(seen.title, /^\(\d+\) ! /);
  assert.match(seen.icon, /^data:image\/svg/);
  assert.ok(seen.locks > 0, "the screen may go dark");
  await page.getByRole("img", { name: /^The last motion/ }).waitFor();

  // The damping: counts 1, 2, 5, 10 ring, the others do not.
  await until("a count of six", async () => Number(await page.getByTestId("count").textContent()) >= 6);
  const counts = (await noticed(page)).notices.map(({ body }) => Number(body.split(": ")[1]));
  assert.deepEqual(counts.filter((count) => ![1, 2, 5, 10, 20].includes(count)), []);

  await page.getByRole("button", { name: "Acknowledge" }).click();
  await untilNoticed(page, "an end of the shaking", isCalmed);
  await page.getByTestId("info").getByText(/acknowledged by admin/).waitFor();
  // Motion goes on and would ring again.
  await page.getByRole("button", { name: "5 min: snooze" }).click();
  const after = await untilNoticed(page, "silence", ({ red }) => !red);
  assert.equal(after.title, "Alarm · rtm2");
  assert.equal(after.icon, "/icons/icon.svg");
  await headline(page).getByText(/^Snoozed until \d\d:\d\d:\d\d$/).waitFor();
});

scene("b25: a channel that fails keeps none of the others from ringing", { prepare: moving, ...options }, async (parts) => {
  await open(parts.page, parts.server);
  const breaks = [
    ["Vibration", "vibrate", (seen) => seen.vibrations.length === 0],
    ["Sound", "start", (seen) => seen.tones.length === 0],
    ["Sound", "resume", () => true],
    ["Notification", "showNotification", (seen) => seen.notices.length === 0],
    ["Screen stays on", "request", (seen) => seen.locks === 0],
    ["App badge", "setAppBadge", (seen) => !seen.badges.some(Boolean)],
    ["Red page", "colour", (seen) => !seen.red],
    ["Tab icon and title", "icon", (seen) => seen.icon === "/icons/icon.svg"],
  ];
  for (const [name, method, isSilent] of breaks) {
    const { page, context, problems } = await another(parts, [method]);
    await arm(page);
    const works = {
      Vibration: (seen) => seen.vibrations.some((pattern) => pattern.length > 1),
      Sound: (seen) => seen.tones.length > 0,
      Notification: (seen) => seen.notices.length > 0,
      "Screen stays on": (seen) => seen.locks > 0,
      "App badge": (seen) => seen.badges.some(Boolean),
      "Red page": (seen) => seen.red,
      "Tab icon and title": (seen) => seen.title.startsWith("(") && seen.icon.startsWith("data:"),
    };
    delete works[name];
    const seen = await untilNoticed(page, `all but ${method}`, (seen) => Object.values(works).every((works) => works(seen)));
    assert.ok(isSilent(seen), `${method} was not broken`);
    if (method !== "resume") {
      await line(page, name).getByText(`not on this device: ${method} is broken`).waitFor();
      assert.ok(await page.getByRole("button", { name: `Test: ${name}` }).isEnabled(), "it may be tried again");
    }
    assert.deepEqual(problems, []);
    await context.close();
  }
});

scene("every channel has a test, also while it is not armed", { prepare: still, ...options }, async ({ server, page }) => {
  await open(page, server);
  const test = (name) => page.getByRole("button", { name: `Test: ${name}` }).click();
  const checks = {
    Vibration: (seen) => seen.vibrations.length === 1,
    Sound: (seen) => seen.tones.length > 0,
    Notification: (seen) => seen.notices.length === 1,
    "Red page": (seen) => seen.red,
    "Screen stays on": (seen) => seen.locks === 1,
    "Tab icon and title": (seen) => seen.title.startsWith("(1) ! ") && seen.icon.startsWith("data:"),
    "App badge": (seen) => seen.badges.includes(1),
  };
  assert.deepEqual(Object.keys(checks), CHANNELS);
  for (const [name, check] of Object.entries(checks)) {
    await test(name);
    await untilNoticed(page, `the test of ${name}`, check);
  }
  await untilNoticed(page, "the end of the tests", (seen) => !seen.red && seen.title === "Alarm · rtm2" && seen.badges.at(-1) === 0);
  await headline(page).getByText("Not armed").waitFor();
  await line(page, "Sound").getByText("works: mind the device's own volume").waitFor();

  // R53: one button for all.
  const before = await noticed(page);
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await untilNoticed(page, "all at once", (seen) => {
    return seen.red && seen.notices.length > before.notices.length && seen.tones.length > before.tones.length;
  });
  await page.getByRole("button", { name: "Reset" }).click();
  await untilNoticed(page, "the page's own colour", (seen) => !seen.red);
});

scene("what rings can be acknowledged on every page", { prepare: moving, ...options }, async ({ server, page, sockets }) => {
  await open(page, server);
  await arm(page);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
  const banner = page.getByRole("alert").filter({ hasText: "Motion detected" });
  await banner.getByRole("button", { name: "Acknowledge" }).click();
  await until("the word to all others", () => openSocket(sockets).sent.some(({ t }) => t === "seen"));
  await page.goto(`${server.url}/history`);
  await banner.getByRole("button", { name: "Acknowledge" }).waitFor();
  assert.ok((await noticed(page)).red, "a page that is loaded anew is not armed");
});

/** Runs in the page before anything else: nobody was asked about notifications yet, and will say yes. */
function unasked() {
  let answer = "default";
  Object.defineProperty(Notification, "permission", { get: () => answer });
  Notification.requestPermission = async () => {
    window.asked = [...(window.asked ?? []), navigator.userActivation.isActive];
    answer = "granted";
    return answer;
  };
}

scene("b25: notifications are asked for once, within a tap", { prepare: still, ...options }, async (parts) => {
  const { page, server } = parts;
  await page.addInitScript(unasked);
  await open(page, server);
  await line(page, "Notification").getByText("needs a tap: the browser asks once").waitFor();
  assert.equal(await page.evaluate(() => window.asked), undefined, "asked before anybody tapped");
  await arm(page);
  await line(page, "Notification").getByText(/^works/).first().waitFor();
  assert.deepEqual(await page.evaluate(() => window.asked), [true]);

  // The test asks too, and shows what it was asked for.
  const phone = await another(parts);
  await phone.page.addInitScript(unasked);
  await phone.page.reload();
  await untilStatus(phone.page, /^online$/);
  await phone.page.getByRole("button", { name: "Test: Notification" }).click();
  await untilNoticed(phone.page, "the notification", ({ notices }) => notices.length === 1);
  assert.deepEqual(await phone.page.evaluate(() => window.asked), [true]);
  assert.deepEqual(phone.problems, []);
  await phone.context.close();
});

scene("acknowledging on one device silences the other", { prepare: moving, ...options }, async (parts) => {
  const { server, page } = parts;
  await open(page, server);
  const phone = await another(parts);
  await arm(page);
  await arm(phone.page);
  for (const device of [page, phone.page]) {
    await untilNoticed(device, "an alarm", ({ red }) => red);
  }
  await phone.page.getByRole("button", { name: "Acknowledge" }).click();
  // Motion goes on and rings again soon; that it was silenced in between is seen by what ends the shaking.
  await untilNoticed(page, "silence", isCalmed);
  await page.getByTestId("info").getByText(/acknowledged by admin/).waitFor();
  assert.deepEqual(phone.problems, []);
  await phone.context.close();
});

scene("what somebody is typing stays while something moves", { prepare: moving, ...options }, async ({ server, page, sockets }) => {
  await open(page, server);
  await page.getByText("When and how it rings").click();
  const bars = () => new Set(openSocket(sockets).messages("bar").map(({ bar: [start] }) => start)).size;
  for (const [label, typed] of [["Louder after seconds", "7"], ["Vibration pattern", "90 20 90"], ["Quiet from", "02:30"]]) {
    const before = bars();
    await page.getByLabel(label).fill(typed);
    // Each second with motion is news to the page.
    await until("motion", () => bars() > before + 2);
    assert.equal(await page.getByLabel(label).inputValue(), typed);
    await page.getByLabel(label).blur();
  }
  // Also what is wrong stays, for whoever is to mend it.
  await page.getByLabel("Louder after seconds").fill("99999");
  await page.getByRole("switch", { name: /^Ring at counts/ }).click({ force: true });
  const before = bars();
  await until("motion", () => bars() > before + 2);
  assert.equal(await page.getByLabel("Louder after seconds").inputValue(), "99999");
  await page.reload();
  await page.getByText("When and how it rings").click();
  const kept = ["Louder after seconds", "Vibration pattern", "Quiet from"].map((label) => page.getByLabel(label).inputValue());
  assert.deepEqual(await Promise.all(kept), ["7", "90, 20, 90", "02:30"]);
});

scene("b26, b28: what a device remembers, and what it needs a tap for", { prepare: still, ...options }, async ({ server, page }) => {
  await open(page, server);
  await arm(page);
  await line(page, "Sound").getByText(/^works/).first().waitFor();
  await page.getByRole("switch", { name: "Red page" }).click({ force: true });
  await page.getByText("When and how it rings").click();
  const fill = async (label, text) => {
    await page.getByLabel(label).fill(text);
    await page.getByLabel(label).blur();
  };
  await fill("Vibration pattern", "50 20 50");
  await untilNoticed(page, "the new pattern", ({ vibrations }) => vibrations.some((pattern) => String(pattern) === "50,20,50"));
  await fill("Cooldown in seconds", "7");
  await fill("Quiet from", "01:00");
  await page.getByLabel(/^Sound for /).selectOption("Siren");
  await fill("Louder after seconds", "99999");
  assert.equal(
    await page.getByLabel("Louder after seconds").evaluate((input) => input.validationMessage),
    "write whole seconds, 3600 at most",
  );

  await page.reload();
  await untilStatus(page, /^online$/);
  await headline(page).getByText("Armed", { exact: true }).waitFor();
  assert.equal(await page.getByRole("switch", { name: "Red page" }).isChecked(), false);
  assert.equal(await page.getByRole("switch", { name: "Sound" }).isChecked(), true);
  await line(page, "Sound").getByText(/needs a tap: browsers let a page sound only after a tap/).waitFor();
  await page.getByTestId("info").getByText(/tap once anywhere/).waitFor();
  await page.getByText("When and how it rings").click();
  const value = (label) => page.getByLabel(label).inputValue();
  assert.equal(await value("Vibration pattern"), "50, 20, 50");
  assert.equal(await value("Cooldown in seconds"), "7");
  assert.equal(await value("Louder after seconds"), "60", "what was wrong is remembered");
  assert.deepEqual([await value("Quiet from"), await value("Quiet until")], ["01:00", "07:00"]);
  assert.equal(await value(/^Sound for /), "Siren");
  // That tap was anywhere.
  await line(page, "Sound").getByText(/^works/).first().waitFor();
});

scene("r52, b27: a lost connection rings once, and the counter begins anew", { prepare: still, ...options }, async (parts) => {
  const { server, page, later } = parts;
  await open(page, server);
  await arm(page);
  const { port, stateDir } = server;
  await server.kill();
  await headline(page).getByText("Connection to the server lost").waitFor();
  const shakes = (seen) => seen.vibrations.filter((pattern) => pattern.length > 1).length;
  const once = await untilNoticed(page, "one alarm", (seen) => shakes(seen) === 1 && seen.red);
  const attempts = parts.sockets.length;
  await until("three more attempts", () => parts.sockets.length >= attempts + 3);
  assert.equal(shakes(await noticed(page)), shakes(once), "every attempt rings");
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await untilNoticed(page, "silence without a server", ({ red }) => !red);

  // Nothing moves there either.
  const second = await startServer({ args: parts.args, port, state: stateDir });
  later(() => second.stop());
  await untilStatus(page, /^online$/);
  await page.getByTestId("info").getByText(/^connected/).waitFor();
  assert.equal(await page.getByTestId("count").textContent(), "0");
});

scene("the readiness page says what works here, and why the rest does not", { prepare: still, ...options }, async (parts) => {
  const { server, page, browser, context } = parts;
  await open(page, server);
  await page.getByRole("link", { name: "See what works on this device" }).click();
  await line(page, "Connection").getByText("works").waitFor();
  await line(page, "Notification").getByText(/^works/).first().waitFor();
  await line(page, "Install").getByText("needs a tap").waitFor();
  await page.getByRole("button", { name: "Test: Sound" }).click();
  await line(page, "Sound").getByText(/works: mind/).waitFor();
  await line(page, "Push").getByText("needs a tap: one tap puts this device on your list").waitFor();
  await line(page, "Push").getByRole("button", { name: "Notify me on this device" }).waitFor();

  // A browser that offers to install asks at a tap, once.
  await page.evaluate(() => {
    const offer = Object.assign(new Event("beforeinstallprompt"), { prompt: () => (window.prompted = (window.prompted ?? 0) + 1) });
    dispatchEvent(offer);
  });
  await line(page, "Install").getByRole("button", { name: "Install" }).click();
  assert.equal(await page.evaluate(() => window.prompted), 1);
  await line(page, "Install").getByText("in the browser's menu").waitFor();
  assert.equal(await line(page, "Install").getByRole("button").count(), 0);

  // An iPhone, on which only installed apps may do most of it.
  const userAgent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1";
  const phone = await openPage(browser, { ...options.page, permissions: [], userAgent, storageState: await context.storageState() });
  await phone.page.addInitScript(() => {
    delete Navigator.prototype.vibrate;
    delete window.PushManager;
    delete window.Notification;
  });
  await phone.page.goto(`${server.url}/readiness`);
  for (const [name, why] of [
    ["Install", /needs a tap: tap Share, then Add to Home Screen/],
    ["Notification", /not on this device: iPhones and iPads allow this to installed apps only/],
    ["Push", /not on this device: iPhones and iPads allow this to installed apps only/],
    ["Vibration", /not on this device: iPhones and iPads do not let pages vibrate/],
  ]) {
    await line(phone.page, name).getByText(why).waitFor();
  }
  assert.deepEqual(phone.problems, []);
  await phone.context.close();

  // A browser that lacks things, and a user who refused.
  const poor = await openPage(browser, { ...options.page, permissions: [], storageState: await context.storageState() });
  await poor.page.addInitScript(() => {
    delete Navigator.prototype.vibrate;
    delete Navigator.prototype.wakeLock;
    delete window.AudioContext;
    delete window.PushManager;
    Object.defineProperty(Notification, "permission", { value: "denied" });
  });
  await poor.page.goto(`${server.url}/readiness`);
  for (const [name, why] of [
    ["Notification", /not on this device: you, or the browser, refused/],
    ["Push", /not on this device: this browser receives no pushes/],
    ["Vibration", /not on this device: this browser does not let pages vibrate/],
    ["Sound", /not on this device: this browser cannot make tones/],
    ["Screen stays on", /not on this device: this browser cannot keep the screen on/],
  ]) {
    await line(poor.page, name).getByText(why).waitFor();
  }
  assert.equal(await line(poor.page, "Push").getByRole("button").count(), 0);
  assert.ok(await poor.page.getByRole("button", { name: "Test: Vibration" }).isDisabled());
  assert.deepEqual(poor.problems, []);
  await poor.context.close();
});
