// The history: what the chart shows, and looking at what it shows.

import assert from "node:assert/strict";
import { fingerprint } from "../lib/canvas.js";
import { LOGGED_OUT, openSocket, until } from "../lib/browser.js";
import { button, history, inView, pictureLoadedBy, untilBars, viewed, viewedOtherThan, viewer } from "../lib/history.js";
import { makeLongClip, makeStill } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { api, enter, storedBars, untilStatus } from "../lib/user.js";

const options = { page: { expected: [LOGGED_OUT] } };

async function still(folder) {
  return ["--source", `file:${await makeStill(folder)}?loop`];
}

scene("b10: an empty history says so, and asks for nothing that is not there", { prepare: still, ...options }, async (parts) => {
  const { server, page } = parts;
  const failed = [];
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("response", (response) => response.status() >= 400 && failed.push(`${response.status()} ${response.url()}`));
  await enter(page, server);
  await untilStatus(page, /^online$/);
  for (const link of ["Live", "History"]) {
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: link }).click();
    await page.getByText("Nothing has moved yet.").waitFor();
    assert.equal(await page.getByText("Loading the history").count(), 0);
  }
  await page.getByRole("button", { name: "Table" }).click();
  await page.getByText("No motion in this stretch of time.").waitFor();
  assert.deepEqual(failed, []);
  assert.deepEqual(asked.filter((url) => /undefined|null|NaN/.test(url)), []);
  assert.ok(asked.some((url) => url.includes("/bars?")), "the history was never asked for");
});

scene("b17: live bars equal stored bars", options, async ({ server, page, sockets }) => {
  await enter(page, server);
  await untilStatus(page, /^online$/);
  const socket = openSocket(sockets);
  // Two visits with a pause between them: twelve seconds each, four of them with somebody in the room.
  const isOver = () => {
    const starts = socket.messages("bar").map(({ bar: [start] }) => start);
    return starts.length > 0 && Math.max(...starts) - Math.min(...starts) > 12e6;
  };
  await until("a second visit", isOver, 60_000);
  await button(page, "Table").click();
  const known = await quiet(page, server);
  const live = lastOfEach(socket.messages("bar").map(({ bar }) => bar));
  assert.deepEqual(live, known, "pushed and stored bars differ");
  assert.ok(live.length >= 4, `only ${live.length} bars`);

  const counts = (bars) => bars.map(([, count]) => count).reverse();
  await until("the live bars in the table", async () => same(await table(page), counts(known)));
  await page.reload();
  await button(page, "Table").click();
  await until("the same bars after a reload", async () => same(await table(page), counts(known)));
});

/** Waits until the demo scene's room is empty, and gives the bars of then: two looks a second and a half apart agree. */
function quiet(page, server) {
  return until("a quiet room", async () => {
    const before = await storedBars(page, server);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const after = await storedBars(page, server);
    return same(before, after) && after;
  });
}

