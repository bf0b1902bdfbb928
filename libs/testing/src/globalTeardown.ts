import { stopServerRun } from './globalSetup';

/** For Jest: stops the servers that tests of this run have used. */
export default async function globalTeardown(): Promise<void> {
  await stopServerRun();
}
