declare module 'cluster-key-slot' {
  /** The slot of a Redis Cluster in which a key lies. */
  export default function calculateSlot(key: string): number;
}
