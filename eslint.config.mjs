import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The folders of src, lowest first: a folder may import only from itself and from those it names here. */
const layers = {
  project: [],
  targets: ['project'],
  image: [],
  gdb: ['targets'],
  qemu: ['image', 'targets', 'project'],
  toolchain: ['targets', 'project'],
  build: ['image', 'toolchain', 'targets', 'project'],
  debug: ['image', 'gdb', 'qemu', 'build', 'targets', 'project'],
};

const vscodeBan = { name: 'vscode', message: 'Only src/extension.ts and src/vscode may import vscode.' };

const layerRules = Object.entries(layers).map(([folder, allowed]) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: [vscodeBan],
        patterns: ['project', 'image', 'targets', 'toolchain', 'build', 'qemu', 'gdb', 'debug', 'cli', 'vscode']
          .filter((other) => other !== folder && !allowed.includes(other))
          .map((other) => ({
            group: [`../${other}/*`, `../../${other}/*`],
            message: `src/${folder} may not depend on src/${other}: folders depend downwards only.`,
          })),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'media/dist/', '**/node_modules/', 'test/fixtures/', '.cache/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  ...layerRules,
  { files: ['src/cli/**/*.ts'], rules: { 'no-restricted-imports': ['error', { paths: [vscodeBan] }] } },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/no-unused-expressions': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: { console: 'readonly', module: 'writable', process: 'readonly', require: 'readonly', URL: 'readonly' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
