import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

/** Says in kafkajs's log that a connection ended because we wanted it. */
export const CLOSED_ON_PURPOSE = 'closed by this side';

/** The connections of one client, so that they can be ended at once: kafkajs alone waits for answers in flight. */
export class KafkaSockets {
  private readonly sockets = new Set<Socket>();
  private closed = false;

  /** For kafkajs's `socketFactory`. Small requests go out at once: no Nagle delay, which kafkajs leaves on. */
  readonly open: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.closed) throw new Error(CLOSED_ON_PURPOSE);
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
      : connect({ host, port }, onConnect);
    socket.setNoDelay(true).setKeepAlive(true, 60_000);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };

  /** Ends all connections, and lets none be opened again. */
  close(): void {
    this.closed = true;
    for (const socket of this.sockets) socket.destroy(new Error(CLOSED_ON_PURPOSE));
  }
}
