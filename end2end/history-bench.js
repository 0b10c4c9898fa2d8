// What a long history costs in the browser: `node end2end/history-bench.js STATE_DIR [RECORDS [still]]`, on a state folder with recordings, such as
// `cargo run --release -p rtm2-store --example year -- STATE_DIR/frames 1000000` makes, and without accounts. The server is
// `RTM2_BIN`, the page what it serves: build both for release. The last line is one JSON object:
//
// - `first_chart_ms`: from the start of loading until the first bars were painted, over a line of 1.6 Mbit/s and 150 ms there and
//   back, for the first visit ever (`cold`) and with the files in the service worker (`installed`); those are the bars that the
//   server draws into the document; `own_chart_ms`: the same for the bars that the page itself paints; medians;
// - `refilter_ms`: from the input event of a slider until RECORDS records (a million) are sifted, in the shipped wasm; median;
// - but with `still`, `pan`, `zoom`: tasks of the main thread while the chart is dragged and zoomed frame by frame, from a trace: how
//   many took longer than a frame at 60 a second and how long the longest was, by the clock and in processor time (where other
//   programs use the machine too, the clock tells of them), and what the page's own script took in an animation frame.

import net from "node:net";
import path from "node:path";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { launchBrowser, openPage, until } from "./lib/browser.js";
import { button, untilBars } from "./lib/history.js";
import { makeStill } from "./lib/media.js";
import { startServer } from "./lib/server.js";
import { enter } from "./lib/user.js";

const BYTES_PER_MS = 1.6e6 / 8 / 1000;
const ONE_WAY_MS = 75;
const VISITS = 5;
const DAY_S = 86_400;

