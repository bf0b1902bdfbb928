import type { Health } from '@attune/service';
import type { Parts } from './parts';
import { SERVICES, type ServiceName, type StartedService } from './services';

/** A server that takes longer than this to give a sign of life counts as away. */
const CHECK_TIMEOUT_MS = 2_000;

/**
 * Whether the services can do their work: the servers they need answer, and they themselves have nothing to object. A
 * server that is away but not needed is named beside it.
 */
export function readiness(
  services: readonly ServiceName[],
  checks: Parts['checks'],
  started: readonly StartedService[],
): () => Promise<Health> {
  const needed = new Set<string>(services.flatMap((service) => SERVICES[service].needs));
  return async () => {
    const problems = await Promise.all(
      Object.entries(checks).map(async ([part, check]) => ({ part, problem: await problemOf(part, check) })),
    );
    const away = problems.flatMap(({ part, problem }) => (problem === undefined ? [] : [{ part, problem }]));
    const own = started.flatMap((service) => service.health?.() ?? []);
    const degraded = away.filter(({ part }) => !needed.has(part)).map(({ problem }) => problem);
    return {
      missing: [
        ...away.filter(({ part }) => needed.has(part)).map(({ problem }) => problem),
        ...own.flatMap(({ missing }) => missing),
      ],
      details: Object.assign({}, ...own.map(({ details }) => details), degraded.length > 0 ? { degraded } : {}),
    };
  };
}

async function problemOf(part: string, check: () => Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`${part} did not answer within ${CHECK_TIMEOUT_MS / 1000} s.`), CHECK_TIMEOUT_MS);
  });
  const answer = check().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
