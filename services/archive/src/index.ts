export { type ArchiveOptions, startArchive } from './startArchive';