function lastOfEach(bars) {
  const byStart = new Map(bars.map((bar) => [bar[0], bar]));
  return [...byStart.values()].sort(([a], [b]) => a - b);
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The counts in the table, newest first. */
async function table(page) {
  const rows = page.getByRole("region", { name: "Bars as a table" }).locator("tbody tr");
  return (await rows.locator("td.is-number").allTextContents()).map(Number);
}

scene("b18: the live picture does not touch the frame being looked at", options, async ({ server, page, sockets }) => {
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await page.getByRole("radio", { name: "Live" }).check();
  const [bar] = await untilBars(page, 2);
  const shown = await pictureLoadedBy(page, () => page.mouse.click(bar.x, bar.y));
  assert.equal((await viewed(page)).at, shown.at);
  const picture = page.getByRole("img", { name: /Stored frame/ });
  const [source, canvas] = [await picture.getAttribute("src"), page.getByTestId("picture")];
  const [before, socket] = [await fingerprint(canvas), openSocket(sockets)];
  const [pictures, told] = [socket.pictures, socket.messages("bar").length];
  await until("more live pictures", () => socket.pictures > pictures + 20);
  await until("more motion", () => socket.messages("bar").length > told);
  assert.notEqual(await fingerprint(canvas), before, "the live picture stands still");
  assert.equal(await picture.getAttribute("src"), source);
  assert.equal((await viewed(page)).at, shown.at);
  assert.equal(await button(page, "Last").isEnabled(), true);
});

scene("frames are stepped through with keys and buttons, and have an address", options, async ({ server, page }) => {
  await enter(page, server, "/history");
  await untilBars(page, 3);
  const bars = await quiet(page, server);
  const at = (await framesOfMotion(page, server)).map((frame) => frame.at);

  await history(page).getByRole("group", { name: /^History chart/ }).focus();
  const step = async (key, expected, before) => {
    await page.keyboard.press(key);
    const now = before === undefined ? await viewed(page) : await viewedOtherThan(page, before);
    assert.equal(now.at, expected, `after ${key}`);
    return now;
  };
  let now = await step("Home", at[0]);
  now = await step("ArrowRight", at[1], now);
  now = await step("ArrowRight", at[2], now);
  now = await step("ArrowLeft", at[1], now);
  // The first second may hold one frame only; the next bar is the one after that of the frame being looked at.
  const bar = bars.findIndex(([start]) => at[1] < start + 1_000_000);
  now = await step("Shift+ArrowRight", bars[bar + 1][2], now);
  now = await step("Shift+ArrowLeft", bars[bar][2], now);

  // The address follows, and leads back.
  const address = `${server.url}/history?camera=0&at=${now.at}`;
  await until("the frame's address", () => page.url() === address);
  const { at: loaded } = await pictureLoadedBy(page, () => page.goto(address));
  assert.equal(loaded, now.at);
  assert.deepEqual(await viewed(page), { camera: 0, at: now.at });
  const { from, to } = await inView(page);
  assert.ok(from <= now.at / 1e6 && now.at / 1e6 <= to + 1, "the frame is not in view");

  await page.keyboard.press("Escape");
  await until("the end of looking", async () => (await viewer(page).count()) === 0);
  await until("the plain address", () => page.url() === `${server.url}/history`);
});

const atTheEnd = { page: { expected: [LOGGED_OUT, /status of 404 .*seek=previous/] } };

scene("at the first frame there is none before it", atTheEnd, async (parts) => {
  const { server, page } = parts;
  await enter(page, server, "/history");
  await untilBars(page);
  await button(page, "First").click();
  const first = await viewed(page);
  // It counts as disabled, yet says why when it is pressed.
  await button(page, "Previous").press("Enter");
  await page.getByText("This is the first frame; there is none before it.").waitFor();
  assert.equal((await viewed(page)).at, first.at);
});

scene("a frame that is gone is called gone", { page: { expected: [LOGGED_OUT, /status of 404/] } }, async ({ server, page }) => {
  await enter(page, server, "/history");
  await untilBars(page, 2);
  // Once nothing is added to it any more.
  const events = await until("the end of an event", async () => {
    const { events } = await api(page, server, "/api/v1/events");
    return events.length > 0 && events.every(({ to }) => to < (Date.now() - 3_000) * 1_000) && events;
  });
  const [bar] = await untilBars(page, 2);
  for (const { start } of events) {
    const headers = { origin: server.url };
    const gone = await page.request.delete(`${server.url}/api/v1/cameras/0/events/${start}`, { headers });
    assert.equal(gone.status(), 204);
  }
  // The chart still has the bar, and what is behind it is gone.
  await page.mouse.click(bar.x, bar.y);
  await page.getByText("This frame is gone.").waitFor();
  await until("newer frames", async () => (await framesOfMotion(page, server)).length > 0, 60_000);
  // The chart has moved on meanwhile, and the bar with it.
  const [again] = await untilBars(page, 2);
  await page.mouse.click(again.x, again.y);
  const nearest = page.getByRole("button", { name: /Show the nearest one/ });
  await nearest.click();
  const shown = await viewed(page);
  assert.ok(shown.at > events[0].to, "a newer frame is the nearest");
  // Somebody whom a link leads to what is gone sees the nearest at once.
  await page.goto(`${server.url}/history?camera=0&at=${events[0].start}`);
  await page.getByText(/No frame of .* is stored \(any more\)\. This is the nearest one\./).waitFor();
  assert.ok((await viewed(page)).at > events[0].to);
});

/** Frames with motion; those recorded around it are not stepped through. */
async function framesOfMotion(page, server) {
  const frames = await api(page, server, "/api/v1/cameras/0/frames?from=0&to=9000000000000000");
  return frames.filter(({ motion }) => motion);
}

/** A history of seven minutes, read from a clip at once. */
async function longClip(folder) {
  const clip = await makeLongClip(folder);
  return ["--source", `file:${clip}?realtime=0`];
}

scene("the chart zooms by button, key, wheel and box, pans, and comes back", { prepare: longClip, ...options }, async (parts) => {
  const { server, page } = parts;
  await enter(page, server, "/history");
  const pill = page.getByTestId("status").locator("..");
  await until("the end of the clip", async () => /ended/.test(await pill.getAttribute("title")));
  // The last of it may be on its way into the store.
  const stored = await quiet(page, server);
  const length = (stored.at(-1)[0] - stored[0][0]) / 1e6;
  assert.ok(length > 360, `the history is ${length} s long`);
  await page.reload();
  await untilBars(page, 1);

  const width = async () => {
    const { from, to } = await inView(page);
    return to - from;
  };
  const becomes = (what, condition) => until(what, async () => condition(await width()), 10_000);
  await button(page, "Last").click();
  assert.equal((await viewed(page)).at, (await api(page, server, "/api/v1/cameras/0/frame?seek=last")).at);
  await becomes("five minutes", (seconds) => Math.abs(seconds - 300) <= 1);
  const last = await inView(page);
  await button(page, "First").click();
  await until("an earlier stretch", async () => (await inView(page)).from < last.from);
  await button(page, "Zoom in").click();
  await becomes("half of it", (seconds) => Math.abs(seconds - 150) <= 2);
  await history(page).getByRole("group", { name: /^History chart/ }).focus();
  await page.keyboard.press("-");
  await becomes("five minutes again", (seconds) => Math.abs(seconds - 300) <= 2);
  await page.keyboard.press("Escape");

  const box = await page.locator("canvas.history-over").boundingBox();
  const [left, right, middle] = [box.x + box.width * 0.5, box.x + box.width * 0.75, box.y + box.height / 2];
  await page.mouse.move(left, middle);
  await page.mouse.wheel(0, -400);
  await becomes("less by the wheel", (seconds) => seconds < 250);
  const before = await width();
  await page.keyboard.down("Shift");
  await page.mouse.down();
  await page.mouse.move(right, middle, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await becomes("a quarter by the box", (seconds) => seconds > before * 0.15 && seconds < before * 0.4);
  const closer = await inView(page);
  await page.mouse.down();
  await page.mouse.move(left, middle, { steps: 4 });
  await page.mouse.up();
  await until("a later stretch", async () => (await inView(page)).from > closer.from);
  await becomes("as much as before", (seconds) => Math.abs(seconds - (closer.to - closer.from)) <= 1);

  await button(page, "Unzoom").click();
  await until("everything in view", async () => {
    const { from, frames } = await inView(page);
    return from <= stored[0][0] / 1e6 && frames === stored.reduce((sum, [, count]) => sum + count, 0);
  });
});

scene("the table shows what the chart shows, and opens frames too", options, async ({ server, page }) => {
  await enter(page, server, "/history");
  await untilBars(page, 2);
  await button(page, "Table").click();
  const bars = await quiet(page, server);
  await until("all bars", async () => (await table(page)).length === bars.length);
  const rows = page.getByRole("region", { name: "Bars as a table" }).locator("tbody tr");
  const { at } = await pictureLoadedBy(page, () => rows.last().getByRole("button").click());
  assert.equal(at, bars[0][2]);
});

scene("the chart is saved as a picture", options, async ({ server, page }) => {
  await enter(page, server, "/history");
  await untilBars(page);
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save chart").click()]);
  assert.match(download.suggestedFilename(), /^motion-.*\.png$/);
  const chunks = await (await download.createReadStream()).toArray();
  assert.equal(Buffer.concat(chunks).subarray(1, 4).toString(), "PNG");
});
