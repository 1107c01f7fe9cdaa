/** A port of this computer that leads to one of the guest. */
export interface ForwardedPort {
  readonly host: number;
  readonly guest: number;
  readonly protocol: 'tcp' | 'udp';
}

/** The network of a guest. */
export interface Network {
  readonly ports: readonly ForwardedPort[];
  /** The guest's own address, where it is not the first that QEMU gives. */
  readonly address?: string | undefined;
}

/** Reads `8080:80` or `5353:53/udp`. */
export function parsePort(text: string): ForwardedPort {
  const [ports = '', protocol] = text.split('/');
  const [host, guest] = ports.split(':').map(Number);
  return { host: host ?? 0, guest: guest ?? 0, protocol: protocol === 'udp' ? 'udp' : 'tcp' };
}
