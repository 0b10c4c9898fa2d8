// Every page as axe-core sees it, large and on a phone, in both schemes; and that the keyboard reaches what the finger does.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { assertAccessible } from "../lib/axe.js";
import { LOGGED_OUT, SERVER_AWAY, until } from "../lib/browser.js";
import { untilWorker } from "../lib/alarm.js";
import { pictureLoadedBy, untilBars, viewed } from "../lib/history.js";
import { browse, lan, trust } from "../lib/lan.js";
import { startProxy } from "../lib/proxy.js";
import { scene } from "../lib/scene.js";
import { enter, untilStatus } from "../lib/user.js";

const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];
const expected = [LOGGED_OUT, SERVER_AWAY, /Failed to load resource: net::ERR_/, /Failed to fetch/, /status of 404/];
const options = { prepare: withPushes, page: { expected, permissions: ["notifications"] } };

/** The demo scene, and devices that may have any address: nothing is pushed here. */
async function withPushes(folder) {
  const config = path.join(folder, "config.toml");
  await writeFile(config, "[alert]\nprivate-push = true\n");
  return ["--config", config, "--source", "demo:"];
}

/** A heading that says that a page is there. */
const heading = (name) => (page) => page.getByRole("heading", { name, exact: true }).first().waitFor();

/** Opens whatever folds on the page. */
async function unfold(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));
}

/** Pages of somebody who is logged in: a name, an address, and what to wait for or do there. */
const INSIDE = [
  ["live", "/", (page) => untilStatus(page, /^online$/)],
  ["history", "/history", (page) => untilBars(page)],
  ["history as a table", "/history", bars],
  ["a frame", "/history", frame],
  ["alarm", "/alarm", unfoldedAlarm],
  ["settings", "/settings", settings],
  ["who watches", "/", viewers],
  ["readiness", "/readiness", heading("What works on this device")],
  ["unknown", "/nowhere", heading("Nothing here")],
];

/** Pages of everybody else. */
const OUTSIDE = [
  ["login", "/login", heading("Log in")],
  ["first account", "/setup", heading("Welcome")],
  ["trust, of a server without TLS", "/trust", heading("This server speaks plain HTTP")],
];

/** How the page of trust looks to a device, by what the device thinks of the server. */
const TRUST = [
  ["untrusted", "This device does not trust this server yet."],
  ["trusted", "This device trusts this server."],
];

async function bars(page) {
  await untilBars(page);
  await page.getByRole("button", { name: "Table" }).click();
  await page.getByRole("region", { name: "Bars as a table" }).getByRole("button").first().waitFor();
}

async function frame(page) {
  const [bar] = await untilBars(page);
  await pictureLoadedBy(page, () => page.mouse.click(bar.x, bar.y));
  await viewed(page);
}

async function unfoldedAlarm(page) {
  await page.getByRole("heading", { name: "How it is noticed" }).waitFor();
  await unfold(page);
}

async function settings(page, { server }) {
  await page.getByRole("heading", { name: "Accounts" }).waitFor();
  // A device, as this browser would send it, with a push service that is never called.
  const headers = { origin: server.url };
  const keys = { p256dh: P256DH, auth: "BTBZMqHH6r4Tts7J_aSIgg" };
  const subscription = { endpoint: `${server.url}/push`, keys };
  const data = { subscription, name: "Phone" };
  assert.ok((await page.request.post(`${server.url}/api/fn/push_subscribe`, { data, headers })).ok());
  await page.reload();
  await page.getByRole("heading", { name: "Accounts" }).waitFor();
  await unfold(page);
}

/** A point on the curve: the example of RFC 8291. */
const P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

async function viewers(page) {
  await page.getByRole("button", { name: /viewers? online/ }).click();
  await page.getByRole("dialog", { name: "Viewers online" }).getByText("admin").waitFor();
}

async function look({ page, server }, pages) {
  for (const viewport of SIZES) {
    await page.setViewportSize(viewport);
    for (const [name, address, ready] of pages) {
      await page.goto(server.url + address);
      await ready(page, { server });
      await assertAccessible(page, name);
    }
  }
}

