import { openPglite } from './pglite';
import { queriesContract } from './queries.contract';

queriesContract('PGlite', () => openPglite());
