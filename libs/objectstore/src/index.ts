export * from './objectStore';