const [state, records = "1000000", still] = process.argv.slice(2);
const RECORDS = Number(records);
if (state === undefined) {
  throw new Error("name a state folder with recordings");
}
const folder = await mkdtemp(path.join(tmpdir(), "rtm2-history-"));
const server = await startServer({ state, args: ["--source", `file:${await makeStill(folder)}?loop`] });
const browser = await launchBrowser();
try {
  const first = await openPage(browser);
  await enter(first.page, server, "/history");
  const { cookies } = await first.context.storageState();
  await first.context.close();
  const result = { ...(await firstChart(cookies)), ...(still ? {} : await moving(cookies)), refilter_ms: await refilter(cookies) };
  console.log(JSON.stringify(result));
} finally {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

function median(values) {
  return Math.round([...values].sort((a, b) => a - b)[values.length >> 1] * 10) / 10;
}

/** A slow line in front of the server: every connection waits for its handshake, and all share the rate. */
async function slowLine() {
  const sockets = new Set();
  let free = 0;
  const line = net.createServer(async (near) => {
    const far = net.connect(server.port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    const opened = performance.now() + 2 * ONE_WAY_MS;
    near.on("data", (bytes) => setTimeout(() => far.write(bytes), Math.max(opened - performance.now(), 0) + ONE_WAY_MS));
    far.on("data", (bytes) => {
      for (let at = 0; at < bytes.length; at += 1400) {
        const part = bytes.subarray(at, at + 1400);
        free = Math.max(free, performance.now()) + part.length / BYTES_PER_MS;
        setTimeout(() => near.write(part), free - performance.now() + ONE_WAY_MS);
      }
    });
  });
  await new Promise((resolve) => line.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    sockets.forEach((socket) => socket.destroy());
    line.close();
  };
  return { url: `http://127.0.0.1:${line.address().port}`, stop };
}

/** Notes when bars of the document were on the screen: an animation frame after one in which they had a place in the layout. */
function watchDocument() {
  const look = () => {
    const bars = [...document.querySelectorAll("#first .first-bar")].some((path) => path.getBoundingClientRect().height > 0);
    const note = () => performance.getEntriesByName("document-chart").length > 0 || performance.mark("document-chart");
    requestAnimationFrame(bars ? note : look);
  };
  requestAnimationFrame(look);
}

/** When the document's bars and the page's own were painted, in milliseconds after loading began. */
async function painted(page) {
  const marks = () =>
    page.evaluate(() => {
      const [first, own] = ["document-chart", "chart-first-paint"].map((name) => performance.getEntriesByName(name)[0]?.startTime);
      return own && { first: Math.min(first ?? own, own), own };
    });
  return until("the page's own chart", marks, 60_000);
}

async function firstChart(cookies) {
  const times = { cold: [], installed: [] };
  for (let i = 0; i < VISITS; i += 1) {
    const line = await slowLine();
    const { page, context } = await openPage(browser);
    await context.addCookies(cookies);
    await page.addInitScript(watchDocument);
    await page.goto(`${line.url}/history`, { waitUntil: "commit" });
    times.cold.push(await painted(page));
    await until("the worker", () => page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state === "activated"), 60_000);
    await page.goto("about:blank");
    await page.waitForTimeout(500);
    await page.goto(`${line.url}/history`, { waitUntil: "commit" });
    times.installed.push(await painted(page));
    await context.close();
    line.stop();
  }
  const medians = (which) =>
    Object.fromEntries(Object.entries(times).map(([visit, marks]) => [visit, median(marks.map((mark) => mark[which]))]));
  return { first_chart_ms: medians("first"), own_chart_ms: medians("own") };
}

/** Tasks of the page's main thread during `action`, from a trace. */
async function traced(page, action) {
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
  await action();
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  const mains = traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const onMain = traceEvents.filter(({ pid, tid, dur }) => dur > 0 && mains.some((main) => main.pid === pid && main.tid === tid));
  // Each task is in the trace twice, once by its own name and once by that of who runs it.
  const tasks = onMain.filter(({ name }) => name === "ThreadControllerImpl::RunTask");
  const summed = (times) => ({ over_16_7_ms: times.filter((ms) => ms > 16.7).length, longest_ms: Math.max(...times) });
  const script = onMain.filter(({ name }) => name === "FireAnimationFrame").map(({ tdur = 0 }) => tdur / 1000);
  return {
    tasks: tasks.length,
    clock: summed(tasks.map(({ dur }) => dur / 1000)),
    processor: summed(tasks.map(({ tdur = 0 }) => tdur / 1000)),
    script: { frames: script.length, median_ms: median(script), longest_ms: Math.max(...script) },
  };
}

async function moving(cookies) {
  const { page, context } = await openPage(browser);
  await context.addCookies(cookies);
  await page.goto(`${server.url}/history`);
  await untilBars(page, 3);
  await button(page, "Load all").or(button(page, "Show all")).first().click();
  await page.getByText(/All \d+ seconds with motion are loaded|Everything is loaded/).waitFor({ timeout: 120_000 });
  const chart = await page.locator(".history-over").boundingBox();
  const middle = [chart.x + chart.width / 2, chart.y + chart.height / 2];
  await page.mouse.move(...middle);
  const frame = () => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  const zoom = await traced(page, async () => {
    for (let i = 0; i < 40; i += 1) {
      await page.mouse.wheel(0, i < 25 ? -120 : 120);
      await frame();
    }
  });
  const pan = await traced(page, async () => {
    await page.mouse.down();
    for (let i = 0; i < 120; i += 1) {
      await page.mouse.move(middle[0] + 300 * Math.sin(i / 10), middle[1]);
      await frame();
    }
    await page.mouse.up();
  });
  await context.close();
  return { pan, zoom };
}

/** The index of a day in which every second moved, as docs/day-index.md has it. */
function fullDay(number, count) {
  const bytes = Buffer.alloc(32 + count * 20);
  bytes.write("rtmd", 0);
  [[4, 1], [6, 32], [8, 0], [10, 8 | (6 << 8)]].forEach(([at, value]) => bytes.writeUInt16LE(value, at));
  bytes.writeUInt32LE(number, 12);
  bytes.writeUInt32LE(count, 16);
  let [gap, frames, area] = [32, 32 + count * 4, 32 + count * 9];
  const cells = 32 + count * 14;
  for (let i = 0; i < count; i += 1) {
    bytes.writeUInt32LE(i === 0 ? 0 : 1, gap + i * 4);
    bytes.writeUInt16LE(1 + (i % 15), frames + i * 2);
    bytes.writeUInt16LE((i * 40_503) & 0xffff, area + i * 2);
    bytes.writeUInt16LE((i * 10_061) & 0xffff, area + count * 2 + i * 2);
    bytes.writeUInt32LE((i * 2_654_435_761) >>> 0, cells + i * 6);
  }
  let hash = 0xcbf29ce484222325n;
  for (const [i, byte] of bytes.entries()) {
    if (i < 24 || i >= 32) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
  }
  bytes.writeBigUInt64LE(hash, 24);
  return bytes;
}

async function refilter(cookies) {
  const { page, context } = await openPage(browser, { serviceWorkers: "block" });
  await context.addCookies(cookies);
  const days = new Map();
  // Up to the newest day of the recordings that is over.
  const { today, days: listed } = await (await page.request.get(`${server.url}/api/v1/cameras/0/days`)).json();
  const last = Math.min(listed.at(-1)[0], today - 1);
  for (let left = RECORDS, number = last; left > 0; left -= DAY_S, number -= 1) {
    days.set(number, fullDay(number, Math.min(left, DAY_S)));
  }
  await page.route(/\/cameras\/\d+\/days/, (route) => {
    const number = /days\/(\d+)\.bin/.exec(route.request().url())?.[1];
    if (number !== undefined) {
      return route.fulfill({ body: days.get(Number(number)) });
    }
    const rows = [...days.keys()].sort().map((day) => [day, 1, "x"]);
    return route.fulfill({ json: { camera: 0, today: last + 1, days: rows } });
  });
  await page.goto(`${server.url}/history`);
  await untilBars(page, 1);
  await button(page, "Sift").click();
  await page.getByText(`of ${RECORDS.toLocaleString("en-US")} of everything`).waitFor({ timeout: 600_000 });
  const times = await page.evaluate(() => {
    const slider = document.querySelector(".sift-slider input");
    const measure = (step) => {
      slider.value = step;
      const start = performance.now();
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      return performance.now() - start;
    };
    return Array.from({ length: 41 }, (_, i) => measure(10 + i));
  });
  await context.close();
  return median(times);
}
