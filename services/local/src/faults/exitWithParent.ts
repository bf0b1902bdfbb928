/** Loaded before a service: its standard input closes when the test's process ends, however that comes about. */
process.stdin.once('close', () => process.exit(1)).resume();
