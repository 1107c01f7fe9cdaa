import * as z from 'zod';
import { aslrSchema } from './aslr';
import { memorySchema } from './memory';
import { parsePort } from './network';
import { sharesSchema } from './share';

const address = z.string().regex(/^[0-9a-fA-F.:]+$/, 'must be an address, such as "10.0.2.2"');

/** `8080:80`, with `/udp` where it is not TCP. */
const portSchema = z
  .string()
  .regex(/^\d{1,5}:\d{1,5}(\/(tcp|udp))?$/, 'must be HOST:GUEST, such as "8080:80" or "5353:53/udp"')
  .refine((ports) => [parsePort(ports).host, parsePort(ports).guest].every((port) => port >= 1 && port <= 65_535), {
    message: 'has a port that is not between 1 and 65535',
  });

const networkSchema = z
  .strictObject({
    ports: z
      .array(portSchema)
      .default([])
      .describe('Ports of this computer that lead to the program: "8080:80" is port 8080 here and 80 in the guest.'),
    address: z
      .string()
      .regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'must be an address with its bits, such as "10.0.2.20/24"')
      .optional()
      .describe("The guest's address, where it shall not ask for one (DHCP)."),
    gateway: address.optional().describe('The router, beside a static address.'),
    nameServer: address.optional().describe('The name server, beside a static address.'),
  })
  .describe('The network of the guest: a network of its own, from which it reaches what this computer reaches.');

const programPath = z
  .string()
  .regex(
    /^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\0\\\r\n]+$/,
    'must be a file below this one\'s folder, without "." and ".."',
  );

const programSchema = z
  .union([programPath, z.strictObject({ x86_64: programPath.optional(), aarch64: programPath.optional() })], {
    error: "must be a path below this file's folder, or one for each architecture",
  })
  .describe(
    'For the language "elf": the static program that boots, relative to this file; { "x86_64": PATH, "aarch64": PATH } where each architecture has its own.',
  );

const text = z.string().regex(/^[^\0]*$/, 'must not hold a NUL character');

/**
 * unikernel.json. This is the one definition: the types, the checks and the JSON schema that editors use come from it.
 * Every field but name and language has a default that works.
 */
export const projectSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where the JSON schema of this file is; ignored by the build.'),
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
        'must start with a letter or a digit and hold only letters, digits, "-" and "_" (at most 63)',
      )
      .describe('Name of the program; its images are called so.'),
    language: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/)
      .describe('Which toolchain builds the program.'),
    sources: z
      .array(z.string().min(1))
      .min(1)
      .default(['src/**/*'])
      .describe('Source files, as glob patterns relative to this file; the toolchain takes those of its language.'),
    program: programSchema.optional(),
    targets: z
      .array(z.enum(['x86_64', 'aarch64']))
      .min(1)
      .default(['x86_64', 'aarch64'])
      .describe('Architectures that the program is built for.'),
    libc: z.enum(['musl']).default('musl').describe('The C library that is linked in.'),
    optimize: z
      .enum(['none', 'size', 'speed'])
      .default('none')
      .describe('What the compiler optimises for; "none" is best to debug, "size" to ship.'),
    flags: z.array(text.min(1)).default([]).describe('More compiler flags, one a string.'),
    args: z.array(text).default([]).describe('Arguments of the program, after its name.'),
    env: z
      .record(z.string().regex(/^[^=\0]+$/, 'must not be empty or hold "="'), text)
      .default({})
      .describe('Environment variables of the program.'),
    files: z
      .string()
      .regex(/^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\0\\]+$/, 'must be a folder below this file, without "." and ".."')
      .optional()
      .describe(
        'A folder, relative to this file, that the guest finds as its root directory: data/x in it is /data/x.',
      ),
    shares: sharesSchema,
    memory: memorySchema.default('64M'),
    network: networkSchema.optional(),
    aslr: aslrSchema.default(false),
  })
  .describe('A unikernel project.');

/** A project as it is used: every default filled in. */
export type ProjectConfiguration = z.output<typeof projectSchema>;

/** The JSON schema (draft 7, which VS Code reads) of unikernel.json. */
export function projectJsonSchema(): object {
  return { ...z.toJSONSchema(projectSchema, { io: 'input', target: 'draft-7' }), allowComments: true };
}
