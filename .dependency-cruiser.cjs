/** In this order: each may import those before it, and the first, domain, imports none. */
const libs = [
  'domain',
  'proto',
  'service',
  'database',
  'jobs',
  'bus',
  'session',
  'objectstore',
  'recommender',
  'exploration',
  'filter',
  'aws',
  'testing',
];
const pure = ['domain', 'recommender', 'exploration', 'filter'];
const tests = '[.](test|contract|fixture|fault)[.]ts$|/(testing|faults)/';

/** @type {(name: string, comment: string, from: object, to: object) => import('dependency-cruiser').IForbiddenRuleType} */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const onlyIn = (lib, system, packages) =>
  forbid(
    `${system}-only-in-${lib}`,
    `One library per outside system: others reach it through @attune/${lib}. Benchmarks set it beside the bare client.`,
    { pathNot: `^(libs/${lib}|bench)/|${tests}` },
    { path: packages.map((name) => `/node_modules/${name}/|^${name}$`).join('|') },
  );

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid('no-cycles', 'What depends on itself cannot be understood or tested in parts.', {}, { circular: true }),
    forbid('resolvable', 'Every import names something that is there.', {}, { couldNotResolve: true }),
    forbid(
      'declared',
      'A package imports what its own package.json declares, and what runs, no development dependency.',
      { pathNot: tests },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    ),
    forbid(
      'services-apart',
      'Services meet on the bus, the stores and the database, never in code.',
      { path: '^services/([^/]+)/', pathNot: '^services/local/' },
      { path: '^services/', pathNot: '^services/$1/' },
    ),
    forbid('libs-import-libs', 'A library knows no service.', { path: '^libs/' }, { path: '^(services|bench)/' }),
    ...libs.map((lib, place) =>
      forbid(
        `layer-of-${lib}`,
        `libs/${lib} imports only: ${libs.slice(0, place).join(', ') || 'no other library'}.`,
        { path: `^libs/${lib}/`, pathNot: tests },
        { path: '^libs/', pathNot: `^libs/(${libs.slice(0, place + 1).join('|')})/` },
      ),
    ),
    forbid(
      'pure',
      'No network, files or processes: what a pure library computes can be replayed from its arguments.',
      { path: `^libs/(${pure.join('|')})/`, pathNot: tests },
      // createHash; tfjs-node's missing functions of util; setImmediate, so that training yields to its process.
      { dependencyTypes: ['core'], pathNot: '^(crypto|util|timers/promises)$' },
    ),
    forbid(
      'pure-packages',
      'Pure libraries use no package but TensorFlow.js, which the recommender trains on.',
      { path: `^libs/(${pure.join('|')})/`, pathNot: tests },
      { dependencyTypes: ['npm', 'npm-optional'], pathNot: '/node_modules/@tensorflow/' },
    ),
    onlyIn('bus', 'kafka', ['kafkajs']),
    onlyIn('session', 'redis', ['ioredis']),
    onlyIn('database', 'postgres', ['pg', '@electric-sql/pglite']),
    onlyIn('jobs', 'pg-boss', ['pg-boss']),
    forbid(
      'tests-stay-out',
      'Test tools and tests are no part of what runs. Benchmarks start the same servers as tests do.',
      { path: '^(libs|services)/', pathNot: `^libs/testing/|${tests}` },
      { path: '^libs/testing/|[.]test[.]ts$' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    // Type-only imports count too.
    tsPreCompilationDeps: true,
    // Its `paths` lead from @attune/NAME to that package's source.
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default'],
    },
  },
};
