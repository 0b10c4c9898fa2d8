// Runs before the wasm is there: keeps days of the history, so that its chart is there without the server too. What is kept
// belongs to one account and goes when that logs out; no picture is ever among it.
(() => {
  const CACHE = "days";
  /** Entry that names the account. */
  const OWNER = "/days-of";
  /** Most days that are kept of all cameras, and their bytes: the oldest go first. */
  const MOST = 400;
  const MOST_BYTES = 24e6;

  /** The account that is logged in. */
  let owner = null;
  /** What of somebody else was kept is gone. */
  let settled = Promise.resolve();

  const listOf = (camera) => `/api/v1/cameras/${camera}/days`;
  const number = (url) => Number(/\/days\/(\d+)\.bin/.exec(url)?.[1] ?? Infinity);
  const open = () => globalThis.caches?.open(CACHE).catch(() => undefined);
  const owned = async (cache) => (await cache?.match(OWNER))?.text();

  /** What is kept, if it is that of the account that is logged in. */
  async function mine() {
    await settled;
    const cache = await open();
    return owner !== null && (await owned(cache)) === owner ? cache : undefined;
  }

  async function put(url, body, headers) {
    const cache = await mine();
    await cache?.put(url, new Response(body, { headers })).catch(() => undefined);
    // Whoever logged out meanwhile leaves nothing behind.
    if (cache && !(await mine())) {
      await globalThis.caches.delete(CACHE);
    }
  }

  /** What the first chart needs, asked for while the wasm is on its way. */
  const early = new Map();
  if (["/", "/history"].includes(location.pathname)) {
    let camera = new URLSearchParams(location.search).get("camera");
    try {
      camera ??= localStorage.getItem("rtm2.camera");
    } catch {
      // Without storage nothing is remembered.
    }
    camera = /^\d+$/.test(camera) ? camera : 0;
    for (const path of ["/api/v1/session", `/api/v1/cameras/${camera}/bars?last=1000`]) {
      // A refusal is no answer to who asks later, and logged in.
      const refused = () => void early.delete(path);
      const answer = fetch(path).then((answer) => (answer.ok ? answer : refused()), refused);
      early.set(path, answer);
    }
    // Whoever comes later gets what is true then.
    setTimeout(() => early.clear(), 20_000);
  }

  window.rtm2days = {
    /** The answer to something that was asked for early, once. */
    early(path) {
      const answer = early.get(path);
      early.delete(path);
      return answer;
    },

    /** Somebody is logged in: what is kept of somebody else goes. */
    belong(name) {
      owner = name;
      settled = (async () => {
        const cache = await open();
        if (cache && (await owned(cache)) !== name) {
          await caches.delete(CACHE);
          await (await open())?.put(OWNER, new Response(name)).catch(() => undefined);
        }
      })();
      return settled;
    },

    /** Nobody is logged in any more. */
    async forget() {
      owner = null;
      await globalThis.caches?.delete(CACHE).catch(() => undefined);
    },

    /** The days that a camera has, `[number, frames, mark]`, or the status of the refusal. */
    async list(camera) {
      const answer = await fetch(listOf(camera));
      if (!answer.ok) {
        return answer.status;
      }
      const text = await answer.text();
      await put(listOf(camera), text, { "x-at": Date.now() });
      return JSON.parse(text).days;
    },

    /** A day's index, from what is kept if it has that mark. */
    async day(camera, day, mark) {
      const path = `${listOf(camera)}/${day}.bin`;
      const url = `${path}?mark=${mark}`;
      const kept = await (await mine())?.match(url);
      if (kept) {
        return kept.arrayBuffer();
      }
      const answer = await fetch(url);
      if (!answer.ok) {
        throw new Error(`a day could not be loaded (${answer.status})`);
      }
      const bytes = await answer.arrayBuffer();
      await (await mine())?.delete(path, { ignoreSearch: true });
      await put(url, bytes, { "x-bytes": bytes.byteLength });
      return bytes;
    },

    /** Lets the oldest days go until the rest is few and small enough. */
    async trim() {
      const cache = await mine();
      const days = ((await cache?.keys()) ?? []).filter(({ url }) => Number.isFinite(number(url)));
      days.sort((a, b) => number(b.url) - number(a.url));
      let bytes = 0;
      for (const [i, request] of days.entries()) {
        bytes += Number((await cache.match(request))?.headers.get("x-bytes"));
        if (i >= MOST || bytes > MOST_BYTES) {
          await cache.delete(request);
        }
      }
    },

    /** Without the server: the cameras of which days are kept. */
    async cameras() {
      const cache = await open();
      const urls = ((await cache?.keys()) ?? []).map(({ url }) => /\/cameras\/(\d+)\/days$/.exec(url)?.[1]);
      return urls.filter((camera) => camera !== undefined).map(Number).sort((a, b) => a - b);
    },

    /** Without the server: what is kept of a camera, newest first, and until when it was up to date. */
    async kept(camera) {
      const cache = await open();
      const list = await cache?.match(listOf(camera));
      if (!list) {
        return null;
      }
      const requests = (await cache.keys()).filter(({ url }) => url.includes(`${listOf(camera)}/`));
      const days = await Promise.all(requests.map(async (request) => (await cache.match(request)).arrayBuffer()));
      return { at: Number(list.headers.get("x-at")), days };
    },
  };
})();
