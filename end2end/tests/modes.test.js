// The live picture's three modes, and what they cost.

import assert from "node:assert/strict";
import { LOGGED_OUT, openSocket, until } from "../lib/browser.js";
import { makeStill } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { enter, untilStatus } from "../lib/user.js";

const options = { page: { expected: [LOGGED_OUT] } };

async function still(folder) {
  return ["--source", `file:${await makeStill(folder)}?loop&fps=10`];
}

/** Chooses a mode as a user does. */
function choose(page, mode) {
  return page.getByRole("group", { name: "Pictures" }).getByRole("radio", { name: mode, exact: true }).check();
}

/** Waits until the server has been asked for a mode. */
function untilAsked(socket, mode) {
  return until(`a subscription to ${mode}`, () => socket.sent.findLast(({ t }) => t === "subscribe")?.mode === mode);
}

/** What comes over a socket from now on for so many milliseconds. */
async function listen(socket, ms) {
  const begin = socket.received.length;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return socket.received.slice(begin);
}

scene("b8: while nothing moves, next to nothing is sent", { prepare: still, ...options }, async ({ server, page, sockets }) => {
  await enter(page, server);
  await untilStatus(page, /^online$/);
  const socket = openSocket(sockets);
  await untilAsked(socket, "motion");
  await until("heartbeats", () => socket.messages("hb").length >= 2);
  assert.ok(await page.getByRole("radio", { name: "Motion" }).isChecked(), "motion is not the mode at first");

  const quiet = await listen(socket, 10_000);
  assert.deepEqual(quiet.filter(({ text }) => text === undefined), [], "pictures came while nothing moved");
  const bytes = quiet.reduce((sum, message) => sum + message.bytes, 0);
  assert.ok(bytes <= 1_000, `${bytes} bytes in ten seconds`);
  const heartbeats = quiet.filter(({ text }) => text.t === "hb").length;
  assert.ok(heartbeats >= 5 && heartbeats <= 11, `${heartbeats} heartbeats in ten seconds`);
});

scene("r36: live sends every picture, off sends none", { prepare: still, ...options }, async ({ server, page, sockets }) => {
  await enter(page, server);
  await untilStatus(page, /^online$/);
  const socket = openSocket(sockets);
  await choose(page, "Live");
  await untilAsked(socket, "live");
  const before = socket.pictures;
  await until("ten pictures of a still room", () => socket.pictures >= before + 10);
  await until("the picture's size", async () => (await page.getByTestId("picture").evaluate((canvas) => canvas.width)) === 640);

  await choose(page, "Off");
  await untilAsked(socket, "off");
  await page.getByText("Pictures are off").waitFor();
  // The server tells the mode back by what it sends: a second without a picture, after what was on its way.
  await until("the end of the pictures", async () => (await listen(socket, 1_000)).every(({ text }) => text !== undefined));

  await page.reload();
  await untilStatus(page, /^online$/);
  assert.ok(await page.getByRole("radio", { name: "Off" }).isChecked(), "the mode is not remembered");
  assert.equal(openSocket(sockets).pictures, 0);
});

scene("b21: motion shows also while pictures are off", options, async ({ server, page, sockets }) => {
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await choose(page, "Off");
  const socket = openSocket(sockets);
  await untilAsked(socket, "off");
  const isOn = async () => (await page.getByTestId("motion").getAttribute("class")).includes("plate-on");
  await until("a quiet room", async () => !(await isOn()));
  const [pictures, told] = [socket.pictures, socket.messages("bar").length];
  await until("the word of motion", isOn);
  assert.ok(socket.messages("bar").length > told, "nothing was told of motion");
  assert.equal(socket.pictures, pictures, "pictures came though they are off");
});

scene("b19: a thousand switches leave nothing behind", options, async ({ server, page, context, sockets }) => {
  await page.addInitScript(countWhatLeaks);
  await enter(page, server);
  await untilStatus(page, /^online$/);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable");
  await switchModes(page, 100);
  const early = await measure(page, devtools);
  await switchModes(page, 900);
  const late = await measure(page, devtools);

  assert.equal(sockets.length, 1, "switching opened sockets");
  const socket = openSocket(sockets);
  const subscriptions = socket.sent.filter(({ t }) => t === "subscribe").length;
  assert.ok(subscriptions >= 1_000, `only ${subscriptions} switches reached the server`);
  for (const [what, slack] of [["JSEventListeners", 10], ["Nodes", 200], ["JSHeapUsedSize", 4e6], ["wasm", 2 * 65_536]]) {
    assert.ok(late[what] <= early[what] + slack, `${what} grew from ${early[what]} to ${late[what]}`);
  }
  assert.equal(late.addresses, 0, "addresses of objects are left");
  await everyPictureIsPaintedOnce(page, socket);
});

/** Runs in the page before anything else. */
function countWhatLeaks() {
  const counts = { paints: 0, addresses: 0, memory: undefined };
  window.counts = counts;
  const paint = CanvasRenderingContext2D.prototype.drawImage;
  const painted = new WeakSet();
  CanvasRenderingContext2D.prototype.drawImage = function (...args) {
    // Changes of a picture are one bitmap that is painted in parts.
    counts.paints += painted.has(args[0]) ? 0 : 1;
    painted.add(args[0]);
    return paint.apply(this, args);
  };
  for (const [name, step] of [["createObjectURL", 1], ["revokeObjectURL", -1]]) {
    const original = URL[name];
    URL[name] = (...args) => {
      counts.addresses += step;
      return original.apply(URL, args);
    };
  }
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const result = await original.apply(WebAssembly, args);
      // The rest of the page works in the first half's.
      counts.memory ??= (result.instance ?? result).exports.memory;
      return result;
    };
  }
}

/** Switches as a user who cannot make up their mind, but no faster than the server listens. */
function switchModes(page, times) {
  return page.evaluate(async (times) => {
    const faces = [...document.querySelectorAll("input[name=mode]")].map((input) => input.closest("label"));
    for (let i = 0; i < times; i += 1) {
      faces[i % faces.length].click();
      await new Promise((resolve) => setTimeout(resolve, 12));
    }
  }, times);
}

async function measure(page, devtools) {
  await devtools.send("HeapProfiler.collectGarbage");
  const { metrics } = await devtools.send("Performance.getMetrics");
  const wasm = await page.evaluate(() => window.counts.memory.buffer.byteLength);
  const addresses = await page.evaluate(() => window.counts.addresses);
  return { ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])), wasm, addresses };
}

async function everyPictureIsPaintedOnce(page, socket) {
  await choose(page, "Live");
  await untilAsked(socket, "live");
  const [paints, pictures] = [await page.evaluate(() => window.counts.paints), socket.pictures];
  await until("thirty pictures", () => socket.pictures >= pictures + 30);
  await choose(page, "Off");
  await untilAsked(socket, "off");
  const painted = (await page.evaluate(() => window.counts.paints)) - paints;
  const came = socket.pictures - pictures;
  assert.ok(painted > 0 && painted <= came + 4, `${painted} paintings of ${came} pictures`);
}
