// How long the room lasts, and still frames: pictures kept while nothing moves, shown on demand.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { assertNoProblems, launchBrowser, openPage, until } from "../lib/browser.js";
import { history } from "../lib/history.js";
import { makeStill } from "../lib/media.js";
import { startServer } from "../lib/server.js";
import { api, enter, untilStatus } from "../lib/user.js";

let folder, server, browser;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rtm2-room-"));
  const source = `file:${await makeStill(folder)}?loop`;
  server = await startServer({ args: ["--source", source], env: { RTM2_STORE__STILLS: "1" } });
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("the settings say how long the room lasts, and the history shows still frames", async () => {
  const { page, context, problems } = await openPage(browser);
  await enter(page, server, "/settings");
  const room = page.getByRole("region", { name: "Recordings" });
  assert.match(await room.getByTestId("forecast").textContent(), /^not known yet/);
  assert.match(await room.textContent(), /In use.* of 10\.0 GiB/);

  const stills = () => api(page, server, `/api/v1/cameras/0/stills?from=0&to=${Number.MAX_SAFE_INTEGER}`);
  await until("some still frames", async () => (await stills()).length >= 3);
  await page.goto(`${server.url}/history`);
  await untilStatus(page, /./);
  const shown = history(page).getByRole("group").filter({ hasText: "Still frames" }).last();
  await history(page).getByText("Still frames", { exact: true }).click();
  await shown.getByRole("button", { name: "Show those in view" }).click();
  const pictures = shown.getByRole("img", { name: /^Still frame of \d{4}-\d\d-\d\d/ });
  await pictures.first().waitFor();
  assert.ok((await pictures.count()) >= 3);
  await until("a picture", () => pictures.first().evaluate((image) => image.complete && image.naturalWidth > 0));
  assertNoProblems(problems);
  await context.close();
});
