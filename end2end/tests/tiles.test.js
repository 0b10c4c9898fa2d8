// Changes in place of whole pictures: what is on the canvas is what the camera saw.

import assert from "node:assert/strict";
import { until } from "../lib/browser.js";
import { CLIP_FPS, CLIP_SECONDS, makeClip } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { api, enter, storedBars, untilStatus } from "../lib/user.js";

const [FRAME, TILES] = [1, 2];
/** Most that a 16×16 block may be off in its mean, in grey levels; one more for the rounding of decoders and colours. */
const MOST_OFF = 4 + 1;

/** Plays once and ends: then the canvas holds the last frame of motion, made of many changes. */
async function prepare(folder) {
  const clip = await makeClip(folder);
  return { args: ["--source", `file:${clip}?loop`] };
}

/** Header of a binary message. */
function header(payload) {
  const flags = payload.readUInt16LE(6);
  return { kind: payload[0], seq: payload.readBigUInt64LE(8), at: Number(payload.readBigInt64LE(16)), motion: (flags & 1) === 1 };
}

scene("the canvas shows what the camera saw, though only changes are sent", { prepare }, async (parts) => {
  const { server, page } = parts;
  const frames = [];
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      if (typeof payload !== "string") {
        frames.push({ ...header(payload), bytes: payload.length });
      }
    }),
  );
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await until("a stretch of changes", () => frames.filter(({ kind }) => kind === TILES).length > 2 * CLIP_FPS, 60_000);

  const whole = frames.filter(({ kind }) => kind === FRAME);
  const changes = frames.filter(({ kind }) => kind === TILES);
  const mean = (of) => of.reduce((sum, { bytes }) => sum + bytes, 0) / of.length;
  assert.ok(whole.length > 0, "no whole picture came first");
  assert.ok(mean(changes) * 3 < mean(whole), `changes of ${mean(changes)} bytes, whole pictures of ${mean(whole)}`);

  // The last frame of a pass stays for two seconds, in which nothing moves.
  const last = await until("the end of a pass", () => quiet(frames), CLIP_SECONDS * 3000);
  assert.equal(last.kind, TILES, "the last frame of a pass came as changes");
  await until("the last bar", async () => (await storedBars(page, server)).length > 0);
  const infos = await api(page, server, `/api/v1/cameras/0/frames?from=${last.at}&to=${last.at}&limit=1`);
  assert.equal(infos.length, 1, "the frame is not stored");
  const off = await page.evaluate(compare, { url: `/api/v1/cameras/0/frames/${last.at}.jpg`, boxes: infos[0].boxes });
  assert.equal(frames.at(-1).at, last.at, "another frame came meanwhile");
  assert.ok(off.block <= MOST_OFF, `a block is ${off.block} grey levels off`);
  assert.ok(off.box <= 1, `a pixel of a box is ${off.box} grey levels off`);
});

/** The newest frame with motion, once none has come for a while. */
async function quiet(frames) {
  const last = frames.at(-1);
  await new Promise((resolve) => setTimeout(resolve, 600));
  return frames.at(-1) === last ? last : undefined;
}

/** In the page: how far the canvas is from the picture at `url`, by blocks and, within the boxes, by pixels. */
async function compare({ url, boxes }) {
  const canvas = document.querySelector("canvas[data-testid=picture]");
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = bitmap;
  const other = new OffscreenCanvas(width, height).getContext("2d");
  other.drawImage(bitmap, 0, 0);
  const grey = (context) => {
    const { data } = context.getImageData(0, 0, width, height);
    return Float64Array.from({ length: width * height }, (_, i) => 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
  };
  const [shown, seen] = [grey(canvas.getContext("2d")), grey(other)];
  let [block, box] = [0, 0];
  for (let top = 0; top + 16 <= height; top += 16) {
    for (let left = 0; left + 16 <= width; left += 16) {
      let sum = 0;
      for (let i = 0; i < 256; i += 1) {
        const at = (top + (i >> 4)) * width + left + (i & 15);
        sum += shown[at] - seen[at];
      }
      block = Math.max(block, Math.abs(sum) / 256);
    }
  }
  for (const [x, y, w, h] of boxes) {
    for (let row = y; row < y + h; row += 1) {
      for (let column = x; column < x + w; column += 1) {
        const at = row * width + column;
        box = Math.max(box, Math.abs(shown[at] - seen[at]));
      }
    }
  }
  return { block, box };
}
