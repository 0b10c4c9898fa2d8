// The live page when nobody looks at it, and what it says about its pictures.

import assert from "node:assert/strict";
import { lookAgain, lookAway } from "../lib/attention.js";
import { LOGGED_OUT, openSocket, until } from "../lib/browser.js";
import { distance } from "../lib/canvas.js";
import { listFrames, quiet } from "../lib/frames.js";
import { CLIP_SECONDS, makeClip } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { api, enter, untilStatus } from "../lib/user.js";
import { FRAME, TILES } from "../lib/wire.js";

/** Longest pass of the clip on a busy machine. */
const PASS_MS = CLIP_SECONDS * 5000;
/** How far the browser's clock is ahead in the test of the statistics. */
const AHEAD_MS = 3_600_000;

/** Something crosses a still room again and again. */
async function prepare(folder) {
  return ["--source", `file:${await makeClip(folder)}?loop`];
}

const options = { prepare, page: { expected: [LOGGED_OUT] } };

/** The last subscription that the page asked for. */
function asked(socket) {
  return socket.sent.findLast(({ t }) => t === "subscribe");
}

/** Waits until the page has asked for pictures, or for none. */
function untilAsked(socket, pictures) {
  return until(`a subscription with${pictures ? "" : "out"} pictures`, () => (asked(socket)?.pictures ?? true) === pictures);
}

scene("a tab in the background hears events only, and sees the newest when it is looked at again", options, async (parts) => {
  const { server, page, sockets } = parts;
  const frames = listFrames(page);
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await until("changes", () => frames.some(({ kind }) => kind === TILES));

  const socket = openSocket(sockets);
  await lookAway(page);
  await untilAsked(socket, false);
  assert.equal(asked(socket).mode, "motion");
  await until("the end of the pictures", () => quiet(frames), PASS_MS);
  const [pictures, bars] = [frames.length, socket.messages("bar").length];
  await until("the bars of a pass", () => socket.messages("bar").length >= bars + 6, 2 * PASS_MS);
  const isOn = async () => (await page.getByTestId("motion").getAttribute("class")).includes("plate-on");
  await until("the word of motion", isOn, PASS_MS);
  assert.equal(frames.length, pictures, "pictures came though nobody looks");

  await lookAgain(page);
  await untilAsked(socket, true);
  await until("a picture", () => frames.length > pictures, PASS_MS);
  assert.equal(frames[pictures].kind, FRAME, "the first one is no whole picture");
  await until("changes", () => frames.slice(pictures).some(({ kind }) => kind === TILES), 2 * PASS_MS);
  const last = await until("the end of a pass", () => quiet(frames), PASS_MS);
  const list = `/api/v1/cameras/0/frames?from=${last.at}&to=${last.at}&limit=1`;
  const infos = await until("the stored frame", async () => ((found) => found.length > 0 && found)(await api(page, server, list)));
  const off = await distance(page, `/api/v1/cameras/0/frames/${last.at}.jpg`, infos[0].boxes);
  assert.equal(frames.at(-1).at, last.at, "another frame came meanwhile");
  assert.ok(off.block <= 5 && off.box <= 1, `the canvas is off: ${JSON.stringify(off)}`);
});

scene("in the background the alarm rings, falls silent elsewhere, and fetches no picture", options, async (parts) => {
  const { server, page, context, sockets } = parts;
  await page.addInitScript(() => localStorage.setItem("rtm2.armed", "on"));
  await enter(page, server, "/alarm");
  await untilStatus(page, /^online$/);
  await lookAway(page);
  const [picture, count] = [page.locator(".alarm-picture img"), page.getByTestId("count")];
  const shown = async () => ((await picture.count()) === 0 ? undefined : picture.getAttribute("src"));
  const before = await shown();
  const counted = Number(await count.textContent());
  await until("an alarm", async () => Number(await count.textContent()) > counted, 2 * PASS_MS);
  const isRed = () => page.evaluate(() => document.documentElement.classList.contains("is-alarm"));
  await until("red", isRed, 2 * PASS_MS);
  assert.equal(await shown(), before, "a picture was fetched that nobody sees");

  const other = await context.newPage();
  await other.goto(`${server.url}/alarm`);
  const seen = openSocket(sockets).messages("seen").length;
  // It may fall silent between two motions of the clip: then there is nothing to acknowledge on the other device yet.
  await other.getByRole("button", { name: "Acknowledge" }).click();
  await until("the word that it was seen", () => openSocket(sockets).messages("seen").length > seen);

  await lookAgain(page);
  await until("the newest picture", async () => (await shown()) !== undefined && (await shown()) !== before);
});

