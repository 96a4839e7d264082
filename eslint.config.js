// What may be used where. Formatting is prettier's business, sizes and words are tools/tidy's.
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Who may depend on whom (docs/ARCHITECTURE.md, "Direction"): by role, and by what part of the house it belongs to. */
const directions = {
  'type:domain': ['type:domain'],
  'type:port': ['type:port', 'type:domain', 'type:platform'],
  'type:platform': ['type:platform', 'type:domain'],
  'type:adapter': ['type:port', 'type:domain', 'type:platform'],
  'type:app': ['type:port', 'type:domain', 'type:platform'],
  'type:tool': ['type:tool', 'type:domain', 'type:platform'],
  'type:example': ['type:tool', 'type:domain'],
  'type:root': [
    'type:domain',
    'type:port',
    'type:platform',
    'type:adapter',
    'type:app',
    'type:tool',
    'type:example',
    'type:root',
  ],
  'scope:shared': ['scope:shared'],
  'scope:log': ['scope:log', 'scope:shared'],
  'scope:archive': ['scope:archive', 'scope:shared'],
  'scope:speed': ['scope:log', 'scope:shared'],
  'scope:batch': ['scope:batch', 'scope:log', 'scope:archive', 'scope:shared'],
  'scope:serving': ['scope:shared'],
};

/** One technology, one package: module patterns, and the only folders that may import them. */
const technologies = [
  { modules: ['kafkajs'], homes: ['libs/event-log-kafka'] },
  { modules: ['cassandra-driver'], homes: ['libs/view-store-cassandra'] },
  {
    modules: ['hyparquet', 'hyparquet-*', 'parquetjs-lite'],
    homes: ['libs/archive-parquet', 'libs/batch-engine-spark', 'examples/flights', 'tools/bench'],
  },
  {
    modules: ['@duckdb/*'],
    homes: ['libs/batch-engine-duckdb', 'libs/archive-parquet/test', 'libs/views/test', 'tools/bench'],
  },
  {
    modules: ['graphql-yoga', '@graphql-yoga/*', 'graphql', '@envelop/*'],
    homes: ['apps/serving-api', 'e2e', 'tools/bench'],
  },
  { modules: ['lmdb', 'better-sqlite3'], homes: ['libs/view-store-embedded', 'tools/bench'] },
  // libs/service borrows SQLite's file lock for single-writer folders.
  { modules: ['node:sqlite'], homes: ['libs/view-store-embedded', 'libs/service', 'tools/bench'] },
  { modules: ['node-cron'], homes: ['apps/batch-layer'] },
  { modules: ['pino'], homes: ['libs/service'] },
  { modules: ['commander'], homes: ['apps/cli'] },
];

const domain = ['libs/schemas', 'libs/schedules', 'libs/views', 'libs/releases', 'libs/corrections'];
const subPaths = (modules) => modules.flatMap((name) => [name, `${name}/**`]);

const bans = {
  technologies: (folder) =>
    technologies
      .filter(({ homes }) => !homes.some((home) => folder === home || folder.startsWith(`${home}/`)))
      .map(({ modules, homes }) => ({ group: subPaths(modules), message: `Only ${homes.join(', ')} may import it.` })),
  testing: { regex: '^@twofold/[^/]+/testing$|/testing/', message: 'Test helpers are for tests and tools.' },
  node: { regex: '^node:', message: 'Domain packages are pure: no file, clock, process or network.' },
  timers: { regex: '^(node:)?timers(/promises)?$', message: 'Take a Clock as an argument.' },
};

/** The oracle must not share code with what it judges: it may read declarations, and nothing that computes. */
const oracleReadsDeclarations = ['@twofold/views', '@twofold/schemas'].map((name) => ({
  name,
  allowTypeImports: true,
  message: 'The oracle imports only types, or it would repeat the mistakes that it is there to find.',
}));

const restrictImports = (patterns, paths = []) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { paths, patterns }],
});

