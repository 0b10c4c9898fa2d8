// Changes in place of whole pictures: what is on the canvas is what the camera saw.

import assert from "node:assert/strict";
import { until } from "../lib/browser.js";
import { distance } from "../lib/canvas.js";
import { listFrames, quiet } from "../lib/frames.js";
import { CLIP_FPS, CLIP_SECONDS, makeClip } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { api, enter, storedBars, untilStatus } from "../lib/user.js";
import { FRAME, TILES } from "../lib/wire.js";

/** Most that a 16×16 block may be off in its mean, in grey levels; one more for the rounding of decoders and colours. */
const MOST_OFF = 4 + 1;

/** Plays once and ends: then the canvas holds the last frame of motion, made of many changes. */
async function prepare(folder) {
  const clip = await makeClip(folder);
  return { args: ["--source", `file:${clip}?loop`] };
}

scene("the canvas shows what the camera saw, though only changes are sent", { prepare }, async (parts) => {
  const frames = await changesOf(parts);
  const whole = frames.filter(({ kind }) => kind === FRAME);
  const changes = frames.filter(({ kind }) => kind === TILES);
  const mean = (of) => of.reduce((sum, { bytes }) => sum + bytes, 0) / of.length;
  assert.ok(whole.length > 0, "no whole picture came first");
  assert.ok(mean(changes) * 3 < mean(whole), `changes of ${mean(changes)} bytes, whole pictures of ${mean(whole)}`);
  // The last frame of a pass stays for two seconds, in which nothing moves.
  await compareLast(parts, frames, CLIP_SECONDS * 3000);
});

// The demo's pictures come as pixels, and only what changed of them is encoded. Its room is empty now and then.
scene("so it does of a camera that sends no JPEG", {}, async (parts) => {
  const frames = await changesOf(parts);
  await compareLast(parts, frames, 90_000);
});

/** The page's pictures, once a stretch of changes came. */
async function changesOf({ server, page }) {
  const frames = listFrames(page);
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await until("a stretch of changes", () => frames.filter(({ kind }) => kind === TILES).length > 2 * CLIP_FPS, 60_000);
  return frames;
}

/** Compares the canvas with the stored picture when the last frame of a motion stands there, made of many changes. */
async function compareLast({ server, page }, frames, patience) {
  const last = await until("the end of a motion", () => quiet(frames), patience);
  assert.equal(last.kind, TILES, "the last frame of a motion came as changes");
  await until("the last bar", async () => (await storedBars(page, server)).length > 0);
  const infos = await api(page, server, `/api/v1/cameras/0/frames?from=${last.at}&to=${last.at}&limit=1`);
  assert.equal(infos.length, 1, "the frame is not stored");
  const off = await distance(page, `/api/v1/cameras/0/frames/${last.at}.jpg`, infos[0].boxes);
  assert.equal(frames.at(-1).at, last.at, "another frame came meanwhile");
  assert.ok(off.block <= MOST_OFF, `a block is ${off.block} grey levels off`);
  assert.ok(off.box <= 1, `a pixel of a box is ${off.box} grey levels off`);
}
