// Takes the pictures of the README and the documents, of the real page on the demo scene: `node end2end/screenshots.js`, with the
// same environment as the tests. They are written to docs/pictures. With names as arguments (`alarm`, `readiness`, …), those only.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { arm } from "./lib/alarm.js";
import { launchBrowser, openPage, until } from "./lib/browser.js";
import { marks } from "./lib/canvas.js";
import { untilBars } from "./lib/history.js";
import { UNTRUSTED } from "./lib/lan.js";
import { startServer } from "./lib/server.js";
import { enter, storedBars, untilStatus } from "./lib/user.js";

const PICTURES = path.resolve(import.meta.dirname, "../docs/pictures");
/** Largest picture that belongs into a README. */
const MOST_BYTES = 300_000;
/** Seconds with motion that the history should show: three visits. */
const BARS = 12;

const ANDROID = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Mobile Safari/537.36";
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const SHOTS = [
  { name: "live", viewport: { width: 1280, height: 800 }, take: live },
  { name: "phone", ...PHONE, take: live },
  { name: "alarm", ...PHONE, permissions: ["notifications"], take: alarm },
  { name: "readiness", ...PHONE, take: readiness },
  { name: "trust", ...PHONE, userAgent: ANDROID, take: trust },
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
  const wanted = process.argv.slice(2);
  for (const { name, take, ...options } of SHOTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    const file = path.join(PICTURES, `${name}.png`);
    const raw = path.join(folder, `${name}.png`);
    const { page, context, problems } = await openPage(browser, { ...options, storageState, expected: [UNTRUSTED] });
    await take(page);
    await page.screenshot({ path: raw });
    await context.close();
    if (problems.length > 0) {
      throw new Error(problems.join("\n"));
    }
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

/** Waits for somebody in the middle of the room, with a box around them. */
async function live(page) {
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
}

/** An alarm that rings. */
async function alarm(page) {
  await page.goto(`${server.url}/alarm`);
  await untilStatus(page, /^online$/);
  await arm(page);
  await page.getByRole("button", { name: "Acknowledge" }).waitFor({ timeout: 120_000 });
  await page.getByRole("img", { name: "The last motion" }).waitFor();
  // Somebody who has come all the way in.
  await until("some motion", async () => Number(await page.getByTestId("count").textContent()) >= 3, 120_000);
}

async function readiness(page) {
  await page.goto(`${server.url}/readiness`);
  await untilStatus(page, /^online$/);
  await page.getByRole("heading", { name: "What works on this device" }).waitFor();
}

/** A phone that does not trust its server yet. */
async function trust(page) {
  const secure = await startServer({ args: ["--lan", "--source", "demo:"] });
  try {
    await page.goto(`${secure.url}/trust`);
    await page.getByText("This device does not trust this server yet.").waitFor();
  } finally {
    await secure.stop();
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
