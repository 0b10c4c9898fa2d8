// Stands between a browser and the server: keeps the address while the server is away, and makes a newer build of it.

import http from "node:http";
import net from "node:net";

/** Starts it before `server`. */
export async function startProxy(server) {
  const proxy = new Proxy(server);
  await proxy.listen();
  return proxy;
}

class Proxy {
  #target;
  #server;
  #sockets = new Set();
  /** Whether requests are refused. */
  down = false;
  /** Changes the service worker's text, as another build of the server would. */
  rewrite = (worker) => worker;
  /** Answers upgrades in the server's place, if it is set. */
  upgrade;

  constructor({ port }) {
    this.#target = port;
    this.#server = http.createServer((request, response) => this.#pass(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => {});
      if (this.down) {
        socket.destroy();
      }
    });
  }

  listen() {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", () => {
        this.url = `http://127.0.0.1:${this.#server.address().port}`;
        resolve();
      });
    });
  }

  /** The server is out of reach from now on. */
  cut() {
    this.down = true;
    this.#sockets.forEach((socket) => socket.destroy());
  }

  /** It is within reach again. */
  mend() {
    this.down = false;
  }

  async stop() {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(request, response) {
    const isWorker = request.url === "/sw.js";
    const headers = { ...request.headers, ...(isWorker ? { "accept-encoding": "identity" } : {}) };
    const { method, url: path } = request;
    const onward = http.request({ port: this.#target, host: "127.0.0.1", method, path, headers }, (answer) => {
      if (!isWorker) {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
        return;
      }
      const { "content-length": _, ...rest } = answer.headers;
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.on("end", () => {
        response.writeHead(answer.statusCode, rest);
        response.end(this.rewrite(text));
      });
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }

  #upgrade(request, socket, head) {
    if (this.upgrade !== undefined) {
      this.upgrade(request, socket);
      return;
    }
    const onward = net.connect(this.#target, "127.0.0.1", () => {
      const lines = request.rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
      onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines}\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    this.#sockets.add(onward);
    onward.on("close", () => {
      this.#sockets.delete(onward);
      socket.destroy();
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
    socket.on("close", () => onward.destroy());
  }
}
