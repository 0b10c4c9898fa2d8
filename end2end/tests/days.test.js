// Days of the history: the calendar, sifting the bars, and what is left of it all without the server.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { untilWorker } from "../lib/alarm.js";
import { LOGGED_OUT, SERVER_AWAY, until } from "../lib/browser.js";
import { button, history, inView, untilBars } from "../lib/history.js";
import { makeLongClip, makeStill } from "../lib/media.js";
import { startProxy } from "../lib/proxy.js";
import { scene } from "../lib/scene.js";
import { program, startServer } from "../lib/server.js";
import { framesOnDisk } from "../lib/store.js";
import { ADMIN, api, enter, logIn, logOut, untilStatus } from "../lib/user.js";

const run = promisify(execFile);
const AWAY = [LOGGED_OUT, SERVER_AWAY, /Failed to load resource: net::ERR_/, /Failed to fetch/];
const DAY_MS = 86_400_000;
const DAYS = "/api/v1/cameras/0/days";

/** Midnight UTC some days ago. */
function midnight(daysAgo) {
  return Math.floor(Date.now() / DAY_MS) * DAY_MS - daysAgo * DAY_MS;
}

/**
 * A room in which nothing moves, and pictures of the days before: of four, three and two days ago, the last of them half an hour
 * before midnight UTC, when it is the next day in Berlin.
 */
async function recorded(folder) {
  const still = await makeStill(folder);
  const [pictures, state] = [path.join(folder, "pictures"), path.join(folder, "state")];
  await mkdir(pictures);
  const times = [
    ...[0, 200, 1_000, 60_000].map((ms) => midnight(4) + 12 * 3_600_000 + ms),
    ...[0, 100, 200].map((ms) => midnight(3) + 9 * 3_600_000 + ms),
    midnight(2) + 23.5 * 3_600_000,
  ];
  await Promise.all(times.map((at) => copyFile(path.join(still, "1.jpg"), path.join(pictures, `${at}.jpg`))));
  await run(program(), ["import", pictures, "--state-dir", state]);
  return { args: ["--source", `file:${still}?loop`], state };
}

/** A room in which nothing moves any more: recorded are some seconds in which much did. */
async function crossed(folder) {
  const [clip, still, state] = [await makeLongClip(folder), await makeStill(folder), path.join(folder, "state")];
  const before = await startServer({ args: ["--source", `file:${clip}`], state });
  try {
    await until("some seconds", async () => {
      const times = (await framesOnDisk(state).catch(() => [])).map(({ at }) => at);
      return times.length > 0 && Math.max(...times) - Math.min(...times) > 6e6;
    });
  } finally {
    await before.stop();
  }
  return { args: ["--source", `file:${still}?loop`], state };
}

const options = { prepare: recorded, page: { expected: AWAY, timezoneId: "Europe/Berlin" } };

function calendar(page) {
  return page.getByRole("region", { name: "Calendar of days with motion" });
}

/** The date of a local day, as the calendar says it, in the page's zone. */
function spoken(page, ms) {
  return page.evaluate((at) => {
    const date = new Date(at);
    const part = (options) => new Intl.DateTimeFormat("en-GB", options).format(date);
    const month = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ")[date.getMonth()];
    return `${part({ weekday: "long" })}, ${date.getDate()} ${month} ${date.getFullYear()}`;
  }, ms);
}

/** A day's button, once its month is shown. */
async function day(page, ms) {
  const name = new RegExp(`^${await spoken(page, ms)}: `);
  const found = calendar(page).getByRole("button", { name });
  // It may be of the month before.
  await until(`the day ${name}`, async () => {
    if ((await found.count()) > 0) {
      return true;
    }
    await calendar(page).getByRole("button", { name: "Month before" }).click({ timeout: 500 }).catch(() => undefined);
    return false;
  });
  return found;
}

