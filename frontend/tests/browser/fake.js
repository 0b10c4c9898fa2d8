// Replaces WebSocket, fetch and createImageBitmap, and counts what is made and what is given back. What an alarm switches on is
// replaced by something that only counts.
const counts = { sockets: 0, open: 0, decodes: 0, bitmaps: 0, listeners: 0, intervals: 0 };
const real = { WebSocket, fetch: window.fetch, createImageBitmap: window.createImageBitmap };
const state = { current: null, sent: [], late: [] };

class FakeSocket {
  constructor(url, protocol) {
    Object.assign(this, { url, protocol, readyState: real.WebSocket.OPEN, onmessage: null, onclose: null });
    counts.sockets += 1;
    counts.open += 1;
    state.current = this;
  }
  send(text) {
    state.sent.push(text);
  }
  close() {
    if (this.closed) return;
    this.closed = true;
    this.readyState = real.WebSocket.CLOSING;
    counts.open -= 1;
  }
}

const answers = {
  '/api/v1/session': { name: 'ada', admin: false },
};

const fakeFetch = async (input) => {
  const path = new URL(typeof input === 'string' ? input : input.url, location.href).pathname;
  const bars = { camera: 0, bucket_us: 1000000, bars: [], extent: null };
  const body = answers[path] ?? (path.endsWith('/bars') ? bars : null);
  return new Response(JSON.stringify(body ?? { error: 'not here' }), {
    status: body ? 200 : 404,
    headers: { 'content-type': 'application/json' },
  });
};

const fakeBitmap = async (...source) => {
  counts.decodes += 1;
  const wait = state.late.shift() ?? 0;
  const bitmap = await real.createImageBitmap.apply(window, source);
  counts.bitmaps += 1;
  const close = bitmap.close.bind(bitmap);
  bitmap.close = () => {
    counts.bitmaps -= 1;
    close();
  };
  if (wait) await new Promise((done) => setTimeout(done, wait));
  return bitmap;
};

for (const [name, step] of [['addEventListener', 1], ['removeEventListener', -1]]) {
  const method = EventTarget.prototype[name];
  EventTarget.prototype[name] = function (...given) {
    counts.listeners += step;
    return method.apply(this, given);
  };
}
for (const [name, step] of [['setInterval', 1], ['clearInterval', -1]]) {
  const method = window[name];
  window[name] = (...given) => {
    counts.intervals += step;
    return method.apply(window, given);
  };
}

/** What an alarm has switched on: shaking, tones, the number on the icon, holds of the screen. */
const device = { shaking: false, tones: 0, badge: 0, held: 0 };
const lock = () => {
  device.held += 1;
  return {
    released: false,
    release() {
      device.held -= this.released ? 0 : 1;
      this.released = true;
    },
  };
};
const alarm = {
  userActivation: { hasBeenActive: true },
  vibrate: (pattern) => (device.shaking = pattern.length > 1),
  setAppBadge: async (count) => (device.badge = count),
  clearAppBadge: async () => (device.badge = 0),
  // Held when a test says so.
  wakeLock: { request: () => new Promise((done) => (state.hold = () => done(lock()))) },
};
for (const [name, value] of Object.entries(alarm)) {
  Object.defineProperty(navigator, name, { value, configurable: true });
}
// Tones lead to an outlet, which is cut off to end them.
const param = () => ({ setValueAtTime() {}, exponentialRampToValueAtTime() {} });
window.AudioContext = class {
  state = 'running';
  currentTime = 0;
  destination = {};
  createGain() {
    const node = { gain: param(), tones: 0 };
    node.connect = (to) => (node.to = to);
    node.sound = () => {
      node.tones += 1;
      node.to === this.destination ? (device.tones += 1) : node.to.sound();
    };
    node.disconnect = () => (device.tones -= node.tones);
    return node;
  }
  createOscillator() {
    const node = { frequency: {}, connect: (to) => (node.to = to), start: () => node.to.sound(), stop() {} };
    return node;
  }
};

const fake = {
  device: (name) => Number(device[name]),
  hold: () => state.hold?.(),
  install() {
    window.WebSocket = FakeSocket;
    window.fetch = fakeFetch;
    window.createImageBitmap = fakeBitmap;
    Object.assign(state, { current: null, sent: [], late: [] });
    Object.assign(counts, { sockets: 0, open: 0, decodes: 0, bitmaps: 0, listeners: 0, intervals: 0 });
  },
  count: (name) => (name === 'nodes' ? document.querySelectorAll('*').length : counts[name]),
  say: (data) => state.current?.onmessage?.({ data }),
  // The server said goodbye, and the connection is not at its end yet.
  closing: () => { state.current.readyState = real.WebSocket.CLOSING; },
  close: (code) => state.current?.onclose?.({ code }),
  handlers: () => ['onmessage', 'onclose'].filter((name) => state.current?.[name]).length,
  sent: (kind) => state.sent.filter((text) => text.includes(`"t":"${kind}"`)).length,
  lastSent: () => state.sent.at(-1) ?? '',
  // Whether anybody looks at the page.
  look: (at) => {
    Object.defineProperty(document, 'hidden', { value: !at, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  },
  delayNext: (ms) => state.late.push(ms),
  // A JPEG of one colour, as its bytes.
  jpeg(colour, width, height) {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d');
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    return Uint8Array.from(atob(canvas.toDataURL('image/jpeg').split(',')[1]), (c) => c.charCodeAt(0));
  },
};
return fake;
