import { createSocket } from 'node:dgram';
import type { ForwardedPort, Network } from '../project/network';
import type { Target } from '../targets';
import { portTaken } from './errors';

/** Where forwarded ports listen: only programs on this computer reach them. */
export const loopback = '127.0.0.1';

/** QEMU's user-mode network and the machine's card (QEMU manual, "Using the user mode network stack"). */
export function networkArguments({ ports, address = '' }: Network, machine: Target['machine']): string[] {
  const forwards = ports.map(
    ({ host, guest, protocol }) => `,hostfwd=${protocol}:${loopback}:${host}-${address}:${guest}`,
  );
  return [...machine.networkCard, '-netdev', `user,id=network0${forwards.join('')}`];
}

/** An error that names the first UDP port that another program has; QEMU itself would only fail. */
export async function checkPorts({ ports }: Network): Promise<void> {
  for (const port of ports) if (port.protocol === 'udp' && (await isTaken(port))) throw portTaken(port.host, 'udp');
}

function isTaken({ host }: ForwardedPort): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      resolve(true);
    });
    socket.bind(host, loopback, () => {
      socket.close(() => {
        resolve(false);
      });
    });
  });
}
