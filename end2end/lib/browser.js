// Starts Chromium for a test.

import { readFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

/** The flags are those of the tests of wasm; Playwright chooses headless by itself. */
function flags() {
  const file = path.resolve(import.meta.dirname, "../../frontend/webdriver.json");
  const { args } = JSON.parse(readFileSync(file, "utf8"))["goog:chromeOptions"];
  return args.filter((flag) => !flag.startsWith("--headless"));
}

/** Starts the browser at `RTM2_CHROMIUM`, else Debian's. The caller closes it. */
export function launchBrowser(options = {}) {
  return chromium.launch({
    executablePath: process.env.RTM2_CHROMIUM ?? "/usr/bin/chromium",
    args: flags(),
    ...options,
  });
}

/**
 * Opens a page in a fresh context, and collects what goes wrong in it: `problems` holds errors that nobody caught and messages on
 * the console at level error.
 */
export async function openPage(browser, { viewport = { width: 1280, height: 800 }, ...options } = {}) {
  const context = await browser.newContext({ viewport, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") {
      problems.push(message.text());
    }
  });
  return { context, page, problems };
}