scene("the statistics say what came", options, async (parts) => {
  const { server, page } = parts;
  const frames = listFrames(page);
  await page.addInitScript(meddle, AHEAD_MS);
  await enter(page, server);
  await untilStatus(page, /^online$/);
  const overlay = page.getByTestId("statistics");
  await overlay.waitFor();
  await until("pictures", () => frames.length > 5);
  // Whole passes of the clip, so that it does not matter when they begin.
  const rates = await page.evaluate((ms) => window.rates(ms), 2 * CLIP_SECONDS * 1000);
  const few = frames.length;
  // Credit is used up and the server leaves pictures out.
  await page.evaluate(() => window.hold(2_000));
  await until("a gap", () => frames.slice(few).some(({ skipped }) => skipped > 0));
  // One that cannot be decoded; those after it have nothing to lie on until a whole one comes.
  const breaking = frames.length;
  await page.evaluate(() => (window.breakNext = true));
  await until("the break", () => page.evaluate(() => !window.breakNext));
  await until("a whole picture after the break", () => frames.slice(breaking).some(({ kind }) => kind === FRAME));
  await until("more", () => frames.length > breaking + 30);
  const { delays, waited } = await page.evaluate(() => ({ delays: window.delays, waited: window.waited }));

  await page.getByRole("radio", { name: "Off", exact: true }).check();
  await until("the end of the pictures", () => quiet(frames));
  const painted = await page.evaluate(() => window.painted);
  const of = (kind) => frames.filter((frame) => frame.kind === kind).length;
  const skipped = frames.reduce((sum, frame) => sum + frame.skipped, 0);
  const dropped = frames.length - painted;
  assert.ok(skipped > 0 && dropped > 0, `${skipped} and ${dropped}: the test tests nothing`);
  const figure = async (name) => new RegExp(`^${name} +(.*)$`, "m").exec(await overlay.textContent())?.[1];
  await until("the figures", async () => (await figure("Shown")) === "0 fps");
  assert.equal(await figure("Pictures"), `${of(FRAME)} whole, ${of(TILES)} changes`);
  assert.equal(await figure("Dropped"), `${skipped} by server, ${dropped} here`);
  assert.match(await figure("Received"), /^\d{1,3} B\/s$/, "heartbeats are all that comes");
  assert.equal(await figure("Delay"), "–");
  gapsAreTold(frames);
  delaysAreTrue(delays, waited);
  ratesAreTrue(rates);

  // Without the overlay nothing is measured, and it begins anew.
  await page.keyboard.press("i");
  await overlay.waitFor({ state: "detached" });
  await page.keyboard.press("i");
  await overlay.waitFor();
  assert.equal(await figure("Pictures"), "0 whole, 0 changes");
  await page.getByRole("switch", { name: "Statistics" }).uncheck();
  await overlay.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => localStorage.getItem("rtm2.statistics")), "off");
});

/** What a picture says it follows on must be the one before it, as their numbers say. */
function gapsAreTold(frames) {
  for (const [i, { seq, skipped, replay }] of frames.entries()) {
    if (i > 0 && !replay && !frames[i - 1].replay) {
      assert.equal(skipped, Math.min(seq - frames[i - 1].seq - 1, 255), `before ${seq}`);
    }
  }
}

