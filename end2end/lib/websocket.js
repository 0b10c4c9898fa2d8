// The server's side of a WebSocket (RFC 6455), as much of it as a test needs: no extensions, small messages to it.

import { createHash } from "node:crypto";

const [TEXT, BINARY, CLOSE] = [1, 2, 8];
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Answers an upgrade; `hear` is called with every text message. */
export function accept(request, socket, hear) {
  const key = createHash("sha1").update(request.headers["sec-websocket-key"] + GUID).digest("base64");
  const protocol = request.headers["sec-websocket-protocol"].split(",")[0].trim();
  const lines = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${key}`, `Sec-WebSocket-Protocol: ${protocol}`];
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
  return new Viewer(socket, hear);
}

class Viewer {
  #socket;
  #rest = Buffer.alloc(0);

  constructor(socket, hear) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      this.#rest = Buffer.concat([this.#rest, data]);
      for (let message = this.#next(); message !== undefined; message = this.#next()) {
        if (message.kind === TEXT) {
          hear(message.text);
        } else if (message.kind === CLOSE) {
          socket.end();
        }
      }
    });
  }

  get isOpen() {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** Sends an object as text, or bytes. */
  send(message) {
    const isBinary = Buffer.isBuffer(message);
    const payload = isBinary ? message : Buffer.from(JSON.stringify(message));
    const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
    head[0] = 0x80 | (isBinary ? BINARY : TEXT);
    head[1] = { 2: payload.length, 4: 126, 10: 127 }[head.length];
    if (head.length === 4) {
      head.writeUInt16BE(payload.length, 2);
    } else if (head.length === 10) {
      head.writeBigUInt64BE(BigInt(payload.length), 2);
    }
    this.#socket.write(Buffer.concat([head, payload]));
  }

  /** Breaks the connection, as a cable that is pulled. */
  cut() {
    this.#socket.destroy();
  }

  /** The next message, if all of it is there: it is masked, and shorter than 65,536 bytes. */
  #next() {
    const rest = this.#rest;
    if (rest.length < 2) {
      return undefined;
    }
    const short = rest[1] & 0x7f;
    const at = short < 126 ? 2 : 4;
    const length = short < 126 ? short : rest.length < 4 ? Infinity : rest.readUInt16BE(2);
    if (rest.length < at + 4 + length) {
      return undefined;
    }
    const mask = rest.subarray(at, at + 4);
    const payload = rest.subarray(at + 4, at + 4 + length).map((byte, i) => byte ^ mask[i % 4]);
    this.#rest = rest.subarray(at + 4 + length);
    return { kind: rest[0] & 0xf, text: Buffer.from(payload).toString() };
  }
}
