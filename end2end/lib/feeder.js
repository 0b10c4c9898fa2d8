// Speaks the server's side of docs/protocol.md with recorded messages, as fast as the page acknowledges them.

import { accept } from "./websocket.js";
import { FRAME, readHeader, renumber } from "./wire.js";

const HEARTBEAT_MS = 1_000;

/**
 * Feeds recorded pictures, again and again: `hello` is what a server said first, `messages` are a whole picture and changes that
 * follow on it. It goes on while `limit` has not been reached.
 */
export class Feeder {
  #hello;
  #messages;
  #viewer;
  #camera;
  #next = 0;
  #outstanding = [];
  /** Pictures sent so far, and those of them that cannot be decoded. */
  sent = 0;
  spoilt = 0;
  /** Pictures to be sent. */
  limit = 0;
  /** Whether the n-th picture is to be one that cannot be decoded, or after it the connection to break. */
  spoils = () => false;
  breaks = () => false;

  constructor(hello, messages) {
    this.#hello = hello;
    this.#messages = messages;
    this.#heart = setInterval(() => this.#viewer?.isOpen && this.#viewer.send({ t: "hb" }), HEARTBEAT_MS);
  }

  #heart;

  /** Answers an upgrade of `startProxy`. */
  upgrade(request, socket) {
    const viewer = accept(request, socket, (text) => viewer === this.#viewer && this.#hear(JSON.parse(text)));
    this.#viewer = viewer;
    this.#camera = undefined;
    viewer.send({ ...this.#hello, now: Date.now() * 1000 });
  }

  /** Sends up to so many pictures in all. */
  feed(limit) {
    this.limit = limit;
    this.#pump();
  }

  /** Whether all of them were acknowledged; the page may hold back the word on one. */
  get isDone() {
    return this.sent >= this.limit && this.#outstanding.length < 2;
  }

  stop() {
    clearInterval(this.#heart);
    this.#viewer?.cut();
  }

  #hear(message) {
    if (message.t === "subscribe") {
      // All credit is given back, and it begins with a whole picture.
      [this.#camera, this.#next, this.#outstanding] = [message.camera, 0, []];
    } else if (message.t === "ack" && message.camera === this.#camera) {
      this.#outstanding = this.#outstanding.filter((seq) => seq > message.seq);
    }
    this.#pump();
  }

  #pump() {
    while (this.#camera !== undefined && this.sent < this.limit && this.#outstanding.length < this.#hello.window && this.#viewer.isOpen) {
      this.#send();
    }
  }

  #send() {
    const recorded = this.#messages[this.#next];
    this.#next = (this.#next + 1) % this.#messages.length;
    this.sent += 1;
    const message = renumber(recorded, { camera: this.#camera, seq: this.sent, base: this.sent - 1 });
    if (this.spoils(this.sent)) {
      this.spoilt += 1;
      message.fill(0, message.readUInt16LE(2));
    }
    this.#outstanding.push(this.sent);
    this.#viewer.send(message);
    if (this.breaks(this.sent)) {
      [this.#camera, this.#outstanding] = [undefined, []];
      this.#viewer.cut();
    }
  }
}

/**
 * A whole picture and what follows on it without a gap and with all that it needs, from a list of messages; undefined if nowhere
 * are there `count` of them.
 */
export function stretch(messages, count) {
  let found = [];
  for (const message of messages) {
    const { kind, base, head } = readHeader(message);
    const follows = found.length > 0 && base === readHeader(found.at(-1)).seq && (head || found.length > 1);
    if (kind === FRAME) {
      found = [message];
    } else {
      found = follows ? [...found, message] : [];
    }
    if (found.length === count) {
      return found;
    }
  }
  return undefined;
}
