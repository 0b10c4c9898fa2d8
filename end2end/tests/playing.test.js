// Looking at what was recorded: playing events, going from one to the next, thumbnails, links.

import assert from "node:assert/strict";
import { fingerprint } from "../lib/canvas.js";
import { LOGGED_OUT, until } from "../lib/browser.js";
import { button, inView, untilBars, viewed, viewedOtherThan, viewer } from "../lib/history.js";
import { ffprobe, makeVisits, VISITS } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { api, enter } from "../lib/user.js";

async function prepare(folder) {
  return ["--source", `file:${await makeVisits(folder)}?realtime=0`];
}

const options = { prepare, page: { expected: [LOGGED_OUT] } };

/** Opens the history once all three visits are recorded; gives the events, the oldest first. */
async function open(page, server, address = "/history") {
  await enter(page, server, "/history");
  const pill = page.getByTestId("status").locator("..");
  await until("the end of the clip", async () => /ended/.test(await pill.getAttribute("title")));
  const { events } = await api(page, server, "/api/v1/events?camera=0");
  assert.equal(events.length, VISITS.length, "as many events as visits");
  await page.goto(`${server.url}${address}`);
  await untilBars(page, 1);
  return events.reverse();
}

const player = (page) => viewer(page).getByRole("group", { name: "Play the event" });
const playButton = (page, name) => player(page).getByRole("button", { name, exact: true });
const film = (page) => page.locator("canvas.frame-film");

/** Waits until the film shows other pictures, `count` of them. */
async function seesPictures(page, count) {
  const seen = new Set();
  await until(`${count} different pictures`, async () => {
    const width = await film(page).evaluate((canvas) => canvas.width);
    return width > 0 && seen.add(await fingerprint(film(page))).size >= count;
  });
}

scene("an event is played with its boxes, at three speeds, and stands where it is stopped", options, async (parts) => {
  const { server, page } = parts;
  const [first] = await open(page, server);
  const asked = { now: 0, most: 0, all: [] };
  const isPicture = (request) => /frames\/\d+\.jpg$/.test(request.url());
  page.on("request", (request) => {
    if (isPicture(request)) {
      asked.now += 1;
      asked.most = Math.max(asked.most, asked.now);
      asked.all.push(request.url());
    }
  });
  page.on("requestfinished", (request) => isPicture(request) && (asked.now -= 1));
  page.on("requestfailed", (request) => isPicture(request) && (asked.now -= 1));

  await page.goto(`${server.url}/history?camera=0&at=${first.start}`);
  assert.equal((await viewed(page)).at, first.start);
  await player(page).getByText(/best score/).waitFor();
  await page.keyboard.press("Space");
  await playButton(page, "Pause").waitFor();
  await seesPictures(page, 5);
  await until("a box over the film", async () => (await viewer(page).locator(".frame-boxes rect").count()) > 0);
  await page.keyboard.press("Space");
  await playButton(page, "Play").waitFor();
  const stopped = await viewed(page);
  assert.ok(stopped.at > first.start && stopped.at <= first.to, "it stands in the event");
  await until("the address of the frame", () => page.url().endsWith(`at=${stopped.at}`));

  // A step while it plays stops it there.
  await page.keyboard.press("Space");
  await playButton(page, "Pause").waitFor();
  await page.keyboard.press("ArrowLeft");
  await playButton(page, "Play").waitFor();

  // To the end, as fast as it goes: fewer frames than there are.
  await page.goto(`${server.url}/history?camera=0&at=${first.start}`);
  await player(page).getByText(/best score/).waitFor();
  await page.keyboard.press(">");
  await page.keyboard.press(">");
  assert.equal(await player(page).getByRole("button", { name: "16×" }).getAttribute("aria-pressed"), "true");
  const frames = await api(page, server, `/api/v1/cameras/0/frames?from=${first.from}&to=${first.to}`);
  asked.all = [];
  await playButton(page, "Play").click();
  await until("the end", async () => (await playButton(page, "Play").count()) === 1 && (await viewed(page)).at === first.to);
  assert.ok(new Set(asked.all).size < frames.length, `all ${frames.length} frames were fetched`);
  assert.ok(asked.most <= 5, `${asked.most} pictures at once`);
  // From the end it begins again, and the seek bar leads anywhere.
  await player(page).getByRole("slider").fill("0");
  await until("the first frame", async () => (await viewed(page)).at === first.from);
  await page.keyboard.press("Escape");
  await until("the end of looking", async () => (await viewer(page).count()) === 0);
});