const chance = [
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Take an Rng as an argument.' },
  { selector: "MemberExpression[property.name='randomUUID']", message: 'Take Ids as an argument.' },
  { selector: "ImportSpecifier[imported.name='randomUUID']", message: 'Take Ids as an argument.' },
];
const wallClock = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Take a Clock as an argument.' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take a Clock as an argument.' },
  { selector: "CallExpression[callee.name='Date']", message: 'Take a Clock as an argument.' },
  { selector: "MemberExpression[object.name='AbortSignal'][property.name='timeout']", message: 'Take a Clock.' },
  {
    selector: "MemberExpression[object.name='process'][property.name=/^(hrtime|uptime)$/]",
    message: 'Take a Clock as an argument.',
  },
];
const environment = [
  { selector: "MemberExpression[object.name='process'][property.name='env']", message: 'Describe it as an option.' },
];
const plainThrow = [
  {
    selector: "ThrowStatement > NewExpression[callee.name='Error']",
    message: "Throw the package's own error class, with a code from its closed list.",
  },
];
const timers = ['setTimeout', 'setInterval', 'performance'];

/** Code that is the same in production and in the simulator takes clock, randomness and settings as arguments. */
const injected = {
  'no-restricted-syntax': ['error', ...plainThrow, ...chance, ...wallClock, ...environment],
  'no-restricted-globals': [
    'error',
    { globals: timers.map((name) => ({ name, message: 'Take a Clock.' })), checkGlobalObject: true },
  ],
};

const folders = [
  ...new Set([...technologies.flatMap(({ homes }) => homes), ...domain, 'tools/oracle', 'libs/service', 'apps/cli']),
].sort((a, b) => a.length - b.length);

export default defineConfig(
  { ignores: ['**/dist/**', '**/.cache/**', '**/.nx/**', '**/coverage/**', '**/.twofold/**'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allowCircularSelfDependency: true,
          depConstraints: Object.entries(directions).map(([sourceTag, onlyDependOnLibsWithTags]) => ({
            sourceTag,
            onlyDependOnLibsWithTags,
          })),
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A method that keeps a promise-returning port may have nothing to wait for; async still turns throws into rejections.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // What was caught is unknown, and is thrown on as it came.
      '@typescript-eslint/only-throw-error': ['error', { allowRethrowing: true, allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', performance: 'readonly' } },
  },
  // Imports: technologies in their packages only, test helpers in tests only. Later, narrower entries replace earlier ones.
  ...['', ...folders].flatMap((folder) => {
    const at = folder === '' ? '' : `${folder}/`;
    const pure = domain.some((name) => folder === name) ? [bans.node] : [];
    const paths = folder === 'tools/oracle' ? oracleReadsDeclarations : [];
    return [
      { files: [`${at}**/*.ts`], rules: restrictImports(bans.technologies(folder)) },
      {
        files: [`${at}**/src/**/*.ts`],
        ignores: ['**/src/testing/**', ...(folder === 'tools/oracle' ? [] : ['tools/**', 'e2e/**'])],
        rules: restrictImports([...bans.technologies(folder), bans.testing, bans.timers, ...pure], paths),
      },
    ];
  }),
  {
    files: ['{libs,apps}/*/src/**/*.ts', 'tools/{oracle,simulator,event-generator}/src/**/*.ts'],
    // What plants bugs in tests starts processes, and is none of the simulated ones.
    ignores: ['libs/service/**', 'apps/cli/**', '**/src/main.ts', 'tools/simulator/src/bugs/run-test.ts'],
    rules: injected,
  },
  {
    files: ['libs/service/src/**/*.ts', 'apps/cli/src/**/*.ts', 'apps/*/src/main.ts'],
    rules: { 'no-restricted-syntax': ['error', ...plainThrow] },
  },
  // A test that draws at random has to print its seed; fast-check does.
  {
    files: ['**/test/**/*.ts', '**/src/testing/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...chance],
      // Contract suites take their fixture apart; expect() takes methods as values.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  // Definitions that are wrong on purpose: what the compiler could not resolve has no type.
  { files: ['**/test/wrong-definitions.ts'], extends: [tseslint.configs.disableTypeChecked] },
  { files: ['{libs,apps}/*/src/**/*.ts'], ignores: ['apps/cli/**'], rules: { 'no-console': 'error' } },
  prettier,
);
