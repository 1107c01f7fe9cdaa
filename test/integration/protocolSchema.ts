import { Ajv, type ValidateFunction } from 'ajv';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const root = resolve(__dirname, '../..');
const declarations = join(root, 'node_modules/@vscode/debugprotocol');

/** A schema of each message of the Debug Adapter Protocol, by its type's name, such as `StoppedEvent`. */
export class ProtocolSchema {
  private readonly ajv = new Ajv({ allErrors: true, allowUnionTypes: true }).addSchema(
    schemaOfDeclarations(),
    'protocol',
  );

  /** What is wrong with a message of that type, one line each; undefined when the protocol has no such type. */
  problems(type: string, message: unknown): string[] | undefined {
    const validate = this.ajv.getSchema(`protocol#/definitions/DebugProtocol.${type}`);
    if (validate === undefined) return undefined;
    return validate(message) === true ? [] : describe(validate);
  }
}

function describe({ errors }: ValidateFunction): string[] {
  return (errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** Reading the declarations takes seconds, so what came of it is kept for their version. */
function schemaOfDeclarations(): object {
  const { version } = JSON.parse(readFileSync(join(declarations, 'package.json'), 'utf8')) as { version: string };
  const kept = join(root, '.cache', `debugProtocol-${version}.schema.json`);
  try {
    return JSON.parse(readFileSync(kept, 'utf8')) as object;
  } catch {
    // There is none yet.
  }
  const schema = createGenerator({
    path: join(declarations, 'lib/debugProtocol.d.ts'),
    type: '*',
    expose: 'all',
    additionalProperties: false,
    skipTypeCheck: true,
  }).createSchema('*');
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(`${kept}.${process.pid}`, JSON.stringify(schema));
  renameSync(`${kept}.${process.pid}`, kept);
  return schema;
}
