import { openPglite } from './pglite';
import { queriesContract } from './queries.contract';
import { resourcesContract } from './resources.contract';

queriesContract('PGlite', () => openPglite());
resourcesContract('PGlite', () => openPglite());
