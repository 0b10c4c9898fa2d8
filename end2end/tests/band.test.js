// Events over the bars: marks that are pointed at, and what is in view as a clip.

import assert from "node:assert/strict";
import { LOGGED_OUT, until } from "../lib/browser.js";
import { history, inView, untilBars, viewed } from "../lib/history.js";
import { scene } from "../lib/scene.js";
import { api, enter } from "../lib/user.js";

const options = { page: { expected: [LOGGED_OUT] } };
/** Where the band is on the canvas: frontend/src/chart/paint.rs and app/src/chart/band.rs. */
const [LEFT, RIGHT, ROW] = [40, 14, 22];

/** Whether the canvas has a mark of an event at a place of the window. */
function isMarked(page, x) {
  return page.locator("canvas.history-bars").evaluate(
    (canvas, [x, row]) => {
      const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      [probe.canvas.width, probe.canvas.height] = [canvas.width, canvas.height];
      probe.drawImage(canvas, 0, 0);
      const [, , , alpha] = probe.getImageData(x - canvas.getBoundingClientRect().left, row, 1, 1).data;
      return alpha > 150;
    },
    [x, ROW],
  );
}

scene("an event is a mark over its bars, and a click on it shows its first frame", options, async ({ server, page }) => {
  await enter(page, server, "/history");
  const isLong = (event) => event.end - event.start > 8e6;
  const event = await until("a long event", async () => (await api(page, server, "/api/v1/events")).events.find(isLong), 90_000);
  await page.reload();
  await untilBars(page, 1);
  const chart = await page.locator("canvas.history-over").boundingBox();
  /** Where a time is: the view moves along, so it is asked for each time. */
  const place = async (at) => {
    const { from, to } = await inView(page);
    return chart.x + LEFT + ((at / 1e6 - from) / (to - from)) * (chart.width - LEFT - RIGHT);
  };
  // The view is known to the second, and no bar but the first begins with the event's first frame.
  const middle = event.start + 4e6;
  await until("the event's mark", async () => isMarked(page, Math.round(await place(middle))));
  assert.ok(!(await isMarked(page, Math.round(await place(event.start - 6e6)))), "nothing is there before it");
  await page.mouse.click(await place(middle), chart.y + ROW);
  assert.equal((await viewed(page)).at, event.start, "not the bar in the middle");
});

scene("what is in view can be seen and saved as a clip", options, async ({ server, page }) => {
  await enter(page, server, "/history");
  await until("an event", async () => (await api(page, server, "/api/v1/events")).events.length > 0, 60_000);
  await untilBars(page, 1);
  await history(page).getByRole("button", { name: "Clip of view …", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Clip of what is in view" });
  await dialog.locator("video:not(.is-hidden)").waitFor({ timeout: 90_000 });
  const length = await dialog.locator("video").evaluate((video) => video.duration);
  assert.ok(length > 0, `${length} s`);
  const link = await dialog.getByRole("link", { name: /^Save as/ }).first().getAttribute("href");
  assert.match(link, /\/api\/v1\/cameras\/0\/clip\.(mp4|webm)\?from=\d+&to=\d+$/);
});
