import { RUN_VARIABLE, startServerRun } from './serverRun';

/** For Jest: makes servers available to the tests of this run. */
export default async function globalSetup(): Promise<void> {
  const { run, stop } = await startServerRun();
  process.env[RUN_VARIABLE] = JSON.stringify(run);
  stopServerRun = stop;
}

/** Jest runs both of its global functions in one process, each from its own file. */
export let stopServerRun: () => Promise<void> = async () => {};
