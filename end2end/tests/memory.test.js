// Ten thousand pictures leave no more memory behind than the first thousands.

import assert from "node:assert/strict";
import { LOGGED_OUT, SERVER_AWAY, until } from "../lib/browser.js";
import { Feeder, stretch } from "../lib/feeder.js";
import { makeClip } from "../lib/media.js";
import { startProxy } from "../lib/proxy.js";
import { scene } from "../lib/scene.js";
import { enter, untilStatus } from "../lib/user.js";

/** Pictures between two changes of the camera. */
const ROUND = 1_000;
/** Pictures before memory is measured first, when everything has happened that makes browsers compile code; and in all. */
const [EARLY, ALL] = [3 * ROUND, 10 * ROUND];
/** Messages of the recording: a whole picture and changes. */
const STRETCH = 30;
/** Every how many pictures one cannot be decoded, and the connection breaks. */
const [SPOILT, BROKEN] = [900, 2_300];
/** Frames outstanding at most. A subscription begun anew gives credit back while pictures of the one before are decoded. */
const WINDOW = 4;
/**
 * Most that memory may grow between the two measurements, in bytes, by kind: less than one object of that kind a picture.
 * `usedSize` are objects of JavaScript, `embedderHeapUsedSize` the browser's (blobs, bitmaps, nodes), `backingStorageSize` what
 * buffers hold, `wasm` the page's own memory.
 */
const GROWTH = {
  usedSize: 32 * (ALL - EARLY),
  embedderHeapUsedSize: 100 * (ALL - EARLY),
  backingStorageSize: 64 * 1024,
  // Memory comes in pages of this size, and the page remembers a bar of each second that passes meanwhile. The smallest
  // allocation takes 16 bytes: one a picture would be two pages.
  wasm: 64 * 1024,
};

async function prepare(folder) {
  return ["--source", `file:${await makeClip(folder)}?loop`];
}

const options = { prepare, page: { expected: [LOGGED_OUT, SERVER_AWAY] } };

scene("ten thousand pictures leave nothing behind", options, async ({ server, page, context, later }) => {
  const recording = record(page);
  await enter(page, server);
  const messages = await until("a stretch of changes", () => stretch(recording.binary, STRETCH), 60_000);
  const hello = { ...recording.hello, cameras: two(recording.hello.cameras) };

  // Pages of one address may share their memory.
  await page.goto("about:blank");

  const proxy = await startProxy(server);
  later(() => proxy.stop());
  const feeder = new Feeder(hello, messages);
  later(() => feeder.stop());
  proxy.upgrade = (request, socket) => feeder.upgrade(request, socket);
  feeder.spoils = (n) => n % SPOILT === 0;
  feeder.breaks = (n) => n % BROKEN === 0;
  const watched = await watch(context, proxy.url, later);

  const [early, late] = [await watched.rounds(feeder, EARLY), await watched.rounds(feeder, ALL)];

  assert.equal(feeder.sent, ALL);
  assert.ok(feeder.spoilt >= 10 && late.sockets >= 4, `${feeder.spoilt} spoilt, ${late.sockets} connections`);
  assert.ok(late.decoded > 0.9 * ALL, `only ${late.decoded} pictures were decoded`);
  assert.ok(late.painted > 0.9 * ALL, `only ${late.painted} pictures were painted`);
  assert.deepEqual([early.open, late.open], [0, 0], "bitmaps are open");
  assert.ok(late.most <= 4 * WINDOW, `${late.most} bitmaps were open at once`);
  const grown = Object.keys(GROWTH).map((kind) => [kind, late[kind] - early[kind]]);
  for (const [kind, bytes] of grown) {
    assert.ok(bytes <= GROWTH[kind], `${kind} grew by ${bytes} bytes: ${JSON.stringify({ early, late })}`);
  }
});

/** What comes over a page's sockets: the `hello`, and the binary messages. */
function record(page) {
  const recording = { hello: undefined, binary: [] };
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      if (typeof payload !== "string") {
        recording.binary.push(payload);
      } else if (JSON.parse(payload).t === "hello") {
        recording.hello = JSON.parse(payload);
      }
    }),
  );
  return recording;
}

/** The camera, and another one like it. */
function two([camera]) {
  return [camera, { ...camera, id: camera.id + 1, name: "Another" }];
}

/** Opens the live page at `url` and keeps count of its bitmaps. */
async function watch(context, url, later) {
  // The cookie is the server's; the port is of no matter to it.
  const page = await context.newPage();
  later(() => page.close());
  await page.addInitScript(count);
  await page.goto(url);
  await untilStatus(page, /^online$/);
  const devtools = await context.newCDPSession(page);
  let camera = 0;
  const measure = async () => {
    await until("the last bitmap to be closed", () => page.evaluate(() => window.counts.open === 0));
    // What the first collection finalises, the second frees.
    await devtools.send("HeapProfiler.collectGarbage");
    await devtools.send("HeapProfiler.collectGarbage");
    const heap = await devtools.send("Runtime.getHeapUsage");
    const counts = await page.evaluate(() => ({ ...window.counts, wasm: window.counts.memory.buffer.byteLength, memory: undefined }));
    return { ...heap, ...counts };
  };
  return {
    /** Feeds up to `all` pictures, another camera's every round; resolves to what memory holds then. */
    rounds: async (feeder, all) => {
      while (feeder.sent < all) {
        camera = 1 - camera;
        await page.getByRole("group", { name: "Camera" }).getByRole("radio").nth(camera).check();
        feeder.feed(feeder.limit + ROUND);
        await until(`${feeder.limit} pictures`, () => feeder.isDone, 60_000);
      }
      return measure();
    },
  };
}

/** Runs in the page before anything else. */
function count() {
  localStorage.setItem("rtm2.mode", "live");
  const counts = { sockets: 0, decoded: 0, painted: 0, open: 0, most: 0, memory: undefined };
  window.counts = counts;
  const decode = window.createImageBitmap;
  window.createImageBitmap = async (...args) => {
    const bitmap = await decode.apply(window, args);
    counts.decoded += 1;
    counts.open += 1;
    counts.most = Math.max(counts.most, counts.open);
    return bitmap;
  };
  const close = ImageBitmap.prototype.close;
  ImageBitmap.prototype.close = function () {
    counts.open -= 1;
    close.call(this);
  };
  const paint = CanvasRenderingContext2D.prototype.drawImage;
  let last;
  CanvasRenderingContext2D.prototype.drawImage = function (...args) {
    // Changes of a picture are one bitmap that is painted in parts. Weakly, or the last one would be kept.
    counts.painted += last?.deref() === args[0] ? 0 : 1;
    last = new WeakRef(args[0]);
    return paint.apply(this, args);
  };
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      counts.sockets += 1;
    }
  };
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
