import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chosenPorts } from '../../src/qemu/forward';

describe('forwarded ports', () => {
  it('are where QEMU says that it listens', () => {
    // printed by QEMU 7.2
    const listing = `Hub -1 (network0):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[HOST_FORWARD]   8       127.0.0.1 41541       10.0.2.15    80     0     0
  UDP[HOST_FORWARD]   9       127.0.0.1  5353       10.0.2.15    80     0     0
  TCP[HOST_FORWARD]   3       127.0.0.1 44115       10.0.2.15    81     0     0
  TCP[HOST_FORWARD]  12       127.0.0.1  1024       10.0.2.15    80     0     0
  TCP[ESTABLISHED]   13       127.0.0.1 41541       10.0.2.15    80     0     0
`;
    assert.deepEqual(
      [...chosenPorts(listing)],
      [
        [80, [41541, 1024]],
        [81, [44115]],
      ],
    );
  });
});
