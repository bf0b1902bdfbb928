import { setTimeout } from 'node:timers/promises';
import vm from 'node:vm';
import type { EnvironmentContext, JestEnvironment, JestEnvironmentConfig } from '@jest/environment';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/**
 * Stands for "this process's own context" where Jest asks for a context to compile in. Node has no object for it: only
 * the absence of `parsingContext` means it, which Jest cannot express, so `vm.compileFunction` translates.
 */
const mainContext = vm.createContext();
const compileFunction = vm.compileFunction;
vm.compileFunction = (code, params, options) =>
  options?.parsingContext === mainContext
    ? compileFunction(code, params, {
        filename: options.filename,
        importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      })
    : compileFunction(code, params, options);

/**
 * A Jest environment without a sandbox: a test file runs in its worker's own context, as under plain Node.
 *
 * Jest's standard environment gives every test file a second set of `Float32Array`, `Error` and so on. Objects made by
 * native code (TensorFlow's bindings, WebAssembly, Node's own modules) belong to the first set, so `instanceof` checks
 * that hold in production fail there. Here there is one set. What the sandbox was for is kept by hand: globals and
 * environment variables that a test file adds, changes or deletes are put back after it. And a test file that leaves a
 * server, socket, timer or child process running fails, with the kinds left named.
 */
export default class SingleContextEnvironment implements JestEnvironment {
  readonly global = globalThis as unknown as JestEnvironment['global'];
  readonly moduleMocker = new ModuleMocker(globalThis);
  readonly fakeTimers = null;
  readonly fakeTimersModern: ModernFakeTimers;
  readonly #globals = Object.getOwnPropertyDescriptors(globalThis) as PropertyDescriptorMap;
  readonly #exit = process.exit;
  readonly #variables = { ...process.env };
  readonly #resources = countResources();

  constructor(config: JestEnvironmentConfig, _context: EnvironmentContext) {
    this.fakeTimersModern = new ModernFakeTimers({ config: config.projectConfig, global: globalThis });
  }

  async setup(): Promise<void> {}

  async teardown(): Promise<void> {
    this.fakeTimersModern.dispose();
    process.exit = this.#exit;
    restoreVariables(this.#variables);
    restoreGlobals(this.#globals);
  }

  /** Told here and not by `teardown`, whose error would hide those of the tests. */
  async handleTestEvent(event: { name: string }, state: { unhandledErrors: unknown[] }): Promise<void> {
    if (event.name !== 'run_finish') return;
    const left = await leaks(this.#resources);
    if (left.length === 0) return;
    const error = new Error(
      `The tests of this file left running: ${left.join(', ')}. Close what a test opens before it ends.`,
    );
    state.unhandledErrors.push(error);
  }

  getVmContext(): vm.Context {
    return mainContext;
  }

  exportConditions(): string[] {
    return ['node', 'node-addons'];
  }
}

function restoreVariables(saved: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) {
    if (!(name in saved)) delete process.env[name];
  }
  Object.assign(process.env, saved);
}

function restoreGlobals(saved: PropertyDescriptorMap): void {
  for (const key of Reflect.ownKeys(globalThis)) {
    if (!Object.hasOwn(saved, key)) Reflect.deleteProperty(globalThis, key);
  }
  for (const key of Reflect.ownKeys(saved)) {
    const descriptor = (saved as Record<PropertyKey, PropertyDescriptor>)[key];
    if (descriptor?.configurable) Object.defineProperty(globalThis, key, descriptor);
  }
}

const LEAKS = new Set([
  'FSEventWrap',
  'PipeServerWrap',
  'ProcessWrap',
  'TCPServerWrap',
  'TCPSocketWrap',
  'Timeout',
  'UDPWrap',
]);

/** How many of each kind of resource keep this process alive, by Node's names (`TCPServerWrap`, `Timeout`...). */
function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/**
 * What keeps this process alive that did not before. Sockets and processes end some turns of the event loop after they
 * were closed: 1 s is ample, and only a leak waits it.
 */
async function leaks(before: Map<string, number>): Promise<string[]> {
  let left: string[] = [];
  for (let turn = 0; turn < 200; turn++) {
    left = [...countResources()]
      .map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const)
      .filter(([kind, count]) => LEAKS.has(kind) && count > 0)
      .map(([kind, count]) => `${count} ${kind}`);
    if (left.length === 0) break;
    await setTimeout(5);
  }
  return left;
}
