export { buildInteraction } from './builders';
export { emptyTables } from './emptyTables';
export { eventually } from './eventually';
