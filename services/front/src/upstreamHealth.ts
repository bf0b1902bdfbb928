import type { Health } from '@attune/service';
import type { Upstreams } from './frontRoutes';

const ANSWER_TIMEOUT_MS = 2_000;

/** Names the services that are away. The front is ready without them: the others still have their callers. */
export function upstreamHealth(upstreams: Upstreams): () => Promise<Health> {
  return async () => {
    const checks = Object.entries(upstreams).map(async ([service, url]) => ((await lives(url)) ? [] : [service]));
    const away = (await Promise.all(checks)).flat();
    return { missing: [], details: away.length > 0 ? { degraded: away.map((name) => `${name} is away.`) } : {} };
  };
}

async function lives(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(new URL('/livez', url), { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return ok;
  } catch {
    return false;
  }
}
