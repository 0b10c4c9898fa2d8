// What the page says when the camera, the server or the line between them fails, and that it comes back by itself.

import assert from "node:assert/strict";
import { startCamera } from "../lib/camera.js";
import { LOGGED_OUT, openSocket, SERVER_AWAY, until } from "../lib/browser.js";
import { untilBars } from "../lib/history.js";
import { jpegsOf, makeClip } from "../lib/media.js";
import { scene } from "../lib/scene.js";
import { startServer } from "../lib/server.js";
import { enter, storedBars, untilStatus } from "../lib/user.js";

async function networkCamera(folder, later) {
  const jpegs = await jpegsOf(await makeClip(folder), folder);
  const parts = { jpegs, camera: await startCamera(jpegs) };
  later(() => parts.camera.stop());
  return Object.assign(parts, { args: ["--source", parts.camera.url] });
}

const options = { page: { expected: [LOGGED_OUT, SERVER_AWAY] } };

/** What the pill says when one points at it. */
function reason(page) {
  return page.getByTestId("status").locator("..").getAttribute("title");
}

scene("r46, b5, b6: a camera that stalls, goes and comes back", { prepare: networkCamera, ...options }, async (parts) => {
  const { server, page, camera, jpegs, later } = parts;
  await enter(page, server);
  await untilStatus(page, /^online$/);

  camera.silent = true;
  await untilStatus(page, /^stalled \d+ s$/);
  assert.match(await reason(page), /no pictures/);
  await page.getByTestId("note").getByText(/^Stalled \d+ s$/).waitFor();
  camera.silent = false;
  await untilStatus(page, /^online$/);

  const { port } = camera;
  await camera.stop();
  await untilStatus(page, /^camera lost$/);
  await until("the reason", async () => /127\.0\.0\.1/.test(await reason(page)));
  await page.getByTestId("note").getByText("Camera lost").waitFor();

  const again = await startCamera(jpegs, { port });
  later(() => again.stop());
  await untilStatus(page, /^online$/);
  await until("the end of the note", async () => (await page.getByTestId("note").count()) === 0);
});

scene("a server that is killed and started again", { ...options }, async (parts) => {
  const { server, page, sockets, later } = parts;
  await enter(page, server);
  await untilStatus(page, /^online$/);
  await untilBars(page, 2);
  const before = await storedBars(page, server);

  await server.kill();
  await untilStatus(page, /^disconnected, retrying/);
  const { port, stateDir } = server;
  const second = await startServer({ port, state: stateDir });
  later(() => second.stop());
  assert.equal(second.setupUrl, undefined, "the account is forgotten");
  await untilStatus(page, /^online$/);
  assert.equal(new URL(page.url()).pathname, "/", "the session is lost");
  openSocket(sockets);
  // The bar that was being counted may have grown between the question and the kill.
  const after = await storedBars(page, second);
  assert.deepEqual(after.slice(0, before.length - 1), before.slice(0, -1));
  assert.ok(after[before.length - 1][1] >= before.at(-1)[1], "frames are lost");
  await untilBars(page, 1);
});

scene("b7: a server that hangs is noticed", options, async (parts) => {
  const { server, page, sockets, later } = parts;
  await enter(page, server);
  await untilStatus(page, /^online$/);
  server.hang();
  later(() => server.resume());
  await untilStatus(page, /^disconnected, retrying/);
  server.resume();
  await untilStatus(page, /^online$/);
  assert.equal(openSocket(sockets), sockets.at(-1));
  assert.ok(sockets.length >= 2, "the page did not connect anew");
});

scene("a server that stops says goodbye, and the page waits for it", options, async ({ server, page }) => {
  await enter(page, server);
  await untilStatus(page, /^online$/);
  // Said until the first attempt to come back fails.
  const told = until("word of the restart", async () => /restarting/.test(await reason(page)));
  const [code] = await Promise.all([server.stop(), told]);
  assert.equal(code, 0);
  await untilStatus(page, /^disconnected, retrying/);
});