scene("one goes from event to event, and the chart follows", options, async ({ server, page }) => {
  const events = await open(page, server);
  await button(page, "First").click();
  let now = await viewed(page);
  assert.equal(now.at, events[0].start);
  for (let i = 0; i < 3; i += 1) {
    await button(page, "Zoom in").click();
  }
  for (const [key, event] of [["]", events[1]], ["n", events[2]], ["[", events[1]], ["p", events[0]]]) {
    await page.keyboard.press(key);
    now = await viewedOtherThan(page, now);
    assert.equal(now.at, event.start, `after ${key}`);
    const { from, to } = await inView(page);
    assert.ok(from <= now.at / 1e6 && now.at / 1e6 <= to + 1, "the frame is not in view");
  }
  await playButton(page, "Next event").click();
  now = await viewedOtherThan(page, now);
  // What plays goes on with the next one.
  await playButton(page, "Play").click();
  await playButton(page, "Pause").waitFor();
  await page.keyboard.press("]");
  await until("the third event", async () => (await viewed(page)).at === events[2].start);
  await playButton(page, "Pause").click();
  await until("a frame of the third event", async () => (await viewed(page)).at >= events[2].from);
});

const atTheEnds = { ...options, page: { expected: [LOGGED_OUT, /status of 404/] } };

scene("before the first and behind the last event there is none", atTheEnds, async ({ server, page }) => {
  const events = await open(page, server);
  await button(page, "Last").click();
  await viewed(page);
  await page.keyboard.press("]");
  await page.getByText("This is the last event; there is none after it yet.").waitFor();
  await page.goto(`${server.url}/history?camera=0&at=${events[0].start}`);
  await viewed(page);
  await page.keyboard.press("[");
  await page.getByText("This is the first event; there is none before it.").waitFor();
});

scene("frames that are deleted while they are played are left out, and that is said", atTheEnds, async ({ server, page }) => {
  const [event] = await open(page, server);
  await page.goto(`${server.url}/history?camera=0&at=${event.start}`);
  await playButton(page, "Play").click();
  await seesPictures(page, 1);
  const gone = await page.request.delete(`${server.url}/api/v1/cameras/0/events/${event.start}`, {
    headers: { origin: server.url },
  });
  assert.equal(gone.status(), 204);
  await page.getByText(/frames are not stored any more and were left out/).waitFor();
  await page.getByText("This frame is gone.").waitFor();
  await page.getByRole("button", { name: /Show the nearest one/ }).click();
  await viewed(page);
});

scene("what is asked for too early is done once the frame and its event are known", options, async ({ server, page }) => {
  const events = await open(page, server);
  // As over a slow line.
  await page.route(/\/api\/v1\/(events|cameras\/0\/(frames|nearest|seek))\b/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await route.continue();
  });
  await page.goto(`${server.url}/history?camera=0&at=${events[0].start}`);
  await playButton(page, "Play").click();
  await seesPictures(page, 2);
  await playButton(page, "Pause").click();
  await page.keyboard.press("Escape");
  await button(page, "First").click();
  const now = await viewed(page);
  await page.keyboard.press("]");
  assert.equal((await viewedOtherThan(page, now)).at, events[1].start);
});

scene("links lead to the very frame, or say why not", atTheEnds, async ({ server, page }) => {
  const [first, second] = await open(page, server);
  const ms = Math.floor(second.start / 1000);
  await page.goto(`${server.url}/history?camera=0&t=${ms}`);
  assert.equal((await viewed(page)).at, second.start, "by the millisecond");
  await page.reload();
  assert.equal((await viewed(page)).at, second.start, "the same after a reload");
  // A frame from before the motion has an address too.
  await page.goto(`${server.url}/history?camera=0&at=${first.from}`);
  assert.equal((await viewed(page)).at, first.from);

  await page.goto(`${server.url}/history?camera=0&at=${first.to + 3_000_000}`);
  await page.getByText(/No frame of .* is stored \(any more\)\. This is the nearest one\./).waitFor();
  assert.equal((await viewed(page)).at, first.to);

  for (const [query, words] of [
    ["camera=x", "The address of this page says camera=x, which is not the number of a camera."],
    ["camera=0&at=yesterday", "says at=yesterday, which is not a time in microseconds since 1970."],
    ["camera=0&t=-5", "says t=-5, which is not a time in milliseconds since 1970."],
  ]) {
    await page.goto(`${server.url}/history?${query}`);
    await page.getByRole("alert").getByText(words).waitFor();
    await untilBars(page, 1);
  }
  await page.goto(`${server.url}/history?camera=7`);
  await page.getByText("The address of this page names camera 7, which there is not.").waitFor();
});

