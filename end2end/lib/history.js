// The history as a user sees it: chart, buttons, and the frame being looked at.

import { bars } from "./canvas.js";
import { until } from "./browser.js";

/** The section of the history on a page. */
export function history(page) {
  return page.getByRole("region", { name: "History of motion" });
}

/** A button of the history. */
export function button(page, name) {
  return history(page).getByRole("button", { name, exact: true });
}

/** The frame being looked at. */
export function viewer(page) {
  return page.getByRole("region", { name: "Frame from the history" });
}

/** Waits for bars on the chart, at least `least`, and returns them. */
export function untilBars(page, least = 1) {
  return until(`${least} bars on the chart`, async () => {
    const found = await bars(page);
    return found.length >= least && found;
  });
}

/**
 * Which frame is looked at, once its picture is on the page: `{ camera, at }` from the link to it, which names both.
 */
export async function viewed(page) {
  const picture = viewer(page).getByRole("img", { name: /Stored frame/ });
  await until("the picture of the frame", () =>
    picture.evaluate((image) => image.complete && image.naturalWidth > 0).catch(() => false),
  );
  const link = new URL(await viewer(page).getByRole("link", { name: "Link to this frame" }).getAttribute("href"), "http://x");
  return { camera: Number(link.searchParams.get("camera")), at: Number(link.searchParams.get("at")) };
}

/** Waits until another frame than `before` is looked at, and returns it. */
export function viewedOtherThan(page, before) {
  return until("another frame", async () => {
    const now = await viewed(page);
    return now.at !== before.at && now;
  });
}

/** Runs `action` and returns the stored picture that the page loads for it: `{ at, bytes }`. */
export async function pictureLoadedBy(page, action) {
  const pattern = /\/api\/v1\/cameras\/(\d+)\/frames\/(\d+)\.jpg$/;
  const [response] = await Promise.all([page.waitForResponse((response) => pattern.test(response.url())), action()]);
  const [, camera, at] = pattern.exec(response.url());
  return { camera: Number(camera), at: Number(at), bytes: await response.body() };
}

/** The stretch of time in view as the caption below the chart says it, in seconds since 1970: `{ from, to, frames }`. */
export async function inView(page) {
  const caption = await history(page).locator(".history-caption").textContent();
  const found = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) – (?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d:\d\d) · (\d+) frames?/.exec(caption);
  if (found === null) {
    throw new Error(`the caption reads: ${caption}`);
  }
  const [, day, from, otherDay, to, frames] = found;
  const seconds = (day, time) => page.evaluate((text) => new Date(text).getTime() / 1000, `${day}T${time}`);
  return { from: await seconds(day, from), to: await seconds(otherDay ?? day, to), frames: Number(frames) };
}
