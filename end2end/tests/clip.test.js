// A real clip through `file:`.

import assert from "node:assert/strict";
import { marks } from "../lib/canvas.js";
import { LOGGED_OUT, until } from "../lib/browser.js";
import { button, pictureLoadedBy, viewed, viewedOtherThan } from "../lib/history.js";
import { BOX, CLIP_FPS, jpegsOf, makeClip } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { framesOnDisk } from "../lib/store.js";
import { api, enter, storedBars, untilStatus } from "../lib/user.js";

/** How far marks may lie beside what moves, in pixels: blur and dilation of the detector. */
const SLACK = 40;

async function prepare(folder) {
  const clip = await makeClip(folder);
  return { args: ["--source", `file:${clip}?loop`], jpegs: await jpegsOf(clip, folder) };
}

const options = { prepare, page: { expected: [LOGGED_OUT] } };

scene("a clip is watched, marked, recorded and looked at byte for byte", options, async (parts) => {
  const { server, page, jpegs } = parts;
  await enter(page, server);
  await untilStatus(page, /^online$/);
  assert.equal(await page.getByText("DEMO", { exact: true }).count(), 0, "a clip is no demo");
  await marksFollowTheBox(page);
  await until("two bars", async () => (await storedBars(page, server)).length >= 2);

  const first = await pictureLoadedBy(page, () => button(page, "First").click());
  assert.ok(indexOf(jpegs, first.bytes) >= 0, "the page shows a picture that is not in the clip");
  assert.deepEqual(await viewed(page), { camera: 0, at: first.at });
  const next = await pictureLoadedBy(page, () => button(page, "Next").click());
  assert.equal((await viewedOtherThan(page, first)).at, next.at);
  assert.ok(indexOf(jpegs, next.bytes) > indexOf(jpegs, first.bytes), "the next frame is not a later one of the clip");

  await storedFramesAreTheClips(page, server, jpegs);
});

function indexOf(jpegs, bytes) {
  return jpegs.findIndex((jpeg) => jpeg.equals(bytes));
}

/**
 * Live marks lie in the rows that the box crosses, and move to the right with it. Between two passes the last marks stay, so
 * what counts is a stretch in which they never go back.
 */
async function marksFollowTheBox(page) {
  let from;
  let last;
  await until("marks that move to the right", async () => {
    const found = await marks(page);
    if (found === undefined) {
      from = undefined;
      return false;
    }
    assert.ok(found.top * 480 > BOX.top - SLACK, `marks begin at row ${found.top * 480}`);
    assert.ok(found.bottom * 480 < BOX.top + BOX.height + SLACK, `marks end at row ${found.bottom * 480}`);
    if (from === undefined || found.right < last) {
      from = found.right;
    }
    last = found.right;
    return last - from > 0.2;
  });
}

/** Every stored frame is one of the clip's, and its boxes, if something moves in it, lie where the box was. */
async function storedFramesAreTheClips(page, server, jpegs) {
  const infos = await api(page, server, "/api/v1/cameras/0/frames?from=0&to=9000000000000000&limit=200");
  const onDisk = new Map((await framesOnDisk(server.stateDir)).map(({ at, jpeg }) => [at, jpeg]));
  assert.ok(infos.length > CLIP_FPS, `only ${infos.length} frames are stored`);
  for (const { at, boxes, motion } of infos) {
    const index = indexOf(jpegs, onDisk.get(at));
    assert.ok(index >= 0, `the frame of ${at} is not one of the clip's`);
    const seconds = index / CLIP_FPS;
    // When the clip starts over, the box goes; after that nothing moves for two seconds.
    const right = seconds < 2 ? 640 : (seconds - 2) * 160 + BOX.width;
    // The seconds around motion are recorded too.
    assert.equal(boxes.length > 0, motion, `a frame with ${boxes.length} boxes, motion: ${motion}`);
    for (const [x, y, w, h] of boxes) {
      assert.ok(y > BOX.top - SLACK && y + h < BOX.top + BOX.height + SLACK, `rows ${y} to ${y + h} at ${seconds} s`);
      assert.ok(x + w < right + SLACK, `columns ${x} to ${x + w} at ${seconds} s`);
    }
  }
}
