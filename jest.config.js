/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/libs', '<rootDir>/services', '<rootDir>/bench', '<rootDir>/scripts'],
  testMatch: ['**/dist/**/*.test.js', '<rootDir>/scripts/**/*.test.cjs'],
  testEnvironment: '<rootDir>/libs/testing/dist/singleContextEnvironment.js',
  globalSetup: '<rootDir>/libs/testing/dist/globalSetup.js',
  globalTeardown: '<rootDir>/libs/testing/dist/globalTeardown.js',
  transform: {},
  maxWorkers: 2,
  // PGlite takes about 4 s to create its first database, twice that beside another worker on one core.
  testTimeout: 60_000,
};