scene("nobody is kept out: the pages before the login", options, (parts) => look(parts, OUTSIDE));

for (const [state, words] of TRUST) {
  lan(`nobody is kept out: the page of trust, ${state}`, async ({ server, home }) => {
    if (state === "trusted") {
      await trust(server, home);
    }
    await browse(home, async (page) => {
      const ready = async () => {
        await page.getByText(words, { exact: true }).waitFor();
        await unfold(page);
      };
      await look({ page, server }, [[`trust, ${state}`, "/trust", ready]]);
    });
  });
}

for (const [title, pages] of [
  ["live, history and frames", INSIDE.slice(0, 4)],
  ["alarm, settings and the rest", INSIDE.slice(4)],
]) {
  scene(`nobody is kept out: ${title}`, options, async (parts) => {
    await enter(parts.page, parts.server);
    await look(parts, pages);
  });
}

scene("nobody is kept out: the alarm that rings, and the page without its server", options, async ({ server, page, later }) => {
  const proxy = await startProxy(server);
  later(() => proxy.stop());
  await enter(page, { setupUrl: server.setupUrl, url: proxy.url }, "/alarm");
  await untilWorker(page);
  await page.getByRole("button", { name: "Arm", exact: true }).click();
  await page.getByRole("button", { name: "Acknowledge" }).waitFor();
  const pages = page.getByRole("navigation", { name: "Pages" });
  for (const viewport of SIZES) {
    await page.setViewportSize(viewport);
    // By the links, since a page that is loaded anew rings no more.
    for (const name of ["Live", "History", "Settings", "Alarm"]) {
      await pages.getByRole("link", { name }).click();
      await assertAccessible(page, `${name}, red`);
    }
  }
  proxy.cut();
  await page.goto(`${proxy.url}/`);
  await page.getByText(/The server does not answer|You are offline/).waitFor();
  await assertAccessible(page, "the page without its server");
});

scene("the keyboard reaches everything, and one sees where it is", options, async ({ server, page }) => {
  await enter(page, server);
  for (const address of ["/", "/history", "/alarm", "/settings", "/readiness"]) {
    await page.goto(server.url + address);
    await untilStatus(page, /^online$/);
    const wanted = await page.evaluate(reachable);
    const reached = await tabThrough(page, wanted.length + 20);
    assert.deepEqual(wanted.filter((name) => !reached.some((stop) => stop.name === name)), [], `${address}: out of reach`);
    assert.deepEqual(reached.filter((stop) => !stop.seen).map(({ name }) => name), [], `${address}: focus not to be seen`);
  }
  await page.goto(server.url);
  await untilStatus(page, /^online$/);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await until("the focus past the navigation", () => page.evaluate(() => document.activeElement.id === "content"));
});

/** Runs in the page: what can be operated and is shown, by kind and name; of radio buttons the chosen one. */
function reachable() {
  const all = document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']");
  const shown = [...all].filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled);
  const words = (element) => `${element.tagName} ${element.ariaLabel ?? (element.labels?.[0] ?? element).textContent.trim()}`;
  // What a thing was called at first, since some say how many look, or for how long: those words change on the way.
  const first = new Map(shown.map((element) => [element, words(element)]));
  const name = (element) => first.get(element) ?? words(element);
  window.nameOf = name;
  return [...new Set(shown.filter((element) => element.type !== "radio" || element.checked).map(name))];
}

/** Presses Tab until the focus is where it began, `most` times at most; gives each stop's name and whether it shows. */
async function tabThrough(page, most) {
  const stops = [];
  for (let press = 0; press < most; press += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) {
        return undefined;
      }
      // A radio button shows its focus on the face beside it, a switch on its track.
      const marked = [element, element.nextElementSibling].filter((face) => face !== null).map((face) => getComputedStyle(face));
      const seen = marked.some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) > 0);
      return { name: window.nameOf(element), seen };
    });
    if (stop === undefined) {
      break;
    }
    stops.push(stop);
  }
  return stops;
}