scene("the calendar counts by local days and leads to them", options, async ({ server, page }) => {
  await enter(page, server, "/history");
  await untilBars(page);
  await button(page, "Calendar").click();
  const says = async (ms, words) => {
    const found = await day(page, ms);
    await until(`${words} on ${new Date(ms).toISOString()}`, async () => (await found.getAttribute("aria-label")).endsWith(words));
    return found;
  };
  await says(midnight(3) + 9 * 3_600_000, ": 3 frames");
  // Half an hour before midnight UTC is the next day here.
  await says(midnight(2) + 10 * 3_600_000, ": no motion");
  const late = await says(midnight(1) + 10 * 3_600_000, ": 1 frame");

  await late.click();
  const local = (ms) => page.evaluate((at) => new Date(at).setHours(0, 0, 0, 0) / 1000, ms);
  const noon = midnight(1) + 10 * 3_600_000;
  const shown = async (from, to, frames) => {
    const view = await inView(page);
    return view.from === from && view.to === to && view.frames === frames;
  };
  await until("the local day", async () => shown(await local(noon), await local(noon + DAY_MS), 1));

  // With the keys: two days back and a day on, Home and End of the week, a month back and on.
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowRight");
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? "");
  const isOn = async (ms) => (await focused()).startsWith(`${await spoken(page, ms)}: `);
  await until("the day before", () => isOn(midnight(2) + 10 * 3_600_000));
  await page.keyboard.press("ArrowLeft");
  await until("the day of three frames", () => isOn(midnight(3) + 10 * 3_600_000));
  await page.keyboard.press("Enter");
  await until("three frames", async () => (await inView(page)).frames === 3);
  await page.keyboard.press("PageUp");
  // There is nothing before the first day of the history.
  await until("the first day", () => isOn(midnight(4) + 10 * 3_600_000));
  await page.keyboard.press("PageDown");
  await until("today", () => isOn(Date.now()));
  assert.equal(await calendar(page).locator("[aria-current=date]").count(), 1);
});

scene("bars are sifted as every record would be, without asking the server", { prepare: crossed, page: { expected: [LOGGED_OUT] } }, async ({ server, page }) => {
  await enter(page, server, "/history");
  await untilStatus(page, /^online$/);
  await untilBars(page);
  // All there is, so that nothing leaves the view as time goes on.
  await button(page, "Load all").or(button(page, "Show all")).first().click();
  const features = await records(page, server);
  assert.ok(features.length >= 3, `only ${features.length} records`);
  const sift = page.getByRole("region", { name: "Sift the bars" });
  const count = sift.locator(".sift-count");
  await button(page, "Sift").click();
  const all = features.length;
  const counts = (n) => until(`${n} of ${all}`, async () => (await count.textContent()).startsWith(`${n} of ${all} seconds`));
  await counts(all);
  const asked = [];
  page.on("request", (request) => /\/(bars|days|features)/.test(request.url()) && asked.push(request.url()));
  const area = sift.getByLabel("Changed area, at least");
  for (const step of [10, 25, 40, 100]) {
    await area.fill(String(step));
    const share = Math.max(Math.floor((step ** 3 * 65_535) / 1e6), 1);
    await counts(features.filter((feature) => feature.area >= share).length);
  }
  await sift.getByRole("button", { name: "Reset" }).click();
  await counts(all);
  // A region by the keys: the second cell of the second row, and the one below.
  await sift.getByRole("listbox").focus();
  for (const key of ["ArrowRight", "ArrowDown", "Space", "ArrowDown", "Space"]) {
    await page.keyboard.press(key);
  }
  const touched = (cells) => features.filter((feature) => cells.some((cell) => feature.cells[cell] > 0)).length;
  await counts(touched([9, 17]));
  await page.keyboard.press("Delete");
  // And with a pointer: from the first cell of the fourth row to its last.
  const box = await sift.getByRole("listbox").boundingBox();
  const at = (column, row) => [box.x + ((column + 0.5) / 8) * box.width, box.y + ((row + 0.5) / 6) * box.height];
  await page.mouse.move(...at(0, 3));
  await page.mouse.down();
  await page.mouse.move(...at(7, 3), { steps: 3 });
  await page.mouse.up();
  assert.equal(await sift.locator("[aria-selected=true]").count(), 8);
  await counts(touched([24, 25, 26, 27, 28, 29, 30, 31]));
  assert.deepEqual(asked, [], "the server was asked");
  // The rule outlives a reload of this tab.
  await page.reload();
  await until("the rule", async () => (await sift.locator("[aria-selected=true]").count()) === 8);
});

