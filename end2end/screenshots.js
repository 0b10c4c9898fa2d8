// Takes the README's pictures of the real page on the demo scene: `node end2end/screenshots.js`, with the same environment as
// the tests. They are written to docs/pictures.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { launchBrowser, openPage, until } from "./lib/browser.js";
import { marks } from "./lib/canvas.js";
import { untilBars } from "./lib/history.js";
import { startServer } from "./lib/server.js";
import { enter, storedBars, untilStatus } from "./lib/user.js";

const PICTURES = path.resolve(import.meta.dirname, "../docs/pictures");
/** Largest picture that belongs into a README. */
const MOST_BYTES = 300_000;
/** Seconds with motion that the history should show: three visits. */
const BARS = 12;

const SHOTS = [
  { name: "live", viewport: { width: 1280, height: 800 } },
  { name: "phone", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
];

const folder = await mkdtemp(path.join(tmpdir(), "rtm2-pictures-"));
const [server, browser] = [await startServer(), await launchBrowser()];
try {
  await mkdir(PICTURES, { recursive: true });
  const desk = await openPage(browser, SHOTS[0]);
  await enter(desk.page, server);
  await until("some history", async () => (await storedBars(desk.page, server)).length >= BARS, 120_000);
  const storageState = await desk.context.storageState();
  await desk.context.close();
  for (const { name, ...options } of SHOTS) {
    const file = path.join(PICTURES, `${name}.png`);
    const raw = path.join(folder, `${name}.png`);
    await take(await openPage(browser, { ...options, storageState }), raw);
    await compress(raw, file);
    const { size } = await stat(file);
    console.log(`${path.relative(process.cwd(), file)}: ${Math.round(size / 1000)} kB`);
    if (size > MOST_BYTES) {
      throw new Error(`${file} is larger than ${MOST_BYTES} bytes`);
    }
  }
} finally {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Waits for somebody in the middle of the room, with a box around them, and takes the picture. */
async function take({ page, context, problems }, file) {
  await page.addInitScript(holdPictures);
  await page.goto(server.url);
  await untilStatus(page, /^online$/);
  await untilBars(page, 2);
  await page.evaluate(() => scrollTo(0, 0));
  await until("somebody in the middle of the room", async () => {
    if (!isGood(await marks(page))) {
      return false;
    }
    // Once more, on what stands still.
    await page.evaluate(() => window.hold(true));
    const good = isGood(await marks(page));
    await page.evaluate((good) => window.hold(good), good);
    return good;
  }, 120_000);
  await page.screenshot({ path: file });
  await context.close();
  if (problems.length > 0) {
    throw new Error(problems.join("\n"));
  }
}

function isGood(box) {
  const middle = box === undefined ? 0 : (box.left + box.right) / 2;
  return box !== undefined && box.alone && box.bottom - box.top > 0.5 && middle > 0.35 && middle < 0.7;
}

/** Runs in the page before anything else: `hold(true)` keeps the picture that is shown, `hold(false)` lets it go on. */
function holdPictures() {
  let [held, release] = [Promise.resolve(), () => {}];
  window.hold = (on) => {
    release();
    held = on ? new Promise((resolve) => (release = resolve)) : Promise.resolve();
  };
  const decode = window.createImageBitmap;
  window.createImageBitmap = async (...args) => {
    const bitmap = await decode.apply(window, args);
    await held;
    return bitmap;
  };
}

/** Makes a picture small: 256 colours are enough, and ffmpeg is installed anyway. */
async function compress(from, to) {
  const graph = "split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=sierra2_4a";
  await promisify(execFile)("ffmpeg", [
    "-nostdin", "-hide_banner", "-v", "error", "-y", "-i", from, "-vf", graph, "-pred", "mixed", "-compression_level", "100", to,
  ]);
}
