/** What a guest's server sends, as JSON text over a WebSocket; see src/qemu/server.ts. */
export type GuestMessage =
  | { readonly type: 'hello'; readonly name: string; readonly state: string }
  | { readonly type: 'console'; readonly data: string }
  | { readonly type: 'state'; readonly state: string }
  | { readonly type: 'exit'; readonly [field: string]: unknown };

/** What it takes. */
export type GuestRequest =
  { readonly type: 'input'; readonly data: string } | { readonly type: 'pause' | 'resume' | 'reset' | 'powerOff' };
