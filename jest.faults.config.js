/**
 * Faults in a whole system of servers and processes: one file at a time, because each has the machine to itself.
 * @type {import('jest').Config}
 */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['**/dist/**/*.fault.js'],
  maxWorkers: 1,
  verbose: true,
};
