// Tries every door of the server from outside a browser.

import http from "node:http";
import { readFile } from "node:fs/promises";
import path from "node:path";

/** Doors that are open to everybody: what a login needs, whether the process is alive, and how one comes to trust it. */
const OPEN = ["POST /api/v1/login", "POST /api/v1/setup", "GET /healthz"];
for (const file of ["", "/rtm2-authority.crt", "/rtm2-authority.pem", "/rtm2.mobileconfig", "/check", "/worker.js"]) {
  OPEN.push(`GET /trust${file}`);
}

/** All routes behind the login that docs/openapi.json describes, as `{ method, path }` with the parameters filled in. */
export async function documentedRoutes(at) {
  const file = path.resolve(import.meta.dirname, "../../docs/openapi.json");
  const { paths } = JSON.parse(await readFile(file, "utf8"));
  const filled = (text) =>
    text
      .replace("{camera}", "0")
      .replace("{file}", `${at}.jpg`)
      .replace("{start}", String(at))
      .replace("{function}", "whoami");
  const routes = [];
  for (const [pattern, operations] of Object.entries(paths)) {
    if (filled(pattern).includes("{")) {
      throw new Error(`docs/openapi.json has a parameter that this test does not know: ${pattern}`);
    }
    for (const method of ["get", "post", "put", "patch", "delete"].filter((method) => method in operations)) {
      routes.push({ method: method.toUpperCase(), path: filled(pattern) });
    }
  }
  return routes.filter(({ method, path }) => !OPEN.includes(`${method} ${path}`));
}

/** Sends a request as a browser of our own page would, with these headers beside; resolves to the status. */
export function status(server, { method, path }, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${server.url}${path}`, {
      method,
      headers: {
        origin: server.url,
        "user-agent": "Mozilla/5.0",
        ...(method === "GET" ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    request.on("response", (response) => {
      response.destroy();
      resolve(response.statusCode);
    });
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    request.on("error", reject);
    request.end(method === "GET" ? undefined : "{}");
  });
}

/** What asks for the WebSocket. */
export const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "rtm2.v1",
};
