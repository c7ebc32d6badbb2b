import { connect, type Socket } from "node:net";

const HEADER_END = Buffer.from("\r\n\r\n");

/**
 * One keep-alive connection that posts prepared requests one after another. It does less than a general client, so that what is measured
 * on a small machine is the server.
 */
export class Connection {
  private readonly socket: Socket;
  private received: Buffer = Buffer.alloc(0);
  private waiting: { resolve(body: Uint8Array): void; reject(error: unknown): void } | undefined;
  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => { this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]); this.take(); });
    const fail = (error?: unknown): void => { this.waiting?.reject(error ?? new TypeError("the server closed the connection")); this.waiting = undefined; };
    socket.on("error", fail);
    socket.on("close", () => fail());
  }
  static open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => resolve(new Connection(socket)));
      socket.once("error", reject);
    });
  }

  post(prepared: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => { this.waiting = { resolve, reject }; this.socket.write(prepared); });
  }
  close(): void { this.socket.destroy(); }

  private take(): void {
    const end = this.received.indexOf(HEADER_END);
    if (end < 0 || this.waiting === undefined) return;
    const length = Number(/content-length: *(\d+)/i.exec(this.received.toString("latin1", 0, end))?.[1] ?? 0), bodyStart = end + HEADER_END.length;
    if (this.received.length < bodyStart + length) return;
    const body = new Uint8Array(this.received.subarray(bodyStart, bodyStart + length)), { resolve } = this.waiting;
    this.received = this.received.subarray(bodyStart + length);
    this.waiting = undefined;
    resolve(body);
  }
}

/** The bytes of a POST of CBOR to a path. */
export function preparedPost(url: string, path: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\ncontent-type: application/cbor\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
}
