import { type Caller, FULL_ACCESS } from '@attune/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readBytes } from './requestBytes';

/** Who may reach a route: anyone; whoever may see the metrics; or, without this, callers that sign their requests. */
type Access = 'open' | 'metrics';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request. Set before any handler runs. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}

/** Finds out who makes a request. Both throw an UnauthenticatedError where that is not proven. */
export interface HttpAuthentication {
  /**
   * Absent where others verify, to whom the server only passes requests on: its own caller then is nobody.
   * @param body the bytes as they were sent
   */
  authenticate?(request: FastifyRequest, body: Buffer): Caller;
  /** Who asks for the metrics. */
  authenticateMetrics(request: FastifyRequest): Caller;
}

/** May do nothing. */
const NOBODY: Caller = { name: 'nobody', planes: new Set() };

/**
 * Makes every request of a server say who makes it, before its body is parsed and whether or not there is such a route.
 * Without `authentication` everyone has full access.
 */
export function authenticateRequests(app: FastifyInstance, authentication: HttpAuthentication | undefined): void {
  app.decorateRequest('caller');
  app.decorateRequest('bytes');
  app.addHook('preParsing', (request, reply, payload, done) => {
    const { access } = request.routeOptions.config;
    if (authentication === undefined || access === 'open') {
      request.caller = FULL_ACCESS;
      return done();
    }
    if (access === 'metrics') {
      request.caller = authentication.authenticateMetrics(request);
      return done();
    }
    if (!authentication.authenticate) {
      request.caller = NOBODY;
      return done();
    }
    readBytes(request, payload, (problem, bytes) => {
      // What may still come of a body that is refused is not read.
      if (problem !== null) reply.header('connection', 'close');
      done(problem ?? authenticate(authentication, request, bytes));
    });
  });
}

/** Sets the caller. @returns why there is none, or null */
function authenticate(authentication: HttpAuthentication, request: FastifyRequest, body: Buffer): Error | null {
  try {
    request.caller = authentication.authenticate!(request, body);
  } catch (error) {
    return error as Error;
  }
  request.bytes = body;
  return null;
}