scene("a link is copied", { ...options, page: { expected: [LOGGED_OUT], permissions: ["clipboard-read", "clipboard-write"] } }, async (parts) => {
  const { server, page } = parts;
  const [first] = await open(page, server);
  await page.goto(`${server.url}/history?camera=0&at=${first.peak}`);
  await viewer(page).getByRole("button", { name: "Copy link" }).click();
  await page.getByText("The link is on the clipboard.").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${server.url}/history?camera=0&at=${first.peak}`);
});

/** The strip of thumbnails. */
const strip = (page) => page.locator(".strip");

/** Waits for the picture under the pointer; gives the address in the page that it has. */
function underThePointer(page) {
  const picture = strip(page).locator(".is-here img");
  return until("the picture under the pointer", () =>
    picture.evaluate((image) => image.complete && image.naturalWidth > 0 && image.src).catch(() => false),
  );
}

scene("thumbnails are under the pointer, exact to the bar, a few at a time", options, async ({ server, page }) => {
  await open(page, server);
  const asked = { now: 0, most: 0, all: [] };
  const isSmall = (request) => request.url().includes("?width=");
  page.on("request", (request) => {
    if (isSmall(request)) {
      asked.now += 1;
      asked.most = Math.max(asked.most, asked.now);
      asked.all.push(request.url());
    }
  });
  page.on("requestfinished", (request) => isSmall(request) && (asked.now -= 1));
  page.on("requestfailed", (request) => isSmall(request) && (asked.now -= 1));
  const [bar] = await untilBars(page, 1);
  await page.mouse.move(bar.x, bar.y);
  assert.match(await underThePointer(page), /^blob:/);
  // The first one asked for is the one under the pointer, which a click opens.
  const { pathname } = new URL(asked.all[0]);
  await page.mouse.click(bar.x, bar.y);
  assert.equal(pathname, `/api/v1/cameras/0/frames/${(await viewed(page)).at}.jpg`);
  // The picture below may have moved the chart out of its place.
  const [again] = await untilBars(page, 1);
  await page.mouse.move(again.x, again.y);
  await underThePointer(page);
  await page.mouse.move(5, 5);
  await until("the strip to go", async () => !(await strip(page).isVisible()));

  // Over the whole chart at once: only where the pointer comes to rest anything is fetched.
  const box = await page.locator("canvas.history-over").boundingBox();
  const before = asked.all.length;
  await page.mouse.move(box.x + 60, again.y);
  await page.mouse.move(box.x + box.width - 20, again.y, { steps: 60 });
  await page.mouse.move(again.x, again.y);
  await underThePointer(page);
  assert.ok(asked.all.length - before <= 20, `${asked.all.length - before} pictures on the way`);
  assert.ok(asked.most <= 3, `${asked.most} at once`);
  assert.equal(new Set(asked.all).size, asked.all.length, "none is asked for twice");
});

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2, expected: [LOGGED_OUT] };

scene("a finger that rests looks, and opens what it is lifted from", { prepare, page: phone }, async ({ server, page, context }) => {
  await open(page, server);
  const [bar] = await untilBars(page, 1);
  const { from } = await inView(page);
  const touch = await context.newCDPSession(page);
  const send = (type, x) =>
    touch.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y: bar.y }] });
  await send("touchStart", bar.x - 30);
  await until("the strip", () => strip(page).isVisible());
  await send("touchMove", bar.x - 15);
  await send("touchMove", bar.x);
  await underThePointer(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
  assert.ok(wide, "the page scrolls sideways");
  assert.equal((await inView(page)).from, from, "the chart went along with the finger");
  await send("touchEnd");
  await viewed(page);
  assert.equal(await strip(page).isVisible(), false);
  const least = await player(page).locator(".player-button").evaluateAll((buttons) =>
    Math.min(...buttons.map((button) => button.getBoundingClientRect().height)),
  );
  assert.ok(least >= 44, `a button is ${least} pixels high`);
});

scene("an event is a clip that the browser plays and ffprobe reads", options, async ({ server, page }) => {
  const [event] = await open(page, server, "/history");
  await page.goto(`${server.url}/history?camera=0&at=${event.start}`);
  await viewer(page).getByRole("button", { name: "Clip …" }).click();
  const dialog = page.getByRole("dialog", { name: "Clip of the event" });
  const video = dialog.locator("video");
  await until("the clip", () => video.evaluate((video) => video.readyState >= 2));
  const { width, height, duration } = await video.evaluate((video) => ({
    width: video.videoWidth,
    height: video.videoHeight,
    duration: video.duration,
  }));
  assert.deepEqual([width, height], [640, 480]);
  const length = (event.to - event.from) / 1e6;
  assert.ok(Math.abs(duration - length) < 0.5, `a clip of ${duration} s for an event of ${length} s`);
  await video.evaluate((video) => {
    video.muted = true;
    return video.play();
  });
  await until("a second of it", () => video.evaluate((video) => video.currentTime > 1));
  // Into the middle: players ask for parts.
  await video.evaluate((video) => (video.currentTime = video.duration - 0.5));
  await until("the end", () => video.evaluate((video) => video.ended));

  for (const [name, codec] of [["Save as MP4", "h264"], ["Save as WebM", "vp8"]]) {
    const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("link", { name }).click()]);
    const found = await ffprobe(await download.path());
    assert.equal(found.codec_name, codec);
    assert.deepEqual([found.width, found.height], [640, 480]);
    assert.ok(found.frames > 20, `${found.frames} frames`);
  }
  // The other kind plays too.
  const webm = `/api/v1/cameras/0/clip.webm?event=${event.start}`;
  const moved = await page.evaluate(async (src) => {
    const video = Object.assign(document.createElement("video"), { src, muted: true });
    await video.play();
    return new Promise((resolve) => video.addEventListener("timeupdate", () => video.currentTime > 0.5 && resolve(video.videoWidth)));
  }, webm);
  assert.equal(moved, 640);
});

const admin = { ...options, page: { expected: [LOGGED_OUT] } };

scene("events are listed, filtered, pinned, labelled and deleted", admin, async ({ server, page }) => {
  const events = await open(page, server);
  await page.keyboard.press("e");
  const list = page.getByRole("region", { name: "Events", exact: true });
  const rows = list.getByRole("listitem");
  const number = (n) => until(`${n} events`, async () => (await rows.count()) === n);
  await number(3);
  await until("a thumbnail", () => rows.first().locator("img").evaluate((image) => image.naturalWidth > 0));
  await rows.last().getByRole("button", { name: /Show the event/ }).click();
  assert.equal((await viewed(page)).at, events[0].start);

  await rows.first().getByRole("button", { name: "Pin" }).click();
  await rows.first().getByRole("button", { name: "Unpin" }).waitFor();
  await list.getByLabel("Pinned only").check();
  await number(1);
  page.once("dialog", (dialog) => dialog.accept('the "cat"'));
  await rows.first().getByRole("button", { name: "Label …" }).click();
  await rows.first().getByText('the "cat"').waitFor();
  await list.getByLabel("Pinned only").uncheck();
  await number(3);
  await list.getByLabel("Label", { exact: true }).fill('the "cat"');
  await number(1);
  await list.getByLabel("Label", { exact: true }).fill("dog");
  await list.getByText("No event is like that.").waitFor();
  await list.getByLabel("Label", { exact: true }).fill("");
  await number(3);
  await list.getByLabel("Least score").fill("65000");
  await number(0);
  await list.getByLabel("Least score").fill("");
  await number(3);

  // What is pinned is not deleted, and nothing is deleted without being asked twice.
  page.once("dialog", (dialog) => dialog.dismiss());
  await rows.last().getByRole("button", { name: "Delete …" }).click();
  await number(3);
  page.once("dialog", (dialog) => dialog.accept());
  await rows.last().getByRole("button", { name: "Delete …" }).click();
  await number(2);
  const left = await api(page, server, "/api/v1/events");
  assert.deepEqual(left.events.map(({ start, label, pinned }) => [start, label, pinned]), [
    [events[2].start, 'the "cat"', true],
    [events[1].start, "", false],
  ]);
});

scene("the phone has all of it in its width", { prepare, page: phone }, async ({ server, page }) => {
  const [event] = await open(page, server);
  await page.goto(`${server.url}/history?camera=0&at=${event.start}`);
  await player(page).getByText(/best score/).waitFor();
  await button(page, "Events").tap();
  await page.getByRole("region", { name: "Events", exact: true }).getByRole("listitem").first().waitFor();
  const { wide, sight } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    sight: document.documentElement.clientWidth,
  }));
  assert.ok(wide <= sight, `the page is ${wide} pixels wide on ${sight}`);
});