/** The records of all seconds, as the API gives them. */
async function records(page, server) {
  const answer = await page.request.get(`${server.url}/api/v1/cameras/0/features?from=0&to=${Date.now() * 1000}`);
  const bytes = await answer.body();
  const found = [];
  for (let at = 0; at + 34 <= bytes.length; at += 34) {
    const cells = Array.from({ length: 48 }, (_, i) => (bytes[at + 10 + (i >> 1)] >> (4 * (i & 1))) & 15);
    found.push({ area: bytes.readUInt16LE(at + 4), cells });
  }
  return found;
}

/** The counts and times of the table. */
async function table(page) {
  if ((await button(page, "Table").getAttribute("aria-pressed")) !== "true") {
    await button(page, "Table").click();
  }
  return page.getByRole("region", { name: "Bars as a table" }).locator("tbody").textContent();
}

/** What is kept in the page's cache of days. */
function kept(page) {
  return page.evaluate(async () => {
    if (!(await caches.has("days"))) {
      return [];
    }
    return (await (await caches.open("days")).keys()).map(({ url }) => new URL(url).pathname);
  });
}

scene("without the server the kept days are there, and gone with the account", options, async (parts) => {
  const { server, page, later } = parts;
  const proxy = await startProxy(server);
  later(() => proxy.stop());
  const here = { ...server, setupUrl: server.setupUrl, url: proxy.url };
  await enter(page, here, "/history");
  await untilStatus(page, /^online$/);
  await untilWorker(page);
  await untilBars(page);
  const listed = (await api(page, here, DAYS)).days;
  assert.equal(listed.length, 3);
  await until("three days kept", async () => (await kept(page)).filter((path) => path.endsWith(".bin")).length === 3);
  assert.deepEqual((await kept(page)).filter((path) => !path.startsWith(DAYS)), ["/days-of"], "kept what it must not");
  await button(page, "Load all").or(button(page, "Show all")).first().click();
  const whole = async () => /8 frames/.test(await history(page).locator(".history-caption").textContent());
  await until("all frames", whole);
  const before = await table(page);

  proxy.cut();
  await page.reload();
  await page.getByText(/^Offline: showing days cached until \d{4}-\d\d-\d\d \d\d:\d\d\./).waitFor();
  await until("all frames", whole);
  await until("the same bars", async () => (await table(page)) === before);
  await button(page, "Calendar").click();
  await until("a day's frames", async () => (await (await day(page, midnight(3) + 9 * 3_600_000)).getAttribute("aria-label")).endsWith(": 3 frames"));
  await button(page, "Sift").click();
  await page.getByText("5 of 5 seconds in view").waitFor();

  proxy.mend();
  await untilStatus(page, /^online$/);
  assert.equal(await page.getByText(/^Offline:/).count(), 0);
  await logOut(page);
  await until("nothing kept", async () => (await kept(page)).length === 0);
  proxy.cut();
  await page.goto(`${proxy.url}/history`);
  await page.getByText(/The server does not answer|You are offline/).waitFor();
  assert.equal(await history(page).count(), 0, "the history of who logged out is shown");

  // Another account finds nothing of the one before, even if that could not log out.
  proxy.mend();
  await page.goto(`${proxy.url}/login`);
  await logIn(page, ADMIN);
  await untilStatus(page, /^online$/);
  await page.evaluate(async () => {
    const cache = await caches.open("days");
    await cache.put("/days-of", new Response("somebody else"));
    await cache.put("/api/v1/cameras/0/days/1.bin?mark=x", new Response("theirs"));
  });
  await page.reload();
  await untilStatus(page, /^online$/);
  await until("what was theirs to go", async () => !(await kept(page)).some((path) => path.endsWith("/1.bin")));
});
