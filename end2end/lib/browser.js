// Starts Chromium for a test, and keeps an eye on its pages.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

/** How long a page may take for anything: the servers are debug builds, and the machine may be busy with others. */
export const PATIENCE_MS = 30_000;

/** The flags are those of the tests of wasm; Playwright chooses headless by itself. */
function flags() {
  const file = path.resolve(import.meta.dirname, "../../frontend/webdriver.json");
  const { args } = JSON.parse(readFileSync(file, "utf8"))["goog:chromeOptions"];
  return args.filter((flag) => !flag.startsWith("--headless"));
}

/** Starts the browser at `RTM2_CHROMIUM`, else Debian's. The caller closes it. */
export function launchBrowser(options = {}) {
  return chromium.launch(launchOptions(options));
}

/** What any browser of the tests is started with. */
export function launchOptions(options = {}) {
  return {
    executablePath: process.env.RTM2_CHROMIUM ?? "/usr/bin/chromium",
    ...options,
    args: [...flags(), ...(options.args ?? [])],
  };
}

/**
 * Opens a page in a fresh context, and collects what goes wrong in it: `problems` holds errors that nobody caught and messages on
 * the console at level error, which is also where Chromium tells of violations of the content security policy. `sockets` holds
 * every WebSocket that the page opened.
 *
 * Answers that a test provokes (a 401 before the login, a server that is killed) are logged by Chromium as errors too: `expected`
 * holds patterns of those.
 */
export async function openPage(browser, { viewport = { width: 1280, height: 800 }, expected = [], ...options } = {}) {
  const context = await browser.newContext({ viewport, ...options });
  const page = await context.newPage();
  return { context, page, ...watchPage(page, expected) };
}

/** The part of `openPage` that watches a page which is open already. */
export function watchPage(page, expected = []) {
  page.setDefaultTimeout(PATIENCE_MS);
  const problems = [];
  const add = (problem) => {
    if (!expected.some((pattern) => pattern.test(problem))) {
      problems.push(problem);
    }
  };
  page.on("pageerror", (error) => add(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") {
      add(`${message.text()} (${message.location().url})`);
    }
  });
  return { problems, sockets: watchSockets(page) };
}

/** What Chromium logs where nobody is logged in (yet, or any more). */
export const LOGGED_OUT = /status of 401 .*\/api\//;
/** What Chromium logs where the server is away. */
export const SERVER_AWAY = /ERR_CONNECTION_REFUSED|WebSocket connection .* failed|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/;

/** A socket that a page opened. */
class Socket {
  constructor(socket) {
    this.url = socket.url();
    this.isOpen = true;
    /** What came: `{ at, bytes, text }`, with `text` parsed, or undefined for a binary message. */
    this.received = [];
    /** What was sent, parsed. */
    this.sent = [];
    socket.on("framereceived", ({ payload }) => {
      const isText = typeof payload === "string";
      this.received.push({
        at: Date.now(),
        bytes: Buffer.byteLength(payload),
        text: isText ? JSON.parse(payload) : undefined,
      });
    });
    socket.on("framesent", ({ payload }) => this.sent.push(JSON.parse(String(payload))));
    socket.on("close", () => (this.isOpen = false));
    socket.on("socketerror", () => (this.isOpen = false));
  }

  /** Text messages of a kind. */
  messages(kind) {
    return this.received.filter(({ text }) => text?.t === kind).map(({ text }) => text);
  }

  /** How many pictures came. */
  get pictures() {
    return this.received.filter(({ text }) => text === undefined).length;
  }
}

function watchSockets(page) {
  const sockets = [];
  // A page that is left takes its sockets with it, which nobody reports. The next one opens its own only later.
  page.on("domcontentloaded", () => sockets.forEach((socket) => (socket.isOpen = false)));
  page.on("websocket", (socket) => sockets.push(new Socket(socket)));
  return sockets;
}

/** The one socket that is open. */
export function openSocket(sockets) {
  const open = sockets.filter((socket) => socket.isOpen);
  assert.equal(open.length, 1, `${open.length} sockets are open`);
  return open[0];
}

/** Polls until `condition` gives something true, and returns that. */
export async function until(what, condition, limitMs = PATIENCE_MS) {
  const end = Date.now() + limitMs;
  for (;;) {
    const result = await condition();
    if (result) {
      return result;
    }
    assert.ok(Date.now() < end, `no ${what} within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Fails with what went wrong in a page. */
export function assertNoProblems(problems) {
  assert.deepEqual(problems, []);
}
