import { once } from 'node:events';
import { connect } from 'node:net';

/** Whether something at `host:port` accepts a connection. */
export async function accepts(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  const accepted = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return accepted;
}