/**
 * The clocks are an hour apart, which must not show; that a decoded picture was held up for `waited` milliseconds must, but for
 * the time that the quickest message took, by which clocks are compared.
 */
function delaysAreTrue(said, waited) {
  const delays = said.map((delay) => /^(\d+) ms, at most (\d+) ms$/.exec(delay)).filter((match) => match !== null);
  const [means, most] = [1, 2].map((i) => delays.map((match) => Number(match[i])));
  assert.ok(delays.length > 0, "no delay was shown");
  assert.ok(waited > 1_000 && Math.max(...most) >= waited / 2, `a picture waited for ${waited} ms, and the longest delay was ${Math.max(...most)} ms`);
  assert.ok(Math.max(...most) < AHEAD_MS / 10, "the clocks' difference is in it");
  assert.ok(means.every((mean, i) => mean <= most[i]));
}

/** What was said of a second, on average over some, against what came: half to double, for the seconds are not the same. */
function ratesAreTrue({ seconds, fps, bytes, painted, received }) {
  for (const [said, counted] of [[fps, painted / seconds], [bytes, received / seconds]]) {
    assert.ok(said > counted / 2 && said < counted * 2, `${said} a second said, ${counted} counted`);
  }
}

/**
 * Runs in the page before anything else. Every picture is wanted, and statistics of them; the clock is ahead. `painted` counts
 * pictures that reached the canvas, `received` bytes; `hold(ms)` keeps decoded ones back for a while; `breakNext` spoils one;
 * `delays` holds what the overlay said of the delay, and `rates(ms)` gives what it says of rates for so long.
 */
function meddle(aheadMs) {
  for (const [key, value] of [["statistics", "on"], ["mode", "live"]]) {
    localStorage.setItem(`rtm2.${key}`, localStorage.getItem(`rtm2.${key}`) ?? value);
  }
  const now = Date.now;
  Date.now = () => now() + aheadMs;
  Object.assign(window, { painted: 0, received: 0, delays: [], waited: 0, breakNext: false });

  const seen = new WeakSet();
  const paint = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...args) {
    window.painted += seen.has(args[0]) ? 0 : 1;
    seen.add(args[0]);
    return paint.apply(this, args);
  };

  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => (window.received += data.byteLength ?? data.length));
    }
  };

  let held = Promise.resolve();
  window.hold = (ms) => {
    held = new Promise((resolve) => setTimeout(resolve, ms));
  };
  const decode = window.createImageBitmap;
  window.createImageBitmap = async (...args) => {
    const spoil = window.breakNext;
    window.breakNext = false;
    const bitmap = await decode.apply(window, args);
    const since = now();
    await held;
    window.waited = Math.max(window.waited, now() - since);
    if (spoil) {
      bitmap.close();
      throw new Error("spoilt");
    }
    return bitmap;
  };

  const lines = () => document.querySelector("[data-testid=statistics]")?.textContent ?? "";
  const text = (name) => new RegExp(`^${name} +(.*)$`, "m").exec(lines())?.[1];
  const note = () => {
    const delay = text("Delay");
    if (delay !== undefined && delay !== window.delays.at(-1)) {
      window.delays.push(delay);
    }
  };
  addEventListener("DOMContentLoaded", () => {
    new MutationObserver(note).observe(document.body, { childList: true, characterData: true, subtree: true });
  });

  window.rates = async (ms) => {
    const begin = { time: now(), painted: window.painted, received: window.received };
    const units = { "B/s": 1, "kB/s": 1e3, "MB/s": 1e6 };
    const samples = [];
    while (now() < begin.time + ms) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const [bytes, unit] = text("Received").split(" ");
      samples.push([Number.parseInt(text("Shown"), 10), Number(bytes) * units[unit]]);
    }
    const mean = (i) => samples.reduce((sum, sample) => sum + sample[i], 0) / samples.length;
    return {
      seconds: (now() - begin.time) / 1000,
      fps: mean(0),
      bytes: mean(1),
      painted: window.painted - begin.painted,
      received: window.received - begin.received,
    };
  };
}
